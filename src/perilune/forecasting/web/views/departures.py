"""Departures, absences, changes of team: the list, the guide in steps, the preview, the verbs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from perilune.forecasting import queries, service
from perilune.forecasting.contracts.departures import Departure, Going, Standing, Terms
from perilune.forecasting.web import departure_shown as shown
from perilune.forecasting.web import departure_steps as steps
from perilune.forecasting.web import departure_tables as tables
from perilune.forecasting.web import departure_words as words
from perilune.forecasting.web import scenario_shown, together_shown
from perilune.kernel.errors import Conflict, Invalid, NotFound, Past, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.queries import reps_as_of
from perilune.people.web.forms import PlainForm
from perilune.people.web.gate import PageRequest, page, require, said
from perilune.planning.queries import scenario, sharers
from perilune.planning.web.forms import ShareForm
from perilune.planning.web.room_tabs import room_tabs
from perilune.ui.contracts import Empty, PageHeader, Tone
from perilune.ui.toasts import notify

DONE = {
    "confirm": _("Planned. Nobody outside your circle sees it before its day."),
    "tell": _("Told to all: capacity and forecasts know the dates."),
    "take-back": _("Taken back: everything is as before."),
    "plan-again": _("Planned again."),
    "discard": _("Thrown away: nothing was changed."),
}


@page(Right.MAKE_SCENARIOS)
def index(request: PageRequest) -> HttpResponse:
    """What is one's own, and what was shared by name."""
    may = Right.MANAGE_PEOPLE in request.rights
    found = queries.departures(request.actor)
    facts = {
        "header": PageHeader(
            gettext("Departures"),
            finding=shown.count_text(found),
            tabs=room_tabs(request, "departures"),
        ),
        "table": tables.listed(found, request.actor, may_plan=may),
        "note": shown.privacy(),
    }
    return render(request, "forecasting/departures.html", facts)


@page(Right.MANAGE_PEOPLE)
def new(request: PageRequest, rep_id: int, going: str) -> HttpResponse:
    """The first step for a rep: what happens, and when; a scenario's edit may fill it in."""
    terms = _first(request, rep_id, going)
    form = steps.what_form(request, terms, request.POST or None)
    made: list[int] = []

    def begin() -> None:
        asked = form.terms(terms)
        made.append(service.departure_begin(terms, actor=request.actor, scope=request.scope))
        service.departure_change(made[0], lambda _before: asked, actor=request.actor)

    if request.method == "POST":
        _now_only(request)
        if _saved(request, form, begin, made):
            return redirect("departures:step", made[-1], "hand-over")
    return _step_page(request, terms, form, "what", None)


def _first(request: PageRequest, rep_id: int, going: str) -> Terms:
    if going not in set(Going) or rep_id not in reps_as_of(request.company.today):
        raise NotFound(_("This rep does not exist (any more)."))
    seat = queries.seat_of(rep_id, request.company.today.day, request.company.today)
    terms = service.first_terms(Going(going), rep_id, seat.manager_id if seat else None)
    number, edit = request.GET.get("scenario", ""), request.GET.get("edit", "")
    if number.isdigit() and edit.isdigit():
        found = scenario(int(number), None, request.actor)
        return steps.prefilled(terms, [a.edit for a in found.assumptions if a.id == int(edit)])
    return terms


@page(Right.MANAGE_PEOPLE)
def step(request: PageRequest, departure_id: int, step: str) -> HttpResponse:
    """Another step of the guide: its form is saved and the next step follows."""
    found = queries.departure(departure_id, request.actor)
    if step not in steps.STEPS:
        raise NotFound(_("There is no such step."))
    form = steps.form_of(request, found.terms, step, request.POST or None)

    def save() -> None:
        service.departure_change(
            departure_id, form.terms, actor=request.actor, edition=shown.edition_of(request)
        )

    if request.method == "POST":
        _now_only(request)
        if _saved(request, form, save, []):
            after = steps.following(request, queries.departure(departure_id, request.actor), step)
            return (
                redirect("departures:step", departure_id, after[0])
                if after and found.standing is Standing.DRAFT
                else redirect("departures:departure", departure_id)
            )
    return _step_page(request, found.terms, form, step, found)


def _step_page(
    request: PageRequest, terms: Terms, form: PlainForm, step: str, found: Departure | None
) -> HttpResponse:
    facts = {
        "header": steps.step_header(request, terms, step, found),
        "form": form,
        "edition": found.edition if found else None,
        "verb": steps.next_verb(step, found),
        "title": steps.step_title(step, terms),
        "note": shown.privacy(),
    }
    is_wrong = form.is_bound and not form.is_valid()
    return render(
        request, "forecasting/departure_step.html", facts, status=422 if is_wrong else 200
    )


