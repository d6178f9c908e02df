"""Reps, teams and quotas: lists, and the verbs hire, move, leave, absence, quota."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext

from perilune.history.queries import state_as_of
from perilune.kernel.errors import NotFound
from perilune.kernel.money import Money
from perilune.kernel.wiring import PANELS
from perilune.people import service
from perilune.people.contracts import QUOTA_LEVELS, Right
from perilune.people.queries import (
    absences_as_of,
    assignments_as_of,
    product_families,
    quotas_as_of,
    reps_as_of,
    team_loads,
    teams_as_of,
)
from perilune.people.web import tables
from perilune.people.web.forms import (
    AbsenceForm,
    HireForm,
    LeaveForm,
    MoveForm,
    QuotaForm,
    TeamForm,
)
from perilune.people.web.gate import PageRequest, page
from perilune.people.web.shell import applied, back, header, show
from perilune.ui.contracts import Action

DATA_PAGE = "/data/"
REP_PLACE = "people.rep"
"""Place of panels on a rep's page; context: `id` of the rep."""


def _names(states: dict[int, dict[str, Any]]) -> list[tuple[int, str]]:
    pairs = [(record_id, state["name"] or "") for record_id, state in states.items()]
    return sorted(pairs, key=lambda pair: pair[1].lower())


def _import(label: str) -> Action:
    return Action(label, DATA_PAGE, icon="upload")


@page(Right.MANAGE_PEOPLE)
def reps(request: PageRequest) -> HttpResponse:
    hire = Action(gettext("Hire a rep"), reverse("people:rep_new"), is_primary=True, icon="plus")
    facts = {
        "header": header(
            request, "reps", actions=(_import(gettext("Import reps from a file")), hire)
        ),
        "table": tables.reps(request),
    }
    return show(request, "list_page.html", facts)


@page(Right.MANAGE_PEOPLE)
def rep_new(request: PageRequest) -> HttpResponse:
    form = HireForm(
        request.POST or None,
        teams=_names(teams_as_of(request.as_of)),
        reps=_names(reps_as_of(request.as_of)),
        families=product_families(request.as_of),
        initial={"hire_date": request.company.today.day, "country": request.company.country},
    )
    if request.method == "POST" and applied(
        request,
        form,
        lambda values: service.rep_hire(**values, actor=request.actor),
        gettext("Rep added."),
    ):
        return back("people:reps")
    facts = {
        "header": header(request, "reps", title=gettext("Hire a rep")),
        "form": form,
        "verb": gettext("Add rep"),
    }
    return show(request, "form_page.html", facts)


@page(Right.MANAGE_PEOPLE)
def rep(request: PageRequest, rep_id: int) -> HttpResponse:
    state = state_as_of("rep", rep_id, request.as_of.at)
    if state is None:
        raise NotFound("This rep does not exist (any more).")
    verb = request.POST.get("form", "")
    others = [pair for pair in _names(reps_as_of(request.as_of)) if pair[0] != rep_id]
    teams = _names(teams_as_of(request.as_of))
    forms = {
        "move_form": MoveForm(
            request.POST if verb == "move" else None,
            teams=teams,
            reps=others,
            families=product_families(request.as_of),
            initial=_place(request, rep_id),
        ),
        "leave_form": LeaveForm(request.POST if verb == "leave" else None),
        "absence_form": AbsenceForm(request.POST if verb == "absence" else None),
    }
    if _did(request, verb, rep_id, forms):
        return back("people:rep", rep_id)
    facts = {
        "header": header(request, "reps", title=state["name"] or ""),
        "rep": state,
        "assignments": tables.assignments(request, rep_id, dict(teams), dict(others)),
        "absences": [a for a in absences_as_of(request.as_of).values() if a["rep_id"] == rep_id],
        "stay": Action(
            gettext("Take the departure back"),
            reverse("people:rep", args=[rep_id]),
            method="post",
            values={"form": "stay"},
        ),
        "panels": [
            mark_safe(panel.render(request, {"id": rep_id}))
            for panel in sorted(PANELS, key=lambda panel: panel.order)
            if panel.place == REP_PLACE
        ],
        "is_correcting": any(form.is_bound for form in forms.values()),
        **forms,
    }
    return show(request, "rep.html", facts)


def _place(request: PageRequest, rep_id: int) -> dict[str, Any]:
    """Return where a rep sells now, as the form of a move begins with it."""
    theirs = [h for h in assignments_as_of(request.as_of) if h.rep_id == rep_id]
    last = max(theirs, key=lambda h: h.since or date.min, default=None)
    place = {"on": request.company.today.day}
    if last is None:
        return place
    return {
        **place,
        "team_id": last.team_id,
        "manager_id": last.manager_id,
        "role": last.role,
        "fte": last.fte,
        "product_family": last.product_family,
    }


def _did(request: PageRequest, verb: str, rep_id: int, forms: dict[str, Any]) -> bool:
    actor = request.actor
    if verb == "stay":
        service.rep_stay(rep_id, actor=actor)
        return True
    verbs = {
        "move": (
            lambda values: service.rep_move(rep_id, actor=actor, **values),
            gettext("Change of team saved."),
        ),
        "leave": (
            lambda values: service.rep_leave(rep_id, values["last_day"], actor=actor),
            gettext("Departure saved; it can be taken back."),
        ),
        "absence": (
            lambda values: service.absence_add(rep_id, actor=actor, **values),
            gettext("Absence saved."),
        ),
    }
    if verb not in verbs:
        return False
    act, done = verbs[verb]
    return applied(request, forms[f"{verb}_form"], act, done)


@page(Right.MANAGE_PEOPLE)
def teams(request: PageRequest) -> HttpResponse:
    form = TeamForm(request.POST or None, teams=_names(teams_as_of(request.as_of)))
    if request.method == "POST" and applied(
        request,
        form,
        lambda values: service.team_add(**values, actor=request.actor),
        gettext("Team added."),
    ):
        return back("people:teams")
    period = tables.quarter(request)
    facts = {
        "header": header(request, "teams"),
        "form": form,
        "verb": gettext("Add team"),
        "form_title": gettext("Add a team"),
        "table": tables.loads(team_loads(request.as_of, period), period.name),
    }
    return show(request, "list_page.html", facts)


@page(Right.MANAGE_QUOTAS)
def quotas(request: PageRequest) -> HttpResponse:
    team_names = _names(teams_as_of(request.as_of))
    rep_names = _names(reps_as_of(request.as_of))
    form = QuotaForm(request.POST or None, teams=team_names, reps=rep_names)

    def save(values: dict[str, Any]) -> None:
        period = request.company.calendar.parse(values["period"])
        unit, _, number = values["unit"].partition(":")
        service.quota_set(
            Money(values["amount"], request.company.currency),
            period.start,
            period.end,
            actor=request.actor,
            rep_id=int(number) if unit == "rep" else None,
            team_id=int(number) if unit == "team" else None,
            level=values["level"],
            effective_from=values["effective_from"],
        )

    if request.method == "POST" and applied(request, form, save, gettext("Quota saved.")):
        return back("people:quotas")
    levels = {value: gettext(label) for value, label in QUOTA_LEVELS}
    facts = {
        "header": header(
            request, "quotas", actions=(_import(gettext("Import quotas from a file")),)
        ),
        "form": form,
        "verb": gettext("Save quota"),
        "form_title": gettext("Set a quota"),
        "table": tables.quotas(
            request,
            quotas_as_of(request.as_of),
            {"team": dict(team_names), "rep": dict(rep_names), "level": levels},
        ),
    }
    return show(request, "list_page.html", facts)
