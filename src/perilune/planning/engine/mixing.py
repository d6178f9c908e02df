"""A rep's share from several bases, in stated parts; what is unknown of a basis says nothing."""

from __future__ import annotations

import numpy as np

from perilune.planning.contracts.tables import Floats


def mixed(values: Floats, parts: Floats) -> Floats:
    """Return (R,) what reps weigh beside their mean of 1: values (B, R) >= 0, NaN unknown.

    parts: (B,) >= 0. A basis counts as value over the mean of the reps of whom it is known, so
    units and sizes of bases do not matter; of whom a basis is unknown the others count in their
    parts, and with none known the mean does. A basis that is zero for everybody is unknown.
    """
    known = np.isfinite(values)
    count = known.sum(axis=1)
    total = np.where(known, values, 0.0).sum(axis=1)
    says = (total > 0) & (parts > 0)
    mean = np.divide(total, count, out=np.ones(len(values)), where=says)
    relative = np.where(known & says[:, None], values / mean[:, None], 0.0)
    heard = (known & says[:, None]) * parts[:, None]
    weight = heard.sum(axis=0)
    summed = (relative * parts[:, None]).sum(axis=0)
    said = np.ones(values.shape[1])
    return np.asarray(np.divide(summed, weight, out=said, where=weight > 0))
