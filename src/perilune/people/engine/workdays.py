"""Working days: weekdays less the public holidays of a country (source: the `holidays` library)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from functools import lru_cache

SATURDAY = 5


@lru_cache(maxsize=64)
def holidays_of(country: str, first_year: int, last_year: int) -> frozenset[date]:
    """Return the public holidays of an ISO country in a span of years; none where it is unknown."""
    import holidays as library  # knows every calendar of the world: only who counts days waits

    try:
        found = library.country_holidays(country, years=range(first_year, last_year + 1))
    except (NotImplementedError, KeyError):
        return frozenset()
    return frozenset(found)


def is_workday(day: date, free: Collection[date]) -> bool:
    """Tell whether a day is Monday to Friday and not free."""
    return day.weekday() < SATURDAY and day not in free


def workdays(first: date, last: date, country: str) -> int:
    """Return the number of working days of a span, both ends included."""
    free = holidays_of(country, first.year, last.year)
    return sum(is_workday(day, free) for day in _days(first, last))


def _days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))
