"""What planning shows on the pages of others: one's quota letters, an account's potential."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.template.loader import render_to_string

from perilune.kernel.wiring import Panel
from perilune.people.contracts import Right
from perilune.people.queries import person
from perilune.people.web.gate import PageRequest
from perilune.planning import queries
from perilune.planning.queries.potential import potentials
from perilune.planning.web import letter_shown, potential_shown


def panels() -> list[Panel]:
    """Return the panels that `site.wiring` registers."""
    return [
        Panel("planning.letters", "people.me", 10, _letters),
        Panel("planning.potential", "record.account", 10, _potential),
    ]


def _letters(request: PageRequest, _context: Mapping[str, Any]) -> str:
    rep = person(request.user)
    found = [] if rep is None else queries.own_letters(rep, request.as_of)
    quota = letter_shown.own_quota(request, rep)
    if not found and quota is None:
        return ""
    facts = letter_shown.own(request, found) | {"quota": quota}
    return render_to_string("planning/panel_letters.html", facts, request)


def _potential(request: PageRequest, context: Mapping[str, Any]) -> str:
    if context["state"] is None:
        return ""
    found = potentials(request.scope, request.as_of)
    one = found.one(context["id"])
    if one is None:
        return ""
    facts = {
        "facts": potential_shown.panel_facts(request, found, one),
        "may_list": Right.MAKE_PLANS in request.rights,
    }
    return render_to_string("planning/panel_potential.html", facts, request)
