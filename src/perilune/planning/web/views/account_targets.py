"""Targets by account of a plan: typed into a grid, sent as a sheet, beside reps' quotas."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from perilune.kernel.errors import Conflict, Invalid, NotFound, Refused
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page, said
from perilune.planning import queries, service
from perilune.planning.queries.account_targets import account_targets
from perilune.planning.web import account_shown, plan_shown, shown, workbook_shown
from perilune.planning.web.views.workbooks import ENDINGS, on_disk
from perilune.planning.web.workbook_shown import Refusal
from perilune.ui import formats
from perilune.ui.contracts import Empty, Tone
from perilune.ui.reading import amount_of
from perilune.ui.toasts import notify

FIELD = "account|"


@page(Right.MAKE_PLANS)
def index(request: PageRequest, plan_id: int) -> HttpResponse:
    """The accounts of a plan with their targets, those above potential first."""
    return _shown(request, plan_id, None)


def _shown(request: PageRequest, plan_id: int, refusal: Refusal | None) -> HttpResponse:
    view = queries.plan(plan_id, request.scope, request.actor)
    facts: dict[str, Any] = {"header": plan_shown.header(request, view, "accounts", verbs=())}
    if not view.is_whole:
        reason = gettext("You see the rows of your reps; account targets are of the whole plan.")
        facts["empty"] = Empty(gettext("Account targets are of the whole plan"), reason,
                               icon="building-2")  # fmt: skip
        return shown.show(request, "account_targets.html", facts)
    found = account_targets(view, request.scope, request.as_of)
    rows = account_shown.chosen(request, found)
    facts |= {
        "header": plan_shown.header(
            request, view, "accounts", said=account_shown.finding(view, found), verbs=()
        ),
        "plan_id": plan_id,
        "edition": view.head.edition,
        "filters": account_shown.filters(request, view, found),
        "grid": account_shown.grid(request, view, rows),
        "table": account_shown.reps_table(request, view, found),
        "may_edit": plan_shown.may_edit(request, view.head),
        "refusal": refusal,
        "endings": ",".join(ENDINGS),
        "found": bool(found.rows),
    }
    if not found.rows:
        facts["empty"] = Empty(gettext("No accounts here"), icon="building-2")
    response = shown.show(request, "account_targets.html", facts)
    response.status_code = 422 if refusal else 200
    return response


@require_POST
@page(Right.MAKE_PLANS)
def save(request: PageRequest, plan_id: int) -> HttpResponse:
    """Keep the targets that were typed; an emptied one is taken out."""
    view = queries.plan(plan_id, request.scope, request.actor)
    try:
        amounts = {
            int(name.removeprefix(FIELD)): amount_of(text, view.head.currency)
            if text.strip()
            else None
            for name, text in request.POST.items()
            if isinstance(text, str) and name.removeprefix(FIELD).isdecimal()
            and name.startswith(FIELD)
        }  # fmt: skip
        count = service.set_account_targets(
            plan_id, shown.edition_of(request) or 0, amounts,
            actor=request.actor, scope=request.scope,
        )  # fmt: skip
    except (Conflict, Invalid, NotFound, Refused) as error:
        notify(request, said(error), tone=Tone.WATCH)
    else:
        _told(request, count)
    return redirect("planning:plan_accounts", plan_id)


@require_POST
@page(Right.MAKE_PLANS)
def sheet(request: PageRequest, plan_id: int) -> HttpResponse:
    """Take the targets of a sheet; one that is wrong is told cell by cell and writes nothing."""
    sent = request.FILES.get("file")
    if sent is None:
        notify(request, gettext("Choose a file."), tone=Tone.WATCH)
        return redirect("planning:plan_accounts", plan_id)
    try:
        with on_disk(sent) as path:
            count = service.read_account_targets(
                plan_id, shown.edition_of(request) or 0, path, sent.name or "",
                actor=request.actor, scope=request.scope,
            )  # fmt: skip
    except (Conflict, Invalid, NotFound, Refused) as error:
        return _shown(request, plan_id, workbook_shown.refusal_of(error))
    _told(request, count)
    return redirect("planning:plan_accounts", plan_id)


def _told(request: PageRequest, count: int) -> None:
    text = ngettext("%(n)s account target changed.", "%(n)s account targets changed.", count)
    notify(request, text % {"n": formats.number(count, 0)})
