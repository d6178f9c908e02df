"""Numbers, money, dates and instants in the reader's language (CLDR through babel).

Unknown (None) is written «–», never zero. Spaces inside a number do not break.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import (
    format_currency,
    format_decimal,
    get_currency_symbol,
)
from django.utils import timezone
from django.utils.translation import get_language, gettext, ngettext

from perilune.kernel.money import UNIT_PRICE_SCALE, minor_exponent
from perilune.ui.contracts import Format

UNKNOWN = "–"
THIN = "\u202f"
MINUS = "\u2212"


@cache
def locale_of(language: str) -> Locale:
    """Return babel's locale of a Django language code; English where it has none."""
    return Locale.parse(language, sep="-") if language[:2] in ("fr", "en") else Locale("en")


_region: ContextVar[str] = ContextVar("region", default="")


@contextmanager
def read_in(region: str) -> Iterator[None]:
    """Write English as a region does: «GB» has 25 Nov 2026, the default Nov 25, 2026."""
    token = _region.set(region)
    try:
        yield
    finally:
        _region.reset(token)


def region_of(accepted: str) -> str:
    """Return «GB» where a browser's first English is written day first, «» elsewhere."""
    for part in accepted.split(","):
        tag = part.split(";")[0].strip().lower().replace("_", "-")
        if tag == "en" or tag.startswith("en-"):
            return "GB" if tag in _DAY_FIRST else ""
    return ""


_DAY_FIRST = frozenset({"en-gb", "en-ie", "en-au", "en-nz", "en-in", "en-za", "en-sg", "en-150"})


def active_locale() -> Locale:
    """Return the locale of the reader."""
    language = get_language() or "en"
    if language == "en" and _region.get():
        return locale_of(f"en-{_region.get()}")
    return locale_of(language)


def symbol_of(currency: str) -> str:
    """Return a currency's sign as the reader writes it: £ and $, not £GB and $US."""
    symbol = get_currency_symbol(currency, locale=active_locale())
    return _SHORT_SYMBOLS.get(symbol, symbol)


_SHORT_SYMBOLS = {"£GB": "£", "$US": "$", "US$": "$"}


def _short_symbols(text: str) -> str:
    for long, short in _SHORT_SYMBOLS.items():
        text = text.replace(long, short)
    return text


def _pattern(decimals: int) -> str:
    return "#,##0" + ("." + "0" * decimals if decimals else "")


def number(value: float | Decimal | None, decimals: int | None = None) -> str:
    """Write a number; decimals None gives up to two, without trailing zeros."""
    if value is None:
        return UNKNOWN
    if decimals == 0:
        value = round(value)  # so that -0.4 is 0, not -0
    pattern = "#,##0.##" if decimals is None else _pattern(decimals)
    return _minus(format_decimal(value, pattern, locale=active_locale()))


def percent(ratio: float | None, decimals: int = 1) -> str:
    """Write a ratio as a percentage: 0.614 gives 61.4% or 61,4 %."""
    if ratio is None:
        return UNKNOWN
    space = THIN if active_locale().language == "fr" else ""
    return number(ratio * 100, decimals) + space + "%"


def points(difference: float | None, decimals: int = 1) -> str:
    """Write a difference of ratios in percentage points."""
    if difference is None:
        return UNKNOWN
    # translators: percentage points
    text = gettext("%(number)s pts") % {"number": number(difference * 100, decimals)}
    return text.replace(" ", "\u00a0")


def major(minor: float, currency: str) -> Decimal:
    """Return minor units (cents) as an exact amount of the major unit."""
    return Decimal(minor).scaleb(-minor_exponent(currency))


