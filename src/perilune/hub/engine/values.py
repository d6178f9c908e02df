"""Reading numbers, dates and yes-or-no as people and programs write them.

What a column's values are (decimal comma, day before month) is decided from all of its evidence.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation

DAY_FIRST, MONTH_FIRST = "day_first", "month_first"
YES = frozenset({"true", "yes", "y", "1", "oui", "o", "vrai", "x", "on", "wahr", "ja", "si", "sí"})
NO = frozenset({"false", "no", "n", "0", "non", "faux", "off", "falsch", "nein"})

_PLAIN = re.compile(r"^-?\d+(?:\.\d+)?$")
_JUNK = re.compile(
    r"[\s\u00a0\u202f'’_]|[$€£¥₣%]|\b(?:EUR|USD|GBP|CHF|CAD|AUD|JPY|SEK|NOK|DKK|PLN)\b", re.I
)
_GROUPS_COMMA = re.compile(r"^\d{1,3}(?:,\d{3})+$")
_GROUPS_DOT = re.compile(r"^\d{1,3}(?:\.\d{3})+$")
_ISO = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]+(.+))?$")
_COMPACT = re.compile(r"^(19|20|21)(\d{2})(\d{2})(\d{2})$")
_NUMERIC = re.compile(r"^(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})(?:,?[T ]+(.+))?$")
_DAY_NAME = re.compile(
    r"^(\d{1,2})(?:er|st|nd|rd|th)?[ \-.]+([^\W\d]+)\.?[ \-,.]+(\d{4})(?:,? (.+))?$"
)
_NAME_DAY = re.compile(r"^([^\W\d]+)\.? +(\d{1,2})(?:st|nd|rd|th)?,? +(\d{4})(?:,? (.+))?$")
_TIME = re.compile(
    r"^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(am|pm)?\s*(z|utc|[+-]\d{2}:?\d{2})?$",
    re.I,
)
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january janv janvier", "feb february fevr fev fevrier", "mar march mars",
            "apr april avr avril", "may mai", "jun june juin", "jul july juil juillet",
            "aug august aout", "sep sept september septembre", "oct october octobre",
            "nov november novembre", "dec december decembre",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_SERIAL_START = date(1899, 12, 30)


def fold(text: str) -> str:
    """Return a text without accents, in lower case, single-spaced: what names are compared by."""
    plain = unicodedata.normalize("NFKD", text)
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).casefold().split())


# -- numbers -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class DecimalEvidence:
    """Which sign a column's numbers use for decimals; `is_assumed` when no value decides it."""

    decimal: str
    is_assumed: bool


def bare_number(text: str) -> tuple[str, bool]:
    """Return a number's digits and separators, and whether it is negative."""
    text = _JUNK.sub("", text.strip())
    negative = False
    if text.startswith("(") and text.endswith(")"):
        text, negative = text[1:-1], True
    if text.endswith("-"):
        text, negative = text[:-1], not negative
    if text.startswith(("-", "\u2212")):
        text, negative = text[1:], not negative
    return text.removeprefix("+"), negative


def decimal_of(  # noqa: C901  # one branch for each way a number can tell
    values: Iterable[str], *, delimiter: str = ","
) -> DecimalEvidence:
    """Decide between 1,234.5 and 1.234,5 from every value; a single group of three stays open.

    When nothing decides, a comma before three digits groups thousands, and so does a dot in a file
    whose delimiter is a semicolon (where the comma is the decimal sign).
    """
    comma = dot = is_open = 0
    for value in values:
        if _PLAIN.match(value) and not _GROUPS_DOT.match(value):
            dot += "." in value
            continue
        bare, _ = bare_number(value)
        last_comma, last_dot = bare.rfind(","), bare.rfind(".")
        if last_comma >= 0 and last_dot >= 0:
            comma, dot = comma + (last_comma > last_dot), dot + (last_dot > last_comma)
        elif last_comma >= 0 and not _GROUPS_COMMA.match(bare):
            comma += 1
        elif (last_dot >= 0 and not _GROUPS_DOT.match(bare)) or bare.count(",") > 1:
            dot += 1
        elif bare.count(".") > 1:
            comma += 1
        elif last_comma >= 0 or last_dot >= 0:
            is_open += 1
    if comma != dot:
        return DecimalEvidence("," if comma > dot else ".", is_assumed=False)
    return DecimalEvidence("," if delimiter == ";" else ".", is_assumed=bool(is_open or comma))


