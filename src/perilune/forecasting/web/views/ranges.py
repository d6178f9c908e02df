"""Pages of the forecast: the range of a period, why, recorded runs, the call."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_POST

from perilune.forecasting import queries, service
from perilune.forecasting.contracts import BY_LABELS, By, ForecastResult, Submitted
from perilune.forecasting.web import (
    drawn,
    explained,
    exported,
    frozen,
    near,
    preparing,
    recorded,
    shown,
    words,
)
from perilune.forecasting.web.periods import tabs
from perilune.forecasting.web.shown import Beside
from perilune.kernel.calendar import Grain, Period
from perilune.kernel.errors import Conflict, Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.money import Money
from perilune.people.contracts import Right
from perilune.people.queries import person, target
from perilune.people.web.doors import doors_of
from perilune.people.web.gate import PageRequest, page, said
from perilune.store import queries as store
from perilune.ui.contracts import Action, Choice, Filter, FilterBar, Link, PageHeader
from perilune.ui.export import csv_response, xlsx_response
from perilune.ui.toasts import notify


@page()
def index(request: PageRequest) -> HttpResponse:
    """The quarter under way."""
    quarter = request.company.calendar.find(request.as_of.day, Grain.QUARTER)
    return _page(request, quarter)


@page()
def period_page(request: PageRequest, period: str) -> HttpResponse:
    """One month, quarter or year."""
    return _page(request, request.company.calendar.parse(period))


def _page(request: PageRequest, period: Period) -> HttpResponse:
    by = _by(request)
    result = queries.range_for(period, by, request.as_of, request.scope)
    beside = _beside(request, period)
    runs = queries.runs(period, request.scope, until=request.as_of, limit=4 * recorded.KEPT)
    is_near = request.GET.get("show") == near.NEAR
    may_export = Right.EXPORT_DATA in request.rights
    facts = {
        "header": _header(request, period, result, beside.goal),
        "filters": _filters(request, by, is_near=is_near),
        "bar": shown.bar(result, beside.goal, beside.calls.get(("total", 0))),
        "notes": words.notes(result),
        "skill": words.skill(result),
        "too_wide": words.too_wide(result.total.backtest),
        "make_up": words.make_up(result),
        "may_move": words.may_move(result),
        "steps": None if result.is_complete else preparing.steps(),
        "learn": None if result.is_complete else preparing.learn_action(request),
        "members": recorded.members(result),
        "grid": near.grid(result, may_export=may_export)
        if is_near
        else shown.grid(result, beside, may_export=may_export),
        "currency": result.currency,
        "chart": drawn.chart(result, beside.goal),
        "history": recorded.history(runs, result.currency),
        "uncounted": result.uncounted,
        **_moved(period, result),
        "period": period,
        "may_call": Right.RUN_FORECAST in request.rights,
    }
    return render(request, "forecasting/period.html", facts)


def _moved(period: Period, result: ForecastResult) -> dict[str, Any]:
    """Return the panel that tells why the range moved; it is computed once the page is there."""
    if result.total.range is None:
        return {}
    url = reverse("forecasting:moved", args=[period.name])
    return {
        "moved_url": url,
        "moved_link": Link(gettext("Other days, other figures"), url),
        "moved_note": gettext("Since a week ago, with the same random numbers"),
    }


def _beside(request: PageRequest, period: Period) -> Beside:
    question = (period, request.as_of, request.scope, request.company.currency)
    return Beside(
        target_in_scope(request, period), queries.targets(*question), queries.calls(*question)
    )


def _by(request: PageRequest) -> By:
    try:
        return By(request.GET.get("by") or queries.default_cut(request.scope))
    except ValueError:
        raise Invalid(_("A forecast is cut by total, region, team, rep or product.")) from None


def target_in_scope(request: PageRequest, period: Period) -> int | None:
    """Return the target of what the scope covers; None where that is no unit with a quota."""
    own = person(request.user)
    if request.scope.owners is None:
        found = target(period, request.as_of, currency=request.company.currency)
    elif own is not None and request.scope.owners == frozenset({own}):
        found = target(period, request.as_of, rep_id=own, currency=request.company.currency)
    else:
        return None
    return found.minor if found else None


def _header(
    request: PageRequest, period: Period, result: ForecastResult, goal: int | None
) -> PageHeader:
    meeting = reverse("forecasting:rollup", args=[period.name])
    actions = [
        Action(
            gettext("Open deals"),
            reverse("forecasting:deals", args=[period.name]),
            icon="list-checks",
            consequence=gettext("What is likely to become of each, and why."),
        ),
        Action(gettext("Open the roll-up"), meeting, icon="table"),
        Action(
            gettext("What changed"),
            reverse("forecasting:bridge", args=[period.name]),
            consequence=gettext("The bridge of the pipeline since a week ago, to the cent."),
        ),
        Action(gettext("Risks"), reverse("forecasting:risks", args=[period.name])),
    ]
    if Right.SUBMIT_FORECAST in request.rights and request.as_of.day <= period.end:
        submit = reverse("forecasting:submit", args=[period.name])
        actions.append(Action(gettext("Submit a call"), submit, icon="check"))
    if Right.RUN_FORECAST in request.rights:
        actions.append(
            Action(
                gettext("Record this forecast"),
                reverse("forecasting:record", args=[period.name]),
                method="post",
                icon="check",
                consequence=gettext("It is kept for ever and counts in forecast accuracy."),
                values={"by": result.request.by.value},
            )
        )
    return PageHeader(
        gettext("Forecast %(period)s") % {"period": period.name},
        finding=words.finding(result, goal),
        actions=actions,
        tabs=tabs(request, period),
        statuses=(
            words.mark(result.total.status),
            frozen.mark(queries.standing(period, request.as_of)),
        ),
        is_machine_made=True,
    )


def _filters(request: PageRequest, by: By, *, is_near: bool) -> FilterBar:
    cuts = [item for item in By if item is not By.REP or request.scope.smallest_group == 1]
    choices = [Choice(item.value, gettext(BY_LABELS[item]), item is by) for item in cuts]
    chip = Filter("by", gettext("By"), "one", by.value, choices, summary=gettext(BY_LABELS[by]))
    ranges, parts = gettext("Ranges of the rows"), gettext("Contributions that sum")
    choices = [Choice("", ranges, not is_near), Choice(near.NEAR, parts, is_near)]
    value = near.NEAR if is_near else ""
    show = Filter("show", gettext("Show"), "one", value, choices, summary=parts if is_near else "")
    return FilterBar((chip, show))


@page()
def why(request: PageRequest, period: str) -> HttpResponse:
    """The drawer behind the range."""
    asked = request.company.calendar.parse(period)
    result = queries.card(asked, request.as_of, request.scope)
    run = queries.latest_run(asked, By.TOTAL, request.scope, until=request.as_of)
    found = queries.behind(asked, request.as_of, request.scope)
    definition = store.spec("forecasting.won").definition
    why = explained.explanation(result, found, definition, run)
    # what is won of it is what another system can confirm
    doors = doors_of(request, period=result.request.period.name, stage="won", title=why.title)
    facts = {"explanation": replace(why, doors=doors)}
    return render(request, "forecasting/why.html", facts)


@require_POST
@page(Right.RUN_FORECAST)
def record(request: PageRequest, period: str) -> HttpResponse:
    """Keep this forecast for ever."""
    asked = request.company.calendar.parse(period)
    by = By(request.POST.get("by") or By.TOTAL)
    run_id = service.run_record(
        asked,
        by,
        request.as_of,
        request.scope,
        actor=request.actor,
        created_at=datetime.now(UTC),
    )
    notify(request, gettext("Recorded as run %(id)s.") % {"id": run_id})
    return redirect(reverse("forecasting:period", args=[asked.name]) + f"?by={by.value}")


@require_POST
@page(Right.RUN_FORECAST)
def call(request: PageRequest, period: str) -> HttpResponse:
    """Keep the leader's call of a period."""
    asked = request.company.calendar.parse(period)
    currency = request.company.currency
    try:
        typed = request.POST.get("amount", "").replace("\u202f", "").replace("\u00a0", "")
        amount = Money(Decimal(typed.replace(" ", "").replace(",", ".")), currency).minor()
    except InvalidOperation:
        raise Invalid(_("The call is an amount such as 2500000.")) from None
    said_now = Submitted(asked, request.as_of.day, amount, currency, str(request.user))
    service.submit(said_now, actor=request.actor)
    notify(request, gettext("Your call for %(period)s is kept.") % {"period": asked.name})
    return redirect("forecasting:period", asked.name)


