"""What the method said of past years, kept on a shelf of the store for every process.

The key is a digest of all that it depends on: the version of the store, the eve that it was known
on, the span, who reads, the fiscal calendar, the money, the rule of inclusion, and how it is
reckoned. What nobody asks for any more goes, and a rebuild of the store takes all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import numpy as np

from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.ranges import Range
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.store import service as store

RECKONING = "said-1"
"""How it is reckoned: to be raised with whatever changes its digits."""
MOST = 2**24
"""Bytes on the shelf; one answer weighs two hundred."""


def said(span: Period, scope: Scope, eve: AsOf, reckon: Callable[[], Range]) -> Range:
    """Return what was said of a span on its eve: from the shelf, else reckoned and put there."""
    here = company()
    told = (
        RECKONING, store.current().manifest().version, eve.at.isoformat(), eve.day.isoformat(),
        span.start.isoformat(), span.end.isoformat(), scope.digest(), repr(here.calendar),
        here.currency, here.inclusion_rule,
    )  # fmt: skip
    key = hashlib.sha256(repr(told).encode()).hexdigest()
    shelf = store.shelf("chances", MOST)
    kept = shelf.get(key)
    if kept is not None:
        return Range(*kept["said"].tolist())
    found = reckon()
    numbers = np.array([found.p10, found.p50, found.p90, found.mean], dtype=np.float64)
    shelf.put(key, {"said": numbers})
    shelf.tidy()
    return found
