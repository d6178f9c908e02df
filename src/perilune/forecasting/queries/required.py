"""The coverage that past periods asked for at the same day: 1 / value conversion of open deals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from perilune.forecasting.contracts import NONE_BELOW, OPEN, Node, NodeKind, Required
from perilune.forecasting.engine import rollup as engine
from perilune.forecasting.queries.inputs import first_of
from perilune.kernel.asof import AsOf, end_of_day
from perilune.kernel.calendar import Period
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.store import queries as store

PERIODS = 8
"""How many past periods are looked at."""
Sums = dict[str, int]
DEALS = 20
"""A row with fewer past deals than this takes the history of the one above."""


def required_by_row(
    period: Period, as_of: AsOf, scope: Scope, nodes: Sequence[Node]
) -> dict[str, Required]:
    """Return the required coverage by row key; a row is missing where no history is long enough.

    A row has its own with four past periods of the same kind and 20 deals in them, else that of
    the nearest row above with as much. Past deals count for the row where their owner stands now.
    """
    if as_of.day > period.end:
        return {}
    past: dict[str, Sums] = defaultdict(lambda: defaultdict(int))
    for each in _periods(period, as_of):
        leaves = _by_row(_asked(each, period, as_of, scope), nodes)
        for key, found in engine.sums(nodes, leaves).items():
            if found.get("open_value"):
                past[key]["periods"] += 1
                for name, amount in found.items():
                    past[key][name] += amount
    nearest = {node.key: _nearest(node, nodes, past) for node in nodes}
    return {
        key: Required(past[at]["open_value"] / past[at]["won_value"], past[at]["periods"], at)
        for key, at in nearest.items()
        if at
    }


def _by_row(
    found: Mapping[int | None, Mapping[str, int]], nodes: Sequence[Node]
) -> Mapping[str, Mapping[str, int]]:
    """Return the sums of reps by the key of their row; of those without one, by the total's."""
    rows: dict[int | None, str] = {}
    for node in nodes:
        if node.kind is NodeKind.REP and node.is_seat:
            rows.setdefault(node.unit[1], node.key)
    leaves: dict[str, Sums] = defaultdict(lambda: defaultdict(int))
    for rep, part in found.items():
        for name, amount in part.items():
            leaves[rows.get(rep, engine.TOTAL_KEY)][name] += amount
    return leaves


def _nearest(node: Node, nodes: Sequence[Node], past: Mapping[str, Sums]) -> str:
    """Return the row, from this one upwards, whose history is long enough; empty for none."""
    parents = {each.key: each.parent for each in nodes}
    at = node.key
    while at and not _is_enough(past[at]):
        at = parents[at]
    return at


def _is_enough(past: Sums) -> bool:
    return past["periods"] >= NONE_BELOW and past["deals"] >= DEALS and past["won_value"] > 0


def _periods(period: Period, as_of: AsOf) -> list[Period]:
    """Return the latest finished periods of the same kind that begin within the data."""
    first = first_of(as_of).scalar()
    if not isinstance(first, date):
        return []
    calendar = company().calendar
    found: list[Period] = []
    at = period
    while len(found) < PERIODS:
        at = calendar.shift(at, -1)
        if at.start < first:
            break
        if at.end <= as_of.day:
            found.append(at)
    return found


def _asked(
    each: Period, period: Period, as_of: AsOf, scope: Scope
) -> dict[int | None, dict[str, int]]:
    """Return deals, open value and won value by rep of one past period, at the same day of it."""
    day = min(each.start + timedelta(days=(as_of.day - period.start).days), each.end)
    params = {
        "starts": each.start,
        "ends": each.end,
        "then_at": end_of_day(day, company().zone),
        "then_day": day,
        "categories": [category.value for category in OPEN],
    }
    rows = store.run("forecasting.conversion", params, scope=scope, as_of=as_of).dicts()
    names = ("deals", "open_value", "won_value")
    return {row["rep_id"]: {name: int(row[name]) for name in names} for row in rows}
