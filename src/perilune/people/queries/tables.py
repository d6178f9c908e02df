"""The tables that people gives to the analytical store: its kinds, the periods and the days."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from perilune.history.queries import store_table
from perilune.kernel.calendar import FiscalCalendar, Grain, Period
from perilune.kernel.wiring import StoreTable
from perilune.people.contracts import KINDS
from perilune.people.engine import holidays_of, is_workday
from perilune.people.queries.company import calendar_version, company_or_none

FIRST_YEAR, LAST_YEAR = 2000, 2045
"""The span of `day` and `period`; as-of before it is before any data."""

_GRAINS = (Grain.YEAR, Grain.HALF, Grain.QUARTER, Grain.MONTH, Grain.WEEK)

PERIOD_COLUMNS = (
    ("id", "BIGINT"),
    ("name", "VARCHAR"),
    ("grain", "VARCHAR"),
    ("starts", "DATE"),
    ("ends", "DATE"),
    ("fiscal_year", "BIGINT"),
    ("workdays", "BIGINT"),
)

DAY_COLUMNS = (
    ("id", "BIGINT"),
    ("day", "DATE"),
    ("weekday", "BIGINT"),
    ("week", "VARCHAR"),
    ("month", "VARCHAR"),
    ("quarter", "VARCHAR"),
    ("half", "VARCHAR"),
    ("year_name", "VARCHAR"),
    ("fiscal_year", "BIGINT"),
    ("is_workday", "BOOLEAN"),
)


def store_tables() -> list[StoreTable]:
    """Return the declarations of every table of `people`, kinds included.

    `rep` is cut by its own id: whoever sees only some reps' rows counts only their capacity.
    """
    kinds = [store_table(kind.name) for kind in KINDS]
    return [
        *(replace(t, owner_column="id") if t.kind == "rep" else t for t in kinds),
        StoreTable("period", PERIOD_COLUMNS, _touched, _periods, versioned=False),
        StoreTable("day", DAY_COLUMNS, _touched, _days, versioned=False),
    ]


def _touched(cursor: int) -> tuple[list[int] | None, int]:
    version = calendar_version()
    return ([] if cursor == version else None), version


def _periods(keys: Sequence[int] | None) -> Iterator[list[tuple[Any, ...]]]:
    company = company_or_none()
    if company is None:
        return
    yield list(_period_rows(company.calendar, company.country))


@lru_cache(maxsize=4)  # a pure function of the settings, and 16,000 days take a moment
def _period_rows(calendar: FiscalCalendar, country: str) -> tuple[tuple[Any, ...], ...]:
    free = holidays_of(country, FIRST_YEAR - 1, LAST_YEAR + 1)
    rows: list[tuple[Any, ...]] = []
    for period in _all_periods(calendar):
        worked = sum(is_workday(day, free) for day in _span(period.start, period.end))
        rows.append(
            (
                len(rows) + 1,
                period.name,
                period.grain.value,
                period.start,
                period.end,
                period.fiscal_year,
                worked,
            )
        )
    return tuple(rows)


def _days(keys: Sequence[int] | None) -> Iterator[list[tuple[Any, ...]]]:
    company = company_or_none()
    if company is None:
        return
    yield list(_day_rows(company.calendar, company.country))


@lru_cache(maxsize=4)
def _day_rows(calendar: FiscalCalendar, country: str) -> tuple[tuple[Any, ...], ...]:
    free = holidays_of(country, FIRST_YEAR - 1, LAST_YEAR + 1)
    names: dict[date, dict[Grain, str]] = {}
    years: dict[date, int] = {}
    for period in _all_periods(calendar):
        for day in _span(period.start, period.end):
            names.setdefault(day, {})[period.grain] = period.name
            if period.grain is Grain.YEAR:
                years[day] = period.fiscal_year
    return tuple(
        (
            day.toordinal(),
            day,
            day.weekday(),
            *(names[day].get(g) for g in reversed(_GRAINS)),
            years[day],
            is_workday(day, free),
        )
        for day in sorted(years)
    )


def _all_periods(calendar: FiscalCalendar) -> Iterator[Period]:
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        for grain in _GRAINS:
            yield from calendar.periods(year, grain)


def _span(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))
