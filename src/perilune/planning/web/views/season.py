"""The planning season: its check-list, data readiness and the records behind it."""

from __future__ import annotations

from datetime import date

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from perilune.kernel.errors import Invalid, NotFound, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page, said
from perilune.planning import queries, service
from perilune.planning.contracts import LACK_LABELS, SEASON_OVER, Lack
from perilune.planning.web import season_shown, shown
from perilune.ui import formats
from perilune.ui.contracts import Link, PageHeader, Tone
from perilune.ui.toasts import notify


@page(Right.MAKE_PLANS)
def index(request: PageRequest, plan_id: int) -> HttpResponse:
    """The check-list with owners, dates and state, and what the data lack."""
    view = queries.plan(plan_id, request.scope, request.actor)
    ready = queries.readiness(view, request.scope, request.as_of)
    is_now = request.as_of.day >= request.company.today.day
    facts = {
        "header": season_shown.header(request, view),
        "plan_id": plan_id,
        "lines": season_shown.lines(view, request),
        "readiness": season_shown.readiness_table(view, ready),
        "may_edit": view.is_whole and is_now and view.head.state not in SEASON_OVER,
        "owners": [(one.username, one.name) for one in queries.sharers()],
    }
    return shown.show(request, "season.html", facts)


@page(Right.MAKE_PLANS)
def rows(request: PageRequest, plan_id: int, lack: str) -> HttpResponse:
    """The records that lack something."""
    if lack not in {each.value for each in Lack}:
        raise NotFound(_("There is no such check."))
    view = queries.plan(plan_id, request.scope, request.actor)
    what = Lack(lack)
    found = queries.lacking(view, what, request.scope, request.as_of)
    back = Link(gettext("Planning season"), reverse("planning:season", args=[plan_id]))
    count = {"n": formats.number(len(found), 0)}
    facts = {
        "header": PageHeader(
            gettext(LACK_LABELS[what]), finding=gettext("Rows: %(n)s") % count, back=back
        ),
        "table": season_shown.rows_table(request, what, found),
    }
    return shown.show(request, "season_rows.html", facts)


@require_POST
@page(Right.MAKE_PLANS)
def save(request: PageRequest, plan_id: int, task_id: int = 0) -> HttpResponse:
    """Change a line of the check-list, add one, or take it out."""
    try:
        if "remove" in request.POST:
            service.task_remove(plan_id, task_id, actor=request.actor, scope=request.scope)
            notify(request, gettext("The line is taken out."))
        else:
            text = request.POST.get("due", "")
            service.task_save(
                plan_id, task_id or None, _title(request, plan_id, task_id),
                owner=request.POST.get("owner", ""), due=_day(text),
                actor=request.actor, scope=request.scope,
            )  # fmt: skip
            notify(request, gettext("Saved."))
    except (Invalid, NotFound, Refused) as error:
        notify(request, said(error), tone=Tone.WATCH)
    return redirect("planning:season", plan_id)


def _title(request: PageRequest, plan_id: int, task_id: int) -> str:
    """Return the title to keep: one of ours that was not changed stays in every language."""
    typed = " ".join(request.POST.get("title", "").split())
    view = queries.plan(plan_id, request.scope, request.actor)
    own = next((task.title for task in view.tasks if task.id == task_id), "")
    return own if own and typed == gettext(own) else typed


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid(_("«%(text)s» is not a date such as 2026-12-31."), text=text) from None


@require_POST
@page(Right.MAKE_PLANS)
def tick(request: PageRequest, plan_id: int, task_id: int) -> HttpResponse:
    """Tick a line of the check-list, or take the tick back."""
    is_done = request.POST.get("done") == "1"
    try:
        service.task_done(plan_id, task_id, is_done, actor=request.actor, scope=request.scope)
    except (Invalid, NotFound, Refused) as error:
        notify(request, said(error), tone=Tone.WATCH)
    where = "planning:season" if request.POST.get("at") == "season" else "planning:plan"
    return redirect(where, plan_id)
