"""Groups that do not chain: they join while their pairs agree on average, labels before all."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from perilune.hub.engine.matching.pairs import Pairs
from perilune.hub.engine.matching.sets import distinct

IntArray = NDArray[np.int64]
Floats = NDArray[np.float64]

MOST = 300
"""Records of a connected part grouped at once; larger parts are cut at their weakest links."""
FLOOR = 0.02
"""Pairs under this probability connect nothing."""


def components(left: IntArray, right: IntArray, nodes: int) -> IntArray:
    """Return the number of the connected part of each node."""
    from scipy import sparse
    from scipy.sparse.csgraph import connected_components

    graph = sparse.coo_matrix((np.ones(len(left), np.int8), (left, right)), shape=(nodes, nodes))
    return np.asarray(connected_components(graph, directed=False)[1], np.int64)


def parts(pairs: Pairs, nodes: int) -> IntArray:
    """Return connected parts of at most `MOST` nodes, links taken away from the weakest on.

    Pairs of one part are worth a look even where no key brought them together.
    """
    left, right, probability = pairs.left, pairs.right, pairs.probability
    part = np.arange(nodes)
    alive = np.flatnonzero(probability >= FLOOR)
    floor, count = FLOOR, 0
    while len(alive):
        found = components(left[alive], right[alive], nodes)
        size = np.bincount(found, minlength=nodes)[found]
        inside = np.zeros(nodes, bool)
        inside[left[alive]] = inside[right[alive]] = True
        small = inside & (size <= MOST)
        part[small] = nodes + count + found[small]
        count += nodes
        alive = alive[size[left[alive]] > MOST]
        floor = 1 - (1 - floor) / 2
        if floor > 1 - 1e-9:
            break
        alive = alive[probability[alive] >= floor]
    return np.asarray(np.unique(part, return_inverse=True)[1], np.int64)


def within(part: IntArray) -> tuple[IntArray, IntArray]:
    """Return (left, right) of all pairs of nodes of one part."""
    order = np.argsort(part, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(part[order]) != 0])
    sizes = np.diff(np.r_[starts, len(part)])
    ends = np.repeat(starts + sizes, sizes)
    at = np.arange(len(part))
    lefts, rights = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for step in range(1, int(sizes.max(initial=1))):
        near = at[at + step < ends]
        lefts.append(order[near])
        rights.append(order[near + step])
    return np.concatenate(lefts), np.concatenate(rights)


def joined(part: IntArray, left: IntArray, right: IntArray) -> IntArray:
    """Return parts with those put together that a person's word connects."""
    if not len(left):
        return part
    return components(part[left], part[right], int(part.max()) + 1)[part]


def group(
    pairs: Pairs, weight: Floats, part: IntArray,
    apart: Iterable[tuple[int, int]] = (), together: Iterable[tuple[int, int]] = (),
) -> IntArray:  # fmt: skip
    """Return the group of each node, numbered by its first node.

    A pair of one part that is not given counts as 0.
    weight: rows that a node stands for. Within a part the two groups whose pairs are most probable
    on average join first, until no average reaches one half: average linkage, which expects more
    pairs right than wrong of every joint, and cannot chain. `apart` never join, `together` join
    first unless that would put two of `apart` in one group.
    """
    nodes = len(part)
    pairs = pairs.taken(part[pairs.left] == part[pairs.right])
    cannot, must = _sets(apart), list(together)
    answer = _forced(nodes, must, cannot)
    pairs = pairs.taken(np.argsort(part[pairs.left], kind="stable"))
    count = len(pairs.left)
    starts = np.flatnonzero(np.r_[True, np.diff(part[pairs.left]) != 0][:count])
    ends = np.r_[starts[1:], count][: len(starts)]
    if not cannot and not must:  # most parts are two nodes: one pair decides them
        alone = starts[ends - starts == 1]
        alone = alone[pairs.probability[alone] >= 0.5]
        answer[pairs.right[alone]] = pairs.left[alone]
        starts, ends = starts[ends - starts > 1], ends[ends - starts > 1]
    for start, end in zip(starts, ends, strict=True):
        if pairs.probability[start:end].max() >= 0.5:
            _join(pairs.taken(np.arange(start, end)), weight, answer, cannot)
    return _numbered(answer)


def _sets(apart: Iterable[tuple[int, int]]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for one, two in apart:
        found.setdefault(one, set()).add(two)
        found.setdefault(two, set()).add(one)
    return found


def _forced(nodes: int, must: list[tuple[int, int]], cannot: dict[int, set[int]]) -> IntArray:
    """Join what a person called the same, unless two of one group are called different."""
    answer = np.arange(nodes)
    members: dict[int, set[int]] = {}
    for one, two in sorted(must):
        a, b = int(answer[one]), int(answer[two])
        if a == b:
            continue
        in_a, in_b = members.get(a, {a}), members.get(b, {b})
        if any(cannot.get(x, set()) & in_b for x in in_a):
            continue
        low, whole = min(a, b), in_a | in_b
        members[low] = whole
        answer[list(whole)] = low
    return answer


def _join(pairs: Pairs, weight: Floats, answer: IntArray, cannot: dict[int, set[int]]) -> None:
    """Join the groups of one part in place, best average first."""
    left, right, probability = pairs.left, pairs.right, pairs.probability
    nodes = distinct(np.r_[left, right])
    if len(nodes) == 2 and not cannot and answer[nodes[0]] != answer[nodes[1]]:
        answer[nodes[1]] = answer[nodes[0]]
        return
    heads, at = np.unique(answer[nodes], return_inverse=True)
    size = len(heads)
    mass = np.bincount(at, weight[nodes], minlength=size)
    a, b = at[np.searchsorted(nodes, left)], at[np.searchsorted(nodes, right)]
    total = np.zeros((size, size))
    np.add.at(total, (a, b), probability * weight[left] * weight[right])
    total += total.T
    barred = _barred(nodes, at, size, cannot)
    alive = np.ones(size, bool)
    own = np.arange(size)
    while True:
        mean = np.where(alive[:, None] & alive[None, :], total / np.outer(mass, mass), 0.0)
        np.fill_diagonal(mean, 0.0)
        mean[barred] = 0.0
        best = int(np.argmax(np.round(mean, 9)))
        i, j = divmod(best, size)
        if mean[i, j] < 0.5:
            break
        i, j = min(i, j), max(i, j)
        total[i] += total[j]
        total[:, i] += total[:, j]
        mass[i] += mass[j]
        barred[i] |= barred[j]
        barred[:, i] |= barred[:, j]
        alive[j] = False
        own[own == j] = i
    answer[nodes] = heads[own[at]]


def _barred(
    nodes: IntArray, at: IntArray, size: int, cannot: dict[int, set[int]]
) -> NDArray[np.bool_]:
    barred = np.zeros((size, size), bool)
    if cannot:
        place = {int(n): int(p) for n, p in zip(nodes, at, strict=True)}
        for one, a in place.items():
            for other in cannot.get(one, ()):
                b = place.get(other)
                if b is not None:
                    barred[a, b] = barred[b, a] = True
    return barred


def _numbered(answer: IntArray) -> IntArray:
    """Return the groups named by their first node."""
    first = np.full(len(answer), len(answer), np.int64)
    np.minimum.at(first, answer, np.arange(len(answer)))
    return first[answer]
