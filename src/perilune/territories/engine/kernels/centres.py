"""Where the centres go: seeds by bisection, balanced Lloyd rounds, regions seeded anew.

Source: balanced centroidal power diagrams, Cohen-Addad, Klein, Young (2018), arXiv 1710.03358.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from perilune.territories.engine.kernels.transport import (
    FEASIBLE,
    flow_cost,
    nearest,
    recentred,
    squared,
    transport,
)

SLOTS = 12
"""Candidates of a unit. More are looked at where they do not suffice."""


@njit(cache=True, nogil=True)
def bisected(points, load, k, tilt):
    """Cut the ground across its longer axis again and again, into k parts of equal load.

    tilt: radians added to the direction of each cut, in turn; other tilts give other seeds.
    Returns centroids (k, 2) and the part of each unit (n,).
    """
    n = len(points)
    order = np.arange(n)
    centres = np.zeros((k, 2))
    part = np.zeros(n, np.int32)
    first, last = np.zeros(2 * k, np.int64), np.zeros(2 * k, np.int64)
    parts, made = np.zeros(2 * k, np.int64), np.zeros(2 * k, np.int64)
    first[0], last[0], parts[0], made[0] = 0, n, k, 0
    held, cut = 1, 0
    while held > 0:
        held -= 1
        lo, hi, count, at = first[held], last[held], parts[held], made[held]
        total, mx, my = 0.0, 0.0, 0.0
        for place in range(lo, hi):
            unit = order[place]
            total += load[unit]
            mx += load[unit] * points[unit, 0]
            my += load[unit] * points[unit, 1]
        if total > 0.0:
            mx, my = mx / total, my / total
        if count == 1:
            centres[at, 0], centres[at, 1] = mx, my
            part[order[lo:hi]] = at
            continue
        xx, xy, yy = 0.0, 0.0, 0.0
        for place in range(lo, hi):
            unit = order[place]
            dx, dy = points[unit, 0] - mx, points[unit, 1] - my
            xx += load[unit] * dx * dx
            xy += load[unit] * dx * dy
            yy += load[unit] * dy * dy
        angle = 0.5 * np.arctan2(2.0 * xy, xx - yy) + tilt[cut % len(tilt)]
        cut += 1
        line = np.empty(hi - lo)
        for place in range(lo, hi):
            unit = order[place]
            line[place - lo] = points[unit, 0] * np.cos(angle) + points[unit, 1] * np.sin(angle)
        order[lo:hi] = order[lo:hi][np.argsort(line)]
        left = count // 2
        wanted, reached, middle = total * left / count, 0.0, lo
        while middle < hi and reached + 0.5 * load[order[middle]] < wanted:
            reached += load[order[middle]]
            middle += 1
        middle = min(max(middle, lo + left), hi - (count - left))
        first[held], last[held], parts[held], made[held] = lo, middle, left, at
        held += 1
        first[held], last[held], parts[held], made[held] = middle, hi, count - left, at + left
        held += 1
    return centres, part


@njit(cache=True, nogil=True)
def settle(points, load, centres, price, lower, upper, fixed, slots, rounds, enough):
    """Alternate balanced transport and centroids; changes centres and prices in place.

    Returns the cost of the last transport (-1.0 where there is no balance at all) and the main
    territory of each unit (n,). Stops after `rounds`, or once a round gains
    less than `enough`. fixed (k,): centres that stay.
    """
    n, k = len(points), len(centres)
    slots = min(slots, k)
    owner = np.zeros(n, np.int32)
    last = np.inf
    for turn in range(rounds):
        while True:
            candidate = nearest(points, centres, price, slots)
            cost = squared(points, centres, candidate)
            flow, status, __ = transport(load, candidate, cost, lower, upper, price, 40 * n + 1000)
            if status == FEASIBLE:
                break
            if slots == k:
                return -1.0, owner
            slots = min(k, 3 * slots)
            price[:] = 0.0
        value = flow_cost(cost, flow)
        if turn == rounds - 1 or value > last * (1.0 - enough):
            for unit in range(n):
                most = -1.0
                for slot in range(slots):
                    if flow[unit, slot] > most:
                        most = flow[unit, slot]
                        owner[unit] = candidate[unit, slot]
            return value, owner
        last = value
        moved = recentred(points, load, candidate, flow, centres)
        for a in range(k):
            if not fixed[a]:
                centres[a, :] = moved[a, :]
    return last, owner


@njit(cache=True, nogil=True)
def reseed(points, load, centres, price, owner, target, region, tilt, slots, rounds):
    """Split the ground of a region of territories anew; True where that is better and was taken.

    They settle among themselves, while the rest of the map stands still. Changes centres, prices
    and owner in place.
    """
    k, size = len(centres), len(region)
    inside = np.full(k, -1, np.int64)
    for at in range(size):
        inside[region[at]] = at
    n = len(points)
    count = 0
    for unit in range(n):
        if inside[owner[unit]] >= 0:
            count += 1
    if count < 2 * size:
        return False
    units = np.empty(count, np.int64)
    own = np.empty((count, 2))
    weight = np.empty(count)
    count = 0
    for unit in range(n):
        if inside[owner[unit]] >= 0:
            units[count] = unit
            own[count, :] = points[unit, :]
            weight[count] = load[unit]
            count += 1
    level = target[region] * (weight.sum() / target[region].sum())
    free = np.zeros(size, np.bool_)
    old_centres, old_price = centres[region].copy(), price[region].copy()
    old, __ = settle(
        own, weight, old_centres, old_price, level, level, free, slots, min(rounds, 2), 0.0
    )
    new_centres, new_price = bisected(own, weight, size, tilt)[0], np.zeros(size)
    new, part = settle(own, weight, new_centres, new_price, level, level, free, slots, rounds, 1e-3)
    if old < 0.0 or new < 0.0 or new >= old * (1.0 - 1e-4):
        return False
    for at in range(size):
        centres[region[at], :] = new_centres[at, :]
        price[region[at]] = new_price[at] + (old_price.mean() - new_price.mean())
    for at in range(count):
        owner[units[at]] = region[part[at]]
    return True


@njit(cache=True, nogil=True)
def neighbours_of(centres, at, size):
    """Return the territory and the size - 1 whose centres are nearest to its own."""
    k = len(centres)
    gap = np.empty(k)
    for other in range(k):
        dx, dy = centres[other, 0] - centres[at, 0], centres[other, 1] - centres[at, 1]
        gap[other] = dx * dx + dy * dy
    gap[at] = -1.0
    return np.argsort(gap)[:size]
