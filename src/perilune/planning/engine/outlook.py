"""Five to ten years ahead: business kept and business won by those who sell, in a market that ends.

A year keeps last year's total times retention times its price change; new business is ramped heads
x what one brings (productivity and prices cumulated), at most what the market still holds.
"""

from __future__ import annotations

from collections.abc import Sequence

from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.planning.contracts import LongPath, YearAssumption, YearView

MOST_YEARS = 10
NAMES = ("low", "base", "high")


def outlook(first: YearView, path: LongPath, *, most_share: float = 1.0) -> tuple[YearView, ...]:
    """Return the years of a path; `first`, this year's plan, stands first as it is.

    most_share: of the market that can be had. Raises Invalid for more than ten years or a negative
    rate that cannot be.
    """
    if len(path.years) >= MOST_YEARS:
        raise Invalid(_("The long view reaches ten years ahead at most."))
    years = [first]
    for ahead in path.years:
        _check(ahead)
        years.append(_next(years[-1], ahead, most_share))
    return tuple(years)


def first_slice(year: int, kept: float, new: float, market: float, heads: float) -> YearView:
    """Return this year's plan as the first year of the long view, minor units."""
    total = kept + new
    return YearView(
        year, kept, new, total, market, total / market if market > 0 else 0.0, None, heads,
        new / heads if heads > 0 else 0.0,
    )  # fmt: skip


def _next(last: YearView, ahead: YearAssumption, most_share: float) -> YearView:
    market = last.market * (1 + ahead.market_growth)
    kept = last.total * ahead.retention * (1 + ahead.price)
    per_head = last.per_head * (1 + ahead.productivity) * (1 + ahead.price)
    wanted = ahead.heads * per_head
    room = max(market * most_share - kept, 0.0) if market > 0 else wanted
    new = min(wanted, room)
    total = kept + new
    return YearView(
        last.year + 1, kept, new, total, market, total / market if market > 0 else 0.0,
        total / last.total - 1 if last.total > 0 else None, ahead.heads, per_head, wanted - new,
    )  # fmt: skip


def paths(
    base: LongPath, low: YearAssumption, high: YearAssumption
) -> tuple[LongPath, LongPath, LongPath]:
    """Return low, base and high: the base's years moved by what `low` and `high` add to each.

    Heads are multiplied by 1 + the number given, everything else is added to.
    """
    made = [
        LongPath(name, tuple(_moved(year, by) for year in base.years))
        for name, by in (("low", low), ("high", high))
    ]
    return made[0], LongPath("base", base.years), made[1]


def _moved(year: YearAssumption, by: YearAssumption) -> YearAssumption:
    return YearAssumption(
        retention=max(year.retention + by.retention, 0.0),
        price=year.price + by.price,
        market_growth=year.market_growth + by.market_growth,
        heads=year.heads * (1 + by.heads),
        productivity=year.productivity + by.productivity,
    )


def heads_needed(last: YearView, ahead: YearAssumption, target: float) -> float:
    """Return the ramped FTE that bring a year to a target, the market not asked."""
    bare = _next(last, ahead, 1.0)
    return max(target - bare.kept, 0.0) / bare.per_head if bare.per_head > 0 else float("inf")


def growth(years: Sequence[YearView]) -> float | None:
    """Return the mean yearly growth from the first to the last (compound), None from nothing."""
    span = len(years) - 1
    if span < 1 or years[0].total <= 0:
        return None
    return float((years[-1].total / years[0].total) ** (1 / span) - 1)


def _check(ahead: YearAssumption) -> None:
    if (
        ahead.retention < 0
        or ahead.heads < 0
        or min(ahead.price, ahead.market_growth, ahead.productivity) <= -1
    ):
        raise Invalid(_("A year cannot keep, staff or shrink by less than nothing."))
