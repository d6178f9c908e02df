"""A store of the little world, opened for the process."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from perilune.store import sessions
from perilune.store.layout import Store
from perilune.store.testing import registered
from perilune.store.tests.worlds import World

Opened = Callable[[World], AbstractContextManager[Store]]


@contextmanager
def opened(world: World) -> Iterator[Store]:
    """Open an empty store for a world."""
    with tempfile.TemporaryDirectory() as folder, registered([world.table()], {}):
        store = Store(Path(folder) / "store", lock_timeout=5)
        with sessions.using(sessions.Reader(store)):
            yield store


@pytest.fixture
def world() -> Iterator[World]:
    """A world whose store is that of the process; nothing is built yet."""
    new = World()
    with opened(new):
        yield new
