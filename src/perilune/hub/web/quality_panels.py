"""What is to mend, on the homes of those who mend it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext

from perilune.hub.queries.quality import said, scores
from perilune.hub.web import quality_shown as shown
from perilune.kernel.wiring import Panel
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest
from perilune.ui.contracts import Column, Empty, Format, Link, Row, Table

HOMES = ("home.ops_rep", "home.analyst", "home.ops_manager")
MOST = 6


def panels() -> list[Panel]:
    """Return the panels that `site.wiring` registers."""
    return [Panel(f"hub.quality.{place}", place, 25, _to_mend) for place in HOMES]


def _to_mend(request: PageRequest, context: Mapping[str, Any]) -> str:
    """Show the rules that break most weight, with the score in a line below them."""
    if Right.SEE_ROWS not in request.rights:
        return ""
    found = scores.overview(request.as_of, request.scope)
    broken = [one for one in found.rules if one.score.broken][:MOST]
    rows = [
        Row(
            one.rule.key,
            (said.title(one.rule), one.score.broken, one.score.share),
            url=reverse("hub:quality_rule", args=[one.rule.key]),
        )
        for one in broken
    ]
    table = Table(
        (
            Column("rule", gettext("Rule"), is_title=True),
            Column("broken", gettext("To mend"), Format.NUMBER, decimals=0),
            Column("share", gettext("Share that passes"), Format.PERCENT, is_minor=True),
        ),
        rows,
        gettext("Records to mend"),
        is_dense=True,
        name="quality-home",
        note=shown.share_said(found),
        note_link=Link(gettext("Data quality"), reverse("hub:quality")),
        empty=Empty(gettext("Nothing is to mend."), shown.share_said(found), icon="check"),
    )
    facts = {"title": gettext("Records to mend"), "table": table}
    return render_to_string("people/panel_table.html", facts)
