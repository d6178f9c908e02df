"""The combination of the members: weights by past errors, and the gate that it must pass."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from perilune.forecasting.contracts import THIN_BELOW
from perilune.forecasting.engine.members import COMBINED, PLAIN, STANDING
from perilune.forecasting.engine.panel import Panel
from perilune.forecasting.engine.windows import Floats, Ints, disjoint

EQUAL = 4.0
"""Separate windows that equal weights weigh as much as."""


@dataclass(frozen=True, eq=False)
class Mix:
    """weights: member to (K,) weight at each knowledge day, summing to one (all NaN: undefined).

    gated: (K,) the plain member that the forecast fell back to on that day, or "".
    """

    weights: dict[str, Floats]
    gated: tuple[str, ...]

    def point(self, said: dict[str, Floats]) -> Floats:
        """Return the (K, ...) combination of (K, ...) members; NaN where it is undefined."""
        total = np.zeros_like(said[STANDING[0]])
        for name, weight in self.weights.items():
            shaped = weight.reshape((-1, *[1] * (total.ndim - 1)))
            total = total + np.where(shaped > 0, shaped * np.nan_to_num(said[name]), 0.0)
        defined = np.isfinite(next(iter(self.weights.values())))
        return np.where(defined.reshape((-1, *[1] * (total.ndim - 1))), total, np.nan)


def mix_of(total: Panel, groups: Panel | None) -> Mix:
    """Return the weights of every knowledge day, from errors of the total and of the groups.

    A member's error is its pooled |F - A| over what came, the total counting twice, beside that of
    the mean of thirteen weeks on the origins that both know; its weight goes with the inverse
    square, shrunk to equal by the windows that do not overlap. One set of weights serves every
    level. Where at least eight origins in two windows show the
    combination no better than the better plain member, that member takes over (rule: no skill, no
    claim); the choice is made from what was known on the day.
    """
    rows = len(total.days)
    weights = {name: np.full(rows, np.nan) for name in COMBINED}
    for row in range(rows):
        found = _weights(total, groups, row)
        for name, weight in found.items():
            weights[name][row] = weight
    free = Mix(weights, ("",) * rows).point(total.said)
    gated = tuple(_gate(total, free, row) for row in range(rows))
    for row, name in enumerate(gated):
        if name:
            for other in COMBINED:
                weights[other][row] = float(other == name)
    return Mix(weights, gated)


def _weights(total: Panel, groups: Panel | None, row: int) -> dict[str, float]:
    standing = all(np.isfinite(total.said[name][row]).all() for name in STANDING)
    if not standing:
        return {}
    past = total.over(row)
    score = {
        name: _standing_of(total, groups, row, past, name)
        for name in COMBINED
        if np.isfinite(total.said[name][row]).all()
    }
    whole = sum(score.values())
    return {name: score.get(name, 0.0) / whole for name in COMBINED}


def _standing_of(total: Panel, groups: Panel | None, row: int, past: Ints, name: str) -> float:
    """Return how a member did beside the mean of thirteen weeks: 1 alike, 4 with half its error.

    On the origins that both know; what is known of few windows is shrunk to 1.
    """
    past = past[np.isfinite(total.said[name][past]).all(axis=1)]
    windows = disjoint(len(past), total.target.length)
    if not len(past):
        return 1.0
    own, beside = (_error(total, groups, row, past, item) for item in (name, STANDING[0]))
    ratio = np.clip(beside / max(own, 1e-6), 0.2, 5.0)
    return float((windows * ratio**2 + EQUAL) / (windows + EQUAL))


def _error(total: Panel, groups: Panel | None, row: int, past: Ints, name: str) -> float:
    miss = 2 * np.abs(total.said[name][past] - total.came[row, past]).sum()
    whole = 2 * total.came[row, past].sum()
    if groups is not None:
        miss += np.nansum(np.abs(groups.said[name][past] - groups.came[row, past]))
        whole += groups.came[row, past].sum()
    return float(miss / whole) if whole > 0 else 1.0


def _gate(total: Panel, point: Floats, row: int) -> str:
    """Return the plain rule that did as well as the combination on the origins both know."""
    past = total.over(row)
    past = past[np.isfinite(point[past, 0])]
    beside = {}
    for name in PLAIN:
        both = past[np.isfinite(total.said[name][past, 0])]
        windows = disjoint(len(both), total.target.length)
        if len(both) < THIN_BELOW or windows < 2 or not np.isfinite(total.said[name][row, 0]):
            continue
        came = total.came[row, both, 0]
        own, theirs = (np.abs(f - came).sum() for f in (point[both, 0], total.said[name][both, 0]))
        beside[name] = float(theirs / max(own, 1e-9))
    best = min(beside, key=lambda name: beside[name], default="")
    return best if best and beside[best] <= 1 else ""
