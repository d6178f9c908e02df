"""What is wrong in the records behind plans: people, quotas, teams, currencies."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext, ngettext

from perilune.people.contracts import Right
from perilune.people.queries import FLAW_KINDS
from perilune.people.web.gate import PageRequest, page
from perilune.planning.queries.flaws import flaws, told
from perilune.planning.web import shown
from perilune.planning.web.room_tabs import room_tabs
from perilune.ui import formats
from perilune.ui.contracts import Column, Empty, PageHeader, Row, Table


@page(Right.MAKE_PLANS)
def index(request: PageRequest) -> HttpResponse:
    """Every record that cannot be as it stands, as known at the page's as-of."""
    found = flaws(request.scope, request.as_of)
    count = len(found)
    finding = ngettext(
        "%(n)s record behind the plans cannot be as it stands; nothing was mended silently.",
        "%(n)s records behind the plans cannot be as they stand; nothing was mended silently.",
        count,
    ) % {"n": formats.number(count, 0)}
    title = gettext("Records behind the plans")
    rows = [Row(at, (told(one), gettext(FLAW_KINDS[one.field]))) for at, one in enumerate(found)]
    table = Table(
        (
            Column("what", gettext("What is wrong"), is_title=True),
            Column("kind", gettext("Kind")),
        ),
        rows,
        title,
        name="plan-flaws",
        is_dense=True,
        empty=Empty(
            gettext("Nothing is wrong"),
            gettext("Looked at: %(kinds)s.")
            % {"kinds": ", ".join(gettext(label).lower() for label in FLAW_KINDS.values())},
            icon="check",
        ),
    )
    if not count:
        finding = gettext("People, teams, quotas and rates can be as they stand.")
    header = PageHeader(title, finding, tabs=room_tabs(request, "records"))
    return shown.show(request, "plan_flaws.html", {"header": header, "table": table})
