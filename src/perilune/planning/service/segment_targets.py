"""Cut a plan's operating target by segment, to the cent."""

from __future__ import annotations

from perilune.kernel.asof import AsOf
from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.planning.contracts import COMPANY, Level, PlanEditKind
from perilune.planning.engine.segment_targets import cut_by_segment
from perilune.planning.queries.segment_targets import BASES, segment_weights
from perilune.planning.service.plan_writing import changing_plan
from perilune.ui import formats


def cut_targets_by_segment(
    plan_id: int, edition: int, basis: str, *, actor: str, scope: Scope, at: AsOf
) -> int:
    """Cut the company's operating target of each month by segment; return how many cells changed.

    basis: what segments count by, see `BASES`. Amounts that were typed stay. Invalid without a
    target or a segment that counts, and, naming month and amount, where typed amounts do not fit.
    """
    if basis not in BASES:
        raise Invalid(_("A target is cut by bookings, potential or headroom."))
    weights, booked = segment_weights(basis, scope, at)
    if not sum(weights.values()):
        raise Invalid(_("No segment has any of it: apply a version of the segmentation first."))
    with changing_plan(plan_id, edition, actor=actor, scope=scope, whole=True) as held:
        content = held.found.content
        if content.year(Level.OPERATING, COMPANY) is None:
            raise Invalid(_("“%(name)s” has no targets yet."), name=held.row.name)
        months = company().calendar.months(held.row.year)
        made, misfits = cut_by_segment(content, weights, booked, len(months))
        if misfits:
            raise Invalid(
                _("Fixed amounts of segments leave %(amount)s in %(month)s: free one of them."),
                amount=formats.money(misfits[0].by, held.row.currency, 2),
                month=months[misfits[0].month - 1].name,
            )
        return held.put(made, PlanEditKind.TARGETS)
