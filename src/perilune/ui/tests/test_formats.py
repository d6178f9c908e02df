"""Numbers, money and dates in both languages, beside what CLDR prescribes."""

from datetime import UTC, date, datetime

import pytest
from django.utils import timezone
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from perilune.ui import formats
from perilune.ui.contracts import Format

THIN, NBSP, MINUS = "\u202f", "\u00a0", "\u2212"


@pytest.mark.parametrize(
    ("language", "minor", "currency", "written"),
    [
        ("fr", 123456, "EUR", f"1{THIN}234,56{NBSP}€"),
        ("en", 123456, "EUR", "€1,234.56"),
        ("en", 123456, "USD", "$1,234.56"),
        ("en", -123456, "USD", f"{MINUS}$1,234.56"),
        ("en", 1234, "JPY", "¥1,234"),
        ("fr", 0, "EUR", f"0,00{NBSP}€"),
    ],
)
def test_money_is_written_from_minor_units(language, minor, currency, written):
    with override(language):
        assert formats.money(minor, currency) == written


@pytest.mark.parametrize(
    ("language", "minor", "currency", "written"),
    [
        ("fr", 260_000_000, "EUR", f"2,6{NBSP}M€"),
        ("en", 260_000_000, "USD", "$2.6M"),
        ("en", 298_225_500, "USD", "$3.0M"),
        ("fr", 298_225_500, "USD", f"3,0{NBSP}M$"),
        ("en", 99_999_600, "EUR", "€1.0M"),
        ("fr", 12_345_600, "EUR", f"123{NBSP}k€"),
        ("en", -260_000_000_000, "EUR", f"{MINUS}€2.6B"),
        ("en", 260_000_000, "CHF", f"CHF{NBSP}2.6M"),
        ("en", 45_000, "EUR", "€450"),
    ],
)
def test_headlines_shorten_money_with_one_decimal(language, minor, currency, written):
    with override(language):
        assert formats.short_money(minor, currency) == written


@given(st.integers(-(10**14), 10**14))
def test_short_money_never_shows_four_digits_before_its_scale(minor):
    with override("en"):
        text = formats.short_money(minor, "EUR").strip(MINUS + "€")
    if text[-1] in "KM":
        assert len(text[:-1].split(".")[0].replace(",", "")) <= 3


def test_unknown_is_a_dash_and_never_zero():
    for format_ in Format:
        assert formats.write(None, format_, "EUR") == formats.UNKNOWN
        assert formats.write_short(None, format_, "EUR") == formats.UNKNOWN


def test_dates_follow_the_reader():
    day = date(2026, 12, 31)
    with override("fr"):
        assert formats.day(day) == "31/12/2026"
        assert formats.long_day(day) == "31 décembre 2026"
    with override("en"):
        assert formats.day(day) == f"Dec{NBSP}31, 2026"


def test_an_instant_is_written_in_the_active_zone():
    at = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    with override("fr"), timezone.override("Europe/Paris"):
        assert formats.instant(at) == "01/01/2027 00:30"


def test_percentages_and_points_differ():
    with override("fr"):
        assert formats.percent(0.614) == f"61,4{THIN}%"
        assert formats.write_change(-0.021, Format.POINTS) == f"{MINUS}2,1{NBSP}pts"
    with override("en"):
        assert formats.percent(0.614) == "61.4%"
        assert formats.write_change(0.12, Format.PERCENT) == "+12.0%"


@pytest.mark.parametrize(
    ("number", "english", "french"),
    [(0, "0 days", "0 jour"), (1, "1 day", "1 jour"), (2, "2 days", "2 jours")],
)
def test_days_have_their_plural(number, english, french):
    with override("en"):
        assert formats.days(number) == english
    with override("fr"):
        assert formats.days(number) == french


def test_a_small_negative_number_is_not_minus_zero():
    with override("en"):
        assert formats.number(-0.4, 0) == "0"


def test_unit_prices_keep_up_to_four_decimals():
    with override("en"):
        assert formats.unit_price(12_345, "EUR") == f"1.2345{NBSP}€"
        assert formats.unit_price(10_000, "EUR") == f"1.00{NBSP}€"


@pytest.mark.parametrize(
    ("accepted", "shown"),
    [
        ("en-GB,en;q=0.9", "25\u00a0Nov 2026"),
        ("en-US,en;q=0.9", "Nov\u00a025, 2026"),
        ("en", "Nov\u00a025, 2026"),
        ("fr-FR,fr;q=0.9,en-AU;q=0.5", "25\u00a0Nov 2026"),
        ("", "Nov\u00a025, 2026"),
    ],
)
def test_english_dates_are_written_as_the_browsers_region_does(accepted, shown):
    with override("en"), formats.read_in(formats.region_of(accepted)):
        assert formats.day(date(2026, 11, 25)) == shown


@pytest.mark.parametrize(("currency", "sign"), [("GBP", "£"), ("USD", "$"), ("CAD", "$CA")])
def test_a_currency_has_its_own_sign_in_french(currency, sign):
    with override("fr"):
        assert formats.money(123_400, currency).endswith(f"\u00a0{sign}")
        assert formats.money(123_400, currency, 0).endswith(f"\u00a0{sign}")
        assert formats.short_money(260_000_000, currency).endswith(sign)
        assert formats.unit_of(Format.MONEY, currency=currency) == sign
