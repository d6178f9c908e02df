"""What changes hands by a plan: from whom to whom, why, what is open, when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from perilune.kernel.errors import Conflict, Invalid, Refused
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page, require, said
from perilune.territories import queries, service
from perilune.territories.contracts import REASON_LABELS, DraftView, HandOver
from perilune.territories.web import shown
from perilune.territories.web.views.studio import file_of
from perilune.ui import formats
from perilune.ui.contracts import (
    Action,
    Cell,
    Column,
    Empty,
    Format,
    Link,
    PageHeader,
    Row,
    Table,
    Tone,
)
from perilune.ui.toasts import notify

MOST = 1000


@page(Right.DESIGN_TERRITORIES)
def index(request: PageRequest, draft_id: int) -> HttpResponse:
    """The accounts that change hands, dearest first."""
    view = queries.draft(draft_id, request.scope, request.actor)
    found = queries.handover(draft_id, request.scope, request.actor)
    facts: dict[str, Any] = {
        "header": PageHeader(
            gettext("Hand-over"),
            finding=_finding(found),
            back=Link(view.head.name, reverse("territories:plan", args=[draft_id])),
            statuses=(shown.state_of(view.head),),
        ),
        "table": table_of(
            request, found, shown.exports(request, "territories:handover_export", draft_id)
        ),
    }
    if found and view.head.effective_from is not None and view.is_whole:
        facts["header"] = replace(facts["header"], actions=(_tasks_verb(request, view),))
    return render(request, "territories/handover.html", facts)


@page(Right.DESIGN_TERRITORIES)
def export(request: PageRequest, draft_id: int, form: str) -> HttpResponseBase:
    """The whole list, as CSV or Excel."""
    require(request, Right.EXPORT_DATA)
    view = queries.draft(draft_id, request.scope, request.actor)
    found = queries.handover(draft_id, request.scope, request.actor)
    rows = [_cells(one, in_file=True) for one in found]
    return file_of(request, view, form, gettext("Hand-over"), _columns(request, in_file=True), rows)


def _tasks_verb(request: PageRequest, view: DraftView) -> Action:
    """Return the verb that puts the hand-over into the days of the new reps."""
    may = Right.PUBLISH_TERRITORIES in request.rights
    return Action(
        gettext("Make tasks"),
        reverse("territories:tasks", args=[view.head.id]),
        "post",
        icon="list-checks",
        values={"edition": str(view.head.edition)},
        consequence=gettext("One for each account with open deals, its new rep's, on its day."),
        refused="" if may else gettext("Who publishes plans makes their tasks."),
    )


@require_POST
@page(Right.PUBLISH_TERRITORIES)
def tasks(request: PageRequest, draft_id: int) -> HttpResponse:
    """Make a task of each account with open deals that changes hands."""
    text = request.POST.get("edition", "")
    edition = int(text) if text.isdigit() else 0
    try:
        made = service.hand_over_tasks(draft_id, edition, actor=request.actor, scope=request.scope)
    except (Conflict, Invalid, Refused) as error:
        notify(request, said(error), tone=Tone.WATCH)
    else:
        done = ngettext("%(n)s task made.", "%(n)s tasks made.", made)
        notify(request, done % {"n": formats.number(made, 0)})
    return redirect("territories:handover", draft_id)


def _finding(found: Sequence[HandOver]) -> str:
    if not found:
        return gettext("Nothing changes hands by this plan.")
    givers = len({one.from_rep for one in found if one.from_rep})
    takers = len({one.to_rep for one in found})
    told = ngettext(
        "%(n)s account changes hands, from %(givers)s to %(takers)s reps, with %(deals)s open "
        "deals, of which %(stays)s stay until they close.",
        "%(n)s accounts change hands, from %(givers)s to %(takers)s reps, with %(deals)s open "
        "deals, of which %(stays)s stay until they close.",
        len(found),
    )
    return told % {
        "n": formats.number(len(found), 0),
        "givers": givers,
        "takers": takers,
        "deals": formats.number(sum(one.open_deals for one in found), 0),
        "stays": formats.number(sum(one.stays for one in found), 0),
    }


def _columns(request: PageRequest, *, in_file: bool = False) -> tuple[Column, ...]:
    """Return the columns; a page leaves to the files what would not fit it.

    The territory stands beside the new owner there, and the months stand in what moving costs.
    """
    currency = request.company.currency

    def money(name: str, label: str) -> Column:
        return Column(name, label, Format.MONEY, currency=currency, decimals=0)

    months = Column("months", gettext("With the rep"), Format.NUMBER, unit=gettext("months"),
                    decimals=0)  # fmt: skip
    return (
        Column("account", gettext("Account"), Format.LONG_TEXT, is_title=True),
        Column("from", gettext("Present owner")),
        Column("to", gettext("New owner")),
        *((Column("territory", gettext("Territory")),) if in_file else ()),
        Column("reason", gettext("Why"), Format.LONG_TEXT),
        Column("deals", gettext("Open deals"), Format.NUMBER, decimals=0),
        Column("stays", gettext("Deals that stay"), Format.NUMBER, decimals=0,
               hint=gettext("Open deals that stay with whoever has them until they close.")),
        money("pipeline", gettext("Open pipeline")),
        money("bookings", gettext("Bookings of 12 months")),
        *((months,) if in_file else ()),
        Column("cost", gettext("Cost"), Format.NUMBER, decimals=1,
               hint=gettext("What moving it breaks; 1 is the mean account.")),
        Column("day", gettext("Suggested"), Format.DATE),
    )  # fmt: skip


def _cells(one: HandOver, *, in_file: bool = False) -> list[Any]:
    given = one.from_name or gettext("nobody")
    why = gettext(REASON_LABELS[one.reason])
    figures = [one.open_deals, one.stays, one.pipeline, one.bookings]
    if in_file:
        return [
            one.account, given, one.to_name, one.territory, why, *figures, one.months, one.cost,
            one.suggested,
        ]  # fmt: skip
    account = Cell(one.account, url=reverse("crm:record", args=["account", one.account_id]))
    taken = one.to_name
    if one.territory != one.to_name:
        facts = {"rep": one.to_name, "territory": one.territory}
        taken = gettext("%(rep)s (%(territory)s)") % facts
    return [account, given, taken, why, *figures, one.cost, one.suggested]


def table_of(
    request: PageRequest, found: Sequence[HandOver], export_urls: Sequence[Link] = ()
) -> Table:
    """Return what changes hands as a table, cut where it is long."""
    note = ""
    if len(found) > MOST:
        said_of = (
            gettext("The first %(most)s of %(count)s; the files hold all.")
            if export_urls
            else gettext("The first %(most)s of %(count)s.")
        )
        note = said_of % {
            "most": formats.number(MOST, 0),
            "count": formats.number(len(found), 0),
        }
    return Table(
        _columns(request),
        [Row(one.account_id, _cells(one)) for one in found[:MOST]],
        gettext("Accounts that change hands"),
        name="handover",
        is_dense=True,
        export_urls=export_urls,
        note=note,
        empty=Empty(
            gettext("Nothing changes hands"),
            gettext("Every account stays with whoever owns it today."),
            icon="check",
        ),
    )
