"""The long view beside its naive path, what drives it, and how its method did on past years."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from perilune.planning.contracts import LongPath, YearAssumption, YearView
from perilune.planning.engine.outlook import outlook

DRIVERS = ("retention", "price", "market_growth", "heads", "productivity")
NOTHING = YearAssumption(0.0, 0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Swing:
    """What one assumption moved from low to high does to the last year, minor units."""

    driver: str
    low: float
    high: float

    @property
    def swing(self) -> float:
        """How far apart the two are."""
        return abs(self.high - self.low)


def swings(
    first: YearView, base: LongPath, low: YearAssumption, high: YearAssumption, most_share: float
) -> tuple[Swing, ...]:
    """Return each assumption moved alone by what low and high add to it, the widest first."""

    def last(by: YearAssumption) -> float:
        moved = LongPath(base.name, tuple(added(year, by) for year in base.years))
        return outlook(first, moved, most_share=most_share)[-1].total

    found = [
        Swing(name, *(last(replace(NOTHING, **{name: getattr(by, name)})) for by in (low, high)))
        for name in DRIVERS
    ]
    return tuple(sorted(found, key=lambda one: (-one.swing, one.driver)))


def added(year: YearAssumption, by: YearAssumption) -> YearAssumption:
    """Return a year moved: heads by a share, everything else by what is added; as `paths` moves."""
    return YearAssumption(
        retention=max(year.retention + by.retention, 0.0),
        price=year.price + by.price,
        market_growth=year.market_growth + by.market_growth,
        heads=year.heads * (1 + by.heads),
        productivity=year.productivity + by.productivity,
    )


def naive(first: YearView, growth: float, years: int) -> tuple[float, ...]:
    """Return the totals of a growth carried on, the first year first; minor units."""
    return tuple(first.total * (1 + growth) ** at for at in range(years))


@dataclass(frozen=True)
class PastYear:
    """A window of twelve months and the two before it: what is needed to say it a year before.

    before, last, came: bookings of three windows in a row, minor units. retention: of `before` in
    `last`. heads, next_heads: ramped FTE-years of `last` and of the one said.
    """

    before: float
    last: float
    came: float
    retention: float
    heads: float
    next_heads: float


@dataclass(frozen=True)
class Tried:
    """Mean absolute errors of saying past years a year before, as shares of what came."""

    years: int
    method: float | None
    carried: float | None
    flat: float | None

    @property
    def is_better(self) -> bool:
        """Whether the method told past years better than both naive rules."""
        if self.method is None or self.carried is None or self.flat is None:
            return False
        return self.method < min(self.carried, self.flat)


def tried(past: Sequence[PastYear]) -> Tried:
    """Return how kept + heads x per head did beside last year's growth carried on and no change."""
    usable = [one for one in past if min(one.before, one.last, one.came, one.heads) > 0]
    if not usable:
        return Tried(0, None, None, None)

    def error(said: Sequence[float]) -> float:
        pairs = zip(said, usable, strict=True)
        return sum(abs(one - year.came) / year.came for one, year in pairs) / len(usable)

    def method(year: PastYear) -> float:
        new = max(year.last - year.before * year.retention, 0.0)
        return year.last * year.retention + new / year.heads * year.next_heads

    return Tried(
        len(usable),
        error([method(year) for year in usable]),
        error([year.last**2 / year.before for year in usable]),
        error([year.last for year in usable]),
    )
