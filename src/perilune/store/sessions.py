"""The store of this process: which one it is, its current version, the engine that reads it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from numpy.typing import NDArray

from perilune.kernel.errors import Invalid, Unavailable
from perilune.store.cache import ResultCache, Rows
from perilune.store.layout import Manifest, Store, TableFiles


class Engine(Protocol):
    """What runs SQL over a store's files."""

    dialect: str

    def physical(self, files: TableFiles) -> str:
        """Return the name under which a table is read."""

    def fetch(self, sql: str, tables: Iterable[TableFiles]) -> Rows:
        """Run SQL that reads these tables."""

    def arrays(self, sql: str, tables: Iterable[TableFiles]) -> dict[str, NDArray[Any]]:
        """Run SQL whose columns are numbers without nulls."""

    def close(self) -> None:
        """Let the engine go."""


def no_params() -> Mapping[str, Any]:
    """Return no parameters."""
    return {}


def utc() -> ZoneInfo:
    """Return the zone of a store whose company is not known."""
    return ZoneInfo("UTC")


@dataclass
class Reader:
    """A store opened for reading, with what it has in memory. Shared by threads."""

    store: Store
    engine_name: str = "duckdb"
    always: Callable[[], Mapping[str, Any]] = no_params
    zone_of: Callable[[], ZoneInfo] = utc
    cache: ResultCache = field(default_factory=ResultCache)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._seen: tuple[int, Manifest] = (0, Manifest())

    def manifest(self, version: int | None = None) -> Manifest:
        """Return the version to read; the file is only read again when it was replaced."""
        current = self._current()
        return current if version in (None, current.version) else self.store.manifest(version)

    def _current(self) -> Manifest:
        stamp = self.store.changed_at()
        seen = self._seen
        if stamp != seen[0]:
            seen = (stamp, self.store.manifest())
            if seen[1].identity != self._seen[1].identity:
                self.close()
            self._seen = seen
        return seen[1]

    def engine(self) -> Engine:
        """Return the engine, started on first use."""
        with self._lock:
            if self._engine is None:
                self._engine = _started(self.engine_name, self.store)
            return self._engine

    def close(self) -> None:
        """Let the engine and the results go; the next question starts anew."""
        with self._lock:
            if self._engine is not None:
                self._engine.close()
            self._engine = None
            self.cache.clear()


def _started(name: str, store: Store) -> Engine:
    if name == "duckdb":
        from perilune.store.dialects.duckdb import Session

        return Session(store)
    if name == "spark":
        from perilune.store.dialects.spark import SparkSessionOver

        return SparkSessionOver(store)
    raise Invalid("There is no engine named %(name)s.", name=name)


_current: list[Reader] = []


def use(reader: Reader) -> None:
    """Make a reader that of the process."""
    _current[:] = [reader]


def reader() -> Reader:
    """Return the reader of the process; Unavailable when nobody has named a store."""
    if not _current:
        raise Unavailable("No store is open: name a home first.")
    return _current[0]


@contextmanager
def using(other: Reader) -> Iterator[Reader]:
    """Put another reader in place of the process's for a while; for tests and tools."""
    before = list(_current)
    use(other)
    try:
        yield other
    finally:
        _current[:] = before
        other.close()
