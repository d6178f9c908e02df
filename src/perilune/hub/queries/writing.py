"""Batches of write-back and their lines: the log of what was written to other systems."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Count

from perilune.history.contracts import from_us
from perilune.hub.contracts.writing import (
    BatchInfo,
    BatchState,
    LineInfo,
    LineState,
    Policy,
    Verb,
)
from perilune.hub.models import WriteBatch, WriteLine
from perilune.kernel.errors import NotFound
from perilune.kernel.messages import gettext_noop as _


def batches(name: str, limit: int = 20) -> list[BatchInfo]:
    """Return the latest batches of a connection, newest first."""
    return _infos(list(WriteBatch.objects.filter(source=name)[:limit]))


def batch(batch_id: int, name: str = "") -> BatchInfo:
    """Return a batch (of one connection); NotFound when there is none."""
    rows = WriteBatch.objects.filter(id=batch_id)
    found = (rows.filter(source=name) if name else rows).first()
    if found is None:
        raise NotFound(_("There is no batch %(id)s."), id=batch_id)
    return _infos([found])[0]


def writing_now(name: str) -> BatchInfo | None:
    """Return the batch that is being written to a connection."""
    found = WriteBatch.objects.filter(source=name, state=BatchState.WRITING.value).first()
    return None if found is None else _infos([found])[0]


def _infos(rows: Sequence[WriteBatch]) -> list[BatchInfo]:
    ids = [row.id for row in rows]
    counts: dict[int, dict[LineState, int]] = {row_id: {} for row_id in ids}
    told = WriteLine.objects.filter(batch_id__in=ids).values_list("batch_id", "state")
    for batch_id, state, count in told.annotate(n=Count("id")).order_by():
        counts[batch_id][LineState(state)] = count
    lines = WriteLine.objects.filter(batch_id__in=ids)
    named = lines.values_list("batch_id", "kind", "record_id").distinct()
    records: dict[int, int] = dict.fromkeys(ids, 0)
    for batch_id, _kind, _id in named:
        records[batch_id] += 1
    undone = dict(
        WriteBatch.objects.filter(undoes_id__in=ids)
        .exclude(state=BatchState.DISCARDED.value)
        .values_list("undoes_id", "id")
    )
    return [
        BatchInfo(
            id=row.id, connection=row.source, actor=row.actor, purpose=row.purpose,
            verb=Verb(row.verb), state=BatchState(row.state),
            counts=counts[row.id], records=records[row.id],
            undoes=row.undoes_id, undone_by=undone.get(row.id), left_over=row.left_over,
            confirmed_by=row.confirmed_by,
            message=row.message, message_params=row.message_params, job_id=row.job_id,
            created_at=row.created_at, looked_at=row.looked_at, started_at=row.started_at,
            finished_at=row.finished_at,
        )
        for row in rows
    ]  # fmt: skip


def lines(
    batch_id: int, *, states: Sequence[LineState] = (), limit: int | None = None, start: int = 0
) -> list[LineInfo]:
    """Return the lines of a batch in order of their records, of some states or all."""
    rows = WriteLine.objects.filter(batch_id=batch_id).order_by("object", "title", "key", "id")
    if states:
        rows = rows.filter(state__in=[state.value for state in states])
    end = None if limit is None else start + limit
    return [_line(row) for row in rows[start:end]]


def asked(name: str, limit: int = 200) -> list[tuple[int, LineInfo]]:
    """Return (batch, line) of what waits for a person's decision, latest batch first.

    A value that waits in several batches stands there once, in the latest.
    """
    rows = WriteLine.objects.filter(
        batch__source=name, state=LineState.ASK.value,
        batch__state__in=[
            BatchState.READY.value, BatchState.DONE.value, BatchState.FAILED.value
        ],
    ).order_by("-batch_id", "id")  # fmt: skip
    latest: dict[tuple[str, int, str], WriteLine] = {}
    for row in rows[: 2 * limit]:
        latest.setdefault((row.kind, row.record_id, row.field), row)
    return [(row.batch_id, _line(row)) for row in list(latest.values())[:limit]]


def _line(row: WriteLine) -> LineInfo:
    return LineInfo(
        id=row.id, object=row.object, kind=row.kind, record_id=row.record_id, title=row.title,
        key=row.key, field=row.field, column=row.column, known=row.known, found=row.found,
        wanted=row.wanted, was=row.was, text=row.text, policy=Policy(row.policy),
        state=LineState(row.state), decision=row.decision, decided_by=row.decided_by,
        code=row.code, reason=row.reason, edited_at=_at(row.edited_us),
        changed_at=_at(row.changed_us), asked_at=row.asked_at, answered_at=row.answered_at,
    )  # fmt: skip


def _at(us: int) -> datetime | None:
    return from_us(us) if us else None
