"""The forecast on other capabilities' pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext

from perilune.forecasting import queries
from perilune.forecasting.web import (
    deal_words,
    deals_shown,
    departure_shown,
    drawn,
    scenario_shown,
    shown,
    together_shown,
    words,
)
from perilune.kernel.calendar import Grain, Period
from perilune.kernel.errors import Refused
from perilune.kernel.wiring import Panel
from perilune.people.web.gate import PageRequest, said
from perilune.planning.contracts import COMPARED_PLACE, RESULTS_PLACE, Scenario
from perilune.planning.web.shown import speaker_of
from perilune.ui.contracts import Empty, Link


def panels() -> list[Panel]:
    """Return the panels: on the cockpit, on a deal's page, on those of scenarios."""
    return [
        Panel("forecasting.cockpit", "cockpit", 10, _cockpit),
        Panel("forecasting.range", "cockpit.later", 10, _range),
        Panel("forecasting.outlook", "record.opportunity", 10, _outlook),
        Panel("forecasting.risks", "record.opportunity", 20, _risks),
        Panel("forecasting.scenario", RESULTS_PLACE, 10, _scenario),
        Panel("forecasting.scenarios", COMPARED_PLACE, 10, _scenario),
        Panel("forecasting.departures", "people.rep", 10, _departures),
    ]


def _scenario(request: PageRequest, context: Mapping[str, Any]) -> str:
    """Return what one scenario does, or several side by side, on the same random numbers.

    context: `scenario` or `scenarios`, which the page has let through its gate; `period`.
    """
    asked: tuple[Scenario, ...] = context.get("scenarios") or (context["scenario"],)
    facts: dict[str, Any] = {"width": 12 if len(asked) == 1 else 6}
    try:
        results = queries.scenario_results(asked, context["period"], request.as_of, request.scope)
    except Refused as refused:
        facts["refused"] = Empty(said(refused), icon="gauge")
        facts["guides"] = []
    else:
        facts["guides"] = departure_shown.guides(request, asked) if len(asked) == 1 else []
        speaker, top = speaker_of(request, *asked), scenario_shown.top_of(results)
        if len(asked) == 1:
            facts |= _together(request, asked[0], context["period"])
        facts["found"] = [
            scenario_shown.facts(result, one, speaker, top)
            for result, one in zip(results, asked, strict=True)
        ]
    return render_to_string("forecasting/panel_scenario.html", facts, request=request)


def _together(request: PageRequest, found: Scenario, period: Period) -> dict[str, Any]:
    """Return capacity, quotas and load under one scenario; nothing without history."""
    try:
        answer = queries.together(found, period, request.as_of, request.scope, request.company)
    except Refused:
        return {}
    return {
        "together": [together_shown.facts(answer)],
        "together_notes": together_shown.notes([answer]),
    }


def _departures(request: PageRequest, context: Mapping[str, Any]) -> str:
    """Return what is planned for a rep, to whom it shows, and the doors of the guide.

    context: `id` of the rep.
    """
    facts = departure_shown.planned_facts(request, context["id"])
    return render_to_string("forecasting/panel_departures.html", facts, request=request)


def _risks(request: PageRequest, context: Mapping[str, Any]) -> str:
    """Return the box of an open deal's risks, asked for when the deal's page is shown.

    context: `id` of the deal. A viewer, who sees no deals, has no such page.
    """
    if not queries.is_watched(context["id"], request.as_of, request.scope):
        return ""
    quarter = request.company.calendar.find(request.as_of.day, Grain.QUARTER)
    address = reverse("forecasting:risk", args=[quarter.name, context["id"]]) + "?part=1"
    facts = {"load": address, "period": quarter.name}
    return render_to_string("forecasting/panel_risks.html", facts, request=request)


def _outlook(request: PageRequest, context: Mapping[str, Any]) -> str:
    """Return what is likely to become of an open deal in the period; nothing for others.

    context: `id` of the opportunity.
    """
    period = request.company.calendar.find(request.as_of.day, Grain.QUARTER)
    if period.end == request.as_of.day:
        period = request.company.calendar.shift(period, 1)
    question = (request.as_of, request.scope)
    deal = queries.open_deals(period, *question).find(context["id"])
    if deal is None:
        return ""
    near = queries.open_deals(queries.next_weeks(request.as_of), *question).find(deal.id)
    address = reverse("forecasting:deal", args=[period.name, deal.id])
    facts = {
        "outlook": deal_words.outlook(deal.chance, period.name),
        "reasons": [deal_words.reason(one) for one in deal.chance.reasons],
        "track": deal_words.track(
            queries.deal_record(*question), near.chance.win if near else None
        ),
        "mark": deals_shown.mark(deal),
        "link": Link(gettext("Why"), address, in_drawer=True),
    }
    return render_to_string("forecasting/panel_outlook.html", facts, request=request)


def _period(request: PageRequest, context: Mapping[str, Any]) -> Period:
    found: Period | None = context.get("period")
    return found or request.company.calendar.find(request.as_of.day, Grain.QUARTER)


def _cockpit(request: PageRequest, context: Mapping[str, Any]) -> str:
    """Return the box of the period's range; the range itself comes after the page.

    context: `period` (by default the quarter under way) and `later`, which gives the address of a
    panel of the cockpit's that is loaded later.
    """
    period = _period(request, context)
    address = reverse("forecasting:period", args=[period.name])
    facts = {
        # of a period that is over only what was won is told: its box is lower
        "shape": "range-over" if request.as_of.day >= period.end else "range",
        "load": context["later"]("forecasting.range"),
        "link": Link(gettext("Open the forecast"), address),
    }
    return render_to_string("forecasting/panel_cockpit.html", facts, request=request)


def _range(request: PageRequest, context: Mapping[str, Any]) -> str:
    """Return the range of the period with its track record and course.

    context: `period` as above and `target` (minor units, if known).
    """
    period = _period(request, context)
    result = queries.card(period, request.as_of, request.scope)
    question = (period, request.as_of, request.scope, result.currency)
    goal, call = context.get("target"), queries.calls(*question).get(("total", 0))
    may_move, too_wide = words.may_move(result), words.too_wide(result.total.backtest)
    notes = [words.note(note) for note in result.total.notes]
    facts = {
        "bar": shown.bar(result, goal, call),
        "finding": words.finding(result, goal),
        # one line: the cockpit is one screen, the forecast page says the rest
        "notes": [said for said in (may_move, too_wide, *notes) if said][:1],
        "chart": drawn.chart(result, goal, height="small"),
    }
    return render_to_string("forecasting/panel_range.html", facts, request=request)
