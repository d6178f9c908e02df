"""Workbooks of a plan: for whom, what is in them, what came back and what it would change."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from perilune.kernel.asof import AsOf
from perilune.kernel.errors import NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import assignments_as_of, reps_as_of
from perilune.planning.contracts import (
    COMPANY,
    Amounts,
    Content,
    Level,
    LoadedPlan,
    Mailed,
    Merge,
    Place,
    PlanEditKind,
    Returned,
    ReturnState,
    Workbook,
)
from perilune.planning.models import PlanEdit, PlanReturn, PlanWorkbook, WorkbookMail
from perilune.planning.queries.merging import merged
from perilune.planning.queries.plain_sheets import called
from perilune.planning.queries.plans import loaded_plan, require_seen_plan
from perilune.planning.queries.sheet_values import folded

MANAGER = "manager"


@dataclass(frozen=True)
class Holder:
    """Whom a workbook can be made for: a leader with the units that they lead, or a unit."""

    key: str
    name: str
    units: tuple[str, ...]

    @property
    def rep_id(self) -> int | None:
        """The leader's rep, None for a unit."""
        kind, _sep, number = self.key.partition(":")
        return int(number) if kind == "leader" else None


@dataclass(frozen=True)
class Waiting:
    """The returned files of a plan that wait, and what merging them all would do."""

    files: tuple[Returned, ...]
    merge: Merge


def holders(content: Content, names: Mapping[str, str], at: AsOf) -> list[Holder]:
    """Return whom workbooks of a plan can be made for: its leaders, then its units."""
    reps = reps_as_of(at)
    led: dict[int, list[str]] = {}
    for held in assignments_as_of(at):
        unit = f"team:{held.team_id}"
        here = (held.since or date.min) <= at.day <= (held.until or date.max)
        if held.role == MANAGER and here and unit in content.units and held.rep_id in reps:
            led.setdefault(held.rep_id, []).append(unit)
    found = [
        Holder(f"leader:{rep}", reps[rep]["name"] or str(rep), topmost(content, units))
        for rep, units in led.items()
    ]
    found.sort(key=lambda holder: holder.name.casefold())
    units = [unit for unit, row in content.units.items() if row.kind in ("company", "team")]
    return found + [Holder(unit, names.get(unit, ""), (unit,)) for unit in units]


def holder_named(content: Content, names: Mapping[str, str], text: str, at: AsOf) -> Holder:
    """Return whom a name means: a leader, else a unit, else a rep alone. NotFound otherwise."""
    for holder in holders(content, names, at):
        number = holder.key.partition(":")[2]
        same = {holder.key, folded(holder.name), f"{folded(holder.name)} #{number}"}
        if holder.name and (text in same or folded(text) in same):
            return holder
    units = called(content, names).get(folded(text), [])
    if len(units) != 1:
        raise NotFound(_("The plan has no unit or rep “%(name)s”."), name=text)
    return Holder(units[0], names.get(units[0], ""), (units[0],))


def topmost(content: Content, units: Collection[str]) -> tuple[str, ...]:
    """Return the units that stand below no other of them, in the order of the plan."""
    inside = {below for unit in units for below in subtree(content, [unit])[1:]}
    return tuple(unit for unit in content.units if unit in units and unit not in inside)


def subtree(content: Content, units: Iterable[str]) -> list[str]:
    """Return units with all below them, depth first."""
    found: list[str] = []
    for unit in units:
        found.append(unit)
        found += subtree(content, content.children.get(unit, ()))
    return found


def levels_of(content: Content, unit: str) -> tuple[Level, ...]:
    """Return the levels of a unit that are typed: its own, the board's for the company too."""
    own = content.units[unit].level
    return (Level.BOARD, own) if unit == COMPANY else (own,)


def inputs_of(content: Content, units: Sequence[str], months: int) -> dict[Place, int | None]:
    """Return what can be typed for units and those below them, None where nothing is yet."""
    return {
        Place(level, unit, month): content.amount(level, unit, month)
        for unit in subtree(content, units)
        for level in levels_of(content, unit)
        for month in range(1, months + 1)
    }


