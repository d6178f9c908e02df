"""Let quotas rest on a mix of bases: one edition of shares and quotas, which undo takes back."""

from __future__ import annotations

from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.planning.contracts import COMPANY, Level, Mix, PlanEditKind
from perilune.planning.engine.summing import Misfit
from perilune.planning.queries.quota_bases import mixed_plan
from perilune.planning.service.plan_building import refreshed
from perilune.planning.service.plan_writing import changing_plan


def set_bases(
    plan_id: int, edition: int, mix: Mix, *, actor: str, scope: Scope
) -> tuple[Misfit, ...]:
    """Weigh reps by a mix of bases and share targets out anew; return what does not fit.

    mix: `QuotaBasis` to its part, 0 to 100, in any unit. Typed amounts stay. Invalid for a bad mix,
    without an operating target of the company.
    """
    with changing_plan(plan_id, edition, actor=actor, scope=scope, whole=True) as held:
        at = company().today
        year = company().calendar.year(held.row.year)
        content = refreshed(held.found.content, year, at)
        if content.year(Level.OPERATING, COMPANY) is None:
            raise Invalid(_("The company has no operating target yet: type it, or begin from last"
                            " year."))  # fmt: skip
        found = mixed_plan(content, mix, year, scope, at)
        held.put(found.content, PlanEditKind.BASES)
        return found.misfits
