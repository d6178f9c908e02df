"""The close of a period: checklist, figures of record, what was learnt afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from perilune.forecasting import queries, service
from perilune.forecasting.contracts import Learnt, Step, StepInfo
from perilune.forecasting.web import frozen, meeting
from perilune.kernel.calendar import Period
from perilune.kernel.errors import NotFound, Past
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page
from perilune.ui.contracts import Link, PageHeader
from perilune.ui.toasts import notify


@page()
def close(request: PageRequest, period: str) -> HttpResponse:
    """Where the close of a period stands, and what its figures of record are."""
    asked = request.company.calendar.parse(period)
    taken = queries.steps(asked, request.as_of)
    last = taken[0] if taken else None
    rolled = queries.rollup(asked, request.as_of, request.scope, with_ranges=False)
    closed = queries.close_of(asked, request.as_of)
    is_past = request.as_of.day < request.company.today.day
    may_act = Right.CLOSE_PERIOD in request.rights and not is_past
    late, is_gone = _late(request, asked, closed)
    facts = {
        "header": PageHeader(
            gettext("Period close %(period)s") % {"period": asked.name},
            finding=frozen.finding(asked, last, late, rolled),
            tabs=meeting.tabs(request, asked, "close"),
            back=Link(asked.name, reverse("forecasting:period", args=[asked.name])),
            statuses=(frozen.mark(last),),
        ),
        "period": asked,
        "last": last,
        "figures": frozen.figures(rolled, closed),
        "late": frozen.learnt(late, rolled.currency) if closed else None,
        "is_gone": is_gone,
        "sees_rows": not request.scope.aggregates_only,
        "taken": frozen.course(taken),
        "checks": _checks(asked, last, may_act=may_act),
        "may_propose": may_act and (last is None or _is_open(last)),
        "is_own": last is not None and last.actor == request.actor,
        "may_approve": may_act and last is not None and last.step is Step.PROPOSED,
        "may_reopen": may_act and closed is not None,
        "is_small": request.company.is_small_team,
    }
    return render(request, "forecasting/close.html", facts)


def _late(
    request: PageRequest, period: Period, closed: StepInfo | None
) -> tuple[list[Learnt], bool]:
    """Return what was learnt after the close, and whether the frozen version is gone."""
    if closed is None:
        return [], False
    with_facts = not request.scope.aggregates_only
    try:
        found = queries.learnt(period, closed, request.as_of, request.scope, with_facts=with_facts)
    except NotFound:
        return [], True
    return found, False


def _is_open(last: StepInfo) -> bool:
    return last.step in (Step.WITHDRAWN, Step.REOPENED)


def _checks(period: Period, last: StepInfo | None, *, may_act: bool) -> list[frozen.CheckLine]:
    """Return today's checklist for who may act on it, else the one that was kept."""
    if last is not None and not _is_open(last):
        return frozen.kept(last)
    return frozen.lines(service.checks(period)) if may_act else []


@require_POST
@page(Right.CLOSE_PERIOD)
def close_step(request: PageRequest, period: str, step: str) -> HttpResponse:
    """Propose, approve, withdraw or re-open."""
    asked = request.company.calendar.parse(period)
    if request.as_of.day < request.company.today.day:
        raise Past
    at, reason = datetime.now(UTC), request.POST.get("reason", "")
    accepted = request.POST.getlist("accepted")

    def propose() -> None:
        service.close_propose(asked, accepted, reason, actor=request.actor, at=at)

    def approve() -> None:
        service.close_approve(asked, actor=request.actor, at=at)

    def withdraw() -> None:
        service.close_withdraw(asked, actor=request.actor, at=at)

    def reopen() -> None:
        service.period_reopen(asked, reason, actor=request.actor, at=at)

    verbs: dict[str, tuple[Callable[[], None], str]] = {
        "propose": (propose, gettext("The close is proposed; somebody else approves it.")),
        "approve": (approve, gettext("The period is closed: its figures are of record.")),
        "withdraw": (withdraw, gettext("The proposal is withdrawn.")),
        "reopen": (reopen, gettext("The period is open again; its figures are live.")),
    }
    if step not in verbs:
        raise NotFound(_("There is no such step."))
    verb, text = verbs[step]
    verb()
    notify(request, text)
    return redirect("forecasting:close", asked.name)
