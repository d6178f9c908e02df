"""Reads what people type into typed values, and writes values as inputs show them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from perilune.kernel.errors import Invalid
from perilune.kernel.kinds import Field, FieldType, Scalar
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.money import UNIT_PRICE_SCALE, Money, minor_exponent

MINOR_TYPES = frozenset({FieldType.MONEY, FieldType.UNIT_PRICE})
"""Types kept as integers of a smaller unit than the one people type."""

_LARGEST = Decimal(10) ** 15
_SPACES = re.compile(r"[\s\u00a0\u202f]")
_TRUE = frozenset({"1", "true", "yes", "on", "oui", "vrai"})
_FALSE = frozenset({"0", "false", "no", "off", "non", "faux"})


def parse(
    field: Field, text: str, *, currency: str = "", zone: ZoneInfo, decimal_comma: bool = False
) -> Scalar:
    """Return the encoded value of what was typed for a field; None for nothing.

    Money in major units («1 234,56»), read in `currency`; dates as ISO; an instant in `zone`.
    decimal_comma says how a lone comma before three digits is meant. References come as ids.
    Raises Invalid with a sentence that says what was expected.
    """
    text = text.strip()
    if not text:
        return None
    if field.type in _WORDS:
        return _word(field, text)
    if field.type in MINOR_TYPES:
        amount = _decimal(text, decimal_comma)
        if field.type is FieldType.MONEY:
            return Money(amount, currency).minor()
        return int((amount * UNIT_PRICE_SCALE).to_integral_value())
    if field.type is FieldType.INSTANT:
        return _instant(text, zone)
    return _PLAIN[field.type](text, decimal_comma or field.is_small)


_WORDS = frozenset({FieldType.TEXT, FieldType.LONG_TEXT, FieldType.CHOICE})


def _word(field: Field, text: str) -> str:
    if field.type is FieldType.CHOICE and text not in dict(field.choices):
        raise Invalid(_("«%(text)s» is not one of the choices."), text=text)
    return text.replace("\x00", "")


def _decimal(text: str, decimal_comma: bool) -> Decimal:
    plain = _SPACES.sub("", text).replace("\u2212", "-").strip("€$£'")
    if "," in plain and "." in plain:
        thousands = "," if plain.rindex(".") > plain.rindex(",") else "."
        plain = plain.replace(thousands, "")
    elif re.fullmatch(r"-?\d{1,3}(,\d{3})+", plain) and not decimal_comma:
        plain = plain.replace(",", "")
    try:
        number = Decimal(plain.replace(",", "."))
    except InvalidOperation:
        raise Invalid(_("«%(text)s» is not a number."), text=text) from None
    if not number.is_finite() or abs(number) >= _LARGEST:
        raise Invalid(_("«%(text)s» is too large a number."), text=text)
    return number


def _integer(text: str, decimal_comma: bool) -> int:
    number = _decimal(text, decimal_comma)
    if number != number.to_integral_value():
        raise Invalid(_("«%(text)s» is not a whole number."), text=text)
    return int(number)


def _date(text: str, decimal_comma: bool) -> str:
    for pattern in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            found = datetime.strptime(text[:10], pattern).date()
        except ValueError:
            continue
        if 1900 <= found.year <= 2200:
            return found.isoformat()
    raise Invalid(_("«%(text)s» is not a date such as 2026-12-31."), text=text)


def _instant(text: str, zone: ZoneInfo) -> str:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(_("«%(text)s» is not a day and time."), text=text) from None
    return (at if at.tzinfo else at.replace(tzinfo=zone)).isoformat()


def _boolean(text: str, decimal_comma: bool) -> bool:
    if text.lower() in _TRUE | _FALSE:
        return text.lower() in _TRUE
    raise Invalid(_("«%(text)s» is neither yes nor no."), text=text)


_PLAIN: dict[FieldType, Callable[[str, bool], Scalar]] = {
    FieldType.INTEGER: _integer,
    FieldType.DECIMAL: lambda text, comma: float(_decimal(text, comma)),
    FieldType.DATE: _date,
    FieldType.BOOLEAN: _boolean,
    FieldType.REFERENCE: lambda text, comma: _integer(text.lstrip("#"), comma),
}


def show(field: Field, value: Scalar | date | datetime, *, currency: str, zone: ZoneInfo) -> str:
    """Return a value as an input takes it: the inverse of `parse`."""
    if value is None:
        return ""
    if field.type is FieldType.MONEY:
        return str(Decimal(int(str(value))).scaleb(-minor_exponent(currency)))
    if field.type is FieldType.UNIT_PRICE:
        return str((Decimal(int(str(value))) / UNIT_PRICE_SCALE).normalize().__format__("f"))
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%Y-%m-%dT%H:%M")
    if isinstance(value, bool) or (isinstance(value, float) and value.is_integer()):
        return str(int(value))
    return str(value)
