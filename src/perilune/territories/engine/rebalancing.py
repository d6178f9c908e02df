"""Re-balancing: the frontier «moved against compact against balanced», and why each unit moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from perilune.territories.contracts import (
    Alternative,
    Hand,
    Moved,
    Plan,
    Rebalanced,
    Request,
    Units,
)
from perilune.territories.engine.designing import planned
from perilune.territories.engine.ground import FloatArray, IntArray
from perilune.territories.engine.matching import shared_load
from perilune.territories.engine.placing import centres_for
from perilune.territories.engine.problem import Ready, ready
from perilune.territories.engine.search import Tell
from perilune.territories.engine.staying import over_shared_towns, with_stay

PENALTIES = (0.0, 0.15, 0.4, 0.7, 1.0, 1.6, 2.5, 4.0, 7.0, 14.0, 30.0, 60.0, 120.0)
"""Stay penalties of the frontier, in multiples of the inertia of the plan from scratch."""
GIVEN_UP = 0.01
"""Compactness that the plan chosen may give up against the plan from scratch."""


def rebalance(
    units: Units,
    request: Request,
    rng: np.random.Generator,
    tell: Tell | None = None,
    give_up: float = GIVEN_UP,
) -> Rebalanced:
    """Return the plan that moves least among those almost as compact as one from scratch.

    units.owner numbers the territories 0..k-1 of those who stay; -1 where nobody holds a unit or
    its holder leaves; numbers without a unit are new territories. request.stay is ignored: the
    whole frontier is computed. Raises Invalid like `design`.
    """
    assert units.owner is not None
    made = ready(units, replace(request, stay=0.0))
    centres, price = centres_for(made, rng, request.quick, _part(tell, 0.0, 0.3))
    which = matched(units, made, centres, price)
    plans: list[tuple[float, Plan]] = []
    scratch = planned(units, request, made, centres[which], price[which])
    unit = max(scratch.figures.inertia, 1e-12)
    plans.append((0.0, relabelled(units, request, scratch)))
    start = plans[0][1]
    staying = over_shared_towns(units, request, made)
    for at, factor in enumerate(PENALTIES[1:], 1):
        held = with_stay(units, request, staying, factor * unit)
        plan = planned(
            units,
            replace(request, stay=factor * unit),
            held,
            start.centres.copy(),
            np.zeros(made.k),
        )
        plans.append((factor * unit, plan))
        if tell:
            tell(0.3 + 0.7 * at / len(PENALTIES))
    frontier = tuple(alternative(units, stay, plan) for stay, plan in plans)
    chosen = least_moved(frontier, give_up)
    plan = plans[chosen][1]
    if tell:
        tell(1.0)
    return Rebalanced(plan, hands(units, request, plan), frontier, chosen, plan.certificate.floor)


def _part(tell: Tell | None, low: float, high: float) -> Tell | None:
    return None if tell is None else lambda share: tell(low + (high - low) * share)


def matched(units: Units, made: Ready, centres: FloatArray, price: FloatArray) -> IntArray:
    """Return (k,) which centre each territory number gets, so that most load stays."""
    owner = units.owner
    assert owner is not None
    gap = np.stack(
        [
            ((units.points - centre) ** 2).sum(axis=1) + p
            for centre, p in zip(centres, price, strict=True)
        ]
    )
    near = gap.argmin(axis=0)
    # a pinned centre keeps its number
    alike = np.where(made.fixed, np.arange(1, made.k + 1), 0)
    return _numbers(owner, near.astype(np.int32), units.loads[:, 0], alike)


def _numbers(owner: IntArray, territory: IntArray, load: FloatArray, alike: Any) -> IntArray:
    """Return (k,) which territory gets each number; alike (k,): numbers of one kind may swap."""
    from scipy.optimize import linear_sum_assignment

    k = len(alike)
    shared = shared_load(owner, territory, load, k)[:, :k]
    apart = alike[:, None] != alike[None, :]
    # dearer than all that can be kept: numbers of different kinds never swap
    shared[apart] = -load.sum() - 1.0
    territories, numbers = linear_sum_assignment(-shared)
    which = np.empty(k, np.int32)
    which[numbers] = territories
    return which


def interchangeable(request: Request) -> IntArray:
    """Return (k,) a class for each number; territories of one class may swap their numbers.

    A number is bound by a lock or a pin, and told from others by its share and by what it may hold.
    A swap within a class breaks nothing that was asked, and leaves the bound of the certificate as
    it is. Names bind nothing: they go with the holder, who has the number.
    """
    k = request.k
    bound = np.zeros(k, bool)
    if request.locked is not None:
        bound[request.locked[request.locked >= 0]] = True
    if request.pinned is not None:
        bound |= np.isfinite(request.pinned).all(axis=1)
    kinds: dict[tuple[Any, ...], int] = {}
    found = np.empty(k, np.int32)
    for a in range(k):
        kind = (
            a if bound[a] else -1,
            1.0 if request.shares is None else float(request.shares[a]),
            b""
            if request.allowed is None
            else np.ascontiguousarray(request.allowed[:, a]).tobytes(),
        )
        found[a] = kinds.setdefault(kind, len(kinds))
    return found


def relabelled(units: Units, request: Request, plan: Plan) -> Plan:
    """Return a plan so numbered that most load stays with its holder, where numbers may swap."""
    assert units.owner is not None
    k = len(plan.names)
    alike = interchangeable(request)
    which = _numbers(units.owner, plan.territory, units.loads[:, 0], alike)
    if (which == np.arange(k)).all():
        return plan
    number = np.empty(k, np.int32)
    number[which] = np.arange(k)
    territory = number[plan.territory]
    held = units.owner >= 0
    changes = held & (territory != units.owner)
    weight = units.loads[:, 0]
    figures = replace(
        plan.figures,
        moved=float(weight[changes].sum() / max(weight[held].sum(), 1e-300)),
        moved_units=int(changes.sum()),
    )
    return replace(
        plan,
        territory=territory,
        centres=plan.centres[which],
        loads=plan.loads[which],
        figures=figures,
    )


def least_moved(frontier: Sequence[Alternative], give_up: float = GIVEN_UP) -> int:
    """Return the number of the point that moves least, of those balanced and compact enough.

    The first point is the plan from scratch, which compactness is measured against.
    """
    met = [at for at, one in enumerate(frontier) if one.is_met] or list(range(len(frontier)))
    best = frontier[0].inertia if 0 in met else min(frontier[at].inertia for at in met)
    close = [at for at in met if frontier[at].inertia <= best * (1 + give_up)]
    return min(close or met, key=lambda at: (frontier[at].moved, at))


def alternative(units: Units, stay: float, plan: Plan) -> Alternative:
    """Return a plan as a point of the frontier; stay: the penalty that it was grown with, km^2."""
    assert units.owner is not None
    figures = plan.figures
    return Alternative(
        stay=stay,
        moved=figures.moved,
        moved_cost=_moved_cost(units, plan.territory),
        inertia=figures.inertia,
        deviation=max(figures.deviation),
        cut_off=figures.cut_off,
        is_met=plan.certificate.met,
    )


def standing(units: Units, request: Request, territory: IntArray) -> Alternative:
    """Return how a plan that is there measures up, beside the points of the frontier.

    territory (n,), -1 where a unit is in none: such units count in no distance, and their load is
    missing where it should be. Centres are the load-weighted middles. cut_off is not measured: nan.
    """
    k = request.k
    load = units.loads
    inside = territory >= 0
    at = territory[inside]
    mass = np.maximum(load[inside, 0], 1e-6 * load[:, 0].sum() / max(len(load), 1))
    whole = np.maximum(np.bincount(at, mass, k), 1e-300)
    points = units.points[inside]
    centres = np.column_stack(
        [np.bincount(at, mass * points[:, axis], k) / whole for axis in (0, 1)]
    )
    squared = ((points - centres[at]) ** 2).sum(axis=1)
    total = np.zeros((k, load.shape[1]))
    np.add.at(total, at, load[inside])
    shares = np.full(k, 1.0 / k) if request.shares is None else request.shares
    target = (shares / shares.sum())[:, None] * load.sum(axis=0)
    off = np.abs(total / np.where(target > 0, target, np.inf) - (target > 0))
    moved, broken = 0.0, 0.0
    if units.owner is not None:
        held = units.owner >= 0
        changes = held & (territory != units.owner)
        moved = float(load[changes, 0].sum() / max(load[held, 0].sum(), 1e-300))
        broken = _moved_cost(units, territory)
    return Alternative(
        stay=0.0,
        moved=moved,
        moved_cost=broken,
        inertia=float(np.average(squared, weights=mass)) if len(mass) else 0.0,
        deviation=float(off.max()),
        cut_off=float("nan"),
        is_met=bool((off <= np.array(request.tolerances) + 1e-9).all()),
    )


def _moved_cost(units: Units, territory: IntArray) -> float:
    assert units.owner is not None
    cost = units.loads[:, 0] if units.moving_cost is None else units.moving_cost
    held = units.owner >= 0
    changes = held & (territory != units.owner)
    return float(cost[changes].sum() / max(cost[held].sum(), 1e-300))


def hands(units: Units, request: Request, plan: Plan) -> tuple[Hand, ...]:
    """Return each unit that changes hands with its reason, the largest first."""
    owner, territory = units.owner, plan.territory
    assert owner is not None
    k = len(plan.names)
    load = units.loads[:, 0]
    cost = load if units.moving_cost is None else units.moving_cost
    held = np.bincount(owner[owner >= 0], load[owner >= 0], k)
    width = request.tolerances[0]
    over, under = held > plan.targets[:, 0] * (1 + width), held < plan.targets[:, 0] * (1 - width)
    found = []
    for i in np.flatnonzero(territory != owner):
        source, goal = int(owner[i]), int(territory[i])
        near = float(np.hypot(*(units.points[i] - plan.centres[goal])))
        far = float(np.hypot(*(units.points[i] - plan.centres[source]))) if source >= 0 else near
        if source < 0:
            reason = Moved.UNHELD
        elif _required(units, request, int(i), source):
            reason = Moved.REQUIRED
        elif held[goal] == 0:
            reason = Moved.NEW_TERRITORY
        elif over[source]:
            reason = Moved.TOO_MUCH
        elif under[goal]:
            reason = Moved.TOO_LITTLE
        else:
            reason = Moved.CLOSER if near < far else Moved.PASSED_ON
        moved_cost = 0.0 if source < 0 else float(cost[i])
        found.append(Hand(int(i), source, goal, reason, float(load[i]), moved_cost, far - near))
    return tuple(sorted(found, key=lambda one: (-one.load, units.ids[one.unit])))


def _required(units: Units, request: Request, i: int, source: int) -> bool:
    if request.locked is not None and request.locked[i] >= 0:
        return True
    if request.allowed is None:
        return False
    group = 0 if units.group is None else int(units.group[i])
    return not bool(request.allowed[group, source])
