"""AutoETS on weekly sums: a rule of the field that is measured beside ours, outside of the mix.

It is scored by the back-test and has no part in the combination: see docs/methods/forecast-range.md
for what it would have earned. Its library takes seconds to load, so it is loaded when it is asked.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from perilune.forecasting.engine.history import History, Wins, history_of
from perilune.forecasting.engine.windows import STEP, Floats, Ints, Target

AUTO_ETS = "auto_ets"
LEAST_WEEKS = 8
"""Whole weeks behind a day before a series says anything."""
MOST_WEEKS = 156
_FURTHEST = 2 * 53


def smoothed(wins: Wins, days: Ints, target: Target) -> Floats:
    """Return (K,) what AutoETS says of the window after each day, from what was known on it.

    wins: of one unit. The weeks end on the day itself, so that none is cut; days beyond whole weeks
    count as shares of the week that they lie in. NaN with fewer than eight weeks.
    """
    history = history_of(wins, days)
    return np.array([_said(history, row, target) for row in range(len(days))])


def _said(history: History, row: int, target: Target) -> float:
    day = int(history.days[row])
    weeks = min((day + 1 - history.start) // STEP, MOST_WEEKS)
    ahead = target.lead + target.length
    if weeks < LEAST_WEEKS or -(-ahead // STEP) > _FURTHEST:
        return float("nan")
    recent = history.daily[row, day + 1 - weeks * STEP : day + 1]
    weekly = recent.reshape(weeks, STEP).sum(axis=1)
    path = np.concatenate([[0.0], np.cumsum(np.maximum(_fitted(weekly.tobytes()), 0.0))])
    upto = np.interp([target.lead / STEP, ahead / STEP], np.arange(len(path)), path)
    return float(upto[1] - upto[0])


@lru_cache(maxsize=8192)
def _fitted(weekly: bytes) -> Floats:
    """Return (W,) the weeks ahead of a series. Equal series are asked for at many origins."""
    from statsforecast.models import AutoETS

    series = np.frombuffer(weekly, dtype=float)
    if not series.any():
        return np.zeros(_FURTHEST)
    found = AutoETS(season_length=1).forecast(series, h=_FURTHEST)
    return np.asarray(found["mean"], dtype=float)
