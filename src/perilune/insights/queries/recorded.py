"""Outlooks on record: those of past days, kept on a shelf of the store for every process.

The key is a digest of all that an outlook depends on: what was known at the end of its day, the
seasons ahead, the days of the models that it looked at, the horizon, and how it is reckoned. A
change behind a day makes another key; what nobody asks for any more goes, and a rebuild of the
store takes all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from perilune.insights.contracts import Outlook
from perilune.store import service as store

RECKONING = "outlook-1"
"""How an outlook is reckoned from a model: to be raised with whatever changes its digits."""
MOST = 2**30
"""Bytes on the shelf. An outlook of 60 owners a year ahead weighs half a megabyte, of 91 days a
quarter of that; eighty stand behind a forecast."""

Key = tuple[str, tuple[int, ...], int]
_PLAIN = ("day", "model_day", "moved_new")


class Record:
    """The shelf while outlooks are asked for: what is not on it is reckoned and put there."""

    def __init__(self) -> None:
        self._shelf = store.shelf("outlooks", MOST)
        self._is_new = False

    def get(self, key: Key, reckon: Callable[[], Outlook]) -> Outlook:
        """Return the outlook of (digest of its day, days of its models, horizon)."""
        digest, models, horizon = key
        told = f"{RECKONING} {digest} {','.join(map(str, models))} {horizon}"
        name = hashlib.sha256(told.encode()).hexdigest()
        found = self._shelf.get(name)
        if found is not None:
            return _of(found)
        outlook = reckon()
        self._shelf.put(name, _arrays(outlook))
        self._is_new = True
        return outlook

    def __enter__(self) -> Self:
        """Return itself; what was put there is held to the bound at the end."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Hold the shelf to its bound, where something was put there."""
        if self._is_new:
            self._shelf.tidy()


def _arrays(outlook: Outlook) -> dict[str, NDArray[np.generic]]:
    return {each.name: np.asarray(getattr(outlook, each.name)) for each in fields(outlook)}


def _of(found: dict[str, NDArray[np.generic]]) -> Outlook:
    given: dict[str, Any] = {
        name: array.item() if name in _PLAIN else array for name, array in found.items()
    }
    return Outlook(**given)
