"""What threads of a process compute once and share: a bounded memory of the latest answers.

The key of an answer holds all that it depends on (version of the store, question, scope, settings),
so nothing is ever outdated; what is asked least goes. While one thread computes, those who ask for
the same wait for it instead of computing it beside it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Any, Generic, TypeVar
from weakref import WeakSet

T = TypeVar("T")

_every: WeakSet[Kept[Any]] = WeakSet()


def forget_all() -> None:
    """Empty every memory of the process, as a new process would find it; for benchmarks."""
    for kept in list(_every):
        kept.clear()


class Kept(Generic[T]):
    """The latest `size` answers by key; fewer where they weigh more than `most` together."""

    def __init__(
        self, size: int, most: float = float("inf"), weigh: Callable[[T], float] = lambda _: 0.0
    ) -> None:
        self._size, self._most, self._weigh = size, most, weigh
        self._answers: OrderedDict[Hashable, T] = OrderedDict()
        self._weights: dict[Hashable, float] = {}
        self._under_way: dict[Hashable, Future[None]] = {}
        self._lock = threading.Lock()
        _every.add(self)

    def get(self, key: Hashable, compute: Callable[[], T]) -> T:
        """Return the answer that is kept, or compute it: one thread does, the others wait for it.

        An answer that fails is nobody's: who computed it gets the error, and one of those who
        waited tries anew. `compute` must not ask for its own key.
        """
        while True:
            with self._lock:
                if key in self._answers:
                    self._answers.move_to_end(key)
                    return self._answers[key]
                running = self._under_way.get(key)
                if running is None:
                    mine = self._under_way[key] = Future()
            if running is None:
                return self._computed(key, compute, mine)
            running.result()

    def put(self, key: Hashable, answer: T) -> None:
        """Keep an answer, and let the one go that was asked for least lately."""
        with self._lock:
            self._answers[key] = answer
            self._answers.move_to_end(key)
            self._weights[key] = self._weigh(answer)
            while len(self._answers) > 1 and self._is_full():
                del self._weights[self._answers.popitem(last=False)[0]]

    def peek(self, key: Hashable) -> T | None:
        """Return the answer that is kept, None where there is none."""
        with self._lock:
            return self._answers.get(key)

    def clear(self) -> None:
        """Forget everything; what is being computed is kept when it is done."""
        with self._lock:
            self._answers.clear()
            self._weights.clear()

    def _is_full(self) -> bool:
        return len(self._answers) > self._size or sum(self._weights.values()) > self._most

    def _computed(self, key: Hashable, compute: Callable[[], T], mine: Future[None]) -> T:
        try:
            answer = compute()
            self.put(key, answer)
            return answer
        finally:
            with self._lock:
                del self._under_way[key]
            mine.set_result(None)
