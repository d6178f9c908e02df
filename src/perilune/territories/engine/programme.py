"""Several attributes at once at fixed centres: the linear programme and its prices.

The transport balances one attribute; a second one breaks its network structure, and prices found by
subgradient steps leave territories far apart in compactness. Here all attributes stand in one
programme, solved by HiGHS (scipy's). Bounds are elastic at a high price, so that there is always an
answer: what cannot be met shows as load out of bounds.

Source: Kalcsics, Nickel, Schröder, Towards a unified territorial design approach (2005), for the
location-allocation scheme; Huangfu, Hall, Parallelizing the dual revised simplex method (2018), for
HiGHS.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from perilune.territories.engine import kernels
from perilune.territories.engine.ground import FloatArray, Ground, IntArray
from perilune.territories.engine.problem import Ready

ARCS = 400_000
"""Units times candidates that the programme is asked with at most."""

STEEP = 20_000.0
"""What a target's load out of bounds costs, in mean costs of a territory."""

TINY = 1e-6
"""Load out of bounds, in targets, that is the solver's rounding."""

Bounds = tuple[FloatArray, FloatArray, FloatArray]
"""lower, upper and target (k, m)."""


def shared_out(
    ground: Ground, centres: FloatArray, bounds: Bounds, prices: FloatArray, slots: int = 12
) -> tuple[IntArray, FloatArray, FloatArray, float]:
    """Solve the programme over the nearest and the cheapest territories of each unit.

    bounds: lower, upper and target (k, m). prices (k, m): where to look; changed in place to the
    dual prices. Returns candidate (n, s), the share (n, s) of each unit that each candidate takes,
    the cost (n, s) of the whole unit there without prices, and the load out of bounds, summed in
    targets: 0 where all bounds hold.
    """
    k = len(centres)
    while True:
        candidate = _looked_at(ground, centres, prices, slots)
        cost = _whole(ground, centres, candidate)
        share, dual, out = _solved(ground, candidate, cost, bounds)
        if out <= TINY or slots >= k:
            break
        slots = min(k, 2 * slots)
    prices[:, :] = dual
    return candidate, share, cost, out


def _looked_at(ground: Ground, centres: FloatArray, prices: FloatArray, slots: int) -> IntArray:
    """Return candidates (n, s): the nearest, then what prices make cheap; -1 for none."""
    near, __ = kernels.offers.offers(ground, centres, np.zeros(prices.shape), slots)
    if slots >= len(centres) or not prices.any():
        return np.asarray(near, np.int32)
    cheap, __ = kernels.offers.offers(ground, centres, prices, max(4, slots // 2))
    for slot in range(cheap.shape[1]):
        known = (near == cheap[:, slot, None]).any(axis=1)
        cheap[known, slot] = -1
    return np.asarray(np.concatenate([near, cheap], axis=1), np.int32)


def _solved(
    ground: Ground, candidate: IntArray, cost: FloatArray, bounds: Bounds
) -> tuple[FloatArray, FloatArray, float]:
    """Return share (n, s), dual prices (k, m), and the load out of bounds, summed in targets."""
    from scipy.optimize import linprog
    from scipy.sparse import csr_matrix, hstack, identity, vstack

    lower, upper, target = bounds
    n, (k, attributes) = len(cost), target.shape
    unit, slot = np.nonzero(candidate >= 0)
    goal, column = candidate[unit, slot], np.arange(len(unit))
    arcs, held = len(unit), k * attributes
    worth = max(float(cost[:, 0].sum()) / k, 1e-12)
    each = csr_matrix((np.ones(arcs), (unit, column)), shape=(n, arcs))
    loads = [
        csr_matrix((ground.load[unit, t] / target[goal, t], (goal, column)), shape=(k, arcs))
        for t in range(attributes)
    ]
    eye = identity(held, format="csr")
    # load - level - over + under = 0, the level within the bounds
    rows = [hstack([each, csr_matrix((n, 3 * held))]), hstack([vstack(loads), -eye, -eye, eye])]
    free = np.full(2 * held, np.inf)
    scale = target.T.ravel()
    low = np.concatenate([np.zeros(arcs), lower.T.ravel() / scale, np.zeros(2 * held)])
    high = np.concatenate([np.full(arcs, np.inf), upper.T.ravel() / scale, free])
    done: Any = linprog(
        np.concatenate([cost[unit, slot] / worth, np.zeros(held), np.full(2 * held, STEEP)]),
        A_eq=vstack(rows).tocsr(),
        b_eq=np.concatenate([np.ones(n), np.zeros(held)]),
        bounds=np.column_stack([low, high]),
        method="highs-ipm",
    )
    share = np.zeros(candidate.shape)
    share[unit, slot] = done.x[:arcs]
    dual = np.asarray(done.eqlin.marginals)[n:].reshape(attributes, k).T
    return share, -dual * worth / target, float(done.x[arcs + held :].sum())


def _whole(ground: Ground, centres: FloatArray, candidate: IntArray) -> FloatArray:
    """Return (n, s) what each unit costs in each candidate, whole and without prices."""
    at = np.maximum(candidate, 0)
    if ground.table.size:
        cost = np.take_along_axis(ground.table, at, axis=1)
    else:
        gap = ((ground.points[:, None, :] - centres[at]) ** 2).sum(axis=2)
        cost = ground.mass[:, None] * gap
    away = (ground.home[:, None] >= 0) & (ground.home[:, None] != at)
    return np.asarray(cost + np.where(away, ground.stay[:, None], 0.0))


def coarse(ready: Ready, centres: FloatArray, prices: FloatArray) -> None:
    """Set the prices (k, m) of a problem too large for the programme, from cells of its units.

    A cell is a few neighbouring units of about equal load. Where units differ in more than place
    and load (holders, locks, groups, a table of costs) nothing is changed.
    """
    ground = ready.ground
    if ground.table.size or (ground.home >= 0).any() or not ground.allowed.all():
        return
    count = ARCS // 24
    first = np.ascontiguousarray(ground.load[:, 0])
    __, part = kernels.centres.bisected(ground.points, first, count, np.zeros(1))
    mass = np.bincount(part, ground.mass, count)
    held = np.flatnonzero(mass > 0)
    load = np.column_stack([np.bincount(part, column, count) for column in ground.load.T])
    moment = [np.bincount(part, ground.mass * axis, count) for axis in ground.points.T]
    points = np.column_stack(moment)[held] / mass[held, None]
    n = len(held)
    cells = ground._replace(  # the graph is not looked at
        points=np.ascontiguousarray(points), mass=mass[held].astype(float),
        load=np.ascontiguousarray(load[held]), home=np.full(n, -1, np.int32), stay=np.zeros(n),
        group=np.zeros(n, np.int32), frozen=np.zeros(n, bool),
    )  # fmt: skip
    shared_out(cells, centres, (ready.lower, ready.upper, ready.target), prices)
