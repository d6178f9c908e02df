"""Verbs of the job queue: start, step, cancel, run here; schedules and their tick."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django_q.models import Schedule as QueueSchedule
from django_q.tasks import async_task

from perilune.jobs import queries
from perilune.jobs.contracts import Cadence, JobStatus, State, When
from perilune.jobs.engine.cadence import next_run
from perilune.jobs.models import Job, Schedule
from perilune.kernel.errors import NotFound, PeriluneError
from perilune.kernel.messages import gettext_noop
from perilune.kernel.wiring import JOB_KINDS, StepResult

log = logging.getLogger(__name__)


def start(kind: str, params: Mapping[str, Any], *, actor: str = "") -> int:
    """Queue a job and return its id; NotFound for an unknown kind."""
    JOB_KINDS.get(kind)
    job = Job.objects.create(kind=kind, params=dict(params), actor=actor)
    _enqueue(job)
    return job.id


def run_here(
    kind: str,
    params: Mapping[str, Any],
    *,
    actor: str = "",
    on_progress: Callable[[JobStatus], None] | None = None,
) -> JobStatus:
    """Run a job to its end in this process (the command line), telling each step's progress."""
    JOB_KINDS.get(kind)
    job = Job.objects.create(kind=kind, params=dict(params), actor=actor)
    while not State(job.state).is_over:
        _take_step(job)
        if on_progress:
            on_progress(queries.status_of(job))
    return queries.status_of(job)


def step(job_id: int, number: int) -> None:
    """Take one step of a job: what the queue's worker calls, at least once.

    A delivery that comes twice, or while another worker holds the lease, does nothing.
    """
    now = datetime.now(UTC)
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    leased = Job.objects.filter(free, id=job_id, step=number).exclude(
        state__in=[state.value for state in State if state.is_over]
    )
    lease = timedelta(seconds=settings.JOB_LEASE_SECONDS)
    if not leased.update(lease_until=now + lease):
        return
    job = Job.objects.get(id=job_id)
    _take_step(job)
    if not State(job.state).is_over:
        _enqueue(job)


def cancel(job_id: int) -> None:
    """Ask a job to stop before its next step."""
    if not Job.objects.filter(id=job_id).update(is_cancel_requested=True):
        raise NotFound("There is no job %(id)s.", id=job_id)


def _enqueue(job: Job) -> None:
    async_task("perilune.jobs.service.step", job.id, job.step)


def _take_step(job: Job) -> None:
    now = datetime.now(UTC)
    job.started_at = job.started_at or now
    job.is_cancel_requested = Job.objects.values_list("is_cancel_requested", flat=True).get(
        id=job.id
    )
    if job.is_cancel_requested:
        _cancelled(job)
    else:
        job.state = State.RUNNING.value
        job.save(update_fields=["state", "started_at"])
        try:
            _took(job, JOB_KINDS.get(job.kind).step(job.params, job.cursor))
        except PeriluneError as error:
            job.state, job.error = State.FAILED.value, error.message
            job.message_params = {name: str(value) for name, value in error.params.items()}
        except Exception:
            log.exception("job %s (%s) failed in step %s", job.id, job.kind, job.step)
            job.state = State.FAILED.value
            job.error = gettext_noop("Something went wrong inside; the log says more.")
    job.step += 1
    job.lease_until = None
    job.stepped_at = datetime.now(UTC)
    if State(job.state).is_over:
        job.finished_at = job.stepped_at
    job.save()


def _took(job: Job, result: StepResult) -> None:
    job.cursor = dict(result.cursor)
    job.done, job.total = result.done, result.total
    job.message, job.message_params = result.message, dict(result.message_params)
    if result.is_done:
        job.state, job.result = State.DONE.value, dict(result.result)


def _cancelled(job: Job) -> None:
    """Let the job clean up behind itself, then mark it cancelled."""
    kind = JOB_KINDS.get(job.kind)
    if kind.cancelled is not None:
        kind.cancelled(job.params, job.cursor)
    job.state = State.CANCELLED.value


# -- schedules ---------------------------------------------------------------------------------


def schedule_set(name: str, *, label: str, kind: str, params: Mapping[str, Any], when: When) -> int:
    """Make or change a schedule, switched on, and return its id."""
    JOB_KINDS.get(kind)
    schedule, _ = Schedule.objects.update_or_create(
        name=name,
        defaults={"label": label, "kind": kind, "params": dict(params), "is_enabled": True}
        | asdict(when)
        | {"next_run_at": next_run(when, datetime.now(UTC))},
    )
    return schedule.id


def schedule_run(schedule_id: int, actor: str = "") -> int:
    """Run a schedule's job now and return the job's id; NotFound if there is none."""
    schedule = Schedule.objects.filter(id=schedule_id).first()
    if schedule is None:
        raise NotFound("There is no schedule %(id)s.", id=schedule_id)
    return _run_schedule(schedule, datetime.now(UTC), actor)


def schedule_enable(schedule_id: int, is_enabled: bool) -> None:
    """Switch a schedule on (its next run is counted from now) or off."""
    schedule = Schedule.objects.filter(id=schedule_id).first()
    if schedule is None:
        raise NotFound("There is no schedule %(id)s.", id=schedule_id)
    schedule.is_enabled = is_enabled
    schedule.next_run_at = _next(schedule, datetime.now(UTC))
    schedule.save(update_fields=["is_enabled", "next_run_at"])


def tick() -> None:
    """Start what is due and hand out again what got stuck; called every minute by the queue."""
    now = datetime.now(UTC)
    for schedule in Schedule.objects.filter(is_enabled=True, next_run_at__lte=now):
        _run_schedule(schedule, now, "schedule")
    stuck = Job.objects.filter(state__in=[State.QUEUED.value, State.RUNNING.value])
    since = now - timedelta(seconds=2 * settings.JOB_STEP_SECONDS)
    for job in stuck.filter(
        Q(stepped_at__lt=since) | Q(stepped_at=None, created_at__lt=since),
        Q(lease_until=None) | Q(lease_until__lt=now),
    ):
        _enqueue(job)


def ensure_tick() -> None:
    """Make sure that the queue calls `tick` every minute."""
    QueueSchedule.objects.update_or_create(
        name="perilune tick",
        defaults={
            "func": "perilune.jobs.service.tick",
            "schedule_type": QueueSchedule.MINUTES,
            "minutes": 1,
            "repeats": -1,
        },
    )


def _run_schedule(schedule: Schedule, now: datetime, actor: str) -> int:
    # One run at a time: a schedule whose last job still runs waits for its next turn.
    running = schedule.last_job is not None and not State(schedule.last_job.state).is_over
    if not running:
        schedule.last_job_id = start(schedule.kind, schedule.params, actor=actor)
        schedule.last_run_at = now
    schedule.next_run_at = _next(schedule, now)
    schedule.save(update_fields=["last_job", "last_run_at", "next_run_at"])
    return schedule.last_job_id or 0


def _next(schedule: Schedule, after: datetime) -> datetime:
    when = When(
        Cadence(schedule.cadence),
        schedule.every,
        schedule.at_hour,
        schedule.weekday,
        schedule.zone,
    )
    return next_run(when, after)
