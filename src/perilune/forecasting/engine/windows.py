"""Which days are forecast, and from which past days the same forecast could have been made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STEP = 7
"""Origins are weekly, so that each has the as-of's day of the week."""
MOST_SCORED = 52
"""Errors of the last year count; older ones no longer speak of today."""
RECENT_DAYS = 91
"""Thirteen weeks: what a unit that joined later must have behind it before an origin counts."""
LEAST_DAYS = 28
"""Days of data behind an origin, and behind a mean."""


@dataclass(frozen=True)
class Target:
    """Day numbers: the as-of, and the first and last day of the period (both included)."""

    as_of: int
    start: int
    end: int

    @property
    def lead(self) -> int:
        """Days between the as-of and the first day that is forecast; 0 once the period runs."""
        return max(self.start - self.as_of - 1, 0)

    @property
    def length(self) -> int:
        """Days that are forecast: the remainder of the period; 0 when it is over."""
        return max(self.end - max(self.start, self.as_of + 1) + 1, 0)


@dataclass(frozen=True, eq=False)
class Calendar:
    """Fiscal months and working days as day numbers.

    months: (M,) first days of consecutive fiscal months, ascending, from before day 0 to after the
    window. working: (N,) weight of each day 0 .. N-1 (1 working, 0 free); empty: unknown.
    """

    months: Floats
    working: Floats

    def position(self, x: Floats) -> Floats:
        """Return the place of boundaries in the calendar: months passed, with the share of one."""
        places = np.arange(len(self.months), dtype=float)
        return np.asarray(np.interp(x, self.months, places), dtype=float)

    def boundary(self, position: Floats) -> Floats:
        """Return the boundary of a place: the inverse of `position`, held at its ends."""
        places = np.arange(len(self.months), dtype=float)
        return np.asarray(np.interp(position, places, self.months), dtype=float)

    def workdays(self, lower: Floats, upper: Floats) -> Floats:
        """Return the working days between boundaries; 0 where they are unknown."""
        if not len(self.working):
            return np.zeros_like(lower)
        passed = np.concatenate([[0.0], np.cumsum(self.working)])
        at = np.arange(len(passed), dtype=float)
        found = np.interp(upper, at, passed) - np.interp(lower, at, passed)
        return np.asarray(found, dtype=float)


def origins(target: Target, start: int) -> Ints:
    """Return the back-test origins, ascending day numbers.

    An origin is a day o = as-of - 7 k such that the window of the same lead and length after it was
    over by the as-of, and at least 28 days of data lie behind it. At most 104: a year that is
    scored and a year before it that the first of them learns its width from.
    """
    if target.length == 0:
        return np.zeros(0, dtype=np.int64)
    last = target.as_of - STEP * -(-(target.lead + target.length) // STEP)
    first = start + LEAST_DAYS - 1
    found = np.arange(last, first - 1, -STEP, dtype=np.int64)[: 2 * MOST_SCORED]
    return found[::-1]


def knowledge_days(target: Target, start: int) -> Ints:
    """Return the days whose knowledge is needed: the origins, then the as-of."""
    return np.append(origins(target, start), np.int64(target.as_of))


def disjoint(count: int, length: int) -> int:
    """Return how many of `count` weekly windows of a length can be chosen without overlap."""
    if count == 0:
        return 0
    return 1 + (count - 1) // -(-length // STEP)
