"""The one calendar: fiscal settings give periods; a Period knows its bounds.

Names: `2017` (fiscal year), `2017-H1`, `2017-Q3`, `2017-07` (a calendar month keeps its own name in
whatever fiscal year it falls), `2017-P07` (month of a week pattern) and `2017-W12` (fiscal week).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import accumulate

from perilune.kernel.errors import Invalid


class Pattern(StrEnum):
    """How a fiscal quarter is cut: by calendar months or by weeks."""

    MONTHS = "months"
    W445 = "4-4-5"
    W454 = "4-5-4"
    W544 = "5-4-4"


class Grain(StrEnum):
    """The sizes of a period."""

    YEAR = "year"
    HALF = "half"
    QUARTER = "quarter"
    MONTH = "month"
    WEEK = "week"


@dataclass(frozen=True, order=True)
class Period:
    """A span of days, both ends included, with the name users know it by."""

    start: date
    end: date
    name: str
    grain: Grain
    fiscal_year: int

    @property
    def days(self) -> int:
        """The number of days."""
        return (self.end - self.start).days + 1

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end


@dataclass(frozen=True)
class FiscalCalendar:
    """A company's fiscal year.

    start_month: the calendar month the year starts in (1-12).
    pattern: calendar months, or a 52/53-week year cut 4-4-5, 4-5-4 or 5-4-4.
    named_by_end: the year is named by the calendar year it ends in, else by that of its start.
    week_start: 0 Monday to 6 Sunday.
    short_years: (name of year, first day, last day) of years that do not follow the rule.
    """

    start_month: int = 1
    pattern: Pattern = Pattern.MONTHS
    named_by_end: bool = False
    week_start: int = 0
    short_years: tuple[tuple[int, date, date], ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.start_month <= 12 or not 0 <= self.week_start <= 6:
            raise Invalid("A fiscal year starts in a month from 1 to 12, a week on a day 0 to 6.")

    # -- years ---------------------------------------------------------------------------------

    def year(self, name: int) -> Period:
        """Return the fiscal year of that name."""
        for year, first, last in self.short_years:
            if year == name:
                return Period(first, last, str(name), Grain.YEAR, name)
        start, after = self._year_start(name), self._year_start(name + 1)
        return Period(start, after - timedelta(days=1), str(name), Grain.YEAR, name)

    def _year_start(self, name: int) -> date:
        for year, first, last in self.short_years:
            if year == name:
                return first
            if year == name - 1:
                return last + timedelta(days=1)
        calendar_year = name - 1 if self.named_by_end and self.start_month > 1 else name
        nominal = date(calendar_year, self.start_month, 1)
        if self.pattern is Pattern.MONTHS:
            return nominal
        # The week with most of its days in the year: the week start nearest to the nominal day.
        ahead = (self.week_start - nominal.weekday()) % 7
        return nominal + timedelta(days=ahead if ahead <= 3 else ahead - 7)

    def year_of(self, day: date) -> Period:
        """Return the fiscal year that holds a day."""
        for name in range(day.year - 1, day.year + 3):
            period = self.year(name)
            if day in period:
                return period
        raise Invalid("No fiscal year holds %(day)s.", day=day.isoformat())

    # -- parts of a year -----------------------------------------------------------------------

    def months(self, name: int) -> list[Period]:
        """Return the fiscal months of a year."""
        year = self.year(name)
        if self.pattern is Pattern.MONTHS:
            return _calendar_months(year)
        weeks = [int(part) for part in self.pattern.value.split("-")] * 4
        if year.days > 52 * 7:
            weeks[-1] += 1  # the 53rd week belongs to the last month
        ends = [year.start + timedelta(weeks=total) for total in accumulate(weeks)]
        starts = [year.start, *ends[:-1]]
        periods = [
            Period(
                start, min(end - timedelta(days=1), year.end), f"{name}-P{i:02d}", Grain.MONTH, name
            )
            for i, (start, end) in enumerate(zip(starts, ends, strict=True), 1)
            if start <= year.end
        ]
        return periods

    def quarters(self, name: int) -> list[Period]:
        """Return the quarters of a year; a short year may have fewer than four."""
        return _join(self.months(name), 3, Grain.QUARTER, "Q")

    def halves(self, name: int) -> list[Period]:
        """Return the halves of a year."""
        return _join(self.months(name), 6, Grain.HALF, "H")

    def weeks(self, name: int) -> list[Period]:
        """Return the weeks that start in a year, numbered from 1; the last may end in the next."""
        year = self.year(name)
        start = year.start + timedelta(days=(self.week_start - year.start.weekday()) % 7)
        weeks: list[Period] = []
        while start <= year.end:
            number = len(weeks) + 1
            weeks.append(
                Period(start, start + timedelta(days=6), f"{name}-W{number:02d}", Grain.WEEK, name)
            )
            start += timedelta(days=7)
        return weeks

    def periods(self, name: int, grain: Grain) -> list[Period]:
        """Return the periods of one grain in a year."""
        return list(_periods(self, name, grain))

    # -- look-ups ------------------------------------------------------------------------------

    def find(self, day: date, grain: Grain) -> Period:
        """Return the period of a grain that holds a day."""
        year = self.year_of(day)
        for name in (year.fiscal_year, year.fiscal_year - 1):
            for period in self.periods(name, grain):
                if day in period:
                    return period
        raise Invalid("No period holds %(day)s.", day=day.isoformat())

    def parse(self, name: str) -> Period:
        """Return the period of a name such as 2017-Q3; Invalid when there is none."""
        match = re.fullmatch(r"(\d{4})(?:-(?:([HQWP])(\d{1,2})|(\d{2})))?", name.strip().upper())
        if match:
            year = int(match[1])
            if match[2] is None and match[4] is None:
                return self.year(year)
            grain = {"H": Grain.HALF, "Q": Grain.QUARTER, "W": Grain.WEEK}.get(
                match[2] or "P", Grain.MONTH
            )
            wanted = (
                f"{year}-{match[2]}{int(match[3]):02d}"
                if match[2] in ("P", "W")
                else name.strip().upper()
            )
            # A calendar month is named by its own year, maybe the neighbour of the fiscal one.
            for candidate in (year, year + 1, year - 1) if match[4] else (year,):
                for period in self.periods(candidate, grain):
                    if period.name == wanted:
                        return period
        raise Invalid(
            "«%(name)s» is not a period such as 2026, 2026-Q3, 2026-07 or 2026-W12.", name=name
        )

    def shift(self, period: Period, by: int) -> Period:
        """Return the period `by` places later (earlier when negative) of the same grain."""
        siblings = self.periods(period.fiscal_year, period.grain)
        at = next(i for i, item in enumerate(siblings) if item.name == period.name) + by
        year = period.fiscal_year
        while at < 0:
            year -= 1
            at += len(self.periods(year, period.grain))
        while at >= len(self.periods(year, period.grain)):
            at -= len(self.periods(year, period.grain))
            year += 1
        return self.periods(year, period.grain)[at]

    def year_ago(self, period: Period) -> Period:
        """Return the same period of the fiscal year before (the last one where it has fewer)."""
        siblings = self.periods(period.fiscal_year, period.grain)
        before = self.periods(period.fiscal_year - 1, period.grain)
        at = next(i for i, item in enumerate(siblings) if item.name == period.name)
        return before[min(at, len(before) - 1)]

    def between(self, first: date, last: date, grain: Grain) -> Iterator[Period]:
        """Give the periods of a grain that touch the span, in order."""
        period = self.find(first, grain)
        while period.start <= last:
            yield period
            period = self.shift(period, 1)


@lru_cache(maxsize=512)
def _periods(calendar: FiscalCalendar, name: int, grain: Grain) -> tuple[Period, ...]:
    """Return the periods of one grain in a year; a page asks for the same ones a hundred times."""
    if grain is Grain.YEAR:
        return (calendar.year(name),)
    cut = {
        Grain.HALF: calendar.halves,
        Grain.QUARTER: calendar.quarters,
        Grain.MONTH: calendar.months,
        Grain.WEEK: calendar.weeks,
    }
    return tuple(cut[grain](name))


def _calendar_months(year: Period) -> list[Period]:
    months = []
    start = year.start
    while start <= year.end:
        following = date(start.year + start.month // 12, start.month % 12 + 1, 1)
        end = min(following - timedelta(days=1), year.end)
        months.append(Period(start, end, f"{start:%Y-%m}", Grain.MONTH, year.fiscal_year))
        start = following
    return months


def _join(months: list[Period], size: int, grain: Grain, letter: str) -> list[Period]:
    return [
        Period(
            group[0].start,
            group[-1].end,
            f"{group[0].fiscal_year}-{letter}{i // size + 1}",
            grain,
            group[0].fiscal_year,
        )
        for i in range(0, len(months), size)
        if (group := months[i : i + size])
    ]
