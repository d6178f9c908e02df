"""What a hire is expected to bring day by day: ramp, survival, and whoever fills the seat after."""

from __future__ import annotations

import numpy as np

from perilune.planning.contracts import MONTH_DAYS, Attrition, Backfill, RampCurve
from perilune.planning.contracts.tables import Floats
from perilune.planning.engine.ramping import share_by_day


def staying(law: Attrition, days: int) -> Floats:
    """Return (days + 1,) the chance to be there on each day since start, 1 on the first."""
    column = np.arange(days)
    rate = np.zeros(days)
    for band in law.bands:
        hazard = -np.log1p(-min(band.hazard, 1 - 1e-9)) / MONTH_DAYS
        rate[column >= band.first * MONTH_DAYS] = hazard
    return np.asarray(np.exp(-np.concatenate([[0.0], np.cumsum(rate)])))


def seat(curve: RampCurve, law: Attrition, backfill: Backfill, days: int) -> Floats:
    """Return (days,) the expected ramped FTE of a seat filled on day 0, the later holders with it.

    E[d] = S[d] ramp[d] + share x sum over x of f[x] E[d - x - vacancy], f being the chance to leave
    in the course of day x - 1; the vacancy is taken at its mean. Time O(days^2).
    """
    there = staying(law, days)
    own = there[:days] * share_by_day(curve.share, np.arange(days))
    gone = np.concatenate([[0.0], there[:-1] - there[1:]])[:days]
    wait = round(backfill.days)
    found = own.copy()
    if backfill.share <= 0:
        return found
    for day in range(wait + 1, days):
        reach = day - wait
        found[day] += backfill.share * float(gone[1 : reach + 1] @ found[reach - 1 :: -1][:reach])
    return found
