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
    unit: (n,) number of the seat that is credited: a rep in a team.
    """

    day: Ints
    amount: Floats
    known_from: Ints
    known_to: Ints
    unit: Ints
    deals: Floats = field(default_factory=lambda: np.zeros(0))

    def rows(self, chosen: Ints) -> Wins:
        """Return the chosen rows."""
        return Wins(
            self.day[chosen],
            self.amount[chosen],
            self.known_from[chosen],
            self.known_to[chosen],
            self.unit[chosen],
            self.counts[chosen],
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
    amount, count: (K,) what was won in all as known then, and in how many deals.
    start: first day number on which the unit could win (rule 4: before it is unknown, not zero).
    """

    days: Ints
    daily: Floats
    amount: Floats
    count: Floats
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
    rows = len(days)
    seen = (wins.day >= 0) & (wins.day < size)
    # a row counts from the first knowledge day that knows it until the first that knows better
    first = np.searchsorted(days, np.maximum(wins.known_from, wins.day)[seen], side="left")
    last = np.maximum(np.searchsorted(days, wins.known_to[seen], side="left"), first)
    amount, deals = wins.amount[seen], wins.counts[seen]
    daily = _stacked(first, last, wins.day[seen], amount, (rows, size))
    zero = np.zeros(len(first), dtype=np.int64)
    total = _stacked(first, last, zero, amount, (rows, 1))[:, 0]
    count = _stacked(first, last, zero, deals, (rows, 1))[:, 0]
    return History(days, daily, total, count, start)


def _stacked(
    first: Ints, last: Ints, column: Ints, amount: Floats, shape: tuple[int, int]
) -> Floats:
    """Return (rows, columns) sums in which each amount stands in the rows first .. last - 1."""
    rows, columns = shape
    at = np.concatenate([first, last]) * columns + np.concatenate([column, column])
    change = np.bincount(at, np.concatenate([amount, -amount]), (rows + 1) * columns)
    return np.asarray(np.cumsum(change.reshape(rows + 1, columns), axis=0)[:rows])
