"""The roll-up of a period: grid, drawer behind each cell, overrides, export."""

from __future__ import annotations

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext, ngettext
from django.views.decorators.http import require_POST

from perilune.forecasting import queries, service
from perilune.forecasting.contracts import (
    ADJUSTABLE,
    VIEW_LABELS,
    Category,
    Cell,
    Level,
    Overriding,
    Rollup,
    UnitKey,
    View,
)
from perilune.forecasting.web import cells, meeting, overriding, rolled, rolled_file, told
from perilune.forecasting.web.cells import Opened
from perilune.forecasting.web.rolled import Sheet
from perilune.kernel.calendar import Period
from perilune.kernel.errors import NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page
from perilune.store import queries as store
from perilune.ui.contracts import Choice, Filter, FilterBar, Link, PageHeader
from perilune.ui.export import csv_response, xlsx_response
from perilune.ui.reading import amount_of
from perilune.ui.toasts import notify


@page()
def rollup(request: PageRequest, period: str) -> HttpResponse:
    """The organisation by forecast category, with what stands beside it."""
    asked = request.company.calendar.parse(period)
    sheet = _sheet(request, asked)
    facts = {
        "header": PageHeader(
            gettext("Roll-up %(period)s") % {"period": asked.name},
            finding=told.finding(sheet.rolled),
            tabs=meeting.tabs(request, asked, "rollup"),
            back=Link(asked.name, reverse("forecasting:period", args=[asked.name])),
            statuses=(told.standing(sheet.rolled),),
        ),
        "filters": _filters(sheet.view),
        "grid": rolled.grid(sheet),
        "notes": told.notes(sheet.rolled),
        "is_editable": bool(sheet.editable),
    }
    return render(request, "forecasting/rollup.html", facts)


def _sheet(request: PageRequest, period: Period) -> Sheet:
    found = queries.rollup(period, request.as_of, request.scope)
    view = meeting.view_asked(request)
    said = queries.overrides(period, request.as_of)
    made = {each: queries.with_overrides(found, said, each, view) for each in ADJUSTABLE}
    return Sheet(
        found,
        view,
        said,
        made,
        frozenset(_editable(request, found)),
        may_export=Right.EXPORT_DATA in request.rights,
    )


def _editable(request: PageRequest, found: Rollup) -> dict[UnitKey, Level]:
    """Return whose figures the reader may override, today and while calls are taken."""
    is_past = request.as_of.day < request.company.today.day
    if is_past or Right.SUBMIT_FORECAST not in request.rights or found.closed_on is not None:
        return {}
    if queries.terms_of(found.period, request.as_of).is_locked(request.as_of.day):
        return {}
    return queries.levels(found, meeting.author_of(request), request.scope)


def _filters(view: View) -> FilterBar:
    choices = [Choice(each.value, gettext(VIEW_LABELS[each]), each is view) for each in View]
    chip = Filter(
        "view",
        gettext("Categories"),
        "one",
        view.value,
        choices,
        summary=gettext(VIEW_LABELS[view]),
    )
    return FilterBar((chip,))


@page()
def cell(request: PageRequest, period: str) -> HttpResponse:
    """The drawer behind one cell: its deals, its overrides and how they came about."""
    asked = request.company.calendar.parse(period)
    view = meeting.view_asked(request)
    figure = cells.figure_of(request.GET.get("figure", ""), view)
    found = queries.rollup(asked, request.as_of, request.scope)
    row = found.row(request.GET.get("row", ""))
    if figure is None or row is None:
        raise NotFound(_("The roll-up has no such figure."))
    deals = queries.cell_deals(asked, request.as_of, request.scope, row.node.key, figure.categories)
    definition = store.spec("forecasting.rollup").definition
    facts = {
        "explanation": cells.explanation(Opened(figure, row, found, view), deals, definition),
        "period": asked,
        "view": view,
    }
    category = next((each for each in ADJUSTABLE if each.value == figure.name), None)
    unit = queries.spoken_for(row.node, found)
    if category is not None and unit is not None:
        said = queries.overrides(asked, request.as_of)
        facts |= overriding.facts(Cell(unit, category, view), said)
        facts["level"] = _editable(request, found).get(unit)
        facts["field"] = f"cell:{unit[0]}:{unit[1]}:{category.value}"
    return render(request, "forecasting/cell.html", facts)


@require_POST
@page(Right.SUBMIT_FORECAST)
def adjust(request: PageRequest, period: str) -> HttpResponse:
    """Keep the figures that were typed beside the computed ones, with their reason."""
    asked = request.company.calendar.parse(period)
    view = meeting.view_asked(request)
    currency = request.company.currency
    amounts = tuple(
        (_cell(name, view), amount_of(text, currency))
        for name, text in request.POST.items()
        if name.startswith("cell:") and isinstance(text, str) and text.strip()
    )
    set_id = service.override(
        Overriding(asked, amounts, request.POST.get("reason", "")),
        meeting.author_of(request),
        request.as_of,
        request.scope,
    )
    count = len(amounts)
    text = ngettext("%(count)s override kept.", "%(count)s overrides kept.", count)
    notify(request, text % {"count": count}, reverse("crm:undo", args=[set_id]))
    return redirect(reverse("forecasting:rollup", args=[asked.name]) + f"?view={view.value}")


@require_POST
@page(Right.SUBMIT_FORECAST)
def withdraw(request: PageRequest, period: str) -> HttpResponse:
    """Take back one's own override of a figure."""
    asked = request.company.calendar.parse(period)
    view = meeting.view_asked(request)
    where = _cell(request.POST.get("field", ""), view)
    set_id = service.override_withdraw(
        asked, where, meeting.author_of(request), request.as_of, request.scope
    )
    notify(request, gettext("The override was taken back."), reverse("crm:undo", args=[set_id]))
    return redirect(reverse("forecasting:rollup", args=[asked.name]) + f"?view={view.value}")


def _cell(name: str, view: View) -> Cell:
    """Read the name of a typed figure: `cell:team:3:commit`."""
    parts = name.split(":")
    if len(parts) != 4 or parts[3] not in [each.value for each in ADJUSTABLE]:
        raise NotFound(_("The roll-up has no such figure."))
    return Cell(meeting.unit_of(f"{parts[1]}:{parts[2]}"), Category(parts[3]), view)


@page(Right.EXPORT_DATA)
def export(request: PageRequest, period: str, form: str) -> HttpResponseBase:
    """Export the grid as it is shown, as CSV or Excel."""
    made = rolled_file.export_of(_sheet(request, request.company.calendar.parse(period)))
    return xlsx_response(made) if form == "xlsx" else csv_response(made, get_language() or "en")
