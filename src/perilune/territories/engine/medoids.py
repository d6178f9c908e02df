"""Territories around one of their own units, on any matrix of distances.

The capacitated p-median and commercial territory design are this problem: least sum of distances
to the centre unit, loads within bounds, connected where neighbours are given. It is also the mode
for a matrix that a routing server filled. Meant for up to a few thousand units, as the matrix is
(n, n).

Source of the problem: Salazar-Aguilar, Ríos-Mercado, Cabrera-Ríos, New models for commercial
territory design (2011); Osman, Christofides, Capacitated clustering (1994). The search (transport,
trade, merge and split of centres, keep the better) is that of `search` and `placing`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.territories.engine import kernels
from perilune.territories.engine.graph import rows_of_pairs
from perilune.territories.engine.ground import FloatArray, Ground, IntArray

NOWHERE = np.zeros((0, 2))


@dataclass(frozen=True)
class AroundUnits:
    """A plan whose centres are units."""

    territory: IntArray
    """(n,)."""
    centres: IntArray
    """(k,) unit numbers."""
    cost: float
    """Sum of distances to the centre."""
    beyond: float
    """What is out of bounds, summed as shares of the targets; 0: everything is within."""


def around_units(  # noqa: PLR0917  # the problem as its sources state it
    distance: FloatArray,
    loads: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
    k: int,
    rng: np.random.Generator,
    edges: IntArray | None = None,
    trials: int = 300,
) -> AroundUnits:
    """Return the best plan of `trials` moves of centres, each followed by transport and trade.

    distance (n, n) from unit to centre; loads (n, m); lower, upper (m,) of a territory; edges
    (e, 2) or None where territories need not be connected. Raises Invalid for fewer units than
    territories.
    """
    n = len(loads)
    if not 1 <= k <= n:
        raise Invalid(_("There are fewer accounts (%(n)s) than territories (%(k)s)."), n=n, k=k)
    pairs = np.argwhere(np.triu(np.ones((n, n)), 1)) if edges is None else np.asarray(edges)
    search = _Search(distance, loads, lower, upper, k, rows_of_pairs(pairs, n))
    best = search.settled(_spread(distance, k, rng))
    current = best
    for trial in range(trials):
        if trial % max(30, trials // 8) == 0 and trial:
            start = search.settled(_spread(distance, k, rng))
            current = start if trial % 2 else best
        found = search.settled(_shifted(current, distance, rng))
        if _rank(found) <= _rank(current):
            current = found
        if _rank(found) < _rank(best):
            best = found
    return best


def _rank(plan: AroundUnits) -> tuple[float, float]:
    return plan.beyond, plan.cost


def _spread(distance: FloatArray, k: int, rng: np.random.Generator) -> IntArray:
    """Choose k units, each with a chance that grows with its distance to those chosen."""
    chosen = [int(rng.integers(len(distance)))]
    near = distance[:, chosen[0]].copy()
    while len(chosen) < k:
        free = near.copy()
        free[chosen] = 0.0
        if free.sum() <= 0:
            free = np.ones(len(near))
            free[chosen] = 0.0
        chosen.append(int(rng.choice(len(near), p=free / free.sum())))
        near = np.minimum(near, distance[:, chosen[-1]])
    return np.array(chosen, np.int32)


def _shifted(plan: AroundUnits, distance: FloatArray, rng: np.random.Generator) -> IntArray:
    """Move one centre: within its territory, or to another one, which is thereby split."""
    centres = plan.centres.copy()
    k = len(centres)
    for __ in range(1 if rng.random() < 0.7 else 2):
        a = int(rng.integers(k))
        if k > 1 and rng.random() < 0.5:
            others = np.argsort(distance[centres[a], centres])[1:5]
            inside = np.flatnonzero(plan.territory == rng.choice(others))
        else:
            inside = np.flatnonzero(plan.territory == a)
        free = np.setdiff1d(inside, centres)
        if len(free):
            centres[a] = rng.choice(free)
    return centres


class _Search:
    """The problem as the kernels want it, and one descent from given centres."""

    def __init__(  # noqa: PLR0917  # one problem
        self,
        distance: FloatArray,
        loads: FloatArray,
        lower: FloatArray,
        upper: FloatArray,
        k: int,
        graph: tuple[IntArray, IntArray],
    ) -> None:
        n = len(loads)
        self.k, self.distance = k, np.ascontiguousarray(distance, float)
        self.lower = np.ascontiguousarray(np.tile(np.asarray(lower, float), (k, 1)))
        self.upper = np.ascontiguousarray(np.tile(np.asarray(upper, float), (k, 1)))
        self.scale = np.ascontiguousarray(np.tile(np.asarray(loads.sum(axis=0) / k), (k, 1)))
        self.ground = Ground(
            points=np.zeros((n, 2)), mass=np.ones(n), load=np.ascontiguousarray(loads, float),
            table=self.distance[:, :k].copy(), home=np.full(n, -1, np.int32), stay=np.zeros(n),
            group=np.zeros(n, np.int32), allowed=np.ones((1, k), bool), frozen=np.zeros(n, bool),
            rival=np.full(n, -1, np.int32), rivals=np.array([-1], np.int32),
            starts=graph[0], links=graph[1],
        )  # fmt: skip

    def settled(self, centres: IntArray) -> AroundUnits:
        """Alternate plan and centres until the centres stay."""
        best: AroundUnits | None = None
        for __ in range(6):
            owner, cost, out = self._plan(centres)
            moved = self._centres(owner, centres)
            cost = float(self.distance[np.arange(len(owner)), moved[owner]].sum())
            found = AroundUnits(owner, moved, cost, out)
            if best is not None and _rank(found) >= _rank(best):
                break
            best, centres = found, moved
        assert best is not None
        return best

    def _plan(self, centres: IntArray) -> tuple[IntArray, float, float]:
        k, places = self.k, np.zeros((self.k, 2))
        ground = self.ground._replace(table=np.ascontiguousarray(self.distance[:, centres]))
        prices = np.zeros(self.scale.shape)
        candidate, cost = kernels.offers.offers(ground, places, prices, k)
        price = np.zeros(k)
        load = np.ascontiguousarray(ground.load[:, 0])
        low, high = self.lower[:, 0].copy(), self.upper[:, 0].copy()
        flow, __, __ = kernels.transport.transport(
            load, candidate, cost, low, high, price, 100 * len(load) + 1000
        )
        owner = kernels.offers.mainly(candidate, flow)
        owner[centres] = np.arange(k)
        prices[:, 0] = price
        base = max(kernels.ground.plan_cost(ground, places, owner), 1e-9) / k
        kernels.connected.absorb(ground, places, owner, 20)
        kernels.trade.balance(
            ground,
            places,
            owner,
            prices,
            self.lower,
            self.upper,
            self.scale,
            2.0 * base,
            40,
            16,
            30,
        )
        out = kernels.trade.beyond(
            kernels.ground.loads_of(ground, owner, k), self.lower, self.upper, self.scale
        ).sum()
        return owner, kernels.ground.plan_cost(ground, places, owner), float(out)

    def _centres(self, owner: IntArray, centres: IntArray) -> IntArray:
        moved = centres.copy()
        for a in range(self.k):
            inside = np.flatnonzero(owner == a)
            if len(inside):
                sums = self.distance[np.ix_(inside, inside)].sum(axis=0)
                moved[a] = inside[sums.argmin()]
        return moved
