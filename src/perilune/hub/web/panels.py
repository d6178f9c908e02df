"""The hub on other capabilities' pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.template.loader import render_to_string
from django.urls import reverse

from perilune.hub.queries.proposals import has_rules
from perilune.hub.web import looks_shown, quality_panels
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.wiring import Panel, WhyDoor
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest
from perilune.territories.contracts import IN_FORCE_PLACE


def _reconcile_url(filters: Mapping[str, str]) -> str:
    return f"{reverse('hub:reconcile')}?{urlencode(filters)}"


RECONCILE = WhyDoor(
    "reconcile", _("Reconcile with another system"), Right.IMPORT_DATA, _reconcile_url
)


def panels() -> list[Panel]:
    """Return the panels: what other systems do not say yet, and what a new record looks like."""
    return [
        Panel("hub.write_back", IN_FORCE_PLACE, 10, _write_back),
        *looks_shown.panels(),
        *quality_panels.panels(),
    ]


def _write_back(request: PageRequest, context: Mapping[str, Any]) -> str:
    """Offer to write what a plan wrote. context: `change_set_id` of the plan in force."""
    if Right.WRITE_BACK not in request.rights or not has_rules():
        return ""
    return render_to_string(
        "hub/write_panel.html", {"set_id": context["change_set_id"]}, request=request
    )
