"""Connection asked of places: accounts of one town count as one node of the neighbour graph.

A territory is then connected if the places where it holds a unit hang together, so that a town
shared by several territories cuts off none of them. `count` (p, k) says how many units each
territory holds in each place; it is (0, 0) where connection is asked of units.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def counted(place, first, owner, k):
    """Return count (p, k); (0, 0) where no places are given."""
    if len(place) == 0:
        return np.zeros((0, 0), np.int32)
    count = np.zeros((len(first) - 1, k), np.int32)
    for unit in range(len(owner)):
        count[place[unit], owner[unit]] += 1
    return count


@njit(cache=True, nogil=True)
def holds_near(around, near, count, p, b):
    """Tell whether territory b holds a unit in place p or in one beside it."""
    for at in range(around[p], around[p + 1]):  # noqa: SIM110  # compiled, a loop it stays
        if count[near[at], b] > 0:
            return True
    return False


@njit(cache=True, nogil=True)
def may_part(around, near, count, p, a, stamp, mark, stack):
    """Tell whether territory a stays connected with a unit less in place p.

    stamp (at least p,) is below mark wherever it was not set by this call. False where the unit is
    the last one of the territory.
    """
    if count[p, a] > 1:
        return True
    friends, seed = 0, -1
    for at in range(around[p], around[p + 1]):
        q = near[at]
        if q != p and count[q, a] > 0:
            friends += 1
            seed = q
            stamp[q] = mark
    if friends <= 1:
        return friends == 1
    seen = mark + 1
    stamp[p] = seen
    stamp[seed] = seen
    stack[0] = seed
    held, reached = 1, 1
    while held > 0:
        held -= 1
        here = stack[held]
        for at in range(around[here], around[here + 1]):
            q = near[at]
            if count[q, a] == 0 or stamp[q] == seen:
                continue
            if stamp[q] == mark:
                reached += 1
                if reached == friends:
                    return True
            stamp[q] = seen
            stack[held] = q
            held += 1
    return False


@njit(cache=True, nogil=True)
def parts_by_place(around, near, place, owner, count):
    """Return the connected part of each unit (n,) and the number of parts."""
    n, k = len(owner), count.shape[1]
    node = np.full((len(around) - 1, k), -1, np.int32)
    part = np.empty(n, np.int64)
    stack = np.empty(len(around), np.int64)
    found = 0
    for unit in range(n):
        a = owner[unit]
        if node[place[unit], a] < 0:
            node[place[unit], a] = found
            stack[0] = place[unit]
            held = 1
            while held > 0:
                held -= 1
                here = stack[held]
                for at in range(around[here], around[here + 1]):
                    q = near[at]
                    if count[q, a] > 0 and node[q, a] < 0:
                        node[q, a] = found
                        stack[held] = q
                        held += 1
            found += 1
        part[unit] = node[place[unit], a]
    return part, found
