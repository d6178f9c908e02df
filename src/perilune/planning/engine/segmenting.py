"""Segments: bands and rules as data, their evidence, and cuts that the evidence suggests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perilune.planning.contracts import (
    Condition,
    Evidence,
    Op,
    RuleSet,
    SegmentRule,
    Suggestion,
)
from perilune.planning.contracts.tables import Flags, Floats, Ids

Columns = Mapping[str, NDArray[Any]]
FEWEST_DEALS = 20
"""Closed deals under which the interval replaces a rate (rule 13); a cut wants twice as many."""
FEWEST_SILHOUETTE = 0.25
"""Below it groups are no groups (Kaufman and Rousseeuw 1990)."""
Z95 = 1.959964
NOBODY = -1


@dataclass(frozen=True)
class Deals:
    """Closed deals; N rows. account: (N,) places in the accounts. days: (N,) creation to close.

    A value in minor units or a number of days that is not known is NaN.
    """

    account: Ids
    won: Flags
    minor: Floats
    days: Floats


def segment(accounts: Columns, rules: RuleSet) -> Ids:
    """Return (N,) the place of the first rule that each account meets, -1 where none fits.

    A number that is not known (NaN) or a text that is empty meets IS_UNKNOWN alone.
    """
    size = len(next(iter(accounts.values()))) if accounts else 0
    found = np.full(size, NOBODY, dtype=np.int64)
    for place, rule in enumerate(rules.rules):
        fits = np.ones(size, dtype=np.bool_)
        for condition in rule.conditions:
            fits &= _meets(accounts[condition.field], condition)
        found[fits & (found == NOBODY)] = place
    return found


def _meets(column: NDArray[Any], condition: Condition) -> Flags:
    is_number = column.dtype.kind in "if"
    unknown = np.isnan(column.astype(np.float64)) if is_number else column == ""
    if condition.op is Op.IS_UNKNOWN:
        return np.asarray(unknown)
    if condition.op is Op.IN:
        return np.asarray(np.isin(column, list(condition.value)) & ~unknown)
    with np.errstate(invalid="ignore"):
        is_above = column >= condition.value
    return np.asarray((is_above if condition.op is Op.AT_LEAST else ~is_above) & ~unknown)


def evidence(places: Ids, names: Sequence[str], deals: Deals) -> tuple[Evidence, ...]:
    """Return what the closed deals say of each segment, in the order of the names."""
    of_deal = places[deals.account]
    return tuple(
        _evidence(name, int((places == place).sum()), of_deal == place, deals)
        for place, name in enumerate(names)
    )


def _evidence(name: str, accounts: int, mine: Flags, deals: Deals) -> Evidence:
    closed, won = int(mine.sum()), mine & deals.won
    wins = int(won.sum())
    low, high = wilson(wins, closed)
    return Evidence(
        name,
        accounts,
        closed,
        wins,
        wins / closed if closed else None,
        low,
        high,
        _median(deals.days[won]),
        _median(deals.minor[won]),
    )


def _median(values: Floats) -> float | None:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else None


def wilson(wins: int, closed: int) -> tuple[float | None, float | None]:
    """Return the 95 % interval of a share (Wilson 1927), None without any deal."""
    if not closed:
        return None, None
    rate, z2 = wins / closed, Z95**2 / closed
    middle = rate + z2 / 2
    width = Z95 * np.sqrt(rate * (1 - rate) / closed + z2 / (4 * closed))
    return float((middle - width) / (1 + z2)), float((middle + width) / (1 + z2))


def bands(field: str, edges: Sequence[float], names: Sequence[str], version: int = 1) -> RuleSet:
    """Return rules that cut a number at its edges, in rising order; the unknown fit none."""
    rules = []
    for at, name in enumerate(names):
        conditions = []
        if at > 0:
            conditions.append(Condition(field, Op.AT_LEAST, float(edges[at - 1])))
        if at < len(edges):
            conditions.append(Condition(field, Op.BELOW, float(edges[at])))
        rules.append(SegmentRule(name, tuple(conditions)))
    return RuleSet(version, tuple(rules))


def by_quantiles(field: str, accounts: Columns, deals: Deals, count: int = 3) -> Suggestion:
    """Suggest bands with as many accounts each; equal values are never cut apart."""
    column = accounts[field].astype(np.float64)
    known = column[np.isfinite(column)]
    edges = (
        np.unique(np.quantile(known, np.arange(1, count) / count)) if len(known) else np.zeros(0)
    )
    edges = edges[edges > known.min()] if len(known) else edges
    return _suggested(
        "quantiles", bands(field, edges.tolist(), _names(field, edges)), accounts, deals
    )


def by_tree(
    field: str, accounts: Columns, deals: Deals, seed: int, count: int = 3
) -> Suggestion | None:
    """Suggest bands of a number where win rate and cycle differ most; None where they do not.

    A small regression tree on both, each in its own spread, a leaf holding at least a tenth of the
    deals and never fewer than forty. It is kept only if it predicts held-out deals better than
    their mean does (five folds).
    """
    from sklearn.model_selection import KFold, cross_val_predict
    from sklearn.tree import DecisionTreeRegressor

    column = accounts[field].astype(np.float64)[deals.account]
    use = np.isfinite(column) & np.isfinite(deals.days)
    least = max(2 * FEWEST_DEALS, int(use.sum()) // 10)
    if int(use.sum()) < 2 * least:
        return None
    cycle = np.log1p(np.maximum(deals.days[use], 0.0))
    aim = np.stack([_standard(deals.won[use].astype(np.float64)), _standard(cycle)], axis=1)
    tree = DecisionTreeRegressor(max_leaf_nodes=count, min_samples_leaf=least, random_state=seed)
    folds = KFold(5, shuffle=True, random_state=seed)
    told = cross_val_predict(tree, column[use][:, None], aim, cv=folds)
    if float(((aim - told) ** 2).mean()) >= float((aim**2).mean()) * 0.995:
        return None
    tree.fit(column[use][:, None], aim)
    edges = np.unique(tree.tree_.threshold[tree.tree_.feature >= 0])
    if not len(edges):
        return None
    return _suggested("tree", bands(field, edges.tolist(), _names(field, edges)), accounts, deals)


def by_clusters(
    fields: Sequence[str], accounts: Columns, deals: Deals, seed: int, most: int = 6
) -> Suggestion | None:
    """Suggest groups of accounts alike in several numbers, told again as bands a person can read.

    K-means on logarithms in their own spread, the count by the best silhouette (0.25 at least, else
    None: the accounts do not fall into groups). Rules are the leaves of a tree, two a group at
    most, that finds nine of ten accounts' groups again; where none does, nothing is suggested.
    """
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_score
    from sklearn.tree import DecisionTreeClassifier

    columns = np.stack([accounts[field].astype(np.float64) for field in fields], axis=1)
    known = np.isfinite(columns).all(axis=1)
    points = np.stack([_standard(np.log1p(np.maximum(c, 0))) for c in columns[known].T], axis=1)
    if len(points) < 10 * most:
        return None
    best, groups = FEWEST_SILHOUETTE, None
    for count in range(2, most + 1):
        told = KMeans(count, n_init=3, random_state=seed).fit_predict(points)
        score = float(silhouette_score(points, told, sample_size=1000, random_state=seed))
        if score > best:
            best, groups = score, told
    if groups is None:
        return None
    tree = DecisionTreeClassifier(max_leaf_nodes=2 * int(groups.max() + 1), random_state=seed)
    tree.fit(columns[known], groups)
    if float((tree.predict(columns[known]) == groups).mean()) < 0.9:
        return None
    rules = RuleSet(1, tuple(_leaves(tree.tree_, fields)))
    names = sorted({rule.segment for rule in rules.rules})
    place = np.array([names.index(rule.segment) for rule in rules.rules])
    leaf = segment(accounts, rules)
    joined = np.where(leaf >= 0, place[np.maximum(leaf, 0)], NOBODY)
    return Suggestion("clusters", rules, evidence(joined, names, deals))


def _leaves(tree: Any, fields: Sequence[str]) -> list[SegmentRule]:
    """Return a rule a leaf, named by the group that most of its accounts belong to."""
    rules: list[SegmentRule] = []
    waiting: list[tuple[int, tuple[Condition, ...]]] = [(0, ())]
    while waiting:
        node, above = waiting.pop()
        if tree.feature[node] < 0:
            rules.append(SegmentRule(f"group {int(tree.value[node].argmax()) + 1}", above))
            continue
        field, edge = fields[tree.feature[node]], float(tree.threshold[node])
        waiting.append((tree.children_right[node], (*above, Condition(field, Op.AT_LEAST, edge))))
        waiting.append((tree.children_left[node], (*above, Condition(field, Op.BELOW, edge))))
    return rules


def _suggested(method: str, rules: RuleSet, accounts: Columns, deals: Deals) -> Suggestion:
    names = [rule.segment for rule in rules.rules]
    return Suggestion(method, rules, evidence(segment(accounts, rules), names, deals))


def _names(field: str, edges: Floats) -> list[str]:
    return [f"{field} {at + 1}" for at in range(len(edges) + 1)]


def _standard(values: Floats) -> Floats:
    spread = float(values.std())
    return np.asarray((values - values.mean()) / spread if spread > 0 else values * 0.0)
