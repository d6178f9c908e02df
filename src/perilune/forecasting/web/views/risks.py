"""Pages of risks: the worklist of a period, why, did it help, the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, gettext

from perilune.forecasting import queries
from perilune.forecasting.contracts import DEAL_KINDS, DealAtRisk, RiskKind, RiskList
from perilune.forecasting.web import helped_tables, risk_acts, risk_files, risk_tables
from perilune.forecasting.web import risk_words as words
from perilune.forecasting.web.risk_tables import SIZE, Listing
from perilune.forecasting.web.views.ranges import target_in_scope
from perilune.kernel.calendar import Grain, Period
from perilune.kernel.errors import NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.wiring import PANELS
from perilune.people.contracts import Right
from perilune.people.queries import person
from perilune.people.web.gate import PageRequest, page
from perilune.store import queries as store
from perilune.ui import formats
from perilune.ui.addresses import with_query
from perilune.ui.contracts import Choice, Filter, FilterBar, Link, PageHeader, Tab
from perilune.ui.export import Export, csv_response, xlsx_response
from perilune.ui.filters import scope_label

ASLEEP = "asleep"
PLACE = "forecasting.risks"
"""Place of panels above the worklist; context: `period`."""


@page()
def index(request: PageRequest, period: str) -> HttpResponse:
    """The worklist, with the portfolio's risks on top."""
    asked = request.company.calendar.parse(period)
    found = _found(request, asked)
    is_asleep = request.GET.get("state") == ASLEEP
    deals = _chosen(request, found, is_asleep)
    number = request.GET.get("page", "1")
    at = min(int(number) if number.isdecimal() and int(number) else 1, len(deals) // SIZE + 1)
    listing = Listing(
        asked,
        request.company.currency,
        deals,
        page=at,
        may_act=risk_acts.may_act(request),
        is_asleep=is_asleep,
        exports=() if is_asleep else _exports(request, asked),
        previous_url=with_query(request, page=str(at - 1)) if at > 1 else "",
        next_url=with_query(request, page=str(at + 1)) if at * SIZE < len(deals) else "",
    )
    facts = {
        "header": _header(request, asked, found, ASLEEP if is_asleep else ""),
        "filters": _filters(request, found),
        "strip": risk_tables.strip(found, asked, request.company.currency),
        "note": gettext(found.note.message) if found.note else "",
        "table": risk_tables.worklist(listing),
        "is_aggregate": request.scope.aggregates_only,
        "panels": [
            mark_safe(panel.render(request, {"period": asked}))
            for panel in PANELS
            if panel.place == PLACE
        ],
    }
    return render(request, "forecasting/risks.html", facts)


@page()
def why(request: PageRequest, period: str, deal_id: int) -> HttpResponse:
    """The drawer behind a deal's risks, or (with ?part=1) what the deal's own page shows."""
    asked = request.company.calendar.parse(period)
    deal = queries.deal_risks(deal_id, asked, request.as_of, request.scope)
    if deal is None:
        raise NotFound(_("This deal is not open, or you may not see it."))
    is_part = "part" in request.GET
    facts = {
        "deal": deal,
        "title": deal.account or deal.name,
        "value": formats.money(deal.revenue, request.company.currency, 0),
        "risks": risk_acts.shown_risks(request, deal, is_part=is_part),
        "period": asked,
        "may_act": risk_acts.may_act(request),
        "act_url": reverse("forecasting:risks_act", args=[asked.name]),
        "sql": "" if is_part else _sql(request, deal_id),
        "as_of": request.as_of,
    }
    template = "forecasting/risk_part.html" if is_part else "forecasting/risk.html"
    return render(request, template, facts)


@page()
def portfolio(request: PageRequest, period: str, kind: str) -> HttpResponse:
    """The drawer behind a portfolio's risk."""
    asked = request.company.calendar.parse(period)
    found = _found(request, asked)
    risk = next((each for each in found.portfolio if each.kind.value == kind), None)
    if risk is None:
        raise NotFound(_("This risk does not stand, or you may not see it."))
    facts = {
        "explanation": risk_acts.explanation(request, risk, found, asked),
        "acts": risk_acts.portfolio_acts(request, risk),
        "act_url": reverse("forecasting:risks_act", args=[asked.name]),
    }
    return render(request, "forecasting/portfolio_risk.html", facts)


@page()
def helped(request: PageRequest, period: str) -> HttpResponse:
    """Closed mitigations, and whether acting on risks helped."""
    asked = request.company.calendar.parse(period)
    acts = queries.closed(request.as_of, request.scope)
    facts = {
        "header": _header(request, asked, None, "helped"),
        "compared": helped_tables.compared(queries.helped(request.as_of, request.scope)),
        "closed": helped_tables.closed(acts, request.company.currency),
    }
    return render(request, "forecasting/helped.html", facts)


@page(Right.EXPORT_DATA)
def export(request: PageRequest, period: str, form: str) -> HttpResponseBase:
    """The file of exactly what the list shows, all pages, one row a deal and risk."""
    asked = request.company.calendar.parse(period)
    deals = _chosen(request, _found(request, asked), is_asleep=False)
    made = Export(
        f"risks-{asked.name}-{request.as_of.day}",
        risk_files.export_columns(request.company.currency),
        risk_files.export_rows(deals),
        facts=(
            (gettext("Scope"), scope_label(request.scope)),
            (gettext("As of"), request.as_of.day.isoformat()),
            (gettext("Period"), asked.name),
        ),
    )
    if form == "csv":
        return csv_response(made, get_language() or "en")
    if form == "xlsx":
        return xlsx_response(made)
    raise NotFound(_("Lists are exported as csv or xlsx."))


# -- what is asked ---------------------------------------------------------------------------------


def _found(request: PageRequest, period: Period) -> RiskList:
    goal = target_in_scope(request, period)
    return queries.risks_of(period, request.as_of, request.scope, target=goal)


def _chosen(request: PageRequest, found: RiskList, is_asleep: bool) -> Sequence[DealAtRisk]:
    """Return the deals that the filters leave, each with the risks of the kinds asked for."""
    kinds = {kind for kind in DEAL_KINDS if kind.value in request.GET.getlist("kind")}
    teams, owners = request.GET.getlist("team"), request.GET.getlist("owner")
    listed = found.deals if _is_all(request) else found.core
    deals: Sequence[DealAtRisk] = found.asleep if is_asleep else listed
    if teams:
        deals = [deal for deal in deals if str(deal.team_id) in teams]
    if owners:
        deals = [deal for deal in deals if str(deal.owner_id) in owners]
    if request.GET.get("mine") == "1":
        deals = [deal for deal in deals if _is_mine(request, deal)]
    if kinds and not is_asleep:
        cut = [
            replace(deal, risks=tuple(risk for risk in deal.risks if risk.kind in kinds))
            for deal in deals
        ]
        deals = sorted((deal for deal in cut if deal.risks), key=queries.most_at_stake)
    return deals


def _is_all(request: PageRequest) -> bool:
    """Tell whether every deal with a risk was asked for; whoever filters looks through all."""
    return any(request.GET.get(name) for name in ("all", "kind", "team", "owner", "mine"))


def _is_mine(request: PageRequest, deal: DealAtRisk) -> bool:
    own = person(request.user)
    is_owner = own is not None and deal.owner_id == own
    acts = [risk.mitigation for risk in (*deal.risks, *deal.silenced) if risk.mitigation]
    return is_owner or any(act.owner == request.actor for act in acts)


def _sql(request: PageRequest, deal: int) -> str:
    asked = {"every": False, "ids": [deal]}
    return store.explain("forecasting.risk_facts", asked, scope=request.scope, as_of=request.as_of)


# -- the frame of the page -------------------------------------------------------------------------


def _header(
    request: PageRequest, period: Period, found: RiskList | None, current: str
) -> PageHeader:
    address = reverse("forecasting:risks", args=[period.name])
    tabs = [
        Tab(gettext("Worklist"), address, current == "", len(found.deals) if found else None),
        Tab(
            gettext("Asleep"),
            f"{address}?state={ASLEEP}",
            current == ASLEEP,
            len(found.asleep) if found else None,
        ),
        Tab(
            gettext("Did it help?"),
            reverse("forecasting:risks_helped", args=[period.name]),
            current == "helped",
        ),
    ]
    finding = words.finding(found, request.company.currency) if found else ""
    if found and request.scope.aggregates_only:
        finding = gettext("You may see totals here, not the deals behind them.")
    return PageHeader(
        gettext("Risks %(period)s") % {"period": period.name},
        finding=finding,
        tabs=tabs,
        back=Link(
            gettext("Forecast %(period)s") % {"period": period.name},
            reverse("forecasting:period", args=[period.name]),
        ),
    )


def _filters(request: PageRequest, found: RiskList) -> FilterBar:
    counts = risk_tables.kinds_of(found.deals)
    kinds = request.GET.getlist("kind")
    chips = [
        Filter(
            "kind",
            gettext("Risk"),
            choices=[
                Choice(kind.value, words.label(kind), kind.value in kinds, counts.get(kind, 0))
                for kind in DEAL_KINDS
            ],
            summary=", ".join(words.short(RiskKind(kind)) for kind in kinds if kind in DEAL_NAMES),
        ),
        _people(request, "team", gettext("Team"), [(d.team_id, d.team) for d in found.deals]),
        _people(request, "owner", gettext("Owner"), [(d.owner_id, d.owner) for d in found.deals]),
    ]
    is_mine = request.GET.get("mine") == "1"
    choices = [
        Choice("", gettext("everybody's"), not is_mine),
        Choice("1", gettext("mine"), is_mine),
    ]
    chips.append(
        Filter(
            "mine",
            gettext("Whose"),
            "one",
            "1" if is_mine else "",
            choices,
            summary=gettext("mine") if is_mine else "",
        )
    )
    if len(found.core) < len(found.deals):
        chips.append(_length(request, found))
    is_set = any(chip.summary for chip in chips)
    hidden = {"state": request.GET["state"]} if "state" in request.GET else {}
    return FilterBar(chips, reset_url=request.path if is_set else "", hidden=hidden)


def _length(request: PageRequest, found: RiskList) -> Filter:
    """Return the choice between the deals that carry most of what is at stake, and all."""
    is_all = _is_all(request)
    core, every = gettext("80 % of the revenue at risk"), gettext("All deals with a risk")
    choices = [
        Choice("", core, not is_all, len(found.core)),
        Choice("1", every, is_all, len(found.deals)),
    ]
    return Filter(
        "all", gettext("List"), "one", "1" if is_all else "", choices,
        summary=every if request.GET.get("all") else "",
    )  # fmt: skip


DEAL_NAMES = frozenset(kind.value for kind in DEAL_KINDS)


def _people(
    request: PageRequest, name: str, label: str, pairs: Sequence[tuple[int | None, str]]
) -> Filter:
    chosen = request.GET.getlist(name)
    names: dict[str, str] = {str(key): text for key, text in pairs if key is not None}
    counts: dict[str, int] = {}
    for key, _text in pairs:
        counts[str(key)] = counts.get(str(key), 0) + 1
    ordered: list[tuple[str, Any]] = sorted(names.items(), key=lambda item: item[1])
    return Filter(
        name,
        label,
        choices=[Choice(key, text, key in chosen, counts[key]) for key, text in ordered],
        summary=", ".join(names[key] for key in chosen if key in names),
    )


def _exports(request: PageRequest, period: Period) -> list[Link]:
    if Right.EXPORT_DATA not in request.rights:
        return []
    query = with_query(request, page=None)
    return [
        Link(label, reverse("forecasting:risks_export", args=[period.name, form]) + query)
        for form, label in (("csv", "CSV"), ("xlsx", "Excel"))
    ]


def current_period(request: PageRequest) -> Period:
    """Return the quarter under way, for pages that name no period."""
    return request.company.calendar.find(request.as_of.day, Grain.QUARTER)
