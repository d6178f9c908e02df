"""Answers kept in the memory of a process, by all that they stand on."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Kept(Generic[Answer]):
    """The answers last asked for, at most `most`; safe between threads."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._memory: OrderedDict[Hashable, Answer] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Answer | None:
        """Return what is kept under a key, None where nothing is."""
        with self._lock:
            if key in self._memory:
                self._memory.move_to_end(key)
            return self._memory.get(key)

    def put(self, key: Hashable, answer: Answer) -> None:
        """Keep an answer; the one that was not asked for longest goes."""
        with self._lock:
            self._memory[key] = answer
            self._memory.move_to_end(key)
            while len(self._memory) > self.most:
                self._memory.popitem(last=False)

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._memory.clear()
