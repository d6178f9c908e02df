"""A horizon cut into buckets of days: calendar months, and where an aim begins or ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from perilune.planning.contracts import Aim
from perilune.planning.contracts.tables import Floats, Ids


@dataclass(frozen=True)
class Buckets:
    """M buckets of D days.

    first: (M + 1,) first columns, the last one D. of_day: (D,) bucket of each. weight: (M,) share
    of a year's bookings. rest_value, rest_heads: (D,) what of the season, and of the bucket's days
    as a mean, lies from a day to its bucket's end. year: (M,) whole years since the first day.
    months: first columns of the calendar months.
    """

    first: Ids
    of_day: Ids
    weight: Floats
    rest_value: Floats
    rest_heads: Floats
    year: Ids
    months: tuple[int, ...]

    def place(self, column: int) -> int:
        """Return the bucket that begins on a column (M at the end of the horizon)."""
        return int(np.searchsorted(self.first, column))

    def by_month(self, values: Floats) -> Floats:
        """Return (P, months) means over days of (P, M) means over days of buckets."""
        size = np.diff(self.first)
        starts = np.searchsorted(self.first, self.months)
        days = np.add.reduceat(size, starts)
        return np.asarray(np.add.reduceat(values * size, starts, axis=1) / days)


def buckets_of(first_day: date, days: int, season: Floats, aims: Sequence[Aim]) -> Buckets:
    """Return the buckets of a horizon."""
    months = [0]
    months += [column for column in range(1, days) if (first_day + timedelta(days=column)).day == 1]
    edges = set(months) | {days}
    for aim in aims:
        edges |= {aim.first, aim.last + 1}
    first = np.array(sorted(edge for edge in edges if 0 <= edge <= days), dtype=np.int64)
    of_day = np.searchsorted(first, np.arange(days), side="right") - 1
    ends = first[of_day + 1]
    total = np.concatenate([[0.0], np.cumsum(season)])
    return Buckets(
        first=first,
        of_day=of_day,
        weight=total[first[1:]] - total[first[:-1]],
        rest_value=total[ends] - total[:-1],
        rest_heads=(ends - np.arange(days)) / (ends - first[of_day]),
        year=(first[:-1] / 365.25).astype(np.int64),
        months=tuple(months),
    )
