"""Notices: what wants an act, done, and how many a week one wants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from perilune.kernel.errors import NotFound
from perilune.kernel.messages import gettext_noop
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page
from perilune.site import alerts, risks
from perilune.site.models import Notice
from perilune.site.risks import RiskDeal
from perilune.ui import formats
from perilune.ui.contracts import (
    Action,
    Column,
    Empty,
    Format,
    PageHeader,
    Row,
    Status,
    Table,
    Tone,
)
from perilune.ui.filters import scope_label
from perilune.ui.toasts import notify


@dataclass(frozen=True)
class Shown:
    """A notice as the page shows it."""

    title: str
    caption: str
    status: Status
    table: Table | None
    actions: Sequence[Action]


@page(Right.SEE_ROWS)
def index(request: PageRequest) -> HttpResponse:
    """A person's notices and their settings."""
    found = alerts.notices_of(request.actor)
    open_ones = sum(item.acted_at is None for item in found if item.topic in alerts.BUDGETED)
    finding = (
        ngettext("%(n)s notice waits for you.", "%(n)s notices wait for you.", open_ones)
        % {"n": open_ones}
        if open_ones
        else _("Nothing waits for you.")
    )
    facts = {
        "header": PageHeader(_("Notices"), finding),
        "notices": [_shown(request, item) for item in found],
        "nothing": Empty(
            _("No notice yet"),
            _("Once a day your deals at risk, and what left its course, are gathered here."),
        ),
        "budget": alerts.budget_of(request.actor),
        "most": alerts.LARGEST_BUDGET,
        "resume": _resume() if _is_silent(request) else None,
    }
    return render(request, "site/notices.html", facts)


def _is_silent(request: PageRequest) -> bool:
    return any(alerts.is_silent(request.actor, topic) for topic in alerts.BUDGETED)


def _resume() -> Action:
    return Action(
        _("Alert me again"), reverse("site:notices_resume"), method="post", is_primary=True
    )


def _shown(request: PageRequest, notice: Notice) -> Shown:
    # what one may see is decided now, not on the day of the notice
    is_risks = notice.topic == alerts.RISKS
    deals = [RiskDeal.read(kept) for kept in notice.lines] if is_risks else []
    deals = [deal for deal in deals if request.scope.sees(deal.owner_id)]
    title = _(notice.title) % (notice.params | ({"count": len(deals)} if is_risks else {}))
    day = formats.day(notice.day)
    caption = _("As known on %(day)s") % {"day": day}
    if notice.scope_label:
        caption = f"{scope_label(notice.scope_label)} · {caption}"
    table = _table(request, notice, deals, title) if deals else None
    if notice.topic in alerts.LINED and notice.scope_label == request.scope.label:
        table = _watched(request, notice, title)
    may_act = notice.topic in alerts.BUDGETED
    return Shown(title, caption, _status(notice), table, _verbs(notice) if may_act else ())


def _watched(request: PageRequest, notice: Notice, title: str) -> Table:
    columns = (
        Column("what", _("What happened"), Format.LONG_TEXT, is_title=True),
        Column("todo", _("What to do"), Format.LONG_TEXT),
    )
    rows = [
        Row(
            number,
            (watched_text(line, request.company.currency), _(line["todo"])),
            url=reverse("site:notice_line", args=[notice.id, number]),
        )
        for number, line in enumerate(notice.lines)
    ]
    return Table(columns, rows, caption=title, is_dense=True, name=f"notice-{notice.id}")


def watched_text(line: Mapping[str, Any], currency: str) -> str:
    """Return what left its course in the reader's language, its numbers as they are read here."""
    written: dict[str, Any] = {}
    for name, value in line["params"].items():
        if name.endswith("_money"):
            written[name] = formats.short_money(value, currency)
        elif name.endswith("_label"):
            written[name] = _(value)
        elif name.endswith("_share"):
            written[name] = formats.percent(value, 1)
        elif name.endswith("_day"):
            written[name] = formats.day(value)
        elif name == "unit" and value in ("total", "unassigned"):
            written[name] = _("Unassigned") if value == "unassigned" else _("All together")
        else:
            written[name] = formats.number(value) if isinstance(value, float) else value
    return _(line["message"]) % written


