"""What was won on which day, as it was known on which day."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FOREVER = 2**31
"""Day number of «still known»."""


@dataclass(frozen=True, eq=False)
class Wins:
    """Won amounts as events or sums of events, n rows. Day 0 is the first day of data.

    day: (n,) day number of the close. amount: (n,) credited amount, minor units.
    deals: (n,) how many deals a row sums, splits counting by their share; empty: one each.
    known_from, known_to: (n,) day numbers: the row counts for who asks at the end of a day k with
    known_from <= k < known_to. A restated deal is two rows with adjoining intervals.
    unit: (n,) number of the unit that is credited.
    """

    day: Ints
    amount: Floats
    known_from: Ints
    known_to: Ints
    unit: Ints
    deals: Floats = field(default_factory=lambda: np.zeros(0))

    def of(self, unit: int) -> Wins:
        """Return the rows of one unit."""
        return self._where(self.unit == unit)

    def _where(self, mask: NDArray[np.bool_]) -> Wins:
        return Wins(
            self.day[mask],
            self.amount[mask],
            self.known_from[mask],
            self.known_to[mask],
            self.unit[mask],
            self.counts[mask],
        )

    @cached_property
    def counts(self) -> Floats:
        """(n,) how many deals each row sums."""
        return self.deals if len(self.deals) else np.ones(len(self.day))

    def digest(self) -> str:
        """Return a SHA-256 of the rows in a canonical order: the order of reading plays no part."""
        rows = (self.unit, self.day, self.known_from, self.known_to)
        order = np.lexsort((self.counts, self.amount, *rows))
        whole = hashlib.sha256()
        for column in (*rows, self.amount, self.counts):
            whole.update(np.ascontiguousarray(column[order]).tobytes())
        return whole.hexdigest()


@dataclass(frozen=True, eq=False)
class History:
    """The daily won amounts of one unit as known at the end of several days.

    days: (K,) knowledge days, ascending; the last is the as-of.
    daily: (K, D) won on day 0 .. D-1 as known on that knowledge day, 0 after it.
    deal: (K,) mean size of the won deals known then (0 when there was none).
    start: first day number on which the unit could win (rule 4: before it is unknown, not zero).
    """

    days: Ints
    daily: Floats
    deal: Floats
    start: int = 0

    @cached_property
    def cumulative(self) -> Floats:
        """(K, D+1): column x holds what was won on the days before day x."""
        rows = len(self.days)
        return np.hstack([np.zeros((rows, 1)), np.cumsum(self.daily, axis=1)])

    def outcomes(self, lead: int, length: int) -> Floats:
        """Return (K, K): what the window after the day of column j brought, as known in row i."""
        first = np.clip(self.days + 1 + lead, 0, self.daily.shape[1])
        last = np.clip(self.days + 1 + lead + length, 0, self.daily.shape[1])
        return np.asarray(self.cumulative[:, last] - self.cumulative[:, first])

    def between(self, row: Ints, lower: Floats, upper: Floats) -> Floats:
        """Return what was won from boundary `lower` to `upper` as known in a row, all (n,).

        A boundary x lies at the start of day x; a fraction of a day counts as that share of it.
        """
        return self._until(row, upper) - self._until(row, lower)

    def _until(self, row: Ints, x: Floats) -> Floats:
        x = np.clip(x, 0, self.cumulative.shape[1] - 1)
        whole = np.minimum(np.floor(x).astype(np.int64), self.cumulative.shape[1] - 2)
        left = self.cumulative[row, whole]
        return np.asarray(left + (x - whole) * (self.cumulative[row, whole + 1] - left))


def history_of(wins: Wins, days: Ints, start: int = 0) -> History:
    """Build the history of the given rows at the given knowledge days (ascending, day numbers)."""
    size = int(days[-1]) + 1
    daily = np.zeros((len(days), size))
    deal = np.zeros(len(days))
    for row, day in enumerate(days):
        known = (wins.known_from <= day) & (day < wins.known_to)
        known &= (wins.day <= day) & (wins.day >= 0)
        amounts, deals = wins.amount[known], float(wins.counts[known].sum())
        daily[row] = np.bincount(wins.day[known], weights=amounts, minlength=size)
        deal[row] = max(float(amounts.sum()) / deals, 0.0) if deals else 0.0
    return History(days, daily, deal, start)
