"""Containers as units, and the way back to the accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from perilune.territories.contracts.units import IntArray, Request, Units


@dataclass(frozen=True)
class Gathered:
    """Containers as units, and the way back to the accounts."""

    units: Units
    request: Request
    member: IntArray
    """(n,) container of each account."""
    alone: tuple[int, ...]
    """Accounts in no container: each is a unit of its own."""
    heavy: tuple[str, ...]
    """Containers above the most of every territory."""
    split: tuple[str, ...]
    """Those of them that were taken apart into their accounts."""


@dataclass(frozen=True)
class Containers:
    """What the accounts of a draft lie in: towns, postcodes, departments, polygons.

    by: as `service.put_containers` takes it; title: its English msgid, or the file's name. member:
    (n,) number of each account's container, -1 for none. edges: (e, 2) neighbours by number, None
    by triangulation. notes: what was said when they were read, each with its placeholders.
    """

    id: int
    digest: str
    by: str
    title: str
    names: tuple[str, ...]
    member: IntArray
    edges: IntArray | None
    has_shapes: bool
    notes: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()

    def of(self, unit: int) -> str:
        """Return the name of an account's container, "" for none."""
        at = int(self.member[unit])
        return self.names[at] if at >= 0 else ""

    def whole(self, units: np.ndarray[Any, Any]) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Return accounts with all that lie in the same containers, each once."""
        touched = np.unique(self.member[units])
        inside = np.isin(self.member, touched[touched >= 0])
        inside[units] = True
        return np.flatnonzero(inside).astype(np.int64)


@dataclass(frozen=True)
class Torn:
    """A container whose accounts are in several territories.

    parts: the names of these, "" for none, None for one that is not the reader's, with how many
    accounts are where.
    """

    name: str
    parts: tuple[tuple[str | None, int], ...]


@dataclass(frozen=True)
class ContainersView:
    """The containers of a draft as a person sees it: of the accounts that they see.

    count: that hold accounts; alone: accounts in none; torn: in several territories, the largest
    first. choices: what they can be, by key, with an English msgid each.
    """

    containers: Containers | None
    count: int
    alone: int
    torn: tuple[Torn, ...]
    choices: tuple[tuple[str, str], ...]
