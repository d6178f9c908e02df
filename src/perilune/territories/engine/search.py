"""From centres to a plan: transport at full size, rounding, connection, trade across borders."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from perilune.territories.engine import kernels
from perilune.territories.engine.ground import FloatArray, Ground, IntArray
from perilune.territories.engine.problem import Ready
from perilune.territories.engine.programme import ARCS, coarse, shared_out

Tell = Callable[[float], None]
"""Told the share of the work that is done, 0 to 1."""

MANY, FEW = 300_000, 6
"""Units from which on memory counts, and how many candidates each then has."""

WALKED, MOST_PROPOSALS = 20_000, 60_000_000
"""Units up to which several attributes are balanced by a walk, and its longest stage."""

TORN = 0.005
"""Share of units that connection tears off the programme's plan, up to which it is kept near."""

WIDE, NARROW, SLIM = 40, 20, 12
"""Candidates a list: where the problem is small, where it is not, and for a first look."""


@dataclass
class Found:
    """A plan in the making; arrays are changed in place."""

    centres: FloatArray
    price: FloatArray
    """(k, m) of the transport at these centres."""
    owner: IntArray


def at_full_size(ready: Ready, centres: FloatArray, price: FloatArray, rounds: int) -> Found:
    """Alternate transport over all units and centroids; every rule but connection holds.

    price: (k,) of the first attribute, or (k, m).
    """
    ground = ready.ground
    prices = np.zeros((ready.k, ready.target.shape[1]))
    prices[:, : 1 if price.ndim == 1 else None] = price.reshape(ready.k, -1)
    owner = np.zeros(len(ground.mass), np.int32)
    last = np.inf
    by_steps = prices.shape[1] > 1 and not _fits(ready)
    if by_steps and not prices[:, 1:].any():
        coarse(ready, centres, prices)
    for turn in range(rounds):
        candidate, __, flow = relaxed(ready, centres, prices)
        owner = kernels.offers.mainly(candidate, flow)
        cost = kernels.ground.plan_cost(ground, centres, owner)
        done = turn == rounds - 1 or (not by_steps and cost > last * (1 - 3e-4))
        if done:
            break
        last = cost
        if by_steps:
            _raise_prices(ready, owner, prices, cost, turn)
        if not ground.table.size:
            load = np.ascontiguousarray(ground.load[:, 0])
            moved = kernels.transport.recentred(ground.points, load, candidate, flow, centres)
            centres[~ready.fixed] = moved[~ready.fixed]
    return Found(centres, prices, owner)


def _fits(ready: Ready) -> bool:
    return bool(len(ready.ground.mass) * kernels.centres.SLOTS <= ARCS)


