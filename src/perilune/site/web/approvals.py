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
from perilune.site.approvals import Waiting
from perilune.ui.contracts import Column, Format, Row, Status, Table, Tone

HOMES = ("home.director", "home.ops_manager", "home.analyst")


def panels() -> list[Panel]:
    """Return the panels that `site.wiring` registers."""
    tables = [Panel(f"site.approvals.{place}", place, 5, _table) for place in HOMES]
    return [*tables, Panel("site.approvals", "cockpit", 5, _line)]


def _waiting(request: PageRequest) -> list[Waiting]:
    """Return what waits for whoever asks, on the present alone."""
    if request.as_of.day < request.company.today.day:
        return []
    return approvals.waiting(request.actor, request.scope, request.rights)


def _state(one: Waiting) -> Status:
    if one.is_back:
        return Status(_("sent back to you"), Tone.ACT)
    return Status(_("to approve"), Tone.WATCH)


def _line(request: PageRequest, context: Mapping[str, Any]) -> str:
    """Show what waits in one line: the cockpit is one screen."""
    found = _waiting(request)
    if not found:
        return ""
    waits = [(one.name, one.url, _state(one)) for one in found]
    facts = {"title": _("Waits for your word"), "waits": waits}
    return render_to_string("site/approvals_line.html", facts)


def _table(request: PageRequest, context: Mapping[str, Any]) -> str:
    found = _waiting(request)
    if not found:
        return ""
    named = person_names()
    rows = []
    for one in found:
        by = named.get(one.by, one.by)
        rows.append(Row(one.key, (one.name, _(one.what), _state(one), by, one.at, one.reason),
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
