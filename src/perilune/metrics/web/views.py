"""The cockpit, the table of measures, the drawer behind a number."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from perilune.forecasting.queries import top_risks, week_bridge
from perilune.kernel.calendar import Grain, Period
from perilune.kernel.errors import Invalid, NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.wiring import PANELS
from perilune.metrics import queries
from perilune.metrics.contracts import (
    BY_LABELS,
    GROUPS,
    MEASURES,
    By,
    MeasureHistory,
    MeasureRow,
    measure,
)
from perilune.metrics.web import charts, explaining, tables, tiles, words
from perilune.people.contracts import Right
from perilune.people.queries import personal_scope_for
from perilune.people.web.gate import PageRequest, page
from perilune.ui import formats
from perilune.ui.addresses import with_query
from perilune.ui.contracts import Choice, Filter, FilterBar, Link, PageHeader, Tab
from perilune.ui.export import Export, csv_response, xlsx_response
from perilune.ui.filters import scope_label

PLACE, LATER = "cockpit", "cockpit.later"
RISKS = 5
SUBTREE = _("A team counts with all teams below it: rows of different depth do not add up.")


@page()
def cockpit(request: PageRequest) -> HttpResponse:
    """One screen: where the period stands, what is at risk, what changed."""
    period = _period(request)
    calendar, day = request.company.calendar, request.as_of.day
    first, before, days = _course(request, period)
    found = queries.measure_with_history(
        request.as_of,
        period,
        By.TOTAL,
        request.scope,
        personal=personal_scope_for(request.user),
        measures=tiles.TILES,
        with_states=False,
    )
    won = charts.sums(days, charts.months_of(calendar, first, day))
    accuracy = queries.accuracy_of(request.as_of, before, request.scope)
    asked = f"?period={period.name}"
    facts = {
        "header": _header(request, period, found),
        "kpis": tiles.tiles(request, period, found, accuracy, won),
        "panels": _panels(request, period),
        "risks_url": reverse("metrics:risks"),
        "risks_link": Link(gettext("All risks"), reverse("forecasting:risks", args=[period.name])),
        "changes_url": reverse("metrics:changes") + asked,
        "courses_url": reverse("metrics:courses") + asked,
        "bridge": Link(gettext("Bridge"), reverse("forecasting:bridge", args=[period.name])),
    }
    return render(request, "metrics/cockpit.html", facts)


@page()
def courses(request: PageRequest) -> HttpResponse:
    """The charts behind the cockpit's figures: a part of it, asked for when it is opened."""
    period, currency = _period(request), request.company.currency
    calendar, day = request.company.calendar, request.as_of.day
    first, before, days = _course(request, period)
    months = charts.months_of(calendar, first, day)
    targets = queries.quotas_of(request.as_of, [period], request.scope)
    shown = [
        charts.cumulative(days, period, before, day, target=targets[0], currency=currency),
        charts.by_month(
            months,
            charts.sums(days, months),
            queries.quotas_of(request.as_of, months, request.scope),
            currency,
        ),
        charts.by_stage(queries.open_by_stage(request.as_of, request.scope), currency),
    ]
    facts = {"charts": [chart for chart in shown if chart]}
    return render(request, "metrics/courses.html", facts)


@page()
def changes(request: PageRequest) -> HttpResponse:
    """What changed since a week ago: a part of the cockpit, asked for when it is shown."""
    period = _period(request)
    found = week_bridge(request.as_of, period, request.scope)
    facts = {
        "chart": charts.week(found, request.company.currency, period),
        "is_empty": not found.total.lines,
        "undated": found.request.period is None,
    }
    return render(request, "metrics/changes.html", facts)


@page()
def risks(request: PageRequest) -> HttpResponse:
    """The worklist of deals at risk: a part of the cockpit."""
    found = top_risks(request.as_of, request.scope, limit=RISKS)
    facts = {
        "table": tables.risks(found, request.company.currency),
        "is_aggregate": request.scope.aggregates_only,
    }
    return render(request, "metrics/risks.html", facts)


