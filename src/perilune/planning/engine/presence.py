"""How much of each rep there is by month: days, FTE, absence and ramp. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from perilune.planning.contracts import MONTH_DAYS, Heads, RampCurve
from perilune.planning.contracts.tables import Floats


def presence(heads: Heads, ramps: Sequence[RampCurve]) -> Floats:
    """Return (R, D) how much of a fully ramped rep each row is on each day, 0 to 1.

    FTE by spell (else `fte`), absence taken off, nothing before the start or after the last day,
    times the ramp of the whole months since the start.
    """
    days = np.arange(heads.days)
    share = np.repeat(heads.fte[:, None], heads.days, axis=1)
    spelled = {spell.row for spell in heads.assigned}
    share[sorted(spelled)] = 0.0
    for spell in heads.assigned:
        share[spell.row, max(spell.first, 0) : max(spell.last + 1, 0)] += spell.fte
    share = np.minimum(share, np.maximum(heads.fte, 1.0)[:, None])
    for spell in heads.absent:
        share[spell.row, max(spell.first, 0) : max(spell.last + 1, 0)] -= spell.fte
    there = (days >= heads.start[:, None]) & (days <= heads.last[:, None])
    months = np.floor((days - heads.start[:, None]) / MONTH_DAYS).astype(np.int64)
    ramped = np.empty_like(share)
    for row, place in enumerate(heads.ramp.tolist()):
        curve = np.asarray(ramps[place].share)
        ramped[row] = curve[np.clip(months[row], 0, len(curve) - 1)]
    return np.where(there, np.clip(share, 0.0, 1.0) * ramped, 0.0)


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
