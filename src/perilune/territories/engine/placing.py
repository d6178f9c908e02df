"""Where the centres go: maps born by bisection, bred by crossing two of them, the best made fine.

Source: crossing good solutions and settling what comes of it, Gribel and Vidal, HG-means
(Pattern Recognition 88, 2019); a map is crossed along a line here, and its loads are balanced.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from perilune.territories.engine import kernels
from perilune.territories.engine.ground import FloatArray, IntArray
from perilune.territories.engine.problem import Ready
from perilune.territories.engine.search import Tell

COARSE, FINE = 16, 40
"""Cells a territory: while maps are bred, and for the best of them."""

LEAST_COARSE, LEAST_FINE = 800, 2500
"""Cells at least."""

FEW = 32
"""Territories up to which a first look takes a hundredth of a second."""

KEPT = 10
"""Maps that are crossed."""

LOOSE = 0.4
"""Share of its target by which a territory may be off at first: better maps come of it."""

SAME = 2e-5
"""Costs this near, in shares, are of one map."""


class Chart(NamedTuple):
    """A map in the making: cost, centres (k, 2), their prices (k,), territory of each cell."""

    cost: float
    centres: FloatArray
    price: FloatArray
    owner: IntArray


class Cells(NamedTuple):
    """Where load lies (n, 2), and how much (n,)."""

    points: FloatArray
    load: FloatArray


class Effort(NamedTuple):
    """How much a search does."""

    births: int
    settling: tuple[int, int, int]
    """Rounds of transport and centroids: loosely balanced, exactly, at last within the bounds."""
    slots: int
    """Candidates that a cell has at first."""
    kids: int
    fine: int
    """How many of the best maps are settled on fine cells."""
    anew: int
    """How often a few neighbours of the best map are seeded anew."""
    widest: int
    """Neighbours whose ground is split anew at most."""

    @classmethod
    def of(cls, k: int, quick: bool) -> Effort:
        """Return what k territories are worth: a map of many takes long, and differs less."""
        if quick:
            if k <= FEW:
                return cls(3, (4, 1, 5), slots=6, kids=0, fine=1, anew=6 if k > 1 else 0, widest=3)
            births = max(3, min(12, 800 // k))
            return cls(births, (8, 2, 8), slots=6, kids=0, fine=3, anew=30, widest=6)
        births = max(2, min(16, 800 // k))
        kids, anew = (max(4, min(120, 300_000 // k**2)), 3 * k + 50) if k > 1 else (0, 0)
        return cls(
            births,
            (8, 4, 20),
            kernels.centres.SLOTS,
            kids,
            fine=min(4, births),
            anew=anew,
            widest=12,
        )


def centres_for(
    ready: Ready, rng: np.random.Generator, quick: bool = False, tell: Tell | None = None
) -> tuple[FloatArray, FloatArray]:
    """Return centres (k, 2) and their prices (k,).

    Large problems are searched on cells of units side by side, of about equal load.
    """
    search = _Search(ready, Effort.of(ready.k, quick), rng)
    effort = search.effort
    whole = Cells(ready.ground.points, _first(ready.ground.load))
    coarse = _merged(whole, max(COARSE * ready.k, LEAST_COARSE))
    charts = []
    for at in range(effort.births):
        charts.append(search.born(coarse))
        if tell:
            tell(0.15 * (at + 1) / effort.births)
    charts = sorted(charts, key=lambda one: one.cost)[:KEPT]
    for at in range(effort.kids):
        search.breed(coarse, charts)
        if tell and at % 10 == 9:
            tell(0.15 + 0.3 * (at + 1) / effort.kids)
    fine = _merged(whole, max(FINE * ready.k, LEAST_FINE))
    if effort.fine > 1 or fine is not coarse:  # owners are of coarse cells until then
        charts = [
            search.settled(fine, one.centres, one.price, effort.settling[2], 5e-4)
            for one in charts[: effort.fine]
        ]
    best = min(charts, key=lambda one: one.cost)
    if np.isfinite(best.cost):
        search.seed_anew(fine, best)
    if tell:
        tell(0.55)
    search.settle(fine, best, _first(ready.lower), _first(ready.upper))
    return best.centres, best.price


@dataclass(frozen=True)
class _Search:
    """The moves of one search; the cells are those of the ground, coarse or fine."""

    ready: Ready
    effort: Effort
    rng: np.random.Generator

    def born(self, cells: Cells) -> Chart:
        """Return a map that grew from a bisection: loosely balanced first, then exactly."""
        k, target = self.ready.k, _first(self.ready.target)
        tilt = self.rng.uniform(-0.5, 0.5, k)
        tilt += np.where(self.rng.random(k) < 0.2, np.pi / 2, 0.0)
        centres = kernels.centres.bisected(*cells, k, tilt)[0]
        _pin(centres, self.ready)
        price = np.zeros(k)
        loosely, exactly, __ = self.effort.settling
        kernels.centres.settle(
            *cells, centres, price, (1 - LOOSE) * target, (1 + LOOSE) * target, self.ready.fixed,
            self.effort.slots, loosely, 0.0,
        )  # fmt: skip
        return self.settled(cells, centres, price, exactly, 0.0)

    def settled(
        self, cells: Cells, centres: FloatArray, price: FloatArray, rounds: int, enough: float
    ) -> Chart:
        """Return the balanced map that settles from centres and prices; they change in place."""
        target = _first(self.ready.target)
        cost, owner = kernels.centres.settle(
            *cells, centres, price, target, target, self.ready.fixed, self.effort.slots, rounds,
            enough,
        )  # fmt: skip
        return Chart(cost if cost >= 0 else np.inf, centres, price, owner)

    def settle(self, cells: Cells, chart: Chart, lower: FloatArray, upper: FloatArray) -> None:
        """Let the map settle within the bounds (k,); in place."""
        kernels.centres.settle(
            *cells, chart.centres, chart.price, lower, upper, self.ready.fixed, self.effort.slots,
            self.effort.settling[2], 5e-4,
        )  # fmt: skip

    def breed(self, cells: Cells, charts: list[Chart]) -> None:
        """Cross two maps; the child takes the place of the worst if it is better and new."""
        one, other = (charts[i] for i in self.rng.choice(len(charts), 2, replace=False))
        child = self.settled(cells, *self._crossed(one, other), 8, 1e-3)
        if child.cost >= charts[-1].cost:
            return
        if any(abs(child.cost - kept.cost) <= SAME * kept.cost for kept in charts):
            return
        charts[-1] = child
        charts.sort(key=lambda kept: kept.cost)

    def _crossed(self, one: Chart, other: Chart) -> tuple[FloatArray, FloatArray]:
        """Return the centres and prices of one map on this side of a line, of the other beyond it.

        Pinned centres are in both. Where territories are to get unequal loads each number keeps its
        own, from the map on whose side it lies.
        """
        angle = self.rng.uniform(0, 2 * np.pi)
        way = np.array([np.cos(angle), np.sin(angle)])
        free = np.flatnonzero(~self.ready.fixed)
        least = len(free) // 5
        taken = int(self.rng.integers(least, len(free) - least + 1))
        first = free[np.argsort(one.centres[free] @ way, kind="stable")]
        rest = source = first[taken:]
        if len(free) and np.ptp(self.ready.target[free, 0]) <= 0:
            source = free[np.argsort(other.centres[free] @ way, kind="stable")][taken:]
        centres, price = one.centres.copy(), one.price.copy()
        centres[rest], price[rest] = other.centres[source], other.price[source]
        return centres, price

    def seed_anew(self, cells: Cells, chart: Chart) -> None:
        """Split the ground of a few neighbours anew wherever that is better; in place."""
        k, fixed, target = self.ready.k, self.ready.fixed, _first(self.ready.target)
        free = np.flatnonzero(~fixed)
        for __ in range(self.effort.anew if len(free) else 0):
            size = min(int(self.rng.integers(2, self.effort.widest + 1)), k)
            region = kernels.centres.neighbours_of(chart.centres, int(self.rng.choice(free)), size)
            tilt = self.rng.uniform(0, np.pi, size)
            if not fixed[region].any():
                kernels.centres.reseed(
                    *cells, chart.centres, chart.price, chart.owner, target, region, tilt,
                    kernels.centres.SLOTS, 8,
                )  # fmt: skip


def _first(values: FloatArray) -> FloatArray:
    """Return the column of the first attribute, in one piece."""
    return np.ascontiguousarray(values[:, 0])


def _merged(whole: Cells, count: int) -> Cells:
    """Return so many cells, or all units where they are not many more."""
    if len(whole.points) <= 2 * count:
        return whole
    middle, part = kernels.centres.bisected(*whole, count, np.zeros(1))
    held = np.bincount(part, whole.load, count)
    return Cells(middle[held > 0], held[held > 0].astype(float))


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
