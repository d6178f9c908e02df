"""The target of a unit: its quota of the first level that is set, and which that is (rule 29)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from perilune.kernel.calendar import Period
from perilune.metrics.engine import Span, quota_of
from perilune.metrics.queries.sight import Parents, subtree

LEVELS = ("operating", "street", "board")
"""The first of which a unit has any counts."""

Owner = tuple[int | None, int | None]
"""(rep, team) whose a quota is; (None, None) is the company's."""


@dataclass(frozen=True)
class Target:
    """A target, minor units of the company's currency; None without one.

    level: of which of the three named levels. unrated: quotas that no budget rate brings into the
    company's currency: they are not counted.
    """

    minor: int | None = None
    level: str = ""
    unrated: int = 0


@dataclass
class Quotas:
    """The quotas of one level by whose they are, and those without a rate."""

    spans: dict[Owner, list[Span]] = field(default_factory=dict)
    unrated: dict[Owner, list[Span]] = field(default_factory=dict)


@dataclass(frozen=True)
class Staff:
    """Who is where: the team above each team, the team of each rep."""

    parents: Parents
    seats: Mapping[int, int | None]


def quotas_by_level(rows: Iterable[Mapping[str, Any]]) -> dict[str, Quotas]:
    """Return the rows of `metrics.quotas` by level."""
    found: dict[str, Quotas] = {}
    for row in rows:
        level = found.setdefault(row["level"], Quotas())
        owner = (row["rep_id"], None if row["rep_id"] is not None else row["team_id"])
        kept = level.unrated if row["is_rate_missing"] else level.spans
        if row["amount"] is not None or row["is_rate_missing"]:
            kept.setdefault(owner, []).append(Span(row["starts"], row["ends"], row["amount"] or 0))
    return found


def target(
    levels: Mapping[str, Quotas],
    subjects: Sequence[tuple[str, int]] | None,
    period: Period,
    staff: Staff,
) -> Target:
    """Return the target of whom a figure is (`sight.subjects`) over a period.

    Where a team has none of its own, it has the sum of those of the teams below it, else of its
    reps. Of several subjects the sum, where each team has one.
    """
    unrated = 0
    for level in (name for name in LEVELS if name in levels):
        asked = _Asked(levels[level], period, staff)
        found = asked.sum_of(subjects) if subjects is not None else None
        if found is not None:
            return Target(found, level, asked.unrated)
        unrated += asked.unrated
    return Target(unrated=unrated)


class _Asked:
    """One question of one level; counts the quotas without a rate that it came across."""

    def __init__(self, quotas: Quotas, period: Period, staff: Staff) -> None:
        self.quotas, self.period, self.staff = quotas, period, staff
        self._unrated: set[Owner] = set()

    @property
    def unrated(self) -> int:
        days = self.period
        return sum(
            span.starts <= days.end and days.start <= span.ends
            for owner in self._unrated
            for span in self.quotas.unrated[owner]
        )

    def sum_of(self, subjects: Sequence[tuple[str, int]]) -> int | None:
        if not subjects:
            return self._team(None)
        kinds = {kind for kind, _id in subjects}
        parts = [
            self._own(id_, None) if kind == "rep" else self._team(id_) for kind, id_ in subjects
        ]
        known = [part for part in parts if part is not None]
        is_whole = kinds == {"rep"} or len(known) == len(parts)
        return sum(known) if known and is_whole else None

    def _own(self, rep: int | None, team: int | None) -> int | None:
        if (rep, team) in self.quotas.unrated:
            self._unrated.add((rep, team))
        spans = self.quotas.spans.get((rep, team), [])
        return quota_of(spans, self.period.start, self.period.end)

    def _team(self, team: int | None) -> int | None:
        own = self._own(None, team)
        if own is not None:
            return own
        parents, seats = self.staff.parents, self.staff.seats
        below = [each for each, parent in parents.items() if parent == team]
        teams = [minor for each in below if (minor := self._own(None, each)) is not None]
        if teams:
            return sum(teams)
        inside = subtree(team, parents)
        reps = [
            minor
            for rep, seat in seats.items()
            if (team is None or seat in inside) and (minor := self._own(rep, None)) is not None
        ]
        return sum(reps) if reps else None