@page(Right.MAKE_SCENARIOS)
def departure(request: PageRequest, departure_id: int) -> HttpResponse:
    """The preview: what will change and when; after the day, what was decided."""
    found = queries.departure(departure_id, request.actor)
    facts: dict[str, Any] = {
        "header": shown.header_of(request, found),
        "departure": found,
        "log": shown.log_of(request, found),
    }
    if found.is_open:
        facts |= shown.preview(request, queries.follows(found, request.as_of, request.scope))
    else:
        facts["over"] = shown.over(request, found)
    return render(request, "forecasting/departure.html", facts)


@page(Right.MAKE_SCENARIOS)
def forecast(request: PageRequest, departure_id: int) -> HttpResponse:
    """The part of the preview that takes longer: this quarter and the next, before and after."""
    found = queries.departure(departure_id, request.actor)
    facts: dict[str, Any] = {}
    try:
        results = queries.forecasts(found, request.as_of, request.scope)
    except Refused as refused:
        facts["refused"] = Empty(said(refused), icon="gauge")
    else:
        top = scenario_shown.top_of(results)
        facts["found"] = [shown.forecast_facts(one, top) for one in results]
        facts["notes"] = shown.forecast_notes(results)
        try:
            whole = queries.answers(found, request.as_of, request.scope)
        except Refused:
            whole = []  # without history there is nothing beside what stands above
        for one, answer in zip(facts["found"], whole, strict=False):
            one["together"] = [together_shown.facts(answer)]
        facts["notes"] += together_shown.notes(whole)
    return render(request, "forecasting/departure_forecast.html", facts)


@page(Right.MANAGE_PEOPLE)
def share(request: PageRequest, departure_id: int) -> HttpResponse:
    """By name: who else sees it before its day."""
    found = queries.departure(departure_id, request.actor)
    people = [
        (person.username, f"{person.name} ({person.username})")
        for person in sharers()
        if person.username != found.author and person.rep_id != found.terms.rep_id
    ]
    form = ShareForm(
        request.POST or None, people=people, initial={"people": list(found.shared_with)}
    )

    def save() -> None:
        service.departure_share(
            departure_id, form.cleaned_data["people"], actor=request.actor,
            edition=shown.edition_of(request),
        )  # fmt: skip

    if request.method == "POST" and _saved(request, form, save, []):
        notify(request, gettext("Sharing saved."))
        return redirect("departures:departure", departure_id)
    facts = {
        "header": shown.header_of(request, found, is_plain=True),
        "form": form,
        "edition": found.edition,
        "verb": gettext("Save sharing"),
        "title": gettext("Share by name"),
        "note": shown.privacy(),
    }
    return render(request, "forecasting/departure_step.html", facts)


@require_POST
@page(Right.MANAGE_PEOPLE)
def act(request: PageRequest, departure_id: int, verb: str) -> HttpResponse:
    """Confirm, tell, take back, plan again, discard, or keep as a scenario."""
    _now_only(request)
    edition = shown.edition_of(request)
    given: dict[str, Any] = {"actor": request.actor}
    if verb == "scenario":
        return _as_scenario(request, departure_id)
    verbs: dict[str, Callable[[], object]] = {
        "confirm": lambda: service.departure_confirm(departure_id, edition=edition, **given),
        "tell": lambda: service.departure_tell(departure_id, edition=edition, **given),
        "take-back": lambda: service.departure_take_back(departure_id, edition=edition, **given),
        "plan-again": lambda: service.departure_plan_again(departure_id, **given),
        "discard": lambda: service.departure_discard(departure_id, **given),
    }
    if verb not in verbs:
        raise NotFound(_("There is no such verb."))
    before = queries.departure(departure_id, request.actor)
    verbs[verb]()
    if verb == "discard":
        notify(request, gettext(DONE[verb]))
        return redirect("departures:index")
    after = queries.departure(departure_id, request.actor)
    problem = queries.departure_problem(departure_id)
    if verb == "confirm" and after.standing is Standing.ACTIVE:
        notify(request, gettext("In force: its day has come."))
    elif problem:
        notify(request, gettext(problem), tone=Tone.ACT)
    else:
        undo = shown.undo_of(verb, before)
        notify(request, gettext(DONE[verb]), undo)
    return redirect("departures:departure", departure_id)


def _as_scenario(request: PageRequest, departure_id: int) -> HttpResponse:
    require(request, Right.MAKE_SCENARIOS)
    found = queries.departure(departure_id, request.actor)
    made = service.departure_as_scenario(
        departure_id,
        words.new_terms_title(found.terms, found.rep)[:120],
        actor=request.actor,
        scope=request.scope,
    )
    notify(request, gettext("Kept as a private scenario."))
    return redirect(reverse("planning:scenario", args=[made]))


def _now_only(request: PageRequest) -> None:
    if request.as_of.day < request.company.today.day:
        raise Past


def _saved(
    request: PageRequest, form: PlainForm, verb: Callable[[], object], made: list[int]
) -> bool:
    """Run a verb with a form; its errors stand at the fields, and nothing half-begun is left."""
    if not form.is_valid():
        return False
    try:
        verb()
    except (Invalid, Conflict, NotFound) as error:
        form.take(error)
        for number in made:
            service.departure_discard(number, actor=request.actor)
        return False
    return True
