"""Imports as jobs: reading, applying, and a folder that is watched."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from perilune.hub.contracts import RunState
from perilune.hub.contracts.lookalikes import Choice
from perilune.hub.engine.sources import files_of
from perilune.hub.models import ImportRun
from perilune.hub.service import applies, ending, looking, opening, readings
from perilune.hub.service.enriching import ENRICH
from perilune.hub.service.hooks.running import HOOKS
from perilune.hub.service.lookalikes import BUILD, deciding
from perilune.hub.service.mending import APPLY, LOOK
from perilune.hub.service.sync.outbox import WRITE
from perilune.hub.service.sync.verbs import SYNC
from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import JobKind, StepResult

SECONDS = 12.0


def _step(params: Mapping[str, Any], cursor: Mapping[str, Any]) -> StepResult:
    """Read or apply on. params: run (id), apply (whether to go on after reading), look_alikes.

    look_alikes: what becomes of rows that look like records; they are written where it is not said.
    """
    run_id = int(params["run"])
    state = _state(run_id)
    if state in (RunState.OPENED, RunState.READING):
        progress = readings.import_read(run_id, seconds=SECONDS)
        is_done = progress.state is RunState.STOPPED or (
            progress.state is RunState.READY and not params.get("apply")
        )
    elif state is RunState.DONE:
        return StepResult({}, is_done=True, result={"run": run_id})
    else:
        choice = Choice(params.get("look_alikes") or Choice.WRITE)
        if state is RunState.READY and choice is not Choice.WRITE:
            deciding.choose(run_id, choice, Scope.company())
        progress = applies.import_apply(run_id, seconds=SECONDS)
        is_done = progress.state is RunState.DONE
    return StepResult(
        cursor={"state": progress.state.value},
        is_done=is_done,
        done=progress.done,
        total=progress.total,
        message=progress.message,
        result={"run": run_id},
    )


def _cancelled(params: Mapping[str, Any], cursor: Mapping[str, Any]) -> None:
    if _state(int(params["run"])) not in (RunState.DONE, RunState.ROLLED_BACK):
        ending.import_cancel(int(params["run"]))


def _state(run_id: int) -> RunState:
    return RunState(ImportRun.objects.values_list("state", flat=True).get(id=run_id))


# -- the watched folder ------------------------------------------------------------------------


def _watch(params: Mapping[str, Any], cursor: Mapping[str, Any]) -> StepResult:
    """Import what is new or changed in a folder. params: folder, source, full, look_alikes.

    A file is left for the next time while it is still being written (it changed since it was seen).
    """
    run_id = cursor.get("run")
    if run_id is not None:
        done = _step({**params, "run": run_id, "apply": True}, {})
        return StepResult({"run": run_id}, done.is_done, done.done, done.total, done.message)
    folder = Path(str(params["folder"]))
    if not folder.is_dir():
        raise Invalid(_("There is no folder %(path)s to watch."), path=str(folder))
    source = str(params.get("source") or folder.name)
    if not _has_news(folder, source):
        return StepResult({}, is_done=True, message=_("Nothing new in the folder"))
    run_id = opening.import_open(
        folder, source=source, is_full=bool(params.get("full")), actor="watch"
    )
    if opening.doubts_of(run_id):
        ending.import_cancel(run_id)
        raise Invalid(
            _("The columns of the files in %(path)s are in doubt; import once by hand."),
            path=str(folder),
        )
    return StepResult({"run": run_id}, is_done=False, message=_("Reading rows"))


def _has_news(folder: Path, source: str) -> bool:
    files, _left = files_of(folder)
    now = {(file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files}
    last = ImportRun.objects.filter(
        source=source, state__in=[RunState.DONE.value, RunState.STOPPED.value]
    ).first()
    if last is None:
        return bool(now)
    known = {
        (Path(table["path"]).name, table["fingerprint"][0], table["fingerprint"][1])
        for table in last.tables
    }
    return not now <= known | {
        item for item in now if item[0] not in {k[0] for k in known} and _is_skipped(last, item[0])
    }


def _is_skipped(run: ImportRun, name: str) -> bool:
    return any(notice.get("file") == name for notice in run.notices)


def import_start(run_id: int, *, apply: bool, actor: str) -> int:
    """Read (and apply) a run on the job queue; returns the job's id."""
    from perilune.jobs import service as jobs

    job_id = jobs.start(IMPORT.name, {"run": run_id, "apply": apply}, actor=actor)
    ImportRun.objects.filter(id=run_id).update(job_id=job_id)
    return job_id


IMPORT = JobKind("import.run", _("Import"), _step, _cancelled)
WATCH = JobKind("import.watch", _("Watched folder"), _watch)
JOBS = (
    IMPORT, WATCH, looking.SEARCH, BUILD, SYNC, WRITE, LOOK, APPLY, ENRICH, HOOKS,
)  # fmt: skip
