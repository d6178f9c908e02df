"""The rows of a roll-up that a scope sees, their sums, and which of them may not be shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from perilune.forecasting.contracts import Category, Node, NodeKind, UnitKey
from perilune.forecasting.engine import rollup as engine
from perilune.forecasting.queries.hierarchy import organisation
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.scope import Scope

WHOLE = 10_000
"""Basis points of a whole deal: sums stay exact integers until they are shown."""
MISSING = "missing"
OTHERS = -1
"""The team under which shares stand that are credited to people outside of the scope."""


def until_of(period: Period, as_of: AsOf) -> date:
    """Return the day on which a period's people are seated: its end, or the as-of before it."""
    return min(period.end, as_of.day)


def minor(credit: int) -> int:
    """Return a sum of credits in minor units."""
    return (credit + WHOLE // 2) // WHOLE


class Tree:
    """The rows that a scope sees, their sums, and which of them speak of too few people.

    with_reps: all rows; nodes: those shown; reps: the people of each row; sums: exact credits of
    each row by category; speaks: rows on which quota, call and range of their unit stand.
    """

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
        self.withheld = _too_few(groups, self.reps, scope)
        self.speaks = self._speakers()

    def _steps(self, nodes: list[Node]) -> set[str]:
        """Return the rows that only lead down to the one row of them that the scope sees."""
        below: dict[str, int] = defaultdict(int)
        for node in nodes:
            below[node.parent] += 1
        steps = {node.key for node in nodes if self.is_part(node) and below[node.key] == 1}
        return steps | {node.key for node in nodes if node.team == OTHERS and node.level > 1}

    def is_part(self, node: Node) -> bool:
        """Tell whether the scope sees only some of a team's people."""
        return (
            node.kind is NodeKind.TEAM
            and node.unit[1] != OTHERS
            and not self.organisation.is_whole(node.unit[1], self.scope)
        )

    def amounts(self, node: Node) -> dict[Category, int]:
        """Return a row's amounts by category in minor units; nothing where withheld."""
        if node.key in self.withheld:
            return {}
        return {Category(name): minor(credit) for name, credit in self.sums[node.key].items()}

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


def _too_few(groups: list[Node], people: Mapping[str, set[int]], scope: Scope) -> set[str]:
    """Return the rows about fewer people than may be shown, looked at among their siblings."""
    siblings: dict[str, dict[str, int]] = defaultdict(dict)
    for node in groups:
        siblings[node.parent][node.key] = len(people[node.key])
    return {key for counts in siblings.values() for key in scope.too_few(counts)}
