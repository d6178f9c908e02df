"""What one unit in one territory costs, and sums over plans."""

from __future__ import annotations

import numpy as np
from numba import njit

from perilune.territories.engine.ground import FloatArray, Ground, IntArray


@njit(cache=True, nogil=True)
def unit_cost(ground, centres, unit, b):
    """Return what a unit costs in territory b."""
    if ground.table.shape[0] > 0:
        cost = ground.table[unit, b]
    else:
        dx = ground.points[unit, 0] - centres[b, 0]
        dy = ground.points[unit, 1] - centres[b, 1]
        cost = ground.mass[unit] * (dx * dx + dy * dy)
    if ground.home[unit] >= 0 and ground.home[unit] != b:
        cost += ground.stay[unit]
    return cost


@njit(cache=True, nogil=True)
def may_hold(ground, owner, unit, b):
    """Tell whether territory b may take a unit: eligibility and forbidden company."""
    if not ground.allowed[ground.group[unit], b]:
        return False
    at = ground.rival[unit]
    if at >= 0:
        while ground.rivals[at] >= 0:
            if owner[ground.rivals[at]] == b:
                return False
            at += 1
    return True


def plan_cost(ground: Ground, centres: FloatArray, owner: IntArray) -> float:
    """Return the cost of a plan at given centres."""
    # handing over the whole tuple of arrays would take longer than the sum of a small plan
    return float(
        _plan_cost(
            ground.points, ground.mass, ground.table, ground.home, ground.stay, centres, owner
        )
    )


@njit(cache=True, nogil=True)
def _plan_cost(points, mass, table, home, stay, centres, owner):
    total = 0.0
    for unit in range(len(owner)):
        b = owner[unit]
        if table.shape[0] > 0:
            total += table[unit, b]
        else:
            dx, dy = points[unit, 0] - centres[b, 0], points[unit, 1] - centres[b, 1]
            total += mass[unit] * (dx * dx + dy * dy)
        if home[unit] >= 0 and home[unit] != b:
            total += stay[unit]
    return total


@njit(cache=True, nogil=True)
def centroids(ground, owner, centres):
    """Return (k, 2) mass-weighted means; a territory without mass keeps its centre."""
    k = len(centres)
    moved = np.zeros((k, 2))
    total = np.zeros(k)
    for unit in range(len(owner)):
        a = owner[unit]
        total[a] += ground.mass[unit]
        moved[a, 0] += ground.mass[unit] * ground.points[unit, 0]
        moved[a, 1] += ground.mass[unit] * ground.points[unit, 1]
    for a in range(k):
        if total[a] > 0.0:
            moved[a, 0] /= total[a]
            moved[a, 1] /= total[a]
        else:
            moved[a, :] = centres[a, :]
    return moved


@njit(cache=True, nogil=True)
def loads_of(ground, owner, k):
    """Return (k, m) loads of a plan."""
    total = np.zeros((k, ground.load.shape[1]))
    for unit in range(len(owner)):
        for t in range(ground.load.shape[1]):
            total[owner[unit], t] += ground.load[unit, t]
    return total
