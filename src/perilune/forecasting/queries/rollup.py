"""The roll-up of a period: the tree by forecast category, and what stands beside each row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from perilune.forecasting.contracts import (
    By,
    Call,
    Category,
    CellDeals,
    DealShare,
    LeftOut,
    Node,
    NodeKind,
    Reach,
    Rollup,
    RollupRow,
    UnitKey,
)
from perilune.forecasting.engine import rollup as engine
from perilune.forecasting.queries.hierarchy import Organisation, organisation
from perilune.forecasting.queries.ranges import range_for
from perilune.forecasting.queries.required import required_by_row
from perilune.forecasting.queries.submitted import latest_calls
from perilune.forecasting.queries.targets import LEVELS, Targets, targets_by_level
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.errors import NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.store import queries as store

WHOLE = 10_000
"""Basis points of a whole deal: sums stay exact integers until they are shown."""
MISSING = "missing"
OTHERS = -1
"""The team under which shares stand that are credited to people outside of the scope."""


def rollup(period: Period, as_of: AsOf, scope: Scope, *, with_ranges: bool = True) -> Rollup:
    """Return the roll-up of a period as of an instant, depth first, the total first.

    A scope of groups gets teams of at least that many people and no reps. with_ranges: also ask
    the model, which takes longest.
    """
    currency = company().currency
    found = store.run("forecasting.rollup", _span(period), scope=scope, as_of=as_of)
    tree = _Tree(period, as_of, scope, found.dicts())
    beside = _Beside(
        _Quotas(targets_by_level(period, as_of, Scope.company(), currency)),
        latest_calls(period, as_of, currency),
        _reaches(period, as_of, scope, tree) if with_ranges else {},
        required_by_row(period, as_of, scope, tree.with_reps) if with_ranges else {},
    )
    return Rollup(
        period=period,
        as_of=as_of,
        scope_label=scope.label,
        currency=currency,
        rows=tuple(_row(node, tree, beside) for node in tree.nodes),
        store_version=found.version,
        sql=found.sql,
        left_out=_left_out(period, as_of, scope, tree.missing),
    )


def cell_deals(
    period: Period, as_of: AsOf, scope: Scope, key: str, categories: Sequence[Category]
) -> CellDeals:
    """Return the deals of a row in some categories, the largest first; NotFound for no such row.

    Without the right to rows only their number and value come back.
    """
    found = store.run("forecasting.rollup", _span(period), scope=scope, as_of=as_of)
    tree = _Tree(period, as_of, scope, found.dicts())
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
        value=_minor(int(listed[0]["credit"])) if listed else 0,
        sql=store.explain("forecasting.rollup_deals", params, scope=scope, as_of=as_of),
        is_withheld=is_withheld,
    )


def until_of(period: Period, as_of: AsOf) -> date:
    """Return the day on which a period's people are seated: its end, or the as-of before it."""
    return min(period.end, as_of.day)


def _span(period: Period) -> dict[str, Any]:
    return {"starts": period.start, "ends": period.end}


