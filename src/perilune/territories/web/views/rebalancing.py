"""Re-balance a plan: the frontier computed by a job, a point of it made the draft."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from perilune.jobs import queries as jobs
from perilune.jobs.contracts import JobStatus, State
from perilune.kernel.errors import Conflict, Invalid, NotFound, Refused
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page, said
from perilune.people.web.progress import steps_of
from perilune.territories import queries, service
from perilune.territories.contracts import DraftView, FrontierView
from perilune.territories.web import frontiers, shown
from perilune.territories.web.views.edits import edition_of
from perilune.territories.web.views.handing import table_of
from perilune.ui import formats
from perilune.ui.contracts import Action, Empty, Link, PageHeader, Steps, Tone
from perilune.ui.toasts import notify

LATEST = 20


@page(Right.DESIGN_TERRITORIES)
def index(request: PageRequest, draft_id: int) -> HttpResponse:
    """The frontier of a plan, and what the point that is looked at hands over."""
    view = queries.draft(draft_id, request.scope, request.actor)
    may = shown.may_edit(request, view.head) and view.is_whole
    job = _job(draft_id)
    facts: dict[str, Any] = {"steps": _steps(request, job) if job else None}
    found: FrontierView | None = None
    try:
        found = queries.frontier(draft_id, request.scope, request.actor)
    except (Invalid, Refused) as refused:
        facts["empty"] = Empty(gettext("Nothing to re-balance"), said(refused), icon="target")
        may = False
    else:
        if found is None:
            facts["empty"] = Empty(
                gettext("No re-balance yet"),
                gettext("It computes options from few moves to the most compact map, each with its "
                        "balance. The plan changes only when you take one."),
                icon="target",
            )  # fmt: skip
    is_busy = job is not None and not job.state.is_over
    verbs = [_compute(draft_id, again=found is not None)] if may and not is_busy else []
    facts["header"] = PageHeader(
        gettext("Re-balance"),
        finding=frontiers.finding(found) if found else "",
        back=Link(view.head.name, reverse("territories:plan", args=[draft_id])),
        statuses=(shown.state_of(view.head),),
        actions=verbs,
    )
    if found is not None:
        facts |= _looked_at(request, view, found, may=may)
    return render(request, "territories/rebalance.html", facts)


def _looked_at(
    request: PageRequest, view: DraftView, found: FrontierView, *, may: bool
) -> dict[str, Any]:
    draft_id = view.head.id
    text = request.GET.get("point", "")
    number = int(text) if text.isdigit() and int(text) < len(found.points) else found.chosen
    facts: dict[str, Any] = {
        "chart": frontiers.picture(found, draft_id, number),
        "table": frontiers.table(found, draft_id, number),
        "stale": found.is_stale,
        "made": gettext("Computed on %(day)s.") % {"day": formats.day(found.made_at)},
    }
    if found.is_stale:
        return facts
    handed = queries.frontier_handover(draft_id, number, request.scope, request.actor)
    told = frontiers.consequence(found.points[number], handed)
    verb = None
    if may and number != found.taken:
        verb = Action(
            gettext("Make it the draft"),
            reverse("territories:take", args=[draft_id]),
            "post",
            icon="check",
            is_primary=True,
            values={"edition": str(view.head.edition), "point": str(number)},
        )
    return facts | {
        "chosen_title": gettext("Hand-over of “%(name)s”") % {"name": frontiers.name_of(number)},
        "told": told,
        "take": verb,
        "is_taken": number == found.taken,
        "handover": table_of(request, handed),
    }


@require_POST
@page(Right.DESIGN_TERRITORIES)
def compute(request: PageRequest, draft_id: int) -> HttpResponse:
    """Begin a re-balance; the page shows how far it is."""
    try:
        service.rebalance_draft(draft_id, actor=request.actor, scope=request.scope)
    except (Conflict, Invalid, Refused) as error:
        notify(request, said(error), tone=Tone.WATCH)
    else:
        notify(request, gettext("The re-balance has begun."))
    return redirect("territories:rebalance", draft_id)


@require_POST
@page(Right.DESIGN_TERRITORIES)
def take(request: PageRequest, draft_id: int) -> HttpResponse:
    """Make a point of the frontier the draft."""
    text = request.POST.get("point", "")
    number = int(text) if text.isdigit() else -1
    try:
        service.take_point(
            draft_id, edition_of(request), number, actor=request.actor, scope=request.scope
        )
    except (Conflict, Invalid, NotFound, Refused) as error:
        notify(request, said(error), tone=Tone.WATCH)
        return redirect("territories:rebalance", draft_id)
    notify(request, gettext("The plan is re-balanced: it can be taken back."))
    return redirect("territories:plan", draft_id)


def _compute(draft_id: int, *, again: bool) -> Action:
    return Action(
        gettext("Compute again") if again else gettext("Compute the options"),
        reverse("territories:compute", args=[draft_id]),
        "post",
        icon="refresh-cw" if again else "target",
        is_primary=not again,
    )


def _steps(request: PageRequest, job: JobStatus) -> Steps:
    # the site lets who imports data stop jobs
    may_cancel = Right.IMPORT_DATA in request.rights
    return steps_of(job, gettext("The plan stayed as it was."), may_cancel=may_cancel)


def _job(draft_id: int) -> JobStatus | None:
    """Return the last re-balance of a plan that runs, waits or failed; None where there is none."""
    for job in jobs.recent_jobs(LATEST, service.REBALANCE_JOB.name):
        if job.params.get("draft") == draft_id:
            return None if job.state in (State.DONE, State.CANCELLED) else job
    return None
