"""Verbs of write-back: prepare, look, decide, confirm, write, take back."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from django.db import IntegrityError, transaction

from perilune.hub.contracts.sync import SyncStep
from perilune.hub.contracts.targets import Target
from perilune.hub.contracts.writing import (
    MOST_OF,
    OPEN,
    BatchState,
    LineState,
    Policy,
    Proposal,
    Verb,
)
from perilune.hub.models import Connection, WriteBatch, WriteLine
from perilune.hub.queries.births import to_end, to_make
from perilune.hub.queries.connections import is_alive
from perilune.hub.queries.proposals import proposals
from perilune.hub.service.sync import outbox_guard
from perilune.hub.service.sync.connections import connection_of
from perilune.hub.service.sync.outbox_ending import Ending, Restoring
from perilune.hub.service.sync.outbox_looking import Looking
from perilune.hub.service.sync.outbox_making import Making
from perilune.hub.service.sync.outbox_rules import require_restorable, target_of
from perilune.hub.service.sync.outbox_writing import Writing, put_back, save
from perilune.jobs import service as jobs
from perilune.kernel.errors import Conflict, Invalid, NotFound, PeriluneError, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.wiring import JobKind, StepResult

SECONDS = 12.0
WORKERS: Mapping[Verb, type[Writing]] = {
    Verb.CHANGE: Writing, Verb.MAKE: Making, Verb.END: Ending, Verb.RESTORE: Restoring,
}  # fmt: skip
_UNDONE_BY = {
    Verb.CHANGE: Verb.CHANGE, Verb.MAKE: Verb.END, Verb.END: Verb.RESTORE,
    Verb.RESTORE: Verb.END,
}  # fmt: skip


# -- batches -----------------------------------------------------------------------------------


def write_prepare(
    name: str, purpose: str, *, actor: str, set_id: int | None = None, objects: str = "",
    verb: Verb = Verb.CHANGE,
) -> int:  # fmt: skip
    """Put what could be written into a new batch, not looked at yet, and return its id.

    set_id: what one change set wrote alone; objects: one object alone. verb: what is done with the
    records there. Invalid without a purpose; NotFound where nothing differs.
    """
    found = connection_of(name)
    if not purpose.strip():
        raise Invalid(_("Say what it is written for: the log keeps it."))
    most = MOST_OF[verb]
    told = (
        proposals(name, set_id=set_id, limit=most, objects=objects)
        if verb is Verb.CHANGE
        else {Verb.MAKE: to_make, Verb.END: to_end}[verb](name, limit=most)
    )
    if not told.lines:
        raise NotFound(_("Nothing differs from what %(name)s said last."), name=name)
    with transaction.atomic():
        batch = WriteBatch.objects.create(
            connection=found, source=name, actor=actor, purpose=purpose.strip()[:300],
            change_set_id=set_id, left_over=max(0, told.records - most), pid=os.getpid(),
            verb=verb.value,
        )  # fmt: skip
        lines = [_line(batch, one) for one in told.lines]
        WriteLine.objects.bulk_create(lines, batch_size=500)
    return batch.id


def _line(batch: WriteBatch, one: Proposal) -> WriteLine:
    return WriteLine(
        batch=batch, object=one.object, kind=one.kind, record_id=one.record_id, title=one.title,
        key=one.key, field=one.field, column=one.column, known=one.known, wanted=one.wanted,
        policy=one.policy.value, edited_us=one.edited_us,
    )  # fmt: skip


def write_undo(batch_id: int, purpose: str, *, actor: str) -> int:
    """Make a batch that takes another one back, not looked at yet, and return its id.

    It writes the earlier values where the service still shows what was written, and names what was
    changed since. What was taken from the service is put back here once it is confirmed.
    """
    done = _batch(batch_id)
    wrote = WriteLine.objects.filter(batch=done, state=LineState.WRITTEN.value).order_by("id")
    if WriteLine.objects.filter(batch=done, state=LineState.ASKED.value).exists():
        raise Conflict(_("Not all of it was answered: go on with it first, then take it back."))
    if done.state not in (BatchState.DONE.value, BatchState.FAILED.value) or done.undoes_id:
        raise Conflict(_("This batch cannot be taken back."))
    if done.connection is None:
        raise NotFound(_("There is no connection %(name)s."), name=done.source)
    undone = WriteBatch.objects.filter(undoes=done).exclude(state=BatchState.DISCARDED.value)
    if undone.exists():
        raise Conflict(_("This batch is being taken back, or was."))
    if not wrote.exists() and not done.taken:
        raise NotFound(_("This batch wrote nothing."))
    verb = _UNDONE_BY[Verb(done.verb)]
    if verb is Verb.RESTORE:
        require_restorable(done.connection)
    with transaction.atomic():
        batch = WriteBatch.objects.create(
            connection=done.connection, source=done.source, actor=actor,
            purpose=(purpose.strip() or done.purpose)[:300], undoes=done, pid=os.getpid(),
            verb=verb.value,
        )  # fmt: skip
        lines = [_undo_line(batch, one) for one in wrote]
        if verb is not Verb.CHANGE:  # one line a record
            lines = list({(line.kind, line.record_id): line for line in lines}.values())
        WriteLine.objects.bulk_create(lines, batch_size=500)
    return batch.id


def _undo_line(batch: WriteBatch, one: WriteLine) -> WriteLine:
    is_field = batch.verb == Verb.CHANGE.value
    return WriteLine(
        batch=batch, object=one.object, kind=one.kind, record_id=one.record_id,
        title=one.title, key=one.key, field=one.field if is_field else "",
        column=one.column if is_field else "",
        known=one.wanted if one.after is None else one.after,
        wanted=one.found, text=one.was, policy=Policy.UNDO.value,
    )  # fmt: skip


def write_leave(batch_id: int, ids: Sequence[int]) -> int:
    """Leave lines out of a batch that was not confirmed yet; return how many."""
    batch = _batch(batch_id)
    if batch.state != BatchState.READY.value:
        raise Conflict(_("This batch was confirmed already."))
    waiting = [LineState.WAITS.value, LineState.TAKES.value, LineState.ASK.value]
    rows = WriteLine.objects.filter(batch=batch, id__in=list(ids), state__in=waiting)
    return rows.update(state=LineState.LEFT.value, code="left_out")


def write_decide(batch_id: int, ids: Sequence[int], choice: str, *, actor: str) -> int:
    """Take a person's decision about conflicts, `ours` or `theirs`; return of how many.

    It counts for the values that were found: where others stand there when it is written, the
    person is asked again.
    """
    if choice not in (Policy.OURS.value, Policy.THEIRS.value):
        raise Invalid(_("There is no such decision."))
    state = LineState.WAITS if choice == Policy.OURS.value else LineState.TAKES
    rows = WriteLine.objects.filter(
        batch=_batch(batch_id), id__in=list(ids), state=LineState.ASK.value
    )
    lines = list(rows)
    for line in lines:
        line.decision, line.decided_on, line.state = choice, line.found, state.value
        line.decided_by, line.decided_at = actor, datetime.now(UTC)
    WriteLine.objects.bulk_update(
        lines, ["decision", "decided_on", "decided_by", "decided_at", "state"], batch_size=100
    )
    return len(lines)


def write_discard(batch_id: int) -> None:
    """Put away a batch of which nothing was written; Conflict where something was."""
    batch = _batch(batch_id)
    if batch.state not in (BatchState.LOOKING.value, BatchState.READY.value):
        raise Conflict(_("This batch was confirmed already."))
    batch.state, batch.finished_at = BatchState.DISCARDED.value, datetime.now(UTC)
    batch.save(update_fields=["state", "finished_at"])


def write_go(batch_id: int, *, actor: str) -> None:
    """Confirm a batch: from now on it is written. Also to go on with one that stopped.

    Conflict while the connection is synced or another batch is written.
    """
    batch = _batch(batch_id)
    going = (BatchState.READY, BatchState.DONE, BatchState.FAILED)
    is_left = batch.state == BatchState.WRITING.value and not is_alive(batch)
    if batch.connection is None:
        raise NotFound(_("There is no connection %(name)s."), name=batch.source)
    if batch.state not in going and not is_left:
        raise Conflict(_("This batch is not ready to be written."))
    open_ = WriteLine.objects.filter(batch=batch, state__in=[one.value for one in OPEN])
    is_restoring = batch.undoes_id is not None and batch.state == BatchState.READY.value
    if not is_restoring and not open_.exists():
        raise Conflict(_("Nothing of this batch waits to be written."))
    if not batch.connection.is_connected:
        raise Refused(_("Nobody has allowed access yet: connect first."))
    try:
        with transaction.atomic():
            outbox_guard.require_not_read(batch.connection)
            batch.state, batch.pid, batch.job_id = BatchState.WRITING.value, os.getpid(), None
            batch.confirmed_by, batch.finished_at = actor, None
            batch.started_at = batch.started_at or datetime.now(UTC)
            batch.message, batch.message_params = "", {}
            batch.save()
    except IntegrityError as error:
        raise Conflict(
            _("Another batch is being written to %(name)s."), name=batch.source
        ) from error


def write_step(
    batch_id: int, *, seconds: float = SECONDS, target: Target | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> SyncStep:  # fmt: skip
    """Look or write on for some seconds; a failure is kept with its reason and raised.

    What was asked and not answered stays so: going on looks at it before it asks again.
    """
    batch = _batch(batch_id)
    state = BatchState(batch.state)
    if state not in (BatchState.LOOKING, BatchState.WRITING) or batch.connection is None:
        return SyncStep(True)
    deadline = time.monotonic() + seconds
    try:
        looking = Looking(batch.connection, target or target_of(batch.connection, sleep=sleep))
        worker = WORKERS[Verb(batch.verb)](batch, looking, sleep=sleep)
        is_done = _look(worker, deadline) if state is BatchState.LOOKING else worker.step(deadline)
    except Exception as error:
        _fail(batch, error)
        raise
    if is_done:
        _finish(batch, state)
    message = _("Looking at what stands there") if state is BatchState.LOOKING else _("Writing")
    rows = WriteLine.objects.filter(batch=batch)
    waiting = [LineState.NEW.value]
    if state is BatchState.WRITING:
        waiting = [one.value for one in OPEN]
    total = rows.count()
    return SyncStep(is_done, total - rows.filter(state__in=waiting).count(), total, message)


def _look(worker: Writing, deadline: float) -> bool:
    while lines := worker.next_lines((LineState.NEW,)):
        worker.look(lines)
        save(lines)
        if time.monotonic() > deadline:
            return not worker.next_lines((LineState.NEW,))
    return True


def _finish(batch: WriteBatch, state: BatchState) -> None:
    now = datetime.now(UTC)
    batch.pid = 0
    if state is BatchState.LOOKING:
        batch.state, batch.looked_at = BatchState.READY.value, now
    else:
        batch.state, batch.finished_at = BatchState.DONE.value, now
        if batch.undoes is not None:
            put_back(batch.undoes, batch.confirmed_by)
    batch.save(update_fields=["state", "pid", "looked_at", "finished_at"])


def _fail(batch: WriteBatch, error: Exception) -> None:
    batch.pid, batch.finished_at = 0, datetime.now(UTC)
    if batch.state == BatchState.WRITING.value:
        batch.state = BatchState.FAILED.value
    else:
        batch.state = BatchState.DISCARDED.value
    if isinstance(error, PeriluneError):
        batch.message = error.message
        batch.message_params = {name: str(value) for name, value in error.params.items()}
    else:
        batch.message = _("Something went wrong inside; the log says more.")
    if isinstance(error, Refused) and batch.connection_id:
        Connection.objects.filter(id=batch.connection_id).update(is_connected=False)
    batch.save(update_fields=["state", "pid", "finished_at", "message", "message_params"])


def write_stop(batch_id: int) -> None:
    """Stop a batch that is being written; what was written stands, the rest waits."""
    batch = _batch(batch_id)
    if batch.state == BatchState.WRITING.value:
        _fail(batch, Conflict(_("Stopped by a person. What was written stands, the rest waits.")))
    elif batch.state == BatchState.LOOKING.value:
        write_discard(batch_id)


def _batch(batch_id: int) -> WriteBatch:
    rows = WriteBatch.objects.select_related("connection", "undoes")
    found = rows.filter(id=batch_id).first()
    if found is None:
        raise NotFound(_("There is no batch %(id)s."), id=batch_id)
    return found


# -- jobs --------------------------------------------------------------------------------------


def write_queue(batch_id: int, *, actor: str) -> None:
    """Let the job queue look or write on."""
    job_id = jobs.start(WRITE.name, {"batch": batch_id}, actor=actor)
    WriteBatch.objects.filter(id=batch_id).update(job_id=job_id)


def _step(params: Mapping[str, Any], cursor: Mapping[str, Any]) -> StepResult:
    """Go on with a batch. params: batch (id)."""
    told = write_step(int(params["batch"]))
    return StepResult(
        {"batch": params["batch"]}, told.is_done, told.done, told.total, told.message, told.params,
        {"batch": params["batch"]},
    )  # fmt: skip


def _cancelled(params: Mapping[str, Any], cursor: Mapping[str, Any]) -> None:
    with suppress(NotFound):
        write_stop(int(params["batch"]))


WRITE = JobKind("hub.write", _("Write-back"), _step, _cancelled)
