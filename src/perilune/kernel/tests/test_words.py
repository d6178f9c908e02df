"""As-of, scope, range, rates, kinds and registries."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.kernel.asof import AsOf
from perilune.kernel.errors import Invalid, NotFound
from perilune.kernel.kinds import Field, FieldType, Kind, decode, encode
from perilune.kernel.ranges import Range
from perilune.kernel.rates import Rate, Rates, RateSet
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import Registry

PARIS = ZoneInfo("Europe/Paris")


def test_a_date_means_the_end_of_that_day_in_the_companys_zone() -> None:  # rule 1
    assert AsOf.parse("2026-07-14", PARIS).at == datetime(2026, 7, 14, 21, 59, 59, 999999, UTC)
    assert AsOf.parse("2026-01-14", PARIS).at == datetime(2026, 1, 14, 22, 59, 59, 999999, UTC)


@given(
    st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.sampled_from(["Europe/Paris", "Asia/Tokyo"])
)
def test_the_end_of_a_day_belongs_to_that_day(day: date, zone: str) -> None:
    as_of = AsOf.end_of(day, ZoneInfo(zone))
    assert AsOf.instant(as_of.at, ZoneInfo(zone)).day == day


def test_an_instant_without_zone_and_a_wrong_date_are_refused() -> None:
    with pytest.raises(Invalid):
        AsOf.instant(datetime(2026, 1, 1), PARIS)
    with pytest.raises(Invalid, match="2026-02-30"):
        AsOf.parse("2026-02-30", PARIS)


def test_a_range_rises() -> None:
    with pytest.raises(Invalid):
        Range(2, 1, 3, 2)
    assert Range(1, 2, 3, 2).shifted(10) == Range(11, 12, 13, 12)


def test_a_missing_rate_is_none_and_never_one() -> None:
    rates = Rates("EUR", [Rate(RateSet.BUDGET, "USD", date(2026, 1, 1), Decimal("0.9"))])
    assert rates.find(RateSet.BUDGET, "USD", date(2025, 12, 31)) is None
    assert rates.find(RateSet.BUDGET, "USD", date(2026, 5, 1)) == Decimal("0.9")
    assert rates.find(RateSet.SPOT, "USD", date(2026, 5, 1)) is None
    assert rates.find(RateSet.SPOT, "EUR", date(2026, 5, 1)) == 1


def test_rows_without_owner_are_seen_by_the_company_only() -> None:
    assert Scope.company().sees(None)
    assert not Scope("mine", owners=frozenset({7})).sees(None)


def test_scopes_that_see_the_same_share_their_digest_whatever_their_name() -> None:
    one = Scope("mine", owners=frozenset({1, 2}))
    assert one.digest() == Scope("team:North", owners=frozenset({2, 1})).digest()
    assert one.digest() != Scope.company().digest()


values = {
    FieldType.TEXT: st.text(min_size=1),
    FieldType.INTEGER: st.integers(),
    FieldType.MONEY: st.integers(),
    FieldType.DATE: st.dates(),
    FieldType.INSTANT: st.datetimes(timezones=st.just(UTC)),
    FieldType.BOOLEAN: st.booleans(),
    FieldType.DECIMAL: st.floats(allow_nan=False),
}


@given(st.sampled_from(list(values)).flatmap(lambda t: st.tuples(st.just(t), values[t])))
def test_a_value_survives_history(case: tuple[FieldType, object]) -> None:
    field_type, value = case
    assert decode(field_type, encode(field_type, value)) == value


@pytest.mark.parametrize(
    ("field_type", "value"),
    [
        (FieldType.MONEY, 1.5),
        (FieldType.BOOLEAN, 1),
        (FieldType.INTEGER, True),
        (FieldType.TEXT, 3),
    ],
)
def test_a_value_of_another_type_is_refused(field_type: FieldType, value: object) -> None:
    with pytest.raises(Invalid):
        encode(field_type, value)


def test_a_registry_refuses_two_things_of_one_name_and_names_what_is_missing() -> None:
    registry: Registry[int] = Registry("measure")
    registry.add("won", 1)
    registry.add("won", 1)
    with pytest.raises(Invalid, match="twice"):
        registry.add("won", 2)
    with pytest.raises(NotFound, match="measure named lost"):
        registry.get("lost")


def test_a_kind_knows_its_fields() -> None:
    kind = Kind("deal", "crm.Deal", "Deal", "Deals", (Field("name", FieldType.TEXT, "Name"),))
    assert kind.field_names == ("name",)
    with pytest.raises(NotFound, match="amount"):
        kind.field("amount")


@given(st.dictionaries(st.integers(0, 9), st.integers(0, 9), max_size=8), st.integers(1, 6))
def test_no_withheld_part_of_a_sum_can_be_told_from_the_others(
    people: dict[int, int], smallest: int
) -> None:
    small = Scope("company", smallest_group=smallest).too_few(people)
    assert all(people[key] >= smallest for key in people.keys() - small)
    assert len(small) != 1 or len(people) == 1 or smallest == 1
    assert small == set() or min(people.values()) < smallest
