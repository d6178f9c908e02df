"""How good the answer is on a person's own labels, none of which the judging model has seen."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from perilune.hub.contracts.duplicates import Quality, Share

Floats = NDArray[np.float64]
IntArray = NDArray[np.int64]
FOLDS = 5
LEAST = 10
"""Labels under which nothing is claimed."""
_Z = 1.959963984540054


def share(hits: Floats, of: Floats) -> Share:
    """Return a share with its interval of 95 % (Wilson) from hits and cases by group.

    Cases of one group are alike: they count for as many as their design effect leaves of them.
    Source: Wilson 1927; Kish 1965, design effect of cluster samples.
    """
    kept = of > 0
    hits, of = hits[kept], of[kept]
    total = float(of.sum())
    if not total:
        return Share(None, None, None, 0.0, 0.0)
    value = float(hits.sum()) / total
    groups = len(of)
    effect = 1.0
    if groups > 1 and 0 < value < 1:
        spread = groups / (groups - 1) * float(((hits - value * of) ** 2).sum()) / total**2
        effect = max(1.0, spread / (value * (1 - value) / total))
    n = total / effect if 0 < value < 1 else float(groups)
    centre = (value + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * np.sqrt(value * (1 - value) / n + _Z**2 / (4 * n**2))
    low, high = max(0.0, centre - half), min(1.0, centre + half)
    return Share(value, min(low, value), max(high, value), float(hits.sum()), total)


def folds_of(groups: IntArray, rng: np.random.Generator) -> IntArray:
    """Return the fold of each label: groups are held out whole, folds of about one size."""
    names, counts = np.unique(groups, return_counts=True)
    order = rng.permutation(len(names))
    order = order[np.argsort(-counts[order], kind="stable")]
    load = np.zeros(min(FOLDS, len(names)))
    fold = np.zeros(len(names), np.int64)
    for group in order:
        fold[group] = int(np.argmin(load))
        load[fold[group]] += counts[group]
    found: IntArray = fold[np.searchsorted(names, groups)]
    return found


def judge(
    same: NDArray[np.bool_], groups: IntArray, rng: np.random.Generator,
    fit: Callable[[NDArray[np.bool_]], Floats],
) -> Quality | None:  # fmt: skip
    """Return precision and recall at one half on labels held out by group; None for too few labels.

    fit: given which labels may be learnt from, the probabilities of all labels.
    """
    if len(same) < LEAST or len(np.unique(groups)) < 2:
        return None
    fold = folds_of(groups, rng)
    told = np.zeros(len(same), bool)
    for number in range(int(fold.max()) + 1):
        out = fold == number
        told[out] = fit(~out)[out] >= 0.5
    names, at = np.unique(groups, return_inverse=True)

    def by_group(which: NDArray[np.bool_]) -> Floats:
        return np.bincount(at[which], minlength=len(names)).astype(np.float64)

    hits = by_group(told & same)
    return Quality(
        share(hits, by_group(told)), share(hits, by_group(same)), len(same), len(names),
        int(fold.max()) + 1,
    )  # fmt: skip
