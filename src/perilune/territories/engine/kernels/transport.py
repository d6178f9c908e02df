"""Balanced transport at fixed centres: the linear programme and its prices, exactly.

Every unit sends its load to one of its candidate territories, a territory takes between `lower` and
`upper`, and the sum of load times cost is least. The kernel starts from prices nearly right (those
of the centres a moment ago), lets each unit take its cheapest territory at these prices, and
repairs what is then unbalanced along shortest paths between territories. At most a few units end
up split between two territories, as in any vertex of this programme.

Source: successive shortest paths with potentials, Ahuja, Magnanti, Orlin, Network Flows (1993),
9.7, on the graph whose nodes are the territories and one sink for the slack of the tolerance.
"""

from __future__ import annotations

import numpy as np
from numba import njit

FEASIBLE, BLOCKED, UNFINISHED = 0, 1, 2


@njit(cache=True, nogil=True)
def _scan(a, head, follow, slots, candidate, cost, key, carrier):
    """Find for territory a the cheapest unit to hand to each other one."""
    key[a, :] = np.inf
    node = head[a]
    while node >= 0:
        unit = node // slots
        base = cost[unit, node - unit * slots]
        for slot in range(slots):
            b = candidate[unit, slot]
            if b >= 0 and b != a:
                change = cost[unit, slot] - base
                if change < key[a, b]:
                    key[a, b] = change
                    carrier[a, b] = unit * slots + slot
        node = follow[node]


@njit(cache=True, nogil=True)
def _link(node, a, head, follow, before):
    first = head[a]
    follow[node] = first
    before[node] = -1
    if first >= 0:
        before[first] = node
    head[a] = node


@njit(cache=True, nogil=True)
def _unlink(node, a, head, follow, before):
    if before[node] >= 0:
        follow[before[node]] = follow[node]
    else:
        head[a] = follow[node]
    if follow[node] >= 0:
        before[follow[node]] = before[node]


@njit(cache=True, nogil=True)
def _offer(unit, own, a, slots, candidate, cost, key, carrier):
    """Let a unit that has just come to a be one that a can hand on."""
    base = cost[unit, own]
    for slot in range(slots):
        b = candidate[unit, slot]
        if b >= 0 and b != a and cost[unit, slot] - base < key[a, b]:
            key[a, b] = cost[unit, slot] - base
            carrier[a, b] = unit * slots + slot


@njit(cache=True, nogil=True)
def _path(start, k, key, price, out, lower, upper, excess, tiny, distance, parent, settled):
    """Dijkstra from a node with too much to the nearest with too little; -1: there is none."""
    sink = k
    distance[:] = np.inf
    settled[:] = False
    distance[start] = 0.0
    while True:
        at, nearest = -1, np.inf
        for node in range(k + 1):
            if not settled[node] and distance[node] < nearest:
                nearest = distance[node]
                at = node
        if at < 0:
            return -1
        settled[at] = True
        if excess[at] < -tiny:
            return at
        if at == sink:
            for b in range(k):
                if not settled[b] and out[b] > lower[b] + tiny:
                    reach = nearest + max(0.0, price[b] - price[sink])
                    if reach < distance[b]:
                        distance[b] = reach
                        parent[b] = sink
            continue
        for b in range(k):
            if not settled[b] and key[at, b] < np.inf:
                reach = nearest + max(0.0, key[at, b] + price[b] - price[at])
                if reach < distance[b]:
                    distance[b] = reach
                    parent[b] = at
        if not settled[sink] and out[at] < upper[at] - tiny:
            reach = nearest + max(0.0, price[sink] - price[at])
            if reach < distance[sink]:
                distance[sink] = reach
                parent[sink] = at


