"""The long view and what stands beside the plan: seasons, segments, potential, levers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from perilune.planning.contracts.staffing import Source
from perilune.planning.contracts.tables import Flags, Floats


@dataclass(frozen=True)
class Season:
    """Share of a year's bookings by month (12, or the fiscal months), sum 1.

    low, high: 80 % interval; years: whole years it was learnt from. reason: why it is flat.
    better: share by which it errs less than the flat year when a year is left out, None unmeasured.
    """

    share: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    years: int
    source: Source
    better: float | None = None
    reason: str = ""


@dataclass(frozen=True)
class YearAssumption:
    """One year of one path. Rates are shares (0.05 = 5 %).

    retention: of last year's recurring business kept. price: change of prices. market_growth: of
    the market's size. heads: mean ramped FTE. productivity: change of what one brings, apart from
    price.
    """

    retention: float
    price: float
    market_growth: float
    heads: float
    productivity: float


@dataclass(frozen=True)
class LongPath:
    """A path of assumptions, named low, base or high, year after year."""

    name: str
    years: tuple[YearAssumption, ...]


@dataclass(frozen=True)
class YearView:
    """A year of the long view, minor units. `capped`: new business the market did not hold."""

    year: int
    kept: float
    new: float
    total: float
    market: float
    share: float
    growth: float | None
    heads: float
    per_head: float
    capped: float = 0.0


class Op(StrEnum):
    """How a rule compares."""

    IN = "in"
    AT_LEAST = "at_least"
    BELOW = "below"
    IS_UNKNOWN = "is_unknown"


@dataclass(frozen=True)
class Condition:
    """A field of an account compared with a value (a tuple of values for IN)."""

    field: str
    op: Op
    value: Any = None


@dataclass(frozen=True)
class SegmentRule:
    """Accounts that meet all conditions belong to the segment; the first rule that fits wins."""

    segment: str
    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class RuleSet:
    """An ordered, versioned list of rules; an account that none fits has no segment."""

    version: int
    rules: tuple[SegmentRule, ...]


@dataclass(frozen=True)
class Evidence:
    """What is known of a segment.

    win_rate: None under one closed deal; win_low, win_high: 95 % Wilson interval; under 20 closed
    deals the interval replaces the rate (rule 13). cycle: median days of won deals. deal_minor:
    median amount won. accounts, closed, won: counts.
    """

    segment: str
    accounts: int
    closed: int
    won: int
    win_rate: float | None
    win_low: float | None
    win_high: float | None
    cycle: float | None
    deal_minor: float | None


@dataclass(frozen=True)
class Suggestion:
    """Suggested cuts: the rules, the evidence by segment, and how they were found."""

    method: str
    rules: RuleSet
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True)
class Potential:
    """Yearly potential of accounts, minor units; N rows. NaN is unknown and stays so.

    minor is a mean, so that accounts add up; middle is what half of them are below. low, high: 80 %
    interval. is_estimated: (N,) True where estimated, False where the user's column says it or it
    is unknown. like: (N,) how many accounts it rests on. error, naive_error: mean absolute error of
    logarithms on accounts held back, of this and of the plain mean; None unmeasured. reason: why
    nothing was estimated. nesting: places of the likenesses used, the coarsest first.
    """

    minor: Floats
    low: Floats
    high: Floats
    is_estimated: Flags
    like: Floats
    error: float | None
    naive_error: float | None
    middle: Floats
    reason: str = ""
    nesting: tuple[int, ...] = ()


@dataclass(frozen=True)
class Pace:
    """Plan against actual at a day. share_due: of the plan that the season expects by now."""

    target: int
    booked: int
    due: int
    attainment: float | None
    pace: float | None
    gap: int
    projected: int | None


@dataclass(frozen=True)
class Lever:
    """What would close a gap with one lever alone.

    elasticity: measured change of bookings in per cent for one per cent of the lever, with its 80 %
    interval; source STATED where it follows from the definition. needed: change of the lever
    (0.12 = 12 %), None if it cannot close the gap. value: its level now, wanted: then.
    """

    name: str
    elasticity: float
    low: float
    high: float
    source: Source
    value: float
    needed: float | None
    wanted: float | None
