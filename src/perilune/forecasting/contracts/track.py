"""Recorded forecasts of periods that are over, against what came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from perilune.forecasting.contracts.ranges import By
from perilune.kernel.calendar import Grain, Period

SHOWN, CALLED = "shown", "called"
"""The recorded range (its p50), and what people called by that day."""
LEAST = 8
"""Points below which no figure is told: no skill, no claim."""
LEADS = (1, 4, 8, 13, 26)
"""Bounds of the lead time, weeks before the end of the period; the last bin lies beyond."""


@dataclass(frozen=True)
class Recorded:
    """One row of a recorded run beside what came; amounts in whole minor units.

    said: the forecast of the period by rule: `shown` is the recorded p50, members are won to date
    plus their remainder, `called` the latest call made by that day.
    """

    run_id: int
    period: str
    grain: Grain
    starts: date
    ends: date
    day: date
    by: By
    unit: str
    unit_id: int | None
    p10: int | None
    p50: int | None
    p90: int | None
    came: int
    said: Mapping[str, int] = field(default_factory=dict)

    @property
    def weeks(self) -> int:
        """Weeks from the day to the period's end, begun ones count."""
        return max(-(-(self.ends - self.day).days // 7), 0)

    @property
    def lead(self) -> int:
        """The number of the lead time's bin."""
        return sum(self.weeks > bound for bound in LEADS)

    @property
    def is_inside(self) -> bool | None:
        """Whether what came lies between p10 and p90."""
        if self.p10 is None or self.p90 is None:
            return None
        return self.p10 <= self.came <= self.p90


@dataclass(frozen=True)
class Score:
    """How some forecasts did. points: scored; periods: of them, distinct ones and units.

    wape, bias: sum of |F - A| and of (F - A), over that of A. pinball: 2/3 of the summed quantile
    losses at p10, p50, p90 over the sum of A: the CRPS as far as three quantiles tell it.
    coverage: share of outcomes inside p10-p90; width: sum of p90 - p10 over that of A, both of the
    `ranged` points. All None below `LEAST` points, and where nothing was won.
    """

    points: int = 0
    periods: int = 0
    wape: float | None = None
    bias: float | None = None
    ranged: int = 0
    pinball: float | None = None
    coverage: float | None = None
    width: float | None = None


@dataclass(frozen=True)
class RuleScore:
    """A rule's score, and the error of the recorded range at the same points."""

    rule: str
    score: Score
    shown_wape: float | None = None


@dataclass(frozen=True)
class LevelScore:
    """The recorded ranges of a level at a lead time (None: at all)."""

    by: By
    lead: int | None
    score: Score


@dataclass(frozen=True)
class TrackRecord:
    """Every recorded forecast of periods that are over, of periods of one size.

    totals: those of everything in scope, oldest first. under_way: recorded ones of periods that are
    not over. period: the one under way.
    """

    grain: Grain
    currency: str
    scope_label: str
    totals: tuple[Recorded, ...] = ()
    rules: tuple[RuleScore, ...] = ()
    levels: tuple[LevelScore, ...] = ()
    under_way: int = 0
    period: Period | None = None
