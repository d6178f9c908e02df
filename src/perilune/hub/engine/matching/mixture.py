"""Fellegi and Sunter's model, fitted without labels by expectation and maximisation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perilune.hub.engine.matching.interning import Column

Floats = NDArray[np.float64]
ROUNDS, TOLERANCE = 200, 1e-5
BELIEF = 4.0
"""Pairs of one thing, mostly equal in each field, taken as seen: small tables need them."""
BITS = 1 / np.log(2)


@dataclass(frozen=True)
class Mixture:
    """Shares of levels among pairs of one thing (m) and of two (u), by field; prior log-odds."""

    same: tuple[Floats, ...]
    other: tuple[Floats, ...]
    prior: float
    """Log-odds (natural) that a pair of records drawn at random is of one thing."""

    def weights(self) -> list[Floats]:
        """Return the log of m over u of each level, by field, natural."""
        return [np.log(m) - np.log(u) for m, u in zip(self.same, self.other, strict=True)]


def fit(
    levels: NDArray[np.int8], drawn: NDArray[np.int8], sizes: Sequence[int], pairs: float
) -> Mixture:  # fmt: skip
    """Fit to the levels (candidates, fields); u from the levels of pairs drawn at random.

    pairs: how many there are at all.
    Candidates are taken to hold all pairs of one thing.
    Source: Fellegi and Sunter 1969; Winkler 1988 for the fit by EM.
    """
    base = np.cumprod([1, *[s + 1 for s in sizes]])
    packed = (levels.astype(np.int64) + 1) @ base[:-1]
    patterns, counts = np.unique(packed, return_counts=True)
    shape = [(patterns // base[i]) % (s + 1) - 1 for i, s in enumerate(sizes)]
    other = [_shares(d, s) for d, s in zip(drawn.T, sizes, strict=True)]
    same = [_start(s) for s in sizes]
    prior = float(np.clip(0.3 * len(levels) / pairs, 1e-12, 0.3)) if pairs else 0.5
    posterior = np.zeros(len(patterns))
    for _round in range(ROUNDS):
        score = np.full(len(patterns), np.log(prior / (1 - prior)))
        for at, m, u in zip(shape, same, other, strict=True):
            gain = np.r_[np.log(m) - np.log(u), 0.0]  # the last: missing says nothing
            score += gain[at]
        fresh = 1 / (1 + np.exp(-np.clip(score, -500, 500)))
        done = np.abs(fresh - posterior).max(initial=0.0) < TOLERANCE
        posterior = fresh
        if done:
            break
        weight = posterior * counts
        prior = float(np.clip((weight.sum() + 1) / (pairs + 1), 1e-12, 0.3))
        same = [_weighted(at, weight, s) for at, s in zip(shape, sizes, strict=True)]
    return Mixture(tuple(same), tuple(other), float(np.log(prior / (1 - prior))))


def _start(size: int) -> Floats:
    found = np.full(size, 0.3 / max(1, size - 1))
    found[-1] = 0.7
    return found


def _shares(levels: NDArray[np.int8], size: int) -> Floats:
    """Return the shares of levels among random pairs; half a pair is added to each.

    The few pairs of one thing that are drawn too are left in: the model is the more careful for it.
    """
    counts = np.bincount(levels[levels >= 0], minlength=size) + 0.5
    found: Floats = counts / counts.sum()
    return found


def _weighted(levels: NDArray[np.int64], weight: Floats, size: int) -> Floats:
    known = levels >= 0
    counts = np.bincount(levels[known], weight[known], minlength=size) + BELIEF * _start(size)
    found: Floats = counts / counts.sum()
    return found


def rarity(column: Column, left: NDArray[np.int64], right: NDArray[np.int64], u: float) -> Floats:
    """Return what equal values add by their rarity: log of u over the share of others that have it.

    Zero where the two are not equal; bounded to 10 bits either way.
    """
    found = np.zeros(len(left))
    equal = (column.codes[left] >= 0) & (column.codes[left] == column.codes[right])
    others = np.maximum(column.counts[column.codes[left[equal]]] - 1, 1)
    share = others / max(1, int(column.counts.sum()))
    found[equal] = np.clip(np.log(u) - np.log(share), -10 / BITS, 10 / BITS)
    return found
