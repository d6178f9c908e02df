"""Money is exact."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.kernel.errors import Invalid
from perilune.kernel.money import Money, split_minor

amounts = st.integers(min_value=-(10**12), max_value=10**12)
weights = st.lists(st.integers(min_value=0, max_value=1000), min_size=1, max_size=40).filter(any)


@given(amounts, weights)
def test_the_parts_of_a_split_sum_to_the_whole(total: int, shares: list[int]) -> None:
    assert sum(split_minor(total, shares)) == total


@given(amounts, weights)
def test_a_part_is_never_a_cent_away_from_its_exact_share(total: int, shares: list[int]) -> None:
    for part, share in zip(split_minor(total, shares), shares, strict=True):
        assert abs(Decimal(part) - Decimal(total) * share / sum(shares)) < 1


@given(amounts, st.sampled_from(["EUR", "JPY", "KWD"]))
def test_minor_units_survive_the_round_trip(minor: int, currency: str) -> None:
    assert Money.from_minor(minor, currency).minor() == minor


def test_the_yen_has_no_cents_and_the_dinar_has_three_decimals() -> None:
    assert Money(Decimal("12"), "JPY").minor() == 12
    assert Money(Decimal("12.345"), "KWD").minor() == 12345


def test_two_currencies_are_never_added() -> None:
    with pytest.raises(Invalid, match="without a rate"):
        Money(Decimal(1), "EUR") + Money(Decimal(1), "USD")


def test_a_conversion_is_rounded_to_the_other_currencys_cent() -> None:
    assert Money(Decimal("10.00"), "USD").convert(Decimal("0.915"), "EUR").amount == Decimal("9.15")


@pytest.mark.parametrize("shares", [[], [0, 0], [1, -1]])
def test_a_split_without_positive_shares_is_refused(shares: list[int]) -> None:
    with pytest.raises(Invalid):
        split_minor(100, shares)
