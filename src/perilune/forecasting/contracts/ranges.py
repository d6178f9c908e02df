"""The range of a period and its track record, and runs on record.

Amounts are floats in minor units of the company's currency inside the engine; what is shown or
recorded is rounded to whole minor units (`ForecastRow.rounded`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.ranges import Range

METHOD = "range-6"
"""Version of the method; a recorded run recomputes to the same digits only under its own method."""
EVERYBODY_STAYS = "range-5"
"""The method before, which knows no departures ahead; its runs still recompute."""

THIN_BELOW = 8
"""Under this many back-test origins a range is thin history (rule 20)."""
NONE_BELOW = 4
"""Under this many only the history is shown (rule 20)."""


AIM, TOO_WIDE, TOO_NARROW = 0.8, 0.9, 0.7
"""The share of outcomes that a range aims to hold, and shares that are clearly another."""


class By(StrEnum):
    """What a forecast is cut by; the total always comes first."""

    TOTAL = "total"
    REGION = "region"
    TEAM = "team"
    REP = "rep"
    PRODUCT = "product"
    SEGMENT = "segment"


OF_SEATS = (By.TOTAL, By.REGION, By.TEAM, By.REP)
"""The cuts by who sells."""
OF_PARTS = (By.PRODUCT, By.SEGMENT)
"""The cuts by what is sold, and to whom: they cut across sellers."""

BY_LABELS: dict[By, str] = {
    By.TOTAL: _("Company"),
    By.REGION: _("Region"),
    By.TEAM: _("Team"),
    By.REP: _("Rep"),
    By.PRODUCT: _("Product"),
    By.SEGMENT: _("Segment"),
}


REST_LABELS: dict[str, str] = {
    "unassigned": _("Unassigned"),
    "no-product": _("Without a product"),
    "no-segment": _("Without a segment"),
}
"""Units of what belongs to none: such rows never vanish (rule 21)."""


class Status(StrEnum):
    """How far a row may be trusted."""

    FULL = "full"
    THIN = "thin"
    NO_HISTORY = "no_history"
    FINISHED = "finished"
    UNKNOWN = "unknown"  # the period ended before the first day of data (rule 4)


STATUS_LABELS: dict[Status, str] = {
    Status.FULL: _("full back-test"),
    Status.THIN: _("thin history"),
    Status.NO_HISTORY: _("not enough history"),
    Status.FINISHED: _("period over"),
    Status.UNKNOWN: _("before the first data"),
}


@dataclass(frozen=True)
class Note:
    """A sentence beside a row: an English msgid with named placeholders and their values."""

    message: str
    params: Mapping[str, int | str] = field(default_factory=dict)


@dataclass(frozen=True)
class Backtest:
    """How the same forecast did at past origins of this unit (rolling origin).

    points: origins scored; windows: of them, windows that do not overlap.
    wape: sum of |F - A| over sum of A; bias: sum of (F - A) over sum of A; None where nothing was
    won. coverage80: share of the `ranged` outcomes inside the p10-p90 range that the forecaster of
    that day would have drawn; None where no origin had four earlier errors.
    pinball: 2/3 of the summed quantile losses at p10, p50, p90 over sum of A, of the ranged points.
    hits: oldest first, whether each ranged outcome fell inside.
    """

    points: int = 0
    windows: int = 0
    wape: float | None = None
    bias: float | None = None
    coverage80: float | None = None
    ranged: int = 0
    pinball: float | None = None
    hits: tuple[bool, ...] = ()


@dataclass(frozen=True)
class MemberRow:
    """One line of the table of members: its own forecast of the remainder and its own back-test.

    errors: its log errors at the scored origins, oldest first (`engine/spread.py`).
    """

    name: str
    remainder: float | None
    is_combined: bool
    backtest: Backtest
    errors: tuple[float, ...] = ()


@dataclass(frozen=True)
class Point:
    """One origin of the back-test: the day, forecast and range made then, and what came."""

    origin: int
    forecast: float
    p10: float | None
    p90: float | None
    actual: float


@dataclass(frozen=True)
class ForecastRow:
    """The forecast of one unit.

    won_to_date: None when the period ended before the first day of data.
    range: won to date plus what is to come; None without enough history. Percentiles of rows do
    not sum to those of the total; the means do, over rows that have one (rule 18).
    skill: 1 - WAPE of the combination / WAPE of the same window one quarter back.
    existing: of the mean that is to come, what open deals bring; the rest is not created yet.
    near: what the row brings where the total is near its p10, p50, p90: these do sum (rule 18).
    """

    unit: str
    unit_id: int | None
    label: str
    won_to_date: float | None
    range: Range | None
    backtest: Backtest
    status: Status
    notes: tuple[Note, ...] = ()
    members: tuple[MemberRow, ...] = ()
    points: tuple[Point, ...] = ()
    skill: float | None = None
    existing: float | None = None
    near: tuple[float, float, float] | None = None

    @property
    def p10(self) -> float | None:
        """Pessimistic: one outcome in ten is lower."""
        return self.range.p10 if self.range else None

    @property
    def p50(self) -> float | None:
        """Realistic."""
        return self.range.p50 if self.range else None

    @property
    def p90(self) -> float | None:
        """Optimistic: one outcome in ten is higher."""
        return self.range.p90 if self.range else None

    @property
    def mean(self) -> float | None:
        """The row's contribution to the mean of its total."""
        return self.range.mean if self.range else None

    def rounded(self) -> ForecastRow:
        """Return the row with its amounts in whole minor units."""
        if self.won_to_date is None:
            return self
        span = self.range
        whole = span and Range(
            *(float(round(value)) for value in (span.p10, span.p50, span.p90, span.mean))
        )
        low, mid, high = self.near or (0.0, 0.0, 0.0)
        near = self.near and (float(round(low)), float(round(mid)), float(round(high)))
        existing = None if self.existing is None else float(round(self.existing))
        return replace(
            self,
            won_to_date=float(round(self.won_to_date)),
            range=whole,
            existing=existing,
            near=near,
        )


