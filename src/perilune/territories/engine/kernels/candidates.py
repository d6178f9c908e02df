"""What may come to a territory and what may leave it: the cheapest units by the prices."""

from __future__ import annotations

import numpy as np
from numba import njit

from perilune.territories.engine.kernels.ground import may_hold, unit_cost


@njit(cache=True, nogil=True)
def _keep(units, goals, costs, reduced, held, unit, goal, cost, rank):
    """Insert a candidate into a list ordered by its reduced cost; returns the new length."""
    size = len(units)
    if held == size and rank >= reduced[size - 1]:
        return held
    at = held if held < size else size - 1
    if held < size:
        held += 1
    while at > 0 and reduced[at - 1] > rank:
        units[at], goals[at] = units[at - 1], goals[at - 1]
        costs[at], reduced[at] = costs[at - 1], reduced[at - 1]
        at -= 1
    units[at], goals[at], costs[at], reduced[at] = unit, goal, cost, rank
    return held


@njit(cache=True, nogil=True)
def candidates(ground, centres, owner, price, b, head, follow, stamp, marks, in_list, out_list):
    """Fill the lists of units that may come to b and that may leave it; returns their lengths."""
    in_units, in_goals, in_costs, in_ranks = in_list
    out_units, out_goals, out_costs, out_ranks = out_list
    # plain names: a tuple of arrays that is handed on in the inner loop costs tens of times more
    starts, links, frozen, load = ground.starts, ground.links, ground.frozen, ground.load
    points, mass, table, home, stay = (
        ground.points, ground.mass, ground.table, ground.home, ground.stay,
    )  # fmt: skip
    group, allowed, rival = ground.group, ground.allowed, ground.rival
    by_table = table.shape[0] > 0
    marks[0] += 1
    mark = marks[0]
    came, left = np.int64(0), np.int64(0)
    attributes = load.shape[1]
    unit = head[b]
    while unit >= 0:
        first, last = starts[unit], starts[unit + 1]
        for at in range(first, last):
            other = np.int64(links[at])
            a = np.int64(owner[other])
            if a == b:
                continue
            for way in range(2):  # the unit leaves b for a, the other one leaves a for b
                one, source, goal = (unit, b, a) if way == 0 else (other, a, b)
                if frozen[one] or not allowed[group[one], goal]:
                    continue
                if way == 0:
                    is_new = True
                    for before in range(first, at):
                        if owner[links[before]] == a:
                            is_new = False
                            break
                    if not is_new:
                        continue
                elif stamp[other] == mark:
                    continue
                else:
                    stamp[other] = mark
                if rival[one] >= 0 and not may_hold(ground, owner, one, goal):
                    continue
                if by_table:
                    cost = table[one, goal] - table[one, source]
                else:
                    dx, dy = points[one, 0] - centres[goal, 0], points[one, 1] - centres[goal, 1]
                    ex, ey = (
                        points[one, 0] - centres[source, 0],
                        points[one, 1] - centres[source, 1],
                    )
                    cost = mass[one] * (dx * dx + dy * dy - ex * ex - ey * ey)
                if home[one] == source:
                    cost += stay[one]
                elif home[one] == goal:
                    cost -= stay[one]
                rank = cost
                for t in range(attributes):
                    rank += load[one, t] * (price[goal, t] - price[source, t])
                if way == 0:
                    left = _keep(
                        out_units, out_goals, out_costs, out_ranks, left, unit, a, cost, rank
                    )
                else:
                    came = _keep(in_units, in_goals, in_costs, in_ranks, came, other, a, cost, rank)
        unit = follow[unit]
    return came, left


@njit(cache=True, nogil=True)
def _drawn(unit, goal, turn):
    """Return a number in [0, 1e-9) that settles ties, another one at each turn (Knuth's hash)."""
    mixed = (unit * 2654435761 + goal * 40503 + turn * 2246822519) & 0xFFFFFFFF
    mixed = ((mixed ^ (mixed >> 15)) * 2246822519) & 0xFFFFFFFF
    return 1e-9 * (mixed ^ (mixed >> 13)) / 4294967296.0


@njit(cache=True, nogil=True)
def candidates_by_place(ground, centres, owner, there, price, b, turn, in_list, out_list):
    """Fill the lists as `candidates` does, where connection is asked of places.

    What is in a place that holds a unit of b, or beside one, may come; a unit of b may leave for
    whoever is in its place or beside it. there (p, k): units by place and territory.
    Units at one point cost the same wherever they go: which of them are listed changes by turn.
    """
    in_units, in_goals, in_costs, in_ranks = in_list
    out_units, out_goals, out_costs, out_ranks = out_list
    around, near, first, members = ground.around, ground.near, ground.first, ground.members
    k, attributes = len(centres), ground.load.shape[1]
    seen = np.zeros(len(around) - 1, np.bool_)
    goals = np.zeros(k, np.bool_)
    came, left = np.int64(0), np.int64(0)
    for p in range(len(around) - 1):
        if there[p, b] == 0:
            continue
        goals[:] = False
        for at in range(around[p], around[p + 1]):
            q = near[at]
            for a in range(k):
                if there[q, a] > 0:
                    goals[a] = True
            if seen[q]:
                continue
            seen[q] = True
            for row in range(first[q], first[q + 1]):
                one = np.int64(members[row])
                source = np.int64(owner[one])
                if source == b or ground.frozen[one] or not may_hold(ground, owner, one, b):
                    continue
                cost = unit_cost(ground, centres, one, b) - unit_cost(ground, centres, one, source)
                rank = cost + _drawn(one, b, turn)
                for t in range(attributes):
                    rank += ground.load[one, t] * (price[b, t] - price[source, t])
                came = _keep(in_units, in_goals, in_costs, in_ranks, came, one, source, cost, rank)
        for row in range(first[p], first[p + 1]):
            one = np.int64(members[row])
            if owner[one] != b or ground.frozen[one]:
                continue
            now = unit_cost(ground, centres, one, b)
            for goal in range(k):
                if goal == b or not goals[goal] or not may_hold(ground, owner, one, goal):
                    continue
                cost = unit_cost(ground, centres, one, goal) - now
                rank = cost + _drawn(one, goal, turn)
                for t in range(attributes):
                    rank += ground.load[one, t] * (price[goal, t] - price[b, t])
                left = _keep(
                    out_units, out_goals, out_costs, out_ranks, left, one, goal, cost, rank
                )
    return came, left
