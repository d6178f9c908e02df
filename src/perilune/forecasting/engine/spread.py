"""How wide a range must be, told by past errors of the same forecast.

The error of a forecast f with outcome A is log((A + c) / (f + c)), where c is the mean won deal
known when the forecast was made: a ratio where many deals are won, about a count of deals where few
are, and defined for A = 0. Positive is «more came than was forecast».
"""

from __future__ import annotations

from math import ceil, exp
from statistics import NormalDist

import numpy as np

from perilune.forecasting.contracts import NONE_BELOW
from perilune.forecasting.engine.windows import Floats, disjoint

AIM = 0.8
"""The share of outcomes that p10 to p90 should hold."""
_NORMAL = NormalDist()
Z90 = _NORMAL.inv_cdf(0.9)

# The 90 % points of Student's distribution for 1 .. 10 degrees of freedom.
_STUDENT90 = (3.0777, 1.8856, 1.6377, 1.5332, 1.4759, 1.4398, 1.4149, 1.3968, 1.3830, 1.3722)


def errors(actual: Floats, point: Floats, deal: Floats) -> Floats:
    """Return the log errors; an outcome below zero counts as zero. Shapes broadcast."""
    return np.log((np.maximum(actual, 0.0) + deal) / (point + deal))


def widening(windows: int) -> float:
    """Return the factor for having seen only so many independent windows (Student over normal)."""
    if windows <= len(_STUDENT90):
        return _STUDENT90[windows - 1] / Z90
    return 1 + (Z90**2 + 1) / (4 * windows)  # first term of the Cornish-Fisher expansion


def half_width(past: Floats, length: int) -> float | None:
    """Return the half width of the 80 % range on the log scale; None under four past errors.

    Split conformal: the ceil(0.8 (n + 1))-th smallest absolute error (the largest when n is below
    that), times `widening` of the windows among the n that do not overlap.
    """
    n = len(past)
    if n < NONE_BELOW:
        return None
    rank = min(ceil(AIM * (n + 1)), n)
    return float(np.sort(np.abs(past))[rank - 1]) * widening(disjoint(n, length))


def quantile(point: float, deal: float, half: float, level: float) -> float:
    """Return a quantile of the remainder: log-symmetric around the point, never below zero."""
    z = _NORMAL.inv_cdf(level) if level != 0.5 else 0.0
    return max((point + deal) * exp(half * z / Z90) - deal, 0.0)


def quantiles(point: float, deal: float, half: float, size: int) -> Floats:
    """Return `size` evenly spaced quantiles (the midpoints): samples without chance."""
    z = np.array([_NORMAL.inv_cdf((i + 0.5) / size) for i in range(size)])
    return np.maximum((point + deal) * np.exp(half * z / Z90) - deal, 0.0)
