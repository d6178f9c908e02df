"""The sums of `designs`, compiled, without the lock: loaded when something is learnt.

Typed by what they are called with: numba infers, mypy cannot follow.
"""

from __future__ import annotations

from numba import njit


@njit(cache=True, nogil=True)
def gathered(index, coef, out):  # type: ignore[no-untyped-def]
    """Fill (U,) with the sum of the coefficients of each design's (U, B) columns."""
    for row in range(index.shape[0]):
        total = 0.0
        for at in range(index.shape[1]):
            total += coef[index[row, at]]
        out[row] = total


@njit(cache=True, nogil=True)
def scattered(index, values, out):  # type: ignore[no-untyped-def]
    """Add to (C,) the (U,) values of the designs of each column."""
    for row in range(index.shape[0]):
        value = values[row]
        for at in range(index.shape[1]):
            out[index[row, at]] += value
