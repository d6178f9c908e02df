"""What calls and overrides were worth once a period is over."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext

from perilune.forecasting import queries
from perilune.forecasting.web import calling, meeting, valued
from perilune.people.queries import person, personal_scope_for
from perilune.people.web.gate import PageRequest, page
from perilune.ui.contracts import Empty, Link, PageHeader


@page()
def value(request: PageRequest, period: str) -> HttpResponse:
    """Errors of calls and overrides beside the model's and the naive ones, seen under rule 26."""
    asked = request.company.calendar.parse(period)
    facts = {
        "header": PageHeader(
            gettext("Value added %(period)s") % {"period": asked.name},
            tabs=meeting.tabs(request, asked, "value"),
            back=Link(asked.name, reverse("forecasting:period", args=[asked.name])),
        ),
        "nothing": Empty(
            gettext("Measured once the period is over"),
            gettext("Then each call and override stands beside the model's run of the same day."),
            icon="target",
        ),
    }
    if request.as_of.day <= asked.end:
        return render(request, "forecasting/value.html", facts)
    rolled = queries.rollup(asked, request.as_of, request.scope, with_ranges=False)
    named = personal_scope_for(request.user).owners or frozenset()
    found = queries.worth(rolled, queries.Reader(person(request.user), named), request.scope)
    names = calling.names(rolled)
    facts |= {
        "header": PageHeader(
            gettext("Value added %(period)s") % {"period": asked.name},
            finding=valued.finding(found, rolled),
            tabs=meeting.tabs(request, asked, "value"),
            back=Link(asked.name, reverse("forecasting:period", args=[asked.name])),
        ),
        "nothing": None,
        "named": valued.named(found, rolled, names),
        "pools": valued.pools(found),
        "reliability": valued.reliability(found, names, rolled.currency),
        "contested": valued.contested(found.own_contests, found.all_contests),
    }
    return render(request, "forecasting/value.html", facts)
