"""Reads of the history: a record's state at any instant, its timeline, identities, store tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import groupby, islice
from typing import Any

import orjson
from django.apps import apps
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Lower

from perilune.history.contracts import CREATION, SEVERAL, Event, SetInfo, from_us, to_us
from perilune.history.engine.replay import Row, state, versions
from perilune.history.models import Change, ChangeSet, CustomField, Identity, Record, SetEvent
from perilune.kernel.kinds import CUSTOM_PREFIX, Field, FieldType, Kind, decode
from perilune.kernel.memo import remember
from perilune.kernel.wiring import KINDS, Columns, StoreTable

FOREVER_US = to_us(datetime.fromisoformat("9999-12-31T00:00:00+00:00"))
_BATCH = 20_000
_IDS_PER_QUERY = 500  # SQLite takes at most 999 variables in a statement of old builds
_MANY = 50_000

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


# -- fields ------------------------------------------------------------------------------------


def custom_fields(kind: str) -> tuple[Field, ...]:
    """Return the company's own fields of a kind, named `x_key`, in their order."""
    return remember(("fields", kind), lambda: _custom_fields(kind))


def _custom_fields(kind: str) -> tuple[Field, ...]:
    rows = CustomField.objects.filter(kind=kind).order_by("position", "id")
    return tuple(
        Field(
            CUSTOM_PREFIX + row.key,
            FieldType(row.type),
            row.label,
            choices=tuple((value, label) for value, label in row.choices),
        )
        for row in rows
    )


def all_fields(kind: str) -> tuple[Field, ...]:
    """Return the declared fields of a kind and then the company's own."""
    return KINDS.get(kind).fields + custom_fields(kind)


def model_of(kind: Kind) -> type[Record]:
    """Return the record table of a kind."""
    model = apps.get_app_config(kind.model.split(".")[0]).get_model(kind.model.split(".")[1])
    if not issubclass(model, Record):
        raise TypeError(f"{kind.model} is not a record table")
    return model


# -- states ------------------------------------------------------------------------------------


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
        _rows(kind, ids, at, recorded_by), key=lambda row: row.record_id
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
    for record_id, rows in groupby(_rows(kind, ids, None, None), key=lambda row: row.record_id):
        values = state(rows)
        if values is not None:
            found[record_id] = values
    return found


def _rows(
    kind: str, ids: Sequence[int] | None, at: datetime | None, recorded_by: datetime | None
) -> Iterator[Row]:
    changes = _visible(Change.objects.filter(kind=kind), recorded_by)
    if at is not None:
        changes = changes.filter(known_us__lte=to_us(at))
    ordered = changes.order_by("record_id", "known_us", "id").values_list(
        "record_id", "known_us", "field", "new"
    )
    if ids is None:
        yield from map(Row._make, ordered.iterator(chunk_size=_BATCH))
        return
    sorted_ids = iter(sorted(set(ids)))
    while some := list(islice(sorted_ids, _IDS_PER_QUERY)):
        yield from map(Row._make, ordered.filter(record_id__in=some))


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


def _visible(changes: QuerySet[Change], recorded_by: datetime | None) -> QuerySet[Change]:
    hidden = hidden_sets(recorded_by=recorded_by)
    return changes.exclude(change_set_id__in=hidden) if hidden else changes


# -- audit -------------------------------------------------------------------------------------


def timeline(
    kind: str, record_id: int, until: datetime | None = None, *, with_retracted: bool = False
) -> list[Event]:
    """Return what happened to a record, latest first; retracted sets only on demand (audit)."""
    changes = Change.objects.filter(
        kind=kind, record_id=record_id, change_set__completed_us__isnull=False
    )
    if not with_retracted:
        changes = changes.filter(change_set__retracted_us=None)
    if until is not None:
        changes = changes.filter(known_us__lte=to_us(until))
    types = {item.name: item.type for item in all_fields(kind)}
    ordered = changes.select_related("change_set").order_by("-known_us", "-id")
    return [event for change in ordered for event in _events(change, types)]


def events_of_set(change_set_id: int, limit: int = 1000) -> list[Event]:
    """Return the rows of one set in order of writing, up to a limit."""
    rows = Change.objects.filter(change_set_id=change_set_id).select_related("change_set")
    types = {kind.name: {item.name: item.type for item in all_fields(kind.name)} for kind in KINDS}
    ordered = rows.order_by("id")[:limit]
    return [event for change in ordered for event in _events(change, types[change.kind])]


def _events(change: Change, types: dict[str, FieldType]) -> Iterator[Event]:
    """Give a row's event, or one for each field of a row that holds several."""
    where = change.change_set
    old, new = _loaded(change.old), _loaded(change.new)
    several = change.field == SEVERAL
    for name in new if several else (change.field,):
        yield Event(
            id=change.id,
            change_set_id=where.id,
            kind=change.kind,
            record_id=change.record_id,
            known_at=from_us(change.known_us),
            recorded_at=from_us(where.recorded_us),
            actor=where.actor,
            source=where.source,
            purpose=where.purpose,
            title=where.title,
            field=name,
            old=_decoded(name, old[name] if several else old, types),
            new=_decoded(name, new[name] if several else new, types),
        )


def _loaded(text: str | None) -> Any:
    return orjson.loads(text) if text is not None else None


