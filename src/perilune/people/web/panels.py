"""People's own panels on the homes of the sales-ops roles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext

from perilune.kernel.calendar import Period
from perilune.kernel.wiring import Panel
from perilune.people.contracts import Finding, Right, TeamLoad
from perilune.people.queries import findings, target, team_loads
from perilune.people.web import tables
from perilune.people.web.gate import PageRequest
from perilune.ui import formats
from perilune.ui.contracts import Format, Kpi

DATA_FINDINGS = ("over_assigned", "without_hire_date", "unassigned", "without_manager")


@dataclass(frozen=True)
class HomeFacts:
    """What the panels of a home have in common; handed to each as its context."""

    period: Period
    findings: list[Finding]
    loads: list[TeamLoad]


def facts_of(request: PageRequest) -> HomeFacts:
    """Read the facts once for every panel of the page."""
    period = tables.quarter(request)
    return HomeFacts(period, findings(request.as_of, period), team_loads(request.as_of, period))


def _duties(request: PageRequest, context: Mapping[str, Any]) -> str:
    return _table(
        gettext("People and quotas: what needs action"), _found(request, context["findings"])
    )


def _data(request: PageRequest, context: Mapping[str, Any]) -> str:
    kept = [item for item in context["findings"] if item.name in DATA_FINDINGS]
    return _table(gettext("Records of people that contradict each other"), _found(request, kept))


def _found(request: PageRequest, found: list[Finding]) -> Any:
    return tables.findings(found, may_manage=Right.MANAGE_PEOPLE in request.rights)


def _load(request: PageRequest, context: Mapping[str, Any]) -> str:
    period = context["period"].name
    return _table(
        gettext("Capacity by team, %(period)s") % {"period": period},
        tables.loads(context["loads"], period),
    )


def _figures(request: PageRequest, context: Mapping[str, Any]) -> str:
    period: Period = context["period"]
    tops = [load for load in context["loads"] if load.depth == 0]
    goal = target(period, request.as_of)
    by_name = {item.name: item.count for item in context["findings"]}
    kpis = (
        Kpi(
            gettext("Target %(period)s") % {"period": period.name},
            goal.minor if goal else None,
            Format.MONEY,
            currency=goal.currency if goal else request.company.currency,
            url=reverse("people:quotas") if Right.MANAGE_QUOTAS in request.rights else "",
        ),
        Kpi(
            gettext("Reps in teams"),
            sum(load.reps for load in tops),
            detail=gettext("counted with their team on %(day)s")
            % {"day": formats.day(request.as_of.day)},
        ),
        Kpi(gettext("FTE"), sum(load.fte for load in tops), decimals=1),
        Kpi(gettext("Teams without a manager"), by_name.get("teams_without_manager", 0)),
        Kpi(gettext("Reps leaving within 90 days"), by_name.get("leaving", 0)),
    )
    return render_to_string("people/panel_kpis.html", {"kpis": kpis})


def _table(title: str, table: Any) -> str:
    return render_to_string("people/panel_table.html", {"title": title, "table": table})


Render = Callable[[PageRequest, Mapping[str, Any]], str]


def _own(place: str, *renders: tuple[str, int, Render]) -> list[Panel]:
    return [
        Panel(f"people.{name}.{place}", place, order, render) for name, order, render in renders
    ]


OWN: tuple[Panel, ...] = (
    *_own("home.director", ("figures", 10, _figures), ("duties", 20, _duties)),
    *_own("home.ops_manager", ("figures", 10, _figures), ("load", 20, _load)),
    *_own("home.ops_manager", ("duties", 40, _duties)),
    *_own("home.analyst", ("data", 60, _data)),
    *_own("home.ops_rep", ("duties", 40, _duties)),
)
"""Shown whether or not `site.wiring` registers them; other capabilities add theirs to PANELS."""
