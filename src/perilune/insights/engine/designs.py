"""Sums over matrices of ones: each row has a one in each of B columns.

The order of every sum is that of the rows and columns, so digits are those of a sparse product.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Designs:
    """U designs. index: (U, B) the columns in which a design has a one. columns: how many exist."""

    index: NDArray[np.int32]
    columns: int

    def times(self, coef: Floats) -> Floats:
        """Return (U,) the sum of each design's (C,) coefficients."""
        from perilune.insights.engine import sums  # numba: only who learns waits for it

        out = np.empty(len(self.index))
        sums.gathered(self.index, coef, out)
        return out

    def turned_times(self, values: Floats) -> Floats:
        """Return (C,) what the designs of each column sum to; values is (U,)."""
        from perilune.insights.engine import sums

        out = np.zeros(self.columns)
        sums.scattered(self.index, values, out)
        return out
