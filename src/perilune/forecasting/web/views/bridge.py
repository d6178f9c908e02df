"""Pages of the bridge: how the pipeline of one day became that of another, and its deals."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext

from perilune.crm.contracts import DEAL_TYPES
from perilune.forecasting import queries
from perilune.forecasting.contracts import (
    BY_LABELS,
    COMPONENT_MEANINGS,
    OF_SEATS,
    Bridge,
    BridgeRequest,
    By,
    Component,
)
from perilune.forecasting.web import bridge_drawn as drawn
from perilune.forecasting.web import bridge_shown as shown
from perilune.forecasting.web import bridge_words as words
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Grain
from perilune.kernel.errors import Invalid, NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.rates import RateSet
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page
from perilune.ui import formats
from perilune.ui.addresses import with_query
from perilune.ui.contracts import Choice, Filter, FilterBar, Link, PageHeader, Tab
from perilune.ui.export import Export, csv_response, xlsx_response

ALL = "all"
"""The period of who asks for the whole open pipeline."""
ACTUAL = "actual"
TODAYS = "closing"
FORMS = (("csv", "CSV"), ("xlsx", "Excel"))
_KEPT = ("from", "to", "level", "rates", "type", "organisation")


@page()
def bridge_page(request: PageRequest, period: str) -> HttpResponse:
    """The bridge of a period's pipeline, by default over the last seven days."""
    asked = _asked(request, period)
    found = queries.bridge_for(asked, request.scope)

    def address(component: Component, unit: str) -> str:
        if request.scope.aggregates_only:
            return ""
        query = _query(request, component=component.value, unit=unit)
        return reverse("forecasting:bridge_deals", args=[period]) + query

    links = {line.component.value: address(line.component, "total") for line in found.total.lines}
    facts = {
        "header": _header(request, period, found),
        "filters": _filters(request, asked),
        "chart": drawn.waterfall(found.total, found.currency, links),
        "reasons": shown.reasons(found, address, _exports(request, "bridge_export", period)),
        "units": shown.units(found, address) if asked.by is not By.TOTAL else None,
        "notes": words.notes(found),
        "currency": found.currency,
    }
    return render(request, "forecasting/bridge.html", facts)


@page()
def deals(request: PageRequest, period: str) -> HttpResponse:
    """The deals behind one reason, before and after."""
    asked, component = _asked(request, period), _component(request)
    unit = request.GET.get("unit") or "total"
    found = queries.bridge_for(asked, request.scope)
    listed, total = queries.bridge_deals(asked, request.scope, component, unit)
    exports = _exports(request, "bridge_deals_export", period)
    back = reverse("forecasting:bridge", args=[period]) + _query(request)
    facts = {
        "header": PageHeader(
            _reason(component),
            finding=_meaning(found, component, unit),
            back=Link(words.about(asked), back),
        ),
        "table": shown.deals(listed, total, found, exports, many=component is None),
    }
    return render(request, "forecasting/bridge_deals.html", facts)


@page(Right.EXPORT_DATA)
def export(request: PageRequest, period: str, form: str) -> HttpResponseBase:
    """Export the bridge as it is shown, as CSV or Excel."""
    return _file(shown.export_of(queries.bridge_for(_asked(request, period), request.scope)), form)


@page(Right.EXPORT_DATA)
def export_deals(request: PageRequest, period: str, form: str) -> HttpResponseBase:
    """Export all deals behind a reason, as CSV or Excel."""
    asked, component = _asked(request, period), _component(request)
    unit = request.GET.get("unit") or "total"
    found = queries.bridge_for(asked, request.scope)
    listed, _total = queries.bridge_deals(asked, request.scope, component, unit, limit=None)
    return _file(shown.export_deals(listed, found, _reason(component)), form)


# -- what is asked ---------------------------------------------------------------------------------


def _asked(request: PageRequest, period: str) -> BridgeRequest:
    zone = request.company.zone
    until, since = request.GET.get("to"), request.GET.get("from")
    end = AsOf.parse(until, zone) if until else request.as_of
    # the page knows nothing after its as-of
    end = request.as_of if end.at > request.as_of.at else end
    try:
        by = By(request.GET.get("level") or By.TOTAL)
    except ValueError:
        raise Invalid(_("A bridge is cut by total, region, team or rep.")) from None
    kind = request.GET.get("type", "")
    return BridgeRequest(
        AsOf.parse(since, zone) if since else queries.week_before(end),
        end,
        None if period == ALL else request.company.calendar.parse(period),
        by,
        RateSet.SPOT if request.GET.get("rates") == ACTUAL else RateSet.BUDGET,
        kind if kind in dict(DEAL_TYPES) else "",
        request.GET.get("organisation") == TODAYS,
    )


