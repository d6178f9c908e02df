"""Sharing out without a map: balance alone, and whoever has an account keeps it where that fits.

The transport of the first attribute is solved exactly at the cost of moving; its prices are the
proof. What it tears is rounded, and moves and swaps of whole units bring every attribute within
its bounds and take back moves that are not needed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from perilune.territories.contracts import (
    Alternative,
    Certificate,
    Figures,
    Plan,
    Rebalanced,
    Request,
    Units,
)
from perilune.territories.contracts.units import BoolArray, FloatArray, IntArray
from perilune.territories.engine import kernels
from perilune.territories.engine.certificate import floor_of
from perilune.territories.engine.checks import blocking, check, label
from perilune.territories.engine.problem import Ready, ready
from perilune.territories.engine.rebalancing import hands
from perilune.territories.engine.search import part_company, relaxed

Numbers = np.ndarray[Any, np.dtype[Any]]
CLOSE = 1e-9
TURNS = 20_000
"""Moves and swaps at most."""


def share_out(units: Units, request: Request) -> Rebalanced:
    """Return balanced territories of units without a place, moving as little as may be.

    units.points are not read. units.owner: who has what today, None for a plan from nothing;
    units.moving_cost weighs it. Same input, same plan. Raises Invalid like `design`.
    """
    none = np.zeros((0, 2), np.int32)
    blank = replace(units, points=np.zeros((len(units.ids), 2)), edges=none)
    check(blank, request)
    made = ready(_chained(blank), replace(request, stay=1.0))
    ground = made.ground._replace(table=np.zeros((len(made.ground.mass), made.k)))
    made = replace(made, ground=ground)
    prices = np.zeros(made.target.shape)
    if ((ground.home >= 0) & ~ground.frozen).any():
        candidate, __, flow = relaxed(made, np.zeros((made.k, 2)), prices)
        owner = kernels.offers.mainly(candidate, flow)
        if len(ground.rivals) > 1:
            part_company(ground, owner, candidate)
    else:
        owner = _dealt(made)
    _Desk(made, owner).settle()
    territory = owner[made.piece].astype(np.int32)
    plan = _plan(units, request, made, owner, territory, prices)
    moved_cost = _broken(units, territory)
    only = Alternative(0.0, plan.figures.moved, moved_cost, 0.0, plan.figures.deviation[0], 0.0)
    told = hands(blank, request, plan) if units.owner is not None else ()
    return Rebalanced(plan, told, (only,), 0, plan.certificate.floor)


def _dealt(made: Ready) -> IntArray:
    """Deal units out, the heaviest first, each to the desk that has least of its share."""
    ground = made.ground
    owner = np.full(len(ground.mass), -1, np.int32)
    owner[ground.frozen] = ground.home[ground.frozen]
    held = np.zeros(made.target.shape)
    np.add.at(held, owner[ground.frozen], ground.load[ground.frozen])
    free = np.flatnonzero(~ground.frozen)
    for unit in free[np.argsort(-ground.load[free, 0], kind="stable")].tolist():
        full = ((held + ground.load[unit]) / made.target).max(axis=1)
        full[~ground.allowed[ground.group[unit]]] = np.inf
        apart = full.copy()
        row = int(ground.rival[unit])
        while row >= 0 and ground.rivals[row] >= 0:
            other = owner[ground.rivals[row]]
            if other >= 0:
                apart[other] = np.inf
            row += 1
        owner[unit] = int(np.argmin(apart if np.isfinite(apart).any() else full))
        held[owner[unit]] += ground.load[unit]
    return owner


def _chained(units: Units) -> Units:
    """Neighbours in a row: they are not read, and finding better ones would take time."""
    n = len(units.ids)
    chain = np.column_stack([np.arange(n - 1), np.arange(1, n)]).astype(np.int32)
    return replace(units, edges=chain)


def _broken(units: Units, territory: IntArray) -> float:
    if units.owner is None:
        return 0.0
    cost = units.loads[:, 0] if units.moving_cost is None else units.moving_cost
    held = units.owner >= 0
    return float(cost[held & (units.owner != territory)].sum() / max(cost[held].sum(), 1e-300))


def _plan(  # noqa: PLR0917  # a plan is these six things
    units: Units,
    request: Request,
    made: Ready,
    owner: IntArray,
    territory: IntArray,
    prices: FloatArray,
) -> Plan:
    k = made.k
    loads = np.zeros(made.target.shape)
    np.add.at(loads, territory, units.loads)
    off = np.abs(loads / made.asked.target - 1)
    edge = CLOSE * made.asked.target
    met = bool(((loads <= made.asked.upper + edge) & (loads >= made.asked.lower - edge)).all())
    reason, params = "", tuple[tuple[str, str], ...]()
    if not met:
        found = blocking(units, request, made.asked.upper, made.asked.lower, made.asked.target)
        reason, params = found or (reason, params)
    held = np.zeros(len(territory), bool) if units.owner is None else units.owner >= 0
    changes = held & (territory != (territory if units.owner is None else units.owner))
    weight = units.loads[:, 0]
    ground = made.ground
    away = (ground.home >= 0) & (ground.home != owner)
    cost = float(ground.stay[away].sum())
    bound = float(kernels.offers.bound_at(ground, np.zeros((k, 2)), prices, made.lower, made.upper))
    bound = max(bound, 0.0)  # moving nothing costs nothing
    gap = cost / bound - 1 if bound > 0 else 0.0
    return Plan(
        territory=territory,
        names=tuple(label(request, a) for a in range(k)),
        centres=np.zeros((k, 2)),
        loads=loads,
        targets=made.asked.target,
        figures=Figures(
            deviation=tuple(off.max(axis=0).tolist()),
            mean_deviation=tuple(off.mean(axis=0).tolist()),
            inertia=0.0,
            distance=0.0,
            cut_off=0.0,
            empty=int((np.bincount(territory, minlength=k) == 0).sum()),
            moved=float(weight[changes].sum() / max(weight[held].sum(), 1e-300)),
            moved_units=int(changes.sum()),
        ),
        certificate=Certificate(
            cost, bound, gap, met, floor_of(units, made.asked.upper), reason, params
        ),
    )


class _Desk:
    """Whole units on k desks; `owner` is changed in place."""

    def __init__(self, made: Ready, owner: IntArray) -> None:
        self.ground, self.owner = made.ground, owner
        self.lower, self.upper, self.target = made.lower, made.upper, made.target
        self.load = np.zeros(made.target.shape)
        np.add.at(self.load, owner, self.ground.load)

    def settle(self) -> None:
        """Bring every desk within its bounds as far as moves and swaps can, then undo moves."""
        self._fill_empty()
        for __ in range(TURNS):
            if self._out(self.load).sum() <= CLOSE or not self._mend():
                break
        self._take_back()

    def _out(self, load: FloatArray) -> FloatArray:
        """Return (k,) what each desk is out of bounds, as a share of its target."""
        over = np.maximum(load - self.upper, 0) + np.maximum(self.lower - load, 0)
        over[over <= CLOSE * self.target] = 0.0
        return np.asarray((over / self.target).sum(axis=1))

    def _may(self, units: Numbers, goal: int) -> BoolArray:
        """Return which of the units may go to a desk."""
        ground = self.ground
        may = ~ground.frozen[units] & ground.allowed[ground.group[units], goal]
        for at in np.flatnonzero(ground.rival[units] >= 0):
            row = ground.rival[units[at]]
            while ground.rivals[row] >= 0:
                may[at] &= self.owner[ground.rivals[row]] != goal
                row += 1
        return np.asarray(may)

    def _cost(self, units: Numbers, source: int, goal: int) -> FloatArray:
        """Return what moving units from one desk to another costs; below zero: it brings back."""
        home, stay = self.ground.home[units], self.ground.stay[units]
        gone = np.where(home == source, stay, 0.0)
        return np.asarray(gone - np.where(home == goal, stay, 0.0))

    def _fill_empty(self) -> None:
        count = np.bincount(self.owner, minlength=len(self.load))
        for goal in np.flatnonzero(count == 0).tolist():
            for source in np.argsort(-count, kind="stable").tolist():
                units = np.flatnonzero(self.owner == source)
                units = units[self._may(units, goal)] if count[source] > 1 else units[:0]
                if len(units):
                    unit = int(units[np.argmin(self.ground.load[units, 0])])
                    self._move(unit, goal)
                    count[source], count[goal] = count[source] - 1, 1
                    break

    def _move(self, unit: int, goal: int) -> None:
        self.load[self.owner[unit]] -= self.ground.load[unit]
        self.load[goal] += self.ground.load[unit]
        self.owner[unit] = goal

    def _mend(self) -> bool:
        """Make the one move or swap that mends most at least cost; False where none mends."""
        out = self._out(self.load)
        worst = np.argsort(-out, kind="stable")
        for desk in worst[:4][out[worst[:4]] > 0].tolist():
            lean = (self.load[desk] - self.target[desk]) / self.target[desk]
            gives = bool(lean[np.argmax(np.abs(lean))] > 0)
            rank = (self.load / self.target - 1).max(axis=1) * (1 if gives else -1)
            others = [b for b in np.argsort(rank, kind="stable").tolist() if b != desk]
            if self._mend_with(desk, others[:12], out, gives):
                return True
        return False

    def _mend_with(self, desk: int, others: list[int], out: FloatArray, gives: bool) -> bool:
        best: tuple[float, float, int, int, int, int] | None = None
        for other in others:
            source, goal = (desk, other) if gives else (other, desk)
            found = self._single(source, goal, out) or self._swap(source, goal, out)
            if found and (best is None or found[:2] < best[:2]):
                best = (*found, source, goal)
            if best is not None and best[0] <= CLOSE:
                break
        if best is None:
            return False
        __, __, unit, back, source, goal = best
        self._move(unit, goal)
        if back >= 0:
            self._move(back, source)
        return True

    def _single(
        self, source: int, goal: int, out: FloatArray
    ) -> tuple[float, float, int, int] | None:
        units = np.flatnonzero(self.owner == source)
        units = units[self._may(units, goal)]
        if len(units) < 1 or (self.owner == source).sum() < 2:
            return None
        load = self.ground.load[units]
        after = self._pair(source, goal, load)
        return self._best(after, out[source] + out[goal], units, source, goal)

    def _pair(self, source: int, goal: int, shift: FloatArray) -> FloatArray:
        """Return (u,) what both desks would be out of bounds after shifts (u, m)."""
        total = np.zeros(len(shift))
        for desk, sign in ((source, -1.0), (goal, 1.0)):
            load = self.load[desk] + sign * shift
            over = np.maximum(load - self.upper[desk], 0) + np.maximum(self.lower[desk] - load, 0)
            over[over <= CLOSE * self.target[desk]] = 0.0
            total += (over / self.target[desk]).sum(axis=1)
        return total

    def _best(
        self, after: FloatArray, before: float, units: Numbers, source: int, goal: int
    ) -> tuple[float, float, int, int] | None:
        good = np.flatnonzero(after < before - CLOSE)
        if not len(good):
            return None
        cost = self._cost(units[good], source, goal)
        # cost for each share that is mended: cheap first, then what mends most
        rate: FloatArray = (cost + 1e-12) / (before - after[good])
        at = good[np.lexsort((units[good], after[good], rate))[0]]
        return float(after[at]), float(self._cost(units[[at]], source, goal)[0]), int(units[at]), -1

    def _swap(
        self, source: int, goal: int, out: FloatArray
    ) -> tuple[float, float, int, int] | None:
        gives, takes = np.flatnonzero(self.owner == source), np.flatnonzero(self.owner == goal)
        gives, takes = gives[self._may(gives, goal)], takes[self._may(takes, source)]
        most = 100
        gives, takes = gives[:: max(1, len(gives) // most)], takes[:: max(1, len(takes) // most)]
        if not len(gives) or not len(takes):
            return None
        ones, others = np.repeat(gives, len(takes)), np.tile(takes, len(gives))
        shift = self.ground.load[ones] - self.ground.load[others]
        after = self._pair(source, goal, shift)
        before = out[source] + out[goal]
        good = np.flatnonzero(after < before - CLOSE)
        if not len(good):
            return None
        cost = np.add(self._cost(ones[good], source, goal), self._cost(others[good], goal, source))
        at = int(np.lexsort((after[good], (cost + 1e-12) / (before - after[good])))[0])
        unit, back = int(ones[good[at]]), int(others[good[at]])
        row = self.ground.rival
        if row[unit] >= 0 or row[back] >= 0:
            return None  # rivals take part in single moves only
        return float(after[good[at]]), float(cost[at]), unit, back

    def _take_back(self) -> None:
        """Return units to whoever had them, the dearest first, where both desks stay in bounds."""
        home, stay = self.ground.home, self.ground.stay
        away = np.flatnonzero((home >= 0) & (home != self.owner) & ~self.ground.frozen)
        for unit in away[np.argsort(-stay[away], kind="stable")].tolist():
            source, goal = int(self.owner[unit]), int(home[unit])
            lone = (self.owner == source).sum() < 2
            if lone or not self._may(np.array([unit], np.int32), goal)[0]:
                continue
            shift = self.ground.load[[unit]]
            before = float(self._out(self.load)[[source, goal]].sum())
            if self._pair(source, goal, shift)[0] <= before + CLOSE:
                self._move(unit, goal)
