"""Several loads at once: a walk over connected plans that cools down (simulated annealing).

Where each unit counts in several loads, the plans that keep all bounds lie far apart, and a search
that only ever improves stops between them. Here one unit, or two that change places, go across a
border at a time; worse plans are taken with a chance that falls as the walk cools, while what is
out of bounds weighs more and more. The walk is a pure function of its seed.

Source: Kirkpatrick, Gelatt, Vecchi, Optimization by simulated annealing, Science 220 (1983) 671;
D'Amico, Wang, Batta, Rump, A simulated annealing approach to police district design (2002).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from perilune.territories.engine.kernels.connected import may_leave
from perilune.territories.engine.kernels.ground import centroids, loads_of, may_hold
from perilune.territories.engine.kernels.places import counted, holds_near, may_part
from perilune.territories.engine.kernels.trade import beyond

RECENTRED = 40
"""Times that the centres follow the walk."""


@njit(cache=True, nogil=True)
def _next(state):
    """Step xorshift64* (Vigna, 2016) and return a number in [0, 1)."""
    x = state[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    state[0] = x
    return float((x * np.uint64(2685821657736338717)) >> np.uint64(11)) / 9007199254740992.0


@njit(cache=True, nogil=True)
def _off(total, a, load, unit, sign, lower, upper, scale):
    """Return how far territory a is out of bounds with a unit more (1), less (-1) or as it is."""
    off = 0.0
    for t in range(total.shape[1]):
        level = total[a, t] + (sign * load[unit, t] if sign != 0 else 0.0)
        off += max(0.0, level - upper[a, t], lower[a, t] - level) / scale[a, t]
    return off


@njit(cache=True, nogil=True)
def _swapped_off(total, a, load, gone, come, lower, upper, scale):
    off = 0.0
    for t in range(total.shape[1]):
        level = total[a, t] - load[gone, t] + load[come, t]
        off += max(0.0, level - upper[a, t], lower[a, t] - level) / scale[a, t]
    return off


@njit(cache=True, nogil=True)
def _touches(starts, links, owner, unit, b, but):
    for at in range(starts[unit], starts[unit + 1]):
        if links[at] != but and owner[links[at]] == b:
            return True
    return False


@njit(cache=True, nogil=True)
def _beside(state, unit, starts, links, place, around, near, first, members):
    """Return some unit beside a unit, or itself where there is none."""
    if len(place) > 0:
        p = place[unit]
        q = near[around[p] + int(_next(state) * (around[p + 1] - around[p]))]
        return members[first[q] + int(_next(state) * (first[q + 1] - first[q]))]
    degree = starts[unit + 1] - starts[unit]
    return links[starts[unit] + int(_next(state) * degree)] if degree > 0 else np.int32(unit)


@njit(cache=True, nogil=True)
def anneal(ground, centres, fixed, owner, lower, upper, scale, heat, weight, steps, seed):
    """Walk `steps` proposals and leave the best plan met in owner and centres; in place.

    heat: first and last temperature, in cost; weight: first and last cost of a target's load out
    of bounds. Best is what is least out of bounds, then cheapest, of the plans looked at when the
    centres were moved. Returns what is out of bounds of it, summed.
    """
    n, k = len(owner), len(centres)
    starts, links, load, mass, points = (
        ground.starts, ground.links, ground.load, ground.mass, ground.points,
    )  # fmt: skip
    home, stay, frozen, group, allowed, rival = (
        ground.home, ground.stay, ground.frozen, ground.group, ground.allowed, ground.rival,
    )  # fmt: skip
    by_table, by_place = ground.table.shape[0] > 0, len(ground.place) > 0
    table, place, around, near, first, members = (
        ground.table, ground.place, ground.around, ground.near, ground.first, ground.members,
    )  # fmt: skip
    there = counted(place, first, owner, k)
    total = loads_of(ground, owner, k)
    attributes = total.shape[1]
    stamp, stack = np.zeros(n, np.int64), np.empty(n, np.int64)
    mark = 1
    state = np.array([seed], np.uint64)
    every = max(1, steps // RECENTRED)
    best_owner, best_centres = owner.copy(), centres.copy()
    best_out, best_cost = np.inf, np.inf
    temper, worth = heat[0], weight[0]
    less, same, more = np.int64(-1), np.int64(0), np.int64(1)
    for step in range(steps + 1):
        if step % every == 0:
            out = beyond(total, lower, upper, scale).sum()
            if not by_table:
                moved = centroids(ground, owner, centres)
                for at in range(k):
                    if not fixed[at]:
                        centres[at, :] = moved[at, :]
            cost = 0.0
            for unit in range(n):
                a = owner[unit]
                if by_table:
                    cost += table[unit, a]
                else:
                    dx, dy = points[unit, 0] - centres[a, 0], points[unit, 1] - centres[a, 1]
                    cost += mass[unit] * (dx * dx + dy * dy)
                if home[unit] >= 0 and home[unit] != a:
                    cost += stay[unit]
            if out < best_out - 1e-12 or (out <= best_out + 1e-12 and cost < best_cost):
                best_out, best_cost = out, cost
                best_owner[:] = owner
                best_centres[:, :] = centres
            done = step / steps
            temper = heat[0] * (heat[1] / heat[0]) ** done
            worth = weight[0] * (weight[1] / weight[0]) ** done
        u = int(_next(state) * n)
        if frozen[u]:
            continue
        a = np.int64(owner[u])
        v = np.int64(_beside(state, u, starts, links, place, around, near, first, members))
        b = np.int64(owner[v])
        if a == b or not allowed[group[u], b]:
            continue
        swap = _next(state) < 0.5
        w = np.int64(-1)
        if swap:
            w = v
            for __ in range(2):  # a little further into the neighbour
                x = _beside(state, w, starts, links, place, around, near, first, members)
                if owner[x] == b:
                    w = np.int64(x)
            if frozen[w] or not allowed[group[w], a]:
                continue
        change = 0.0
        for part in range(2 if swap else 1):
            one, source, goal = (u, a, b) if part == 0 else (w, b, a)
            if by_table:
                change += table[one, goal] - table[one, source]
            else:
                x1, y1 = points[one, 0] - centres[goal, 0], points[one, 1] - centres[goal, 1]
                x0, y0 = points[one, 0] - centres[source, 0], points[one, 1] - centres[source, 1]
                change += mass[one] * (x1 * x1 + y1 * y1 - x0 * x0 - y0 * y0)
            if home[one] == source:
                change += stay[one]
            elif home[one] == goal:
                change -= stay[one]
        before = _off(total, a, load, u, same, lower, upper, scale) + _off(
            total, b, load, u, same, lower, upper, scale
        )
        if swap:
            after = _swapped_off(total, a, load, u, w, lower, upper, scale) + _swapped_off(
                total, b, load, w, u, lower, upper, scale
            )
        else:
            after = _off(total, a, load, u, less, lower, upper, scale) + _off(
                total, b, load, u, more, lower, upper, scale
            )
        change += worth * (after - before)
        if change > 0.0 and _next(state) >= np.exp(-change / temper):
            continue
        if rival[u] >= 0 and not may_hold(ground, owner, u, b):
            continue
        mark += 2
        if by_place:
            if not may_part(around, near, there, place[u], a, stamp, mark, stack):
                continue
            there[place[u], a] -= 1
            there[place[u], b] += 1
        elif not may_leave(starts, links, owner, u, stamp, mark, stack):
            continue
        owner[u] = b
        if swap:
            mark += 2
            if by_place:
                may = holds_near(around, near, there, place[w], a) and may_part(
                    around, near, there, place[w], b, stamp, mark, stack
                )
            else:
                may = _touches(starts, links, owner, w, a, u) and may_leave(
                    starts, links, owner, w, stamp, mark, stack
                )
            if not may or (rival[w] >= 0 and not may_hold(ground, owner, w, a)):
                owner[u] = a
                if by_place:
                    there[place[u], b] -= 1
                    there[place[u], a] += 1
                continue
            owner[w] = a
            if by_place:
                there[place[w], b] -= 1
                there[place[w], a] += 1
        for t in range(attributes):
            total[a, t] -= load[u, t]
            total[b, t] += load[u, t]
            if swap:
                total[a, t] += load[w, t]
                total[b, t] -= load[w, t]
    owner[:] = best_owner
    centres[:, :] = best_centres
    return best_out