@page()
def run(request: PageRequest, run_id: int) -> HttpResponse:
    """One recorded run; «recompute» proves that it still gives the same digits."""
    found = queries.run_info(run_id, request.scope)
    verdict, holds = "", None
    if "recompute" in request.GET:
        try:
            queries.recompute(run_id, request.scope)
            verdict, holds = gettext("Recomputed: the same digits."), True
        except Conflict as error:
            verdict, holds = said(error), False
    title = gettext("Forecast %(period)s as of %(day)s, run %(id)s") % {
        "period": found.period,
        "day": found.as_of.day.isoformat(),
        "id": found.id,
    }
    back = Link(found.period, reverse("forecasting:period", args=[found.period]))
    again = Action(gettext("Recompute"), reverse("forecasting:run", args=[run_id]) + "?recompute=1")
    facts = {
        "header": PageHeader(title, finding=verdict, back=back, actions=(again,)),
        "run": found,
        "holds": holds,
        "table": recorded.recorded_rows(found),
        "weights": recorded.weights(found),
    }
    return render(request, "forecasting/run.html", facts)


@page(Right.EXPORT_DATA)
def export(request: PageRequest, period: str, form: str) -> HttpResponseBase:
    """Export the grid as it is shown, as CSV or Excel."""
    asked = request.company.calendar.parse(period)
    result = queries.range_for(asked, _by(request), request.as_of, request.scope)
    made = exported.export_of(result, _beside(request, asked))
    return xlsx_response(made) if form == "xlsx" else csv_response(made, get_language() or "en")
