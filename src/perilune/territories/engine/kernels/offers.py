"""What each unit is offered: its cheapest territories with their cost."""

from __future__ import annotations

import numpy as np
from numba import njit

from perilune.territories.engine.kernels.ground import unit_cost


@njit(cache=True, nogil=True)
def offers(ground, centres, price, slots):
    """Return candidate (n, s) and cost (n, s) a unit of the first load, cheapest first.

    price (k, m); those of the other attributes are part of the cost. The present holder of a unit
    is always among its candidates, a locked unit has no other; s is slots, or one more where there
    are holders.
    """
    n, k = len(ground.mass), len(centres)
    attributes = ground.load.shape[1]
    # plain names: a tuple of arrays that is taken apart in the inner loop costs tens of times more
    points, mass, load, table = ground.points, ground.mass, ground.load, ground.table
    allowed, stay = ground.allowed, ground.stay
    by_table = table.shape[0] > 0
    slots = min(slots, k)
    has_home = False
    for unit in range(n):
        if ground.home[unit] >= 0:
            has_home = True
            break
    width = slots + 1 if has_home and slots < k else slots
    candidate = np.full((n, width), -1, np.int32)
    cost = np.zeros((n, width))
    rank = np.empty(slots)
    for unit in range(n):
        first = ground.load[unit, 0]
        home = ground.home[unit]
        if ground.frozen[unit]:
            candidate[unit, 0] = home
            cost[unit, 0] = unit_cost(ground, centres, unit, home) / first if first > 0.0 else 0.0
            continue
        held = 0
        group, x, y, weight = ground.group[unit], points[unit, 0], points[unit, 1], mass[unit]
        for b in range(k):
            if not allowed[group, b]:
                continue
            if by_table:
                value = table[unit, b]
            else:
                dx, dy = x - centres[b, 0], y - centres[b, 1]
                value = weight * (dx * dx + dy * dy)
            if home >= 0 and home != b:
                value += stay[unit]
            for t in range(1, attributes):
                value += price[b, t] * load[unit, t]
            ordered = value + price[b, 0] * first
            if held == slots and ordered >= rank[slots - 1]:
                continue
            at = held if held < slots else slots - 1
            if held < slots:
                held += 1
            while at > 0 and rank[at - 1] > ordered:
                rank[at] = rank[at - 1]
                candidate[unit, at], cost[unit, at] = candidate[unit, at - 1], cost[unit, at - 1]
                at -= 1
            rank[at] = ordered
            candidate[unit, at], cost[unit, at] = b, value
        if home >= 0 and width > slots and ground.allowed[ground.group[unit], home]:
            listed = False
            for slot in range(slots):
                listed = listed or candidate[unit, slot] == home
            if not listed:
                candidate[unit, slots] = home
                cost[unit, slots] = unit_cost(ground, centres, unit, home)
                for t in range(1, attributes):
                    cost[unit, slots] += price[home, t] * ground.load[unit, t]
        if first > 0.0:
            for slot in range(width):
                cost[unit, slot] /= first
    return candidate, cost


@njit(cache=True, nogil=True)
def mainly(candidate, flow):
    """Return (n,) the territory that takes most of each unit, the cheapest for weightless ones."""
    n, slots = candidate.shape
    owner = np.empty(n, np.int32)
    for unit in range(n):
        most = -1.0
        for slot in range(slots):
            if candidate[unit, slot] >= 0 and flow[unit, slot] > most:
                most = flow[unit, slot]
                owner[unit] = candidate[unit, slot]
    return owner


@njit(cache=True, nogil=True)
def bound_at(ground, centres, price, lower, upper):
    """Return the Lagrangian bound of the programme at these centres, for any prices (k, m)."""
    n, k = len(ground.mass), len(centres)
    attributes = ground.load.shape[1]
    points, mass, load, table = ground.points, ground.mass, ground.load, ground.table
    allowed, stay = ground.allowed, ground.stay
    by_table = table.shape[0] > 0
    bound = 0.0
    for unit in range(n):
        best = np.inf
        home, locked, group = ground.home[unit], ground.frozen[unit], ground.group[unit]
        x, y, weight = points[unit, 0], points[unit, 1], mass[unit]
        for b in range(k):
            if (locked and b != home) or (not locked and not allowed[group, b]):
                continue
            if by_table:
                value = table[unit, b]
            else:
                dx, dy = x - centres[b, 0], y - centres[b, 1]
                value = weight * (dx * dx + dy * dy)
            if home >= 0 and home != b:
                value += stay[unit]
            for t in range(attributes):
                value += price[b, t] * load[unit, t]
            if value < best:
                best = value
        bound += best
    for b in range(k):
        for t in range(attributes):
            bound -= price[b, t] * (upper[b, t] if price[b, t] > 0.0 else lower[b, t])
    return bound
