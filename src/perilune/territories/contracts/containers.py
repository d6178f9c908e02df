"""Containers as units, and the way back to the accounts."""

from __future__ import annotations

from dataclasses import dataclass

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
