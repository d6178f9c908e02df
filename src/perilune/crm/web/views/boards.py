"""The board of a pipeline."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from perilune.crm import queries
from perilune.crm.contracts import DealCard, StageColumn
from perilune.crm.queries import CLOSED_DAYS, pipelines, stages
from perilune.crm.service import is_closing, opportunity_move
from perilune.crm.web.addresses import list_url, record_url
from perilune.crm.web.page_of_record import warning_status
from perilune.crm.web.permitting import may_edit, state_to_edit
from perilune.kernel.errors import PeriluneError
from perilune.people.contracts import Right
from perilune.people.queries import rep_choices
from perilune.people.web.gate import PageRequest, page, said
from perilune.ui import formats
from perilune.ui.contracts import (
    Action,
    Board,
    BoardColumn,
    Card,
    Choice,
    Empty,
    Filter,
    FilterBar,
    PageHeader,
    Status,
    Tab,
    Tone,
)
from perilune.ui.toasts import with_toast


@page(Right.SEE_ROWS)
def board(request: PageRequest) -> HttpResponse:
    known = pipelines(request.as_of)
    if not known:
        return _nothing(request)
    asked = request.GET.get("pipeline", "")
    current = next((i for i, _name in known if str(i) == asked), known[0][0])
    owner = request.GET.get("owner", "")
    owner_id = int(owner) if owner.isdigit() else None
    moved = request.GET.get("moved", "")
    columns = queries.board(
        current,
        scope=request.scope,
        as_of=request.as_of,
        owner_id=owner_id,
        first_id=int(moved) if moved.isdigit() and len(moved) < 16 else None,
    )
    facts = {
        "header": _header(request, known, current, columns),
        "filters": _filters(request, current, owner),
        "board": Board(
            [_column(request, column) for column in columns],
            gettext("Deals by stage"),
            move_url=reverse("crm:board_move") if may_edit(request, "opportunity") else "",
        ),
    }
    return render(request, "crm/board.html", facts)


def _nothing(request: PageRequest) -> HttpResponse:
    action = None
    if Right.MANAGE_SETTINGS in request.rights:
        action = Action(gettext("Set up stages"), reverse("crm:stages"), is_primary=True)
    empty = Empty(
        gettext("There is no pipeline yet"),
        gettext("An import brings its stages along, or set them up here."),
        action,
        "kanban",
    )
    facts = {"header": PageHeader(gettext("Board")), "empty": empty}
    return render(request, "crm/board.html", facts)


def _header(
    request: PageRequest, known: list[tuple[int, str]], current: int, columns: list[StageColumn]
) -> PageHeader:
    still_open = [column for column in columns if column.meaning == "open"]
    count = sum(column.count for column in still_open)
    money = formats.short_money(sum(c.total for c in still_open), request.company.currency)
    deals = ngettext("%(count)s open deal", "%(count)s open deals", count)
    finding = gettext("%(deals)s worth %(money)s. Closed columns show the last %(days)s.") % {
        "deals": deals % {"count": formats.number(count, 0)},
        "money": money,
        "days": formats.days(CLOSED_DAYS),
    }
    unrated = sum(column.unrated for column in columns)
    if unrated:
        text = ngettext(
            "%(count)s deal without an exchange rate is left out of the sums.",
            "%(count)s deals without an exchange rate are left out of the sums.",
            unrated,
        )
        finding += " " + text % {"count": formats.number(unrated, 0)}
    tabs = [Tab(name, f"?pipeline={i}", i == current) for i, name in known]
    actions = [Action(gettext("List"), reverse("crm:pipeline"), icon="table", shortcut="l")]
    if Right.MANAGE_SETTINGS in request.rights:
        actions.append(Action(gettext("Stages"), reverse("crm:stages"), icon="list-checks"))
    if may_edit(request, "opportunity"):
        url = reverse("crm:new", args=["opportunity"])
        actions.append(Action(gettext("Add deal"), url, icon="plus", shortcut="n", is_primary=True))
    return PageHeader(gettext("Board"), finding, actions, tabs if len(tabs) > 1 else (), back=None)


def _filters(request: PageRequest, current: int, owner: str) -> FilterBar | None:
    reps = rep_choices(request.scope, with_leavers=False)
    if len(reps) < 2:
        return None
    label = next((name for i, name in reps if str(i) == owner), "")
    choices = [Choice(str(i), name, str(i) == owner) for i, name in reps]
    clear = f"?pipeline={current}" if owner else ""
    chip = Filter("owner", gettext("Owner"), "one", choices=choices, summary=label, clear_url=clear)
    return FilterBar([chip], reverse("crm:board"), hidden={"pipeline": str(current)})


def _column(request: PageRequest, column: StageColumn) -> BoardColumn:
    query = {"stage_id": str(column.stage_id), "sort": "close_date"}
    return BoardColumn(
        id=column.stage_id,
        label=column.name,
        cards=[_shown(request, card, column) for card in column.cards],
        count=column.count,
        total=column.total,
        currency=request.company.currency,
        more_url=list_url("opportunity", query) if column.count > len(column.cards) else "",
    )


def _shown(request: PageRequest, card: DealCard, column: StageColumn) -> Card:
    lines = [text for text in (card.account, card.owner) if text]
    if column.meaning == "open" and card.stage_days is not None:
        days = formats.days(card.stage_days)
        lines.append(gettext("%(days)s in this stage") % {"days": days})
    return Card(
        id=card.id,
        title=card.name,
        url=record_url("opportunity", card.id),
        lines=lines,
        amount=card.value,
        currency=request.company.currency,
        due=card.close_date,
        status=_warned(card),
    )


def _warned(card: DealCard) -> Status | None:
    found = [warning_status(name) for name in card.warnings]
    if not found:
        return None
    more = f" +{len(found) - 1}" if len(found) > 1 else ""
    hint = " ".join(f"{status.label}." for status in found)
    return Status(found[0].label + more, found[0].tone, hint)


@require_POST
@page(Right.EDIT_RECORDS)
def move(request: PageRequest) -> HttpResponse:
    """Take a drop: move the deal, or let the page ask for what its close needs."""
    deal_id, stage_id = request.POST.get("id", ""), request.POST.get("column", "")
    if not deal_id.isdigit() or not stage_id.isdigit():
        return HttpResponse(gettext("This card cannot be moved there."), status=400)
    try:
        state = state_to_edit(request, "opportunity", int(deal_id))
        if is_closing(int(stage_id)):
            return _ask_close(request, int(deal_id), int(stage_id))
        done = opportunity_move(int(deal_id), int(stage_id), actor=request.actor)
    except PeriluneError as error:
        problems = [gettext(p.message) % p.params for p in getattr(error, "problems", ())]
        text = " ".join(problems) or said(error)
        return HttpResponse(text, status=409, content_type="text/plain; charset=utf-8")
    named = {s["id"]: s["name"] for s in stages(request.company.today)}
    text = gettext("«%(name)s» is now in %(stage)s") % {
        "name": state["name"] or f"#{deal_id}",
        "stage": named.get(int(stage_id), ""),
    }
    undo = reverse("crm:undo", args=[done.change_set_id]) if done.change_set_id else ""
    warned = " ".join(gettext(p.message) % p.params for p in done.warnings)
    message = f"{text}. {warned}" if warned else text
    return with_toast(HttpResponse(""), message, undo, Tone.WATCH if warned else Tone.GOOD)


def _ask_close(request: PageRequest, deal_id: int, stage_id: int) -> HttpResponse:
    """Let the page's script open the form of the close in the drawer."""
    back = reverse("crm:board")
    query = urlencode({"stage": stage_id, "board": back})
    url = f"{reverse('crm:move', args=['opportunity', deal_id])}?{query}"
    answer = HttpResponse("")
    answer["HX-Trigger"] = json.dumps({"deal-close": {"url": url}})
    return answer
