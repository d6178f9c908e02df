"""Say something of a scenario; propose it for a plan, withdraw or refuse that."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from perilune.kernel.errors import PeriluneError
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page, require, said
from perilune.planning import service
from perilune.ui.contracts import Tone
from perilune.ui.toasts import notify


@require_POST
@page(Right.MAKE_SCENARIOS)
def comment(request: PageRequest, scenario_id: int) -> HttpResponse:
    """Say something of a scenario, to all who see it."""
    try:
        service.comment_scenario(scenario_id, request.POST.get("text", ""), actor=request.actor)
    except PeriluneError as error:
        notify(request, said(error), tone=Tone.WATCH)
    return redirect("planning:scenario", scenario_id)


@require_POST
@page(Right.MAKE_SCENARIOS)
def propose(request: PageRequest, scenario_id: int) -> HttpResponse:
    """Propose a scenario for somebody else's draft plan."""
    require(request, Right.MAKE_PLANS)
    try:
        service.propose_scenario(
            scenario_id, _number(request, "plan"), actor=request.actor, scope=request.scope
        )
    except PeriluneError as error:
        notify(request, said(error), tone=Tone.WATCH)
    else:
        notify(request, gettext("Proposed, and shared with the author of the plan."))
    return redirect("planning:scenario", scenario_id)


@require_POST
@page(Right.MAKE_SCENARIOS)
def withdraw(request: PageRequest, scenario_id: int) -> HttpResponse:
    """Take a proposal back."""
    require(request, Right.MAKE_PLANS)
    try:
        service.withdraw_proposal(scenario_id, _number(request, "plan"), actor=request.actor)
    except PeriluneError as error:
        notify(request, said(error), tone=Tone.WATCH)
    else:
        notify(request, gettext("Withdrawn; it stays shared until you change that."))
    return redirect("planning:scenario", scenario_id)


@require_POST
@page(Right.MAKE_PLANS)
def refuse(request: PageRequest, plan_id: int) -> HttpResponse:
    """Refuse a proposed scenario with a reason."""
    require(request, Right.MAKE_SCENARIOS)
    number = _number(request, "scenario")
    try:
        service.refuse_proposal(
            plan_id, number, request.POST.get("reason", ""),
            actor=request.actor, scope=request.scope,
        )  # fmt: skip
    except PeriluneError as error:
        notify(request, said(error), tone=Tone.WATCH)
        address = reverse("planning:plan_take", args=[plan_id])
        return redirect(f"{address}?{urlencode({'scenario': number})}")
    notify(request, gettext("Refused: its author is told why."))
    return redirect("planning:plan", plan_id)


def _number(request: PageRequest, name: str) -> int:
    text = request.POST.get(name, "")
    return int(text) if text.isdigit() else 0
