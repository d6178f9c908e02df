"""What the records of fakes share: a clock that can be stopped, writes that are seen late."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta


class Records:
    """The records of an account in memory. `clock` is a function, or set by `at`."""

    def __init__(self, clock: Callable[[], datetime] | None = None) -> None:
        self.clock = clock or (lambda: datetime.now(UTC))
        self.lock = threading.RLock()
        self._open: list[Callable[[], None]] | None = None

    def at(self, when: datetime) -> None:
        """Stop the account's clock at an instant."""
        self.clock = lambda: when

    def pass_time(self, **parts: float) -> None:
        """Move a stopped clock on."""
        self.at(self.clock() + timedelta(**parts))

    @contextmanager
    def late(self) -> Iterator[Callable[[], None]]:
        """Write what is stamped now and is to be seen when the given verb is called."""
        waiting: list[Callable[[], None]] = []
        self._open = waiting

        def commit() -> None:
            with self.lock:
                for show in waiting:
                    show()

        try:
            yield commit
        finally:
            self._open = None

    def _show(self, show: Callable[[], None]) -> None:
        if self._open is None:
            show()
        else:
            self._open.append(show)
