"""How chances did against what came: log-loss, calibration, bins of a reliability diagram."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from perilune.insights.contracts import ChanceBin, ChanceScore
from perilune.insights.engine.journeys import Floats

EDGES = np.array([0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8])
"""Upper bounds of the bins but the last: chances of open deals crowd together near zero."""
LEAST = 8
"""Scored chances below which there is no score: no skill, no claim."""
_SURE = 1e-6


def scored(chance: Floats, came: NDArray[np.bool_]) -> ChanceScore:
    """Return how n chances did. chance: (n,) in 0 to 1. came: (n,) whether it happened.

    log_loss: mean of -log of the chance given to what came (chances kept 1e-6 from 0 and 1);
    plain_log_loss: the same of one chance for all, the share that came. ece: the mean over the
    chances of |mean chance - share that came| of their bin (Guo et al. 2017, with bins at `EDGES`).
    All None below `LEAST`. Raises ValueError where the two are of unequal length.
    """
    if chance.shape != came.shape:
        raise ValueError("Chances and outcomes differ in number.")
    count = len(chance)
    if count < LEAST:
        return ChanceScore(count, int(came.sum()))
    bins = _bins(chance, came)
    share = float(came.mean())
    return ChanceScore(
        count,
        int(came.sum()),
        log_loss=_log_loss(chance, came),
        plain_log_loss=_log_loss(np.full(count, share), came),
        ece=sum(item.count * abs(item.chance - item.share) for item in bins) / count,
        bins=bins,
    )


def _log_loss(chance: Floats, came: NDArray[np.bool_]) -> float:
    kept = np.clip(chance, _SURE, 1 - _SURE)
    return float(-np.where(came, np.log(kept), np.log1p(-kept)).mean())


def _bins(chance: Floats, came: NDArray[np.bool_]) -> tuple[ChanceBin, ...]:
    """Return the bins that hold anything, by ascending chance; an edge belongs to the bin below."""
    place = np.searchsorted(EDGES, chance, side="left")
    return tuple(
        ChanceBin(
            low=float(chance[inside].min()),
            high=float(chance[inside].max()),
            chance=float(chance[inside].mean()),
            won=int(came[inside].sum()),
            count=int(inside.sum()),
        )
        for inside in (place == at for at in np.unique(place))
    )
