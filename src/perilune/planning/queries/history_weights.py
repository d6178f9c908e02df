"""What reps weigh by what they booked: complete months before a year, a full ramped year each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np

from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Grain, Period
from perilune.people.queries import company
from perilune.planning.contracts import Content, UnitRow
from perilune.planning.queries.learning import rise_at
from perilune.planning.queries.staff import first_booked, presence_of

LEAST_HISTORY = 12
"""Complete fiscal months of bookings without which nothing is proposed from them."""
MOST_HISTORY = 36
SHRINK = 0.5
"""A rep's share is half their own record, half the mean of all: luck is no promise."""


def months_before(period: Period, at: AsOf) -> list[Period]:
    """Return the complete fiscal months before a year and before an instant, the oldest first.

    As far back as there is data, whole years of it, at most three.
    """
    calendar = company().calendar
    last = min(at.day, period.start - timedelta(days=1))
    month = calendar.find(last, Grain.MONTH)
    if month.end > last:
        month = calendar.shift(month, -1)
    first = first_booked(at)
    found: list[Period] = []
    while first is not None and len(found) < MOST_HISTORY and month.start >= first:
        found.insert(0, month)
        month = calendar.shift(month, -1)
    whole = len(found) // LEAST_HISTORY * LEAST_HISTORY
    return found[len(found) - whole :] if whole else found


def weighed(
    content: Content,
    history: Mapping[int, int],
    past: Sequence[Period],
    at: AsOf,
) -> dict[str, UnitRow]:
    """Return the units with their history and weights: bookings of a full, ramped year."""
    calendar = company().calendar
    there: dict[str, float] = {}
    rise = rise_at(at)
    years = sorted({calendar.year_of(month.start).name for month in past})
    for name in years:
        year = calendar.year(int(name))
        present = presence_of(content, year, at, rise)
        places = [month_place(month) - 1 for month in past if month.start in year]
        for unit, by_month in present.items():
            there[unit] = there.get(unit, 0.0) + sum(
                by_month[p] for p in places if p < len(by_month)
            )
    rates = {}
    for row in content.units.values():
        if row.kind == "rep" and row.number > 0 and there.get(row.unit, 0) > 1:
            rates[row.unit] = history.get(row.number, 0) / there[row.unit] * LEAST_HISTORY
    mean = float(np.mean(list(rates.values()))) if rates else 1.0
    found = {}
    for unit, row in content.units.items():
        if row.kind != "rep":
            found[unit] = row
            continue
        own = rates.get(unit)
        weight = mean if own is None else (1 - SHRINK) * own + SHRINK * mean
        booked_ = history.get(row.number) if row.number > 0 else None
        found[unit] = replace(row, weight=round(max(weight, 1.0)), history=booked_)
    return found


def month_place(month: Period) -> int:
    """Return which month of its fiscal year it is, from 1."""
    return int(month.name.rpartition("-")[2])
