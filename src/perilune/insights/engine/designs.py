"""Sums over matrices of ones: each row has a one in each of B columns. Compiled, without the lock.

The order of every sum is that of the rows and columns, so digits are those of a sparse product.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Designs:
    """U designs. index: (U, B) the columns in which a design has a one. columns: how many exist."""

    index: NDArray[np.int32]
    columns: int

    def times(self, coef: Floats) -> Floats:
        """Return (U,) the sum of each design's (C,) coefficients."""
        out = np.empty(len(self.index))
        _gathered(self.index, coef, out)
        return out

    def turned_times(self, values: Floats) -> Floats:
        """Return (C,) what the designs of each column sum to; values is (U,)."""
        out = np.zeros(self.columns)
        _scattered(self.index, values, out)
        return out


@njit(cache=True, nogil=True)
def _gathered(index, coef, out):  # type: ignore[no-untyped-def]
    for row in range(index.shape[0]):
        total = 0.0
        for at in range(index.shape[1]):
            total += coef[index[row, at]]
        out[row] = total


@njit(cache=True, nogil=True)
def _scattered(index, values, out):  # type: ignore[no-untyped-def]
    for row in range(index.shape[0]):
        value = values[row]
        for at in range(index.shape[1]):
            out[index[row, at]] += value
