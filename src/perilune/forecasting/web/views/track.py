"""The track record: every recorded forecast, and every chance of a deal, against what came."""

from __future__ import annotations

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext

from perilune.forecasting import queries
from perilune.forecasting.contracts import ForecastResult
from perilune.forecasting.web import chances_shown, preparing
from perilune.forecasting.web import track_shown as shown
from perilune.forecasting.web import track_words as words
from perilune.forecasting.web.periods import tabs
from perilune.kernel.calendar import Grain
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page
from perilune.ui.addresses import with_query
from perilune.ui.contracts import Action, Choice, Empty, Filter, FilterBar, Link, PageHeader
from perilune.ui.export import csv_response, xlsx_response

GRAINS = (Grain.MONTH, Grain.QUARTER, Grain.YEAR)


@page()
def track_record(request: PageRequest) -> HttpResponse:
    """What recorded forecasts and the chances of deals were worth."""
    grain = _grain(request)
    found = queries.track_record(grain, request.as_of, request.scope)
    today = _today(request, grain)
    record = queries.deal_record(request.as_of, request.scope)
    facts = {
        "header": PageHeader(
            gettext("Track record"),
            finding=words.finding(found),
            tabs=tabs(request, None, is_track=True),
        ),
        "filters": _filters(grain),
        "nothing": None if found.totals else _nothing(request, found.under_way),
        "picture": shown.picture(found, today),
        "rules": shown.rules(found),
        "levels": shown.levels(found),
        "forecasts": shown.forecasts(found, today, _exports(request)),
        "diagram": chances_shown.diagram(record),
        "bins": chances_shown.bins(record),
        "told": chances_shown.told(record),
        "nothing_scored": None if record.score.count else _nothing_scored(request),
        "steps": None if record.score.count else preparing.steps(),
    }
    return render(request, "forecasting/track.html", facts)


@page(Right.EXPORT_DATA)
def export(request: PageRequest, form: str) -> HttpResponseBase:
    """Export every recorded forecast of the total, as CSV or Excel."""
    grain = _grain(request)
    found = queries.track_record(grain, request.as_of, request.scope)
    made = shown.export_of(found, _today(request, grain))
    return xlsx_response(made) if form == "xlsx" else csv_response(made, get_language() or "en")


def _today(request: PageRequest, grain: Grain) -> ForecastResult:
    period = request.company.calendar.find(request.as_of.day, grain)
    return queries.card(period, request.as_of, request.scope)


def _grain(request: PageRequest) -> Grain:
    asked = request.GET.get("of")
    return next((grain for grain in GRAINS if grain.value == asked), Grain.QUARTER)


def _filters(grain: Grain) -> FilterBar:
    labels = {
        Grain.MONTH: gettext("Months"),
        Grain.QUARTER: gettext("Quarters"),
        Grain.YEAR: gettext("Years"),
    }
    choices = [Choice(one.value, labels[one], one is grain) for one in GRAINS]
    return FilterBar(
        (Filter("of", gettext("Forecasts of"), "one", grain.value, choices, summary=labels[grain]),)
    )


def _nothing(request: PageRequest, under_way: int) -> Empty:
    action = None
    if Right.RUN_FORECAST in request.rights:
        action = Action(gettext("Open the forecast and record it"), reverse("forecasting:index"))
    if under_way:
        return Empty(
            gettext("No recorded forecast of such a period is over yet"),
            gettext("Recorded so far of the period under way: %(count)s. They count once it ends.")
            % {"count": under_way},
            icon="target",
        )
    return Empty(
        gettext("No recorded forecast"),
        gettext(
            "Forecasts are recorded weekly on a schedule, or by hand. You see those that were made "
            "of exactly the rows that you may see."
        ),
        action=action,
        icon="target",
    )


def _nothing_scored(request: PageRequest) -> Empty:
    return Empty(
        gettext("No chance is scored yet"),
        gettext(
            "A chance counts four weeks after it was said. Models of past weeks are learnt every "
            "night and after an import; they need twenty deals won."
        ),
        action=preparing.learn_action(request),
        icon="clock",
    )


def _exports(request: PageRequest) -> tuple[Link, ...]:
    if Right.EXPORT_DATA not in request.rights:
        return ()
    return tuple(
        Link(
            label,
            reverse("forecasting:track_export", args=[form]) + with_query(request),
            icon="download",
        )
        for form, label in (("csv", "CSV"), ("xlsx", "Excel"))
    )
