"""What became of deals that somebody else took over."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

PRIOR = 8.0
"""Wins as which «deals do as well in other hands» counts: before anything was seen, .7 to 1.4 times
in two of three cases."""


@dataclass(frozen=True)
class TakenOver:
    """Deals that changed hands while they were open.

    deals: how many. wins: of them within the thirteen weeks after it. expected: of like deals.
    """

    deals: int
    wins: float
    expected: float

    @property
    def ratio(self) -> float:
        """How often such deals are won against like deals: shrunk to one by `PRIOR`."""
        return (self.wins + PRIOR) / (self.expected + PRIOR)

    def likely(self, count: int) -> NDArray[np.float64]:
        """Return (count,) evenly spaced quantiles of what the ratio may be, of mean `ratio`.

        A gamma distribution of `wins + PRIOR` events; quantiles by Wilson and Hilferty, The
        distribution of chi-square, PNAS 17 (1931) 684.
        """
        shape = self.wins + PRIOR
        at = [NormalDist().inv_cdf((number + 0.5) / count) for number in range(count)]
        root = 1 - 1 / (9 * shape) + np.array(at) / (3 * np.sqrt(shape))
        found = np.maximum(root, 0.0) ** 3
        return np.asarray(found / found.mean() * self.ratio)
