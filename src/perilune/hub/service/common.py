"""What the verbs of an import share: the run, its folder, its errors in words."""

from __future__ import annotations

import errno
import gc
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings as django_settings
from django.db import OperationalError
from django.db.models import Max

from perilune.history import queries as history
from perilune.history import service as history_service
from perilune.history.contracts import from_us
from perilune.hub.contracts import RunState, Shape, from_json
from perilune.hub.models import ImportRun
from perilune.hub.models import RowProblem as ProblemRow
from perilune.kernel.errors import Invalid, NotFound, PeriluneError, Unavailable
from perilune.kernel.messages import gettext_noop as _
from perilune.people import queries as people
from perilune.people import service as people_service

if TYPE_CHECKING:
    from perilune.hub.service.reading import Reader

STEP_SECONDS = 20.0

LIVE: dict[int, Reader] = {}
BUSY = (RunState.READING, RunState.APPLYING)


@dataclass(frozen=True)
class Progress:
    """How far a run is: rows or records done of total, and what it is doing (msgid)."""

    state: RunState
    done: int
    total: int
    message: str


def said_until(run: ImportRun) -> int | None:
    """Return the latest instant of which this source spoke before a run, in microseconds."""
    found = ImportRun.objects.filter(source=run.source, state=RunState.DONE.value)
    latest = found.exclude(id=run.id).aggregate(latest=Max("as_of_us"))["latest"]
    return int(latest) if latest else None


def makes_of(source: str) -> dict[str, bool]:
    """Return what earlier imports of a source decided about making unknown names."""
    runs = ImportRun.objects.filter(source=source, state=RunState.DONE.value).order_by("-id")[:20]
    decided: dict[str, bool] = {}
    for run in runs:
        for kind, value in (run.makes or {}).items():
            decided.setdefault(kind, value)
    return decided


def lists_of(source: str) -> set[str]:
    """Return the kinds of which this source sent files of their own."""
    runs = ImportRun.objects.filter(source=source, state=RunState.DONE.value).order_by("-id")[:20]
    maps = [from_json(item) for run in runs for item in run.mappings]
    return {kind for m in maps if m.shape is Shape.RECORDS for kind in m.kinds}


def settle_today() -> None:
    """Let the company's today follow from what stands: decision 8.

    It is the clock's where an import was of its own day, or an edit was made here at the real time;
    else the latest day over the standing imports and the edits made here. So an older file never
    turns the clock back, and what was rolled back does not count.
    """
    zone = people.company().zone
    runs = ImportRun.objects.filter(state=RunState.DONE.value, as_of_us__isnull=False)
    days = []
    last_edit, is_live = history.edits_made_here(history_service.LOCAL)
    latest_first = runs.order_by("-id").values_list("as_of_us", "created_at")
    for as_of_us, created_at in latest_first.iterator():
        if is_live:  # a connection brings many imports a day; one of them settles it
            break
        day = from_us(as_of_us or 0).astimezone(zone).date()
        is_live = day >= created_at.astimezone(zone).date()
        days.append(day)
    if last_edit is not None:
        days.append(last_edit.astimezone(zone).date())
    people_service.note_import(None if is_live else max(days, default=None))


def is_alive(run: ImportRun) -> bool:
    """Tell whether the process that works on a run still runs."""
    if not run.pid:
        return False
    if run.pid == os.getpid():
        return True
    try:
        os.kill(run.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def undo(run: ImportRun) -> None:
    """Erase what an unfinished run wrote."""
    if run.change_set_id is not None and RunState(run.state) is RunState.APPLYING:
        with suppress(NotFound):
            history_service.bulk_undo(run.change_set_id)
        run.change_set_id = None


def fail(run: ImportRun, error: Exception) -> None:
    """Mark a run failed, with the reason."""
    drop_reading(run)
    run.state, run.finished_at, run.pid = RunState.FAILED.value, datetime.now(UTC), 0
    if isinstance(error, PeriluneError):
        run.message = error.message
        run.message_params = {name: str(value) for name, value in error.params.items()}
    else:
        run.message = str(error)
    run.save()


def drop_reading(run: ImportRun) -> None:
    """Forget what was read."""
    live = LIVE.pop(run.id, None)
    if live is not None:
        with suppress(sqlite3.Error):  # a full disk: the file goes away next
            live.staging.close()
    shutil.rmtree(folder_of(run.id), ignore_errors=True)
    ProblemRow.objects.filter(run=run).delete()


@contextmanager
def clear_errors() -> Iterator[None]:
    """Say a full disk and a busy file in words; nothing of the run stays.

    Rows are plain values without cycles: looking for cycles among them takes a fifth of the time.
    """
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    except OSError as error:
        raise as_unavailable(error) from error
    except (sqlite3.OperationalError, OperationalError) as error:
        text = str(error)
        if "full" in text or "No space" in text:
            raise Unavailable(
                _("The disk is full; nothing was applied. Free some space and import again.")
            ) from error
        raise
    finally:
        if was_collecting:
            gc.enable()


def as_unavailable(error: OSError) -> PeriluneError:
    """Return an error of the file system in words."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Unavailable(
            _("The disk is full; nothing was applied. Free some space and import again.")
        )
    if error.errno == errno.EACCES:
        return Invalid(_("%(file)s may not be read by this user."), file=str(error.filename))
    return Invalid(_("The file cannot be read: %(error)s."), error=str(error))


def run_of(run_id: int) -> ImportRun:
    """Return a run; NotFound when there is none."""
    run = ImportRun.objects.filter(id=run_id).first()
    if run is None:
        raise NotFound(_("There is no import %(id)s."), id=run_id)
    return run


def folder_of(run_id: int) -> Path:
    """Return the folder of a run's staged rows."""
    return Path(django_settings.PERILUNE_HOME) / "imports" / str(run_id)
