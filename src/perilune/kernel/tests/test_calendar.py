"""Rule 2: fiscal calendars."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.kernel.calendar import FiscalCalendar, Grain, Pattern
from perilune.kernel.errors import Invalid

calendars = st.builds(
    FiscalCalendar,
    start_month=st.integers(1, 12),
    pattern=st.sampled_from(Pattern),
    named_by_end=st.booleans(),
    week_start=st.integers(0, 6),
)
years = st.integers(2001, 2040)


@given(calendars, years)
def test_years_follow_each_other_without_gap_or_overlap(
    calendar: FiscalCalendar, year: int
) -> None:
    assert calendar.year(year).end + timedelta(days=1) == calendar.year(year + 1).start


@given(calendars, years, st.sampled_from([Grain.MONTH, Grain.QUARTER, Grain.HALF]))
def test_the_parts_of_a_year_cover_it_exactly(
    calendar: FiscalCalendar, year: int, grain: Grain
) -> None:
    parts = calendar.periods(year, grain)
    assert parts[0].start == calendar.year(year).start
    assert parts[-1].end == calendar.year(year).end
    for one, after in pairwise(parts):
        assert one.end + timedelta(days=1) == after.start


@given(calendars, st.dates(date(2002, 1, 1), date(2039, 12, 31)), st.sampled_from(Grain))
def test_a_day_is_in_the_period_found_for_it_and_names_are_read_back(
    calendar: FiscalCalendar, day: date, grain: Grain
) -> None:
    period = calendar.find(day, grain)
    assert day in period
    assert calendar.parse(period.name) == period


@given(calendars, years, st.sampled_from(Grain), st.integers(-30, 30))
def test_going_forth_and_back_leads_home(
    calendar: FiscalCalendar, year: int, grain: Grain, by: int
) -> None:
    period = calendar.periods(year, grain)[0]
    assert calendar.shift(calendar.shift(period, by), -by) == period


def test_the_53rd_week_falls_in_the_last_month_of_a_4_4_5_year() -> None:
    # National Retail Federation: 2023 had 53 weeks, 29 January 2023 to 3 February 2024.
    retail = FiscalCalendar(start_month=2, pattern=Pattern.W454, week_start=6)
    assert retail.year(2023).start == date(2023, 1, 29)
    assert retail.year(2023).end == date(2024, 2, 3)
    assert retail.months(2023)[-1].days == 5 * 7


def test_a_year_may_be_named_by_its_end() -> None:
    july = FiscalCalendar(start_month=7, named_by_end=True)
    assert july.year(2026).start == date(2025, 7, 1)
    assert july.find(date(2025, 8, 15), Grain.QUARTER).name == "2026-Q1"


def test_a_calendar_month_keeps_its_own_name_in_a_shifted_year() -> None:
    april = FiscalCalendar(start_month=4)
    assert april.parse("2026-02").fiscal_year == 2025
    assert april.parse("2026-02").start == date(2026, 2, 1)


def test_a_short_year_is_cut_where_it_ends() -> None:
    short = ((2026, date(2026, 1, 1), date(2026, 9, 30)),)
    moved = FiscalCalendar(short_years=short, start_month=10, named_by_end=True)
    assert [quarter.name for quarter in moved.quarters(2026)] == ["2026-Q1", "2026-Q2", "2026-Q3"]
    assert moved.year(2027).start == date(2026, 10, 1)


@pytest.mark.parametrize("name", ["2026-Q5", "Q3 2026", "2026-13", "26", ""])
def test_a_name_that_is_no_period_is_refused_with_examples(name: str) -> None:
    with pytest.raises(Invalid, match="2026-Q3"):
        FiscalCalendar().parse(name)
