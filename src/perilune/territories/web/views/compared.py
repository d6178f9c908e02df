"""Two plans side by side: figures by rep, and the accounts that they give to different reps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from perilune.kernel.errors import NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page, require
from perilune.territories import queries
from perilune.territories.contracts import DraftView
from perilune.territories.web import comparing
from perilune.territories.web.comparing import Pair
from perilune.ui import formats
from perilune.ui.contracts import Cell, Column, Empty, Link, PageHeader, Row, Table
from perilune.ui.export import Export, book_response

MOST = 500


@page(Right.DESIGN_TERRITORIES)
def index(request: PageRequest, draft_id: int) -> HttpResponse:
    """A plan beside another one that is chosen."""
    view = queries.draft(draft_id, request.scope, request.actor)
    others = [head for head in queries.drafts(request.scope, request.actor) if head.id != draft_id]
    text = request.GET.get("with", "")
    other_id = int(text) if text.isdigit() else (others[0].id if others else None)
    facts: dict[str, Any] = {
        "others": [(head.id, head.name) for head in others],
        "other": other_id,
        "back": reverse("territories:plan", args=[draft_id]),
    }
    finding = gettext("There is no other plan to compare it with: make a copy and change that.")
    if other_id is not None:
        pair = _pair(request, view, other_id)
        finding = _finding(pair)
        facts |= {
            "summary": comparing.summary(pair),
            "reps": comparing.reps(pair, _exports(request, draft_id, other_id)),
            "stands_on": comparing.stands_on(pair),
            "differing": _differing(pair),
        }
    facts["header"] = PageHeader(
        gettext("Compare plans"),
        finding=finding,
        back=Link(view.head.name, reverse("territories:plan", args=[draft_id])),
    )
    return render(request, "territories/compare.html", facts)


@page(Right.DESIGN_TERRITORIES)
def export(request: PageRequest, draft_id: int, other_id: int) -> HttpResponseBase:
    """The comparison as one Excel file: as wholes, by rep, accounts with different reps."""
    require(request, Right.EXPORT_DATA)
    pair = _pair(request, queries.draft(draft_id, request.scope, request.actor), other_id)
    one, other = pair.one.head, pair.other.head
    facts = [
        (gettext("Plans"), f"{one.name} · {other.name}"),
        (gettext("Accounts of"), f"{formats.day(one.as_of.day)} · {formats.day(other.as_of.day)}"),
        *((gettext("What the figures are"), said) for said in comparing.stands_on(pair)),
        (gettext("Exported by"), str(request.user)),
    ]
    name = gettext("%(one)s and %(other)s") % {"one": one.name, "other": other.name}
    heads, wholes = comparing.plain_summary(pair)
    columns, rows = comparing.by_rep(pair)
    differing = [
        (name_of, before or gettext("nobody"), after or gettext("nobody"))
        for _id, name_of, before, after in pair.found.differing
    ]
    sheets = [
        (gettext("By rep"), Export(name, columns, [row.cells for row in rows], facts)),
        (gettext("As wholes"), Export(name, heads, wholes)),
        (gettext("Accounts"), Export(name, _differing_columns(pair), differing)),
    ]
    return book_response(sheets, name)


def _pair(request: PageRequest, view: DraftView, other_id: int) -> Pair:
    """Return two plans with all that is compared; open deals of both over the days of the first."""
    who = (request.scope, request.actor)
    if other_id == view.head.id:
        raise NotFound(_("Choose two plans to compare."))
    first = queries.outlook(view.head.id, request.as_of, *who)
    return Pair(
        view,
        queries.draft(other_id, *who),
        queries.compare(view.head.id, other_id, *who),
        first,
        queries.outlook(other_id, request.as_of, *who, period=first.period),
    )


def _exports(request: PageRequest, draft_id: int, other_id: int) -> Sequence[Link]:
    if Right.EXPORT_DATA not in request.rights:
        return ()
    return [Link("Excel", reverse("territories:compare_export", args=[draft_id, other_id]))]


def _finding(pair: Pair) -> str:
    count = len(pair.found.differing)
    said = ngettext(
        "%(n)s account is with another rep in “%(other)s” than in “%(one)s”.",
        "%(n)s accounts are with another rep in “%(other)s” than in “%(one)s”.",
        count,
    )
    return said % {
        "n": formats.number(count, 0),
        "one": pair.one.head.name,
        "other": pair.other.head.name,
    }


def _differing_columns(pair: Pair) -> tuple[Column, ...]:
    return (
        Column("account", gettext("Account"), is_title=True),
        Column("one", pair.one.head.name),
        Column("other", pair.other.head.name),
    )


def _differing(pair: Pair) -> Table:
    found = pair.found.differing
    rows = [
        Row(
            id_,
            (
                Cell(name, url=reverse("crm:record", args=["account", id_])),
                one or gettext("nobody"),
                other or gettext("nobody"),
            ),
        )
        for id_, name, one, other in found[:MOST]
    ]
    note = ""
    if len(found) > MOST:
        note = gettext("The first %(most)s of %(count)s.") % {
            "most": formats.number(MOST, 0),
            "count": formats.number(len(found), 0),
        }
    return Table(
        _differing_columns(pair),
        rows,
        gettext("Accounts with different reps"),
        name="differing",
        is_dense=True,
        note=note,
        empty=Empty(gettext("Both plans give every account to the same rep"), "", icon="check"),
    )