def _minor(credit: int) -> int:
    return (credit + WHOLE // 2) // WHOLE


# -- the tree --------------------------------------------------------------------------------------


class _Tree:
    """The rows that a scope sees, their sums, and which of them speak of too few people."""

    def __init__(
        self, period: Period, as_of: AsOf, scope: Scope, rows: list[dict[str, Any]]
    ) -> None:
        self.organisation = organisation(as_of, until_of(period, as_of))
        self.scope = scope
        parents = dict(self.organisation.parents)
        amounts: dict[engine.Seat, dict[str, int]] = defaultdict(dict)
        for row in rows:
            rep = row["rep_id"]
            seat = (row["team_id"], rep)
            if rep is not None and not scope.sees(rep):
                seat = (OTHERS, rep)
                parents[OTHERS] = None
            held = amounts[seat]
            held[row["category"]] = held.get(row["category"], 0) + int(row["credit"])
        self.missing = sum(int(row[MISSING]) for row in rows)
        seats = [(team, rep) for rep, team in self.organisation.seats.items() if scope.sees(rep)]
        nodes = engine.tree(parents, seats, list(amounts), self.organisation.labels)
        leaves = {engine.key_of(seat, parents): sums for seat, sums in amounts.items()}
        self.sums = engine.sums(nodes, leaves)
        self.reps = {
            node.key: {
                each.unit[1] for each in engine.under(nodes, node.key) if each.kind is NodeKind.REP
            }
            for node in nodes
        }
        self.with_reps = engine.without(_named(nodes), self._steps(nodes))
        groups = [node for node in self.with_reps if node.kind is not NodeKind.REP]
        self.nodes = self.with_reps if scope.smallest_group == 1 else groups
        self.withheld = _too_few(groups, self.reps, scope.smallest_group)
        self.speaks = self._speakers()

    def _steps(self, nodes: list[Node]) -> set[str]:
        """Return the rows that only lead down to the one row of them that the scope sees."""
        below: dict[str, int] = defaultdict(int)
        for node in nodes:
            below[node.parent] += 1
        steps = {node.key for node in nodes if self.is_part(node) and below[node.key] == 1}
        return steps | {node.key for node in nodes if node.team == OTHERS and node.level > 1}

    def is_part(self, node: Node) -> bool:
        return (
            node.kind is NodeKind.TEAM
            and node.unit[1] != OTHERS
            and not self.organisation.is_whole(node.unit[1], self.scope)
        )

    def amounts(self, node: Node) -> dict[Category, int]:
        if node.key in self.withheld:
            return {}
        return {Category(name): _minor(credit) for name, credit in self.sums[node.key].items()}

    def _speakers(self) -> set[str]:
        """Return the rows on which quota, call and range of their unit stand: of a rep's one."""
        found, named = set(), set[UnitKey]()
        for node in self.nodes:
            if node.kind is not NodeKind.REP:
                if not self.is_part(node):
                    found.add(node.key)
            elif node.is_seat and node.unit not in named and self.scope.sees(node.unit[1] or None):
                named.add(node.unit)
                found.add(node.key)
        return found


def _named(nodes: list[Node]) -> list[Node]:
    """Give the row of others its kind, and the last place."""
    others = [
        replace(node, kind=NodeKind.OTHERS, unit=("others", 0))
        for node in nodes
        if node.kind is NodeKind.TEAM and node.unit[1] == OTHERS
    ]
    return [
        *(node for node in nodes if node.team != OTHERS),
        *others,
        *(node for node in nodes if node.team == OTHERS and node.kind is NodeKind.REP),
    ]


def _too_few(groups: list[Node], people: Mapping[str, set[int]], smallest: int) -> set[str]:
    """Return the rows about fewer people than may be shown.

    A lone one takes its smallest sibling along: the difference to their parent would tell.
    """
    if smallest <= 1:
        return set()
    withheld = {node.key for node in groups if len(people[node.key]) < smallest}
    for parent in groups:
        siblings = [node.key for node in groups if node.parent == parent.key]
        lone = [key for key in siblings if key in withheld]
        rest = sorted(
            (key for key in siblings if key not in withheld), key=lambda k: len(people[k])
        )
        if len(lone) == 1 and rest:
            withheld.add(rest[0])
    return withheld


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


def _row(node: Node, tree: _Tree, beside: _Beside) -> RollupRow:
    is_withheld = node.key in tree.withheld
    whole = node.key in tree.speaks and not is_withheld
    unit = _unit_of_total(tree) if node.kind is NodeKind.TOTAL else node.unit
    names = tree.organisation.labels
    quota, level = _quota(node, tree, beside, unit) if whole else (None, "")
    return RollupRow(
        node=node,
        label=_label(node, tree.organisation),
        amounts=tree.amounts(node),
        managers=tuple(
            names.get(("rep", rep), "") for rep in tree.organisation.leads.get(node.unit[1], ())
        )
        if node.kind is NodeKind.TEAM
        else (),
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


def _unit_of_total(tree: _Tree) -> UnitKey | None:
    """Return whom the row of everything speaks for: the company, the one rep or the one team."""
    owners = tree.scope.owners
    if owners is None or tree.organisation.is_all(tree.scope):
        return ("total", 0)
    if len(owners) == 1:
        return ("rep", next(iter(owners)))
    teams = [node for node in tree.nodes if node.level == 1 and node.kind is NodeKind.TEAM]
    return teams[0].unit if len(teams) == 1 and not tree.is_part(teams[0]) else None


def _quota(
    node: Node, tree: _Tree, beside: _Beside, unit: UnitKey | None
) -> tuple[int | None, str]:
    if unit is not None:
        return beside.quotas.of(unit)
    top = [each for each in tree.nodes if each.level == 1 and each.kind is NodeKind.TEAM]
    parts = [(None, "") if tree.is_part(each) else beside.quotas.of(each.unit) for each in top]
    known = [amount for amount, _level in parts if amount is not None]
    if node.kind is not NodeKind.TOTAL or not known or len(known) < len(parts):
        return None, ""
    return sum(known), parts[0][1]


def _reaches(period: Period, as_of: AsOf, scope: Scope, tree: _Tree) -> dict[UnitKey, Reach]:
    """Return the model's range by unit: of top teams by region, of the lowest ones by team."""
    parents = tree.organisation.parents
    has_teams_below = {parent for parent in parents.values() if parent is not None}
    found: dict[UnitKey, Reach] = {}
    cuts = [By.REGION, By.TEAM, *([By.REP] if scope.smallest_group == 1 else [])]
    for by in cuts:
        for row in range_for(period, by, as_of, scope).rows:
            reach = Reach(row.p10, row.p50, row.p90, row.status)
            if row.unit == "total":
                found["total", 0] = reach
            elif row.unit_id is None:
                continue
            elif by is By.REP:
                found["rep", row.unit_id] = reach
            elif (by is By.REGION) == (row.unit_id in has_teams_below):
                is_top = parents.get(row.unit_id) is None
                if is_top or by is By.TEAM:
                    found["team", row.unit_id] = reach
    return found


# -- what is in no row, and what is in a cell ------------------------------------------------------


def _left_out(period: Period, as_of: AsOf, scope: Scope, missing: int) -> LeftOut:
    rows = store.run(
        "forecasting.rollup_left_out", {"starts": period.start}, scope=scope, as_of=as_of
    ).dicts()
    found = {row["reason"]: (int(row["deals"]), int(row["value"])) for row in rows}
    none = (0, 0)
    return LeftOut(found.get("undated", none), found.get("overdue", none), missing)


def _place(node: Node, tree: _Tree) -> dict[str, Any]:
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
