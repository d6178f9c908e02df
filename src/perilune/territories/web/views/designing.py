"""A design of the territories of a plan: asked for by a form, made by a job, told by its steps."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from perilune.jobs import queries as jobs
from perilune.jobs.contracts import JobStatus, State
from perilune.kernel.errors import Conflict, Invalid, Refused
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page, said
from perilune.people.web.progress import steps_of
from perilune.territories import service
from perilune.territories.web.forms import DesignForm
from perilune.ui.contracts import Steps, Tone
from perilune.ui.toasts import notify

LATEST = 20


def job_of(draft_id: int) -> JobStatus | None:
    """Return the last design of a plan that runs, waits or failed; None where there is none."""
    for job in jobs.recent_jobs(LATEST, service.DESIGN_JOB.name):
        if job.params.get("draft") == draft_id:
            return None if job.state in (State.DONE, State.CANCELLED) else job
    return None


def progress(draft_id: int) -> Steps | None:
    """Return how far a design is; None where nothing is under way and nothing failed."""
    job = job_of(draft_id)
    return steps_of(job, gettext("The plan stayed as it was.")) if job else None


@require_POST
@page(Right.DESIGN_TERRITORIES)
def design(request: PageRequest, draft_id: int) -> HttpResponse:
    """Begin a design; the studio shows how far it is."""
    form = DesignForm(request.POST)
    if not form.is_valid():
        wrong = [f"{form[name].label}: {errors[0]}" for name, errors in form.errors.items()]
        notify(request, " ".join(wrong), tone=Tone.WATCH)
        return redirect("territories:plan", draft_id)
    text = request.POST.get("edition", "")
    try:
        service.design_draft(
            draft_id, int(text) if text.isdigit() else 0, form.asked(),
            actor=request.actor, scope=request.scope,
        )  # fmt: skip
    except (Conflict, Invalid, Refused) as error:
        notify(request, said(error), tone=Tone.WATCH)
    else:
        notify(request, gettext("The design has begun."))
    return redirect("territories:plan", draft_id)
