"""What a simulation of the plan is asked and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from perilune.kernel.ranges import Range
from perilune.planning.contracts.staffing import Attrition, Heads, Productivity, RampCurve
from perilune.planning.contracts.tables import Floats


class Driver(StrEnum):
    """What may come otherwise than planned."""

    ATTRITION = "attrition"
    HIRING = "hiring"
    RAMP = "ramp"
    PRODUCTIVITY = "productivity"
    SKILL = "skill"
    LUCK = "luck"
    BACKFILL = "backfill"


@dataclass(frozen=True)
class Doubt:
    """How uncertain the common drivers are: standard deviations of logarithms, one draw a path.

    productivity: per year, cumulating from year to year (a random walk). ramp: of the length of
    ramps. The level of attrition has its own, `Attrition.sigma`.
    """

    productivity: float = 0.0
    ramp: float = 0.0


@dataclass(frozen=True)
class Backfill:
    """What happens when somebody leaves: share of seats filled again, days empty (mean and sd)."""

    share: float = 1.0
    days: float = 90.0
    spread: float = 45.0


@dataclass(frozen=True)
class Delay:
    """How late planned hires start: mean and sd in days, never early; share that never comes."""

    days: float = 0.0
    spread: float = 0.0
    missed: float = 0.0


@dataclass(frozen=True)
class Aim:
    """A target: the units (places) whose bookings count from column `first` to `last`, included.

    minor: target in minor units. booked: what is won in it already; only the rest is simulated.
    """

    name: str
    units: tuple[int, ...]
    first: int
    last: int
    minor: int
    booked: int = 0


@dataclass(frozen=True)
class PlanModel:
    """Everything that a simulation reads. U units, D days.

    season: (D,) share of a year's bookings that falls on each day; the days of a year sum to 1.
    """

    heads: Heads
    ramps: tuple[RampCurve, ...]
    attrition: tuple[Attrition, ...]
    productivity: tuple[Productivity, ...]
    season: Floats
    aims: tuple[Aim, ...]
    backfill: Backfill = Backfill()
    delay: Delay = Delay()
    doubt: Doubt = Doubt()


@dataclass(frozen=True)
class Odds:
    """How likely a target is reached.

    chance: share of paths. error: its standard error. expected: the single sum that a spreadsheet
    gives: everybody planned is there, nobody leaves, no chance; minor units. reached: range of the
    paths, minor units. short: mean shortfall of the paths that miss it.
    """

    aim: Aim
    chance: float
    error: float
    expected: float
    reached: Range
    short: float


@dataclass(frozen=True)
class Bands:
    """Ramped FTE by month of the horizon: M months, their first columns, p10, p50, p90, mean.

    fte_mean: heads present without the ramp.
    """

    first: tuple[int, ...]
    p10: Floats
    p50: Floats
    p90: Floats
    mean: Floats
    fte_mean: Floats


@dataclass(frozen=True)
class Effect:
    """What one driver does to an aim's chance, the others and all luck being the same.

    low, high: the chance with the driver at its stated bad and good value; weight: how much of the
    variance goes when it is held at its mean, 0..1. worst, best: the values tried, in words' units
    (factor on hazard, days, factor on length, factor on productivity, share).
    """

    driver: Driver
    worst: float
    best: float
    low: float
    high: float
    weight: float

    @property
    def swing(self) -> float:
        """Difference of the two chances: by this drivers are ranked."""
        return abs(self.high - self.low)


@dataclass(frozen=True)
class Simulation:
    """The answer: odds in the order of the aims, bands of the whole, paths and seed it took."""

    odds: tuple[Odds, ...]
    bands: Bands
    paths: int
    seed: int
