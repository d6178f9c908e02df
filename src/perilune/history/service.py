"""The one way to write: change sets, small ones in one transaction, large ones in batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from perilune.history import columns, queries, rows
from perilune.history.contracts import (
    CREATION,
    DELETED,
    MERGED,
    Batch,
    Columns,
    Conflict,
    Retraction,
    to_us,
)
from perilune.history.models import Change, ChangeSet, Counter, CustomField, Identity, SetEvent
from perilune.kernel.errors import Invalid, NotFound, Refused
from perilune.kernel.kinds import CUSTOM_PREFIX, Field, FieldType, Scalar, encode
from perilune.kernel.memo import forget
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.wiring import KINDS, ON_COMMITTED

LOCAL = "local"
"""The source of what people write in Perilune itself."""


def reserve_ids(kind: str, count: int) -> range:
    """Reserve consecutive record ids of a kind; they are never given out again."""
    return _reserve(f"id:{KINDS.get(kind).name}", count)


def _reserve(name: str, count: int) -> range:
    with transaction.atomic():
        Counter.objects.get_or_create(name=name)
        # The update locks the row until commit, so that numbers are given out in order of commit.
        Counter.objects.filter(name=name).update(next=F("next") + count)
        after = Counter.objects.values_list("next", flat=True).get(name=name)
    return range(after - count, after)


# -- small sets --------------------------------------------------------------------------------


class Writer:
    """Writes changes of one set. Values are Python or encoded ones; money is minor units."""

    def __init__(self, change_set: ChangeSet) -> None:
        self._set = change_set

    @property
    def id(self) -> int:
        """The id of the change set."""
        return self._set.id

    def create(
        self, kind: str, values: Mapping[str, Any], *, known_at: datetime | None = None
    ) -> int:
        """Write a new record and return its id. Invalid on an unknown field or a wrong type."""
        record_id = reserve_ids(kind, 1)[0]
        first = {name: value for name, value in _encoded(kind, values).items() if value is not None}
        self._write(kind, record_id, (CREATION, None, first), known_at)
        rows.project(kind, [record_id], also=self._set.id)
        return record_id

    def change(
        self,
        kind: str,
        record_id: int,
        values: Mapping[str, Any],
        *,
        known_at: datetime | None = None,
    ) -> dict[str, Scalar]:
        """Write the fields that really change and return them; NotFound if it is not there."""
        before = rows.states(kind, [record_id], also=self._set.id).get(record_id)
        if before is None:
            raise NotFound("This record does not exist (any more).")
        changed = {
            name: value
            for name, value in _encoded(kind, values).items()
            if before.get(name) != value
        }
        for name, value in changed.items():
            self._write(kind, record_id, (name, before.get(name), value), known_at)
        if changed:
            rows.project(kind, [record_id], also=self._set.id)
        return changed

    def delete(self, kind: str, record_id: int, *, known_at: datetime | None = None) -> None:
        """End a record; its past stays. NotFound if it is not there."""
        if record_id not in rows.states(kind, [record_id], also=self._set.id):
            raise NotFound("This record does not exist (any more).")
        self._write(kind, record_id, (DELETED, False, True), known_at)
        rows.project(kind, [record_id], also=self._set.id)

    def restore(self, kind: str, record_id: int, *, known_at: datetime | None = None) -> None:
        """Bring a deleted record back as it was."""
        self._write(kind, record_id, (DELETED, True, False), known_at)
        rows.project(kind, [record_id], also=self._set.id)

    def _write(
        self, kind: str, record_id: int, change: tuple[str, Any, Any], known_at: datetime | None
    ) -> None:
        name, old, new = change
        Change.objects.create(
            change_set=self._set,
            kind=kind,
            record_id=record_id,
            known_us=self._set.known_us if known_at is None else to_us(known_at),
            field=name,
            old=None if old is None else rows.dump(old),
            new=None if new is None else rows.dump(new),
        )


@contextmanager
def change_set(
    *,
    actor: str,
    title: str = "",
    source: str = LOCAL,
    purpose: str = "edit",
    known_at: datetime | None = None,
) -> Iterator[Writer]:
    """Open a small change set in one transaction; completed at exit, not written on an error."""
    now = datetime.now(UTC)
    with transaction.atomic():
        opened = _open(source, actor, purpose, title, known_at=known_at or now, now=now)
        yield Writer(opened)
        _complete(opened, now)


def _encoded(kind: str, values: Mapping[str, Any]) -> dict[str, Scalar]:
    types = {item.name: item.type for item in queries.all_fields(kind)}
    unknown = sorted(set(values) - set(types))
    if unknown:
        raise NotFound("%(kind)s has no field %(field)s.", kind=kind, field=unknown[0])
    return {name: encode(types[name], value) for name, value in values.items()}


# -- large sets --------------------------------------------------------------------------------


def bulk_open(*, source: str, actor: str, purpose: str, title: str, known_at: datetime) -> int:
    """Open a set that is written in batches and stays invisible until it is complete."""
    now = datetime.now(UTC)
    return _open(source, actor, purpose, title, known_at=known_at, now=now).id


def bulk_append(change_set_id: int, batch: Batch) -> None:
    """Write one batch in one transaction; about 5,000 rows stay well under a second."""
    with transaction.atomic():
        rows.append(change_set_id, batch)


def bulk_can_take(new: Columns) -> bool:
    """Tell whether new records may be written by column here: on SQLite, plain fields only."""
    return columns.can_take(new)


def bulk_append_columns(change_set_id: int, new: Columns) -> None:
    """Write new records by column in one transaction: what `bulk_append` writes, quicker."""
    with transaction.atomic():
        columns.append(change_set_id, new)


def bulk_complete(change_set_id: int) -> None:
    """Make a set visible, all at once."""
    with transaction.atomic():
        opened = ChangeSet.objects.select_for_update().get(id=change_set_id)
        if opened.completed_us is None:
            _complete(opened, datetime.now(UTC))


def bulk_undo(change_set_id: int) -> None:
    """Erase a set that was never completed, in batches; NotFound when it is complete or unknown."""
    opened = ChangeSet.objects.filter(id=change_set_id, completed_us=None).first()
    if opened is None:
        raise NotFound("There is no unfinished change set %(id)s.", id=change_set_id)
    rows.erase_unfinished(change_set_id)
    opened.delete()


def unfinished_sets() -> list[int]:
    """Return the ids of sets that were opened and not completed: a crash, or work under way."""
    return list(ChangeSet.objects.filter(completed_us=None).values_list("id", flat=True))


def retract(change_set_id: int, actor: str) -> Retraction:
    """Roll a completed set back: as-of ignores it, audit keeps it, later edits stand.

    NotFound when it is unknown, unfinished or retracted already. Refused for a merge whose result
    was merged on: later ones go first.
    """
    now = datetime.now(UTC)
    later = queries.merges_after(change_set_id)
    if later:
        raise Refused(
            _("%(count)s later merges stand on this one: take them back first."), count=len(later)
        )
    with transaction.atomic():
        undone = (
            ChangeSet.objects.select_for_update()
            .filter(id=change_set_id, completed_us__isnull=False, retracted_us=None)
            .first()
        )
        if undone is None:
            raise NotFound("There is no change set %(id)s to roll back.", id=change_set_id)
        undone.retracted_us, undone.retracted_by = to_us(now), actor
        undone.save(update_fields=["retracted_us", "retracted_by"])
        _announce(undone, now)
    records = rows.project_set(change_set_id)
    return Retraction(change_set_id, records, tuple(_later_edits(undone)))


def _later_edits(undone: ChangeSet, limit: int = 1000) -> Iterator[Conflict]:
    """Give the fields that the retracted set wrote and a later set that counts wrote again."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT b.kind, b.record_id, b.field, b.new, a.field, a.new
                 FROM history_change a
                 JOIN history_change b ON b.kind = a.kind AND b.record_id = a.record_id
                  AND b.change_set_id > a.change_set_id AND b.field <> ''
                 JOIN history_changeset s ON s.id = b.change_set_id
                  AND s.completed_us IS NOT NULL AND s.retracted_us IS NULL
                WHERE a.change_set_id = %s ORDER BY b.id LIMIT %s""",
            [undone.id, limit],
        )
        later = cursor.fetchall()
    seen = set()
    for kind, record_id, field, new, my_field, my_new in later:
        mine = queries.written_by(my_field, my_new)
        for name, value in queries.written_by(field, new).items():
            if name in mine and (kind, record_id, name) not in seen:
                seen.add((kind, record_id, name))
                yield Conflict(kind, record_id, name, value)


# -- shared ------------------------------------------------------------------------------------


def _open(
    source: str, actor: str, purpose: str, title: str, *, known_at: datetime, now: datetime
) -> ChangeSet:
    if known_at.tzinfo is None:
        raise Invalid("An instant needs a time zone.")
    return ChangeSet.objects.create(
        source=source,
        actor=actor,
        purpose=purpose,
        title=title[:300],
        known_us=to_us(known_at),
        recorded_us=to_us(now),
    )


def _complete(opened: ChangeSet, now: datetime) -> None:
    opened.completed_us = to_us(now)
    opened.save(update_fields=["completed_us"])
    _announce(opened, now)


def _announce(touched: ChangeSet, now: datetime) -> None:
    number = _reserve("set-event", 1)[0]
    SetEvent.objects.create(number=number, change_set=touched, at_us=to_us(now))
    set_id = touched.id
    forget()

    def tell() -> None:
        for listener in ON_COMMITTED:
            listener(set_id)

    transaction.on_commit(tell)


# -- custom fields -----------------------------------------------------------------------------


def custom_field_add(
    kind: str,
    key: str,
    label: str,
    field_type: FieldType,
    choices: tuple[tuple[str, str], ...] = (),
) -> Field:
    """Add a field of the company's own to a kind; Invalid when the key is taken or malformed."""
    KINDS.get(kind)
    if not key.isidentifier() or not key.islower() or len(key) > 40:
        raise Invalid("A field key is lower-case letters, digits and _: «%(key)s» is not.", key=key)
    if CustomField.objects.filter(kind=kind, key=key).exists():
        raise Invalid("There is a field %(key)s already.", key=key)
    CustomField.objects.create(
        kind=kind, key=key, label=label, type=field_type.value, choices=[list(c) for c in choices]
    )
    forget()
    return Field(CUSTOM_PREFIX + key, field_type, label, choices=choices)