@page()
def later(request: PageRequest, panel: str) -> HttpResponse:
    """What another capability shows in its box of the cockpit, asked for when it is shown."""
    part = PANELS.get(panel)
    if part.place != LATER:
        raise NotFound(_("There is no such part of the cockpit."))
    period = _period(request)
    [target] = queries.quotas_of(request.as_of, [period], request.scope)
    context = {"period": period, "target": target}
    facts = {"shown": SafeString(part.render(request, context))}
    return render(request, "metrics/later.html", facts)


@page()
def measures(request: PageRequest) -> HttpResponse:
    """Every measure of the total, or one of them by unit."""
    period, by, name = _asked(request)
    found = _measured(request, period, by, name)
    exports = [
        Link(label, reverse("metrics:export", args=[form]) + with_query(request))
        for form, label in (("csv", "CSV"), ("xlsx", "Excel"))
        if Right.EXPORT_DATA in request.rights
    ]
    if by is By.TOTAL:
        table = tables.all_measures(request, period, found, exports)
    else:
        table = tables.one_measure(request, period, by, name, found=found, exports=exports)
    facts = {
        "header": PageHeader(
            gettext("Measures %(period)s") % {"period": period.name},
            finding=_basis(request, period),
            tabs=_tabs(request, period),
        ),
        "filters": _filters(request, by, name),
        "table": table,
        "definition": _definition(by, name),
    }
    return render(request, "metrics/measures.html", facts)


@page(Right.EXPORT_DATA)
def export(request: PageRequest, form: str) -> HttpResponseBase:
    """The file of exactly what the page shows."""
    period, by, name = _asked(request)
    found = _measured(request, period, by, name)
    made = Export(
        f"measures-{period.name}",
        tables.export_columns(),
        tables.export_rows(request, found),
        facts=(
            (gettext("Scope"), scope_label(request.scope)),
            (gettext("As of"), request.as_of.day.isoformat()),
            (gettext("Period"), period.name),
            (gettext("By"), gettext(BY_LABELS[by])),
        ),
    )
    if form == "csv":
        return csv_response(made, get_language() or "en")
    if form == "xlsx":
        return xlsx_response(made)
    raise NotFound(_("Measures are exported as csv or xlsx."))


@page()
def explain(request: PageRequest, name: str) -> HttpResponse:
    """The drawer behind a number: sentence, contributions, definition, SQL, rows."""
    period, by = _period(request), _by(request)
    drill = queries.drill_down(
        name,
        request.as_of,
        period,
        by,
        unit=request.GET.get("unit", "total"),
        scope=request.scope,
        personal=personal_scope_for(request.user),
    )
    facts = {"explanation": explaining.explanation(request, period, drill)}
    return render(request, "metrics/explain.html", facts)


# -- what is asked ---------------------------------------------------------------------------------


def _asked(request: PageRequest) -> tuple[Period, By, str]:
    return _period(request), _by(request), measure(request.GET.get("m") or "won_amount").name


def _measured(request: PageRequest, period: Period, by: By, name: str) -> list[MeasureHistory]:
    return queries.measure_with_history(
        request.as_of,
        period,
        by,
        request.scope,
        personal=personal_scope_for(request.user),
        measures=() if by is By.TOTAL else (name,),
    )


def _period(request: PageRequest) -> Period:
    calendar, asked = request.company.calendar, request.GET.get("period")
    return calendar.parse(asked) if asked else calendar.find(request.as_of.day, Grain.QUARTER)


def _by(request: PageRequest) -> By:
    try:
        return By(request.GET.get("by") or By.TOTAL)
    except ValueError:
        raise Invalid(
            _("Measures are cut by total, region, team, rep, segment or industry.")
        ) from None


def _course(request: PageRequest, period: Period) -> tuple[date, Period, charts.Days]:
    """Return the first day of the twelve months, the period before, and what was won by day."""
    calendar, day = request.company.calendar, request.as_of.day
    first = calendar.year_ago(calendar.find(day, Grain.MONTH)).start
    before = calendar.shift(period, -1)
    days = queries.won_by_month(
        request.as_of, min(first, before.start), min(period.end, day), request.scope
    )
    return first, before, days


