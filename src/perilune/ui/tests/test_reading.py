"""Numbers as people type them: spaces, commas and points, in either language."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from perilune.kernel.errors import Invalid
from perilune.ui.reading import NumberField, amount_of, number_of


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2500000", "2500000"),
        ("2 500 000", "2500000"),
        ("2\u202f500\u00a0000", "2500000"),
        ("2'500'000", "2500000"),
        ("2,500,000", "2500000"),
        ("2.500.000", "2500000"),
        ("1 234,50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("12,5", "12.5"),
        ("1,234", "1234"),
        ("-3,5", "-3.5"),
        ("2,5e6", "2500000"),
    ],
)
def test_a_number_is_read_as_it_was_meant(text: str, number: str) -> None:
    assert number_of(text) == Decimal(number)


@pytest.mark.parametrize("text", ["", "much", "1,23,4", "1.23.4", "1,2.3,4", "NaN", "1e999x", ","])
def test_what_may_be_a_slip_is_named(text: str) -> None:
    with pytest.raises(Invalid, match="is not an amount"):
        number_of(text)


def test_three_decimals_after_a_comma_are_decimals_where_the_reader_writes_them_so() -> None:
    field = NumberField(localize=True)
    with override("fr"):
        assert field.clean("1,234") == Decimal("1.234")
        assert field.clean("1 234,5") == Decimal("1234.5")
    with override("en"):
        assert field.clean("1,234") == Decimal(1234)
        with pytest.raises(ValidationError, match="12,3,4"):
            field.clean("12,3,4")


@given(st.integers(-(10**12), 10**12))
def test_grouped_cents_come_back_in_both_spellings(minor: int) -> None:
    english = f"{minor / 100:,.2f}"
    french = english.replace(",", "\u202f").replace(".", ",")
    assert amount_of(english, "EUR") == amount_of(french, "EUR") == minor