def _component(request: PageRequest) -> Component | None:
    name = request.GET.get("component")
    try:
        return Component(name) if name else None
    except ValueError:
        raise NotFound(_("There is no such reason in a bridge.")) from None


def _query(request: PageRequest, **more: str) -> str:
    kept = {name: request.GET[name] for name in _KEPT if request.GET.get(name)}
    return "?" + urlencode(kept | more)


def _file(made: Export, form: str) -> HttpResponseBase:
    return xlsx_response(made) if form == "xlsx" else csv_response(made, get_language() or "en")


# -- the frame of the page -------------------------------------------------------------------------


def _header(request: PageRequest, period: str, found: Bridge) -> PageHeader:
    asked = found.request
    back = None
    if asked.period is not None:
        title = gettext("Forecast %(period)s") % {"period": asked.period.name}
        back = Link(title, reverse("forecasting:period", args=[asked.period.name]))
    return PageHeader(
        words.about(asked), finding=words.finding(found), back=back, tabs=_tabs(request, period)
    )


def _tabs(request: PageRequest, period: str) -> list[Tab]:
    calendar, day = request.company.calendar, request.as_of.day
    month, quarter, year = (
        calendar.find(day, grain) for grain in (Grain.MONTH, Grain.QUARTER, Grain.YEAR)
    )
    offered = [item.name for item in (quarter, month, calendar.shift(quarter, 1), year)]
    if period not in (*offered, ALL):
        offered.append(period)
    names = [(name, name) for name in offered] + [(ALL, gettext("All open deals"))]
    return [
        Tab(label, reverse("forecasting:bridge", args=[name]) + _query(request), name == period)
        for name, label in names
    ]


def _filters(request: PageRequest, asked: BridgeRequest) -> FilterBar:
    cuts = [item for item in OF_SEATS if item is not By.REP or request.scope.smallest_group == 1]

    def day(name: str, label: str, at: AsOf) -> Filter:
        shown_day = formats.day(at.day)
        return Filter(name, label, "date", at.day.isoformat(), summary=shown_day)

    def one(name: str, label: str, value: str, choices: Sequence[tuple[str, str]]) -> Filter:
        listed = [Choice(key, text, key == value) for key, text in choices]
        summary = next((text for key, text in choices if key == value and key), "")
        return Filter(name, label, "one", value, listed, summary=summary)

    levels = [(cut.value, gettext(BY_LABELS[cut])) for cut in cuts]
    types = [("", gettext("All types")), *((key, gettext(text)) for key, text in DEAL_TYPES)]
    rates = [("", gettext("Budget")), (ACTUAL, gettext("Actual"))]
    organisations = [("", gettext("Of each day")), (TODAYS, gettext("Of the closing"))]
    is_actual = ACTUAL if asked.rates is RateSet.SPOT else ""
    is_todays = TODAYS if asked.is_todays else ""
    return FilterBar(
        (
            day("from", gettext("From"), asked.since),
            day("to", gettext("To"), asked.until),
            one("level", gettext("By"), asked.by.value, levels),
            one("type", gettext("Type"), asked.deal_type, types),
            one("rates", gettext("Rates"), is_actual, rates),
            one("organisation", gettext("Organisation"), is_todays, organisations),
        ),
        reset_url=request.path if any(request.GET.get(name) for name in _KEPT) else "",
    )


def _exports(request: PageRequest, name: str, period: str) -> tuple[Link, ...]:
    if Right.EXPORT_DATA not in request.rights:
        return ()
    return tuple(
        Link(
            label,
            reverse(f"forecasting:{name}", args=[period, form]) + with_query(request),
            icon="download",
        )
        for form, label in FORMS
    )


def _reason(component: Component | None) -> str:
    return words.component(component) if component else gettext("All reasons")


def _meaning(found: Bridge, component: Component | None, unit: str) -> str:
    """Return what the deals have in common, and what they sum to."""
    row = next((row for row in found.rows if row.unit == unit), found.total)
    sums = [line for line in row.lines if component in (None, line.component)]
    facts = {
        "unit": words.unit(row, found),
        "since": formats.day(found.request.since.day),
        "until": formats.day(found.request.until.day),
        "amount": formats.money(sum(line.value for line in sums), found.currency, 0),
    }
    sentence = gettext("%(unit)s, %(since)s to %(until)s: %(amount)s.") % facts
    return f"{gettext(COMPONENT_MEANINGS[component])} {sentence}" if component else sentence
