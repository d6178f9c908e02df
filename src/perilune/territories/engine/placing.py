"""Where the centres go: several starts on coarse cells, then merge-and-split moves on the best."""

from __future__ import annotations

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


def centres_for(
    ready: Ready, rng: np.random.Generator, starts: int = 0, tell: Tell | None = None
) -> tuple[FloatArray, FloatArray]:
    """Return centres (k, 2) and their prices (k,): the best of several starts, then improved.

    Large problems are searched on cells of units side by side, of about equal load.
    """
    k, load = ready.k, ready.ground.load[:, 0]
    points, load = _cells(
        ready.ground.points, load, max(40 * k, 1000 if len(load) < 3000 else 2500)
    )
    target = ready.target[:, 0]
    count = starts or max(2, min(8, 400 // k))
    tries = []
    for at in range(count):
        tilt = rng.uniform(-0.5, 0.5, k) + np.where(rng.random(k) < 0.2, np.pi / 2, 0.0)
        centres = bisected(points, load, k, tilt)[0]
        _pin(centres, ready)
        price = np.zeros(k)
        cost, __ = settle(points, load, centres, price, target, target, ready.fixed, SLOTS, 8, 2e-3)
        tries.append((cost if cost >= 0 else np.inf, at, centres, price))
        if tell:
            tell(0.3 * (at + 1) / count)
    tries.sort(key=lambda one: one[:2])
    ended = []
    for __, at, centres, price in tries[: max(1, count // 4)]:
        cost, owner = settle(
            points, load, centres, price, target, target, ready.fixed, SLOTS, 20, 5e-4
        )
        ended.append((cost if cost >= 0 else np.inf, at, centres, price, owner))
    __, __, centres, price, owner = min(ended, key=lambda one: one[:2])
    if k > 1 and np.isfinite(ended[0][0]):
        _improve(ready, points, load, centres, price, owner, rng, tell)
    lower, upper = ready.lower[:, 0], ready.upper[:, 0]
    settle(points, load, centres, price, lower, upper, ready.fixed, SLOTS, 20, 5e-4)
    return centres, price


def _improve(  # noqa: PLR0917  # one search, its arrays
    ready: Ready,
    points: FloatArray,
    load: FloatArray,
    centres: FloatArray,
    price: FloatArray,
    owner: IntArray,
    rng: np.random.Generator,
    tell: Tell | None,
) -> None:
    """Merge and split far apart, then seed small regions anew; in place."""
    k, target = ready.k, ready.target[:, 0]
    free = np.flatnonzero(~ready.fixed)
    if not len(free):
        return
    wide = 40 if k <= 64 else 24
    shifts = 48 if k <= 64 else 60
    for at in range(shifts):
        region = neighbours_of(centres, int(rng.choice(free)), min(wide, k))
        donor, taker = rng.choice(len(region), 2, replace=False)
        tilt = rng.uniform(0, np.pi, 2)
        if not ready.fixed[region].any():
            reseed(points, load, centres, price, owner, target, region, donor, taker, tilt, 8)
        if tell and at % 10 == 9:
            tell(0.3 + 0.25 * (at + 1) / shifts)
    for __ in range(2 * k + 20):
        region = neighbours_of(centres, int(rng.choice(free)), min(int(rng.integers(2, 8)), k))
        tilt = rng.uniform(0, np.pi, len(region))
        if not ready.fixed[region].any():
            reseed(points, load, centres, price, owner, target, region, -1, -1, tilt, 8)


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
