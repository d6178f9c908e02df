"""Verbs of the store: name it, bring it up to the records, keep a version."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from perilune.store import refreshing, sessions
from perilune.store.layout import Store
from perilune.store.refreshing import OnProgress
from perilune.store.sessions import Reader
from perilune.store.shelves import Shelf


def open_store(home: Path, memory_limit: str = "1GB", threads: int = 2) -> Store:
    """Return the store of a home; it need not exist yet."""
    return Store(Path(home) / "store", memory_limit, threads)


def configure(
    home: Path,
    *,
    engine: str = "duckdb",
    memory_limit: str = "1GB",
    threads: int = 2,
    always: Callable[[], Mapping[str, Any]] = sessions.no_params,
    zone_of: Callable[[], ZoneInfo] = sessions.utc,
) -> Store:
    """Make a home's store that of the process.

    always: gives the parameters that every query may name, such as the company's `currency`.
    zone_of: gives the company's time zone, in which the command line reads days.
    """
    store = open_store(home, memory_limit, threads)
    sessions.use(Reader(store, engine, always, zone_of))
    return store


def zone() -> ZoneInfo:
    """Return the company's time zone, UTC when the site has not named one."""
    return sessions.reader().zone_of()


def current() -> Store:
    """Return the store of the process; Unavailable when none was configured."""
    return sessions.reader().store


def refresh(progress: OnProgress | None = None) -> int:
    """Bring the store up to the records and return its version.

    progress: called with a `Progress` while rows are written. Unavailable when another process has
    been writing for too long; whatever happens, the version of before stays readable.
    """
    return refreshing.refresh(current(), progress)


def stamp() -> tuple[Path, int]:
    """Bring the store up to the records: which store it is and its version, for keys of answers."""
    return current().path, refresh()


def rebuild(progress: OnProgress | None = None) -> int:
    """Build every table anew from the records and return the version."""
    return refreshing.refresh(current(), progress, anew=True)


def compact(progress: OnProgress | None = None, *, every: bool = False) -> int:
    """Fold the overlays that have outgrown their use (or every one) and return the version."""
    return refreshing.compact(current(), progress, every=every)


def shelf(name: str, most: int) -> Shelf:
    """Return the shelf of a name: arrays kept across processes, at most so many bytes of them."""
    return Shelf(current().path, name, most)


def pin(version: int, holder: str = "run") -> None:
    """Keep a version readable until `unpin` with the same holder; NotFound if it is gone."""
    current().pin(version, holder)


def unpin(version: int, holder: str = "run") -> None:
    """Let a version go, as far as this holder is concerned."""
    current().unpin(version, holder)
