"""A person's labels on pairs of nodes, and those among them that cannot all be true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perilune.hub.contracts.duplicates import Label
from perilune.hub.engine.matching import clustering
from perilune.hub.engine.matching.nodes import Nodes
from perilune.hub.engine.matching.pairs import Pairs

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Labelled:
    """Labels between nodes, left < right, in the order of nodes; groups: what is held out whole."""

    left: IntArray
    right: IntArray
    same: NDArray[np.bool_]
    groups: IntArray
    contradictory: list[int]

    def __len__(self) -> int:
        return len(self.left)

    @classmethod
    def of(cls, labels: Sequence[Label], nodes: Nodes) -> Labelled:
        """Return the labels of rows as labels of nodes: each labelled row is a node of its own."""
        one = np.array([nodes.node[label.left] for label in labels], np.int64)
        two = np.array([nodes.node[label.right] for label in labels], np.int64)
        left, right = np.minimum(one, two), np.maximum(one, two)
        order = np.lexsort((right, left))
        same = np.array([label.same for label in labels], bool)
        count = len(nodes)
        groups = clustering.components(left, right, count)[left] if len(left) else left
        wrong = _contradictory(left, right, same, count)
        return cls(left[order], right[order], same[order], groups[order], wrong)

    @property
    def pairs(self) -> Pairs:
        """The labelled pairs, as probable as the person said."""
        return Pairs(self.left, self.right, self.same.astype(np.float64))

    @property
    def verdict(self) -> NDArray[np.int8]:
        """1 where the person said the same, -1 where different."""
        return np.where(self.same, 1, -1).astype(np.int8)


def _contradictory(
    left: IntArray, right: IntArray, same: NDArray[np.bool_], count: int
) -> list[int]:
    """Return the labels of sets that are called one thing and hold two called different."""
    if not same.any() or same.all():
        return []
    part = clustering.components(left[same], right[same], count)
    broken = np.unique(part[left[~same & (part[left] == part[right])]])
    inside = np.isin(part[left], broken) & (part[left] == part[right])
    return np.flatnonzero(inside).tolist()
