"""Jobs: what runs, how far it is, cancel."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from perilune.jobs import queries, service
from perilune.jobs.contracts import JobStatus, State
from perilune.people.contracts import Right
from perilune.people.web import shell
from perilune.people.web.gate import PageRequest, page
from perilune.ui.contracts import (
    Column,
    Empty,
    Format,
    PageHeader,
    ProblemReport,
    Row,
    Status,
    Steps,
    StepState,
    Table,
    Tone,
)

_STATES = {
    State.QUEUED: StepState.WAITING,
    State.RUNNING: StepState.RUNNING,
    State.DONE: StepState.DONE,
    State.FAILED: StepState.FAILED,
    State.CANCELLED: StepState.CANCELLED,
}


def state_shown(state: State) -> Status:
    """Return a job's state in words and tone."""
    words = {
        State.QUEUED: (_("Waiting"), Tone.NEUTRAL),
        State.RUNNING: (_("Running"), Tone.NEUTRAL),
        State.DONE: (_("Done"), Tone.GOOD),
        State.FAILED: (_("Failed"), Tone.ACT),
        State.CANCELLED: (_("Cancelled"), Tone.WATCH),
    }
    return Status(*words[state])


def steps_of(job: JobStatus) -> Steps:
    """Return a job as the progress component shows it."""
    message = _(job.message) % job.message_params if job.message else ""
    problem = None
    if job.error:
        text = _(job.error)
        problem = ProblemReport(
            what=text % job.message_params if "%(" in text else text,
            kept=_("What was complete before stays as it was."),
        )
    return Steps(
        title=_(job.label),
        state=_STATES[job.state],
        done=job.done,
        total=job.total,
        message=message,
        seconds_left=_seconds_left(job),
        poll_url=reverse("site:job_progress", args=[job.id]),
        cancel_url="" if job.is_cancel_requested else reverse("site:job_cancel", args=[job.id]),
        problem=problem,
    )


def _seconds_left(job: JobStatus) -> float | None:
    """Guess the time left from the share done; None before there is anything to go by."""
    if job.state is not State.RUNNING or not job.share or job.started_at is None:
        return None
    spent = (timezone.now() - job.started_at).total_seconds()
    return spent * (1 - job.share) / job.share


@page(Right.SEE_ROWS)
def recent(request: PageRequest) -> HttpResponse:
    """The latest jobs."""
    listed = queries.recent_jobs()
    rows = [
        Row(
            job.id,
            (_(job.label), state_shown(job.state), job.actor, job.created_at, job.finished_at),
            url=reverse("site:job", args=[job.id]),
        )
        for job in listed
    ]
    table = Table(
        columns=(
            Column("label", _("Job"), is_title=True),
            Column("state", _("State")),
            Column("actor", _("Started by")),
            Column("created", _("Started"), Format.INSTANT),
            Column("finished", _("Ended"), Format.INSTANT),
        ),
        rows=rows,
        caption=_("The latest jobs"),
        empty=Empty(_("No job has run yet"), _("Imports, refreshes and forecasts appear here.")),
    )
    running = sum(not job.state.is_over for job in listed)
    finding = _("%(count)s under way.") % {"count": running} if running else _("Nothing under way.")
    header = shell.header(request, "jobs", finding=finding)
    return render(request, "site/list.html", {"header": header, "table": table})


@page(Right.SEE_ROWS)
def job(request: PageRequest, job_id: int) -> HttpResponse:
    """One job and its progress."""
    found = queries.job(job_id)
    context = {"header": PageHeader(_(found.label)), "job": steps_of(found)}
    return render(request, "site/job.html", context)


@page(Right.SEE_ROWS)
def progress(request: PageRequest, job_id: int) -> HttpResponse:
    """The progress component alone, asked every second."""
    return render(request, "site/progress.html", {"job": steps_of(queries.job(job_id))})


@require_POST
@page(Right.IMPORT_DATA)
def cancel(request: PageRequest, job_id: int) -> HttpResponse:
    """Ask a job to stop before its next step."""
    service.cancel(job_id)
    return render(request, "site/progress.html", {"job": steps_of(queries.job(job_id))})
