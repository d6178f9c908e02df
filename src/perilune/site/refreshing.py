"""The store follows the records: at once after a small change, by a job after a large one."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from perilune.history.queries import is_large
from perilune.jobs import service as jobs
from perilune.kernel.errors import Unavailable
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.wiring import JobKind, StepResult
from perilune.store import queries
from perilune.store import service as store

log = logging.getLogger(__name__)


def after_commit(change_set_id: int) -> None:
    """Bring a small change to the store at once; leave a large one to the worker."""
    if is_large(change_set_id):
        jobs.start(REFRESH.name, {}, actor="store")
        return
    try:
        store.refresh()
    except Unavailable:
        jobs.start(REFRESH.name, {}, actor="store")


def _refresh(params: Mapping[str, Any], cursor: Mapping[str, Any]) -> StepResult:
    version = store.refresh()
    return StepResult(cursor={}, is_done=True, result={"version": version})


def _compact(params: Mapping[str, Any], cursor: Mapping[str, Any]) -> StepResult:
    version = store.compact() if queries.needs_compaction() else store.refresh()
    return StepResult(cursor={}, is_done=True, result={"version": version})


REFRESH = JobKind("store.refresh", _("Refresh of the store"), _refresh)
COMPACT = JobKind("store.compact", _("Compaction of the store"), _compact)
JOBS = (REFRESH, COMPACT)
