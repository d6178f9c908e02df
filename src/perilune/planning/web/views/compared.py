"""Two to four scenarios side by side."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext, pgettext

from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page
from perilune.planning import queries
from perilune.planning.contracts import COMPARED_PLACE, Scenario
from perilune.planning.web import shown
from perilune.ui.contracts import Choice, Empty, Filter, FilterBar, Link, PageHeader

FEWEST, MOST = 2, 4


@page(Right.MAKE_SCENARIOS)
def index(request: PageRequest) -> HttpResponse:
    """The edits of each, and what other capabilities say of all of them."""
    if request.method == "POST":  # rows that were picked in a list
        picked = [("s", id_) for id_ in request.POST.getlist("id")]
        return redirect(f"{reverse('planning:compare')}?{urlencode(picked)}")
    found = _asked(request)
    speaker = shown.speaker_of(request, *found)
    facts = {
        "header": _header(found),
        "filters": _filters(request, found),
        "columns": [
            (item.head, shown.edits_of(request, item, speaker, is_read_only=True), _address(item))
            for item in found
        ],
        "width": 12 // max(len(found), 2),
        "is_enough": len(found) >= FEWEST,
        "results_url": f"{reverse('planning:compare_results')}?{_query(found)}",
        "few": Empty(
            gettext("Choose two to four scenarios"),
            gettext("They are compared on the same facts and the same random numbers."),
            icon="git-compare",
        ),
        "empty": Empty(gettext("Nothing is assumed here"), icon="list-checks"),
    }
    return render(request, "planning/compare.html", facts)


@page(Right.MAKE_SCENARIOS)
def results(request: PageRequest) -> HttpResponse:
    """What other capabilities say of these scenarios together."""
    found = _asked(request)
    if len(found) < FEWEST:
        raise Invalid(_("Choose two to four scenarios."))
    context = {"scenarios": found, "period": shown.period_of(request, found[0])}
    facts = {
        "results": shown.results_of(request, COMPARED_PLACE, context),
        "nothing": Empty(
            gettext("No results here"),
            gettext("No part of this installation computes scenarios."),
            icon="gauge",
        ),
    }
    return render(request, "planning/results.html", facts)


def _asked(request: PageRequest) -> tuple[Scenario, ...]:
    """Return the scenarios of the address, each once; NotFound for one that is not theirs."""
    ids = dict.fromkeys(int(text) for text in request.GET.getlist("s") if text.isdigit())
    if len(ids) > MOST:
        raise Invalid(_("At most four scenarios are compared at once."))
    return tuple(queries.scenario(id_, request.as_of, request.actor) for id_ in ids)


def _header(found: tuple[Scenario, ...]) -> PageHeader:
    names = " · ".join(item.head.name for item in found)
    return PageHeader(
        gettext("Compare scenarios"),
        finding=names,
        back=Link(gettext("Scenarios"), reverse("planning:scenarios")),
    )


def _filters(request: PageRequest, found: tuple[Scenario, ...]) -> FilterBar:
    chosen = {item.head.id for item in found}
    choices = [
        Choice(str(head.id), head.name, head.id in chosen)
        for head in queries.heads(request.actor, request.as_of)
    ]
    summary = ", ".join(item.head.name for item in found)
    return FilterBar([Filter("s", gettext("Scenarios"), "choice", "", choices, summary=summary)])


def _query(found: tuple[Scenario, ...]) -> str:
    return urlencode([("s", item.head.id) for item in found])


def _address(found: Scenario) -> Link:
    return Link(pgettext("verb", "Open"), reverse("planning:scenario", args=[found.head.id]))
