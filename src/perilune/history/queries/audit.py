"""Audit: what happened to a record, what a change set wrote, which sets there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import orjson
from django.db.models import Count, F, Max, Min, QuerySet

from perilune.history.contracts import (
    CREATION,
    DELETED,
    SEVERAL,
    Act,
    Event,
    SetInfo,
    from_us,
    to_us,
)
from perilune.history.models import Change, ChangeSet
from perilune.history.queries.fields import all_fields
from perilune.history.queries.states import chunks
from perilune.kernel.kinds import FieldType, decode
from perilune.kernel.wiring import KINDS


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


def acts_of_set(change_set_id: int, kinds: Sequence[str], limit: int = 20_000) -> list[Act]:
    """Return what a set did to each record of some kinds, in order; of its first rows alone."""
    rows = Change.objects.filter(change_set_id=change_set_id, kind__in=list(kinds)).order_by("id")
    found: dict[tuple[str, int], tuple[str, dict[str, None]]] = {}
    for kind, record_id, field, new in rows.values_list("kind", "record_id", "field", "new")[
        :limit
    ]:
        what, names = found.get((kind, record_id), ("changed", {}))
        if field in (CREATION, DELETED):
            what = "created" if field == CREATION else "ended"
        several = field in (CREATION, SEVERAL)
        names |= dict.fromkeys((_loaded(new) or {}) if several else [field])
        found[kind, record_id] = (what, names)
    return [
        Act(kind, record_id, what, tuple(name for name in names if name != DELETED))
        for (kind, record_id), (what, names) in found.items()
    ]


def written_beside(
    source: str, kind: str, fields: Iterable[str], set_id: int | None = None
) -> list[int]:
    """Return the records of which somebody else than a source wrote one of these fields.

    set_id: that set alone. What was written may have been written over since.
    """
    sets = ChangeSet.objects.exclude(source=source)
    sets = sets.filter(completed_us__isnull=False, retracted_us=None)
    if set_id is not None:
        sets = sets.filter(id=set_id)
    found: set[int] = set()
    for some in chunks(sets.values_list("id", flat=True)):
        rows = Change.objects.filter(
            change_set_id__in=some, kind=kind, field__in=[*fields, CREATION, SEVERAL]
        )
        found.update(rows.values_list("record_id", flat=True))
    return sorted(found)


def began_in(source: str, kind: str) -> set[int]:
    """Return the records of a kind that a source made, in sets that count."""
    return _in_sets(source, Change.objects.filter(kind=kind, field=CREATION))


def ended_in(source: str, kind: str) -> set[int]:
    """Return the records of a kind that a source ended, in sets that count."""
    return _in_sets(source, Change.objects.filter(kind=kind, field=DELETED, new="true"))


def _in_sets(source: str, rows: QuerySet[Change]) -> set[int]:
    sets = ChangeSet.objects.filter(source=source, completed_us__isnull=False, retracted_us=None)
    found: set[int] = set()
    for some in chunks(sets.values_list("id", flat=True)):
        found.update(rows.filter(change_set_id__in=some).values_list("record_id", flat=True))
    return found


def first_events(set_ids: Sequence[int], kind: str = "") -> dict[int, list[Event]]:
    """Return the events of the first row (of one kind) of each set: what it is named after."""
    rows = Change.objects.filter(change_set__in=list(set_ids))
    first = (
        (rows.filter(kind=kind) if kind else rows)
        .values("change_set")
        .annotate(first=Min("id"))
        .values_list("first", flat=True)
    )
    types = {kind.name: {item.name: item.type for item in all_fields(kind.name)} for kind in KINDS}
    found = Change.objects.filter(id__in=list(first)).select_related("change_set")
    return {row.change_set_id: list(_events(row, types[row.kind])) for row in found}


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


def edits_made_here(source: str = "local") -> tuple[datetime | None, bool]:
    """Return when the latest standing edit is known, and whether one was made at the real time.

    In an archive edits are known at its «today» and recorded now: those are not of the real time.
    """
    sets = ChangeSet.objects.filter(
        source=source, completed_us__isnull=False, retracted_us__isnull=True
    )
    last = sets.aggregate(last=Max("known_us"))["last"]
    is_live = sets.filter(known_us__gte=F("recorded_us") - _SAME_US).exists()
    return (None if last is None else from_us(last)), is_live


_SAME_US = 60_000_000


def is_large(change_set_id: int, rows: int = 5_000) -> bool:
    """Tell whether a set has more than so many rows: too many to follow within a page's answer."""
    ids = Change.objects.filter(change_set_id=change_set_id).values_list("id", flat=True)
    return len(ids[: rows + 1]) > rows


def arrivals(limit: int = 12) -> list[datetime]:
    """Return when the latest imports that stand were completed, newest first."""
    sets = ChangeSet.objects.filter(
        purpose="import", completed_us__isnull=False, retracted_us=None
    ).order_by("-completed_us")
    return [from_us(us) for us in sets.values_list("completed_us", flat=True)[:limit] if us]


def first_written(
    actor: str, kinds: Sequence[str], since: datetime, until: datetime
) -> datetime | None:
    """Return when somebody first wrote a record of these kinds in a span, None if never."""
    found = Change.objects.filter(
        kind__in=list(kinds),
        change_set__actor=actor,
        change_set__recorded_us__gte=to_us(since),
        change_set__recorded_us__lte=to_us(until),
    )
    first = found.order_by("change_set__recorded_us").values_list("change_set__recorded_us")
    row = first.first()
    return None if row is None else from_us(row[0])
