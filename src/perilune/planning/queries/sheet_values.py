"""What a cell of a sheet says: an amount, a period of a plan's year; never a guess. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from perilune.kernel.calendar import FiscalCalendar, Period
from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.money import Money, minor_exponent

LARGEST = 10**15
"""Minor units of an amount of a plan."""
_BLANKS = dict.fromkeys(map(ord, " \u00a0\u202f\u2009'’"))
_SYMBOLS = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY"}
_MONTHS = (
    ("jan", "janv"), ("feb", "fev", "fevr"), ("mar", "mars"), ("apr", "avr"), ("may", "mai"),
    ("jun", "juin"), ("jul", "juil"), ("aug", "aou", "aout"), ("sep", "sept"), ("oct",),
    ("nov",), ("dec",),
)  # fmt: skip
_LONG = (
    ("january", "janvier"), ("february", "fevrier"), ("march",), ("april", "avril"), (), ("june",),
    ("july", "juillet"), ("august",), ("september", "septembre"), ("october", "octobre"),
    ("november", "novembre"), ("december", "decembre"),
)  # fmt: skip
_NAMED = {
    name: at for at, names in enumerate(zip(_MONTHS, _LONG, strict=True), 1)
    for group in names for name in group
}  # fmt: skip


def cell_name(row: int, column: int) -> str:
    """Return how a spreadsheet calls a place, both counted from 0: `C7`."""
    letters = ""
    left = column + 1
    while left:
        left, at = divmod(left - 1, 26)
        letters = chr(ord("A") + at) + letters
    return f"{letters}{row + 1}"


def folded(text: Any) -> str:
    """Return a text without accents, case and needless blanks, to compare names by."""
    bare = unicodedata.normalize("NFKD", str(text)).casefold()
    return " ".join("".join(c for c in bare if not unicodedata.combining(c)).split())


def is_blank(cell: Any) -> bool:
    """Tell whether a cell holds nothing."""
    return cell is None or (isinstance(cell, str) and not cell.translate(_BLANKS).strip())


def amount_in(cell: Any, currency: str) -> int | None:
    """Return the minor units of a cell, rounded to the cent; None for an empty one.

    Texts may have blanks between thousands, a decimal comma or point, and the currency. Invalid
    for a text that is no amount, one that can be read in two ways, and a negative amount.
    """
    if is_blank(cell):
        return None
    if isinstance(cell, bool) or not isinstance(cell, int | float | str):
        raise Invalid(_("“%(text)s” is not an amount."), text=str(cell)[:40])
    is_whole = isinstance(cell, float) and cell.is_integer()
    text = cell if isinstance(cell, str) else repr(int(cell) if is_whole else cell)
    plain = _plain(text, currency) if isinstance(cell, str) else text
    try:
        amount = Decimal(plain)
    except InvalidOperation:
        raise Invalid(_("“%(text)s” is not an amount."), text=text.strip()[:40]) from None
    if not amount.is_finite():
        raise Invalid(_("“%(text)s” is not an amount."), text=text.strip()[:40])
    if amount < 0:
        raise Invalid(_("“%(text)s” is negative: a target or quota is not."), text=text.strip())
    if amount.scaleb(minor_exponent(currency)) > LARGEST:
        raise Invalid(_("“%(text)s” is too large."), text=text.strip()[:40])
    return Money(amount, currency).minor()


def _plain(text: str, currency: str) -> str:
    """Return a typed amount with a point for the decimals and nothing between thousands."""
    bare = text.translate(_BLANKS).strip()
    for mark in (currency, *(s for s, code in _SYMBOLS.items() if code == currency)):
        bare = bare.removeprefix(mark).removesuffix(mark)
    if bare[:1] == "\N{MINUS SIGN}":
        bare = "-" + bare[1:]
    if re.fullmatch(r"-?\d{1,3}[.,]\d{3}", bare):
        raise Invalid(
            _("“%(text)s” can be read in two ways: write it without a mark between thousands."),
            text=text.strip(),
        )
    decimals = max(bare.rfind(","), bare.rfind("."))
    if decimals >= 0 and re.fullmatch(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?", bare):
        return bare.replace(",", "")
    if decimals >= 0 and re.fullmatch(r"-?\d{1,3}(?:\.\d{3})+(?:,\d+)?", bare):
        return bare.replace(".", "").replace(",", ".")
    if re.fullmatch(r"-?\d+(?:[.,]\d+)?", bare):
        return bare.replace(",", ".")
    return "?"


def months_in(cell: Any, calendar: FiscalCalendar, year: int) -> Sequence[int]:
    """Return the months of a plan's year, from 1, that a cell means.

    A day means its month; 2027-03, 03/2027, March 2027, «mars 2027», 2027-Q1 and 2027 are read, a
    number from 1 to 12 is the fiscal month. Invalid for what is no period, or not of the year.
    """
    months = calendar.months(year)
    if isinstance(cell, date):
        return _within(cell, months, str(cell)[:10], year)
    if isinstance(cell, int | float) and not isinstance(cell, bool) and float(cell).is_integer():
        cell = str(int(cell))
    text = folded(cell)
    if text.isdecimal() and 1 <= int(text) <= len(months):
        return (int(text),)
    day = _day_of(text, months)
    if day is not None:
        return _within(day, months, str(cell), year)
    try:
        period = calendar.parse(text.replace("t", "q") if re.match(r"\d{4}-t\d", text) else text)
    except Invalid:
        raise Invalid(
            _("“%(text)s” is not a period such as 2027-03, 2027-Q1 or March 2027."),
            text=str(cell)[:40],
        ) from None
    found = tuple(
        at for at, m in enumerate(months, 1) if m.start >= period.start and m.end <= period.end
    )
    if not found or period.start < months[0].start or period.end > months[-1].end:
        raise Invalid(
            _("“%(text)s” is not a month or longer of %(year)s."), text=str(cell), year=year
        )
    return found


def _day_of(text: str, months: Sequence[Period]) -> date | None:
    """Return a day in the month of «03/2027», «march 2027», «2027-03-15», else None."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d(?: .*)?", text):
        with suppress(ValueError):
            return date.fromisoformat(text[:10])
    elif found := re.fullmatch(r"(\d{1,2})[/.-](\d{4})", text):
        with suppress(ValueError):
            return date(int(found[2]), int(found[1]), 15)
    elif (found := re.fullmatch(r"([a-z]+)\.?(?:[ -](\d{4}))?", text)) and found[1] in _NAMED:
        years = {m.start.year for m in months} | {m.end.year for m in months}
        named = {int(found[2])} if found[2] else years
        days = [date(year, _NAMED[found[1]], 15) for year in sorted(named)]
        inside = [day for day in days if months[0].start <= day <= months[-1].end]
        return (inside or days)[0]
    return None


def _within(day: date, months: Sequence[Period], text: str, year: int) -> Sequence[int]:
    bare = day if type(day) is date else date(day.year, day.month, day.day)
    for at, month in enumerate(months, 1):
        if bare in month:
            return (at,)
    raise Invalid(_("“%(text)s” is not a month or longer of %(year)s."), text=text, year=year)
