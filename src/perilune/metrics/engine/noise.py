"""Does a change exceed noise? Intervals of single figures, and of the difference of two.

Sources: Wilson (1927) for shares; Byar's approximation (Breslow and Day 1987, vol. II, p. 69) for
counts; the compound Poisson variance (sum of squared amounts; Wald) for sums of deals; Zou and
Donner (2008) «MOVER» for the difference of two figures from their own intervals.
"""

from __future__ import annotations

from math import inf, sqrt

Z95 = 1.959963984540054
"""The 97.5th percentile of the normal distribution."""

Interval = tuple[float, float]


def wilson(hits: int, n: int) -> Interval | None:
    """Return the 95 % interval of a share of `hits` in `n`, as ratios; None without any."""
    if n <= 0:
        return None
    share, square = hits / n, Z95 * Z95
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = Z95 / (1 + square / n) * sqrt(share * (1 - share) / n + square / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)


def byar(count: int) -> Interval:
    """Return the 95 % interval of a Poisson count."""
    above = count + 1
    low = count * (1 - 1 / (9 * count) - Z95 / (3 * sqrt(count))) ** 3 if count else 0.0
    return low, above * (1 - 1 / (9 * above) + Z95 / (3 * sqrt(above))) ** 3


def compound(total: float, squares: float) -> Interval:
    """Return the 95 % interval of a sum of deals: they arrive by chance, each with its own amount.

    total: the sum of amounts; squares: the sum of their squares, which is the variance of the sum.
    """
    half = Z95 * sqrt(squares)
    return max(0.0, total - half), total + half


def mean_interval(mean: float, deviation: float | None, n: int) -> Interval | None:
    """Return the 95 % interval of a mean of `n` values; None under two."""
    if n < 2 or deviation is None:
        return None
    half = Z95 * deviation / sqrt(n)
    return mean - half, mean + half


def change_of(
    now: float, now_interval: Interval, before: float, before_interval: Interval
) -> Interval:
    """Return the 95 % interval of `now - before`, from the interval of each (MOVER)."""
    down = sqrt((now - now_interval[0]) ** 2 + (before_interval[1] - before) ** 2)
    up = sqrt((now_interval[1] - now) ** 2 + (before - before_interval[0]) ** 2)
    return now - before - down, now - before + up


def exceeds_noise(
    now: float | None,
    now_interval: Interval | None,
    before: float | None,
    before_interval: Interval | None,
) -> bool | None:
    """Tell whether a change is more than chance would give; None where that cannot be said."""
    if now is None or before is None or now_interval is None or before_interval is None:
        return None
    low, high = change_of(now, now_interval, before, before_interval)
    if inf in (abs(low), abs(high)):
        return None
    return low > 0 or high < 0
