"""Closed periods in the roll-up: figures of record, and what counts in the open one (rule 9)."""

from __future__ import annotations

from dataclasses import replace

from perilune.forecasting.contracts import Carried, NodeKind, RollupRow, StepInfo
from perilune.forecasting.engine import rollup as engine
from perilune.forecasting.queries.closing import close_of, learnt
from perilune.forecasting.queries.tree import Tree
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.errors import NotFound
from perilune.kernel.scope import Scope
from perilune.people.queries import company

CARRIED = 4
"""How many closed periods before are asked for what was learnt after them."""


def of_record(row: RollupRow, close: StepInfo) -> RollupRow:
    """Return a row with the figure of record of its unit, where it speaks for a whole one."""
    if row.is_withheld or row.is_part or row.node.kind is NodeKind.OTHERS:
        return row
    if row.node.kind is not NodeKind.TOTAL:
        return replace(row, won_of_record=close.won_of(row.node.key))
    if row.speaks_for is None:
        return row
    return replace(row, won_of_record=close.won_of_unit(*row.speaks_for))


def carried_over(
    period: Period, as_of: AsOf, scope: Scope, tree: Tree
) -> tuple[tuple[Carried, ...], dict[str, int]]:
    """Return what was learnt after the close of the periods just before, by period and by row."""
    found, leaves = [], dict[str, dict[str, int]]()
    keys = {node.key for node in tree.with_reps}
    at = period
    for _back in range(CARRIED):
        at = company().calendar.shift(at, -1)
        close = close_of(at, as_of)
        if close is None:
            break
        try:
            late = learnt(at, close, as_of, scope)
        except NotFound:  # a store that was made anew: the figures of record still stand
            continue
        if late:
            found.append(
                Carried(
                    at.name, len({one.deal_id for one in late}), sum(one.change for one in late)
                )
            )
        for one in late:
            key = engine.key_of((one.team_id, one.rep_id), tree.organisation.parents)
            key = key if key in keys else _team_or_total(one.team_id, keys)
            row = leaves.setdefault(key, {"carried": 0})
            row["carried"] += one.change
    sums = engine.sums(tree.with_reps, leaves) if leaves else {}
    return tuple(found), {key: row.get("carried", 0) for key, row in sums.items()}


def _team_or_total(team_id: int | None, keys: set[str]) -> str:
    key = engine.team_key(team_id) if team_id is not None else ""
    return key if key in keys else engine.TOTAL_KEY