# -- the frame of the page -------------------------------------------------------------------------


def _header(request: PageRequest, period: Period, found: Sequence[MeasureHistory]) -> PageHeader:
    currency = request.company.currency
    won, target = _value(found, "won_amount"), _value(found, "target")
    facts: dict[str, Any] = {
        "scope": scope_label(request.scope),
        "period": period.name,
        "won": formats.short_money(won, currency),
        "target": formats.short_money(target, currency),
    }
    if won is None:
        finding = gettext("%(scope)s: nothing is known of %(period)s yet.") % facts
    elif not target:
        finding = gettext("%(scope)s: %(won)s won in %(period)s; no target is set.") % facts
    else:
        facts["share"] = formats.percent(won / target, 0)
        facts["level"] = words.level(_row(found, "target")).lower()
        finding = (
            gettext(
                "%(scope)s: %(won)s won in %(period)s, %(share)s of the target of %(target)s"
                " (%(level)s)."
            )
            % facts
        )
    tabs = _tabs(request, period)
    return PageHeader(gettext("Cockpit"), finding=finding, tabs=tabs, is_compact=True)


def _row(found: Sequence[MeasureHistory], name: str) -> MeasureRow:
    return next(item.row for item in found if item.row.measure == name)


def _value(found: Sequence[MeasureHistory], name: str) -> int | None:
    value = _row(found, name).value
    return None if value is None else round(value)


def _basis(request: PageRequest, period: Period) -> str:
    day: date = request.as_of.day
    facts = {
        "scope": scope_label(request.scope),
        "day": formats.day(day),
        "period": period.name,
    }
    if day < period.end:
        return (
            gettext(
                "%(scope)s, as of %(day)s; earlier periods up to the same day."
                " Each figure answers for itself: click it."
            )
            % facts
        )
    return gettext("%(scope)s, as of %(day)s. Each figure answers for itself: click it.") % facts


def _definition(by: By, name: str) -> str:
    if by is By.TOTAL:
        return ""
    said = gettext(MEASURES[name].definition)
    return f"{said} {gettext(SUBTREE)}" if by is By.TEAM else said


def _tabs(request: PageRequest, period: Period) -> list[Tab]:
    calendar, day = request.company.calendar, request.as_of.day
    quarter = calendar.find(day, Grain.QUARTER)
    offered = [
        calendar.shift(quarter, -1),
        quarter,
        calendar.find(day, Grain.MONTH),
        calendar.find(day, Grain.YEAR),
    ]
    if period.name not in [item.name for item in offered]:
        offered.insert(0, period)
    return [
        Tab(item.name, with_query(request, period=item.name), item.name == period.name)
        for item in offered
    ]


def _filters(request: PageRequest, by: By, name: str) -> FilterBar:
    cuts = [item for item in By if item is not By.REP or request.scope.smallest_group == 1]
    choices = [Choice(item.value, gettext(BY_LABELS[item]), item is by) for item in cuts]
    chips = [Filter("by", gettext("By"), "one", by.value, choices, summary=gettext(BY_LABELS[by]))]
    if by is not By.TOTAL:
        listed = [
            Choice(
                item.name,
                f"{gettext(GROUPS[item.group])}: {gettext(item.label)}",
                item.name == name,
            )
            for item in MEASURES.values()
        ]
        label = gettext(MEASURES[name].label)
        chips.append(Filter("m", gettext("Measure"), "one", name, listed, summary=label))
    hidden = {key: request.GET[key] for key in ("period",) if key in request.GET}
    return FilterBar(chips, hidden=hidden)


def _panels(request: PageRequest, period: Period) -> list[SafeString]:
    """Return the boxes of other capabilities; what takes long they load after the page."""
    here = sorted((item for item in PANELS if item.place == PLACE), key=lambda item: item.order)

    def address(name: str) -> str:
        return reverse("metrics:later", args=[name]) + f"?period={period.name}"

    context = {"period": period, "later": address}
    return [SafeString(item.render(request, context)) for item in here]
