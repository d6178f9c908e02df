"""Ends an import otherwise: cancelled, rolled back, or recovered after a crash."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from django.db import transaction

from perilune.history import service as history_service
from perilune.history.contracts import Retraction
from perilune.hub.contracts import (
    RunState,
)
from perilune.hub.contracts.sync import SyncState
from perilune.hub.models import ImportRun, MissingAnswer, SyncRun
from perilune.hub.models import RowProblem as ProblemRow
from perilune.hub.service.applies import import_apply
from perilune.hub.service.common import (
    BUSY,
    drop_reading,
    folder_of,
    is_alive,
    run_of,
    settle_today,
    undo,
)
from perilune.kernel.errors import Conflict
from perilune.kernel.messages import gettext_noop as _


def import_cancel(run_id: int) -> None:
    """Stop a run that is not done: whatever it wrote is erased."""
    run = run_of(run_id)
    if RunState(run.state) in (RunState.DONE, RunState.ROLLED_BACK):
        raise Conflict(_("This import is applied; roll it back instead."))
    undo(run)
    drop_reading(run)
    run.state, run.finished_at = RunState.CANCELLED.value, datetime.now(UTC)
    run.save()


def import_rollback(run_id: int, *, actor: str) -> list[Retraction]:
    """Roll a whole import back, with the repairs made on it; later edits stand and are returned."""
    run = run_of(run_id)
    if RunState(run.state) is not RunState.DONE:
        raise Conflict(_("Only an applied import can be rolled back."))
    done = []
    for set_id in [*reversed(run.repair_set_ids), run.change_set_id]:
        if set_id is not None:
            done.append(history_service.retract(set_id, actor))
    with transaction.atomic():
        run.state = RunState.ROLLED_BACK.value
        run.save(update_fields=["state"])
        ProblemRow.objects.filter(run=run, state="open").update(state="dismissed")
        MissingAnswer.objects.filter(run=run).delete()
        settle_today()
    return done


def recover() -> list[int]:
    """Finish what a crash left where the staged rows are there, else erase it.

    Returns the runs that were finished. Called when a server, worker or command starts.
    """
    finished = []
    syncs = SyncRun.objects.filter(state=SyncState.RUNNING.value)
    of_syncs = {one for found in syncs.values_list("import_ids", flat=True) for one in found}
    for run in ImportRun.objects.filter(state__in=[s.value for s in BUSY]):
        if is_alive(run) or run.job_id is not None or run.id in of_syncs:
            continue  # a sync that was cut off goes on with its own import
        if (
            RunState(run.state) is RunState.APPLYING
            and (folder_of(run.id) / "staging.sqlite3").exists()
        ):
            run.pid = os.getpid()
            run.save(update_fields=["pid"])
            while import_apply(run.id).state is not RunState.DONE:
                pass
            finished.append(run.id)
        else:
            import_cancel(run.id)
    if ImportRun.objects.filter(state=RunState.DONE.value).exists():
        settle_today()  # a home that an earlier version set back to an older file
    return finished
