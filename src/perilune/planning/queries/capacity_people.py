"""Everybody of a plan's year by unit and month, whatever their role; where a reserve may show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

import numpy as np

from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.people.contracts import Holding
from perilune.people.queries import assignments_as_of, reps_as_of, teams_as_of
from perilune.planning.contracts import COMPANY, SMALLEST_RESERVE, Content, Hire, Leave, UnitRow
from perilune.planning.contracts.tables import Floats, Ids
from perilune.planning.engine.reserves import Level as Sized
from perilune.planning.engine.reserves import large_enough

Counted = tuple[str, list[float]]
"""A unit and a count by month, below zero where somebody unnamed leaves."""


def sizes_of(content: Content, known: Iterable[str]) -> dict[int, Sized]:
    """Return the teams with who sells in each or below, 0 being the company."""
    teams = {row.number: row for row in content.units.values() if row.kind == "team"}
    sellers, listed = dict.fromkeys(teams, 0), list(known)
    for unit in listed:
        above: UnitRow | None = content.units.get(content.units[unit].parent)
        while above is not None and above.kind == "team":
            sellers[above.number] += 1
            above = content.units.get(above.parent)
    found = {
        number: Sized(
            "", content.units[row.parent].number if row.parent.startswith("team:") else None,
            sellers[number],
        )
        for number, row in teams.items()
    }  # fmt: skip
    found[0] = Sized("", None, len(listed))
    return found


def landing(parent: str, sizes: Mapping[int, Sized]) -> str | None:
    """Return the lowest unit from a team up with five reps or more; None where there is none."""
    team = int(parent.partition(":")[2]) if parent.startswith("team:") else None
    teams = {number: size for number, size in sizes.items() if number}
    number = large_enough(team, teams)
    if number:
        return f"team:{number}"
    return COMPANY if sizes[0].reps >= SMALLEST_RESERVE else None


def people(
    content: Content,
    place: Mapping[str, int],
    months: tuple[Period, ...],
    at: AsOf,
    *,
    is_circle: bool,
) -> tuple[Ids, Floats]:
    """Return (N,) units and (N, M) people there on each month's last day, planned events counted.

    place: of each unit. Outside the circle planned events count at the level where they may show.
    """
    above = {team: state["parent_id"] for team, state in teams_as_of(at).items()}
    listed = {u for u, row in content.units.items() if row.kind == "rep" and row.number > 0}
    sizes = sizes_of(content, listed)
    ends = [month.end for month in months]

    def unit_of(team: int | None) -> str:
        seen: set[int] = set()
        while team is not None and team not in seen:
            if f"team:{team}" in place:
                return f"team:{team}"
            seen.add(team)
            team = above.get(team)
        return COMPANY

    counted = [(unit_of(team), counts) for team, counts in _employed(ends, at)]
    for team, counts in _events(content, ends, at):
        unit = unit_of(team)
        shown = unit if is_circle else landing(unit, sizes)
        if shown is not None:
            counted.append((shown, counts))
    where = np.array([place.get(unit, 0) for unit, _counts in counted], np.int64)
    values = np.array([counts for _unit, counts in counted], np.float64)
    return where, values.reshape(len(counted), len(months))


def _employed(ends: list[date], at: AsOf) -> Iterator[tuple[int | None, list[float]]]:
    """Give each rep's months by the team of their largest seat on each month's last day."""
    seats: dict[int, list[Holding]] = {}
    for held in assignments_as_of(at):
        seats.setdefault(held.rep_id, []).append(held)
    for rep, state in reps_as_of(at).items():
        by_team: dict[int | None, list[float]] = {}
        for column, day in enumerate(ends):
            first, last = state["hire_date"] or date.min, state["leave_date"] or date.max
            team, is_there = _seat(seats.get(rep), day)
            if is_there and first <= day <= last:
                by_team.setdefault(team, [0.0] * len(ends))[column] = 1.0
        yield from by_team.items()


def _seat(held: list[Holding] | None, day: date) -> tuple[int | None, bool]:
    """Return the team of somebody's largest seat on a day; who never had one is there, unplaced."""
    if held is None:
        return None, True
    now = [s for s in held if (s.since or date.min) <= day <= (s.until or date.max)]
    return (max(now, key=lambda seat: seat.fte).team_id, True) if now else (None, False)


def _events(
    content: Content, ends: list[date], at: AsOf
) -> Iterator[tuple[int | None, list[float]]]:
    """Give what the plan's hires add and its leavers take, by team and month."""
    seats: dict[int, list[Holding]] = {}
    for held in assignments_as_of(at):
        seats.setdefault(held.rep_id, []).append(held)
    reps = reps_as_of(at)
    gone = {item.edit.rep_id: item.edit.last_day for item in content.people
            if isinstance(item.edit, Leave)}  # fmt: skip
    for item in content.people:
        if isinstance(item.edit, Hire):
            last = gone.get(-item.id, date.max)
            heads, starts = float(item.edit.heads), item.edit.starts
            yield item.edit.team_id, [heads if starts <= day <= last else 0.0 for day in ends]
    for rep, day_left in gone.items():
        if rep not in reps:
            continue
        known = reps[rep]["leave_date"] or date.max
        for column, day in enumerate(ends):
            team, is_there = _seat(seats.get(rep), day)
            if is_there and day_left < day <= known:
                lost = [0.0] * len(ends)
                lost[column] = -1.0
                yield team, lost
