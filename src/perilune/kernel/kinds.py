"""Kinds of record, declared as data.

A capability declares its kinds once in its `contracts`; everything generic (history, import
mapping, lists, record pages, exports, store tables) reads the declaration.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from perilune.kernel.errors import Invalid, NotFound


class FieldType(StrEnum):
    """How a field's value is typed; see `encode` for its form in history and in the store."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    CHOICE = "choice"
    INTEGER = "integer"
    DECIMAL = "decimal"  # a float: measures such as minutes or coordinates, never money
    MONEY = "money"  # integer minor units of the record's `currency` field
    UNIT_PRICE = "unit_price"  # integer 1/10,000 of the major unit
    DATE = "date"  # a calendar date, no zone
    INSTANT = "instant"  # UTC
    BOOLEAN = "boolean"
    REFERENCE = "reference"  # the id of a record of kind `target`


Scalar = str | int | float | bool | None
"""A value as history and JSON keep it: dates and instants as ISO text."""


@dataclass(frozen=True)
class Field:
    """One tracked field of a kind. `label` is an English msgid.

    bounds: the least and the greatest value of a number, both of them allowed.
    """

    name: str
    type: FieldType
    label: str
    target: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    is_required: bool = False
    is_listed: bool = False
    is_personal: bool = False
    bounds: tuple[float, float] | None = None

    @property
    def is_small(self) -> bool:
        """Tell whether no value reaches a thousand: a lone comma or point is then decimal."""
        return self.bounds is not None and max(map(abs, self.bounds)) < 1000

    def allows(self, value: float) -> bool:
        """Tell whether a number lies within the field's bounds; «not a number» never does."""
        return self.bounds is None or self.bounds[0] <= value <= self.bounds[1]


@dataclass(frozen=True)
class Kind:
    """One kind of record. model: a Django label. owner_field: the rep whom the gate asks for."""

    name: str
    model: str
    label: str
    label_plural: str
    fields: tuple[Field, ...]
    title_field: str = "name"
    owner_field: str = ""
    known_by: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """(date field, fields that this date proves): see «Nothing leaks backwards»."""
    once_by: tuple[str, ...] = ()
    """References that together have at most one record: a merge that would make two keeps one."""

    def field(self, name: str) -> Field:
        """Return a field by name; NotFound if the kind has none of that name."""
        for item in self.fields:
            if item.name == name:
                return item
        raise NotFound("%(kind)s has no field %(field)s.", kind=self.name, field=name)

    @property
    def field_names(self) -> tuple[str, ...]:
        """The names of all fields, in order of declaration."""
        return tuple(item.name for item in self.fields)


CUSTOM_PREFIX = "x_"
"""Custom fields are named `x_key`, in history, store and exports alike."""

_ACCEPTED: dict[FieldType, tuple[type, ...]] = {
    FieldType.TEXT: (str,),
    FieldType.LONG_TEXT: (str,),
    FieldType.CHOICE: (str,),
    FieldType.INTEGER: (int,),
    FieldType.DECIMAL: (float, int),
    FieldType.MONEY: (int,),
    FieldType.UNIT_PRICE: (int,),
    FieldType.DATE: (date, str),
    FieldType.INSTANT: (datetime, str),
    FieldType.BOOLEAN: (bool,),
    FieldType.REFERENCE: (int,),
}


def encode(field_type: FieldType, value: Any) -> Scalar:
    """Return the value as history keeps it; Invalid when it is not of the field's type."""
    if value is None or value == "":
        return None
    if isinstance(value, bool) != (field_type is FieldType.BOOLEAN) or not isinstance(
        value, _ACCEPTED[field_type]
    ):
        raise Invalid("%(value)s is not a %(type)s.", value=repr(value), type=field_type.value)
    return _WRITERS.get(field_type, _same)(value)


def _same(value: Any) -> Scalar:
    plain: Scalar = value
    return plain


def _day(value: date | str) -> str:
    return value[:10] if isinstance(value, str) else value.isoformat()[:10]


def _instant(value: datetime | str) -> str:
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return at.astimezone(UTC).isoformat()


_WRITERS: dict[FieldType, Callable[[Any], Scalar]] = {
    FieldType.DATE: _day,
    FieldType.INSTANT: _instant,
    FieldType.DECIMAL: float,
}


def decode(field_type: FieldType, value: Scalar) -> Any:
    """Return the Python value of what history keeps: the inverse of `encode`."""
    if value is None:
        return None
    if field_type is FieldType.DATE:
        return date.fromisoformat(str(value))
    if field_type is FieldType.INSTANT:
        return datetime.fromisoformat(str(value))
    return value


def by_name(kinds: Iterable[Kind]) -> dict[str, Kind]:
    """Return kinds keyed by name; Invalid on a name declared twice."""
    table: dict[str, Kind] = {}
    for kind in kinds:
        if kind.name in table:
            raise Invalid("The kind %(kind)s is declared twice.", kind=kind.name)
        table[kind.name] = kind
    return table