def _decoded(name: str, value: Any, types: dict[str, FieldType]) -> Any:
    if name == CREATION and isinstance(value, dict):
        return {
            key: decode(types[key], item) if key in types else item for key, item in value.items()
        }
    return decode(types[name], value) if name in types else value


def recent_sets(limit: int = 50, purpose: str = "") -> list[SetInfo]:
    """Return the latest change sets, newest first, with the number of their rows."""
    sets = ChangeSet.objects.order_by("-id")
    chosen = list((sets.filter(purpose=purpose) if purpose else sets)[:limit])
    counts = dict(
        Change.objects.filter(change_set__in=[item.id for item in chosen])
        .values_list("change_set")
        .annotate(rows=Count("id"))
    )
    return [_info(item, counts.get(item.id, 0)) for item in chosen]


def set_info(change_set_id: int) -> SetInfo | None:
    """Return one change set, or None."""
    item = ChangeSet.objects.filter(id=change_set_id).first()
    if item is None:
        return None
    return _info(item, Change.objects.filter(change_set=item).count())


def _info(item: ChangeSet, rows: int) -> SetInfo:
    def when(us: int | None) -> datetime | None:
        return None if us is None else from_us(us)

    return SetInfo(
        id=item.id,
        source=item.source,
        actor=item.actor,
        purpose=item.purpose,
        title=item.title,
        known_at=from_us(item.known_us),
        recorded_at=from_us(item.recorded_us),
        completed_at=when(item.completed_us),
        retracted_at=when(item.retracted_us),
        retracted_by=item.retracted_by,
        rows=rows,
    )


# -- identities --------------------------------------------------------------------------------


def identities(
    source: str, kind: str, keys: Iterable[str], *, also: int | None = None
) -> dict[str, tuple[int, int]]:
    """Return (record id, digest) of what a source sent, by key; `also` counts a set under way."""
    hidden = set(hidden_sets(also=also))
    found: dict[str, tuple[int, int]] = {}
    for some in _chunks(keys):
        rows = Identity.objects.filter(source=source, kind=kind, key__in=some).order_by("id")
        for key, record_id, digest, set_id in rows.values_list(
            "key", "record_id", "digest", "change_set_id"
        ):
            if set_id not in hidden:
                found[key] = (record_id, digest)
    return found


def identity_keys(source: str, kind: str) -> dict[str, int]:
    """Return the record id of every record of a kind that a source is known to hold, by its key."""
    rows = Identity.objects.filter(source=source, kind=kind).order_by("id")
    hidden = hidden_sets()
    if hidden:
        rows = rows.exclude(change_set_id__in=hidden)
    return dict(rows.values_list("key", "record_id").iterator(chunk_size=_BATCH))


def identities_of(kind: str, record_id: int) -> list[tuple[str, str]]:
    """Return (source, key) of a record wherever it is known."""
    rows = Identity.objects.filter(kind=kind, record_id=record_id)
    rows = rows.exclude(change_set_id__in=hidden_sets())
    return sorted(set(rows.values_list("source", "key")))


def last_sent(source: str, kind: str, record_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Return the encoded values that a source said last of each record."""
    hidden = set(hidden_sets())
    latest: dict[int, tuple[str | None, int]] = {}
    for some in _chunks(record_ids):
        rows = Identity.objects.filter(source=source, kind=kind, record_id__in=some).order_by("id")
        for record_id, sent, set_id in rows.values_list("record_id", "sent", "change_set_id"):
            if set_id not in hidden:
                latest[record_id] = (sent, set_id)
    return {
        record_id: orjson.loads(sent) if sent is not None else _said(kind, record_id, set_id)
        for record_id, (sent, set_id) in latest.items()
    }


def _said(kind: str, record_id: int, set_id: int) -> dict[str, Any]:
    rows = Change.objects.filter(kind=kind, record_id=record_id, change_set_id=set_id)
    ordered = rows.order_by("known_us", "id").values_list("record_id", "known_us", "field", "new")
    return state(map(Row._make, ordered)) or {}


def find_by_title(kind: str, titles: Iterable[str]) -> dict[str, int]:
    """Return record ids by lower-case title, of records as they stand; the lowest id wins."""
    declared = KINDS.get(kind)
    model = model_of(declared)
    found: dict[str, int] = {}
    wanted = {title.strip().lower() for title in titles if title}
    for some in _chunks(wanted):
        rows = model._default_manager.annotate(title_lower=Lower(declared.title_field)).filter(
            title_lower__in=some
        )
        for title, record_id in rows.order_by("-id").values_list("title_lower", "id"):
            found[title] = record_id
    return found


def _chunks(items: Iterable[Any]) -> Iterator[list[Any]]:
    rest = iter(items)
    while some := list(islice(rest, _IDS_PER_QUERY)):
        yield some


# -- the store's tables ------------------------------------------------------------------------


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
        for version in versions(_rows(kind, ids, None, None))
    )
    while batch := list(islice(rows, _BATCH)):
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


def is_large(change_set_id: int, rows: int = 5_000) -> bool:
    """Tell whether a set has more than so many rows: too many to follow within a page's answer."""
    ids = Change.objects.filter(change_set_id=change_set_id).values_list("id", flat=True)
    return len(ids[: rows + 1]) > rows
