"""Verbs of syncs: start one, take a step, cancel it, run it on a schedule."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from django.db import IntegrityError, transaction

from perilune.hub.contracts import RunState
from perilune.hub.contracts.hooks import HOOKS_JOB, CallState
from perilune.hub.contracts.sync import Closes, Mode, Source, SyncState, SyncStep
from perilune.hub.models import Connection, HookCall, ImportRun, SyncRun
from perilune.hub.queries.connections import is_alive
from perilune.hub.service import ending
from perilune.hub.service.common import clear_errors
from perilune.hub.service.sync import outbox_guard
from perilune.hub.service.sync.connections import connection_of, source_of
from perilune.hub.service.sync.ledger import Ledger
from perilune.hub.service.sync.providers import provider_of
from perilune.hub.service.sync.running import Running
from perilune.jobs import queries as job_queries
from perilune.jobs import service as jobs
from perilune.jobs.contracts import Cadence, When
from perilune.kernel.errors import Conflict, NotFound, PeriluneError, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.wiring import JobKind, StepResult

SECONDS = 12.0


def sync_start(name: str, mode: Mode = Mode.INCREMENTAL, *, actor: str = "") -> int:
    """Begin a sync and return its id; Conflict while another one of the connection is under way.

    A run that stopped while reading is gone on with where it stopped.
    """
    found = connection_of(name)
    running = SyncRun.objects.filter(connection=found, state=SyncState.RUNNING.value).first()
    if running is not None:
        if is_alive(running):
            raise Conflict(_("A sync of %(name)s is under way already."), name=name)
        SyncRun.objects.filter(id=running.id).update(pid=os.getpid())
        return running.id
    if mode is Mode.INCREMENTAL and not found.health.get("succeeded_at"):
        mode = Mode.FULL
    place = _left_over(found, mode)
    try:
        with transaction.atomic():
            outbox_guard.require_not_written(found)
            run = SyncRun.objects.create(
                connection=found, mode=mode.value, actor=actor, place=place, pid=os.getpid()
            )
    except IntegrityError as error:
        raise Conflict(_("A sync of %(name)s is under way already."), name=name) from error
    return run.id


def _left_over(found: Connection, mode: Mode) -> dict[str, Any]:
    last = SyncRun.objects.filter(connection=found).first()
    if last is None or last.state != SyncState.FAILED.value or last.mode != mode.value:
        return {}
    is_fresh = datetime.now(UTC) - last.started_at < provider_of(found.provider).keeps
    is_reading = last.place.get("phase") == "rows" and last.place.get("round") == 0
    if not (is_fresh and is_reading):
        return {}
    for task in last.place["tasks"]:
        task.pop("tries", None)
        if task.pop("idle", 0):
            return {}
    return dict(last.place)


def sync_step(
    run_id: int,
    *,
    seconds: float = SECONDS,
    source: Source | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> SyncStep:
    """Go on with a sync for some seconds; a failure is kept with its reason and raised."""
    run = SyncRun.objects.select_related("connection").filter(id=run_id).first()
    if run is None:
        raise NotFound(_("There is no sync %(id)s."), id=run_id)
    if run.state == SyncState.DONE.value:
        return SyncStep(True)
    if run.state != SyncState.RUNNING.value:
        raise Conflict(_("This sync is over."))
    if run.pid != os.getpid():  # another worker goes on with it
        run.pid = os.getpid()
        run.save(update_fields=["pid"])
    ledger = Ledger(run.connection_id)
    try:
        source = source or source_of(run.connection, sleep=sleep)
        running = Running(run, source, ledger)
        with clear_errors():
            told = _advanced(running, seconds)
    except Exception as error:
        ledger.close()
        _fail(run, error)
        raise
    finally:
        if isinstance(source, Closes):
            source.close()
    if told.is_done:
        _done(run)
    ledger.close()
    return told


def _advanced(running: Running, seconds: float) -> SyncStep:
    try:
        return running.advance(time.monotonic() + seconds)
    except PeriluneError:  # the other side said no: every page before that was taken whole
        running.save()
        raise


def _done(run: SyncRun) -> None:
    run.state, run.finished_at, run.pid = SyncState.DONE.value, datetime.now(UTC), 0
    run.save(update_fields=["state", "finished_at", "pid"])
    found = run.connection
    found.health = {
        **found.health, "succeeded_at": datetime.now(UTC).isoformat(), "refused": "",
    }  # fmt: skip
    found.save(update_fields=["health"])


def _fail(run: SyncRun, error: Exception) -> None:
    run.state, run.finished_at, run.pid = SyncState.FAILED.value, datetime.now(UTC), 0
    if isinstance(error, PeriluneError):
        run.message = error.message
        run.message_params = {name: str(value) for name, value in error.params.items()}
    else:
        run.message = _("Something went wrong inside; the log says more.")
    if isinstance(error, Refused):
        Connection.objects.filter(id=run.connection_id).update(is_connected=False)
    _drop_import(run)
    run.save(
        update_fields=["state", "finished_at", "pid", "message", "message_params", "notices",
                       "counts"]
    )  # fmt: skip


def _drop_import(run: SyncRun) -> None:
    """Erase what an unfinished import of this run wrote."""
    over = [s.value for s in (RunState.DONE, RunState.ROLLED_BACK, RunState.CANCELLED)]
    for found in ImportRun.objects.filter(id__in=run.import_ids).exclude(state__in=over):
        if found.state != RunState.FAILED.value:
            with suppress(PeriluneError):
                ending.import_cancel(found.id)


def sync_cancel(run_id: int) -> None:
    """Stop a sync; what it wrote of an unfinished import is erased."""
    run = SyncRun.objects.filter(id=run_id, state=SyncState.RUNNING.value).first()
    if run is None:
        raise NotFound(_("There is no sync %(id)s."), id=run_id)
    _drop_import(run)
    run.state, run.finished_at, run.pid = SyncState.CANCELLED.value, datetime.now(UTC), 0
    run.save(update_fields=["state", "finished_at", "pid"])


# -- jobs --------------------------------------------------------------------------------------


def sync_queue(
    name: str, mode: Mode, *, actor: str, hints: Mapping[str, Sequence[str]] | None = None
) -> int:
    """Begin a sync on the job queue and return its id.

    hints: keys of records by object that are read whatever the cursor says, by a run that begins.
    """
    run_id = sync_start(name, mode, actor=actor)
    if hints:
        ledger = Ledger(connection_of(name).id)
        for object_name, keys in hints.items():
            ledger.want(object_name, keys, "hint")
        ledger.commit()
        ledger.close()
    job_id = jobs.start(SYNC.name, {"run": run_id}, actor=actor)
    SyncRun.objects.filter(id=run_id).update(job_id=job_id)
    return run_id


def _step(params: Mapping[str, Any], cursor: Mapping[str, Any]) -> StepResult:
    """Go on with a run, or begin that of a schedule. params: run (id), or connection (name)."""
    run_id = params.get("run") or cursor.get("run")
    if run_id is None:
        run_id = sync_start(str(params["connection"]), Mode.INCREMENTAL, actor="schedule")
    told = sync_step(int(run_id))
    if told.is_done and _has_calls(int(run_id)):  # they came while it ran
        jobs.start(HOOKS_JOB, {}, actor="webhook")
    return StepResult(
        {"run": run_id}, told.is_done, told.done, told.total, told.message, told.params,
        {"run": run_id},
    )  # fmt: skip


def _has_calls(run_id: int) -> bool:
    waiting = HookCall.objects.filter(state=CallState.NEW.value)
    return waiting.filter(
        hook__connection__in=SyncRun.objects.filter(id=run_id).values("connection")
    ).exists()


def _cancelled(params: Mapping[str, Any], cursor: Mapping[str, Any]) -> None:
    run_id = params.get("run") or cursor.get("run")
    if run_id is not None:
        with suppress(NotFound):
            sync_cancel(int(run_id))


def sync_schedule(name: str, minutes: int) -> None:
    """Sync every so many minutes (from 5 to a day), or not by itself for 0."""
    found = connection_of(name)
    label = f"sync:{found.name}"[:60]
    if minutes:
        jobs.schedule_set(
            label,
            label=f"{provider_of(found.provider).label} · {found.name}",
            kind=SYNC.name,
            params={"connection": found.name},
            when=When(Cadence.MINUTES, every=min(max(minutes, 5), 1440)),
        )
        return
    for schedule in job_queries.schedules():
        if schedule.name == label:
            jobs.schedule_enable(schedule.id, False)


SYNC = JobKind("sync.run", _("Sync"), _step, _cancelled)
