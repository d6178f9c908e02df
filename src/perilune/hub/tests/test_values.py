"""How people and programs write numbers and dates."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.hub.engine.values import (
    DAY_FIRST,
    MONTH_FIRST,
    BadDate,
    decimal_of,
    order_of,
    parse_date,
    parse_number,
)

pytestmark = pytest.mark.engine


@pytest.mark.parametrize(
    ("values", "decimal", "is_assumed"),
    [
        (["1 234,56", "12"], ",", False),
        (["1,234.56"], ".", False),
        (["1.234.567"], ",", False),
        (["1,234,567"], ".", False),
        (["1,234", "5,678"], ".", True),
        (["12.5", "1,234"], ".", False),
        (["1.234", "7,5"], ",", False),
        (["10", "20"], ".", False),
    ],
)
def test_the_decimal_sign_is_decided_by_the_whole_column(
    values: list[str], decimal: str, is_assumed: bool
) -> None:
    found = decimal_of(values)
    assert (found.decimal, found.is_assumed) == (decimal, is_assumed)


def test_a_dot_before_three_digits_groups_thousands_in_a_semicolon_file() -> None:
    assert decimal_of(["1.234"], delimiter=";").decimal == ","


@pytest.mark.parametrize(
    ("text", "decimal", "number"),
    [
        ("1 234,50 €", ",", "1234.50"),
        ("$1,234.50", ".", "1234.50"),
        ("1’234.50", ".", "1234.50"),
        ("(12.00)", ".", "-12.00"),
        ("12-", ".", "-12"),
        ("−5", ".", "-5"),
        ("EUR 7", ".", "7"),
        (".5", ".", "0.5"),
    ],
)
def test_numbers_are_read_as_written(text: str, decimal: str, number: str) -> None:
    assert parse_number(text, decimal) == Decimal(number)


@pytest.mark.parametrize("text", ["abc", "1.2.3", "--", "NaN", "Infinity", "12abc", ""])
def test_what_is_no_number_is_none(text: str) -> None:
    assert parse_number(text) is None


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2), st.sampled_from([",", "."]))
def test_a_number_written_in_either_style_comes_back(number: Decimal, decimal: str) -> None:
    text = f"{number:,.2f}"
    if decimal == ",":
        text = text.translate(str.maketrans(",.", ".,"))
    assert parse_number(text, decimal) == number


@pytest.mark.parametrize(
    ("values", "order", "is_assumed"),
    [
        (["01/02/2017", "13/02/2017"], DAY_FIRST, False),
        (["01/02/2017", "02/13/2017"], MONTH_FIRST, False),
        (["01/02/2017"], DAY_FIRST, True),
        (["2017-02-13"], DAY_FIRST, False),
    ],
)
def test_day_or_month_first_is_decided_by_the_whole_column(
    values: list[str], order: str, is_assumed: bool
) -> None:
    found = order_of(values)
    assert (found.order, found.is_assumed) == (order, is_assumed)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2017-03-01", date(2017, 3, 1)),
        ("01/03/2017", date(2017, 3, 1)),
        ("1.3.17", date(2017, 3, 1)),
        ("20170301", date(2017, 3, 1)),
        ("1 Mar 2017", date(2017, 3, 1)),
        ("1er mars 2017", date(2017, 3, 1)),
        ("12 févr. 2017", date(2017, 2, 12)),
        ("March 1, 2017", date(2017, 3, 1)),
        ("42795", date(2017, 3, 1)),
        ("2017-03-01 14:30", datetime(2017, 3, 1, 14, 30)),
        ("2017-03-01T14:30:05.250Z", datetime(2017, 3, 1, 14, 30, 5, 250_000, UTC)),
        ("01/03/2017 2:30 PM", datetime(2017, 3, 1, 14, 30)),
        ("1488378605000", datetime(2017, 3, 1, 14, 30, 5, tzinfo=UTC)),
    ],
)
def test_dates_are_read_as_written(text: str, day: date) -> None:
    assert parse_date(text) == day


@pytest.mark.parametrize(
    ("text", "is_shape"),
    [
        ("31/02/2017", True),
        ("2017-13-01", True),
        ("soon", False),
        ("12", False),
        ("2017-03-01 25:00", True),
    ],
)
def test_a_day_that_does_not_exist_is_told_from_a_text_that_is_none(
    text: str, is_shape: bool
) -> None:
    with pytest.raises(BadDate) as raised:
        parse_date(text)
    assert raised.value.is_shape is is_shape


@given(
    st.dates(date(1971, 1, 1), date(2068, 12, 31)),
    st.sampled_from(["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%y", "%Y%m%d"]),
)
def test_any_day_comes_back_from_any_style(day: date, style: str) -> None:
    assert parse_date(day.strftime(style)) == day
    assert parse_date((day + timedelta(0)).strftime("%m/%d/%Y"), MONTH_FIRST) == day
