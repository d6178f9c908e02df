"""Results that were asked for lately: a bounded memory, shared by the threads of a process."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Any

Rows = tuple[tuple[str, ...], list[tuple[Any, ...]]]


class ResultCache:
    """Keeps the latest results up to a number of cells; a result over a tenth of it is not kept."""

    def __init__(self, cells: int = 2_000_000) -> None:
        self._cells = cells
        self._used = 0
        self._items: OrderedDict[Hashable, Rows] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Rows | None:
        """Return the columns and a list of the rows, None when they are not kept."""
        with self._lock:
            found = self._items.get(key)
            if found is not None:
                self._items.move_to_end(key)
            return found and (found[0], list(found[1]))

    def put(self, key: Hashable, rows: Rows) -> None:
        """Keep a result, and let the least used go."""
        if _size(rows) > self._cells // 10:
            return
        with self._lock:
            self._drop(key)
            self._items[key] = (rows[0], list(rows[1]))
            self._used += _size(rows)
            while self._used > self._cells:
                self._drop(next(iter(self._items)))

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._items.clear()
            self._used = 0

    def _drop(self, key: Hashable) -> None:
        found = self._items.pop(key, None)
        if found is not None:
            self._used -= _size(found)


def _size(rows: Rows) -> int:
    return (len(rows[1]) + 1) * max(1, len(rows[0]))
