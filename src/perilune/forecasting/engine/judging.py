"""Whether a difference is more than noise: of two shares, and of an outcome against its range."""

from __future__ import annotations

import math
from statistics import NormalDist

_Z95 = NormalDist().inv_cdf(0.975)
_Z90 = NormalDist().inv_cdf(0.9)


def wilson(hits: int, count: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927); count at least 1."""
    share, square = hits / count, _Z95**2
    middle = (share + square / (2 * count)) / (1 + square / count)
    half = _Z95 * math.sqrt(share * (1 - share) / count + square / (4 * count**2))
    half /= 1 + square / count
    return middle - half, middle + half


def difference_of_shares(one: tuple[int, int], other: tuple[int, int]) -> tuple[float, float]:
    """Return the 95 % interval of the first share less the second.

    one, other: (hits, count), counts at least 1. Newcombe 1998 (Statistics in Medicine 17,
    873-890), method 10: the square-and-add of two Wilson intervals.
    """
    share, base = one[0] / one[1], other[0] / other[1]
    (low, high), (base_low, base_high) = wilson(*one), wilson(*other)
    gap = share - base
    return (
        gap - math.hypot(share - low, base_high - base),
        gap + math.hypot(high - share, base - base_low),
    )


def chance_below(actual: float, p10: float, p50: float, p90: float) -> float:
    """Return the chance that an outcome this low or lower comes by itself, by the range.

    The range is read as two halves of normal curves that meet at p50, each with its own width. A
    range without width gives 0, 1/2 or 1.
    """
    width = (p50 - p10 if actual < p50 else p90 - p50) / _Z90
    if width <= 0:
        return 0.5 if actual == p50 else float(actual > p50)
    return NormalDist().cdf((actual - p50) / width)
