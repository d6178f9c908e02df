"""The open deals of a period with their chances, and one of them."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext

from perilune.forecasting import queries
from perilune.forecasting.contracts import OpenDeal, OpenDeals
from perilune.forecasting.web import deal_words as words
from perilune.forecasting.web import deals_shown as shown
from perilune.forecasting.web import meeting, preparing
from perilune.kernel.calendar import Period
from perilune.kernel.errors import NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page
from perilune.store import queries as store
from perilune.ui.addresses import with_query
from perilune.ui.contracts import Empty, FilterBar, Link, PageHeader
from perilune.ui.export import csv_response, xlsx_response


@page()
def deals_page(request: PageRequest, period: str) -> HttpResponse:
    """Every open deal with what is likely to become of it in the period."""
    asked = request.company.calendar.parse(period)
    found, deals, chips = _asked(request, asked)
    nothing = _nothing(request, found)
    table = shown.table(
        found,
        deals,
        _number(request.GET.get("page")),
        address=_address(request),
        sort=request.GET.get("sort", ""),
        exports=_exports(request, asked),
        empty=Empty(gettext("No deal matches"), gettext("Remove a filter to see more.")),
    )
    facts = {
        "header": PageHeader(
            gettext("Open deals %(period)s") % {"period": asked.name},
            finding=words.finding(found),
            tabs=meeting.tabs(request, asked, "deals"),
            is_machine_made=bool(found.deals),
        ),
        "filters": chips if found.deals else None,
        "nothing": nothing,
        "steps": preparing.steps() if nothing and not found.is_withheld else None,
        "table": table,
    }
    return render(request, "forecasting/deals.html", facts)


@page()
def deal(request: PageRequest, period: str, deal_id: int) -> HttpResponse:
    """The drawer of one deal."""
    asked = request.company.calendar.parse(period)
    found = queries.open_deals(asked, request.as_of, request.scope)
    one = found.find(deal_id)
    if one is None:
        raise NotFound(_("There is no open deal %(id)s with a chance."), id=deal_id)
    near = queries.open_deals(queries.next_weeks(request.as_of), request.as_of, request.scope)
    same = near.find(deal_id)
    explanation = shown.explanation(
        found,
        one,
        same.chance.win if same else None,
        queries.deal_record(request.as_of, request.scope),
        store.spec("forecasting.open_deals").definition,
    )
    return render(request, "forecasting/why.html", {"explanation": explanation})


@page(Right.EXPORT_DATA)
def export(request: PageRequest, period: str, form: str) -> HttpResponseBase:
    """Export the deals that the filters leave, as CSV or Excel."""
    asked = request.company.calendar.parse(period)
    found, deals, chips = _asked(request, asked)
    made = shown.export_of(found, deals, shown.facts_of(chips))
    return xlsx_response(made) if form == "xlsx" else csv_response(made, get_language() or "en")


def _asked(request: PageRequest, period: Period) -> tuple[OpenDeals, list[OpenDeal], FilterBar]:
    found = queries.open_deals(period, request.as_of, request.scope)
    picked = {field: request.GET.getlist(field) for field in shown.FIELDS}
    only = shown.HARDLY if request.GET.get("only") == shown.HARDLY else ""
    sort = request.GET.get("sort", "")
    deals = shown.chosen(found, picked, only, sort)
    return found, deals, shown.filters(found, picked, only, sort, request.path)


def _nothing(request: PageRequest, found: OpenDeals) -> Empty | None:
    """Return why there is no list; None where there is one."""
    if found.is_withheld:
        return Empty(
            gettext("Your role sees totals; single deals are not shown."),
            gettext("Ask for a role that sees deals if you need them."),
            icon="lock",
        )
    if found.period.end <= request.as_of.day:
        return Empty(
            gettext("%(period)s is over") % {"period": found.period.name},
            gettext("Chances are told of periods that are still to end. Choose a later one."),
        )
    if not found.open_count:
        return Empty(
            gettext("No open deal"), gettext("Nothing that you may see is open at this date.")
        )
    return None if found.deals else preparing.nothing_learnt(request)


def _address(request: PageRequest) -> Callable[..., str]:
    def address(**changes: str | None) -> str:
        return with_query(request, **changes)

    return address


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() and len(text) < 7 else 1


def _exports(request: PageRequest, period: Period) -> tuple[Link, ...]:
    if Right.EXPORT_DATA not in request.rights:
        return ()
    query = with_query(request, page=None)
    return tuple(
        Link(
            label,
            reverse("forecasting:deals_export", args=[period.name, form]) + query,
            icon="download",
        )
        for form, label in (("csv", "CSV"), ("xlsx", "Excel"))
    )