@dataclass(frozen=True)
class Group:
    """A team that has teams below it and one above: what its whole tree brings.

    It stands beside the rows by team, which sum without it. above: the id of the next such team
    towards the top; teams: the ids of all teams within, its own included.
    """

    row: ForecastRow
    above: int | None
    teams: frozenset[int]


@dataclass(frozen=True)
class ForecastRequest:
    """What is asked: a period, a cut, an as-of."""

    period: Period
    by: By
    as_of: AsOf


@dataclass(frozen=True)
class Pinned:
    """What a figure stands on: the store version, a digest of the inputs, the method."""

    store_version: int
    inputs_digest: str
    method: str = METHOD


@dataclass(frozen=True)
class Away:
    """How many sellers leave or are away on record, and what their new business is less by.

    amount: off the mean of the total, minor units.
    """

    people: int
    amount: float


@dataclass(frozen=True)
class ForecastResult:
    """The answer: rows (the total first) and what they stand on.

    daily: won of the total on each day of the period up to the as-of, for the chart.
    first_day: the first day of data. sql: the statement that read the inputs.
    """

    request: ForecastRequest
    scope_label: str
    currency: str
    rows: tuple[ForecastRow, ...]
    pinned: Pinned
    first_day: date | None
    daily: tuple[float, ...] = ()
    sql: str = ""
    uncounted: int = 0
    """Won deals left out because the rate of their currency is missing."""
    mix: Mapping[str, float] = field(default_factory=dict)
    """The weight of each member in the combination; empty where there is none."""
    is_complete: bool = True
    """Whether every model of open deals behind the as-of was there."""
    away: Away | None = None
    """What departures and absences on record take off; None where they take nothing."""
    groups: tuple[Group, ...] = ()
    """Of an answer by team: the teams between region and team, those that hold most first."""

    @property
    def total(self) -> ForecastRow:
        """The row of everything in scope."""
        return self.rows[0]

    def outline(self) -> list[tuple[int, ForecastRow]]:
        """Return every row with its depth: the total, then each group ahead of what it holds.

        Of one depth (a group beside it apart) the rows sum to the total.
        """
        # groups come with those that hold most first: a row's path runs from the top down
        paths = {
            row.unit: [group for group in self.groups if row.unit_id in group.teams]
            for row in self.rows[1:]
        }
        ordered = sorted(
            enumerate(self.rows[1:]),
            key=lambda item: (
                item[1].unit_id is None,
                [group.row.label for group in paths[item[1].unit]] + [item[1].label]
                if self.groups
                else [],
                item[0],
            ),
        )
        found, told = [(0, self.total)], set()
        for _place, row in ordered:
            for depth, group in enumerate(paths[row.unit], 1):
                if group.row.unit_id not in told:
                    told.add(group.row.unit_id)
                    found.append((depth, group.row))
            found.append((1 + len(paths[row.unit]), row))
        return found

    def is_group(self, row: ForecastRow) -> bool:
        """Tell whether a row stands for a team with the teams below it."""
        return any(row is group.row for group in self.groups)


@dataclass(frozen=True)
class RunInfo:
    """A recorded run, without its inputs."""

    id: int
    as_of: AsOf
    period: str
    starts: date
    ends: date
    by: By
    scope_label: str
    currency: str
    created_at: datetime
    actor: str
    pinned: Pinned
    rows: tuple[Mapping[str, Any], ...]
    mix: Mapping[str, float] = field(default_factory=dict)
    """The weight that each member had; empty where there was no combination, or in an old run."""
