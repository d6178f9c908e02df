"""What was written by whom: sets of a span, the first load of each source, values by set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Min

from perilune.history.contracts import DELETED, from_us, to_us
from perilune.history.models import Change, ChangeSet
from perilune.history.queries.states import chunks, written_by


class Written(NamedTuple):
    """What one row of a set wrote: new values by field, encoded."""

    set_id: int
    kind: str
    record_id: int
    values: dict[str, Any]


def sets_recorded(since: datetime, until: datetime) -> list[tuple[int, str, str, str, int]]:
    """Return the sets that count, by when this installation wrote them, in the order of writing.

    (id, source, purpose, actor, recorded_us)
    """
    found = ChangeSet.objects.filter(
        completed_us__isnull=False, retracted_us=None,
        recorded_us__gte=to_us(since), recorded_us__lte=to_us(until),
    )  # fmt: skip
    names = ("id", "source", "purpose", "actor", "recorded_us")
    return list(found.order_by("id").values_list(*names))


def first_recorded() -> datetime | None:
    """Return when this installation wrote its first set that counts; None before."""
    found = ChangeSet.objects.filter(completed_us__isnull=False, retracted_us=None)
    us = found.aggregate(first=Min("recorded_us"))["first"]
    return None if us is None else from_us(us)


def first_loads(kinds: Sequence[str]) -> set[tuple[int, str]]:
    """Return (set, kind) of the first set in which each source wrote records of each kind."""
    counted = ChangeSet.objects.filter(completed_us__isnull=False, retracted_us=None)
    sources = dict(counted.values_list("id", "source"))
    firsts: dict[tuple[str, str], int] = {}
    for kind in kinds:
        found = Change.objects.filter(kind=kind).values("change_set_id").annotate(x=Min("id"))
        for set_id in found.order_by().values_list("change_set_id", flat=True):
            source = sources.get(set_id)
            if source is not None:
                key = (source, kind)
                firsts[key] = min(set_id, firsts.get(key, set_id))
    return {(set_id, kind) for (_source, kind), set_id in firsts.items()}


def written_in(set_ids: Sequence[int], kinds: Sequence[str]) -> Iterator[Written]:
    """Give what sets wrote to records of some kinds, deletions left out, in order of writing."""
    for some in chunks(set_ids):
        rows = Change.objects.filter(change_set_id__in=some, kind__in=kinds).exclude(field=DELETED)
        told = rows.order_by("id").values_list("change_set_id", "kind", "record_id", "field", "new")
        for set_id, kind, record_id, field, new in told.iterator(chunk_size=20_000):
            yield Written(set_id, kind, record_id, written_by(field, new))


def written_sql(
    since: datetime, until: datetime, purposes: Sequence[str], kinds: Sequence[str]
) -> str:
    """Return what sets of some purposes wrote between two instants, as the records are asked."""
    rows = Change.objects.filter(
        change_set__completed_us__isnull=False, change_set__retracted_us=None,
        change_set__recorded_us__gte=to_us(since), change_set__recorded_us__lte=to_us(until),
        change_set__purpose__in=purposes, kind__in=kinds,
    ).exclude(field=DELETED)  # fmt: skip
    told = rows.order_by("id").values_list("change_set_id", "kind", "record_id", "field", "new")
    sql, params = told.query.sql_with_params()
    quoted = (f"'{one}'" if isinstance(one, str) else str(one) for one in params)
    return str(sql) % tuple(quoted)
