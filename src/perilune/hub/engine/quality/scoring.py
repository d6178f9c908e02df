"""Scores: the weighted share of checks that passed, of any part of the records."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from perilune.hub.contracts.quality import Score

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def score_of(checked: Ints, broken: Ints, weights: Sequence[int]) -> Score:
    """Return the score of counts by rule.

    checked, broken: (rules,) how many records each rule applies to, and how many of them break it;
    weights: (rules,) positive. Raises ValueError where more are broken than were checked.

    Two rules of weight 3 and 1 on 10 and 20 records, 1 and 10 of which break them:
    (3 * 9 + 1 * 10) / (3 * 10 + 1 * 20) = 0.74.

    >>> score_of(np.array([10, 20]), np.array([1, 10]), [3, 1])
    Score(checked=30, broken=11, share=0.74)
    """
    if (broken > checked).any():
        raise ValueError("more records break a rule than it applies to")
    weighed = np.asarray(weights, dtype=np.int64)
    all_weight = int((weighed * checked).sum())
    passed = int((weighed * (checked - broken)).sum())
    share = passed / all_weight if all_weight else None
    return Score(int(checked.sum()), int(broken.sum()), share)


def counts(masks: Ints, rules: int, times: Ints | None = None) -> Ints:
    """Return (rules,) how often each bit is set. masks: (rows,); times: (rows,) each one's number.

    >>> counts(np.array([0b01, 0b11, 0b00]), 2).tolist()
    [2, 1]
    """
    bits = (masks[:, None] >> np.arange(rules, dtype=np.int64)[None, :]) & 1
    if times is not None:
        bits = bits * times[:, None]
    return np.asarray(bits.sum(axis=0), dtype=np.int64)


def by_group(groups: Ints, masks: Ints, rules: int, size: int, times: Ints | None = None) -> Ints:
    """Return (size, rules) how often each bit is set in each group, one bit at a time.

    groups: (rows,) 0 to size - 1.
    """
    made = np.zeros((size, rules), dtype=np.int64)
    for rule in range(rules):
        bit = (masks >> rule) & 1
        weighed = bit if times is None else bit * times
        made[:, rule] = np.bincount(groups, weights=weighed, minlength=size).astype(np.int64)
    return made