def _status(notice: Notice) -> Status:
    if notice.acted_at is not None:
        return Status(_("Dealt with"), Tone.GOOD)
    return Status(_("Seen")) if notice.read_at is not None else Status(_("Unread"), Tone.WATCH)


def _verbs(notice: Notice) -> list[Action]:
    if notice.acted_at is not None:
        return []
    return [
        Action(
            _("Mark as done"),
            reverse("site:notice_done", args=[notice.id]),
            method="post",
            icon="check",
        )
    ]


def _table(request: PageRequest, notice: Notice, deals: list[RiskDeal], title: str) -> Table:
    columns = (
        Column("deal", _("Deal"), is_title=True),
        Column("account", _("Account")),
        Column("owner", _("Owner")),
        Column("why", _("Why")),
        Column("todo", _("What to do")),
        Column("value", _("Value"), Format.MONEY, currency=request.company.currency, decimals=0),
        Column("close", _("Expected close"), Format.DATE),
    )
    rows = [
        Row(
            deal.id,
            (
                deal.name,
                deal.account,
                deal.owner,
                reasons_of(deal),
                _(risks.REASONS[reason][1]),
                deal.value,
                deal.close_date or None,
            ),
            url=reverse("site:notice_open", args=[notice.id, deal.id]),
        )
        for reason, group in risks.grouped(deals)
        for deal in group
    ]
    return Table(columns, rows, caption=title, is_dense=True, name=f"notice-{notice.id}")


def reasons_of(deal: RiskDeal) -> str:
    """Return why a deal is at risk, in words."""
    words = [_(risks.REASONS[name][0]) for name in deal.reasons]
    if deal.is_big:
        words.append(_(risks.BIG_LABEL))
    return " · ".join(words)


def _own(request: PageRequest, notice_id: int) -> Notice:
    found = Notice.objects.filter(id=notice_id, username=request.actor).first()
    if found is None:
        raise NotFound(gettext_noop("There is no notice %(id)s for you."), id=notice_id)
    return found


@page(Right.SEE_ROWS)
def open_deal(request: PageRequest, notice_id: int, deal_id: int) -> HttpResponse:
    """Go to a deal of a notice; that it was opened is the first half of acting."""
    notice = _own(request, notice_id)
    if deal_id not in {line["id"] for line in notice.lines}:
        raise NotFound(gettext_noop("This notice does not name that deal."))
    alerts.mark_read(notice)
    return redirect("crm:record", "opportunity", deal_id)


@page(Right.SEE_ROWS)
def open_line(request: PageRequest, notice_id: int, number: int) -> HttpResponse:
    """Go where a line of a notice points; that it was opened is the first half of acting."""
    notice = _own(request, notice_id)
    if notice.topic not in alerts.LINED or number >= len(notice.lines):
        raise NotFound(gettext_noop("This notice has no such line."))
    alerts.mark_read(notice)
    return redirect(notice.lines[number]["url"])


@require_POST
@page(Right.SEE_ROWS)
def done(request: PageRequest, notice_id: int) -> HttpResponse:
    """Say that a notice was dealt with."""
    alerts.mark_done(_own(request, notice_id), True)
    notify(request, _("Marked as done."), reverse("site:notice_undone", args=[notice_id]))
    return redirect("site:notices")


@require_POST
@page(Right.SEE_ROWS)
def undone(request: PageRequest, notice_id: int) -> HttpResponse:
    """Take «done» back."""
    alerts.mark_done(_own(request, notice_id), False)
    return redirect("site:notices")


@require_POST
@page(Right.SEE_ROWS)
def budget(request: PageRequest) -> HttpResponse:
    """Keep how many notices a week this person wants."""
    kept = alerts.set_budget(request.actor, request.POST.get("budget", ""))
    notify(
        request,
        ngettext("At most %(n)s notice a week.", "At most %(n)s notices a week.", kept)
        % {"n": kept},
    )
    return redirect("site:notices")


@require_POST
@page(Right.SEE_ROWS)
def resume(request: PageRequest) -> HttpResponse:
    """Let alerts come again."""
    alerts.resume(request.actor)
    notify(request, _("Alerts are on again."))
    return redirect("site:notices")
