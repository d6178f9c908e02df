"""Pairs of nodes under work."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perilune.hub.engine.matching.nodes import Nodes

IntArray = NDArray[np.int64]
Floats = NDArray[np.float64]

COPIES = 60
"""Rows of one node that are listed pair by pair; of more copies each is paired with the first."""


@dataclass
class Pairs:
    """Pairs of nodes, left < right, each once, and how probably each is of one thing."""

    left: IntArray
    right: IntArray
    probability: Floats

    def taken(self, which: IntArray | NDArray[np.bool_]) -> Pairs:
        """Return some of the pairs."""
        return Pairs(self.left[which], self.right[which], self.probability[which])

    def with_(self, other: Pairs) -> Pairs:
        """Return these pairs, then the others."""
        return Pairs(
            np.concatenate([self.left, other.left]),
            np.concatenate([self.right, other.right]),
            np.concatenate([self.probability, other.probability]),
        )

    def added(
        self, told: Pairs, verdict: NDArray[np.int8], decided: NDArray[np.int8], nodes: int
    ) -> tuple[Pairs, NDArray[np.int8]]:
        """Return the pairs with those that a person judged, and what was decided of each.

        verdict: 1 or -1 for each judged pair; decided: what numbers say of these pairs.
        """
        known = self.left * nodes + self.right
        order = np.argsort(known, kind="stable")
        wanted = told.left * nodes + told.right
        at = np.searchsorted(known, wanted, sorter=order)
        there = at < len(known)
        there[there] = known[order[at[there]]] == wanted[there]
        decided, probability = decided.copy(), self.probability.copy()
        spots = order[at[there]]
        decided[spots] = verdict[there]
        probability[spots] = told.probability[there]
        whole = Pairs(self.left, self.right, probability).with_(told.taken(~there))
        return whole, np.concatenate([decided, verdict[~there]])


def rows_of(nodes: Nodes, left: IntArray, right: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Return (left rows, right rows, number of the pair of nodes) of every pair of rows.

    A node paired with itself gives the pairs of its copies.
    """
    single = (nodes.counts[left] == 1) & (nodes.counts[right] == 1)
    plain = np.flatnonzero(single & (left != right))
    lefts = [nodes.rows[nodes.starts[left[plain]]]]
    rights = [nodes.rows[nodes.starts[right[plain]]]]
    at = [plain]
    for number in np.flatnonzero(~single):
        a, b = nodes.members(int(left[number])), nodes.members(int(right[number]))
        one, two = _copies(len(a), len(b), left[number] == right[number])
        lefts.append(a[one])
        rights.append(b[two])
        at.append(np.full(len(one), number))
    return np.concatenate(lefts), np.concatenate(rights), np.concatenate(at)


def _copies(a: int, b: int, is_own: bool) -> tuple[IntArray, IntArray]:
    """Return which copies are paired: all of the first `COPIES`, others with the first alone."""
    if is_own:
        one, two = np.triu_indices(min(a, COPIES), 1)
        rest = np.arange(COPIES, a)
        return np.r_[one, rest * 0], np.r_[two, rest]
    one, two = np.indices((min(a, COPIES), min(b, COPIES))).reshape(2, -1)
    more_a, more_b = np.arange(COPIES, a), np.arange(COPIES, b)
    return np.r_[one, more_a, more_b * 0], np.r_[two, more_a * 0, more_b]