@njit(cache=True, nogil=True)
def transport(load, candidate, cost, lower, upper, price, limit):
    """Balance at fixed centres; `price` (k,) is changed in place to the dual prices.

    load (n,) >= 0; candidate (n, s) int32 territories, -1 for none; cost (n, s) a unit of load;
    lower, upper (k,). Returns flow (n, s) of load, status, and the territory that blocks or -1.
    A price above 0 says that the territory is full, one below 0 that it is at its least.
    """
    n, slots = candidate.shape
    k = len(lower)
    sink = k
    flow = np.zeros((n, slots))
    head = np.full(k, -1, np.int64)
    follow = np.full(n * slots, -1, np.int64)
    before = np.full(n * slots, -1, np.int64)
    linked = np.zeros(n * slots, np.bool_)
    total = np.zeros(k)
    for unit in range(n):
        best, own = np.inf, -1
        for slot in range(slots):
            b = candidate[unit, slot]
            if b >= 0 and cost[unit, slot] + price[b] < best:
                best = cost[unit, slot] + price[b]
                own = slot
        flow[unit, own] = load[unit]
        if load[unit] > 0.0:
            a = candidate[unit, own]
            total[a] += load[unit]
            _link(unit * slots + own, np.int64(a), head, follow, before)
            linked[unit * slots + own] = True
    whole = total.sum()
    tiny = 1e-10 * whole / k
    key = np.full((k, k), np.inf)
    carrier = np.full((k, k), -1, np.int64)
    for a in range(k):
        _scan(a, head, follow, slots, candidate, cost, key, carrier)
    prices = np.zeros(k + 1)
    prices[:k] = price
    out = np.zeros(k)
    excess = np.zeros(k + 1)
    for a in range(k):
        if price[a] > 0.0:
            out[a] = upper[a]
        elif price[a] < 0.0:
            out[a] = lower[a]
        else:
            out[a] = min(max(total[a], lower[a]), upper[a])
        excess[a] = total[a] - out[a]
        excess[sink] += out[a]
    excess[sink] -= whole
    distance = np.empty(k + 1)
    parent = np.empty(k + 1, np.int64)
    settled = np.empty(k + 1, np.bool_)
    status, blocked = FEASIBLE, -1
    steps = 0
    at = 0
    idle = 0
    while idle <= k:
        if excess[at] <= tiny:
            at = at + 1 if at < k else 0
            idle += 1
            continue
        idle = 0
        steps += 1
        if steps > limit:
            status = UNFINISHED
            break
        end = _path(
            np.int64(at), k, key, prices, out, lower, upper, excess, tiny, distance, parent, settled
        )
        if end < 0:
            status, blocked = BLOCKED, at
            break
        amount = min(excess[at], -excess[end])
        node = end
        while node != at:
            a = parent[node]
            if a == sink:
                amount = min(amount, out[node] - lower[node])
            elif node == sink:
                amount = min(amount, upper[a] - out[a])
            else:
                place = carrier[a, node]
                unit = place // slots
                for slot in range(slots):
                    if candidate[unit, slot] == a:
                        amount = min(amount, flow[unit, slot])
                        break
            node = a
        far = distance[end]
        for node in range(k + 1):
            if settled[node]:
                prices[node] += far - distance[node]
        excess[at] -= amount
        excess[end] += amount
        node = end
        while node != at:
            a = parent[node]
            if a == sink:
                out[node] -= amount
            elif node == sink:
                out[a] += amount
            else:
                place = carrier[a, node]
                unit = place // slots
                new = place - unit * slots
                for slot in range(slots):
                    if candidate[unit, slot] == a:
                        flow[unit, slot] -= amount
                        if flow[unit, slot] <= tiny:
                            rest = flow[unit, slot]  # rounding's dust goes along
                            flow[unit, slot] = 0.0
                            _unlink(unit * slots + slot, a, head, follow, before)
                            flow[unit, new] += rest
                            linked[unit * slots + slot] = False
                            _scan(a, head, follow, slots, candidate, cost, key, carrier)
                        break
                if not linked[place]:
                    linked[place] = True
                    _link(place, node, head, follow, before)
                    _offer(unit, new, node, slots, candidate, cost, key, carrier)
                flow[unit, new] += amount
            node = a
    for a in range(k):
        price[a] = prices[a] - prices[sink]
    return flow, status, blocked


@njit(cache=True, nogil=True)
def nearest(points, centres, price, slots):
    """Return (n, slots) the territories of least squared distance + price, cheapest first."""
    n, k = len(points), len(centres)
    found = np.empty((n, slots), np.int32)
    reach = np.empty(slots)
    for unit in range(n):
        x, y = points[unit, 0], points[unit, 1]
        held = 0
        for a in range(k):
            dx, dy = x - centres[a, 0], y - centres[a, 1]
            d = dx * dx + dy * dy + price[a]
            if held == slots and d >= reach[slots - 1]:
                continue
            at = held if held < slots else slots - 1
            if held < slots:
                held += 1
            while at > 0 and reach[at - 1] > d:
                reach[at] = reach[at - 1]
                found[unit, at] = found[unit, at - 1]
                at -= 1
            reach[at] = d
            found[unit, at] = a
    return found


@njit(cache=True, nogil=True)
def squared(points, centres, candidate):
    """Return (n, s) squared distances to the candidates, km^2."""
    n, slots = candidate.shape
    cost = np.empty((n, slots))
    for unit in range(n):
        for slot in range(slots):
            a = candidate[unit, slot]
            dx, dy = points[unit, 0] - centres[a, 0], points[unit, 1] - centres[a, 1]
            cost[unit, slot] = dx * dx + dy * dy
    return cost


@njit(cache=True, nogil=True)
def recentred(points, load, candidate, flow, centres):
    """Return (k, 2) load-weighted means of what flows in; an empty territory keeps its centre."""
    k = len(centres)
    moved = np.zeros((k, 2))
    total = np.zeros(k)
    n, slots = candidate.shape
    for unit in range(n):
        for slot in range(slots):
            part = flow[unit, slot]
            if part > 0.0:
                a = candidate[unit, slot]
                total[a] += part
                moved[a, 0] += part * points[unit, 0]
                moved[a, 1] += part * points[unit, 1]
    for a in range(k):
        if total[a] > 0.0:
            moved[a, 0] /= total[a]
            moved[a, 1] /= total[a]
        else:
            moved[a, :] = centres[a, :]
    return moved


@njit(cache=True, nogil=True)
def price_bound(points, load, centres, price, lower, upper):
    """Return the Lagrangian bound at these prices over all territories: valid for any prices."""
    k = len(centres)
    bound = 0.0
    for unit in range(len(points)):
        best = np.inf
        for a in range(k):
            dx, dy = points[unit, 0] - centres[a, 0], points[unit, 1] - centres[a, 1]
            d = dx * dx + dy * dy + price[a]
            if d < best:
                best = d
        bound += load[unit] * best
    for a in range(k):
        bound -= price[a] * (upper[a] if price[a] > 0.0 else lower[a])
    return bound


@njit(cache=True, nogil=True)
def flow_cost(cost, flow):
    """Return the sum of flow times cost."""
    total = 0.0
    for unit in range(flow.shape[0]):
        for slot in range(flow.shape[1]):
            if flow[unit, slot] > 0.0:
                total += flow[unit, slot] * cost[unit, slot]
    return total
