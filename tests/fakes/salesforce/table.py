"""The rows of one object by their id, found by an instant as an org finds them: by an index."""

from __future__ import annotations

from bisect import bisect_left
from itertools import islice
from typing import Any

INDEXED_FROM = 50_000
"""Rows below which looking at all of them is quick enough."""

_STALE = 20_000

Record = dict[str, Any]


class Table(dict[str, Record]):
    """Rows by id. Whoever changes a row of a large table puts it anew, so that it is noticed."""

    def __init__(self) -> None:
        super().__init__()
        self._indexes: dict[str, list[tuple[str, str]]] = {}
        self._touched: set[str] = set()

    def __setitem__(self, key: str, row: Record) -> None:
        if self._indexes:
            self._touched.add(key)
        super().__setitem__(key, row)

    def between(self, column: str, first: str, end: str = "") -> list[Record]:
        """Return rows of which none from an instant on, and before an end, is missing."""
        if len(self) < INDEXED_FROM:
            return list(self.values())
        if len(self._touched) > _STALE:
            self._indexes.clear()
            self._touched.clear()
        index = self._indexes.get(column)
        if index is None:
            index = sorted((row[column], key) for key, row in self.items() if row.get(column))
            self._indexes[column] = index
        start = bisect_left(index, (first, ""))
        stop = bisect_left(index, (end, "")) if end else len(index)
        if stop - start > len(self) // 4:
            return list(self.values())
        keys = {key for _at, key in islice(index, start, stop)} | self._touched
        return [self[key] for key in keys if key in self]
