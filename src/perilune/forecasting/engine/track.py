"""How recorded ranges did against what came."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from perilune.forecasting.contracts.track import LEAST, Score

_LEVELS = np.array([0.1, 0.5, 0.9])


def scored(
    forecast: ArrayLike, came: ArrayLike, low: ArrayLike, high: ArrayLike, periods: int
) -> Score:
    """Return how n forecasts did.

    forecast, came: (n,) minor units. low, high: (n,) p10 and p90, NaN where no range was shown.
    periods: how many distinct periods and units the points are of.
    """
    said, actual = np.asarray(forecast, dtype=float), np.asarray(came, dtype=float)
    p10, p90 = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    has_range = np.isfinite(p10) & np.isfinite(p90)
    count, ranged = len(said), int(has_range.sum())
    whole, whole_ranged = float(actual.sum()), float(actual[has_range].sum())
    if count < LEAST or whole <= 0:
        return Score(count, periods, ranged=ranged)
    error = said - actual
    base = Score(
        count, periods, float(np.abs(error).sum() / whole), float(error.sum() / whole), ranged
    )
    if ranged < LEAST or whole_ranged <= 0:
        return base
    outcome = actual[has_range]
    spread = np.stack([p10[has_range], said[has_range], p90[has_range]])
    over = outcome - spread
    loss = np.where(over >= 0, _LEVELS[:, None] * over, (_LEVELS[:, None] - 1) * over)
    inside = (outcome >= spread[0]) & (outcome <= spread[2])
    return Score(
        count,
        periods,
        base.wape,
        base.bias,
        ranged,
        pinball=float(2 / 3 * loss.sum() / whole_ranged),
        coverage=float(inside.mean()),
        width=float((spread[2] - spread[0]).sum() / whole_ranged),
    )