def money(
    minor: float | None, currency: str, decimals: int | None = None, symbol: bool = True
) -> str:
    """Write an amount given in minor units: 123456 EUR gives €1,234.56 or 1 234,56 €."""
    if minor is None:
        return UNKNOWN
    amount = major(minor, currency)
    places = minor_exponent(currency) if decimals is None else decimals
    if not symbol or not currency:
        return number(amount, places)
    locale = active_locale()
    if places == minor_exponent(currency):
        return _short_symbols(_minus(format_currency(amount, currency, locale=locale)))
    template = str(locale.currency_formats["standard"].pattern)
    pattern = re.sub(r"#,##0\.00", _pattern(places), template)
    shown = format_currency(amount, currency, pattern, locale=locale, currency_digits=False)
    return _short_symbols(_minus(shown))


_STEPS = ((1_000_000_000, "B", "Md"), (1_000_000, "M", "M"), (1_000, "K", "k"))


def _short(value: float | Decimal, decimals: int) -> tuple[str, str]:
    """Return digits and scale: 2 982 255 gives («3.0», «M»); the decimals are the same in a row."""
    amount = Decimal(str(value))
    for size, english, french in _STEPS:
        # what rounds up to the next scale belongs there: 999 960 is 1.0 M, not 1000 K
        if abs(amount) >= size * Decimal("0.9995"):
            scaled = amount / size
            places = decimals if abs(scaled) < 100 else 0
            return number(scaled, places), french if active_locale().language == "fr" else english
    return number(amount, 0), ""


def short_money(minor: float | None, currency: str, decimals: int = 1) -> str:
    """Write an amount for a headline: €2.6M or 2,6 M€; under a thousand it is written whole."""
    if minor is None:
        return UNKNOWN
    digits, scale = _short(major(minor, currency), decimals)
    if not scale or not currency:
        return money(minor, currency, 0) if not scale else digits + scale
    symbol = symbol_of(currency)
    if active_locale().language == "fr":  # as finance writes it
        return f"{digits}\u00a0{scale}{symbol}"
    if symbol.isalpha():  # CHF 2.6M
        symbol += "\u00a0"
    return (MINUS if digits.startswith(MINUS) else "") + symbol + digits.lstrip(MINUS) + scale


def short_number(value: float | None) -> str:
    """Write a count for a headline: 12.4K or 12,4 k."""
    if value is None:
        return UNKNOWN
    if abs(value) < 10_000:
        return number(value, 0 if float(value).is_integer() else 1)
    digits, scale = _short(value, 1)
    return digits + ("\u00a0" if active_locale().language == "fr" else "") + scale


def unit_price(value: int | None, currency: str) -> str:
    """Write a unit price given in 1/10,000 of the major unit, with two to four decimals."""
    if value is None:
        return UNKNOWN
    amount = Decimal(value) / UNIT_PRICE_SCALE
    least = minor_exponent(currency)
    text = format_decimal(amount, f"#,##0.{'0' * least}{'#' * (4 - least)}", locale=active_locale())
    symbol = symbol_of(currency) if currency else ""
    return _minus(f"{text}\u00a0{symbol}".strip())


def day(value: date | str | None) -> str:
    """Write a calendar date: Dec 31, 2026 or 31/12/2026."""
    if not value:
        return UNKNOWN
    if isinstance(value, str):
        value = date.fromisoformat(value[:10])
    locale = active_locale()
    if locale.language == "fr":
        return str(format_skeleton("yMd", value, locale=locale))
    text = format_date(value, "medium", locale=locale)
    # the day and its month stay on one line
    return text.replace(" ", "\u00a0", 1)


def long_day(value: date | str | None) -> str:
    """Write a calendar date in words: December 31, 2026 or 31 décembre 2026."""
    if not value:
        return UNKNOWN
    if isinstance(value, str):
        value = date.fromisoformat(value[:10])
    return format_date(value, "long", locale=active_locale())


def month(value: date | None) -> str:
    """Write the month of a date: Jan 2027 or janv. 2027; a heading may break before the year."""
    return str(format_skeleton("yMMM", value, locale=active_locale())) if value else UNKNOWN


