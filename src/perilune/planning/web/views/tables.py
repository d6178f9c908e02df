"""The tables of a plan's pages as workbooks: exactly what the page shows, with its as-of."""

from __future__ import annotations

from collections.abc import Callable

from django.http.response import HttpResponseBase
from django.utils.translation import gettext

from perilune.kernel.errors import NotFound, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page, require
from perilune.planning import queries
from perilune.planning.contracts import PlanView
from perilune.planning.queries.account_targets import account_targets
from perilune.planning.queries.chances import chances
from perilune.planning.queries.gaps import plan_gap
from perilune.planning.queries.segment_targets import segment_targets
from perilune.planning.web import account_shown, bases_shown, capacity_shown, plan_shown
from perilune.planning.web.views import bases, capacity, gaps, plan_compared
from perilune.planning.web.views import chances as odds
from perilune.planning.web.views import segment_targets as segments
from perilune.ui import formats
from perilune.ui.contracts import Grid, Table
from perilune.ui.export import Export, xlsx_response


@page(Right.MAKE_PLANS)
def export(request: PageRequest, plan_id: int, table: str) -> HttpResponseBase:
    """One table of a plan as a workbook."""
    require(request, Right.EXPORT_DATA)
    if table not in TABLES:
        raise NotFound(_("This plan has no such table."))
    view = queries.plan(plan_id, request.scope, request.actor)
    if table in OF_THE_WHOLE and not view.is_whole:
        raise Refused(_("This concerns people beyond your reps: ask sales operations."))
    found = TABLES[table](request, view)
    facts = [
        (gettext("Plan"), view.head.name),
        (gettext("Edition"), str(view.head.edition)),
        (gettext("State"), str(plan_shown.state_of(view.head).label)),
        (gettext("As known on"), formats.day(request.as_of.day)),
    ]
    if found.note:
        facts.append((gettext("Note"), found.note))
    if isinstance(found, Grid):
        rows = [(row.label, *(cell.value for cell in row.cells)) for row in found.rows]
    else:
        rows = [tuple(row.cells) for row in found.rows]
    name = f"{view.head.name} {found.caption}"
    return xlsx_response(Export(name, found.columns, rows, facts, title=found.caption))


def _sums(request: PageRequest, view: PlanView) -> Table:
    return plan_shown.proof_table(view, queries.proof(view.head, view.content))


def _compared(request: PageRequest, view: PlanView) -> Table:
    other = plan_compared.other_of(request, plan_compared.others(request, view.head.id))
    if other is None:
        raise NotFound(_("There is no other plan"))
    return plan_compared.table(request, view, other)


def _events(request: PageRequest, view: PlanView) -> Table:
    other = plan_compared.other_of(request, plan_compared.others(request, view.head.id))
    if other is None:
        raise NotFound(_("There is no other plan"))
    found = plan_compared.events(request, view, other)
    if found is None:
        raise Refused(_("Hires and leavers of a plan are seen by its author and those named."))
    return found


def _chances(request: PageRequest, view: PlanView) -> Table:
    content = queries.loaded_plan(view.head.id).content
    return odds.odds_table(request, view, chances(view.head, content, request.scope, request.as_of))


def _gap(request: PageRequest, view: PlanView) -> Table:
    return gaps.units_table(request, view, plan_gap(view, request.scope, request.as_of))


def _segments(request: PageRequest, view: PlanView) -> Table:
    found = segment_targets(view, request.scope, request.as_of)
    return segments.targets_table(request, view, found)


def _capacity(request: PageRequest, view: PlanView) -> Table:
    return capacity_shown.units_table(view, capacity.found_of(request, view))


def _months(request: PageRequest, view: PlanView) -> Grid:
    return capacity_shown.months_grid(
        view, capacity.found_of(request, view), capacity.count_of(request.GET.get("show", ""))
    )


def _bases(request: PageRequest, view: PlanView) -> Table:
    return bases_shown.reps_table(request, view, bases.found_of(request, view))


def _bottom_up(request: PageRequest, view: PlanView) -> Table:
    found = account_targets(view, request.scope, request.as_of)
    return bases_shown.bottom_up_table(request, view, found)


def _accounts(request: PageRequest, view: PlanView) -> Table:
    found = account_targets(view, request.scope, request.as_of)
    return account_shown.sheet(view, account_shown.chosen(request, found))


TABLES: dict[str, Callable[[PageRequest, PlanView], Table | Grid]] = {
    "sums": _sums,
    "compared": _compared,
    "events": _events,
    "chances": _chances,
    "gap": _gap,
    "segments": _segments,
    "bases": _bases,
    "bottom-up": _bottom_up,
    "accounts": _accounts,
    "capacity": _capacity,
    "capacity-months": _months,
}
OF_THE_WHOLE = {
    "accounts",
    "bases",
    "bottom-up",
    "sums",
    "chances",
    "segments",
    "capacity",
    "capacity-months",
}
