"""The progress of a job, as the component shows it."""

from __future__ import annotations

from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext

from perilune.jobs.contracts import JobStatus, State
from perilune.ui.contracts import ProblemReport, Steps, StepState

_STATES = {
    State.QUEUED: StepState.WAITING,
    State.RUNNING: StepState.RUNNING,
    State.DONE: StepState.DONE,
    State.FAILED: StepState.FAILED,
    State.CANCELLED: StepState.CANCELLED,
}


def steps_of(job: JobStatus, kept: str, *, may_cancel: bool = False) -> Steps:
    """Return how far a job is. kept: what stands as it was when the job fails."""
    problem = None
    if job.error:
        text = gettext(job.error)
        problem = ProblemReport(what=text % job.message_params if "%(" in text else text, kept=kept)
    can_stop = may_cancel and not job.is_cancel_requested
    return Steps(
        title=gettext(job.label),
        state=_STATES[job.state],
        done=job.done,
        total=job.total,
        message=gettext(job.message) % job.message_params if job.message else "",
        seconds_left=_seconds_left(job),
        poll_url=_address("site:job_progress", job.id),
        cancel_url=_address("site:job_cancel", job.id) if can_stop else "",
        problem=problem,
    )


def _address(name: str, job_id: int) -> str:
    try:
        return reverse(name, args=[job_id])
    except NoReverseMatch:  # a site without pages of jobs
        return ""


def _seconds_left(job: JobStatus) -> float | None:
    """Guess the time left from the share done; None before there is anything to go by."""
    if job.state is not State.RUNNING or not job.share or job.started_at is None:
        return None
    return (timezone.now() - job.started_at).total_seconds() * (1 - job.share) / job.share
