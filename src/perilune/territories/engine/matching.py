"""Reps to territories: who keeps most of what they hold and fits best, by the Hungarian method."""

from __future__ import annotations

import numpy as np

from perilune.territories.contracts import Seat
from perilune.territories.engine.ground import FloatArray, IntArray


def shared_load(owner: IntArray, territory: IntArray, load: FloatArray, k: int) -> FloatArray:
    """Return (k, r) the load of each territory that each holder has today; r = k at least."""
    held = owner >= 0
    count = max(k, int(owner.max(initial=-1)) + 1)
    shared = np.zeros((k, count))
    np.add.at(shared, (territory[held], owner[held]), load[held])
    return shared


def match(
    shared: FloatArray, fit: FloatArray | None = None, weight: float = 0.5
) -> tuple[Seat, ...]:
    """Return one seat a territory, so that kept load plus `weight` times fit is greatest in all.

    shared (k, r) load that rep r holds of territory k today; fit (k, r) between 0 and 1 (won in
    that segment, language, distance to home: the caller's mix). Kept load counts as a share of
    the mean territory. Every territory gets a rep while there are any.
    """
    from scipy.optimize import linear_sum_assignment

    k = len(shared)
    kept = shared / max(shared.sum() / k, 1e-300)
    fits = np.zeros_like(kept) if fit is None else np.asarray(fit, float)
    value = kept + weight * fits
    rows, columns = linear_sum_assignment(-value)
    seats = {int(a): int(rep) for a, rep in zip(rows, columns, strict=True)}
    whole = np.maximum(shared.sum(axis=1), 1e-300)
    found = []
    for a in range(k):
        rep = seats.get(a, -1)
        if rep < 0:
            found.append(Seat(a, -1, 0.0, 0.0, 0.0))
            continue
        lost = float(value[:, rep].max() - value[a, rep])
        found.append(Seat(a, rep, float(shared[a, rep] / whole[a]), float(fits[a, rep]), lost))
    return tuple(found)