def identities_follow(kind: str, ids: Sequence[int], kept: int, change_set_id: int) -> None:
    """Let what records are known by lead to the one that they were merged into.

    Each key of a source keeps its own last word, and the id of a record that is gone leads on.
    Undoing the set forgets all of it.
    """
    told = queries.latest_identities(kind, ids)
    words = {
        source: queries.last_sent_as(
            source, kind, [key for of, key, _digest in told if of == source]
        )
        for source in {source for source, _key, _digest in told}
    }
    rows_of_sources = [
        Identity(
            source=source, kind=kind, key=key, record_id=kept, digest=digest,
            sent=rows.dump(words[source][key]), change_set_id=change_set_id,
        )
        for source, key, digest in told
    ]  # fmt: skip
    gone = [
        Identity(
            source=MERGED, kind=kind, key=str(each), record_id=kept, change_set_id=change_set_id
        )
        for each in ids
    ]  # fmt: skip
    Identity.objects.bulk_create(rows_of_sources + gone)


def identity_add(source: str, kind: str, key: str, record_id: int, change_set_id: int) -> None:
    """Say that a record is known in a source by a key; the latest set that counts holds."""
    Identity.objects.update_or_create(
        source=source,
        kind=kind,
        key=key,
        change_set_id=change_set_id,
        defaults={"record_id": record_id},
    )
