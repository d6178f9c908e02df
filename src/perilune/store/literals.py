"""Turns parameter values into typed SQL literals: the only way a value enters a query."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from perilune.kernel.errors import Invalid

TYPE_NAMES = {
    "duckdb": {},
    "spark": {"VARCHAR": "STRING", "TIMESTAMP": "TIMESTAMP_NTZ", "INTEGER": "INT"},
}
_NO_ROWS = "SELECT NULL WHERE FALSE"


def type_name(type_: str, dialect: str) -> str:
    """Return a declared column type in a dialect's words."""
    return TYPE_NAMES[dialect].get(type_, type_)


def literal(value: Any, dialect: str) -> str:
    """Return SQL for a value, or for a collection of them as the inside of `IN (...)`.

    Raises Invalid on a type without a literal, on a number that is none, and on the NUL character.
    """
    if isinstance(value, list | tuple | set | frozenset):
        return _listed(value, dialect)
    for type_, write in _WRITERS:
        if isinstance(value, type_):
            return write(value, dialect)
    raise Invalid("A parameter cannot be a %(type)s.", type=type(value).__name__)


def _listed(values: Collection[Any], dialect: str) -> str:
    # an empty IN () is no SQL; an empty subquery is, and NOT IN of it is true, as it should be
    return ", ".join(literal(value, dialect) for value in values) or _NO_ROWS


def _integer(value: int, _: str) -> str:
    if not -(2**63) <= value < 2**63:
        raise Invalid("%(value)s is too large a number.", value=value)
    return str(value) if value >= 0 else f"({value})"  # a - -1 would be a comment without space


def _float(value: float, _: str) -> str:
    if not math.isfinite(value):
        raise Invalid("%(value)s is not a number that can be asked for.", value=value)
    return f"CAST('{value!r}' AS DOUBLE)"


def _decimal(value: Decimal, dialect: str) -> str:
    if not value.is_finite():
        raise Invalid("%(value)s is not a number that can be asked for.", value=value)
    scale = max(0, -int(value.as_tuple().exponent))
    return f"CAST('{value:f}' AS DECIMAL(38, {min(scale, 18)}))"


def _text(value: str, dialect: str) -> str:
    if "\x00" in value:
        raise Invalid("A text cannot hold the character NUL.")
    if dialect == "duckdb":  # where a quote is all that ends a text
        return "'" + value.replace("'", "''") + "'"
    from sqlglot import exp

    return exp.Literal.string(value).sql(dialect)


def _instant(value: datetime, dialect: str) -> str:
    naive = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    return f"CAST('{naive.isoformat(sep=' ')}' AS {type_name('TIMESTAMP', dialect)})"


def _day(value: date, _: str) -> str:
    return f"CAST('{value.isoformat()}' AS DATE)"


# in order: a bool is an int, a datetime is a date
_WRITERS: tuple[tuple[type, Callable[[Any, str], str]], ...] = (
    (type(None), lambda _value, _dialect: "NULL"),
    (bool, lambda value, _dialect: "TRUE" if value else "FALSE"),
    (int, _integer),
    (float, _float),
    (Decimal, _decimal),
    (str, _text),
    (datetime, _instant),
    (date, _day),
)
