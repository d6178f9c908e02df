"""Enter targets by account, one by one or from a plain sheet; each time one edition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from perilune.kernel import sheets
from perilune.kernel.errors import Invalid, NotFound, Problem
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import budget_rates, company
from perilune.planning.contracts import MOST_ACCOUNTS, PlanEditKind
from perilune.planning.queries.account_sheets import account_amounts
from perilune.planning.queries.plain_sheets import Reading
from perilune.planning.queries.plans import loaded_plan, require_whole_plan
from perilune.planning.queries.potential import potentials
from perilune.planning.queries.sheet_values import LARGEST
from perilune.planning.service.plan_writing import changing_plan
from perilune.planning.service.workbook_reading import MOST_BYTES, refuse


def set_account_targets(
    plan_id: int, edition: int, amounts: Mapping[int, int | None], *, actor: str, scope: Scope
) -> int:
    """Enter targets of the year by account, minor units, None takes one out; return how many did.

    Invalid for a negative or too large amount and beyond `MOST_ACCOUNTS`; NotFound for an account
    that is not known.
    """
    known = set(potentials(scope, company().today).table.ids.tolist())
    for account, minor in amounts.items():
        if account not in known:
            raise NotFound(_("There is no account %(id)s."), id=account)
        if minor is not None and not 0 <= minor <= LARGEST:
            text = _("The target of account %(id)s is negative or too large.")
            problem = Problem(text, {"id": account}, field="amount")
            raise Invalid(problem.message, (problem,), **problem.params)
    with changing_plan(plan_id, edition, actor=actor, scope=scope, whole=True) as held:
        found = dict(held.found.content.accounts)
        for account, minor in amounts.items():
            if minor is None:
                found.pop(account, None)
            else:
                found[account] = minor
        if len(found) > MOST_ACCOUNTS:
            raise Invalid(_("A plan has targets of %(most)s accounts at most."), most=MOST_ACCOUNTS)
        return held.put(replace(held.found.content, accounts=found), PlanEditKind.ACCOUNTS)


def read_account_targets(
    plan_id: int, edition: int, path: Path, name: str, *, actor: str, scope: Scope
) -> int:
    """Take the targets of a plain sheet with a column for the account; return how many changed.

    name: how the file is called. Invalid with every cell that is wrong; such a file writes nothing.
    """
    found = loaded_plan(plan_id)
    require_whole_plan(found, scope, actor)
    if path.stat().st_size > MOST_BYTES:
        raise Invalid(_("%(file)s is larger than 20 MB: this is no workbook of a plan."), file=name)
    sheets.check(path)
    visible = sheets.names(path)
    if not visible:
        raise Invalid(_("%(file)s has no sheet."), file=name)
    here, head = company(), found.head
    rates = budget_rates(here.today, head.currency)
    given = Reading(found.content, {}, head.year, head.currency, here.calendar, rates)
    table = potentials(scope, here.today).table
    named = list(zip(table.ids.tolist(), table.names, strict=True))
    amounts, wrong = account_amounts(sheets.cells(path, visible[0]), named, given)
    refuse(name, wrong)
    return set_account_targets(plan_id, edition, amounts, actor=actor, scope=scope)
