"""Overrides of a period: what stands, what they make of the rows above, how each came about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from perilune.forecasting.contracts import (
    Author,
    Category,
    Cell,
    Level,
    Node,
    NodeKind,
    Override,
    Rollup,
    UnitKey,
    View,
)
from perilune.forecasting.engine import rollup as engine
from perilune.forecasting.queries.hierarchy import Organisation, organisation
from perilune.forecasting.queries.tree import until_of
from perilune.history.contracts import Event
from perilune.history.queries import timeline
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.store import queries as store

Overrides = dict[tuple[Cell, Level], Override]


def overrides(period: Period, as_of: AsOf) -> Overrides:
    """Return what stands of a period, by figure and level, whole.

    Those of a team or of the company have no owner for the gate to ask for: callers show them only
    on rows that their scope sees whole.
    """
    params = {"starts": period.start, "ends": period.end}
    rows = store.run("forecasting.adjustments", params, scope=Scope.company(), as_of=as_of).dicts()
    currency = company().currency
    found: Overrides = {}
    for row in rows:
        if (row["currency"] or currency) != currency:
            continue
        one = _override(row)
        found[one.cell, one.level] = one
    return found


def _override(row: Mapping[str, Any]) -> Override:
    return Override(
        id=row["id"],
        cell=Cell(unit_of(row), Category(row["category"]), View(row["basis"])),
        level=Level(row["level"]),
        amount=row["amount"],
        computed=row["computed"],
        reason=row["reason"] or "",
        made_on=row["made_on"],
        author=row["author"] or "",
    )


def unit_of(row: Mapping[str, Any]) -> UnitKey:
    """Return whom a record with `rep_id` and `team_id` is about; the company where neither is."""
    if row["rep_id"] is not None:
        return ("rep", row["rep_id"])
    return ("team", row["team_id"]) if row["team_id"] is not None else ("total", 0)


def override_history(found: Iterable[Override]) -> list[Event]:
    """Return what was said of a figure, latest first, retracted words included."""
    events = [
        event for one in found for event in timeline("adjustment", one.id, with_retracted=True)
    ]
    return sorted(events, key=lambda event: (event.known_at, event.id), reverse=True)


def with_overrides(
    rolled: Rollup, said: Overrides, category: Category, view: View
) -> dict[str, int]:
    """Return a figure of every row as overrides make it: its own, else the sum of those below.

    Of two levels the manager's counts. A row whose reader sees only part of it keeps what is
    computed.
    """
    computed = {
        row.node.key: row.value(category, view) or 0 for row in rolled.rows if not row.is_withheld
    }
    own = {}
    for row in rolled.rows:
        spoken = spoken_for(row.node, rolled)
        if spoken is None:
            continue
        for level in (Level.MANAGER, Level.OWNER):
            one = said.get((Cell(spoken, category, view), level))
            if one is not None:
                own[row.node.key] = one.amount
                break
    return engine.overridden([row.node for row in rolled.rows], computed, own)


def spoken_for(node: Node, rolled: Rollup) -> UnitKey | None:
    """Return the unit whose overrides stand on a row; None where none may."""
    row = rolled.row(node.key)
    if row is None or row.speaks_for is None:
        return None
    # the row of everything stands for the company alone: a team's own row is below it
    is_below = node.kind in (NodeKind.TEAM, NodeKind.REP)
    return row.speaks_for if is_below or row.speaks_for == ("total", 0) else None


def levels(rolled: Rollup, author: Author, scope: Scope) -> dict[UnitKey, Level]:
    """Return the units whose figures somebody may override, and at which level.

    The owner is the rep, who leads the team, and for the company the head whose people are all of
    it. A manager is anybody else who sees everybody in the unit.
    """
    if scope.aggregates_only:
        return {}
    found = organisation(rolled.as_of, until_of(rolled.period, rolled.as_of))
    units = {spoken_for(row.node, rolled) for row in rolled.rows} - {None}
    answers = {}
    for unit in units:
        level = _level(unit, author, scope, found) if unit else None
        if unit and level:
            answers[unit] = level
    return answers


def _level(unit: UnitKey, author: Author, scope: Scope, found: Organisation) -> Level | None:
    if author.rep_id is not None and author.rep_id in found.people_of(unit):
        return Level.OWNER
    if unit[0] == "total" and scope.owners is not None:
        return Level.OWNER if found.is_all(scope) else None
    return Level.MANAGER


def own_unit(rolled: Rollup, author: Author, scope: Scope) -> UnitKey | None:
    """Return for whom somebody submits by default: the highest unit whose owner they are.

    Without any (sales operations), the company for who sees all of it; None for nobody.
    """
    may = levels(rolled, author, scope)
    order = {"total": 0, "team": 1, "rep": 2}
    own = [unit for unit, level in may.items() if level is Level.OWNER]
    if own:
        return min(own, key=lambda unit: (order[unit[0]], unit[1]))
    return ("total", 0) if ("total", 0) in may else None
