"""Fairness and feasibility of a plan's quotas: on potential, on bookings, in simulated years."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext

from perilune.kernel.errors import Invalid
from perilune.people.contracts import Right
from perilune.people.queries import personal_scope_for
from perilune.people.web.gate import PageRequest, page, require, said
from perilune.planning import queries
from perilune.planning.queries.fairness import quota_fairness
from perilune.planning.web import fairness_shown, plan_shown, shown
from perilune.ui import formats
from perilune.ui.contracts import Action, Column, Empty
from perilune.ui.export import Export, xlsx_response


@page(Right.MAKE_PLANS)
def index(request: PageRequest, plan_id: int) -> HttpResponse:
    """What one sees of a plan's quotas beside what they lie on."""
    view = queries.plan(plan_id, request.scope, request.actor)
    facts: dict[str, Any] = {"header": plan_shown.header(request, view, "fairness", verbs=())}
    try:
        found = quota_fairness(view, request.scope, request.as_of)
    except Invalid as error:
        back = Action(gettext("Targets and quotas"), reverse("planning:plan", args=[plan_id]))
        facts["empty"] = Empty(gettext("Nothing to compare yet"), said(error), back, icon="gauge")
        return shown.show(request, "fairness.html", facts)
    spread_out = found.spread_out
    facts |= {
        "header": plan_shown.header(
            request, view, "fairness", said=fairness_shown.finding(found), verbs=()
        ),
        "kpis": fairness_shown.kpis(view, found),
        "scatter": fairness_shown.scatter(view, found) if found.potential else None,
        "histogram": fairness_shown.histogram(spread_out) if spread_out else None,
        "bands": fairness_shown.bands(view, spread_out) if spread_out else None,
        "untold": gettext(found.untold) if found.untold else "",
        "outliers": fairness_shown.outliers(view, found),
        "table": fairness_shown.table(
            view, found, _personal(request), may_export=Right.EXPORT_DATA in request.rights
        ),
        "found": True,
    }
    return shown.show(request, "fairness.html", facts)


@page(Right.MAKE_PLANS)
def export(request: PageRequest, plan_id: int) -> HttpResponseBase:
    """The same reps, as a workbook."""
    require(request, Right.EXPORT_DATA)
    view = queries.plan(plan_id, request.scope, request.actor)
    found = quota_fairness(view, request.scope, request.as_of)
    personal = _personal(request)
    may = bool(fairness_shown.chances_of(view, found, personal))
    columns = (
        Column("team", gettext("Team")),
        *fairness_shown.columns(view.head.currency, chances=may),
    )
    facts = [
        (gettext("Plan"), view.head.name),
        (gettext("Edition"), str(view.head.edition)),
        (gettext("As known on"), formats.day(request.as_of.day)),
        (gettext("Finding"), fairness_shown.finding(found)),
    ]
    rows = fairness_shown.export_rows(view, found, personal)
    return xlsx_response(Export(f"{view.head.name} fairness", columns, rows, facts))


def _personal(request: PageRequest) -> Collection[int]:
    """Return the reps whose personal measures the reader may read (rule 26)."""
    return personal_scope_for(request.user).owners or frozenset()
