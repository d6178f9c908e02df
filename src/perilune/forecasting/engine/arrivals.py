"""Deals that are not created yet: how many each rep will bring, and what of them is won in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from perilune.forecasting.engine.presence import Presence, kept
from perilune.forecasting.engine.windows import Floats
from perilune.insights.contracts import DISTANCES, HORIZON, RATE_DAYS, Outlook

Bools = NDArray[np.bool_]

PRIOR = 8.0
"""Deals of the average rep that a rep's own rate is shrunk to."""
SHRINK = 20.0
"""Wins added to both sides of a correction, as in the outlook of open deals."""
MEMORY = 13
_BOUNDS = (0, *DISTANCES, HORIZON)


def rates(outlook: Outlook) -> Floats:
    """Return (R, K) new deals a day of each owner and class.

    The owner's number of the last eight weeks, shrunk to the mean of those who created any, is
    spread over the classes half as its own deals are, half as everybody's.
    """
    days = float(min(RATE_DAYS, max(outlook.day + 1, 1)))
    count = outlook.born
    own = count.sum(axis=1)
    active = own > 0
    mean = own[active].mean() if active.any() else 0.0
    weight = own / (own + PRIOR)
    total = np.where(active, weight * own + (1 - weight) * mean, 0.0)
    # the shrinking moves deals between owners, it makes none
    total *= own.sum() / max(total.sum(), 1e-9)
    everybody = count.sum(axis=0) / max(count.sum(), 1e-9)
    mine = count / np.maximum(own, 1e-9)[:, None]
    mix = 0.5 * mine + 0.5 * everybody
    return np.asarray(total[:, None] * mix / days)


def new_wins(outlook: Outlook, factor: Floats) -> Floats:
    """Return (R, K, H + 1) wins of new deals expected by the end of each day ahead.

    factor: (D,) corrections at each distance. What changes hands before it is won counts for those
    who close such deals; no win is made or lost by it.
    """
    step = np.diff(outlook.conversion, prepend=0.0, axis=1)
    step[:, 1:] *= factor[distance(np.arange(1, outlook.horizon + 1))]
    corrected = np.cumsum(step, axis=1)
    rate = rates(outlook) * outlook.owner_factor[:, None]
    if outlook.moved_new > 0 and outlook.heirs.any():
        leaves = rate * outlook.moved_new
        rate = rate - leaves + outlook.heirs[:, None] * leaves.sum(axis=0)
    return np.asarray(rate[:, :, None] * corrected[None])


def distance(ahead: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the number of the distance that days ahead lie in."""
    return np.searchsorted(DISTANCES, ahead, side="left")


class Awaited:
    """The wins of new deals that outlooks expect of windows, each reckoned once.

    there: of whom less was to be, as the days of the outlooks knew it. An outlook is that of its
    day: one memory serves one rolling of days.
    """

    def __init__(self, there: Mapping[int, Presence] = MappingProxyType({})) -> None:
        self._there = there
        self._found: dict[tuple[int, int], float] = {}

    def wins(self, outlook: Outlook, low: int, high: int) -> float:
        """Return the wins expected of low < day ahead <= high; high tells the window."""
        key = outlook.day, high
        if key not in self._found:
            each = rates(outlook) * outlook.owner_factor[:, None]
            presence = self._there.get(outlook.day)
            stays = None if presence is None else kept(outlook, presence, low, high)
            rate = (each if stays is None else each * stays).sum(axis=0)
            step = outlook.conversion[:, high] - outlook.conversion[:, low]
            self._found[key] = float(rate @ step)
        return self._found[key]


def corrections(
    outlooks: Sequence[Outlook],
    born: NDArray[np.int64],
    won: NDArray[np.int64],
    day: int,
    awaited: Awaited | None = None,
) -> Floats:
    """Return (D,) factors on the wins of new deals, from outlooks whose windows were over by a day.

    born, won: (w,) days of creation and of winning of the won deals known at the day. Wins that
    came over those expected, both with `SHRINK` added, starting from the nearer distance. awaited:
    what is expected, where other days ask for the same outlooks.
    """
    awaited = awaited or Awaited()
    factor = np.ones(len(DISTANCES) + 1)
    order = np.argsort(won, kind="stable")
    born, won = born[order], won[order]
    for at, (low, high) in enumerate(pairwise(_BOUNDS)):
        over = [
            item for item in outlooks
            if item.day + high <= day and item.day < day and item.horizon >= high
        ][-MEMORY:]  # fmt: skip
        nearer = factor[at - 1] if at else 1.0
        came = expected = 0.0
        for item in over:
            first, last = np.searchsorted(won, [item.day + low, item.day + high], side="right")
            came += float((born[first:last] > item.day).sum())
            expected += awaited.wins(item, low, high)
        factor[at] = (came + SHRINK * nearer) / (expected + SHRINK)
    return np.clip(factor, 0.2, 5.0)
