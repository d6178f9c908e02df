"""The book of deals: their state in columns, and the log of every change."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from perilune.demo.engine.days import Ints, Reals, month_end, quarter_end

OPEN, WON, LOST = 0, 1, 2
CATEGORIES = ("pipeline", "best_case", "most_likely", "commit")
BEST_CASE, COMMIT = 1, 3
NOTHING = -1

_INTEGERS = [
    "created_week",
    "created_us",
    "created_day",
    "seat",
    "region",
    "owner",
    "account",
    "segment",
    "type",
    "product",
    "source",
    "competitor",
    "rival",
    "currency",
    "amount",
    "hidden",
    "stage",
    "stage_week",
    "close",
    "zombie",
    "silent",
    "status",
    "category",
    "closed_us",
    "closed_week",
    "loss",
    "next_step",
    "contact",
    "excluded",
    "previous",
]


class Book:
    """One row a deal; every column is an array of integers, of which `count` are filled.

    amount: minor units or -1 when unknown; hidden: what it is worth; close: ordinal or -1;
    competitor: what the CRM knows, rival: the truth; zombie: stage at which it stops, -1 never.
    """

    def __init__(self, capacity: int) -> None:
        self.count = 0
        self._columns: dict[str, Ints] = {
            name: np.full(capacity, NOTHING, dtype=np.int64) for name in _INTEGERS
        }

    def __getitem__(self, name: str) -> Ints:
        return self._columns[name]

    def add(self, values: dict[str, Ints]) -> Ints:
        """Append deals; return their indexes."""
        size = len(values["account"])
        while self.count + size > len(self["account"]):
            for name, column in self._columns.items():
                more = np.full(len(column), NOTHING, dtype=np.int64)
                self._columns[name] = np.concatenate([column, more])
        index = np.arange(self.count, self.count + size)
        for name, column in values.items():
            self._columns[name][index] = column
        self.count += size
        return index

    def open_deals(self) -> Ints:
        """Return the indexes of the open deals."""
        return np.flatnonzero(self["status"][: self.count] == OPEN)


@dataclass
class Log:
    """Every change of a deal after its creation: by field, arrays (deal, microsecond, old, new)."""

    parts: dict[str, list[tuple[Ints, Ints, Ints, Ints]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def note(self, name: str, deals: Ints, us: Ints, old: Ints, new: Ints) -> None:
        """Record changes of one field; rows where nothing changes are left out."""
        real = old != new
        if real.any():
            self.parts[name].append((deals[real], us[real], old[real], new[real]))

    def field(self, name: str) -> NDArray[np.int64]:
        """Return the changes of a field as rows (deal, microsecond, old, new), as written."""
        parts = self.parts.get(name, [])
        if not parts:
            return np.zeros((0, 4), dtype=np.int64)
        return np.concatenate([np.stack(part, axis=1) for part in parts])


class Ends:
    """Ends of months and quarters of any day near the history."""

    def __init__(self, first: int, last: int) -> None:
        self._first = first
        days = range(first, last + 1)
        self._month = np.array([month_end(day) for day in days])
        self._quarter = np.array([quarter_end(date.fromordinal(day)).toordinal() for day in days])

    def month(self, day: Ints) -> Ints:
        """Return the month's end of ordinal days."""
        return np.asarray(self._month[np.clip(day - self._first, 0, len(self._month) - 1)])

    def quarter(self, day: Ints) -> Ints:
        """Return the quarter's end of ordinal days."""
        return np.asarray(self._quarter[np.clip(day - self._first, 0, len(self._quarter) - 1)])


@dataclass
class Presence:
    """Which deals were worked on in a week: deal, who held it, how much it asks for attention."""

    deals: Ints
    owners: Ints
    weights: Reals
