"""Who sells in a year of a plan, and how much of each there is: people and the plan's own edits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Grain, Period
from perilune.kernel.keeping import Kept
from perilune.kernel.scope import Scope
from perilune.people.contracts import Holding
from perilune.people.queries import (
    absences_as_of,
    assignments_as_of,
    company,
    reps_as_of,
    teams_as_of,
)
from perilune.planning.contracts import (
    COMPANY,
    DEFAULT_RAMP_DAYS,
    FOR_EVER,
    Absence,
    Assumption,
    Content,
    Heads,
    Hire,
    Leave,
    RampCurve,
    Rise,
    Spell,
    UnitRow,
)
from perilune.planning.engine.presence import by_month, linear_ramp, presence
from perilune.planning.queries.seats import SELLER, changes
from perilune.store import queries as store
from perilune.store import service as writing

OVERLAY = "overlay"
STATED_RISE = Rise(linear_ramp("", DEFAULT_RAMP_DAYS))
"""The even ramp, nothing of it lost: what a rise is learnt beside, and where none can be."""


_first_kept: Kept[date | None] = Kept(64)
_booked_kept: Kept[Booked] = Kept(32)


@dataclass(frozen=True)
class Booked:
    """What reps booked by fiscal month: rep to month name to minor units. without_rate: deals."""

    by_rep: Mapping[int, Mapping[str, int]]
    without_rate: int

    def total(self, months: Sequence[str]) -> dict[str, int]:
        """Return the sum over reps by month."""
        return {
            month: sum(found.get(month, 0) for found in self.by_rep.values()) for month in months
        }

    def by_year(self, months: Sequence[str]) -> dict[int, int]:
        """Return the sum over months by rep."""
        return {rep: sum(by.get(each, 0) for each in months) for rep, by in self.by_rep.items()}


def booked(first: date, last: date, scope: Scope, as_of: AsOf) -> Booked:
    """Return the bookings of reps between two days, as known at an instant."""
    key = ("booked", *_known(as_of), first, last, scope.digest())
    return _booked_kept.get(key, lambda: _booked(first, last, scope, as_of))


def _booked(first: date, last: date, scope: Scope, as_of: AsOf) -> Booked:
    params = {"starts": first, "ends": last}
    result = store.run("planning.booked_by_rep", params, scope=scope, as_of=as_of)
    found: dict[int, dict[str, int]] = {}
    lost = 0
    for row in result.dicts():
        found.setdefault(row["rep_id"] or 0, {})[row["month"]] = row["booked"] or 0
        lost += row["without_rate"]
    return Booked(found, lost)


def first_booked(at: AsOf) -> date | None:
    """Return the first day of the first month of bookings, None without any."""
    return _first_kept.get(_known(at), lambda: _first_booked(at))


def _known(at: AsOf) -> tuple[object, ...]:
    """Return what an answer known at an instant depends on, beside its question."""
    here = writing.current()
    return (here.path, here.manifest().version, at.at, at.day)


def _first_booked(at: AsOf) -> date | None:
    found = store.run("planning.first_booked", {}, scope=Scope.company(), as_of=at).rows
    day: date | None = found[0][0] if found else None
    return None if day is None else company().calendar.find(day, Grain.MONTH).start


def staff_units(year: Period, people: Sequence[Assumption], at: AsOf) -> dict[str, UnitRow]:
    """Return the company, its teams that hold somebody, and who sells in a year, top down.

    A rep stands in the team of the first day of the year on which they are there. Planned hires
    stand in the team that they join. Who has overlay seats alone stands apart, after all others.
    """
    seats: dict[str, str] = {}
    reps = reps_as_of(at)
    for rep, held in _seated(year, at).items():
        seats[f"rep:{rep}"] = _unit(held.team_id)
    for item in people:
        if isinstance(item.edit, Hire) and item.edit.role == SELLER:
            seats[f"rep:{-item.id}"] = _unit(item.edit.team_id)
    parents = {team: state["parent_id"] for team, state in teams_as_of(at).items()}
    names = {team: state["name"] or "" for team, state in teams_as_of(at).items()}
    found = {COMPANY: UnitRow(COMPANY)}
    for team in _needed(seats, parents, names):
        above = parents.get(team)
        found[f"team:{team}"] = UnitRow(
            f"team:{team}", f"team:{above}" if above in parents else COMPANY
        )

    def order(pair: tuple[str, str]) -> tuple[int, str]:
        rep = int(pair[0].partition(":")[2])
        return (rep < 0, (reps[rep]["name"] or "").casefold() if rep in reps else pair[0])

    for unit, parent in sorted(seats.items(), key=order):
        found[unit] = UnitRow(unit, parent if parent in found else COMPANY)
    overlays = {f"rep:{rep}": "" for rep in _seated(year, at, OVERLAY) if f"rep:{rep}" not in seats}
    for unit, _none in sorted(overlays.items(), key=order):
        apart = unit.replace("rep:", "overlay:")
        found[apart] = UnitRow(apart)
    return found


def heads_of(
    content: Content, year: Period, at: AsOf, rise: Rise
) -> tuple[Heads, tuple[RampCurve, ...]]:
    """Return the reps of a plan's units over a year, as engines read them; hires by their edits.

    rise: the ramp of whoever is given none of their own, and what a change keeps of it.
    unit: each row is its own. The plan's departures and absences are added to what is known.
    """
    units = [row for row in content.units.values() if row.kind == "rep"]
    place = {row.number: at_ for at_, row in enumerate(units)}
    known = reps_as_of(at)
    hires = {-item.id: item.edit for item in content.people if isinstance(item.edit, Hire)}
    count = len(units)
    start, last = np.full(count, -FOR_EVER), np.full(count, FOR_EVER)
    fte, ramp = np.ones(count), np.zeros(count, np.int64)
    curves = [rise.curve]
    for at_, row in enumerate(units):
        if row.number in hires:
            hire = hires[row.number]
            start[at_], fte[at_] = _column(hire.starts, year), hire.heads * hire.fte
            if hire.ramp_days is not None:
                ramp[at_] = len(curves)
                curves.append(linear_ramp(str(row.number), hire.ramp_days))
        elif row.number in known:
            hired, left = (known[row.number][name] for name in ("hire_date", "leave_date"))
            start[at_] = _column(hired, year) if hired else -FOR_EVER
            last[at_] = _column(left, year) if left else FOR_EVER
    absent = []
    for item in content.people:
        edit = item.edit
        if isinstance(edit, Leave) and edit.rep_id in place:
            row_ = place[edit.rep_id]
            last[row_] = min(last[row_], _column(edit.last_day, year))
        elif isinstance(edit, Absence) and edit.rep_id in place:
            until = FOR_EVER if edit.ends is None else _column(edit.ends, year)
            absent.append(Spell(place[edit.rep_id], _column(edit.starts, year), until, edit.fte))
    heads = Heads(
        first_day=year.start,
        days=year.days,
        rep=np.array([row.number for row in units], np.int64),
        unit=np.arange(count),
        ramp=ramp,
        group=np.zeros(count, np.int64),
        start=start.astype(np.int64),
        last=last.astype(np.int64),
        fte=fte,
        assigned=tuple(_assigned(place, year, at)),
        absent=(*_absent(place, year, at), *absent),
        restarts=tuple(
            (place[rep], _column(day, year), rise.after(change))
            for rep, day, change in changes(at)
            if rep in place and rise.after(change) < 1
        ),
    )
    return heads, tuple(curves)


def presence_of(content: Content, year: Period, at: AsOf, rise: Rise) -> dict[str, list[float]]:
    """Return how much of each rep unit there is by fiscal month, ramp and absence included."""
    heads, curves = heads_of(content, year, at, rise)
    if not len(heads.rep):
        return {}
    months = [(m.start, m.end) for m in company().calendar.months(int(year.name))]
    # several heads of one planned hire are one unit: presence beyond one counts as heads
    many = np.maximum(heads.fte, 1.0)
    found = by_month(presence(heads, curves), year.start, months) * many[:, None]
    return {f"rep:{rep}": found[i].tolist() for i, rep in enumerate(heads.rep.tolist())}


def _seated(year: Period, at: AsOf, role: str = SELLER) -> dict[int, Holding]:
    """Return the first seat of the year of each rep who sells in it, or has another role.

    A rep who never had an assignment sells in full, without a team, as in `rep_day`.
    """
    found: dict[int, Holding] = {}
    reps, assignments = reps_as_of(at), assignments_as_of(at)
    seated = {held.rep_id for held in assignments}
    alone = [Holding(rep, None, None, SELLER, 1.0, None) for rep in reps if rep not in seated]
    for held in sorted((*assignments, *alone), key=lambda h: (h.since or date.min, -h.fte)):
        state = reps.get(held.rep_id)
        if held.role != role or state is None or held.rep_id in found:
            continue
        first = max(filter(None, (held.since, state["hire_date"])), default=date.min)
        last = min(filter(None, (held.until, state["leave_date"])), default=date.max)
        if first <= year.end and last >= year.start and first <= last:
            found[held.rep_id] = held
    return found


def _needed(
    seats: Mapping[str, str], parents: Mapping[int, int | None], names: Mapping[int, str]
) -> list[int]:
    """Return the teams that hold somebody and those above them, top down and by name."""
    needed: set[int] = set()
    for seat in seats.values():
        team: int | None = int(seat.partition(":")[2]) if seat != COMPANY else None
        while team in parents and team is not None and team not in needed:
            needed.add(team)
            team = parents[team]

    def path(team: int) -> tuple[str, ...]:
        above: list[str] = []
        walked: set[int] = set()
        at: int | None = team
        while at is not None and at in parents and at not in walked:
            walked.add(at)
            above.insert(0, names[at].casefold())
            at = parents[at]
        return tuple(above)

    return sorted(needed, key=lambda team: (path(team), team))


def _assigned(place: Mapping[int, int], year: Period, at: AsOf) -> list[Spell]:
    return [
        Spell(
            place[held.rep_id],
            -FOR_EVER if held.since is None else _column(held.since, year),
            FOR_EVER if held.until is None else _column(held.until, year),
            held.fte,
        )
        for held in assignments_as_of(at)
        if held.rep_id in place and held.role == SELLER
    ]


def _absent(place: Mapping[int, int], year: Period, at: AsOf) -> list[Spell]:
    found = []
    for state in absences_as_of(at).values():
        if state["rep_id"] in place and state["first_day"] is not None:
            last = state["last_day"]
            until = FOR_EVER if last is None else _column(last, year)
            away = 1.0 if state["fte"] is None else state["fte"]
            first = _column(state["first_day"], year)
            found.append(Spell(place[state["rep_id"]], first, until, away))
    return found


def _column(day: date, year: Period) -> int:
    return (day - year.start).days


def _unit(team: int | None) -> str:
    return COMPANY if team is None else f"team:{team}"
