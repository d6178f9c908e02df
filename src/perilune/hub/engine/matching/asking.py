"""Which pairs to ask a person about next: those whose answers are worth most."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from perilune.hub.engine.matching.pairs import Pairs

IntArray = NDArray[np.int64]
Floats = NDArray[np.float64]
ALIKE = 2
"""Pairs of one pattern of levels that are asked in one go to teach the model."""


def ask(
    count: int, pairs: Pairs, weight: Floats, *, group: IntArray, pattern: IntArray,
    known: NDArray[np.bool_],
) -> IntArray:  # fmt: skip
    """Return the numbers of at most `count` pairs to ask about, the most useful first.

    One half decide most: the most doubtful pair between (or within) groups whose pairs hold most
    expected errors, sum of min(p, 1 - p) by rows that they stand for. The other half teach most:
    the most doubtful pairs, each between other groups, at most `ALIKE` of one pattern.
    known: pairs that are answered already.
    """
    left, right, probability = pairs.left, pairs.right, pairs.probability
    doubt = np.minimum(probability, 1 - probability)
    nodes = max(1, len(group))
    low = np.minimum(group[left], group[right])
    high = np.maximum(group[left], group[right])
    _pairs, between = np.unique(low * nodes + high, return_inverse=True)
    worth = np.bincount(between, doubt * weight, minlength=len(_pairs))
    asked = np.unique(between[known])
    worth[asked] = worth[asked] * 0.25  # answered once: what is left there is worth less
    free = np.flatnonzero(~known & (doubt > 0))
    decide = free[np.lexsort((free, -doubt[free], -np.round(worth[between[free]], 9)))]
    teach = free[np.lexsort((free, -np.round(doubt[free], 9)))]
    taken: list[int] = []
    touched: set[int] = set()
    patterns: dict[int, int] = {}
    for order, most, bound in (
        (decide, (count + 1) // 2, count),
        (teach, count, ALIKE),
        (free, count, count),
    ):
        for pair in order:
            if len(taken) >= most:
                break
            where, how = int(between[pair]), int(pattern[pair])
            if where in touched or patterns.get(how, 0) >= bound:
                continue
            taken.append(int(pair))
            touched.add(where)
            if order is teach:
                patterns[how] = patterns.get(how, 0) + 1
    return np.array(taken[:count], np.int64)