def instant(value: datetime | str | None) -> str:
    """Write an instant in the active time zone, to the minute."""
    if not value:
        return UNKNOWN
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if timezone.is_aware(value):
        value = timezone.localtime(value)
    return f"{day(value)} {value:%H:%M}"


def days(value: float | None, decimals: int = 0) -> str:
    """Write a number of days with its word."""
    if value is None:
        return UNKNOWN
    text = ngettext("%(number)s day", "%(number)s days", round(abs(value)))
    return text % {"number": number(value, decimals)}


def duration(seconds: float | None) -> str:
    """Write a span roughly, in its largest fitting unit: «12 s», «3 min», «5 h», «2 days»."""
    if seconds is None:
        return UNKNOWN
    if seconds < 90:
        return gettext("%(number)s s") % {"number": number(max(seconds, 0), 0)}
    if seconds < 90 * 60:
        return gettext("%(number)s min") % {"number": number(seconds / 60, 0)}
    if seconds < 36 * 3600:
        return gettext("%(number)s h") % {"number": number(seconds / 3600, 0)}
    return days(seconds / 86400)


def boolean(value: bool | None) -> str:
    """Write yes or no."""
    if value is None:
        return UNKNOWN
    return gettext("yes") if value else gettext("no")


def text(value: Any) -> str:
    """Write words as they are."""
    return UNKNOWN if value is None or value == "" else str(value)


def write(
    value: Any, format: Format, currency: str = "", decimals: int | None = None, unit: bool = True
) -> str:
    """Write a value of any format; without `unit` the header of its column says the unit."""
    if value is None or value == "":
        return UNKNOWN
    if isinstance(value, str) and format.is_number:
        return value  # a word in place of a number, such as «unknown»
    if format is Format.MONEY:
        return money(value, currency, decimals, symbol=unit)
    if format is Format.UNIT_PRICE:
        return unit_price(value, currency if unit else "")
    if format in (Format.PERCENT, Format.POINTS, Format.DAYS):
        return _measure(value, format, decimals, unit)
    return number(value, decimals) if format.is_number else _WRITERS.get(format, text)(value)


def _measure(value: float, format: Format, decimals: int | None, unit: bool) -> str:
    if format is Format.DAYS:
        return days(value, decimals or 0) if unit else number(value, decimals or 0)
    places = 1 if decimals is None else decimals
    if not unit:
        return number(value * 100, places)
    return percent(value, places) if format is Format.PERCENT else points(value, places)


def write_short(value: Any, format: Format, currency: str = "", decimals: int | None = None) -> str:
    """Write a value for a headline, where large amounts are shortened."""
    if value is None or isinstance(value, str):
        return text(value)
    if format is Format.MONEY:
        return short_money(value, currency, 1 if decimals is None else decimals)
    if format is Format.NUMBER and decimals is None:
        return short_number(value)
    return write(value, format, currency, decimals)


def write_change(value: float, format: Format, currency: str = "") -> str:
    """Write a difference with its sign; a ratio's difference is a percentage unless POINTS."""
    shown = write_short(abs(value), format, currency)
    return f"{'+' if value > 0 else MINUS if value < 0 else '±'}{shown}"


def unit_of(format: Format, unit: str = "", currency: str = "") -> str:
    """Return what a column's header says of its unit."""
    if unit:
        return unit
    if format in (Format.MONEY, Format.UNIT_PRICE):
        return symbol_of(currency) if currency else ""
    if format is Format.DAYS:
        return gettext("days")
    return {Format.PERCENT: "%", Format.POINTS: gettext("pts")}.get(format, "")


def _minus(text: str) -> str:
    """Replace the hyphen of a negative number by a minus sign as wide as the plus sign."""
    return text.replace("-", MINUS, 1)


_WRITERS: dict[Format, Callable[[Any], str]] = {
    Format.DATE: day,
    Format.INSTANT: instant,
    Format.BOOLEAN: boolean,
}
