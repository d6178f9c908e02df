"""The history of every call of a period, who is in time, and when calls are due."""

from __future__ import annotations

from datetime import date

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from perilune.forecasting import queries, service
from perilune.forecasting.contracts import Terms
from perilune.forecasting.web import calling, meeting
from perilune.kernel.calendar import Period
from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page
from perilune.ui import formats
from perilune.ui.contracts import Choice, Filter, FilterBar, Link, PageHeader
from perilune.ui.toasts import notify

EVERY = (0, 7, 14)


@page()
def calls(request: PageRequest, period: str) -> HttpResponse:
    """Every call: who, when, from what, to what; and the terms of the period."""
    asked = request.company.calendar.parse(period)
    found = queries.rollup(asked, request.as_of, request.scope, with_ranges=False)
    said = queries.call_history(found)
    terms = queries.terms_of(asked, request.as_of)
    chosen = request.GET.get("unit", "")
    unit = meeting.unit_of(chosen) if chosen else None
    answered = queries.timely(found, said, terms)
    facts = {
        "header": PageHeader(
            gettext("Calls %(period)s") % {"period": asked.name},
            finding=_finding(asked, terms, answered),
            tabs=meeting.tabs(request, asked, "calls"),
            back=Link(asked.name, reverse("forecasting:period", args=[asked.name])),
        ),
        "filters": _filters(calling.names(found), chosen),
        "history": calling.history(said, found, unit),
        "answered": calling.answered(answered, found) if answered else None,
        "contested": calling.contested(
            [] if request.scope.aggregates_only
            else queries.contests(asked, request.as_of, request.scope)
        ),
        "sees_rows": not request.scope.aggregates_only,
        "period": asked,
        "terms": terms,
        "every": [(days, _every(days), days == (terms.every_days or 0)) for days in EVERY],
        "may_set": Right.RUN_FORECAST in request.rights
        and request.as_of.day >= request.company.today.day,
    }  # fmt: skip
    return render(request, "forecasting/calls.html", facts)


def _every(days: int) -> str:
    return {
        0: gettext("once"),
        7: gettext("every week"),
        14: gettext("every two weeks"),
    }[days]


def _finding(period: Period, terms: Terms, answered: list[queries.Timely]) -> str:
    until = gettext("Calls are taken until %(day)s.") % {"day": formats.day(terms.locks_on)}
    if not answered:
        return until
    in_time = sum(each.state == "in_time" for each in answered)
    text = gettext("%(count)s of %(all)s units were in time for the last deadline.")
    return text % {"count": in_time, "all": len(answered)} + " " + until


def _filters(names: dict[tuple[str, int], str], chosen: str) -> FilterBar:
    choices = [
        Choice(f"{kind}:{id_}", label, f"{kind}:{id_}" == chosen)
        for (kind, id_), label in sorted(names.items(), key=lambda item: item[1].casefold())
    ]
    label = next((each.label for each in choices if each.is_selected), "")
    return FilterBar((Filter("unit", gettext("Unit"), "one", chosen, choices, summary=label),))


@require_POST
@page(Right.RUN_FORECAST)
def deadline(request: PageRequest, period: str) -> HttpResponse:
    """Say when calls of the period are due and until when they are taken."""
    asked = request.company.calendar.parse(period)
    every = request.POST.get("every_days", "0")
    due = service.Due(
        _day(request.POST.get("due_on", "")),
        int(every) or None if every.isdigit() else None,
        _day(request.POST.get("locks_on", "")),
    )
    set_id = service.deadline_set(asked, due, actor=request.actor)
    notify(request, gettext("The deadline is kept."), reverse("crm:undo", args=[set_id]))
    return redirect("forecasting:calls", asked.name)


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(_("«%(text)s» is not a date such as 2026-12-31."), text=text[:20]) from None