def relaxed(
    ready: Ready, centres: FloatArray, prices: FloatArray
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Share the units out at fixed centres; prices (k, m) are changed in place.

    One attribute by transport; several by a linear programme where they fit one, else the first by
    transport at the prices of the others. Returns candidate, cost and flow (n, s). Where no balance
    is possible it is the best effort, for the certificate to name.
    """
    if prices.shape[1] > 1 and _fits(ready):
        bounds = ready.lower, ready.upper, ready.target
        candidate, share, cost, __ = shared_out(ready.ground, centres, bounds, prices)
        return candidate, cost, share * ready.ground.mass[:, None]
    return _transported(ready, centres, prices)


def _transported(
    ready: Ready, centres: FloatArray, prices: FloatArray
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Solve the transport of the first attribute, its tolerance doubled until it is possible."""
    ground, k = ready.ground, ready.k
    slots = min(kernels.centres.SLOTS if len(ground.mass) < MANY else FEW, k)
    lower, upper = ready.lower[:, 0].copy(), ready.upper[:, 0].copy()
    width = np.maximum(upper - ready.target[:, 0], 1e-3 * ready.target[:, 0])
    load = np.ascontiguousarray(ground.load[:, 0])
    while True:
        candidate, cost = kernels.offers.offers(ground, centres, prices, slots)
        price = prices[:, 0].copy()
        flow, status, __ = kernels.transport.transport(
            load, candidate, cost, lower, upper, price, 60 * len(load) + 9999
        )
        if status == kernels.transport.FEASIBLE:
            prices[:, 0] = price
            return candidate, cost, flow
        prices[:, 0] = 0.0
        if slots < k:
            slots = min(k, 3 * slots)
        else:
            width *= 2
            lower, upper = np.maximum(lower - width, 0.0), upper + width


def _raise_prices(
    ready: Ready, owner: IntArray, prices: FloatArray, cost: float, turn: int
) -> None:
    """Subgradient step for the attributes that the transport does not balance."""
    total = kernels.ground.loads_of(ready.ground, owner, ready.k)
    over = np.maximum(total - ready.upper, 0) - np.maximum(ready.lower - total, 0)
    for t in range(1, prices.shape[1]):
        scale = cost / ready.target[:, t].sum()
        prices[:, t] += 4.0 / (1 + 0.3 * turn) * scale * over[:, t] / ready.target[:, t]


def part_company(ground: Ground, owner: IntArray, candidate: IntArray) -> None:
    """Separate forbidden pairs: the unit with the smaller mass takes its next territory."""
    for one in np.flatnonzero(ground.rival >= 0):
        if ground.frozen[one] or kernels.ground.may_hold(ground, owner, one, int(owner[one])):
            continue
        for b in candidate[one]:
            if b >= 0 and kernels.ground.may_hold(ground, owner, one, int(b)):
                owner[one] = b
                break


def populate(ground: Ground, owner: IntArray, k: int) -> None:
    """Give each empty territory a unit at the edge of the one with most units; in place."""
    n = len(owner)
    stamp, stack = np.zeros(n, np.int64), np.empty(n, np.int64)
    counts = np.bincount(owner, minlength=k)
    for at, a in enumerate(np.flatnonzero(counts == 0), 1):
        there = kernels.places.counted(ground.place, ground.first, owner, k)
        for donor in np.argsort(-counts, kind="stable"):
            units = np.flatnonzero((owner == donor) & ~ground.frozen)
            middle = ground.points[units].mean(axis=0) if len(units) else np.zeros(2)
            away = ((ground.points[units] - middle) ** 2).sum(axis=1)
            chosen = next(
                (
                    unit
                    for place, unit in enumerate(units[np.argsort(-away, kind="stable")])
                    if counts[donor] > 1
                    and kernels.ground.may_hold(ground, owner, unit, a)
                    and kernels.connected.may_go(
                        ground, owner, there, unit, stamp, (at * n + place) * 4 + 4, stack
                    )
                ),
                None,
            )
            if chosen is not None:
                owner[chosen] = a
                counts[donor], counts[a] = counts[donor] - 1, 1
                break


def improved(ready: Ready, found: Found, quick: bool = False, tell: Tell | None = None) -> Found:
    """Round, connect, balance and trade; where the problem is small the best of several ways."""
    ground, k = ready.ground, ready.k
    base = worth_of(ready, found)
    ways = _ways(ready, found, quick)
    best: tuple[tuple[float, float], Found] | None = None
    for at, way in enumerate(ways):
        one = Found(found.centres.copy(), found.price, found.owner.copy())
        kernels.connected.absorb(ground, one.centres, one.owner, 20)
        populate(ground, one.owner, k)
        way(ready, one, base)
        polish(ready, one, base, quick)
        rank = (beyond_bounds(ready, one), kernels.ground.plan_cost(ground, one.centres, one.owner))
        if best is None or rank < best[0]:
            best = rank, one
        if tell:
            tell(0.7 + 0.25 * (at + 1) / len(ways))
        if best[0][0] == 0 and isinstance(way, _Walk):
            break
    assert best is not None
    return best[1]


def worth_of(ready: Ready, found: Found) -> float:
    """Return the mean cost of a territory, which weights are multiples of; 10 m where it is less.

    Where all units are at one point their way costs nothing, and balance is all there is.
    """
    least = 1e-4 * float(ready.ground.mass.sum())
    cost = float(kernels.ground.plan_cost(ready.ground, found.centres, found.owner))
    return max(cost, least) / ready.k


def beyond_bounds(ready: Ready, found: Found) -> float:
    """Return how far the loads are out of bounds, summed in targets: 0 where all are within."""
    total = kernels.ground.loads_of(ready.ground, found.owner, ready.k)
    return float(kernels.trade.beyond(total, ready.lower, ready.upper, ready.target).sum())


def _ways(ready: Ready, found: Found, quick: bool) -> list[_Walk | _Trade]:
    """Return the ways to a connected plan within the bounds, in the order they are tried."""
    ground = ready.ground
    n = len(ground.mass)
    if ready.target.shape[1] == 1 or n > WALKED:
        if quick:
            return [_Trade(8.0, SLIM, SLIM // 2)]
        if n > 4000:
            return [_Trade(8.0, NARROW, 12)]
        return [_Trade(weight, WIDE, WIDE) for weight in (8.0, 4.0, 16.0, 30.0)]
    # where connection hardly tears the programme's plan, it is best to stay near it
    torn = kernels.connected.cut_off(ground, found.owner, ready.k).mean()
    hot = _Walk(((10.0, 3e-4, 100.0, 1000.0, 10_000),), 12345)
    hotter = _Walk(((10.0, 3e-4, 100.0, 1000.0, 20_000),), 12346)
    cool = _Walk(((0.1, 3e-3, 10.0, 30.0, 4_000), (0.01, 1e-4, 100.0, 300.0, 2_000)), 3)
    return [cool, hot, hotter] if torn <= TORN else [hot, hotter]


@dataclass(frozen=True)
class _Trade:
    """Trade with growing weights, which begin with `weight` mean costs of a territory."""

    weight: float
    width: int
    deep: int

    def __call__(self, ready: Ready, found: Found, base: float) -> None:
        kernels.trade.balance(
            ready.ground, found.centres, found.owner, found.price, ready.lower, ready.upper,
            ready.target, self.weight * base, self.width, self.deep, 40,
        )  # fmt: skip


@dataclass(frozen=True)
class _Walk:
    """Let the plan melt and cool down.

    stages: first and last temperature, first and last weight of what is out of bounds, in mean
    costs of a territory, and proposals a unit.
    """

    stages: tuple[tuple[float, float, float, float, int], ...]
    seed: int

    def __call__(self, ready: Ready, found: Found, base: float) -> None:
        for hot, cold, light, heavy, steps in self.stages:
            kernels.anneal.anneal(
                ready.ground, found.centres, ready.fixed, found.owner, ready.lower, ready.upper,
                ready.target, np.array([hot, cold]) * base, np.array([light, heavy]) * base,
                min(steps * len(found.owner), MOST_PROPOSALS), self.seed,
            )  # fmt: skip


def polish(ready: Ready, found: Found, base: float, quick: bool = False) -> None:
    """Trade within the bounds and move the centres along, until neither gains; in place."""
    last = np.inf
    width, deep = (SLIM, SLIM // 2) if quick else (NARROW, 12)
    for __ in range(3 if quick else 8):
        kernels.trade.balance(
            ready.ground, found.centres, found.owner, found.price, ready.lower, ready.upper,
            ready.target, 1e7 * base, width, deep, 1,
        )  # fmt: skip
        if not ready.ground.table.size:
            moved = kernels.ground.centroids(ready.ground, found.owner, found.centres)
            found.centres[~ready.fixed] = moved[~ready.fixed]
        cost = kernels.ground.plan_cost(ready.ground, found.centres, found.owner)
        if cost > last * (1 - 1e-6):
            break
        last = cost
