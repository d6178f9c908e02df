"""Values of any system as texts, and what its columns say of a row: when, which number, gone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LARGEST = 2**57
"""The largest number that a growing number may have: it is kept as so many microseconds."""

_DIGESTS = 2**50
_MILLIS_FROM = 10**11
"""Seconds since 1970 reach this in the year 5138: larger numbers are milliseconds."""

_1990, _9999 = 631_152_000, 253_402_300_799

_NO = frozenset({"", "0", "0.0", "f", "false", "n", "no", "non", "none", "null"})


class Says(Enum):
    """How a column says when: an instant, a day, an ISO text, (milli)seconds of 1970, a number."""

    INSTANT = "instant"
    DAY = "day"
    TEXT = "text"
    EPOCH = "epoch"
    MILLIS = "millis"
    NUMBER = "number"


def _decimal(value: Decimal) -> str:
    return format(value, "f") if value.is_finite() else ""


def _float(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _parts(value: Iterable[Any]) -> str:
    return "; ".join(text_of(one) for one in value)


def _nested(value: dict[Any, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, default=str, sort_keys=True)


_TEXTS: dict[type, Callable[[Any], str]] = {
    type(None): lambda _value: "", str: lambda value: value.replace("\x00", ""), int: str,
    bool: lambda value: "true" if value else "false", float: _float, Decimal: _decimal,
    datetime: datetime.isoformat, date: date.isoformat, time: time.isoformat,
    bytes: lambda _value: "", bytearray: lambda _value: "", memoryview: lambda _value: "",
    list: _parts, tuple: _parts, set: _parts, dict: _nested,
}  # fmt: skip


def text_of(value: Any) -> str:
    """Return a value as a text: ISO dates, plain numbers, true and false, "" for nothing."""
    return _TEXTS.get(type(value), str)(value)


def instant_of(value: Any) -> datetime | None:
    """Return the instant that a value tells, None for nothing; ValueError where it tells none.

    What names no zone is UTC; a day begins at its midnight; numbers are seconds since 1970, or
    milliseconds where seconds would lie behind the year 5000.
    """
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, bool):
        raise ValueError(value)
    if isinstance(value, int | float | Decimal):
        number = float(value)
        if abs(number) >= _MILLIS_FROM:
            number /= 1000
        return EPOCH + timedelta(seconds=number)
    found = datetime.fromisoformat(str(value).strip())
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def says_of(values: Iterable[Any]) -> Says | None:
    """Return how the values of a column say when a row changed; None where they do not.

    Whole numbers below those of 1990 in seconds are a growing number; texts must be ISO.
    """
    found = [one for one in values if one not in (None, "")]
    if any(isinstance(one, bool) for one in found):
        return None
    if all(isinstance(one, datetime) for one in found):
        return Says.INSTANT
    if all(isinstance(one, date) for one in found):
        return Says.DAY
    if all(isinstance(one, int | float | Decimal) for one in found):
        return _of_numbers([float(one) for one in found])
    try:
        for one in found:
            instant_of(one)
    except (ValueError, OverflowError):
        return None
    is_day = all(len(str(one).strip()) == len("2026-01-05") for one in found)
    return Says.DAY if is_day else Says.TEXT


def _of_numbers(found: list[float]) -> Says | None:
    if all(_1990 * 1000 <= one < _9999 * 1000 for one in found):
        return Says.MILLIS
    if all(_1990 <= one < _MILLIS_FROM for one in found):
        return Says.EPOCH
    return Says.NUMBER if all(one.is_integer() and one >= 0 for one in found) else None


def number_us(value: Any) -> int:
    """Return a growing number as microseconds; ValueError where it is none or too large."""
    number = int(value)
    if not 0 <= number < LARGEST or number != Decimal(str(value)):
        raise ValueError(value)
    return number


def digest_us(cells: Iterable[str]) -> int:
    """Return a checksum of a row's texts, in microseconds of before 2006: it is no time."""
    body = "\x1f".join(cells).encode("utf-8", "replace")
    number = int.from_bytes(hashlib.blake2b(body, digest_size=8).digest(), "big")
    return 1 + number % (_DIGESTS - 1)


def stamp_us(value: Any, says: Says) -> int:
    """Return what a column says of a row's last change in microseconds, 0 for nothing.

    ValueError where it says nothing of the kind.
    """
    if value is None or value == "":
        return 0
    if says is Says.NUMBER:
        return number_us(value)
    found = instant_of(value)
    return 0 if found is None else max(0, (found - EPOCH) // timedelta(microseconds=1))


def is_true(value: Any) -> bool:
    """Tell whether the value of a flag, or of an instant of deletion, says that a row is gone."""
    return text_of(value).strip().lower() not in _NO
