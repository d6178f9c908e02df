"""Identities: where a record is known elsewhere, by which key, and what was said of it last."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
from django.db.models.functions import Lower

from perilune.history.contracts import MERGED
from perilune.history.engine.replay import Row, state
from perilune.history.models import Change, Identity
from perilune.history.queries.fields import model_of
from perilune.history.queries.states import BATCH, chunks, hidden_sets
from perilune.kernel.wiring import KINDS


def identities(
    source: str, kind: str, keys: Iterable[str], *, also: int | None = None
) -> dict[str, tuple[int, int]]:
    """Return (record id, digest) of what a source sent, by key; `also` counts a set under way."""
    hidden = set(hidden_sets(also=also))
    found: dict[str, tuple[int, int]] = {}
    for some in chunks(keys):
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
    return dict(rows.values_list("key", "record_id").iterator(chunk_size=BATCH))


def kinds_sent(source: str) -> set[str]:
    """Return the kinds of which a source ever sent a record, however many imports that were."""
    sent = Identity.objects.filter(source=source)
    return {kind.name for kind in KINDS if sent.filter(kind=kind.name).exists()}


def sources(kind: str) -> set[str]:
    """Return the sources that records of a kind are known in, but for merges."""
    rows = Identity.objects.filter(kind=kind).exclude(source=MERGED)
    return set(rows.order_by().values_list("source", flat=True).distinct())


def identities_of(kind: str, record_id: int) -> list[tuple[str, str]]:
    """Return (source, key) of a record wherever it is known."""
    rows = Identity.objects.filter(kind=kind, record_id=record_id)
    rows = rows.exclude(change_set_id__in=hidden_sets())
    return sorted(set(rows.values_list("source", "key")))


def latest_identities(kind: str, ids: Iterable[int]) -> list[tuple[str, str, int]]:
    """Return (source, key, digest) under which sources know records now, but for merges."""
    hidden = set(hidden_sets())
    mine = set(ids)
    names: set[tuple[str, str]] = set()
    for some in chunks(mine):
        rows = Identity.objects.filter(kind=kind, record_id__in=some).exclude(source=MERGED)
        names.update(rows.values_list("source", "key"))
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for source in {source for source, _key in names}:
        for some in chunks(key for of, key in names if of == source):
            rows = Identity.objects.filter(source=source, kind=kind, key__in=some).order_by("id")
            for key, record_id, digest, set_id in rows.values_list(
                "key", "record_id", "digest", "change_set_id"
            ):
                if set_id not in hidden:
                    found[source, key] = (record_id, digest)
    return [(*name, digest) for name, (record_id, digest) in found.items() if record_id in mine]


def first_sources(kind: str) -> dict[int, str]:
    """Return the source that named each record of a kind first, of those that count."""
    rows = Identity.objects.filter(kind=kind).exclude(source=MERGED)
    hidden = hidden_sets()
    if hidden:
        rows = rows.exclude(change_set_id__in=hidden)
    ordered = rows.order_by("-id").values_list("record_id", "source")
    return dict(ordered.iterator(chunk_size=BATCH))


def own_keys(source: str, kind: str, ids: Iterable[int]) -> dict[int, str]:
    """Return the key under which a source first named each record, where it still leads there.

    What was merged here has several keys of a source: its own is that of the record that stayed.
    """
    hidden = set(hidden_sets())
    first: dict[int, str] = {}
    for some in chunks(ids):
        rows = Identity.objects.filter(source=source, kind=kind, record_id__in=some).order_by("-id")
        for record_id, key, set_id in rows.values_list("record_id", "key", "change_set_id"):
            if set_id not in hidden:
                first[record_id] = key
    leads = identities(source, kind, first.values())
    return {
        record_id: key for record_id, key in first.items()
        if leads.get(key, (0, 0))[0] == record_id
    }  # fmt: skip


def merged_into(kind: str, ids: Iterable[int]) -> dict[int, int]:
    """Return what records became by merges that count, to the end of the chain."""
    found: dict[int, int] = {}
    going = {record_id: record_id for record_id in ids}
    while going:
        next_ids = identities(MERGED, kind, {str(now) for now in going.values()})
        going = {
            first: next_ids[str(now)][0] for first, now in going.items() if str(now) in next_ids
        }
        found |= going
    return found


def kept_by(change_set_id: int) -> tuple[str, int, tuple[int, ...]] | None:
    """Return (kind, record that stays, records that are gone) of a merge; None for other sets."""
    rows = Identity.objects.filter(source=MERGED, change_set_id=change_set_id).order_by("id")
    told = list(rows.values_list("kind", "record_id", "key"))
    if not told:
        return None
    return told[0][0], told[0][1], tuple(int(key) for _kind, _kept, key in told)


def merges_after(change_set_id: int) -> list[int]:
    """Return the merges that count and stand on what another one made: its record was merged on."""
    hidden = set(hidden_sets())
    found: set[int] = set()
    looking = [change_set_id]
    while looking:
        set_id = looking.pop()
        rows = Identity.objects.filter(source=MERGED, change_set_id=set_id)
        for kind, kept in set(rows.values_list("kind", "record_id")):
            on = Identity.objects.filter(
                source=MERGED, kind=kind, key=str(kept), change_set_id__gt=set_id
            ).values_list("change_set_id", flat=True)
            fresh = set(on) - hidden - found
            found |= fresh
            looking.extend(fresh)
    return sorted(found)


def last_sent_as(source: str, kind: str, keys: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return the encoded values that a source said last under each key.

    After a merge several keys of a source lead to one record, and each has its own last word.
    """
    hidden = set(hidden_sets())
    latest: dict[str, tuple[str | None, int, int]] = {}
    for some in chunks(keys):
        rows = Identity.objects.filter(source=source, kind=kind, key__in=some).order_by("id")
        for key, record_id, sent, set_id in rows.values_list(
            "key", "record_id", "sent", "change_set_id"
        ):
            if set_id not in hidden:
                latest[key] = (sent, record_id, set_id)
    own = _said(kind, [(i, set_id) for sent, i, set_id in latest.values() if sent is None])
    return {
        key: orjson.loads(sent) if sent is not None else own.get((record_id, set_id), {})
        for key, (sent, record_id, set_id) in latest.items()
    }


