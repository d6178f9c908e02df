"""The roll-up of a period: the tree by forecast category, and what stands beside each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from perilune.forecasting.contracts import (
    By,
    Call,
    Category,
    CellDeals,
    DealShare,
    ForecastRow,
    LeftOut,
    Node,
    NodeKind,
    Reach,
    Rollup,
    RollupRow,
    UnitKey,
)
from perilune.forecasting.engine.rows import is_shared_out
from perilune.forecasting.queries.closing import close_of
from perilune.forecasting.queries.hierarchy import Organisation
from perilune.forecasting.queries.of_record import carried_over, of_record
from perilune.forecasting.queries.ranges import range_for
from perilune.forecasting.queries.required import required_by_row
from perilune.forecasting.queries.submitted import latest_calls
from perilune.forecasting.queries.targets import LEVELS, Targets, targets_by_level
from perilune.forecasting.queries.tree import Tree, minor
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.errors import NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.store import queries as store


def rollup(period: Period, as_of: AsOf, scope: Scope, *, with_ranges: bool = True) -> Rollup:
    """Return the roll-up of a period as of an instant, depth first, the total first.

    A scope of groups gets teams of at least that many people and no reps. with_ranges: also ask
    the model, which takes longest.
    """
    currency = company().currency
    found = store.run("forecasting.rollup", _span(period), scope=scope, as_of=as_of)
    tree = Tree(period, as_of, scope, found.dicts())
    beside = _Beside(
        _Quotas(targets_by_level(period, as_of, Scope.company(), currency)),
        latest_calls(period, as_of, currency),
        _reaches(period, as_of, scope, tree) if with_ranges else {},
        required_by_row(period, as_of, scope, tree.with_reps) if with_ranges else {},
    )
    close = close_of(period, as_of)
    carried, learnt_by_row = ((), {}) if close else carried_over(period, as_of, scope, tree)
    rows = [_row(node, tree, beside) for node in tree.nodes]
    if close is not None:
        rows = [of_record(row, close) for row in rows]
    return Rollup(
        period=period,
        as_of=as_of,
        scope_label=scope.label,
        currency=currency,
        rows=tuple(replace(row, carried=learnt_by_row.get(row.node.key, 0)) for row in rows),
        store_version=found.version,
        sql=found.sql,
        left_out=_left_out(period, as_of, scope, tree.missing),
        closed_on=close.as_of.day if close else None,
        carried=carried,
    )


def cell_deals(
    period: Period, as_of: AsOf, scope: Scope, key: str, categories: Sequence[Category]
) -> CellDeals:
    """Return the deals of a row in some categories, the largest first; NotFound for no such row.

    Without the right to rows only their number and value come back.
    """
    found = store.run("forecasting.rollup", _span(period), scope=scope, as_of=as_of)
    tree = Tree(period, as_of, scope, found.dicts())
    node = next((each for each in tree.nodes if each.key == key), None)
    if node is None:
        raise NotFound(_("The roll-up has no such row."))
    params = _span(period) | _place(node, tree)
    params["categories"] = [name.value for name in categories]
    rows = store.run("forecasting.rollup_deals", params, scope=scope, as_of=as_of)
    listed = rows.dicts()
    is_withheld = scope.aggregates_only or key in tree.withheld
    return CellDeals(
        deals=() if is_withheld else tuple(_deal(row) for row in listed),
        count=int(listed[0]["of_all"]) if listed else 0,
        value=minor(int(listed[0]["credit"])) if listed else 0,
        sql=store.explain("forecasting.rollup_deals", params, scope=scope, as_of=as_of),
        is_withheld=is_withheld,
    )


def _span(period: Period) -> dict[str, Any]:
    return {"starts": period.start, "ends": period.end}


# -- the rows --------------------------------------------------------------------------------------


class _Quotas:
    """The quotas of the first level that is set; of reps the street's where that names no rep."""

    def __init__(self, by_level: Mapping[str, Targets]) -> None:
        self._levels = sorted(by_level, key=LEVELS.index)
        self._by_level = by_level

    def of(self, unit: UnitKey) -> tuple[int | None, str]:
        """Return a unit's quota and its level; (None, "") where it has none."""
        for level in self._levels if unit[0] == "rep" else self._levels[:1]:
            if unit in self._by_level[level]:
                return self._by_level[level][unit], level
        return None, ""


class _Beside:
    """What stands beside the amounts, by unit, and by row what past periods asked for."""

    def __init__(
        self,
        quotas: _Quotas,
        calls: Mapping[UnitKey, Call],
        reaches: Mapping[UnitKey, Reach],
        required: Mapping[str, Any],
    ) -> None:
        self.quotas, self.calls, self.reaches, self.required = quotas, calls, reaches, required


