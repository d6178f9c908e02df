"""Cuts that the closed deals suggest: quantiles, a small tree on win rate and cycle, groups."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perilune.kernel.asof import AsOf
from perilune.kernel.errors import NotFound
from perilune.kernel.keeping import Kept
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.planning.contracts import RuleSet, SegmentField, Suggestion
from perilune.planning.engine.segment_rules import neat
from perilune.planning.engine.segmenting import by_clusters, by_quantiles, by_tree
from perilune.planning.queries.segment_fields import (
    account_table,
    closed_deals,
    segment_field,
    segment_fields,
)
from perilune.store import service as store

SEED = 1
COUNT = 3
LEAST_KNOWN = 0.5
"""Share of accounts of which a number must be known to group by it."""
METHODS = ("quantiles", "tree", "clusters")
GROUPS = "clusters"
"""Takes longest, so it is looked for when it is asked for."""
_ALIKE = ("headcount", "annual_revenue")
METHOD_LABELS = {
    "quantiles": _("As many accounts each"),
    "tree": _("Where win rate and cycle change"),
    "clusters": _("Groups of like accounts"),
}
NOTHING = {
    "quantiles": _("This number is the same for all accounts, or unknown."),
    "tree": _(
        "Deals do not differ by this number: a cut tells held-out deals no better than their mean."
    ),
    "clusters": _("The accounts do not fall into groups that a person could tell as bands."),
}


@dataclass(frozen=True)
class SuggestedCut:
    """A suggestion by one method; made is None where the evidence suggests nothing."""

    method: str
    made: Suggestion | None
    fields: tuple[SegmentField, ...]


_kept: Kept[tuple[SuggestedCut, ...]] = Kept(8)


def suggestions(
    name: str, scope: Scope, at: AsOf, methods: Sequence[str] = METHODS
) -> tuple[SuggestedCut, ...]:
    """Return what each method suggests for a number; groups are of it, headcount and revenue."""
    key = (store.stamp(), scope.digest(), at.at, name, tuple(methods))
    return _kept.get(key, lambda: _suggestions(segment_field(name), scope, at, methods))


def suggested_rules(name: str, method: str, scope: Scope, at: AsOf) -> RuleSet:
    """Return the rules of a suggestion; NotFound where the method suggests nothing."""
    for one in suggestions(name, scope, at, (method,)):
        if one.method == method and one.made is not None:
            return one.made.rules
    raise NotFound(_("There is no such suggestion."))


def _suggestions(
    field: SegmentField, scope: Scope, at: AsOf, methods: Sequence[str]
) -> tuple[SuggestedCut, ...]:
    numbers = {one.name: one for one in segment_fields() if one.is_number}
    table = account_table(scope, at, list(numbers))
    deals = closed_deals(table, scope, at)
    grouped = [
        name
        for name in (*_ALIKE, field.name)
        if name in numbers and _known(table.columns[name]) >= LEAST_KNOWN
    ]
    grouped = list(dict.fromkeys(grouped))
    columns = table.columns
    whole = {one.name: one.is_whole for one in numbers.values()}
    ways: dict[str, Callable[[], Suggestion | None]] = {
        "quantiles": lambda: by_quantiles(field.name, columns, deals, COUNT),
        "tree": lambda: by_tree(field.name, columns, deals, SEED, COUNT),
        GROUPS: lambda: by_clusters(grouped, columns, deals, SEED) if grouped else None,
    }
    used = {"quantiles": (field,), "tree": (field,),
            GROUPS: tuple(numbers[name] for name in grouped)}  # fmt: skip
    found = []
    for method in (one for one in METHODS if one in methods and len(table.ids)):
        one = ways[method]()
        told = None if one is None else neat(one, columns, deals, whole)
        is_cut = told is not None and len(told.evidence) > 1
        found.append(SuggestedCut(method, told if is_cut else None, used[method]))
    return tuple(found)


def _known(column: NDArray[Any]) -> float:
    return float(np.isfinite(column).mean()) if len(column) else 0.0
