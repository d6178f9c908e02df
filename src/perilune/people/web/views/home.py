"""The page that each role opens on."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext

from perilune.kernel.wiring import PANELS, Panel
from perilune.people.contracts import Role
from perilune.people.web.gate import PageRequest, page
from perilune.people.web.panels import DATA_FINDINGS, OWN, HomeFacts, facts_of
from perilune.ui.contracts import PageHeader

PLACES = {
    Role.OPS_DIRECTOR: "home.director",
    Role.OPS_MANAGER: "home.ops_manager",
    Role.ANALYST: "home.analyst",
    Role.OPS_REP: "home.ops_rep",
}


@page()
def home(request: PageRequest) -> HttpResponse:
    """Show the role's home; who has none goes to the cockpit."""
    place = PLACES.get(Role(request.user.role))
    if place is None:
        return redirect(getattr(settings, "COCKPIT_URL", "/cockpit/"))
    facts = facts_of(request)
    shown = [panel.render(request, vars(facts)) for panel in _panels(place)]
    return render(request, "people/home.html", {"header": _header(request, facts), "panels": shown})


def _panels(place: str) -> list[Panel]:
    here = {panel.name: panel for panel in (*OWN, *PANELS) if panel.place == place}
    return sorted(here.values(), key=lambda panel: panel.order)


def _header(request: PageRequest, facts: HomeFacts) -> PageHeader:
    title = {
        Role.OPS_DIRECTOR: gettext("Duties and risks"),
        Role.OPS_MANAGER: gettext("The team's load"),
        Role.ANALYST: gettext("Data health"),
        Role.OPS_REP: gettext("Today's list"),
    }[Role(request.user.role)]
    # the sentence counts what the page below it shows
    is_data = Role(request.user.role) is Role.ANALYST
    count = sum(not is_data or item.name in DATA_FINDINGS for item in facts.findings)
    finding = (
        ngettext(
            "%(count)d thing about people and quotas needs action.",
            "%(count)d things about people and quotas need action.",
            count,
        )
        % {"count": count}
        if count
        else gettext("People and quotas are in order for %(period)s.")
        % {"period": facts.period.name}
    )
    return PageHeader(title, finding=finding)
