"""Units to be shared out, and what is asked of the plan."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

FloatArray = np.ndarray[Any, np.dtype[np.float64]]
IntArray = np.ndarray[Any, np.dtype[np.int32]]
BoolArray = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True)
class Units:
    """Accounts, or containers of accounts, as arrays: n units, m attributes."""

    ids: tuple[str, ...]
    points: FloatArray
    """(n, 2) km east and north."""
    loads: FloatArray
    """(n, m) what is to be balanced, not negative; the first also weighs in compactness."""
    names: tuple[str, ...]
    """m names of the attributes."""
    edges: IntArray | None = None
    """(e, 2) who is whose neighbour, by unit number; None: by triangulation."""
    owner: IntArray | None = None
    """(n,) territory that holds a unit now, -1 for none; None: there is no present plan."""
    moving_cost: FloatArray | None = None
    """(n,) what moving a unit breaks (rule 31); None: the first attribute."""
    group: IntArray | None = None
    """(n,) row of `Request.allowed`; None: all in row 0."""
    place: IntArray | None = None
    """(n,) number of the town, postcode or other place of each unit, where connection is asked of
    places; None: of units, or of places found by `Request.near`."""

    @property
    def total(self) -> FloatArray:
        """Sum of each attribute (m,)."""
        return np.asarray(self.loads.sum(axis=0))


@dataclass(frozen=True)
class Request:
    """What is asked of a plan."""

    k: int
    tolerances: tuple[float, ...]
    """m shares of the target that a territory may be off, as 0.01 for 1 %."""
    locked: IntArray | None = None
    """(n,) territory that must hold the unit, -1 where free."""
    pinned: FloatArray | None = None
    """(k, 2) km; a centre that must stay where it is, NaN where it is free."""
    together: tuple[tuple[int, int], ...] = ()
    """Pairs of unit numbers that must share a territory."""
    apart: tuple[tuple[int, int], ...] = ()
    """Pairs of unit numbers that may not."""
    allowed: BoolArray | None = None
    """(g, k) which territory may hold which group of units; None: every one."""
    shares: FloatArray | None = None
    """(k,) share of the total that a territory is to get; None: equal ones."""
    quick: bool = False
    """A first look: few starts and one way of trade, much quicker and a little less compact."""
    stay: float = 0.0
    """km^2 that a unit of load may be farther so that it stays where it is."""
    near: float = 0.0
    """km; units within it of a common middle are one place, and connection is asked of places: a
    territory hangs together if the places where it holds a unit do. 0: of units; a plan that stays
    asks it of places of 8 km all the same, and says so, where today's holders share towns."""
    names: tuple[str, ...] = field(default=())
    """k names of the territories; empty: 1 to k."""
