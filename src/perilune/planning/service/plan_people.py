"""The people of an annual plan: who is hired, leaves or is away; each line sound and named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from perilune.kernel.errors import Invalid, NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.planning.contracts import (
    MOST_PEOPLE,
    Assumption,
    Content,
    Edit,
    PlanEditKind,
    UnitRow,
)
from perilune.planning.queries.choices import choices
from perilune.planning.queries.hiring_segments import planned_segments, segment_shares
from perilune.planning.queries.plan_events import unsound
from perilune.planning.queries.staff import staff_units
from perilune.planning.service.plan_building import usual_weight
from perilune.planning.service.plan_writing import ChangingPlan, changing_plan, require_circle

_AMOUNT = 1_000
"""From which on weights are taken for bookings in minor units."""


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
    held.put(staffed(held, content), PlanEditKind.PEOPLE, private=True)


def staffed(held: ChangingPlan, content: Content) -> Content:
    """Return a plan with a row for each hire, and none for those who are not hired any more.

    A hire weighs the mean share of the reps; for a segment that share times what a seller of it
    brings beside one of all.
    """
    here, hired = company(), planned_segments(content)
    fresh = staff_units(here.calendar.year(held.row.year), content.people, here.today)
    shares = segment_shares(held.found.head, content, held.scope, here.today)
    units = dict(content.units)
    for unit, row in fresh.items():
        if unit not in units and row.number < 0:
            for above in _above(row, fresh):
                units.setdefault(above.unit, above)
            share = shares.get(hired.get(row.number, ""), 1.0)
            units[unit] = replace(row, weight=_weight(usual_weight(units.values()), share))
    lost = {unit for unit in units if unit.startswith("rep:-") and unit not in fresh}
    units = {unit: row for unit, row in units.items() if unit not in lost}
    cells = {place: cell for place, cell in content.cells.items() if place.unit not in lost}
    return replace(content, units=units, cells=cells)


def _weight(usual: float, share: float) -> float:
    """Return a share of the usual weight; whole where weights are amounts."""
    return usual if share == 1 else round(usual * share, 0 if usual >= _AMOUNT else 6)


def _above(row: UnitRow, units: Mapping[str, UnitRow]) -> list[UnitRow]:
    found: list[UnitRow] = []
    while row.parent in units:
        row = units[row.parent]
        found.insert(0, row)
    return found


def require_sound(edit: Edit, content: Content, scope: Scope) -> None:
    """Refuse an event that is wrong in itself, or speaks of what is not there, by name."""
    wrong = unsound(edit, content, choices(scope, company().today))
    if wrong:
        raise Invalid(wrong[0].message, tuple(wrong), **wrong[0].params)