def _row(node: Node, tree: Tree, beside: _Beside) -> RollupRow:
    is_withheld = node.key in tree.withheld
    whole = node.key in tree.speaks and not is_withheld
    unit = _unit_of_total(tree) if node.kind is NodeKind.TOTAL else node.unit
    names = tree.organisation.labels
    quota, level = _quota(node, tree, beside, unit) if whole else (None, "")
    is_team = node.kind is NodeKind.TEAM
    leads = tree.organisation.leads.get(node.unit[1], []) if is_team else []
    return RollupRow(
        node=node,
        label=_label(node, tree.organisation),
        amounts=tree.amounts(node),
        managers=tuple(names.get(("rep", rep), "") for rep in leads),
        leads=tuple(leads),
        quota=quota,
        quota_level=level,
        call=beside.calls.get(unit) if whole and unit else None,
        reach=beside.reaches.get(node.unit) if whole else None,
        required=None if is_withheld else beside.required.get(node.key),
        is_part=tree.is_part(node),
        is_withheld=is_withheld,
        people=len(tree.reps[node.key] - {0}),
        speaks_for=unit if whole else None,
    )


def _label(node: Node, organisation: Organisation) -> str:
    if node.kind in (NodeKind.TEAM, NodeKind.REP) and node.unit[1]:
        return organisation.labels.get(node.unit, f"#{node.unit[1]}")
    return "" if node.kind is NodeKind.REP else node.kind.value


def _unit_of_total(tree: Tree) -> UnitKey | None:
    """Return whom the row of everything speaks for: the company, the one rep or the one team."""
    owners = tree.scope.owners
    if owners is None or tree.organisation.is_all(tree.scope):
        return ("total", 0)
    if len(owners) == 1:
        return ("rep", next(iter(owners)))
    teams = [node for node in tree.nodes if node.level == 1 and node.kind is NodeKind.TEAM]
    return teams[0].unit if len(teams) == 1 and not tree.is_part(teams[0]) else None


def _quota(node: Node, tree: Tree, beside: _Beside, unit: UnitKey | None) -> tuple[int | None, str]:
    if unit is not None:
        return beside.quotas.of(unit)
    top = [each for each in tree.nodes if each.level == 1 and each.kind is NodeKind.TEAM]
    parts = [(None, "") if tree.is_part(each) else beside.quotas.of(each.unit) for each in top]
    known = [amount for amount, _level in parts if amount is not None]
    if node.kind is not NodeKind.TOTAL or not known or len(known) < len(parts):
        return None, ""
    return sum(known), parts[0][1]


def _reaches(period: Period, as_of: AsOf, scope: Scope, tree: Tree) -> dict[UnitKey, Reach]:
    """Return the model's range by unit: of teams at every depth with all that is below them."""
    parents = tree.organisation.parents
    has_teams_below = {parent for parent in parents.values() if parent is not None}
    found: dict[UnitKey, Reach] = {}
    cuts = [By.REGION, By.TEAM, *([By.REP] if scope.smallest_group == 1 else [])]
    for by in cuts:
        result = range_for(period, by, as_of, scope)
        found["total", 0] = _reach(result.total)
        told = [
            row for row in result.rows[1:]
            if by is By.REP
            or (by is By.REGION and parents.get(row.unit_id or 0) is None)
            or (by is By.TEAM and row.unit_id not in has_teams_below)
        ]  # fmt: skip
        kind = "rep" if by is By.REP else "team"
        for row in (*told, *(group.row for group in result.groups)):
            if row.unit_id is not None:
                found[kind, row.unit_id] = _reach(row)
    return found


def _reach(row: ForecastRow) -> Reach:
    is_shared = row.unit != "total" and is_shared_out([row])
    return Reach(row.p10, row.p50, row.p90, row.status, is_shared)


# -- what is in no row, and what is in a cell ------------------------------------------------------


def _left_out(period: Period, as_of: AsOf, scope: Scope, missing: int) -> LeftOut:
    rows = store.run(
        "forecasting.rollup_left_out", {"starts": period.start}, scope=scope, as_of=as_of
    ).dicts()
    found = {row["reason"]: (int(row["deals"]), int(row["value"])) for row in rows}
    none = (0, 0)
    return LeftOut(found.get("undated", none), found.get("overdue", none), missing)


def _place(node: Node, tree: Tree) -> dict[str, Any]:
    """Return the parameters that pick a row's deals."""
    any_team = node.kind in (NodeKind.TOTAL, NodeKind.OTHERS)
    any_rep = node.kind in (NodeKind.TOTAL, NodeKind.TEAM)
    parents = tree.organisation.parents
    teams = [0]
    if node.kind is NodeKind.TEAM:
        teams = sorted(tree.organisation.subtree(node.unit[1]))
    elif node.team is not None and node.team in parents:
        teams = [node.team]
    reps = sorted(tree.reps[node.key]) or [0]
    return {"any_team": any_team, "teams": teams, "any_rep": any_rep, "reps": reps}


def _deal(row: Mapping[str, Any]) -> DealShare:
    return DealShare(
        id=row["id"],
        name=row["name"] or f"#{row['id']}",
        rep_id=row["rep_id"],
        rep=row["rep_name"] or "",
        category=Category(row["category"]),
        close_date=row["close_date"],
        stage=row["stage_name"] or "",
        value=row["value"],
        share=int(row["share"]),
    )
