"""Where a plan stands: copy, submit, approve, send back, publish, archive."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from perilune.jobs import service as jobs
from perilune.kernel.errors import Conflict, Invalid, NotFound, PeriluneError, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page, require, said
from perilune.territories import queries, service
from perilune.territories.contracts import HOLD_OVER_LABELS
from perilune.territories.web import honesty, shown
from perilune.territories.web.forms import PublishForm
from perilune.territories.web.views.edits import edition_of
from perilune.ui import formats
from perilune.ui.contracts import Tone
from perilune.ui.toasts import notify

DONE = {
    "submit": _("Submitted: somebody else approves it."),
    "withdraw": _("Withdrawn: it is yours to change again."),
    "approve": _("Approved: choose the day it is in force from."),
    "take-back": _("Taken back: accounts and deals are as they were before the plan."),
    "unpublish": _("The day is taken back: the plan stays approved."),
    "archive": _("Archived: a copy goes on from here."),
}


@require_POST
@page(Right.DESIGN_TERRITORIES)
def clone(request: PageRequest, draft_id: int) -> HttpResponse:
    """Go on from here in a plan of one's own."""
    head = queries.draft(draft_id, request.scope, request.actor).head
    name = gettext("%(name)s (copy)") % {"name": head.name[:100]}
    made = service.clone_draft(draft_id, name, actor=request.actor, scope=request.scope)
    notify(request, gettext("Copied: the plan it comes from stays as it is."))
    return redirect("territories:plan", made)


@require_POST
@page(Right.DESIGN_TERRITORIES)
def change(request: PageRequest, draft_id: int, verb: str) -> HttpResponse:
    """Carry a plan on: submit, withdraw, approve, archive."""
    verbs = {
        "submit": service.submit,
        "withdraw": service.withdraw,
        "approve": service.approve,
        "archive": service.archive,
        "unpublish": service.unpublish,
        "take-back": service.take_back,
    }
    if verb not in verbs:
        raise NotFound(_("There is no such verb."))
    if verb not in ("submit", "withdraw"):
        require(request, Right.PUBLISH_TERRITORIES)
    text = request.POST.get("edition", "")
    try:
        verbs[verb](
            draft_id, int(text) if text.isdigit() else 0, actor=request.actor, scope=request.scope
        )
    except (Conflict, Invalid, Refused) as error:
        notify(request, said(error), tone=Tone.WATCH)
    else:
        notify(request, gettext(DONE[verb]))
    return redirect("territories:plan", draft_id)


@require_POST
@page(Right.DESIGN_TERRITORIES)
def potential(request: PageRequest, draft_id: int) -> HttpResponse:
    """Say which field of accounts stands for potential."""
    try:
        service.change_settings(
            draft_id, edition_of(request), potential=request.POST.get("potential", ""),
            actor=request.actor, scope=request.scope,
        )  # fmt: skip
    except (Conflict, Invalid, Refused) as error:
        notify(request, said(error), tone=Tone.WATCH)
    return redirect("territories:plan", draft_id)


@page(Right.PUBLISH_TERRITORIES)
def publish(request: PageRequest, draft_id: int) -> HttpResponse:
    """Choose the day a plan is in force from; or send it back with a reason."""
    view = queries.draft(draft_id, request.scope, request.actor)
    sheet = queries.sheet(draft_id, request.scope, request.actor)
    if "reason" in request.POST:
        return _sent_back(request, draft_id)
    proposed = queries.proposed_day(request.scope, request.actor)
    tomorrow = request.company.today.day + timedelta(days=1)
    form = PublishForm(request.POST or None, initial={"effective_from": proposed or tomorrow})
    if request.method == "POST" and form.is_valid():
        day, edition = form.cleaned_data["effective_from"], _edition(request)
        try:
            service.publish(draft_id, edition, day, actor=request.actor, scope=request.scope)
        except PeriluneError as error:
            form.take(error)
        else:
            if day <= request.company.today.day:
                jobs.start(service.ACTIVATE_JOB.name, {}, actor=request.actor)
            notify(
                request,
                gettext("Published: in force from %(day)s. Accounts and deals change hands then.")
                % {"day": formats.day(day)},
            )
            return redirect("territories:plan", draft_id)
    facts = {
        "header": shown.header(request, view, sheet, at="publish"),
        "form": form,
        "edition": view.head.edition,
        "verb": gettext("Publish"),
        "is_back": request.GET.get("back") == "1",
        "hold_over": gettext(HOLD_OVER_LABELS[view.head.hold_over]),
        "leaving": honesty.leaving(request, view),
        "proposed": _proposed(request, proposed),
    }
    status = 422 if form.is_bound and not form.is_valid() else 200
    return render(request, "territories/publish.html", facts, status=status)


def _proposed(request: PageRequest, day: date | None) -> str:
    """Say why a day is proposed; nothing where none is."""
    plan = None if day is None else queries.year_plan(day, request.scope, request.actor)
    if day is None or plan is None:
        return ""
    text = (
        gettext(
            "%(day)s is proposed: the first day of the fiscal year of the annual plan “%(plan)s”."
        )
        if plan.name
        else gettext("%(day)s is proposed: the first day of the fiscal year that is being planned.")
    )
    return text % {"day": formats.day(day), "plan": plan.name}


def _sent_back(request: PageRequest, draft_id: int) -> HttpResponse:
    try:
        service.reject(
            draft_id, _edition(request), request.POST["reason"],
            actor=request.actor, scope=request.scope,
        )  # fmt: skip
    except (Conflict, Invalid, Refused) as error:
        notify(request, said(error), tone=Tone.WATCH)
    else:
        notify(request, gettext("Sent back with your reason."))
    return redirect("territories:plan", draft_id)


def _edition(request: PageRequest) -> int:
    text = request.POST.get("edition", "")
    return int(text) if text.isdigit() else 0
