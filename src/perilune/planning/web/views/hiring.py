"""Hiring advice on a plan: the question, the job that answers, the answer taken in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from perilune.jobs import queries as jobs
from perilune.jobs.contracts import JobStatus, State
from perilune.kernel.errors import Conflict, Invalid, NotFound, Refused
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page, said
from perilune.people.web.progress import steps_of
from perilune.planning import queries, service
from perilune.planning.contracts import COMPANY, Level, PlanView
from perilune.planning.contracts.hiring_advice import HiringAdviceInfo, HiringAsked
from perilune.planning.queries.capacity_laws import laws
from perilune.planning.queries.capacity_model import Basis, basis
from perilune.planning.queries.hiring import (
    MISSING_ADVICE,
    advice,
    advice_on,
    first_question,
    teams_to_hire,
)
from perilune.planning.queries.hiring_segments import segments_to_hire
from perilune.planning.queries.hiring_words import finding, limits
from perilune.planning.queries.words import level_label, unit_label
from perilune.planning.web import hiring_shown, plan_shown, shown
from perilune.planning.web.hiring_forms import HiringForm
from perilune.ui import formats
from perilune.ui.contracts import Action, Empty, Steps, Tone
from perilune.ui.toasts import notify


@page(Right.MAKE_PLANS)
def index(request: PageRequest, plan_id: int) -> HttpResponse:
    """The latest advice on a plan, or the one asked for, and the form that asks anew."""
    view = queries.plan(plan_id, request.scope, request.actor)
    facts: dict[str, Any] = {"header": plan_shown.header(request, view, "hiring", verbs=[])}
    try:
        withheld = _withheld(view)
        found = None if withheld else _basis(request, view)
    except Invalid as error:
        withheld, found = Empty(gettext("No advice yet"), said(error), icon="users"), None
    if withheld is not None or found is None:
        facts["empty"] = withheld
        return shown.show(request, "hiring.html", facts)
    listed = advice_on(plan_id)
    first = _first(request, view, found, listed)
    form = _form(request, view, found, first)
    made: list[int] = []

    def ask() -> None:
        by: dict[str, Any] = {"actor": request.actor, "scope": request.scope}
        asked = form.asked(assumed=first)
        if set(asked.teams) == set(teams_to_hire(found)):
            asked = replace(asked, teams=())
        made.append(service.ask_hiring(plan_id, asked, at=request.as_of, **by))

    if request.method == "POST" and shown.saved(request, form, ask, gettext("Advice asked for.")):
        service.start_hiring(made[0], actor=request.actor)
        return redirect(f"{reverse('planning:hiring', args=[plan_id])}?advice={made[0]}")
    chosen = _chosen(request, plan_id, listed)
    facts |= {
        "form": form,
        "form_note": gettext("The costs are assumptions until you say yours.")
        if first.is_assumed
        else "",
        "verb": gettext("Ask for advice"),
        "found": True,
        "earlier": hiring_shown.earlier(view, listed) if listed else None,
        **_answer(request, view, chosen),
    }
    return shown.show(request, "hiring.html", facts)


@page(Right.MAKE_PLANS)
def progress(request: PageRequest, plan_id: int, advice_id: int) -> HttpResponse:
    """How far the job is; once it is over the page itself is asked for anew."""
    view = queries.plan(plan_id, request.scope, request.actor)
    found = _of_plan(view, advice_id)
    steps = _steps(request, found)
    response = render(request, "planning/hiring_steps.html", {"steps": steps})
    if steps is None or not steps.is_running:
        address = reverse("planning:hiring", args=[plan_id])
        response["HX-Redirect"] = f"{address}?advice={advice_id}"
    return response


@require_POST
@page(Right.MAKE_PLANS)
def take(request: PageRequest, plan_id: int, advice_id: int) -> HttpResponse:
    """Add the advised people to the plan."""
    view = queries.plan(plan_id, request.scope, request.actor)
    _of_plan(view, advice_id)
    edition = shown.edition_of(request) or 0
    try:
        count = service.take_hiring(advice_id, edition, actor=request.actor, scope=request.scope)
    except (Conflict, Invalid, Refused) as error:
        notify(request, said(error), tone=Tone.WATCH)
        return redirect(f"{reverse('planning:hiring', args=[plan_id])}?advice={advice_id}")
    text = ngettext(
        "%(n)s hire taken into the plan: reconcile to let quotas follow.",
        "%(n)s hires taken into the plan: reconcile to let quotas follow.",
        count,
    )
    notify(request, text % {"n": formats.number(count, 0)})
    return redirect("planning:plan_people", plan_id)


# -- parts -----------------------------------------------------------------------------------------


def _withheld(view: PlanView) -> Empty | None:
    if not view.is_whole:
        reason = gettext("You see the rows of your reps; sales operations computes the whole.")
        return Empty(gettext("Hiring is of the whole plan"), reason, icon="users")
    if not view.is_circle:
        reason = gettext("Its author and those named see it; capacity shows as a reserve.")
        return Empty(gettext("Hires of this plan are not yours to see"), reason, icon="users")
    return None


def _basis(request: PageRequest, view: PlanView) -> Basis:
    return basis(view.head, view.content, request.scope, request.as_of)


def _first(
    request: PageRequest, view: PlanView, found: Basis, listed: list[HiringAdviceInfo]
) -> HiringAsked:
    last = listed[0].asked if listed else None
    return first_question(found, view.head.currency, last)


def _form(request: PageRequest, view: PlanView, found: Basis, first: HiringAsked) -> HiringForm:
    teams = teams_to_hire(found)
    known = laws(view.head, view.content, request.scope, request.as_of)
    segments = segments_to_hire(known, teams, first.twice)
    levels = [
        (level.value, level_label(level))
        for level in (Level.OPERATING, Level.BOARD, Level.STREET)
        if view.content.year(level, COMPANY)
    ]
    return HiringForm(
        request.POST or None,
        currency=view.head.currency,
        levels=levels,
        teams=[(team, unit_label(team, view.names)) for team in teams],
        segments=[(one.segment, hiring_shown.segment_label(view, one)) for one in segments],
        initial=HiringForm.shown(first, view.head.currency, teams),
    )


def _chosen(
    request: PageRequest, plan_id: int, listed: list[HiringAdviceInfo]
) -> HiringAdviceInfo | None:
    text = request.GET.get("advice", "")
    if text.isdigit():
        found = advice(int(text))
        if found.plan_id != plan_id:
            raise NotFound(MISSING_ADVICE)
        return found
    return listed[0] if listed else None


def _of_plan(view: PlanView, advice_id: int) -> HiringAdviceInfo:
    found = advice(advice_id)
    if found.plan_id != view.head.id or not view.is_circle or not view.is_whole:
        raise NotFound(MISSING_ADVICE)
    return found


def _answer(
    request: PageRequest, view: PlanView, chosen: HiringAdviceInfo | None
) -> dict[str, Any]:
    """Return the parts of the page that show one advice."""
    if chosen is None:
        text = gettext("Say what is allowed and what it costs: the answer is when to hire whom"
                       " where, and what it does to the chance.")  # fmt: skip
        return {"nothing": Empty(gettext("No advice was asked for yet"), text, icon="users")}
    if chosen.answer is None:
        return {"steps": _steps(request, chosen)}
    answer = chosen.answer
    return {
        "header": plan_shown.header(
            request, view, "hiring", said=finding(view, chosen),
            verbs=_verbs(request, view, chosen),
        ),
        "kpis": hiring_shown.figures(view, chosen, answer),
        "starts": hiring_shown.starts_table(view, answer),
        "odds": hiring_shown.odds_table(view, answer),
        "limits": limits(view, chosen, answer),
        "segments": hiring_shown.segments_table(view, answer),
        "returns": hiring_shown.returns_chart(view, answer),
        "rests_on": hiring_shown.asked_sentences(view, chosen),
    }  # fmt: skip


def _verbs(request: PageRequest, view: PlanView, chosen: HiringAdviceInfo) -> list[Action]:
    answer = chosen.answer
    if answer is None or not answer.starts:
        return []
    refused = ""
    if not plan_shown.may_edit(request, view.head):
        refused = gettext("The plan takes no changes now.")
    elif chosen.taken_by:
        refused = gettext("These hires were taken into the plan.")
    elif chosen.edition != view.head.edition:
        refused = gettext("The plan changed since: ask anew.")
    address = reverse("planning:hiring_take", args=[view.head.id, chosen.id])
    return [
        Action(gettext("Take into the plan"), address, "post", "check", is_primary=True,
               refused=refused, values={"edition": str(view.head.edition)})
    ]  # fmt: skip


def _steps(request: PageRequest, found: HiringAdviceInfo) -> Steps | None:
    job = _job(found)
    if job is None:
        return None
    # the site lets who imports data stop jobs
    may_cancel = Right.IMPORT_DATA in request.rights
    steps = steps_of(job, gettext("The plan stayed as it was."), may_cancel=may_cancel)
    address = reverse("planning:hiring_progress", args=[found.plan_id, found.id])
    return replace(steps, poll_url=address)


def _job(found: HiringAdviceInfo) -> JobStatus | None:
    if found.job_id is None:
        return None
    job = jobs.job(found.job_id)
    return None if job.state is State.DONE else job