def workbooks(plan_id: int, scope: Scope, actor: str) -> list[Workbook]:
    """Return the workbooks of a plan that were handed out, of units that one sees; latest first."""
    seen = require_seen_plan(loaded_plan(plan_id), scope, actor)
    rows = PlanWorkbook.objects.filter(plan_id=plan_id).prefetch_related("returns")
    return [workbook_of(row) for row in rows if set(row.units) <= seen]


def workbook_of(row: PlanWorkbook) -> Workbook:
    """Return a workbook from its row."""
    return Workbook(
        id=row.pk,
        key=row.key,
        plan_id=row.plan_id,
        holder=row.holder,
        units=tuple(row.units),
        edition=row.edition,
        made_by=row.made_by,
        made_at=row.made_at,
        base=amounts_of(row.base),
        has_returned=any(one.state != ReturnState.DROPPED for one in row.returns.all()),
        rep_id=row.rep_id,
    )


def mailed_workbooks(plan_id: int, scope: Scope, actor: str) -> list[Mailed]:
    """Return which workbooks of units that one sees went to whom by mail; latest first."""
    seen = {one.id: one for one in workbooks(plan_id, scope, actor)}
    rows = WorkbookMail.objects.filter(workbook_id__in=list(seen))
    return [
        Mailed(
            id=row.pk,
            holder=seen[row.workbook_id].holder,
            edition=seen[row.workbook_id].edition,
            address=row.address,
            actor=row.actor,
            at=row.at,
            sent_at=row.sent_at,
            problem=row.problem,
        )
        for row in rows
    ]


def waiting(plan_id: int, scope: Scope, actor: str) -> Waiting:
    """Return the files that wait, of units that one sees, and what merging them would do."""
    found = loaded_plan(plan_id)
    seen = require_seen_plan(found, scope, actor)
    rows = PlanReturn.objects.filter(plan_id=plan_id, state=ReturnState.WAITING.value)
    files = [returned_of(row) for row in rows]
    return waiting_of(found, [one for one in files if {p.unit for p in one.cells} <= seen])


def file_merge(plan_id: int, file: Returned) -> Merge:
    """Return what one file that was read would do to a plan as it stands."""
    return waiting_of(loaded_plan(plan_id), [file]).merge


def waiting_of(found: LoadedPlan, files: Sequence[Returned]) -> Waiting:
    """Return what merging files into a plan as it stands would do."""
    places = {place for one in files for place in one.cells}
    here = {place: found.content.amount(*place) for place in places}
    since = min((one.edition for one in files), default=found.head.edition)
    return Waiting(tuple(files), merged(here, files, changed_by(found.head.id, since)))


def changed_by(plan_id: int, since: int) -> dict[Place, str]:
    """Return who changed each amount last after an edition."""
    found: dict[Place, str] = {}
    edits = PlanEdit.objects.filter(plan_id=plan_id, number__gt=since).order_by("number")
    for edit in edits.exclude(kind=PlanEditKind.STATE.value):
        for part, key, *_values in edit.changes:
            place = Place.of(key) if part == "cells" else None
            if place is not None:
                found[place] = edit.actor
    return found


def returned_of(row: PlanReturn) -> Returned:
    """Return a returned file from its row."""
    return Returned(
        id=row.pk,
        who=row.who,
        file=row.file,
        edition=row.edition,
        base=amounts_of(row.base),
        cells=amounts_of(row.cells),
        actor=row.actor,
        at=row.at,
        state=ReturnState(row.state),
        merged_as=row.merged_as,
    )


def amounts_of(kept: Mapping[str, int | None]) -> Amounts:
    """Return amounts from their JSON."""
    found = ((Place.of(key), minor) for key, minor in kept.items())
    return {place: minor for place, minor in found if place is not None}


def plain_amounts(amounts: Amounts) -> dict[str, int | None]:
    """Return amounts as JSON."""
    return {place.key: minor for place, minor in amounts.items()}
