"""The guide's steps: their forms, their tabs, and what a scenario fills in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext

from perilune.forecasting import queries
from perilune.forecasting.contracts.departures import (
    Departure,
    Going,
    Rule,
    Standing,
    Taker,
    Terms,
)
from perilune.forecasting.web import departure_words
from perilune.forecasting.web.departure_forms import (
    AbsenceForm,
    HandOverForm,
    LeaveForm,
    MoveForm,
    RestForm,
)
from perilune.people.queries import product_families, reps_as_of, teams_as_of
from perilune.people.web.gate import PageRequest
from perilune.planning.contracts import Absence, Edit, Leave
from perilune.planning.queries import choices, way_back
from perilune.ui import formats
from perilune.ui.contracts import Link, PageHeader, Tab

STEPS = ("what", "hand-over", "rest")
Form = LeaveForm | HandOverForm | RestForm


def step_title(step: str, terms: Terms) -> str:
    """Return the reader's word for a step."""
    return {
        "what": gettext("What and when"),
        "hand-over": gettext("Who takes over"),
        "rest": gettext("Quota, people, access"),
    }[step]


def next_verb(step: str, found: Departure | None) -> str:
    """Return what the button of a step does."""
    if found is not None and found.standing is not Standing.DRAFT:
        return gettext("Save and preview")
    return {
        "what": gettext("Next: who takes over"),
        "hand-over": gettext("Next: quota, people, access"),
        "rest": gettext("Preview what changes"),
    }[step]


def tabs_of(found: Departure, current: str) -> list[Tab]:
    steps = [
        Tab(f"{at}. {step_title(step, found.terms)}",
            reverse("departures:step", args=[found.id, step]), step == current)
        for at, step in enumerate(STEPS, 1)
    ]  # fmt: skip
    last = Tab(
        f"{len(STEPS) + 1}. {gettext('Preview')}",
        reverse("departures:departure", args=[found.id]),
        current == "preview",
    )
    return [*steps, last]


def step_header(
    request: PageRequest, terms: Terms, step: str, found: Departure | None
) -> PageHeader:
    """Return the header of a step, with the steps as tabs once there is something to go back to."""
    state = reps_as_of(request.company.today).get(terms.rep_id) or {}
    return PageHeader(
        departure_words.new_terms_title(terms, str(state.get("name") or "")),
        finding=departure_words.sentence(found) if found else "",
        tabs=tabs_of(found, step) if found else (),
        back=Link(gettext("Departures"), reverse("departures:index")),
    )


def _ramp_source(request: PageRequest) -> str:
    """Return whether what a change of team costs is learnt here, or assumed."""
    days, missing, is_learnt = way_back(request.company.today)
    facts = {"days": formats.number(days, 0), "missing": formats.percent(missing, 0)}
    if is_learnt:
        return gettext("Learnt from changes of team here: %(missing)s, gone after %(days)s days."
                       ) % facts  # fmt: skip
    return gettext("Too few changes of team are known here: assumed are %(missing)s, gone after"
                   " %(days)s days.") % facts  # fmt: skip


def what_form(request: PageRequest, terms: Terms, data: Any) -> LeaveForm:
    """Return the first step's form of what happens."""
    first = {
        "first_day": terms.first_day,
        "last_day": terms.last_day,
        "fte": terms.fte,
        "team_id": terms.team_id,
        "manager_id": terms.manager_id,
        "product_family": terms.product_family,
        "ramp_days": terms.ramp_days,
        "ramp_loss": round(100 * terms.ramp_loss, 1),
    }
    if terms.going is Going.MOVE:
        if terms.product_family is None:
            seat = queries.seat_of(terms.rep_id, request.company.today.day, request.company.today)
            first["product_family"] = seat.product_family if seat else ""
        return MoveForm(
            data, teams=_teams(request), reps=_reps(request, terms), initial=first,
            families=product_families(request.company.today),
            source=_ramp_source(request),
        )  # fmt: skip
    return (AbsenceForm if terms.going is Going.ABSENCE else LeaveForm)(data, initial=first)


def form_of(request: PageRequest, terms: Terms, step: str, data: Any) -> Form:
    """Return the form of a step."""
    if step == "what":
        return what_form(request, terms, data)
    today = request.company.today
    if step == "rest":
        led = queries.reports_of(terms.rep_id, terms.day or today.day, today)
        first = {
            "prorates": terms.prorates,
            "reports_to": terms.reports_to,
            "closes_access": terms.closes_access,
        }
        reps = _reps(request, terms)
        return RestForm(data, terms=terms, reports=len(led), reps=reps, initial=first)
    reps, _peers = queries.choices_of_takers(terms, today)
    offered = choices(request.scope, today)
    return HandOverForm(
        data,
        terms=terms,
        reps=reps,
        segments=[(name, name) for name in offered.segments],
        sectors=[(name, name) for name in offered.sectors],
        initial=HandOverForm.shown(terms),
    )


def following(request: PageRequest, found: Departure, step: str) -> Sequence[str]:
    """Return the steps that come after one; those without anything to decide are passed over."""
    later = STEPS[STEPS.index(step) + 1 :]
    return [one for one in later if form_of(request, found.terms, one, None).fields]


def _teams(request: PageRequest) -> list[tuple[int, str]]:
    named = (
        (id_, state["name"] or "") for id_, state in teams_as_of(request.company.today).items()
    )
    return sorted(named, key=lambda pair: pair[1].casefold())


def _reps(request: PageRequest, terms: Terms) -> list[tuple[int, str]]:
    today = request.company.today.day
    named = (
        (id_, state["name"] or "")
        for id_, state in reps_as_of(request.company.today).items()
        if id_ != terms.rep_id and (state["leave_date"] is None or state["leave_date"] >= today)
    )
    return sorted(named, key=lambda pair: pair[1].casefold())


def prefilled(terms: Terms, edits: Sequence[Edit]) -> Terms:
    """Return the terms with what a scenario's edit about the same rep says."""
    for edit in edits:
        if isinstance(edit, Leave) and terms.going is Going.LEAVE and edit.rep_id == terms.rep_id:
            terms = terms.but(last_day=edit.last_day)
            if edit.to_rep_id is not None and edit.to_rep_id > 0:
                terms = terms.but(rule=Rule.HAND, takers=(Taker(edit.to_rep_id),))
        if isinstance(edit, Absence) and terms.going is Going.ABSENCE:
            terms = terms.but(first_day=edit.starts, last_day=edit.ends, fte=edit.fte)
    return terms
