"""A problem as the compiled search reads it: plain arrays."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

FloatArray = np.ndarray[Any, np.dtype[np.float64]]
IntArray = np.ndarray[Any, np.dtype[np.int32]]

NO_PLACE: IntArray = np.zeros(0, np.int32)


class Ground(NamedTuple):
    """A problem as plain arrays; n units, k territories, m balance attributes, g groups."""

    points: FloatArray
    """(n, 2) km."""
    mass: FloatArray
    """(n,) what a unit weighs in compactness."""
    load: FloatArray
    """(n, m) what is balanced."""
    table: FloatArray
    """(n, k) cost of a unit in a territory, or (0, 0): mass times squared distance."""
    home: IntArray
    """(n,) territory that holds the unit now, -1 for none."""
    stay: FloatArray
    """(n,) cost of leaving it."""
    group: IntArray
    """(n,) eligibility group."""
    allowed: np.ndarray[Any, np.dtype[np.bool_]]
    """(g, k) which territories may hold a group."""
    frozen: np.ndarray[Any, np.dtype[np.bool_]]
    """(n,) locked where it is."""
    rival: IntArray
    """(n,) first row of its list in `rivals`, which ends with -1; -1 for none."""
    rivals: IntArray
    """Units that may not share a territory."""
    starts: IntArray
    """(n + 1,) of the neighbour graph."""
    links: IntArray
    """(edges,) neighbours."""
    place: IntArray = NO_PLACE
    """(n,) place of each unit where connection is asked of places, else (0,)."""
    around: IntArray = NO_PLACE
    """(p + 1,) of the graph of places, in which each is its own neighbour too."""
    near: IntArray = NO_PLACE
    """(edges,) places beside a place, itself among them."""
    first: IntArray = NO_PLACE
    """(p + 1,) of `members`."""
    members: IntArray = NO_PLACE
    """(n,) units by place."""
