"""Connected territories: parts of a plan, fragments handed over, and whether a unit may leave."""

from __future__ import annotations

import numpy as np
from numba import njit

from perilune.territories.engine.kernels.ground import may_hold, unit_cost
from perilune.territories.engine.kernels.places import counted, may_part, parts_by_place

LOOKED_AT = 400
"""Units of a territory that are walked before a departure counts as unsafe."""


@njit(cache=True, nogil=True)
def parts_of(starts, links, owner):
    """Return the connected part of each unit (n,) and the number of parts."""
    n = len(owner)
    part = np.full(n, -1, np.int64)
    stack = np.empty(n, np.int64)
    count = 0
    for first in range(n):
        if part[first] >= 0:
            continue
        part[first] = count
        stack[0] = first
        held = 1
        while held > 0:
            held -= 1
            unit = stack[held]
            for at in range(starts[unit], starts[unit + 1]):
                other = links[at]
                if part[other] < 0 and owner[other] == owner[unit]:
                    part[other] = count
                    stack[held] = other
                    held += 1
        count += 1
    return part, count


@njit(cache=True, nogil=True)
def main_parts(part, count, owner, mass, k):
    """Return the heaviest part of each territory (k,), -1 where it is empty."""
    weight = np.zeros(count)
    size = np.zeros(count)
    territory = np.zeros(count, np.int64)
    for unit in range(len(owner)):
        weight[part[unit]] += mass[unit]
        size[part[unit]] += 1.0
        territory[part[unit]] = owner[unit]
    best = np.full(k, -1, np.int64)
    for at in range(count):
        a = territory[at]
        if best[a] < 0 or (weight[at], size[at]) > (weight[best[a]], size[best[a]]):
            best[a] = at
    return best


@njit(cache=True, nogil=True)
def parts_in(ground, owner, held):
    """Return the connected part of each unit (n,) and the number of parts.

    held: units by place and territory, (0, 0) where connection is asked of units.
    """
    if len(ground.place) > 0:
        return parts_by_place(ground.around, ground.near, ground.place, owner, held)
    return parts_of(ground.starts, ground.links, owner)


@njit(cache=True, nogil=True)
def cut_off(ground, owner, k):
    """Return (n,) True for units outside the heaviest part of their territory."""
    part, count = parts_in(ground, owner, counted(ground.place, ground.first, owner, k))
    best = main_parts(part, count, owner, ground.mass, k)
    found = np.zeros(len(owner), np.bool_)
    for unit in range(len(owner)):
        found[unit] = part[unit] != best[owner[unit]]
    return found


@njit(cache=True, nogil=True)
def absorb(ground, centres, owner, rounds):
    """Hand each fragment to the neighbouring territory where it costs least; in place.

    A fragment that holds a locked unit stays. Returns the number of units outside their territory
    that are left.
    """
    n, k = len(owner), len(centres)
    left = 0
    by_place = len(ground.place) > 0
    for __ in range(rounds):
        there = counted(ground.place, ground.first, owner, k)
        part, count = parts_in(ground, owner, there)
        best = main_parts(part, count, owner, ground.mass, k)
        order = np.argsort(part, kind="mergesort")
        moved = False
        left = 0
        first = 0
        while first < n:
            last = first
            while last < n and part[order[last]] == part[order[first]]:
                last += 1
            a = owner[order[first]]
            if best[a] != part[order[first]]:
                held = False
                for at in range(first, last):
                    held = held or ground.frozen[order[at]]
                chosen, least = -1, np.inf
                if not held:
                    beside = np.zeros(k, np.bool_)
                    for at in range(first, last):
                        unit = order[at]
                        if by_place:
                            p = ground.place[unit]
                            for place in range(ground.around[p], ground.around[p + 1]):
                                for b in range(k):
                                    if there[ground.near[place], b] > 0:
                                        beside[b] = True
                        else:
                            for place in range(ground.starts[unit], ground.starts[unit + 1]):
                                beside[owner[ground.links[place]]] = True
                    for b in range(k):
                        if b == a or not beside[b]:
                            continue
                        cost = 0.0
                        for member in range(first, last):
                            one = order[member]
                            cost += unit_cost(ground, centres, one, b)
                            if not may_hold(ground, owner, one, b):
                                cost = np.inf
                            if cost >= least:
                                break
                        if cost < least:
                            least, chosen = cost, b
                if chosen >= 0:
                    for at in range(first, last):
                        owner[order[at]] = chosen
                        if by_place:
                            there[ground.place[order[at]], a] -= 1
                            there[ground.place[order[at]], chosen] += 1
                    moved = True
                left += last - first
            first = last
        if not moved:
            break
    return left


@njit(cache=True, nogil=True)
def may_leave(starts, links, owner, unit, stamp, mark, stack):
    """Tell whether the rest of its territory stays connected without a unit.

    First its neighbours among themselves, then a walk of at most LOOKED_AT units: a territory that
    holds together only far away counts as not safe. stamp (n,) and mark save clearing; mark must
    be new at each call.
    """
    a = owner[unit]
    friends, seed = 0, -1
    for at in range(starts[unit], starts[unit + 1]):
        if owner[links[at]] == a:
            stamp[links[at]] = mark
            friends += 1
            seed = links[at]
    if friends == 0:
        return False
    if friends == 1:
        return True
    stamp[unit] = -mark
    stack[0] = seed
    stamp[seed] = -mark
    held, found, walked = 1, 1, 0
    # a walk along the neighbours first: it settles nearly all cases in a handful of steps
    while held > 0:
        held -= 1
        at_unit = stack[held]
        for at in range(starts[at_unit], starts[at_unit + 1]):
            other = links[at]
            if stamp[other] == mark:
                stamp[other] = -mark
                found += 1
                stack[held] = other
                held += 1
    if found == friends:
        return True
    seen = mark + 1
    stamp[unit] = seen
    stamp[seed] = seen
    stack[0] = seed
    held, first, reached = 1, 0, 1
    while first < held and walked < LOOKED_AT:
        at_unit = stack[first]
        first += 1
        walked += 1
        for at in range(starts[at_unit], starts[at_unit + 1]):
            other = links[at]
            if owner[other] != a or stamp[other] == seen:
                continue
            if stamp[other] == mark or stamp[other] == -mark:
                reached += 1
                if reached == friends:
                    return True
            stamp[other] = seen
            stack[held] = other
            held += 1
    return False


@njit(cache=True, nogil=True)
def may_go(ground, owner, there, unit, stamp, mark, stack):
    """Tell whether the rest of its territory stays connected without a unit; see `may_leave`."""
    if len(ground.place) > 0:
        return may_part(
            ground.around, ground.near, there, ground.place[unit], owner[unit], stamp, mark, stack
        )
    return may_leave(ground.starts, ground.links, owner, unit, stamp, mark, stack)
