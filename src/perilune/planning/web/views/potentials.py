"""Account potential: the list with sources and room, how far off it was, the user's column."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from perilune.kernel.errors import Invalid, Refused
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page, require, said
from perilune.planning import service
from perilune.planning.contracts import SOURCE_LABELS, AccountPotential, PotentialSource
from perilune.planning.queries.potential import potential_fields, potentials
from perilune.planning.queries.segment_words import field_label, segment_label
from perilune.planning.web import potential_shown, segment_shown, shown
from perilune.planning.web.room_tabs import room_tabs
from perilune.ui import formats
from perilune.ui.contracts import (
    Choice,
    Empty,
    Filter,
    FilterBar,
    Link,
    PageHeader,
    Pages,
    Row,
    Table,
    Tone,
)
from perilune.ui.export import Export, xlsx_response
from perilune.ui.toasts import notify

PAGE = 50


@page(Right.MAKE_PLANS)
def index(request: PageRequest) -> HttpResponse:
    """The potential of accounts that one sees, the most room first."""
    found = potentials(request.scope, request.as_of)
    rows = found.rows(request.scope)
    chosen = _chosen(request, rows)
    fields = potential_fields()
    facts = {
        "header": PageHeader(
            gettext("Account potential"),
            finding=potential_shown.finding(found),
            tabs=room_tabs(request, "potential"),
            is_machine_made=bool(found.said.is_estimated.any()),
        ),
        "kpis": potential_shown.figures(request, chosen),
        "filters": _filters(request, rows),
        "table": _table(request, chosen),
        "tests": potential_shown.tests_table(found),
        "may": segment_shown.may_change(request),
        "choices": [(one.name, field_label(one), one == found.field) for one in fields],
        "choose_url": reverse("planning:potential_choose"),
        "field": field_label(found.field) if found.field else "",
    }
    return shown.show(request, "potential.html", facts)


@page(Right.MAKE_PLANS)
def export(request: PageRequest) -> HttpResponseBase:
    """The same accounts, as a workbook."""
    require(request, Right.EXPORT_DATA)
    found = potentials(request.scope, request.as_of)
    rows = _chosen(request, found.rows(request.scope))
    facts = [
        (gettext("As known on"), formats.day(request.as_of.day)),
        (gettext("Estimate"), potential_shown.finding(found)),
    ]
    return xlsx_response(
        Export(
            "potential",
            potential_shown.columns(request.company.currency),
            potential_shown.cells(request, rows),
            facts,
            gettext("Account potential"),
        )
    )


@require_POST
@page(Right.MAKE_PLANS)
def choose(request: PageRequest) -> HttpResponse:
    """Say which amount of accounts is their potential."""
    try:
        service.choose_potential(
            request.POST.get("field", ""), actor=request.actor, scope=request.scope
        )
    except (Invalid, Refused) as error:
        notify(request, said(error), tone=Tone.WATCH)
    else:
        notify(request, gettext("Kept: what the column says stands, the others are estimated."))
    return redirect("planning:potential")


def _chosen(request: PageRequest, rows: Sequence[AccountPotential]) -> list[AccountPotential]:
    sources, segments = request.GET.getlist("source"), request.GET.getlist("segment")
    text = request.GET.get("q", "").strip().casefold()
    return [
        one
        for one in rows
        if (not sources or one.source.value in sources)
        and (not segments or (one.segment or "-") in segments)
        and (not text or text in one.name.casefold())
    ]


def _filters(request: PageRequest, rows: Sequence[AccountPotential]) -> FilterBar:
    sources, segments = request.GET.getlist("source"), request.GET.getlist("segment")
    counts: dict[str, int] = {}
    by_segment: dict[str, int] = {}
    for one in rows:
        counts[one.source.value] = counts.get(one.source.value, 0) + 1
        by_segment[one.segment] = by_segment.get(one.segment, 0) + 1
    offered = [
        Choice(source.value, gettext(SOURCE_LABELS[source]), source.value in sources,
               counts[source.value])
        for source in PotentialSource
        if source.value in counts
    ]  # fmt: skip
    listed = [
        Choice(name or "-", segment_label(name), (name or "-") in segments, count)
        for name, count in sorted(by_segment.items(), key=lambda pair: -pair[1])
    ]
    chips = [
        Filter("source", gettext("Source"), "choice", "", offered, summary=_picked(offered)),
        Filter("segment", gettext("Segment"), "choice", "", listed, summary=_picked(listed)),
    ]
    is_set = bool(sources or segments or request.GET.get("q"))
    return FilterBar(
        chips, query=request.GET.get("q", ""), query_label=gettext("Name of the account"),
        reset_url=request.path if is_set else "",
    )  # fmt: skip


def _picked(choices: Sequence[Choice]) -> str:
    return ", ".join(choice.label for choice in choices if choice.is_selected)


def _table(request: PageRequest, rows: Sequence[AccountPotential]) -> Table:
    text = request.GET.get("page", "")
    last_page = max((len(rows) - 1) // PAGE, 0)
    at = min(max(int(text) - 1, 0), last_page) if text.isdigit() else 0
    part = rows[at * PAGE : (at + 1) * PAGE]
    values = potential_shown.cells(request, part)
    can = Right.EXPORT_DATA in request.rights
    query = request.GET.copy()
    query.pop("page", None)
    export = f"{reverse('planning:potential_export')}?{query.urlencode()}".rstrip("?")

    def to(number: int) -> str:
        query["page"] = str(number + 1)
        return f"?{query.urlencode()}"

    pages = Pages(
        at * PAGE + 1, at * PAGE + len(part), len(rows),
        previous_url=to(at - 1) if at else "",
        next_url=to(at + 1) if at < last_page else "",
    )  # fmt: skip
    return Table(
        potential_shown.columns(request.company.currency),
        [
            Row(one.account, cells, url=reverse("crm:record", args=["account", one.account]))
            for one, cells in zip(part, values, strict=True)
        ],
        gettext("Accounts by headroom"),
        name="potential",
        is_dense=True,
        pages=pages if rows else None,
        export_urls=[Link("Excel", export)] if can else [],
        note=gettext("The range holds 8 of 10 accounts that buy; an estimate is of a year of an "
                     "account that buys."),
        empty=Empty(gettext("No accounts here"), icon="building-2"),
    )  # fmt: skip
