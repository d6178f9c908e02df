"""Exchange rates: a weekly random walk, its month averages, budget rates fixed each autumn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from perilune.demo.engine.days import Reals, Streams, Weeks, day_us

CURRENCIES = ("EUR", "GBP", "CHF")
_START = {"GBP": 1.17, "CHF": 1.04}
_VOLATILITY = {"GBP": 0.006, "CHF": 0.005}


@dataclass(frozen=True)
class RateRow:
    """One rate as people enter it: value of one unit in EUR from a day on."""

    rate_set: str
    currency: str
    starts: int
    value: float
    known_us: int


@dataclass(frozen=True)
class RateTable:
    """rows in order of entry; budget[week, currency] in force by the week's Monday."""

    rows: list[RateRow]
    budget: Reals


def make_rates(weeks: Weeks, streams: Streams) -> RateTable:
    """Draw all rates; a year's budget rate is the mean of the eight weeks before November."""
    budget = np.ones((weeks.count, len(CURRENCIES)))
    rows: list[RateRow] = []
    for at, currency in enumerate(CURRENCIES[1:], 1):
        steps = streams.of("rate", at).normal(0, _VOLATILITY[currency], weeks.count)
        spot = _START[currency] * np.exp(np.cumsum(steps))
        rows += _budget_rows(weeks, currency, spot, budget[:, at])
        rows += _month_rows(weeks, currency, spot)
        rows += [
            RateRow("spot", currency, int(monday), round(float(value), 5), day_us(int(monday), 5))
            for monday, value in zip(weeks.monday, spot, strict=True)
        ]
    return RateTable(rows, budget)


def _budget_rows(weeks: Weeks, currency: str, spot: Reals, out: Reals) -> list[RateRow]:
    rows = []
    first = date.fromordinal(int(weeks.monday[0]))
    for year in range(first.year, weeks.today.year + 2):
        starts, agreed = date(year, 1, 1).toordinal(), date(year - 1, 11, 2).toordinal()
        seen = spot[(weeks.monday < agreed) & (weeks.monday >= agreed - 56)]
        value = round(float(seen.mean()), 2) if len(seen) else _START[currency]
        rows.append(
            RateRow("budget", currency, starts, value, day_us(max(agreed, int(weeks.monday[0])), 5))
        )
        out[weeks.monday >= starts] = value
        if starts <= weeks.monday[0]:
            out[:] = value
    return rows


def _month_rows(weeks: Weeks, currency: str, spot: Reals) -> list[RateRow]:
    rows = []
    months = [(date.fromordinal(int(m)).year, date.fromordinal(int(m)).month) for m in weeks.monday]
    for month in sorted(set(months)):
        value = round(
            float(np.mean([v for v, m in zip(spot, months, strict=True) if m == month])), 5
        )
        after = date(month[0] + month[1] // 12, month[1] % 12 + 1, 1).toordinal()
        rows.append(
            RateRow("month_average", currency, date(*month, 1).toordinal(), value, day_us(after, 6))
        )
    return rows
