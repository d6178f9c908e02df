"""Reads of jobs and schedules."""

from __future__ import annotations

from datetime import UTC, datetime

from perilune.jobs.contracts import Cadence, JobStatus, ScheduleStatus, State
from perilune.jobs.engine.cadence import is_late
from perilune.jobs.models import Job, Schedule
from perilune.kernel.errors import NotFound
from perilune.kernel.wiring import JOB_KINDS


def job(job_id: int) -> JobStatus:
    """Return a job; NotFound if there is none of that id."""
    found = Job.objects.filter(id=job_id).first()
    if found is None:
        raise NotFound("There is no job %(id)s.", id=job_id)
    return status_of(found)


def recent_jobs(limit: int = 30, kind: str = "") -> list[JobStatus]:
    """Return the latest jobs, newest first."""
    jobs = Job.objects.order_by("-id")
    return [status_of(item) for item in (jobs.filter(kind=kind) if kind else jobs)[:limit]]


def schedules() -> list[ScheduleStatus]:
    """Return every schedule with its last run and whether it is late."""
    now = datetime.now(UTC)
    return [
        ScheduleStatus(
            id=item.id,
            name=item.name,
            label=item.label,
            kind=item.kind,
            params=item.params,
            cadence=Cadence(item.cadence),
            every=item.every,
            at_hour=item.at_hour,
            weekday=item.weekday,
            is_enabled=item.is_enabled,
            last_run_at=item.last_run_at,
            last_state=item.last_job.state if item.last_job else "",
            next_run_at=item.next_run_at,
            is_late=item.is_enabled and is_late(item.next_run_at, now),
        )
        for item in Schedule.objects.select_related("last_job").order_by("id")
    ]


def status_of(item: Job) -> JobStatus:
    """Map a job's row to its contract."""
    return JobStatus(
        id=item.id,
        kind=item.kind,
        label=JOB_KINDS.get(item.kind).label if item.kind in JOB_KINDS else item.kind,
        state=State(item.state),
        done=item.done,
        total=item.total,
        message=item.message,
        message_params=item.message_params,
        error=item.error,
        result=item.result,
        actor=item.actor,
        created_at=item.created_at,
        started_at=item.started_at,
        finished_at=item.finished_at,
        is_cancel_requested=item.is_cancel_requested,
        params=item.params,
    )
