"""The store's tables: what was touched since a cursor, and every version of a record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any

from django.db.models import Min

from perilune.history.contracts import to_us
from perilune.history.engine.replay import versions
from perilune.history.models import Change, SetEvent
from perilune.history.queries.fields import all_fields
from perilune.history.queries.states import BATCH, change_rows
from perilune.kernel.kinds import FieldType
from perilune.kernel.memo import remember
from perilune.kernel.wiring import KINDS, Columns, StoreTable

FOREVER_US = to_us(datetime.fromisoformat("9999-12-31T00:00:00+00:00"))
_MANY = 50_000  # touched records, from which on a rebuild is cheaper

_DUCKDB_TYPES = {
    FieldType.TEXT: "VARCHAR",
    FieldType.LONG_TEXT: "VARCHAR",
    FieldType.CHOICE: "VARCHAR",
    FieldType.INTEGER: "BIGINT",
    FieldType.DECIMAL: "DOUBLE",
    FieldType.MONEY: "BIGINT",
    FieldType.UNIT_PRICE: "BIGINT",
    FieldType.DATE: "DATE",
    FieldType.INSTANT: "TIMESTAMP",
    FieldType.BOOLEAN: "BOOLEAN",
    FieldType.REFERENCE: "BIGINT",
}


def last_event() -> int:
    """Return the number of the latest set event: what a store that is up to date has seen."""
    return remember("last event", _last_event)


def _last_event() -> int:
    return SetEvent.objects.order_by("-number").values_list("number", flat=True).first() or 0


def touched(kind: str, cursor: int) -> tuple[list[int] | None, int]:
    """Return the records that sets touched which came or went after a cursor, and the new cursor.

    None instead of the records means that a rebuild is cheaper.
    """
    number = last_event()
    if cursor == 0 or cursor > number:  # nothing yet, or a store of other records
        return None, number
    if cursor == number:
        return [], number
    sets = SetEvent.objects.filter(number__gt=cursor, number__lte=number).values_list(
        "change_set_id", flat=True
    )
    changes = Change.objects.filter(kind=kind, change_set_id__in=list(sets))
    ids = list(changes.values_list("record_id", flat=True).distinct()[: _MANY + 1])
    return (None if len(ids) > _MANY else ids), number


def set_events(after: int, limit: int = 200) -> list[tuple[int, int, bool]]:
    """Return (number, change set, whether it was retracted) of what came or went, in order.

    Numbers are given in the transaction that completes a set, one at a time: none comes late.
    """
    found = SetEvent.objects.filter(number__gt=after).order_by("number")[:limit]
    rows = list(found.values_list("number", "change_set_id"))
    first = dict(
        SetEvent.objects.filter(change_set__in=[set_id for _n, set_id in rows])
        .values_list("change_set")
        .annotate(first=Min("number"))
    )
    return [(number, set_id, number != first[set_id]) for number, set_id in rows]


def store_table(kind_name: str, *, parent: tuple[str, str] = ("", "")) -> StoreTable:
    """Return the declaration of a kind's `<kind>_version` table for the store.

    parent: (kind, reference field) whose visibility decides where the kind has no owner of its own.
    """
    return StoreTable(
        name=f"{kind_name}_version",
        columns=lambda: _columns(kind_name),
        touched=lambda cursor: touched(kind_name, cursor),
        rows=lambda ids: version_batches(kind_name, ids),
        owner_column=KINDS.get(kind_name).owner_field,
        kind=kind_name,
        parent=parent,
    )


def _columns(kind_name: str) -> Columns:
    fields = all_fields(kind_name)
    return (
        ("id", "BIGINT"),
        ("valid_from", "TIMESTAMP"),
        ("valid_to", "TIMESTAMP"),
        *((item.name, _DUCKDB_TYPES[item.type]) for item in fields),
    )


def version_batches(kind: str, ids: Sequence[int] | None) -> Iterator[list[tuple[Any, ...]]]:
    """Give batches of version rows (id, valid_from, valid_to, fields…), times in microseconds."""
    reads: list[tuple[str, Callable[[Any], Any] | None]] = [
        (item.name, _reader(item.type)) for item in all_fields(kind)
    ]
    rows = (
        (
            version.record_id,
            version.valid_from,
            FOREVER_US if version.valid_to is None else version.valid_to,
            *(
                read(value) if read and value is not None else value
                for name, read in reads
                for value in (version.values.get(name),)
            ),
        )
        for version in versions(change_rows(kind, ids, None, None))
    )
    while batch := list(islice(rows, BATCH)):
        yield batch


def _reader(field_type: FieldType) -> Callable[[Any], Any] | None:
    if field_type is FieldType.DATE:
        return _Memo(date.fromisoformat).__getitem__
    if field_type is FieldType.INSTANT:
        return lambda text: to_us(datetime.fromisoformat(text))
    return None


class _Memo(dict[str, date]):
    """A dictionary that reads a text once: dates repeat by the thousand."""

    def __init__(self, read: Callable[[str], date]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, text: str) -> date:
        value = self[text] = self._read(text)
        return value
