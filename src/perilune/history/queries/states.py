"""States: a record's values as known at any instant, from the change sets that count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby, islice
from typing import Any

import orjson
from django.db.models import Q, QuerySet

from perilune.history.contracts import CREATION, SEVERAL, to_us
from perilune.history.engine.replay import Row, state
from perilune.history.models import Change, ChangeSet
from perilune.history.queries.fields import all_fields
from perilune.kernel.kinds import decode

BATCH = 20_000
IDS_PER_QUERY = 500  # SQLite takes at most 999 variables in a statement of old builds


def state_as_of(
    kind: str, record_id: int, at: datetime | None = None, recorded_by: datetime | None = None
) -> dict[str, Any] | None:
    """Return a record's decoded values as known at an instant (None: all that is known), with `id`.

    recorded_by asks what this installation held then. None when the record was not there.
    """
    return states_as_of(kind, [record_id], at, recorded_by).get(record_id)


def states_as_of(
    kind: str,
    ids: Sequence[int] | None,
    at: datetime | None = None,
    recorded_by: datetime | None = None,
) -> dict[int, dict[str, Any]]:
    """Return decoded values of records (None: all of the kind) as known at an instant, by id."""
    types = {item.name: item.type for item in all_fields(kind)}
    found = {}
    for record_id, rows in groupby(
        change_rows(kind, ids, at, recorded_by), key=lambda row: row.record_id
    ):
        values = state(rows)
        if values is not None:
            found[record_id] = (
                {"id": record_id}
                | dict.fromkeys(types)
                | {
                    name: decode(types[name], value)
                    for name, value in values.items()
                    if name in types
                }
            )
    return found


def raw_states(kind: str, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return the encoded values of records as they stand, by id: what a change is compared with."""
    found = {}
    standing = change_rows(kind, ids, None, None)
    for record_id, rows in groupby(standing, key=lambda row: row.record_id):
        values = state(rows)
        if values is not None:
            found[record_id] = values
    return found


def field_times(kind: str, ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """Return since when each field of records has the value that stands, in microseconds UTC."""
    found: dict[int, dict[str, int]] = {record_id: {} for record_id in ids}
    for row in change_rows(kind, ids, None, None):
        for name in written_by(row.field, row.new):
            found[row.record_id][name] = row.known_us
    return found


def written_by(name: str, new: str | None) -> dict[str, Any]:
    """Return the fields that a stored row writes, with their new values."""
    value = orjson.loads(new) if new is not None else None
    return dict(value or {}) if name in (CREATION, SEVERAL) else {name: value}


def change_rows(
    kind: str, ids: Sequence[int] | None, at: datetime | None, recorded_by: datetime | None
) -> Iterator[Row]:
    """Give the rows that count of records (None: all of the kind), by record, then as known."""
    changes = visible(Change.objects.filter(kind=kind), recorded_by)
    if at is not None:
        changes = changes.filter(known_us__lte=to_us(at))
    ordered = changes.order_by("record_id", "known_us", "id").values_list(
        "record_id", "known_us", "field", "new"
    )
    if ids is None:
        yield from map(Row._make, ordered.iterator(chunk_size=BATCH))
        return
    sorted_ids = iter(sorted(set(ids)))
    while some := list(islice(sorted_ids, IDS_PER_QUERY)):
        yield from map(Row._make, ordered.filter(record_id__in=some))


def said_rows(
    kind: str, ids: Sequence[int]
) -> dict[int, list[tuple[int, str, dict[str, Any], str]]]:
    """Return the rows that count of records, by id: (known_us, field, new values, source).

    In order of time and writing; a row of several fields has all of them in its new values.
    """
    found: dict[int, list[tuple[int, str, dict[str, Any], str]]] = {}
    changes = visible(Change.objects.filter(kind=kind), None)
    ordered = changes.order_by("record_id", "known_us", "id").values_list(
        "record_id", "known_us", "field", "new", "change_set__source"
    )
    for some in chunks(sorted(set(ids))):
        for record_id, us, name, new, source in ordered.filter(record_id__in=some):
            value = orjson.loads(new) if new is not None else None
            values = (value or {}) if name in (CREATION, SEVERAL) else {name: value}
            found.setdefault(record_id, []).append((us, name, values, source))
    return found


def hidden_sets(*, recorded_by: datetime | None = None, also: int | None = None) -> list[int]:
    """Return the ids of change sets that do not count: unfinished (but for `also`) or retracted.

    recorded_by asks which did not count for this installation at that instant.
    """
    if recorded_by is None:
        hidden = ChangeSet.objects.filter(Q(completed_us=None) | Q(retracted_us__isnull=False))
    else:
        then = to_us(recorded_by)
        hidden = ChangeSet.objects.filter(
            Q(completed_us=None) | Q(completed_us__gt=then) | Q(retracted_us__lte=then)
        )
    return [found for found in hidden.values_list("id", flat=True) if found != also]


def visible(changes: QuerySet[Change], recorded_by: datetime | None) -> QuerySet[Change]:
    """Cut change rows to those of sets that count (now, or as this installation stood then)."""
    hidden = hidden_sets(recorded_by=recorded_by)
    return changes.exclude(change_set_id__in=hidden) if hidden else changes


def chunks(items: Iterable[Any]) -> Iterator[list[Any]]:
    """Give items in lists that fit into one statement."""
    rest = iter(items)
    while some := list(islice(rest, IDS_PER_QUERY)):
        yield some
