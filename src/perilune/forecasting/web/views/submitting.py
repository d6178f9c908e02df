"""Submit a call in under a minute: the deals that changed, then the figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from perilune.forecasting import queries, service
from perilune.forecasting.contracts import (
    Category,
    Level,
    Rollup,
    RollupRow,
    Submitted,
    Terms,
    UnitKey,
    View,
)
from perilune.forecasting.queries.preparing import PreparedDeal
from perilune.forecasting.web import meeting, submitting
from perilune.kernel.calendar import Period
from perilune.kernel.errors import Conflict, Invalid, PeriluneError, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page, said
from perilune.ui import formats
from perilune.ui.contracts import Choice, Filter, FilterBar, Link, PageHeader, Status, Tone
from perilune.ui.reading import amount_of
from perilune.ui.toasts import notify


@dataclass(frozen=True)
class _Desk:
    """What one page of submitting stands on."""

    period: Period
    rolled: Rollup
    row: RollupRow
    unit: UnitKey
    may: Mapping[UnitKey, Level]
    terms: Terms
    deals: list[PreparedDeal]


@page(Right.SUBMIT_FORECAST)
def submit(request: PageRequest, period: str) -> HttpResponse:
    """Own deals that changed since the last call, then the call with what is suggested."""
    desk = _desk(request, request.company.calendar.parse(period))
    if request.method != "POST":
        return _page(request, desk, {}, {})
    try:
        return _take(request, desk)
    except service.DealProblem as error:
        return _page(request, desk, request.POST.dict(), {error.deal_id: _sentence(error)})
    except (Invalid, Conflict) as error:
        return _page(request, desk, request.POST.dict(), {}, problem=_sentence(error))


def _desk(request: PageRequest, period: Period) -> _Desk:
    found = queries.rollup(period, request.as_of, request.scope)
    author = meeting.author_of(request)
    may = queries.levels(found, author, request.scope)
    asked = request.GET.get("unit", "")
    unit = meeting.unit_of(asked) if asked else queries.own_unit(found, author, request.scope)
    if unit is None or unit not in may:
        raise Refused(_("There is no unit here for which you submit."))
    row = next(row for row in found.rows if queries.spoken_for(row.node, found) == unit)
    since = row.call.known_at if row.call else None
    reps = [unit[1]] if unit[0] == "rep" else []
    deals = queries.deals_since(period, request.as_of, request.scope, reps, since)
    terms = queries.terms_of(period, request.as_of)
    return _Desk(period, found, row, unit, may, terms, deals)


def _page(
    request: PageRequest,
    desk: _Desk,
    typed: Mapping[str, Any],
    problems: Mapping[int, str],
    *,
    problem: str = "",
) -> HttpResponse:
    currency, period = request.company.currency, desk.period
    overrides = queries.overrides(period, request.as_of)
    made = queries.with_overrides(desk.rolled, overrides, Category.COMMIT, View.CUMULATIVE)
    shown = submitting.suggestion(desk.row, made.get(desk.row.node.key), currency)
    forms = submitting.forms(desk.deals, typed, problems, currency)
    is_past = request.as_of.day < request.company.today.day
    facts = {
        "header": PageHeader(
            gettext("Submit %(period)s") % {"period": period.name},
            finding=_finding(desk, request),
            tabs=meeting.tabs(request, period, "submit"),
            back=Link(period.name, reverse("forecasting:period", args=[period.name])),
            statuses=tuple(_statuses(desk, request)),
        ),
        "filters": _filters(desk),
        "period": period,
        "unit": f"{desk.unit[0]}:{desk.unit[1]}",
        "label": meeting.label_of(desk.row, desk.rolled.scope_label),
        "is_rep": desk.unit[0] == "rep",
        "changed": [form for form in forms if form.deal.is_changed],
        "others": [form for form in forms if not form.deal.is_changed],
        "below": submitting.below(desk.row, desk.rolled),
        "suggestion": shown,
        "typed": typed.get("amount", shown.typed),
        "currency": currency,
        "problem": problem,
        "is_open": not is_past and not desk.terms.is_locked(request.as_of.day),
        "may_edit": Right.EDIT_RECORDS in request.rights,
    }
    status = 422 if problem or problems else 200
    return render(request, "forecasting/submit.html", facts, status=status)


def _take(request: PageRequest, desk: _Desk) -> HttpResponse:
    """Write the deals, then the call unless only the deals were to be saved."""
    address = reverse("forecasting:submit", args=[desk.period.name])
    here = f"{address}?unit={desk.unit[0]}:{desk.unit[1]}"
    author = meeting.author_of(request)
    prepared = submitting.read(request.POST, desk.deals, desk.period)
    if prepared.deals and Right.EDIT_RECORDS not in request.rights:
        raise Refused(_("You may not change deals."))
    is_call = request.POST.get("step") != "deals"
    with transaction.atomic():
        changed, contested = service.prepare(
            desk.period, prepared, author, request.as_of, request.scope
        )
        if is_call:
            service.submit(_call(request, desk), actor=request.actor)
    notify(request, _kept(desk, is_call=is_call, changed=changed, contested=contested))
    return redirect(here)


def _call(request: PageRequest, desk: _Desk) -> Submitted:
    currency = request.company.currency
    kind, id_ = desk.unit
    suggested = request.POST.get("suggested", "")
    return Submitted(
        desk.period,
        request.as_of.day,
        amount_of(request.POST.get("amount", ""), currency),
        currency,
        str(request.user),
        rep_id=id_ if kind == "rep" else None,
        team_id=id_ if kind == "team" else None,
        suggested=int(suggested) if suggested.lstrip("-").isdigit() else None,
    )


def _kept(desk: _Desk, *, is_call: bool, changed: int, contested: int) -> str:
    said_of = []
    if is_call:
        said_of.append(gettext("Your call for %(period)s is kept.") % {"period": desk.period.name})
    if changed:
        text = ngettext("%(count)s deal changed.", "%(count)s deals changed.", changed)
        said_of.append(text % {"count": changed})
    if contested:
        text = ngettext(
            "%(count)s probability contested.", "%(count)s probabilities contested.", contested
        )
        said_of.append(text % {"count": contested})
    return " ".join(said_of) or gettext("Nothing was changed.")


def _finding(desk: _Desk, request: PageRequest) -> str:
    due = desk.terms.next_due(request.as_of.day)
    changed = sum(deal.is_changed for deal in desk.deals)
    said_of = []
    if desk.unit[0] == "rep":
        text = ngettext(
            "%(count)s deal changed since the last call.",
            "%(count)s deals changed since the last call.",
            changed,
        )
        said_of.append(text % {"count": changed})
    if due:
        said_of.append(gettext("Next call due on %(day)s.") % {"day": formats.day(due)})
    said_of.append(
        gettext("Calls are taken until %(day)s.") % {"day": formats.day(desk.terms.locks_on)}
    )
    return " ".join(said_of)


def _statuses(desk: _Desk, request: PageRequest) -> list[Status]:
    today = request.as_of.day
    if desk.terms.is_locked(today):
        return [Status(gettext("locked"), Tone.NEUTRAL)]
    last = desk.row.call.made_on if desk.row.call else None
    if desk.terms.missed(today, last) is not None:
        return [Status(gettext("late"), Tone.WATCH)]
    return []


def _filters(desk: _Desk) -> FilterBar | None:
    units = []
    for row in desk.rolled.rows:
        unit = queries.spoken_for(row.node, desk.rolled)
        if unit in desk.may and unit is not None:
            label = meeting.label_of(row, desk.rolled.scope_label)
            units.append(Choice(f"{unit[0]}:{unit[1]}", label, unit == desk.unit))
    if len(units) < 2:
        return None
    chosen = next((each.label for each in units if each.is_selected), "")
    value = f"{desk.unit[0]}:{desk.unit[1]}"
    return FilterBar((Filter("unit", gettext("For"), "one", value, units, summary=chosen),))


def _sentence(error: PeriluneError) -> str:
    listed = []
    for problem in getattr(error, "problems", ()):
        text = gettext(problem.message)
        listed.append(text % problem.params if problem.params else text)
    return " ".join(listed) or said(error)
