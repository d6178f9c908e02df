"""The capacity of a plan: months, units, what it rests on, and the drawer behind each figure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from perilune.kernel.errors import Invalid, NotFound, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page, said
from perilune.planning import queries, service
from perilune.planning.contracts import PlanView
from perilune.planning.contracts.capacity import Count
from perilune.planning.queries.capacity import PlanCapacity, plan_capacity
from perilune.planning.queries.capacity_laws import laws
from perilune.planning.web import (
    capacity_laws_shown,
    capacity_shown,
    capacity_why,
    plan_shown,
    shown,
)
from perilune.planning.web.plan_columns import excel
from perilune.ui.contracts import Action, Empty, ProblemReport, Tone
from perilune.ui.toasts import notify


@page(Right.MAKE_PLANS)
def index(request: PageRequest, plan_id: int) -> HttpResponse:
    """The capacity of one plan by month and unit, as known at the page's as-of."""
    view = queries.plan(plan_id, request.scope, request.actor)
    facts: dict[str, Any] = {}
    if not view.is_whole or not view.content.units:
        facts["header"] = plan_shown.header(request, view, "capacity")
        facts["empty"] = _withheld(view)
        return shown.show(request, "capacity.html", facts)
    found = found_of(request, view)
    count = count_of(request.GET.get("show", Count.RAMPED.value))
    facts |= {
        "header": plan_shown.header(
            request, view, "capacity", said=capacity_shown.finding(view, found),
            verbs=[Action(gettext("What it rests on"),
                          reverse("planning:capacity_laws", args=[plan_id]), icon="list-checks")],
        ),
        "kpis": capacity_shown.figures(view, found),
        "money_chart": capacity_shown.money_chart(view, found) if found.reason is None else None,
        "people_chart": capacity_shown.people_chart(found),
        "units": replace(capacity_shown.units_table(view, found),
                         export_urls=excel(request, plan_id, "capacity")),
        "filters": capacity_shown.count_filter(count),
        "months": replace(
            capacity_shown.months_grid(view, found, count),
            export_urls=excel(request, plan_id, "capacity-months", f"show={count.value}"),
        ),
        "reserve_note": "" if view.is_circle else gettext(
            "Hires and leavers of this plan show as an unnamed reserve, at levels of five reps or"
            " more."
        ),
        "found": True,
    }  # fmt: skip
    if found.reason is not None:
        facts["problem"] = ProblemReport(
            gettext("What people bring is not known"), why=said(found.reason),
            kept=gettext("People are counted as they stand."), tone=Tone.WATCH,
        )  # fmt: skip
    return shown.show(request, "capacity.html", facts)


@page(Right.MAKE_PLANS)
def why(request: PageRequest, plan_id: int, what: str) -> HttpResponse:
    """The drawer behind one figure."""
    view = _whole(request, plan_id)
    found = found_of(request, view)
    if request.GET.get("expected") == "1":
        facts = {"explanation": capacity_why.expected_explanation(view, found)}
        return render(request, "planning/capacity_why.html", facts)
    unit, month = request.GET.get("unit", "company"), request.GET.get("month", "")
    at = int(month) if month.isdigit() else None
    if unit not in found.units or (at is not None and not 1 <= at <= len(found.months)):
        raise NotFound(_("This plan has no such figure."))
    told = capacity_why.explanation(view, found, count_of(what), unit, at)
    return render(request, "planning/capacity_why.html", {"explanation": told})


@page(Right.MAKE_PLANS)
def rests_on(request: PageRequest, plan_id: int) -> HttpResponse:
    """What capacity rests on: ramps, who leaves, bookings per FTE, accounts, changes, absences."""
    view = queries.plan(plan_id, request.scope, request.actor)
    facts: dict[str, Any] = {}
    if not view.is_whole or not view.content.units:
        facts["header"] = plan_shown.header(request, view, "capacity")
        facts["empty"] = _withheld(view)
        return shown.show(request, "capacity_laws.html", facts)
    found = laws(view.head, queries.loaded_plan(plan_id).content, request.scope, request.as_of)
    back = Action(gettext("Capacity by month"),
                  reverse("planning:capacity", args=[plan_id]), icon="calendar-range")  # fmt: skip
    facts |= {
        "header": plan_shown.header(
            request, view, "capacity", said=capacity_laws_shown.finding(found), verbs=[back]
        ),
        **capacity_laws_shown.panels(request, view, found),
        "found": True,
    }
    return shown.show(request, "capacity_laws.html", facts)


@require_POST
@page(Right.MAKE_PLANS)
def returns(request: PageRequest, plan_id: int) -> HttpResponse:
    """Keep by what diminishing returns are counted, or what twice the sellers bring."""
    text = request.POST.get("twice", "").strip().replace(",", ".")
    try:
        try:
            twice = float(text) / 100 if text else None
        except ValueError:
            raise Invalid(_("Twice the sellers bring between once and twice as much.")) from None
        service.choose_returns(
            request.POST.get("by", ""), twice, actor=request.actor, scope=request.scope
        )
    except (Invalid, Refused) as error:
        notify(request, said(error), tone=Tone.WATCH)
    else:
        notify(request, gettext("Kept: advice to hire by segment counts with it from now on."))
    return redirect("planning:capacity_laws", plan_id)


def found_of(request: PageRequest, view: PlanView) -> PlanCapacity:
    """Return the capacity of a plan as the page shows it."""
    content = queries.loaded_plan(view.head.id).content
    return plan_capacity(view.head, content, request.scope, request.as_of, is_circle=view.is_circle)


def _whole(request: PageRequest, plan_id: int) -> PlanView:
    view = queries.plan(plan_id, request.scope, request.actor)
    if not view.is_whole:
        raise Refused(_("The capacity is of the whole plan: ask sales operations."))
    return view


def count_of(text: str) -> Count:
    """Return the count that an address names; NotFound where it is none."""
    if text not in [one.value for one in Count]:
        raise NotFound(_("This plan has no such figure."))
    return Count(text)


def _withheld(view: PlanView) -> Empty:
    if view.is_whole:
        back = Action(gettext("Targets and quotas"), reverse("planning:plan", args=[view.head.id]))
        reason = gettext("Reconcile it: who sells in its year is then in it.")
        return Empty(gettext("Nobody is in this plan yet"), reason, back, icon="users")
    reason = gettext("You see the rows of your reps; sales operations computes the whole.")
    return Empty(gettext("The capacity is of the whole plan"), reason, icon="users")
