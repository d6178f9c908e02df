"""Exchange rates by set and date. A missing rate is None and is shown, never taken as 1."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class RateSet(StrEnum):
    """Which rates convert: budget for plans and forecast, month average or spot for actuals."""

    BUDGET = "budget"
    MONTH_AVERAGE = "month_average"
    SPOT = "spot"


@dataclass(frozen=True)
class Rate:
    """From `starts` on, one unit of `currency` is worth `value` units of the company's currency."""

    rate_set: RateSet
    currency: str
    starts: date
    value: Decimal


class Rates:
    """A look-up of rates into one company currency."""

    def __init__(self, company_currency: str, rates: Iterable[Rate]) -> None:
        self.company_currency = company_currency
        self._by_key: dict[tuple[RateSet, str], list[tuple[date, Decimal]]] = {}
        for rate in rates:
            self._by_key.setdefault((rate.rate_set, rate.currency), []).append(
                (rate.starts, rate.value)
            )
        for series in self._by_key.values():
            series.sort()

    def find(self, rate_set: RateSet, currency: str, on: date) -> Decimal | None:
        """Return the rate in force on a day, 1 for the company's own currency, None if unknown."""
        if currency == self.company_currency:
            return Decimal(1)
        series = self._by_key.get((rate_set, currency), [])
        at = bisect_right(series, on, key=lambda item: item[0])
        return series[at - 1][1] if at else None
