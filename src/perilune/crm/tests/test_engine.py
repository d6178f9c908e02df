from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.crm import engine
from perilune.crm.contracts.kinds import ACCOUNT, OPPORTUNITY
from perilune.crm.engine import Facts, Share, Watched
from perilune.kernel.errors import Invalid
from perilune.kernel.kinds import Field, FieldType

pytestmark = pytest.mark.engine
PARIS = ZoneInfo("Europe/Paris")
TODAY = Facts(date(2026, 6, 1), {1: "open", 2: "won", 3: "lost"})


def test_real_registration_numbers_hold():
    # INSEE's own example SIREN and its head office; La Poste's head office and one of its sites
    assert engine.siren_problem("732 829 320") == ""
    assert engine.siret_problem("732 829 320 00074") == ""
    assert engine.siret_problem("35600000000048") == ""
    assert engine.siret_problem("35600000049837") == ""
    assert engine.vat_problem("FR 44 732829320") == ""
    assert engine.vat_problem("FR 83 404833048") == ""


def test_one_wrong_digit_is_found_by_each_key():
    assert "key" in engine.siren_problem("732829321")
    assert "key" in engine.siret_problem("73282932000075")
    assert "key" in engine.vat_problem("FR45732829320")
    assert engine.siren_problem("12345") == "A SIREN has nine digits."


@given(st.integers(0, 99_999_999))
def test_exactly_one_key_digit_completes_a_siren(stem: int):
    holding = [d for d in range(10) if engine.siren_problem(f"{stem:08d}{d}") == ""]
    assert len(holding) == 1


MONEY = Field("amount", FieldType.MONEY, "Amount")


@pytest.mark.parametrize(
    ("text", "comma", "minor"),
    [
        ("1234.5", False, 123450),
        ("1,234.50", False, 123450),
        ("1 234,50", True, 123450),
        ("1\u202f234,50 €", True, 123450),
        ("1,234", False, 123400),
        ("1,234", True, 123),
        ("−12", False, -1200),
    ],
)
def test_amounts_are_read_as_they_are_written(text: str, comma: bool, minor: int):
    assert engine.parse(MONEY, text, currency="EUR", zone=PARIS, decimal_comma=comma) == minor


@given(st.integers(-(10**14), 10**14), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_an_amount_shown_in_an_input_reads_back_the_same(minor: int, currency: str):
    text = engine.show(MONEY, minor, currency=currency, zone=PARIS)
    assert engine.parse(MONEY, text, currency=currency, zone=PARIS) == (minor if text else None)


def test_what_is_no_value_says_what_was_expected():
    for type_, text in (
        (FieldType.INTEGER, "1.5"),
        (FieldType.DATE, "tomorrow"),
        (FieldType.BOOLEAN, "maybe"),
        (FieldType.MONEY, "1e400"),
        (FieldType.INSTANT, "noon"),
    ):
        with pytest.raises(Invalid, match="«"):
            engine.parse(Field("f", type_, "F"), text, currency="EUR", zone=PARIS)


def _found(values: dict, kind=OPPORTUNITY) -> set[tuple[str, bool]]:
    found = engine.check(kind.name, kind.fields, {"name": "x", **values}, TODAY)
    return {(f.problem.field, f.is_error) for f in found}


def test_a_closed_deal_needs_its_day_and_an_open_one_does_not():
    assert _found({"stage_id": 2, "amount": 1}) == {("close_date", True)}
    assert _found({"stage_id": 1}) == set()
    assert _found({"stage_id": 2, "close_date": date(2026, 5, 1)}) == {("amount", False)}


def test_a_close_before_the_creation_is_doubtful_and_can_be_kept():
    days = {"created_date": date(2027, 2, 1), "close_date": date(2027, 1, 1)}
    assert _found(days) == {("close_date", False)}


def test_a_siret_of_another_siren_is_an_error():
    numbers = {"siren": "404833048", "siret": "73282932000074"}
    assert _found(numbers, ACCOUNT) == {("siret", True)}


def test_an_e_mail_without_a_domain_is_refused():
    assert _found({"email": "anne@nowhere"}) == {("email", True)}
    assert _found({"email": "anne@example.com"}) == set()


@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=6))
def test_rule_8_shares_are_sound_exactly_when_they_sum_to_the_whole(parts: list[int]):
    shares = [Share(rep, part) for rep, part in enumerate(parts)]
    assert (not engine.check_shares(shares)) == (sum(parts) == 10_000)


def test_rule_8_overlay_credit_stands_apart():
    shares = [Share(1, 10_000), Share(2, 5_000, is_overlay=True)]
    assert engine.check_shares(shares) == []
    assert engine.check_shares([*shares, Share(1, 100)])


def test_a_deal_is_silent_only_where_activities_are_kept():
    deal = Watched("open", date(2026, 9, 1), "Call", date(2026, 1, 1))
    assert engine.warnings_of(deal, TODAY.today, are_activities_kept=True) == ["silent"]
    assert engine.warnings_of(deal, TODAY.today, are_activities_kept=False) == []


def test_a_closed_deal_wants_nothing():
    deal = Watched("won", None, None, None)
    assert engine.warnings_of(deal, TODAY.today, are_activities_kept=True) == []


def test_a_place_lies_on_the_globe_and_has_both_its_coordinates():
    def told(**values: object) -> dict[str, bool]:
        found = engine.check("account", ACCOUNT.fields, {"name": "Acme"} | values, TODAY)
        return {f.problem.field: f.is_error for f in found}

    assert told(latitude=48.85, longitude=2.35) == {}
    assert told(latitude=-90.0, longitude=180.0) == {}
    assert told(latitude=90.1, longitude=-180.5) == {"latitude": True, "longitude": True}
    assert told(latitude=float("nan"), longitude=2.35) == {"latitude": True}
    assert told(latitude=48.85) == {"longitude": False}