def last_sent(source: str, kind: str, record_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Return the encoded values that a source said last of each record.

    A key that is only another name of a record says nothing of it.
    """
    hidden = set(hidden_sets())
    latest: dict[int, tuple[str | None, int]] = {}
    for some in chunks(record_ids):
        rows = Identity.objects.filter(source=source, kind=kind, record_id__in=some).order_by("id")
        for record_id, sent, set_id in rows.values_list("record_id", "sent", "change_set_id"):
            if set_id not in hidden and sent != "null":
                latest[record_id] = (sent, set_id)
    own = _said(kind, [(i, set_id) for i, (sent, set_id) in latest.items() if sent is None])
    return {
        record_id: orjson.loads(sent) if sent is not None else own.get((record_id, set_id), {})
        for record_id, (sent, set_id) in latest.items()
    }


def _said(kind: str, wanted: Iterable[tuple[int, int]]) -> dict[tuple[int, int], dict[str, Any]]:
    """Return what the rows of a set say of a record, by (record id, set id)."""
    pairs = set(wanted)
    rows: dict[tuple[int, int], list[Row]] = {}
    ordered = Change.objects.filter(kind=kind).order_by("record_id", "known_us", "id")
    for some in chunks(sorted({record_id for record_id, _set in pairs})):
        found = ordered.filter(record_id__in=some).values_list(
            "record_id", "known_us", "field", "new", "change_set_id"
        )
        for record_id, us, name, new, set_id in found:
            if (record_id, set_id) in pairs:
                rows.setdefault((record_id, set_id), []).append(Row(record_id, us, name, new))
    return {pair: state(some) or {} for pair, some in rows.items()}


def find_by_title(kind: str, titles: Iterable[str]) -> dict[str, int]:
    """Return record ids by lower-case title, of records as they stand; the lowest id wins."""
    declared = KINDS.get(kind)
    model = model_of(declared)
    found: dict[str, int] = {}
    wanted = {title.strip().lower() for title in titles if title}
    for some in chunks(wanted):
        rows = model._default_manager.annotate(title_lower=Lower(declared.title_field)).filter(
            title_lower__in=some
        )
        for title, record_id in rows.order_by("-id").values_list("title_lower", "id"):
            found[title] = record_id
    return found
