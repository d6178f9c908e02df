"""The panel of plans that wait for one's word, on the home of sales operations and the cockpit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from perilune.kernel.wiring import Panel
from perilune.people.queries import person_names
from perilune.people.web.gate import PageRequest
from perilune.site import approvals
from perilune.ui.contracts import Column, Format, Row, Status, Table, Tone

PLACES = ("home.director", "home.ops_manager", "home.analyst", "cockpit")


def panels() -> list[Panel]:
    """Return the panels that `site.wiring` registers."""
    return [Panel(f"site.approvals.{place}", place, 5, _panel) for place in PLACES]


def _panel(request: PageRequest, context: Mapping[str, Any]) -> str:
    found = approvals.waiting(request.actor, request.scope, request.rights)
    if not found or request.as_of.day < request.company.today.day:
        return ""
    named = person_names()
    rows = []
    for one in found:
        state = Status(_("to approve"), Tone.WATCH)
        if one.is_back:
            state = Status(_("sent back to you"), Tone.ACT)
        by = named.get(one.by, one.by)
        rows.append(Row(one.key, (one.name, _(one.what), state, by, one.at, one.reason),
                        url=one.url))  # fmt: skip
    columns = (
        Column("name", _("Plan"), is_title=True),
        Column("what", _("Kind"), is_minor=True),
        Column("state", _("State")),
        Column("by", _("By")),
        Column("at", _("Since"), Format.INSTANT, is_minor=True),
        Column("reason", _("Reason"), Format.LONG_TEXT),
    )
    title = _("Waits for your word")
    facts = {
        "title": title,
        "table": Table(columns, rows, title, is_dense=True, name="approvals"),
        "width": 12,
    }
    return render_to_string("site/panel.html", facts)
