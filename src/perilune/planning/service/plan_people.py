"""The people of an annual plan: who is hired, leaves or is away; each line sound and named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from perilune.kernel.errors import Invalid, NotFound, Problem
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import company, reps_as_of
from perilune.planning.contracts import (
    MOST_PEOPLE,
    Absence,
    Assumption,
    Content,
    Edit,
    Hire,
    Leave,
    PlanEditKind,
    UnitRow,
)
from perilune.planning.engine.checks import before_hire, overlapping, problems
from perilune.planning.queries.choices import choices
from perilune.planning.queries.staff import staff_units
from perilune.planning.service.plan_building import usual_weight
from perilune.planning.service.plan_writing import ChangingPlan, changing_plan, require_circle

PEOPLE_TYPES = (Hire, Leave, Absence)


def people_add(plan_id: int, edition: int, edit: Edit, *, actor: str, scope: Scope) -> int:
    """Plan a hire, a departure or an absence; return its number. A hire gets a row of its own."""
    with changing_plan(plan_id, edition, actor=actor, scope=scope, whole=True) as held:
        require_circle(held)
        content = held.found.content
        if len(content.people) >= MOST_PEOPLE:
            raise Invalid(_("A plan holds at most %(most)s hires and leavers."), most=MOST_PEOPLE)
        require_sound(edit, content, scope)
        number = max((item.id for item in content.people), default=0) + 1
        people = (*content.people, Assumption(number, edit))
        put_people(held, replace(content, people=people))
        return number


def people_remove(plan_id: int, edition: int, number: int, *, actor: str, scope: Scope) -> None:
    """Take a planned hire, departure or absence out, with the amounts of the hire."""
    with changing_plan(plan_id, edition, actor=actor, scope=scope, whole=True) as held:
        require_circle(held)
        content = held.found.content
        if all(item.id != number for item in content.people):
            raise NotFound(_("This plan has no such hire or leaver (any more)."))
        if any(getattr(item.edit, "rep_id", None) == -number for item in content.people):
            raise Invalid(_("Other lines speak of the people hired here: remove those first."))
        people = tuple(item for item in content.people if item.id != number)
        put_people(held, replace(content, people=people))


def put_people(held: ChangingPlan, content: Content) -> None:
    """Write people, and let hires have a row with the mean share of those beside them."""
    year = company().calendar.year(held.row.year)
    fresh = staff_units(year, content.people, company().today)
    units = dict(content.units)
    for unit, row in fresh.items():
        if unit not in units and row.number < 0:
            for above in _above(row, fresh):
                units.setdefault(above.unit, above)
            units[unit] = replace(row, weight=usual_weight(units.values()))
    lost = {unit for unit in units if unit.startswith("rep:-") and unit not in fresh}
    units = {unit: row for unit, row in units.items() if unit not in lost}
    cells = {place: cell for place, cell in content.cells.items() if place.unit not in lost}
    content = replace(content, units=units, cells=cells)
    held.put(content, PlanEditKind.PEOPLE, private=True)


def _above(row: UnitRow, units: Mapping[str, UnitRow]) -> list[UnitRow]:
    found: list[UnitRow] = []
    while row.parent in units:
        row = units[row.parent]
        found.insert(0, row)
    return found


def require_sound(edit: Edit, content: Content, scope: Scope) -> None:
    """Refuse an event that is wrong in itself, or speaks of what is not there, by name."""
    if not isinstance(edit, PEOPLE_TYPES):
        raise Invalid(_("A plan holds hires, departures and absences."))
    wrong = problems(edit)
    offered = choices(scope, company().today)
    if isinstance(edit, Hire) and edit.team_id not in dict(offered.teams):
        wrong.append(Problem(_("This team is not one of yours."), {}, "team_id"))
    if isinstance(edit, Leave | Absence):
        wrong += _wrong_with(edit, content)
    if wrong:
        raise Invalid(wrong[0].message, tuple(wrong), **wrong[0].params)


def _wrong_with(edit: Leave | Absence, content: Content) -> list[Problem]:
    if f"rep:{edit.rep_id}" not in content.units:
        return [Problem(_("This rep does not sell in the plan's year."), {}, "rep_id")]
    hires = {-item.id: item.edit for item in content.people if isinstance(item.edit, Hire)}
    state = reps_as_of(company().today).get(edit.rep_id)
    name = (state["name"] or "") if state else ""
    hired = state["hire_date"] if state else None
    if edit.rep_id in hires:
        hired = hires[edit.rep_id].starts
    early = list(before_hire(edit, name, hired))
    if early:
        return early
    if isinstance(edit, Absence):
        return list(overlapping(edit, name, [item.edit for item in content.people]))
    same = [i.edit for i in content.people if isinstance(i.edit, Leave)]
    if isinstance(edit, Leave) and any(other.rep_id == edit.rep_id for other in same):
        return [Problem(_("%(name)s leaves already in this plan."), {"name": name}, "rep_id")]
    return []
