"""Jobs: what runs, how far it is, cancel."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from perilune.jobs import queries, service
from perilune.jobs.contracts import JobStatus, State
from perilune.people.contracts import Right
from perilune.people.web import shell
from perilune.people.web.gate import PageRequest, page
from perilune.people.web.progress import steps_of as shown_steps
from perilune.ui.contracts import (
    Column,
    Empty,
    Format,
    PageHeader,
    Row,
    Status,
    Steps,
    Table,
    Tone,
)


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
    kept = _("What was complete before stays as it was.")
    return shown_steps(job, kept, may_cancel=True)


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
