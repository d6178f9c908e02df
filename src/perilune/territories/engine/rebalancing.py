"""Re-balancing: the frontier «moved against compact against balanced», and why each unit moves."""

from __future__ import annotations

from dataclasses import replace

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
from perilune.territories.engine.kernels.ground import FloatArray, IntArray
from perilune.territories.engine.matching import match, shared_load
from perilune.territories.engine.placing import centres_for
from perilune.territories.engine.problem import Ready, ready
from perilune.territories.engine.search import Tell

PENALTIES = (0.0, 0.15, 0.4, 0.7, 1.0, 1.6, 2.5, 4.0, 7.0, 14.0)
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
    centres, price = centres_for(made, rng, request.starts, _part(tell, 0.0, 0.3))
    which = matched(units, made, centres, price)
    plans: list[tuple[float, Plan]] = []
    scratch = planned(units, request, made, centres[which], price[which])
    unit = max(scratch.figures.inertia, 1e-12)
    plans.append((0.0, relabelled(units, scratch)))
    start = plans[0][1]
    for at, factor in enumerate(PENALTIES[1:], 1):
        held = with_stay(units, request, made, factor * unit)
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
    chosen = _chosen(plans, give_up)
    frontier = tuple(_alternative(units, stay, plan) for stay, plan in plans)
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
    return _numbers(owner, near.astype(np.int32), units.loads[:, 0], made.k, made.fixed)


def _numbers(
    owner: IntArray, territory: IntArray, load: FloatArray, k: int, fixed: FloatArray
) -> IntArray:
    shared = shared_load(owner, territory, load, k)[:, :k]
    for a in np.flatnonzero(fixed):  # a pinned centre keeps its number
        shared[a, :] = -1.0
        shared[:, a] = -1.0
        shared[a, a] = load.sum()
    which = np.empty(k, np.int32)
    for seat in match(shared):
        which[seat.rep] = seat.territory
    return which


def relabelled(units: Units, plan: Plan) -> Plan:
    """Return a plan with its territories numbered so that most load stays with its holder."""
    assert units.owner is not None
    k = len(plan.names)
    free = np.zeros(k)
    which = _numbers(units.owner, plan.territory, units.loads[:, 0], k, free)
    if (which == np.arange(k)).all() or not np.allclose(plan.targets, plan.targets[0]):
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


def with_stay(units: Units, request: Request, made: Ready, stay: float) -> Ready:
    """Return the problem with a price on leaving the present holder."""
    owner = units.owner
    assert owner is not None
    cost = units.loads[:, 0] if units.moving_cost is None else units.moving_cost
    ground = made.ground
    count = len(ground.mass)
    home = ground.home.copy()
    free = ~ground.frozen[made.piece]
    home[made.piece[free]] = owner[free]
    return replace(
        made,
        ground=ground._replace(
            home=home, stay=stay * np.bincount(made.piece, cost, count).astype(float)
        ),
    )


def _chosen(plans: list[tuple[float, Plan]], give_up: float) -> int:
    """Return the number of the plan that moves least, among those balanced and compact enough."""
    met = [at for at, (__, plan) in enumerate(plans) if plan.certificate.met] or list(
        range(len(plans))
    )
    best = (
        plans[0][1].figures.inertia if 0 in met else min(plans[at][1].figures.inertia for at in met)
    )
    close = [at for at in met if plans[at][1].figures.inertia <= best * (1 + give_up)]
    return min(close or met, key=lambda at: (plans[at][1].figures.moved, at))


def _alternative(units: Units, stay: float, plan: Plan) -> Alternative:
    assert units.owner is not None
    cost = units.loads[:, 0] if units.moving_cost is None else units.moving_cost
    held = units.owner >= 0
    changes = held & (plan.territory != units.owner)
    figures = plan.figures
    return Alternative(
        stay=stay,
        moved=figures.moved,
        moved_cost=float(cost[changes].sum() / max(cost[held].sum(), 1e-300)),
        inertia=figures.inertia,
        deviation=max(figures.deviation),
        cut_off=figures.cut_off,
    )


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
