"""Why the range of a period moved: a page, and the panel of the forecast page."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext

from perilune.forecasting import queries
from perilune.forecasting.contracts import FIGURES, Move
from perilune.forecasting.web import moved_shown as shown
from perilune.kernel.asof import AsOf
from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page
from perilune.ui import formats
from perilune.ui.addresses import with_query
from perilune.ui.contracts import Choice, Filter, FilterBar, Link, PageHeader
from perilune.ui.export import csv_response, xlsx_response

FORMS = (("csv", "CSV"), ("xlsx", "Excel"))


@page()
def moved_page(request: PageRequest, period: str) -> HttpResponse:
    """Why the range moved since a week ago, or between two days."""
    found, figure = _asked(request, period), _figure(request)
    sentence = shown.finding(found, figure)
    facts: dict[str, Any] = {
        "chart": shown.waterfall(found, figure),
        "causes": shown.causes(found, _exports(request, period)),
        "notes": shown.notes(found),
        "currency": found.currency,
        "finding": sentence,
    }
    if request.headers.get("HX-Request") == "true":
        return render(request, "forecasting/moved_part.html", facts)
    title = gettext("Forecast %(period)s") % {"period": period}
    facts |= {
        "header": PageHeader(
            gettext("Why the range of %(period)s moved") % {"period": period},
            finding=sentence,
            back=Link(title, reverse("forecasting:period", args=[period])),
            is_machine_made=True,
        ),
        "filters": _filters(request, found, figure),
        "members": shown.members(found),
    }
    return render(request, "forecasting/moved.html", facts)


@page(Right.EXPORT_DATA)
def export(request: PageRequest, period: str, form: str) -> HttpResponseBase:
    """Export the causes as they are shown, as CSV or Excel."""
    made = shown.export_of(_asked(request, period))
    return xlsx_response(made) if form == "xlsx" else csv_response(made, get_language() or "en")


def _asked(request: PageRequest, period: str) -> Move:
    zone = request.company.zone
    until, since = request.GET.get("to"), request.GET.get("from")
    end = AsOf.parse(until, zone) if until else request.as_of
    # the page knows nothing after its as-of
    end = request.as_of if end.at > request.as_of.at else end
    start = AsOf.parse(since, zone) if since else queries.week_before(end)
    return queries.move_for(request.company.calendar.parse(period), start, end, request.scope)


def _figure(request: PageRequest) -> str:
    name = request.GET.get("figure") or "p50"
    if name not in FIGURES:
        raise Invalid(_("A range is told by p10, p50, p90 or the mean."))
    return name


def _filters(request: PageRequest, found: Move, figure: str) -> FilterBar:
    labels = {name: gettext(text) for name, text in shown.FIGURE_LABELS.items()}
    choices = [Choice(name, labels[name], name == figure) for name in FIGURES]

    def day(name: str, label: str, at: AsOf) -> Filter:
        return Filter(name, label, "date", at.day.isoformat(), summary=formats.day(at.day))

    return FilterBar(
        (
            day("from", gettext("From"), found.since),
            day("to", gettext("To"), found.until),
            Filter("figure", gettext("Figure"), "one", figure, choices, summary=labels[figure]),
        ),
        reset_url=request.path
        if any(request.GET.get(name) for name in ("from", "to", "figure"))
        else "",
    )


def _exports(request: PageRequest, period: str) -> tuple[Link, ...]:
    if Right.EXPORT_DATA not in request.rights:
        return ()
    return tuple(
        Link(
            label,
            reverse("forecasting:moved_export", args=[period, form]) + with_query(request),
            icon="download",
        )
        for form, label in FORMS
    )
