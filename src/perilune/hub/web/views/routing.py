"""Leads without an owner: who would get them and why, the rules, what was done."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from perilune.hub.contracts.routing import ROUTE_VERBS, RouteRule, RouteVerb
from perilune.hub.queries.routing import route_runs, routing_rules
from perilune.hub.service.routing import (
    route_apply,
    route_preview,
    route_undo,
    set_routing,
)
from perilune.hub.web import routing_shown as shown
from perilune.kernel.errors import Invalid, PeriluneError, Unavailable
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.contracts import Right
from perilune.people.queries import person_names, teams_as_of
from perilune.people.web.gate import PageRequest, page, require, said
from perilune.territories import queries as territories
from perilune.ui.contracts import Action, Empty, Link, PageHeader, ProblemReport, Tone
from perilune.ui.toasts import notify

SPARE = 2
"""Empty lines of the form, to add rules."""


@page(Right.IMPORT_DATA)
def index(request: PageRequest) -> HttpResponse:
    """Show who would get which lead."""
    found, problem, waits = None, None, None
    try:
        found = route_preview()
    except Unavailable:  # rules can be kept meanwhile
        waits = Empty(
            gettext("Records are being compared for the first time"),
            gettext("Who would get which lead stands here in a minute: load the page again."),
            Action(gettext("Load again"), reverse("hub:routing")),
        )
    except PeriluneError as error:
        problem = ProblemReport(
            said(error), gettext("Load the page again."), gettext("Nothing was changed.")
        )
    rules = routing_rules()
    teams = {number: state["name"] or f"#{number}" for number, state in _teams(request).items()}
    in_force = territories.in_force(request.company.today, Scope.company())
    facts = {
        "header": PageHeader(
            gettext("Leads without an owner"),
            shown.finding(found, bool(rules)) if found else "",
            back=Link(gettext("Data"), reverse("hub:index")),
        ),
        "problem": problem,
        "waits": waits,
        "found": found,
        "leads": shown.leads_table(found) if found else None,
        "runs": shown.run_lines(route_runs(), person_names()),
        "rules": [
            shown.rule_input(at, rule, teams, {one.layer for one in in_force})
            for at, rule in enumerate([*rules, *[None] * SPARE])
        ],
        "verbs": [(verb.value, gettext(label)) for verb, label in ROUTE_VERBS.items()],
        "may_rule": Right.MANAGE_SETTINGS in request.rights,
    }
    return render(request, "hub/routing.html", facts)


def _teams(request: PageRequest) -> Any:
    return teams_as_of(request.company.today)


@require_POST
@page(Right.IMPORT_DATA)
def apply(request: PageRequest) -> HttpResponse:
    """Give the leads that the page showed."""
    done = route_apply(actor=request.actor, mark=request.POST.get("mark", ""))
    if done is None:
        notify(request, gettext("No rule names anybody for these leads."), tone=Tone.WATCH)
    else:
        text = ngettext("%(n)s lead given", "%(n)s leads given", done.given) % {"n": done.given}
        notify(request, text, reverse("hub:routing_undo", args=[done.id]), Tone.GOOD)
    return redirect("hub:routing")


@require_POST
@page(Right.IMPORT_DATA)
def undo(request: PageRequest, run_id: int) -> HttpResponse:
    """Take a routing back."""
    result = route_undo(run_id, actor=request.actor)
    text = gettext("Taken back.")
    if result.conflicts:
        text += " " + gettext("Later edits of the same fields stand.")
    notify(request, text, tone=Tone.WATCH if result.conflicts else Tone.GOOD)
    if request.headers.get("Sec-Fetch-Mode") in (None, "navigate"):
        return redirect("hub:routing")
    return HttpResponse(status=204)


@require_POST
@page(Right.IMPORT_DATA)
def rules(request: PageRequest) -> HttpResponse:
    """Keep the rules of the form, in the order of their numbers."""
    require(request, Right.MANAGE_SETTINGS)
    told = request.POST
    lines = [at for at in range(100) if told.get(f"verb-{at}")]
    ordered = sorted(lines, key=lambda at: (_number(told, f"place-{at}"), at))
    set_routing([_rule(told, at) for at in ordered], actor=request.actor)
    notify(request, gettext("Kept: the next leads go by these rules."))
    return redirect("hub:routing")


def _rule(told: QueryDict, at: int) -> RouteRule:
    def listed(name: str) -> tuple[str, ...]:
        return tuple(one.strip() for one in told.get(f"{name}-{at}", "").split(",") if one.strip())

    try:
        verb = RouteVerb(told.get(f"verb-{at}", ""))
    except ValueError:
        raise Invalid(_("There is no such rule.")) from None
    team = told.get(f"team-{at}", "")
    is_turn = verb is RouteVerb.ROUND_ROBIN
    return RouteRule(
        verb, listed("countries"), listed("sources"),
        told.get(f"layer-{at}", "").strip() if verb is RouteVerb.TERRITORY else "",
        int(team) if is_turn and team.isdigit() else None,
        _number(told, f"capacity-{at}") if is_turn else 0,
    )  # fmt: skip


def _number(told: QueryDict, name: str) -> int:
    text = told.get(name, "").strip()
    return int(text) if text.isdigit() and len(text) < 7 else 0
