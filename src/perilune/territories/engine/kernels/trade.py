"""Trade across borders: units shift, swap and pass on, while loads and connection hold.

One, two or three units that come to a territory or leave it make a move: a shift, a swap, two for
one, a chain over three territories. It is taken where it lowers the cost plus what the loads out of
bounds weigh. That weight grows where a territory stays out of bounds (breakout search), so that its
neighbours pass its surplus on. Lists of candidates are cut to the cheapest by the prices.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from perilune.territories.engine.kernels.candidates import candidates, candidates_by_place
from perilune.territories.engine.kernels.connected import may_go
from perilune.territories.engine.kernels.ground import loads_of, may_hold
from perilune.territories.engine.kernels.places import counted, holds_near

KEPT = 12
"""Best moves that are tried in turn, as connection or company may refuse the first."""


@njit(cache=True, nogil=True)
def beyond(total, lower, upper, scale):
    """Return (k,) how far each territory is out of bounds, as a share of its target."""
    k, attributes = total.shape
    found = np.zeros(k)
    for a in range(k):
        for t in range(attributes):
            found[a] += max(0.0, total[a, t] - upper[a, t], lower[a, t] - total[a, t]) / scale[a, t]
            if found[a] < 1e-12:
                found[a] = 0.0
    return found


@njit(cache=True, nogil=True)
def _merit(moves, count, b, load, total, lower, upper, scale, out, worth, state, who):
    """Return what the balance costs more after `count` moves (unit, other side, +1 in, -1 out)."""
    attributes = total.shape[1]
    state[:, :] = 0.0
    who[0] = b
    held = 1
    for at in range(count):
        unit, other, sign = moves[at, 0], moves[at, 1], moves[at, 2]
        place = 1
        while place < held and who[place] != other:
            place += 1
        if place == held:
            who[held] = other
            held += 1
        for t in range(attributes):
            state[0, t] += sign * load[unit, t]
            state[place, t] -= sign * load[unit, t]
    merit = 0.0
    for place in range(held):
        a = who[place]
        extra = 0.0
        for t in range(attributes):
            level = total[a, t] + state[place, t]
            extra += max(0.0, level - upper[a, t], lower[a, t] - level) / scale[a, t]
        if extra < 1e-12:
            extra = 0.0
        merit += worth[a] * (extra - out[a])
    return merit


@njit(cache=True, nogil=True)
def _relink(unit, a, b, head, follow, before):
    if before[unit] >= 0:
        follow[before[unit]] = follow[unit]
    else:
        head[a] = follow[unit]
    if follow[unit] >= 0:
        before[follow[unit]] = before[unit]
    follow[unit], before[unit] = head[b], -1
    if head[b] >= 0:
        before[head[b]] = unit
    head[b] = unit


@njit(cache=True, nogil=True)
def _moved(ground, owner, there, unit, b, total, head, follow, before, stamp, marks, stack):
    """Move a unit if that leaves both sides connected; False where it does not."""
    a = owner[unit]
    by_place = len(ground.place) > 0
    touches = False
    if by_place:
        touches = holds_near(ground.around, ground.near, there, ground.place[unit], b)
    else:
        for at in range(ground.starts[unit], ground.starts[unit + 1]):
            if owner[ground.links[at]] == b:
                touches = True
                break
    if not touches or not may_hold(ground, owner, unit, b):
        return False
    marks[0] += 2
    if not may_go(ground, owner, there, unit, stamp, marks[0] - 1, stack):
        return False
    owner[unit] = b
    if by_place:
        there[ground.place[unit], a] -= 1
        there[ground.place[unit], b] += 1
    for t in range(ground.load.shape[1]):
        total[a, t] -= ground.load[unit, t]
        total[b, t] += ground.load[unit, t]
    _relink(unit, a, b, head, follow, before)
    return True


@njit(cache=True, nogil=True)
def _back(ground, owner, there, unit, a, total, head, follow, before):
    b = owner[unit]
    owner[unit] = a
    if len(ground.place) > 0:
        there[ground.place[unit], b] -= 1
        there[ground.place[unit], a] += 1
    for t in range(ground.load.shape[1]):
        total[b, t] -= ground.load[unit, t]
        total[a, t] += ground.load[unit, t]
    _relink(unit, b, a, head, follow, before)


@njit(cache=True, nogil=True)
def _rank(best, choice, kept, merit, moves, count):
    """Insert a move into the best ones; returns how many there are."""
    if kept == KEPT and merit >= best[KEPT - 1]:
        return kept
    at = kept if kept < KEPT else KEPT - 1
    if kept < KEPT:
        kept += 1
    while at > 0 and best[at - 1] > merit:
        best[at] = best[at - 1]
        choice[at] = choice[at - 1]
        at -= 1
    best[at] = merit
    choice[at, :, 0] = -1
    for one in range(count):
        choice[at, one] = moves[one]
    return kept


@njit(cache=True, nogil=True)
def _explore(
    load, b, listed, costs, count, deep, total, lower, upper, scale, out, worth, best, choice
):
    """Rank all single moves and pairs, and triples of the first `deep`, around territory b."""
    attributes = total.shape[1]
    state = np.zeros((4, attributes))
    who = np.zeros(4, np.int64)
    moves = np.zeros((3, 3), np.int64)
    kept, alone, pair, triple = np.int64(0), np.int64(1), np.int64(2), np.int64(3)
    relief = 0.0  # what this neighbourhood can win by balance at most
    for x in range(count):
        relief = max(relief, worth[listed[x, 1]] * out[listed[x, 1]])
    relief = 3.0 * relief + worth[b] * out[b]
    for x in range(count):
        moves[0] = listed[x]
        if costs[x] < relief:
            merit = costs[x] + _merit(
                moves, alone, b, load, total, lower, upper, scale, out, worth, state, who
            )
            if merit < -1e-9:
                kept = _rank(best, choice, kept, merit, moves, alone)
        for y in range(x + 1, count):
            cost = costs[x] + costs[y]
            if listed[x, 0] == listed[y, 0]:
                continue
            moves[1] = listed[y]
            if cost < relief:
                merit = cost + _merit(
                    moves, pair, b, load, total, lower, upper, scale, out, worth, state, who
                )
                if merit < -1e-9:
                    kept = _rank(best, choice, kept, merit, moves, pair)
            if x >= deep or y >= deep:
                continue
            for z in range(y + 1, min(deep, count)):
                if cost + costs[z] >= relief:
                    continue
                if listed[z, 0] == listed[x, 0] or listed[z, 0] == listed[y, 0]:
                    continue
                moves[2] = listed[z]
                merit = (
                    cost
                    + costs[z]
                    + _merit(
                        moves, triple, b, load, total, lower, upper, scale, out, worth, state, who
                    )
                )
                if merit < -1e-9:
                    kept = _rank(best, choice, kept, merit, moves, triple)
    return kept


@njit(cache=True, nogil=True)
def trade(ground, centres, owner, price, lower, upper, scale, worth, width, deep, sweeps):
    """Search at fixed centres; changes owner in place. Returns the number of moves taken.

    price (k, m) a unit of load; lower, upper, scale (k, m); worth (k,): the cost that one target's
    load out of bounds weighs as much as; width: candidates a list; deep: those tried by threes.
    """
    n, k = len(owner), len(centres)
    total = loads_of(ground, owner, k)
    head = np.full(k, -1, np.int64)
    follow, before = np.full(n, -1, np.int64), np.full(n, -1, np.int64)
    for unit in range(n - 1, -1, -1):
        a = owner[unit]
        follow[unit] = head[a]
        if head[a] >= 0:
            before[head[a]] = unit
        head[a] = unit
    stamp = np.zeros(n, np.int64)
    marks = np.ones(1, np.int64)
    stack = np.empty(n, np.int64)
    in_list = (
        np.empty(width, np.int64), np.empty(width, np.int64), np.empty(width), np.empty(width),
    )  # fmt: skip
    out_list = (
        np.empty(width, np.int64), np.empty(width, np.int64), np.empty(width), np.empty(width),
    )  # fmt: skip
    listed = np.empty((2 * width, 3), np.int64)
    costs = np.empty(2 * width)
    best = np.empty(KEPT)
    choice = np.empty((KEPT, 3, 3), np.int64)
    out = beyond(total, lower, upper, scale)
    by_place = len(ground.place) > 0
    there = counted(ground.place, ground.first, owner, k)
    dirty = np.ones(k, np.bool_)
    taken, turn = 0, np.int64(0)
    for __ in range(sweeps):
        before_sweep = taken
        for b in range(k):
            if not dirty[b]:
                continue
            dirty[b] = False
            for ___ in range(100):
                if by_place:
                    came, left = candidates_by_place(
                        ground, centres, owner, there, price, b, turn, in_list, out_list
                    )
                    turn += 1
                else:
                    came, left = candidates(
                        ground, centres, owner, price, b, head, follow, stamp, marks, in_list,
                        out_list,
                    )  # fmt: skip
                count, x, y = 0, 0, 0
                while x < came or y < left:  # one list by rising reduced cost
                    if y >= left or (x < came and in_list[3][x] <= out_list[3][y]):
                        listed[count, 0], listed[count, 1] = in_list[0][x], in_list[1][x]
                        listed[count, 2], costs[count] = 1, in_list[2][x]
                        x += 1
                    else:
                        listed[count, 0], listed[count, 1] = out_list[0][y], out_list[1][y]
                        listed[count, 2], costs[count] = -1, out_list[2][y]
                        y += 1
                    count += 1
                kept = _explore(
                    ground.load, b, listed, costs, count, deep, total, lower, upper, scale, out,
                    worth, best, choice,
                )  # fmt: skip
                done = False
                for at in range(kept):
                    made = 0
                    while made < 3 and choice[at, made, 0] >= 0:
                        unit, other, sign = choice[at, made]
                        if not _moved(
                            ground, owner, there, unit, b if sign > 0 else other, total, head,
                            follow, before, stamp, marks, stack,
                        ):  # fmt: skip
                            break
                        made += 1
                    if made == 3 or choice[at, made, 0] < 0:
                        for one in range(made):
                            dirty[choice[at, one, 1]] = True
                        done = True
                        break
                    while made > 0:
                        made -= 1
                        unit, other, sign = choice[at, made]
                        _back(
                            ground, owner, there, unit, other if sign > 0 else b, total, head,
                            follow, before,
                        )  # fmt: skip
                if not done:
                    break
                taken += 1
                out = beyond(total, lower, upper, scale)
                for at in range(count):
                    dirty[listed[at, 1]] = True
        if taken == before_sweep:
            break
    return taken


@njit(cache=True, nogil=True)
def balance(ground, centres, owner, price, lower, upper, scale, base, width, deep, rounds):
    """Trade with growing weights until all loads are in bounds; True once they are. In place.

    base: the weight to begin with. What was out of bounds after a round weighs more in the next.
    """
    k = len(centres)
    worth = np.full(k, base)
    for turn in range(rounds):
        # where the cheapest candidates are all held back by connection, others must be looked at
        look = width * (4 if turn >= 24 else 2 if turn >= 12 else 1)
        trade(ground, centres, owner, price, lower, upper, scale, worth, look, deep, 20)
        out = beyond(loads_of(ground, owner, k), lower, upper, scale)
        if out.sum() == 0.0:
            return True
        for a in range(k):
            worth[a] *= 2.0 if out[a] > 0.0 else 1.1
    return False
