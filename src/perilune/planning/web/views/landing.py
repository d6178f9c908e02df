"""Where the year lands: the three answers, and what leads from each to the next."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext

from perilune.kernel.asof import AsOf
from perilune.kernel.errors import PeriluneError
from perilune.people.contracts import Right
from perilune.people.queries import company
from perilune.people.web.gate import PageRequest, page, said
from perilune.planning import queries
from perilune.planning.contracts import PlanView
from perilune.planning.contracts.landings import Landing, Step
from perilune.planning.queries.landing import landing
from perilune.planning.queries.landing_words import (
    ANSWER_DEFINITIONS,
    ANSWER_LABELS,
    PART_DEFINITIONS,
    PART_LABELS,
)
from perilune.planning.web.plan_columns import money
from perilune.ui import formats
from perilune.ui.contracts import Column, Empty, Row, Table


@page(Right.MAKE_PLANS)
def index(request: PageRequest, plan_id: int) -> HttpResponse:
    """A part of the pages of a plan's gap and chances, asked for when it is shown."""
    view = queries.plan(plan_id, request.scope, request.actor)
    try:
        found = landing(view, request.scope, request.as_of)
    except PeriluneError as error:
        found, why = None, said(error)
    else:
        why = gettext("Three answers stand side by side while a year is under way.")
    facts = {
        "table": None if found is None else _table(found, view.head.currency),
        "empty": Empty(gettext("Nothing to compare yet"), why, icon="gauge"),
    }
    return render(request, "planning/landing.html", facts)


def landing_url(view: PlanView, at: AsOf) -> str:
    """Return the address of the part for a plan whose year is under way; else nothing."""
    year = company().calendar.year(view.head.year)
    is_open = year.start <= at.day < year.end
    return reverse("planning:plan_landing", args=[view.head.id]) if is_open else ""


def _table(found: Landing, currency: str) -> Table:
    chances, forecast = found.chances, found.forecast
    rows = [
        _answer("pace", found.pace, None),
        *_steps(found.to_chances),
        _answer("chances", chances.p50 if chances else None, found.no_chances),
        *_steps(found.to_forecast),
        _answer("forecast", forecast.p50 if forecast else None, found.no_forecast),
    ]
    booked = formats.short_money(found.booked, currency)
    note = gettext("All three are of the company and this year, and count %(booked)s won to date.")
    return Table(
        (
            Column("what", gettext("Answer, and steps to the next"), is_title=True),
            money("adds", gettext("Adds"), currency),
            money("year", gettext("Year"), currency),
            Column("counts", gettext("What it counts"), is_minor=True),
        ),
        rows,
        gettext("Where the year lands"),
        name="plan-landing",
        is_dense=True,
        note=note % {"booked": booked},
    )


def _answer(name: str, middle: float | None, why: PeriluneError | None) -> Row:
    year = None if middle is None else round(middle)
    counts = said(why) if why is not None else gettext(ANSWER_DEFINITIONS[name])
    label = gettext(ANSWER_LABELS[name])
    return Row(name, (label, None, year, counts))


def _steps(steps: tuple[Step, ...]) -> list[Row]:
    return [
        Row(one.part.value, (gettext(PART_LABELS[one.part]), one.minor, None,
                             gettext(PART_DEFINITIONS[one.part])), level=1)
        for one in steps
    ]  # fmt: skip
