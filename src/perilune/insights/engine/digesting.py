"""Digests of what was known by a day: equal ones give equal models and outlooks."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from perilune.insights.engine.journeys import DAYS, FOREVER, Journeys

if TYPE_CHECKING:
    from hashlib import _Hash


class Trail:
    """The digests of one company's knowledge by day, with all that it takes to go on from them.

    Rows are hashed in the order in which they became known, so a reading that differs from an
    earlier one from some day on is hashed from that day on (`cut`). Shared by threads.
    """

    def __init__(self) -> None:
        self._marks: dict[int, list[list[_Hash]]] = {}
        self._lock = threading.Lock()

    def cut(self, day: int) -> Trail:
        """Return the trail of knowledge that is the same before a day and may differ later."""
        other = Trail()
        with self._lock:
            other._marks = {at: mark for at, mark in self._marks.items() if at < day}
        return other

    def digests(self, journeys: Journeys, days: Iterable[int]) -> dict[int, str]:
        """Return for each day a SHA-256 of all that was known at its end.

        Equal digests give equal models: what became known later plays no part.
        """
        with self._lock:
            wanted = sorted(set(days))
            missing = [day for day in wanted if day not in self._marks]
            if missing:
                self._hash(journeys, missing)
            return {day: _digest(day, self._marks[day]) for day in wanted}

    def _hash(self, journeys: Journeys, missing: Sequence[int]) -> None:
        since = self._before(missing[0])
        tables = [_Learnt(columns) for columns in _said(journeys, since)]
        for day in missing:
            mark = self._before(day)
            # a hash a column: where a reading pauses must not show
            hashes = (
                [[hashlib.sha256() for __ in table.columns] for table in tables]
                if mark is None
                else [[one.copy() for one in group] for group in self._marks[mark]]
            )
            for table, group in zip(tables, hashes, strict=True):
                table.add(group, mark, day)
            self._marks[day] = hashes

    def _before(self, day: int) -> int | None:
        return max((at for at in self._marks if at < day), default=None)


def _digest(day: int, hashes: Sequence[Sequence[_Hash]]) -> str:
    parts = [b"".join(one.digest() for one in group) for group in hashes]
    return hashlib.sha256(b"".join([repr(day).encode(), *parts])).hexdigest()


def _said(journeys: Journeys, since: int | None) -> list[list[NDArray[Any]]]:
    """Return what became known after a day (all for None): spells, ends, acts; first their day."""
    key = journeys.key[journeys.deal]
    said: list[NDArray[Any]] = [
        journeys.start, key, journeys.state, journeys.closed, journeys.due, journeys.value,
        journeys.owner, journeys.pushes, journeys.created[journeys.deal],
        *(journeys.codes[name] for name in sorted(journeys.codes)),
    ]  # fmt: skip
    # a spell without another one after it ended because the deal was deleted or merged
    ended = journeys.end < FOREVER
    acts: list[NDArray[Any]] = [
        journeys.acts_from,
        journeys.key[journeys.acts // DAYS],
        journeys.acts % DAYS,
    ]
    tables: list[list[NDArray[Any]]] = [said, [journeys.end[ended], key[ended]], acts]
    if since is None:
        return tables
    return [[column[table[0] > since] for column in table] for table in tables]


class _Learnt:
    """Rows in the order in which they became known. The first column is the day."""

    def __init__(self, columns: Sequence[NDArray[Any]]) -> None:
        order = np.lexsort((columns[-1], columns[1], columns[0]))
        self.columns = [column[order] for column in columns]

    def add(self, hashes: Sequence[_Hash], after: int | None, upto: int) -> None:
        """Hash the rows that became known after a day (from the start for None), up to another."""
        day = self.columns[0]
        low = 0 if after is None else int(np.searchsorted(day, after, "right"))
        high = int(np.searchsorted(day, upto, "right"))
        for column, whole in zip(self.columns, hashes, strict=True):
            whole.update(np.ascontiguousarray(column[low:high]).tobytes())
