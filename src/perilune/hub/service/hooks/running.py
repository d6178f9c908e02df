"""The one job of webhooks: calls are acted on, feeds followed, deliveries made."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from perilune.hub.contracts.hooks import HOOKS_JOB
from perilune.hub.models import Subscription
from perilune.jobs import queries as job_queries
from perilune.jobs import service as jobs
from perilune.jobs.contracts import State
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.wiring import JobKind, StepResult

SECONDS = 12.0


def hooks_wake() -> None:
    """Start the job, unless one waits to begin already: a burst is one run."""
    recent = job_queries.recent_jobs(5, HOOKS_JOB)
    if not any(job.state is State.QUEUED for job in recent):
        jobs.start(HOOKS_JOB, {}, actor="webhook")


def after_commit(change_set_id: int) -> None:
    """Wake the job where somebody wants to be told; the feed itself is the history."""
    if Subscription.objects.filter(is_on=True).exists():
        hooks_wake()


def _step(params: Mapping[str, Any], cursor: Mapping[str, Any]) -> StepResult:
    """Take what came, then send for some seconds; safe to repeat."""
    from perilune.hub.service.hooks import feeding, sending, taking  # they come back here

    taken = int(cursor.get("taken", 0)) + taking.take()
    now = datetime.now(UTC)
    made = int(cursor.get("made", 0)) + feeding.follow(now)
    sent, left = sending.send(time.monotonic() + SECONDS)
    sent += int(cursor.get("sent", 0))
    facts = {"taken": taken, "made": made, "sent": sent}
    return StepResult(
        facts, not left, sent, sent + left,
        _("Calls taken: %(taken)s, deliveries made: %(sent)s"), {"taken": taken, "sent": sent},
        facts if not left else {},
    )  # fmt: skip


HOOKS = JobKind(HOOKS_JOB, _("Webhooks"), _step)
