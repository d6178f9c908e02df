"""Where the centres go: several starts on coarse cells, then merge-and-split moves on the best."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from perilune.territories.engine.kernels.centres import (
    SLOTS,
    bisected,
    neighbours_of,
    reseed,
    settle,
)
from perilune.territories.engine.kernels.ground import FloatArray, IntArray
from perilune.territories.engine.problem import Ready
from perilune.territories.engine.search import Tell

FEW = 64
"""Territories up to which every start is improved."""


def centres_for(
    ready: Ready, rng: np.random.Generator, starts: int = 0, tell: Tell | None = None
) -> tuple[FloatArray, FloatArray]:
    """Return centres (k, 2) and their prices (k,): the best of several starts, then improved.

    Large problems are searched on cells of units side by side, of about equal load. Few territories
    end in basins far apart, and a merge with a split far away is cheap for them: every start is
    improved, on coarse cells. Many territories even out: the best start alone is improved.
    """
    k, load = ready.k, ready.ground.load[:, 0]
    is_few = k <= FEW
    fine = max(40 * k, 1000 if len(load) < 3000 else 2500)
    search = _Search(ready, *_cells(ready.ground.points, load, 15 * k if is_few else fine), rng)
    count = starts or max(2, min(8, 400 // k))
    tries = []
    for at in range(count):
        tries.append((search.seeded(), at))
        if tell:
            tell(0.3 * (at + 1) / count)
    tries.sort(key=lambda one: (one[0].cost, one[1]))
    kept = tries if is_few else tries[: max(1, count // 4)]
    for at, (one, __) in enumerate(kept):
        search.settle(one, 20, 5e-4)
        if is_few:
            search.merge_and_split(one, min(40, k), 40, 6)
            search.renew(one, 30)
            search.settle(one, 20, 5e-4)
        if tell:
            tell(0.3 + 0.25 * (at + 1) / len(kept))
    best = min(kept, key=lambda one: (one[0].cost, one[1]))[0]
    if is_few:
        search = _Search(ready, *_cells(ready.ground.points, load, fine), rng)
        search.settle(best, 8, 5e-4)
        search.renew(best, 40)
    else:
        search.merge_and_split(best, min(24, k), 60, 8)
        search.renew(best, 2 * k + 20)
    search.settle(best, 20, 5e-4, (ready.lower[:, 0], ready.upper[:, 0]))
    return best.centres, best.price


@dataclass
class _Start:
    """A place in the search; arrays are changed in place."""

    cost: float
    """Infinite where no balance is possible."""
    centres: FloatArray
    price: FloatArray
    owner: IntArray


class _Search:
    """Centres sought on given cells: (n, 2) and (n,) their loads."""

    def __init__(
        self, ready: Ready, points: FloatArray, load: FloatArray, rng: np.random.Generator
    ) -> None:
        self.ready, self.points, self.load, self.rng = ready, points, load, rng
        self.target = ready.target[:, 0]
        self.free = np.flatnonzero(~ready.fixed)

    def seeded(self) -> _Start:
        """Cut the ground into parts of equal load, and let them settle."""
        k = self.ready.k
        tilt = self.rng.uniform(-0.5, 0.5, k)
        tilt += np.where(self.rng.random(k) < 0.2, np.pi / 2, 0.0)
        centres = bisected(self.points, self.load, k, tilt)[0]
        _pin(centres, self.ready)
        one = _Start(np.inf, centres, np.zeros(k), np.zeros(0, np.int32))
        self.settle(one, 8, 2e-3)
        return one

    def settle(
        self, one: _Start, rounds: int, enough: float,
        bounds: tuple[FloatArray, FloatArray] | None = None,
    ) -> None:  # fmt: skip
        """Alternate transport and centroids; balanced exactly where no bounds are given."""
        lower, upper = bounds or (self.target, self.target)
        cost, one.owner = settle(
            self.points, self.load, one.centres, one.price, lower, upper, self.ready.fixed, SLOTS,
            rounds, enough,
        )  # fmt: skip
        one.cost = cost if cost >= 0 else np.inf

    def merge_and_split(self, one: _Start, wide: int, times: int, rounds: int) -> None:
        """Merge one territory away and split another, `wide` territories around."""
        for __ in range(times):
            region = self._region(one, wide)
            if len(region) > 1:
                donor, taker = self.rng.choice(len(region), 2, replace=False)
                self._reseed(one, region, donor, taker, self.rng.uniform(0, np.pi, 2), rounds)

    def renew(self, one: _Start, times: int) -> None:
        """Seed small regions anew."""
        for __ in range(times):
            region = self._region(one, min(int(self.rng.integers(2, 8)), self.ready.k))
            if len(region) > 1:
                self._reseed(one, region, -1, -1, self.rng.uniform(0, np.pi, len(region)), 8)

    def _region(self, one: _Start, size: int) -> IntArray:
        if not len(self.free) or not np.isfinite(one.cost):
            return np.zeros(0, np.int32)
        found = neighbours_of(one.centres, int(self.rng.choice(self.free)), size)
        return np.asarray(found[:0] if self.ready.fixed[found].any() else found)

    def _reseed(  # noqa: PLR0917  # as the kernel
        self, one: _Start, region: IntArray, donor: int, taker: int, tilt: FloatArray, rounds: int
    ) -> None:
        reseed(
            self.points, self.load, one.centres, one.price, one.owner, self.target, region, donor,
            taker, tilt, rounds,
        )  # fmt: skip


def _cells(points: FloatArray, load: FloatArray, count: int) -> tuple[FloatArray, FloatArray]:
    if len(points) <= 2 * count:
        return points, load
    middle, part = bisected(points, load, count, np.zeros(1))
    held = np.bincount(part, load, count)
    return middle[held > 0], held[held > 0].astype(float)


def _pin(centres: FloatArray, ready: Ready) -> None:
    """Put each pinned centre in the place of the seed that is nearest to it; in place."""
    from scipy.optimize import linear_sum_assignment

    which = np.flatnonzero(ready.fixed)
    if not len(which):
        return
    gap = ((ready.pinned[which][:, None] - centres[None]) ** 2).sum(axis=2)
    __, seed = linear_sum_assignment(gap)
    rest = np.delete(centres, seed, axis=0)
    centres[which] = ready.pinned[which]
    centres[np.flatnonzero(~ready.fixed)] = rest
