"""Where the year lands: the pace, the plan's chances and the forecast, led into one another."""

from __future__ import annotations

from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.errors import Invalid, NotFound, PeriluneError, Refused, Unavailable
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import FORETELLERS, Foretold
from perilune.people.queries import company
from perilune.planning.contracts import COMPANY, PlanView
from perilune.planning.contracts.landings import Landing
from perilune.planning.engine.landing import Deals, People, to_chances, to_forecast
from perilune.planning.queries.chances import Chances, chances
from perilune.planning.queries.gaps import plan_gap
from perilune.planning.queries.plans import loaded_plan

NOT_WHOLE = _("You see the rows of your reps; sales operations computes the whole.")
NO_FORECAST = _("There is no forecast of this year as of this day: too little history, or too far.")


def landing(view: PlanView, scope: Scope, at: AsOf) -> Landing | None:
    """Return the three answers for the company's year, None where it is over or has not begun.

    Raises Invalid as `plan_gap` does. Who does not see the whole plan gets no chances, and no step
    that leads to or from them.
    """
    year = company().calendar.year(view.head.year)
    if not year.start <= at.day < year.end:
        return None
    lead = plan_gap(view, scope, at).rows[0]
    if lead.unit != COMPANY:
        return None
    booked, pace = lead.pace.booked, lead.pace.projected
    found, why = _chances(view, scope, at)
    told = _foretold(year, at, scope)
    people = None if found is None else _people(found)
    deals = None if told is None else Deals(told.won, told.open_deals, told.new, told.range.p50)
    return Landing(
        booked=booked,
        pace=pace,
        chances=None if found is None else found.simulation.odds[0].reached,
        forecast=None if told is None else told.range,
        to_chances=to_chances(booked, pace, people) if people and pace is not None else (),
        to_forecast=to_forecast(booked, people, deals) if people and deals else (),
        no_chances=why,
        no_forecast=None if told else Invalid(NO_FORECAST),
    )


def _chances(view: PlanView, scope: Scope, at: AsOf) -> tuple[Chances | None, PeriluneError | None]:
    if not view.is_whole:
        return None, Invalid(NOT_WHOLE)
    try:
        return chances(view.head, loaded_plan(view.head.id).content, scope, at), None
    except Invalid as error:
        return None, error


def _people(found: Chances) -> People:
    odds = found.simulation.odds[0]
    return People(odds.expected, odds.reached.p50, found.share_to_come)


def _foretold(year: Period, at: AsOf, scope: Scope) -> Foretold | None:
    for foretell in FORETELLERS:
        try:
            return foretell(year, at, scope)
        except (Invalid, NotFound, Refused, Unavailable):
            return None
    return None
