"""The studio of a plan: map, figures, what was changed and said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext

from perilune.kernel.errors import NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.money import minor_exponent
from perilune.kernel.wiring import PANELS
from perilune.people.contracts import Right
from perilune.people.queries import person_names
from perilune.people.web.gate import PageRequest, page, require
from perilune.territories import queries
from perilune.territories.contracts import (
    EDIT_LABELS,
    IN_FORCE_PLACE,
    DraftState,
    DraftView,
    EditInfo,
    Sheet,
)
from perilune.territories.web import constraints, expecting, honesty, sheet_shown, shown
from perilune.territories.web.forms import DesignForm
from perilune.territories.web.views import containing
from perilune.territories.web.views.designing import progress
from perilune.ui import formats
from perilune.ui.contracts import (
    Choice,
    Column,
    Empty,
    Map,
    MapAttribute,
    Row,
    Table,
    Timeline,
    TimelineEvent,
)
from perilune.ui.export import Export, csv_response, xlsx_response

MOST_CHANGES = 8
MOST_UNPLACED = 200


@page(Right.DESIGN_TERRITORIES)
def studio(request: PageRequest, draft_id: int) -> HttpResponse:
    """One plan: the map with what is chosen on it, the sheet below."""
    view = queries.draft(draft_id, request.scope, request.actor)
    sheet = queries.sheet(draft_id, request.scope, request.actor)
    where, may = [draft_id], shown.may_edit(request, view.head)
    facts = {
        **parts_of(request, view, sheet),
        "header": shown.header(request, view, sheet),
        "map": _map(view),
        "view": view,
        "may_edit": may,
        "may_design": may and view.is_whole,
        "colours": _colours(view),
        "design": DesignForm.after(view.head, len({row.region for row in view.rows} - {""})),
        "steps": progress(draft_id),
        "ways": _ways(),
        "routing_url": reverse("routing:index") if Right.MANAGE_SETTINGS in request.rights else "",
        "potentials": _potentials(view) if may and view.is_whole else (),
        "potential_url": reverse("territories:potential", args=where),
        "urls": {
            name: reverse(f"territories:{name}", args=where)
            for name in (
                "points",
                "parts",
                "move",
                "lock",
                "design",
                "comment",
                "accounts",
                "add",
                "bind",
                "pin",
                "containers",
            )
        },
        "words": {
            "accounts": gettext("Accounts"),
            "unreachable": gettext("The server did not answer. Nothing was changed; try again."),
        },
        "columns": sheet_shown.scored_columns(view, sheet),
        "unplaced": _unplaced(view),
        "panels": _panels(request, view),
    }
    return render(request, "territories/studio.html", facts)


def _panels(request: PageRequest, view: DraftView) -> list[SafeString]:
    """Return what other rooms have to say of a plan that is in force."""
    if view.head.state is not DraftState.ACTIVE or view.head.change_set_id is None:
        return []
    context = {"change_set_id": view.head.change_set_id}
    here = sorted((p for p in PANELS if p.place == IN_FORCE_PLACE), key=lambda p: p.order)
    return [SafeString(panel.render(request, context)) for panel in here]


def parts_of(request: PageRequest, view: DraftView, sheet: Sheet) -> dict[str, Any]:
    """Return what follows every change: the sheet, the verbs of undo, the latest changes."""
    where = [view.head.id]
    may = shown.may_edit(request, view.head)
    nothing = gettext("There is nothing to take back.")
    outlook = queries.outlook(view.head.id, request.as_of, request.scope, request.actor)
    return {
        "table": sheet_shown.territories_table(request, view, sheet, outlook),
        "reps": sheet_shown.reps_table(view, sheet, outlook),
        "stands_on": [
            one for one in (sheet_shown.quota_said(sheet), expecting.told(outlook)) if one
        ],
        "sentence": shown.finding(view, sheet),
        "proof": honesty.proof(view),
        "proof_voided": honesty.proof_voided(view),
        "gaps": honesty.gaps(request, view),
        "constraints": constraints.listed(request, view),
        **containing.parts(request, view),
        "choices": [(row.number, row.name) for row in view.rows],
        "undo_url": reverse("territories:undo", args=where) if may else "",
        "redo_url": reverse("territories:redo", args=where) if may else "",
        "can_undo": view.can_undo,
        "can_redo": view.can_redo,
        "nothing": nothing,
        "changes": _changes(view.edits),
        "comments": _comments(view),
    }


@page(Right.DESIGN_TERRITORIES)
def parts(request: PageRequest, draft_id: int) -> HttpResponse:
    """What follows a change, alone: the studio puts it in the place of the old."""
    view = queries.draft(draft_id, request.scope, request.actor)
    sheet = queries.sheet(draft_id, request.scope, request.actor)
    return render(request, "territories/parts.html", parts_of(request, view, sheet))


@page(Right.DESIGN_TERRITORIES)
def points(request: PageRequest, draft_id: int) -> HttpResponseBase:
    """The columns of the map; money in whole units of the currency, as people read it."""
    columns = dict(queries.points(draft_id, request.scope, request.actor))
    whole = 10 ** minor_exponent(columns["currency"])
    columns["loads"] = [
        [value / whole for value in loads] if one["unit"] == columns["currency"] else loads
        for one, loads in zip(columns["attributes"], columns["loads"], strict=True)
    ]
    columns["attributes"] = [
        {**one, "target": [value / whole for value in one["target"]]}
        if one["unit"] == columns["currency"] else one
        for one in columns["attributes"]
    ]  # fmt: skip
    return JsonResponse(columns)


@page(Right.DESIGN_TERRITORIES)
def export(request: PageRequest, draft_id: int, form: str) -> HttpResponseBase:
    """The sheet of the plan, as CSV or Excel."""
    require(request, Right.EXPORT_DATA)
    view = queries.draft(draft_id, request.scope, request.actor)
    sheet = queries.sheet(draft_id, request.scope, request.actor)
    outlook = queries.outlook(draft_id, request.as_of, request.scope, request.actor)
    columns = sheet_shown.sheet_columns(view, sheet, outlook)
    rows = [sheet_shown.sheet_cells(view, sheet, row, outlook) for row in sheet.territories]
    if sheet.regions:
        columns.insert(1, Column("region", gettext("Region")))
        for cells, row in zip(rows, sheet.territories, strict=True):
            cells.insert(1, row.region or None)
    facts = [
        (gettext("Quota"), sheet_shown.quota_said(sheet)),
        (gettext("Open deals"), expecting.told(outlook)),
    ]
    return file_of(request, view, form, "", columns, rows, facts)


def file_of(  # noqa: PLR0917  # what a file is made of, one each
    request: PageRequest,
    view: DraftView,
    form: str,
    what: str,
    columns: Sequence[Column],
    rows: Sequence[Sequence[Any]],
    more: Sequence[tuple[str, str]] = (),
) -> HttpResponseBase:
    """Return rows of a plan as a file, with the plan and its day among the facts; more: others."""
    facts = [
        (gettext("Plan"), view.head.name),
        (gettext("Accounts of"), formats.day(view.head.as_of.day)),
        *((label, said) for label, said in more if said),
        (gettext("Exported by"), str(request.user)),
    ]
    name = f"{view.head.name} {what}".strip()
    made = Export(name, columns, rows, facts)
    if form == "csv":
        return csv_response(made, get_language() or "en")
    if form == "xlsx":
        return xlsx_response(made)
    raise NotFound(_("Lists are exported as csv or xlsx."))


@page(Right.DESIGN_TERRITORIES)
def accounts(request: PageRequest, draft_id: int) -> HttpResponse:
    """The accounts of a plan as a table: the same verbs without a map."""
    view = queries.draft(draft_id, request.scope, request.actor)
    sheet = queries.sheet(draft_id, request.scope, request.actor)
    columns = queries.points(draft_id, request.scope, request.actor)
    chosen = request.GET.get("territory", "")
    text = request.GET.get("q", "").casefold()
    lacks = request.GET.get("lacks", "")
    without = (
        queries.lacking(draft_id, lacks, request.scope, request.actor)
        if ":" in lacks
        else frozenset()
    )
    names = list(columns["names"])
    rows = []
    for at, label in enumerate(columns["labels"]):
        number = columns["territory"][at]
        if (chosen and str(number) != chosen) or (text and text not in label.casefold()):
            continue
        if lacks == "place" and columns["lon"][at] is not None:
            continue
        if ":" in lacks and columns["ids"][at] not in without:
            continue
        rows.append((at, label, number))
    listed = rows[:MOST_UNPLACED]
    facts = {
        "header": shown.header(request, view, sheet, at="accounts"),
        "rows": [
            (
                columns["units"][at],
                label,
                names[number] if number >= 0 else "",
                columns["lon"][at] is None,
            )
            for at, label, number in listed
        ],
        "count": len(rows),
        "shown": len(listed),
        "choices": [(row.number, row.name) for row in view.rows],
        "territory": chosen,
        "q": request.GET.get("q", ""),
        "lacks": lacks,
        "gaps": [
            ("place", gettext("without a place")),
            *(
                (gap.what, honesty.said_of(view, gap))
                for gap in queries.gaps(draft_id, request.scope, request.actor)
            ),
        ],
        "add_url": reverse("territories:add", args=[draft_id]),
        "bind_url": reverse("territories:bind", args=[draft_id]),
        "may_design": shown.may_edit(request, view.head) and view.is_whole,
        "may_edit": shown.may_edit(request, view.head),
        "has_containers": columns["groups"] is not None,
        "edition": view.head.edition,
        "move_url": reverse("territories:move", args=[draft_id]),
    }
    return render(request, "territories/accounts.html", facts)


def _ways() -> str:
    """Return by what the next design measures ways."""
    server = queries.routing_server()
    if server is None:
        return gettext("By straight lines: no routing server is set.")
    told = gettext("By travel times of %(server)s; in regions by straight lines.")
    return told % {"server": queries.shown_server(server)}


def _map(view: DraftView) -> Map:
    attributes = [MapAttribute(shown.title_of(one), one.unit) for one in view.attributes]
    return Map(
        "plan",
        gettext("Map of the plan %(name)s") % {"name": view.head.name},
        [row.name for row in view.rows],
        attributes=attributes,
        address=reverse("territories:points", args=[view.head.id]),
        can_select=True,
        height="large",
    )


def _colours(view: DraftView) -> list[Choice]:
    found = [Choice("territory", gettext("Territory"), is_selected=True)]
    found += [Choice(str(at), shown.title_of(one)) for at, one in enumerate(view.attributes)]
    return [*found, Choice("moved", gettext("What changes hands"))]


def _potentials(view: DraftView) -> list[Choice]:
    now = view.head.settings.get("potential", "")
    return [
        Choice("", gettext("none"), is_selected=not now),
        *(
            Choice(one.key, shown.title_of(one), is_selected=one.key == now)
            for one in queries.potential_choices()
        ),
    ]


def _changes(edits: Sequence[EditInfo]) -> Timeline:
    named = person_names()

    def told(edit: EditInfo) -> str:
        label = gettext(EDIT_LABELS[edit.kind])
        count = ""
        if edit.count:
            said = ngettext("%(n)s account", "%(n)s accounts", edit.count)
            count = f" ({said % {'n': formats.number(edit.count, 0)}})"
        undone = f", {gettext('taken back')}" if edit.is_undone else ""
        return f"{label}{count}{undone}"

    return Timeline(
        [
            TimelineEvent(edit.at, told(edit), actor=named.get(edit.actor, edit.actor),
                          icon="history")
            for edit in edits[:MOST_CHANGES]
        ]
    )  # fmt: skip


def _comments(view: DraftView) -> list[dict[str, Any]]:
    named = person_names()
    names = {row.number: row.name for row in view.rows}
    return [
        {
            "who": named.get(one.actor, one.actor),
            "at": one.at,
            "text": one.text,
            "about": names.get(one.territory, "") if one.territory is not None else "",
        }
        for one in view.comments
    ]


def _unplaced(view: DraftView) -> Table | None:
    if not view.unplaced:
        return None
    listed = view.unplaced[:MOST_UNPLACED]
    return Table(
        (Column("name", gettext("Account"), is_title=True),),
        [
            Row(id_, (name,), url=reverse("crm:record", args=["account", id_]))
            for id_, name in listed
        ],
        gettext("Accounts without a place"),
        name="unplaced",
        is_dense=True,
        empty=Empty(gettext("Every account has a place"), ""),
    )
