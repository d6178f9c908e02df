"""How much of each rep there is by month, as the capacity engine has it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from perilune.planning.contracts import MONTH_DAYS, Heads, Productivity, RampCurve
from perilune.planning.contracts.tables import Floats
from perilune.planning.engine.staffing import capacity


def presence(heads: Heads, ramps: Sequence[RampCurve]) -> Floats:
    """Return (R, D) how much of a fully ramped rep each row is on each day; each its own unit."""
    alone = replace(heads, unit=np.arange(len(heads.rep)))
    each = [Productivity("", 1.0)] * len(heads.rep)
    return capacity(alone, ramps, each, np.zeros(heads.days)).ramped


def by_month(daily: Floats, first_day: date, months: Sequence[tuple[date, date]]) -> Floats:
    """Return (R, M) the mean of the days of each month, both days included."""
    means = [
        daily[:, (first - first_day).days : (last - first_day).days + 1].mean(axis=1)
        for first, last in months
    ]
    return np.stack(means, axis=1) if means else np.zeros((len(daily), 0))


def linear_ramp(name: str, days: int) -> RampCurve:
    """Return a stated ramp that rises evenly to full productivity in so many days."""
    months = max(int(np.ceil(days / MONTH_DAYS)), 0)
    share = (*(min((month + 0.5) * MONTH_DAYS / days, 1.0) for month in range(months)), 1.0)
    return RampCurve(name, share, share, share)
