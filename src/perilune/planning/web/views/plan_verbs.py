"""What is done to an annual plan: amounts, hires and leavers, states, comments, check-list."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from perilune.jobs import service as jobs
from perilune.kernel.errors import Conflict, Invalid, NotFound, PeriluneError, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page, require, said
from perilune.planning import queries, service
from perilune.planning.contracts import Place, PlanHead, PlanView
from perilune.planning.queries.words import unit_label
from perilune.planning.web import plan_shown, shown
from perilune.planning.web.plan_forms import PlanSettingsForm, PublishPlanForm
from perilune.ui import formats
from perilune.ui.contracts import Action, Tone
from perilune.ui.reading import amount_of
from perilune.ui.toasts import notify

DONE = {
    "submit": _("Submitted: somebody else approves it."),
    "withdraw": _("Withdrawn: it is yours to change again."),
    "approve": _("Approved: choose the day it is in force from."),
    "unpublish": _("The day is taken back: the plan stays approved."),
    "take-back": _("Taken back: quotas are as they were before the plan."),
    "archive": _("Archived: a copy goes on from here."),
    "undo": _("The last change is taken back."),
    "redo": _("The change is made again."),
}
CHECKED = ("approve", "unpublish", "take-back")


@require_POST
@page(Right.MAKE_PLANS)
def save(request: PageRequest, plan_id: int) -> HttpResponse:
    """Keep the amounts that were typed, as fixed ones."""
    view = queries.plan(plan_id, request.scope, request.actor)
    try:
        amounts: dict[Place, int | None] = {
            _place(name): amount_of(text, view.head.currency)
            for name, text in request.POST.items()
            if name.startswith("cell|") and isinstance(text, str) and text.strip()
        }
        count = service.set_cells(
            plan_id, _edition(request), amounts, actor=request.actor, scope=request.scope
        )
    except (Conflict, Invalid, Refused) as error:
        notify(request, said(error), tone=Tone.WATCH)
    else:
        text = ngettext("%(n)s amount fixed.", "%(n)s amounts fixed.", count)
        notify(request, text % {"n": formats.number(count, 0)})
    return redirect("planning:plan", plan_id)


@require_POST
@page(Right.MAKE_PLANS)
def change(request: PageRequest, plan_id: int, verb: str) -> HttpResponse:
    """Carry a plan on: reconcile, undo, redo, submit, approve, copy, archive."""
    if verb == "archive":
        head = queries.plan(plan_id, request.scope, request.actor).head
        if not _is_own_draft(request, head):
            require(request, Right.PUBLISH_PLANS)
    elif verb in CHECKED:
        require(request, Right.PUBLISH_PLANS)
    by: dict[str, Any] = {"actor": request.actor, "scope": request.scope}
    try:
        if verb == "copy":
            return _copied(request, plan_id)
        if verb == "reconcile":
            _reconciled(request, plan_id)
        else:
            _verb(verb)(plan_id, _edition(request), **by)
            notify(request, gettext(DONE[verb]))
            if verb == "archive":
                return redirect("planning:plans")
    except (Conflict, Invalid, Refused) as error:
        notify(request, said(error), tone=Tone.WATCH)
    return redirect("planning:plan", plan_id)


def _verb(name: str) -> Callable[..., None]:
    verbs: dict[str, Callable[..., None]] = {
        "submit": service.submit_plan,
        "withdraw": service.withdraw_plan,
        "approve": service.approve_plan,
        "unpublish": service.unpublish_plan,
        "take-back": service.take_back_plan,
        "archive": service.archive_plan,
        "undo": service.undo_plan,
        "redo": service.redo_plan,
    }
    if name not in verbs:
        raise NotFound(_("There is no such verb."))
    return verbs[name]


def _copied(request: PageRequest, plan_id: int) -> HttpResponse:
    head = queries.plan(plan_id, request.scope, request.actor).head
    name = gettext("%(name)s (copy)") % {"name": head.name[:100]}
    made = service.clone_plan(plan_id, name, actor=request.actor, scope=request.scope)
    notify(request, gettext("Copied: the plan it comes from stays as it is."))
    return redirect("planning:plan", made)


def _reconciled(request: PageRequest, plan_id: int) -> None:
    misfits = service.reconcile(
        plan_id, _edition(request), actor=request.actor, scope=request.scope
    )
    if not misfits:
        notify(request, gettext("Reconciled: every level sums to the cent."))
        return
    view = queries.plan(plan_id, request.scope, request.actor)
    by_unit: dict[str, int] = {}
    for one in misfits:
        by_unit[one.unit] = by_unit.get(one.unit, 0) + one.by
    listed = "; ".join(
        f"{unit_label(unit, view.names)} {formats.money(by, view.head.currency, 2)}"
        for unit, by in by_unit.items()
    )
    text = gettext("What does not fit between floors, caps and fixed amounts: %(listed)s.")
    notify(request, text % {"listed": listed}, tone=Tone.WATCH)


@page(Right.PUBLISH_PLANS)
def publish(request: PageRequest, plan_id: int) -> HttpResponse:
    """Choose the day a plan is in force from; or send it back with a reason."""
    view = queries.plan(plan_id, request.scope, request.actor)
    if "reason" in request.POST:
        return _sent_back(request, plan_id)
    year = request.company.calendar.year(view.head.year)
    tomorrow = request.company.today.day + timedelta(days=1)
    form = PublishPlanForm(
        request.POST or None, initial={"effective_from": max(tomorrow, year.start)}
    )

    def put() -> None:
        day = form.cleaned_data["effective_from"]
        by: dict[str, Any] = {"actor": request.actor, "scope": request.scope}
        service.publish_plan(plan_id, _edition(request), day, **by)
        if day <= request.company.today.day:
            jobs.start(service.PLAN_JOB.name, {}, actor=request.actor)

    done = gettext("Published: quotas show from its day on, and not before.")
    if request.method == "POST" and shown.saved(request, form, put, done):
        return redirect("planning:plan", plan_id)
    facts = {
        "header": plan_shown.header(request, view, "publish"),
        "form": form,
        "edition": view.head.edition,
        "verb": gettext("Publish"),
        "is_back": request.GET.get("back") == "1",
        "cancel_url": reverse("planning:plan", args=[plan_id]),
    }
    return shown.show(request, "plan_publish.html", facts)


def _sent_back(request: PageRequest, plan_id: int) -> HttpResponse:
    try:
        service.reject_plan(
            plan_id, _edition(request), request.POST["reason"],
            actor=request.actor, scope=request.scope,
        )  # fmt: skip
    except (Conflict, Invalid, Refused) as error:
        notify(request, said(error), tone=Tone.WATCH)
    else:
        notify(request, gettext("Sent back with your reason."))
    return redirect("planning:plan", plan_id)


@page(Right.MAKE_PLANS)
def settings(request: PageRequest, plan_id: int) -> HttpResponse:
    """Name and circle of a plan."""
    view = queries.plan(plan_id, request.scope, request.actor)
    head = view.head
    circle = [
        (person.username, f"{person.name} ({person.username})")
        for person in queries.sharers()
        if person.username != head.author
    ]
    form = PlanSettingsForm(
        request.POST or None, people=circle,
        initial={"name": head.name, "people": list(head.shared_with)},
    )  # fmt: skip

    def keep() -> None:
        data = form.cleaned_data
        service.change_plan(
            plan_id, _edition(request), actor=request.actor, scope=request.scope,
            name=data["name"], shared_with=data["people"],
        )  # fmt: skip

    if request.method == "POST" and shown.saved(request, form, keep, gettext("Plan saved.")):
        return redirect("planning:plan", plan_id)
    facts = {
        "header": plan_shown.header(request, view, "settings", verbs=_put_away(request, view)),
        "form": form,
        "edition": head.edition,
        "verb": gettext("Save"),
        "cancel_url": reverse("planning:plan", args=[plan_id]),
        "is_settings": True,
    }
    return shown.show(request, "plan_publish.html", facts)


def _put_away(request: PageRequest, view: PlanView) -> list[Action]:
    if Right.PUBLISH_PLANS not in request.rights and not _is_own_draft(request, view.head):
        return []
    address = reverse("planning:plan_change", args=[view.head.id, "archive"])
    edition = {"edition": str(view.head.edition)}
    return [Action(gettext("Archive the plan"), address, "post", "archive", values=edition)]


def _is_own_draft(request: PageRequest, head: PlanHead) -> bool:
    """Tell whether somebody puts away what nobody else was asked to look at yet."""
    return head.author == request.actor and head.may_edit


@require_POST
@page(Right.MAKE_PLANS)
def comment(request: PageRequest, plan_id: int) -> HttpResponse:
    """Say something of a plan."""
    text = request.POST.get("text", "")
    try:
        service.comment_plan(plan_id, text, actor=request.actor, scope=request.scope)
    except PeriluneError as error:
        notify(request, said(error), tone=Tone.WATCH)
    return redirect("planning:plan", plan_id)


def _place(name: str) -> Place:
    """Read the name of a typed amount: `cell|street|rep:7|3`."""
    found = Place.of(name.removeprefix("cell|"))
    if found is None:
        raise NotFound(_("The plan has no such amount."))
    return found


def _edition(request: PageRequest) -> int:
    return shown.edition_of(request) or 0
