"""What lower rooms ask of annual plans by the registries: whose quotas, who leaves."""

from __future__ import annotations

from datetime import date

from perilune.kernel.scope import Scope
from perilune.kernel.wiring import YearPlan
from perilune.people.queries import company
from perilune.planning.contracts import PLAN_STATE_LABELS, Leave, Level, PlanHead, PlanState
from perilune.planning.queries.plans import cut, loaded_plan, plans, seen_units

_RANK = {
    PlanState.PUBLISHED: 1,
    PlanState.APPROVED: 2,
    PlanState.SUBMITTED: 3,
    PlanState.DRAFT: 4,
    PlanState.REJECTED: 5,
}


def year_plan(day: date, scope: Scope, actor: str) -> YearPlan | None:
    """Return the plan of the fiscal year of a day, cut to what a person sees; None without one.

    The one in force; else the one that is furthest on its way, of several the latest. Superseded
    and archived plans and plans in another currency are none.
    """
    here = company()
    year = here.calendar.year_of(day)
    heads = [
        head
        for head in _standing(scope, actor)
        if head.year == year.fiscal_year and head.currency == here.currency
    ]
    if not heads:
        return None
    head = min(heads, key=lambda one: (not one.is_in_force, _RANK[one.state], -one.id))
    content = loaded_plan(head.id).content
    content = cut(content, seen_units(content, scope), with_people=False)
    return YearPlan(
        name=head.name,
        state=PLAN_STATE_LABELS[head.state],
        starts=year.start,
        ends=year.end,
        is_in_force=head.is_in_force,
        quotas={
            row.number: minor
            for row in content.units.values()
            if row.kind == "rep" and row.number > 0
            and (minor := content.year(Level.STREET, row.unit)) is not None
        },
    )  # fmt: skip


def leavers(scope: Scope, actor: str) -> dict[int, date]:
    """Return the last day of each rep who leaves by an annual plan of whose circle a person is."""
    found: dict[int, date] = {}
    for head in _standing(scope, actor):
        if not head.is_of_circle(actor):
            continue
        for assumption in loaded_plan(head.id).content.people:
            edit = assumption.edit
            if isinstance(edit, Leave) and scope.sees(edit.rep_id):
                known = found.get(edit.rep_id, edit.last_day)
                found[edit.rep_id] = min(known, edit.last_day)
    return found


def _standing(scope: Scope, actor: str) -> list[PlanHead]:
    return [head for head in plans(scope, actor) if head.state in _RANK]