def parse_number(text: str, decimal: str = ".") -> Decimal | None:
    """Return the number of a text, or None when it is none."""
    if decimal == "." and _PLAIN.match(text):
        return Decimal(text)
    bare, negative = bare_number(text)
    bare = bare.replace("." if decimal == "," else ",", "").replace(decimal, ".")
    if not bare or (not bare[0].isdigit() and bare[0] != "."):
        return None
    try:
        number = Decimal(bare)
    except InvalidOperation:
        return None
    return (-number if negative else number) if number.is_finite() else None


# -- dates -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DateEvidence:
    """Whether a column writes the day or the month first; `is_assumed` when no value decides it."""

    order: str
    is_assumed: bool


def order_evidence(text: str) -> str:
    """Return which order this one value proves, or an empty text."""
    found = _NUMERIC.match(text.strip())
    if not found:
        return ""
    first, second = int(found[1]), int(found[2])
    if first > 12 >= second:
        return DAY_FIRST
    return MONTH_FIRST if second > 12 >= first else ""


def order_of(values: Iterable[str], *, default: str = DAY_FIRST) -> DateEvidence:
    """Decide between day-first and month-first from every value of a column."""
    votes = {DAY_FIRST: 0, MONTH_FIRST: 0}
    is_open = False
    for value in values:
        proof = order_evidence(value)
        if proof:
            votes[proof] += 1
        elif "." not in value and _NUMERIC.match(value.strip()):
            is_open = True
    day, month = votes[DAY_FIRST], votes[MONTH_FIRST]
    if day == month:
        return DateEvidence(default, is_assumed=is_open)
    return DateEvidence(DAY_FIRST if day > month else MONTH_FIRST, is_assumed=False)


class BadDate(ValueError):
    """A text that is no date (`is_shape` false) or names a day that does not exist (true)."""

    def __init__(self, *, is_shape: bool) -> None:
        super().__init__()
        self.is_shape = is_shape


def parse_date(text: str, order: str = DAY_FIRST) -> date | datetime:
    """Return the day of a text, or the instant where it also has a time (naive without an offset).

    Reads ISO, day or month first, English and French month names, compact digits, spreadsheet
    serial numbers and milliseconds since 1970. BadDate otherwise.
    """
    text = text.strip()
    if text.isdigit():
        return _digits(text)
    for pattern, read in (
        (_ISO, lambda m: (m[1], m[2], m[3], m[4])),
        (_NUMERIC, lambda m: _numeric(m[1], m[2], m[3], m[4], order)),
        (_DAY_NAME, lambda m: (m[3], _month(m[2]), m[1], m[4])),
        (_NAME_DAY, lambda m: (m[3], _month(m[1]), m[2], m[4])),
    ):
        found = pattern.match(text)
        if found:
            return _made(*read(found))
    raise BadDate(is_shape=False)


def _numeric(
    first: str, second: str, year: str, time: str | None, order: str
) -> tuple[str, str, str, str | None]:
    day, month = (first, second) if order == DAY_FIRST else (second, first)
    if len(year) == 2:
        year = ("20" if int(year) < 70 else "19") + year
    return year, month, day, time


def _month(name: str) -> str:
    number = _MONTHS.get(fold(name))
    if number is None:
        raise BadDate(is_shape=False)
    return str(number)


def _made(year: str, month: str, day: str, time: str | None) -> date | datetime:
    try:
        when = date(int(year), int(month), int(day))
    except ValueError:
        raise BadDate(is_shape=True) from None
    return when if not time else _timed(when, time)


def _timed(day: date, text: str) -> datetime:
    found = _TIME.match(text.strip())
    if not found:
        raise BadDate(is_shape=False)
    hour, half, offset = int(found[1]), (found[5] or "").lower(), (found[6] or "").upper()
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    micro = int((found[4] or "0")[:6].ljust(6, "0"))
    try:
        at = datetime(day.year, day.month, day.day, hour, int(found[2]), int(found[3] or 0), micro)
    except ValueError:
        raise BadDate(is_shape=True) from None
    if not offset:
        return at
    if offset in {"Z", "UTC"}:
        return at.replace(tzinfo=UTC)
    return datetime.fromisoformat(at.isoformat() + offset[:3] + ":" + offset[-2:])


def _digits(text: str) -> date | datetime:
    compact = _COMPACT.match(text)
    if compact:
        return _made(compact[1] + compact[2], compact[3], compact[4], None)
    if len(text) == 5:
        return _SERIAL_START + timedelta(days=int(text))
    if len(text) in {12, 13}:
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    raise BadDate(is_shape=False)
