"""Capacity of scenarios without names, at levels where nobody can be told apart (rule 24)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from perilune.planning.contracts import SMALLEST_RESERVE, Reserve


@dataclass(frozen=True)
class Level:
    """A team: its name, the team above (None: the company), and who sells in it or below."""

    name: str
    parent_id: int | None
    reps: int


@dataclass(frozen=True)
class Change:
    """FTE that a team gains or loses from a day on."""

    team_id: int | None
    starts: date
    fte: float


def reserves(
    changes: Iterable[Change], levels: Mapping[int, Level], company: Level
) -> list[Reserve]:
    """Return changes summed by month at the lowest level of five reps or more.

    A change below climbs until its level is large enough; what finds none is not shown at all.
    """
    sums: dict[tuple[int, date], float] = defaultdict(float)
    for change in changes:
        team = large_enough(change.team_id, levels)
        if team or company.reps >= SMALLEST_RESERVE:
            sums[team, change.starts.replace(day=1)] += change.fte
    return [
        Reserve(team or None, level.name, level.reps, starts, fte)
        for (team, starts), fte in sorted(sums.items(), key=lambda item: (item[0][1], item[0][0]))
        for level in (levels[team] if team else company,)
        if abs(fte) > 1e-9
    ]


def large_enough(team_id: int | None, levels: Mapping[int, Level]) -> int:
    """Return the team or the first above it with enough reps, 0 for the company."""
    seen: set[int] = set()
    while team_id is not None and team_id in levels and team_id not in seen:
        if levels[team_id].reps >= SMALLEST_RESERVE:
            return team_id
        seen.add(team_id)
        team_id = levels[team_id].parent_id
    return 0
