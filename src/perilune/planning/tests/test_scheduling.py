"""Schedules and credit: golden figures of the spreadsheet beside, and their laws."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from perilune.kernel.errors import Invalid
from perilune.kernel.rates import Rate, Rates, RateSet
from perilune.planning.contracts import Foreign, Slice
from perilune.planning.engine import crediting, scheduling, split
from perilune.planning.engine.ramping import share_by_day

pytestmark = pytest.mark.engine

BOOK = CalamineWorkbook.from_path(str(Path(__file__).parent / "golden" / "plan.xlsx"))
MONTHS = [
    (date(2027, month, 1), date(2027 + month // 12, month % 12 + 1, 1) - timedelta(days=1))
    for month in range(1, 13)
]
QUARTERS = [(MONTHS[at][0], MONTHS[at + 2][1]) for at in (0, 3, 6, 9)]
days = st.integers(-5, 370).map(lambda n: date(2027, 1, 1) + timedelta(days=n))
amounts = st.integers(0, 10**12)


def cells(sheet: str, column: str, first: int, last: int) -> list:
    """Cells of a column of the spreadsheet, rows as a spreadsheet counts them."""
    rows = BOOK.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    return [rows[row - 1]["ABCDEFGHIJKL".index(column)] for row in range(first, last + 1)]


def test_a_year_falls_on_its_months_as_in_the_spreadsheet() -> None:
    weights = np.array(cells("season", "B", 4, 15))
    made = scheduling.seasonal(int(cells("season", "B", 2, 2)[0]), MONTHS, weights)
    assert [part.minor for part in made] == cells("season", "G", 4, 15)


def test_a_new_rep_has_the_ramped_quota_of_the_spreadsheet() -> None:
    full = tuple(Slice(*span, 1_000_000) for span in MONTHS[:6])
    since = np.arange(181) - (date(2027, 2, 16) - date(2027, 1, 1)).days
    ramp = share_by_day((0.1, 0.25, 0.5, 1.0), since)
    lines = scheduling.ramped(full, (since >= 0).astype(float), ramp)
    assert [line.minor for line in lines] == cells("ramp", "H", 4, 9)
    assert [line.full - line.leave_off for line in lines] == cells("ramp", "G", 4, 9)
    assert all(line.full - line.leave_off - line.ramp_off == line.minor for line in lines)


def test_part_time_and_leave_prorate_as_in_the_spreadsheet() -> None:
    fte = np.full(120, 0.8)
    fte[68:82] = 0.0
    full = tuple(Slice(*span, 833_333) for span in MONTHS[:4])
    lines = scheduling.ramped(full, fte, np.ones(120))
    assert [line.minor for line in lines] == cells("proration", "E", 4, 7)


def test_over_assignment_and_attainment_are_inverses_as_in_the_spreadsheet() -> None:
    target = int(cells("over", "B", 2, 2)[0])
    needed = crediting.street_needed(target, Decimal("0.8"))
    assert needed == cells("over", "B", 6, 6)[0]
    found = crediting.street(target, needed)
    assert (found.factor, found.over) == (Decimal("0.8"), Decimal("1.25"))
    parts, left = split(needed, np.array(cells("over", "B", 9, 13)))
    assert (parts.tolist(), left) == (cells("over", "G", 9, 13), 0)


def test_an_amount_moved_in_mid_year_is_that_of_the_spreadsheet() -> None:
    giver = tuple(
        Slice(*q, int(v)) for q, v in zip(QUARTERS, cells("move", "B", 4, 7), strict=True)
    )
    taker = tuple(
        Slice(*q, int(v)) for q, v in zip(QUARTERS, cells("move", "C", 4, 7), strict=True)
    )
    made = scheduling.moved(giver, taker, date(2027, 5, 10), 6_000_000)
    assert [part.minor for part in made.giver[:1]] == cells("move", "F", 4, 4)
    assert [part.minor for part in made.giver[1:]] == [
        cells("move", "F", 5, 5)[0], *cells("move", "J", 5, 7)
    ]  # fmt: skip
    assert [part.minor for part in made.taker[1:]] == [
        cells("move", "G", 5, 5)[0], *cells("move", "K", 5, 7)
    ]  # fmt: skip
    both = sum(part.minor for part in (*made.giver, *made.taker))
    assert both == cells("move", "B", 11, 11)[0] == cells("move", "B", 10, 10)[0]


def test_currencies_convert_at_budget_rates_and_a_missing_one_is_counted_out() -> None:
    names, values, rates = (cells("currencies", column, 4, 9) for column in "ABC")
    on = date(2027, 1, 1)
    table = Rates(
        "EUR",
        [
            Rate(RateSet.BUDGET, name, on, Decimal(str(rate)))
            for name, rate in zip(names, rates, strict=True)
            if rate != "" and name != "EUR"
        ],
    )
    exponent = {"JPY": 1}
    given_ = [
        Foreign(name, round(value * exponent.get(name, 100)), on)
        for name, value in zip(names, values, strict=True)
    ]
    made = crediting.converted(given_, table)
    assert made.minor == round(cells("currencies", "B", 11, 11)[0] * 100)
    assert made.count == cells("currencies", "B", 12, 12)[0]
    assert made.left_out == (("SEK", 1, 90_000_000),)


@given(amounts, st.lists(st.floats(0, 100), min_size=12, max_size=12).filter(sum), days, days)
def test_a_schedule_sums_to_the_year_and_its_spans_to_each_other(total, share, one, other) -> None:
    made = scheduling.seasonal(total, MONTHS, np.array(share))
    first, last = min(one, other), max(one, other)
    assert scheduling.to_date(made, MONTHS[-1][1]) == total
    assert scheduling.between(made, MONTHS[0][0], last) == scheduling.to_date(
        made, first
    ) + scheduling.between(made, first + timedelta(days=1), last)
    before, after = scheduling.cut(made, one)
    assert sum(part.minor for part in (*before, *after)) == total


@given(st.data())
def test_units_and_months_both_sum_to_the_cent(data) -> None:
    year = np.array(data.draw(st.lists(st.integers(0, 10**10), min_size=1, max_size=8)))
    total = int(year.sum())
    share = np.array(data.draw(st.lists(st.floats(0.01, 9), min_size=12, max_size=12)))
    month, _left = split(total, share)
    made = scheduling.seasonal_table(year, month, MONTHS)
    table = np.array([[part.minor for part in unit] for unit in made])
    assert (table.sum(axis=1) == year).all()
    assert (table.sum(axis=0) == month).all()
    if total:
        exact = [[int(y) * int(m) / total for m in month] for y in year]
        assert np.abs(table - np.array(exact)).max() < 1 + 1e-4


@given(st.data(), days)
def test_parts_and_whole_agree_on_every_day(data, day) -> None:
    year = np.array(data.draw(st.lists(st.integers(0, 10**10), min_size=1, max_size=6)))
    month, _left = split(int(year.sum()), np.arange(1, 13).astype(float))
    parts = scheduling.seasonal_table(year, month, MONTHS)
    whole = tuple(Slice(*span, int(minor)) for span, minor in zip(MONTHS, month, strict=True))
    due = scheduling.to_date_parts(whole, parts, day)
    assert sum(due) == scheduling.to_date(whole, day)
    assert all(
        abs(own - scheduling.to_date(part, day)) <= 1 for own, part in zip(due, parts, strict=True)
    )


@given(st.lists(amounts, min_size=4, max_size=4), days, st.integers(-(10**9), 10**9))
def test_a_change_in_mid_year_changes_the_sum_by_what_was_said(values, day, by) -> None:
    schedule = tuple(Slice(*q, value) for q, value in zip(QUARTERS, values, strict=True))
    try:
        made = scheduling.changed(schedule, day, by)
    except Invalid:
        rest = sum(part.minor for part in scheduling.cut(schedule, day)[1])
        assert day > date(2027, 12, 31) or rest + by < 0
        return
    assert sum(part.minor for part in made) == sum(values) + by
    before = day - timedelta(days=1)
    assert scheduling.to_date(made, before) == scheduling.to_date(schedule, before)


@given(
    st.integers(-(10**9), 10**9),
    st.lists(st.integers(0, 1000), min_size=1, max_size=6).filter(sum),
)
def test_credit_sums_to_the_deal_and_overlay_stands_apart(minor, thousandths) -> None:
    whole = sum(thousandths)
    shares = {at: Decimal(part) / 1000 for at, part in enumerate(thousandths)}
    shares[0] += 1 - Decimal(whole) / 1000
    if shares[0] < 0:
        with pytest.raises(Invalid):
            crediting.credits(minor, shares)
        return
    made = crediting.credits(minor, shares, {99: Decimal("0.5")})
    assert sum(made.direct.values()) == minor
    assert 99 not in made.direct
    assert abs(made.overlay[99] - minor / 2) <= 0.5


def test_shares_that_do_not_sum_to_the_whole_are_refused() -> None:
    with pytest.raises(Invalid, match="100 %"):
        crediting.credits(100, {1: Decimal("0.5"), 2: Decimal("0.4")})


def test_even_quotas_are_fair_and_unknown_potential_stays_unknown() -> None:
    even = crediting.fairness(
        np.array([100.0, 200, 50]), np.array([200.0, 400, np.nan]), np.array([110.0, 190, 60])
    )
    assert (even.spread, even.gini, even.unknown) == (0.0, 0.0, 1)
    assert even.over_full == pytest.approx(2 / 3)
    # one has all: Gini of n reps is (n - 1) / n in the limit; (1, 3): 1/4 by hand
    uneven = crediting.fairness(np.array([1.0, 3]), np.ones(2), np.ones(2))
    assert uneven.gini == pytest.approx(0.25)
