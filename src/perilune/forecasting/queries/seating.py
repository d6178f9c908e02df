"""Seats: a rep in a team; who sat where on a day, and the units that sum over seats."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from perilune.forecasting.contracts import By
from perilune.forecasting.engine import Seats, Unit
from perilune.forecasting.engine.windows import Ints
from perilune.kernel.asof import AsOf
from perilune.kernel.scope import Scope
from perilune.store import queries as store

UNASSIGNED = -1
"""The id of the unit of what belongs to no rep, team or region; it never vanishes (rule 21)."""
Named = Mapping[tuple[str, int], Mapping[str, Any]]
Seat = tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class Spans:
    """Assignments as day numbers: rep, team, region, since, until: (a,), the foremost first."""

    rep: Ints
    team: Ints
    region: Ints
    since: Ints
    until: Ints

    def seat_on(self, reps: Ints, day: int) -> list[Seat]:
        """Return the seat of each rep on a day; without an assignment in force the rep alone."""
        holds = (self.since <= day) & (self.until >= day)
        seats: dict[int, Seat] = {}
        for rep, team, region in zip(
            self.rep[holds], self.team[holds], self.region[holds], strict=True
        ):
            seats.setdefault(int(rep), (int(rep), int(team), int(region)))
        return [seats.get(int(rep), (int(rep), UNASSIGNED, UNASSIGNED)) for rep in reps]


def spans(first_day: date, as_of: AsOf, version: int | None) -> Spans:
    """Return every assignment known at an as-of."""
    found = store.arrays(
        "forecasting.seat_spans",
        {"first_day": first_day},
        scope=Scope.company(),
        as_of=as_of,
        version=version,
    )
    return Spans(
        *(
            found[name].astype(np.int64)
            for name in ("rep_id", "team_id", "region_id", "since", "until")
        )
    )


class Seating:
    """Numbers seats as they are met: the wins first, then those who hold deals."""

    def __init__(self) -> None:
        self._numbers: dict[Seat, int] = {}

    def number(self, seat: Seat) -> int:
        """Return the number of a seat, a new one where it was not met before."""
        return self._numbers.setdefault(seat, len(self._numbers))

    def seats(self) -> Seats:
        """Return all seats in the order of their numbers."""
        found = np.array(list(self._numbers), dtype=np.int64).reshape(-1, 3)
        return Seats(found[:, 0], found[:, 1], found[:, 2])


def units_of(
    seats: Seats, named: Named, first_day: date, today: date
) -> dict[By, tuple[Unit, ...]]:
    """Return the units of each level below the total, by name, «unassigned» last."""
    return {
        By.REGION: _level(By.REGION, "team", seats, named=named, first_day=first_day),
        By.TEAM: _level(By.TEAM, "team", seats, named=named, first_day=first_day),
        By.REP: _level(
            By.REP, "rep", seats, named=named, first_day=first_day, extra=_employed(named, today)
        ),
    }


def groups_of(
    seats: Seats, parents: Mapping[int, int | None], named: Named, first_day: date
) -> tuple[Unit, ...]:
    """Return the units of the teams between a region and its teams, those with most teams first.

    parents: team to parent. A top team is a region, a lowest one a team: neither is among them.
    """
    within = {
        team: subtree(parents, team)
        for team in {above for above in parents.values() if above is not None}
        if parents.get(team) is not None
    }
    found = []
    for team in sorted(within, key=lambda team: (-len(within[team]), team)):
        mine = np.flatnonzero(np.isin(seats.team, sorted(within[team]))).tolist()
        if mine:
            found.append(_unit(By.TEAM, "team", team, mine, named=named, first_day=first_day))
    return tuple(found)


def subtree(parents: Mapping[int, int | None], team: int) -> frozenset[int]:
    """Return a team and all below it; rings end."""
    children: dict[int | None, list[int]] = defaultdict(list)
    for each, parent in parents.items():
        children[parent].append(each)
    found, waiting = set(), [team]
    while waiting:
        at = waiting.pop()
        if at not in found:
            found.add(at)
            waiting += children[at]
    return frozenset(found)


def _level(
    by: By,
    kind: str,
    seats: Seats,
    *,
    named: Named,
    first_day: date,
    extra: frozenset[int] = frozenset(),
) -> tuple[Unit, ...]:
    ids = seats.ids(by)
    members: dict[int, list[int]] = {id_: [] for id_ in extra}
    for number, id_ in enumerate(ids):
        members.setdefault(int(id_), []).append(number)
    ordered = sorted(members, key=lambda id_: (id_ == UNASSIGNED, label_of(named, kind, id_), id_))
    return tuple(
        _unit(by, kind, id_, members[id_], named=named, first_day=first_day) for id_ in ordered
    )


def _unit(
    by: By, kind: str, id_: int, members: list[int], *, named: Named, first_day: date
) -> Unit:
    if id_ == UNASSIGNED:
        name = unit_name(kind, id_)
        return Unit(name, name, by, None, tuple(members))
    hired = named.get((kind, id_), {}).get("hire_date")
    start = max((hired - first_day).days, 0) if hired else 0
    name = unit_name(kind, id_)
    return Unit(name, label_of(named, kind, id_), by, id_, tuple(members), start)


def unit_name(kind: str, id_: int) -> str:
    """Return what a unit of seats is called in answers and records."""
    return "unassigned" if id_ == UNASSIGNED else f"{kind}:{id_}"


def _employed(named: Named, today: date) -> frozenset[int]:
    """Return the reps with known dates who are employed; without dates one shows with a deal."""
    return frozenset(
        id_
        for (kind, id_), row in named.items()
        if kind == "rep"
        and row["hire_date"] is not None
        and row["hire_date"] <= today
        and (row["leave_date"] is None or row["leave_date"] >= today)
    )


def label_of(named: Named, kind: str, id_: int) -> str:
    """Return the name of a rep or team, its number where it has none."""
    return str(named.get((kind, id_), {}).get("name") or f"#{id_}")
