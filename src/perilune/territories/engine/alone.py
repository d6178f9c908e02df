"""What a territory must hold though it is more than it should: the others share out the rest.

One account may be heavier than a territory, or what is locked to one may be. No plan is within the
tolerance then, and one that spreads the blame evenly helps nobody. So such a territory keeps to
what it must hold, and the others are balanced among themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from perilune.territories.engine.ground import FloatArray, IntArray


@dataclass(frozen=True)
class Bounds:
    """What each of k territories should hold of m attributes: target, least, most; each (k, m)."""

    target: FloatArray
    lower: FloatArray
    upper: FloatArray

    @classmethod
    def around(cls, target: FloatArray, width: FloatArray) -> Bounds:
        """Return the bounds of a tolerance (m,), as a share of the target."""
        return cls(target, target * (1 - width), target * (1 + width))


@dataclass(frozen=True)
class Alone:
    """Pieces that are given a territory to themselves, and the bounds that then make sense."""

    bounds: Bounds
    seats: dict[int, int]
    """Territory by piece, of those that no lock had put there."""
    full: tuple[int, ...]
    """Territories that hold more than they should, come what may."""


def stand_alone(  # noqa: PLR0917  # a problem's columns
    load: FloatArray,
    shares: FloatArray,
    width: FloatArray,
    locked: IntArray,
    owner: IntArray,
    allowed: Any,
) -> Alone:
    """Find the pieces that stand alone, and what is then asked of every territory.

    load (n, m), shares (k,) summing to 1, width (m,), locked and owner (n,) territory or -1,
    allowed (n, k). With nothing too heavy, or with no territory left to share out the rest, the
    bounds are those of the tolerance.
    """
    total = load.sum(axis=0)
    asked = Bounds.around(shares[:, None] * total, width)
    seats: dict[int, int] = {}
    full: tuple[int, ...] = ()
    held = _held(load, locked, len(shares))
    bounds = asked
    for __ in range(len(shares)):
        most = bounds.upper * (1 + 1e-9)
        free = [a for a in range(len(shares)) if a not in full]
        over = tuple(a for a in free if (held[a] > most[a]).any())
        heavy = _heaviest(load, locked, seats, most[free])
        if heavy is not None and not over:
            seat = _seat(heavy, free, held, owner, allowed[heavy])
            if seat is None:
                break
            seats[heavy] = seat
            held[seat] += load[heavy]
            over = (seat,)
        if not over:
            return Alone(bounds, seats, full)
        full += over
        if len(full) >= len(shares):
            break
        bounds = _relieved(asked, shares, width, total, held, full)
    return Alone(asked, {}, ())


def _held(load: FloatArray, locked: IntArray, k: int) -> FloatArray:
    held = np.zeros((k, load.shape[1]))
    here = locked >= 0
    np.add.at(held, locked[here], load[here])
    return held


def _heaviest(load: FloatArray, locked: IntArray, seats: Any, most: FloatArray) -> int | None:
    """Return the piece that exceeds the most of every free territory by most, or None."""
    times = (load / most.max(axis=0)).max(axis=1)
    times[locked >= 0] = 0.0
    times[list(seats)] = 0.0
    piece = int(times.argmax())
    return piece if times[piece] > 1 else None


def _seat(
    piece: int, free: list[int], held: FloatArray, owner: IntArray, allowed: Any
) -> int | None:
    """Return its owner's territory, else the one to which least is locked, of who may hold it."""
    open_to_it = [a for a in free if allowed[a]]
    if owner[piece] in open_to_it:
        return int(owner[piece])
    owned = np.bincount(owner[owner >= 0], minlength=len(held))
    return min(open_to_it, key=lambda a: (held[a].sum(), owned[a], -a), default=None)


def _relieved(  # noqa: PLR0917  # as above
    asked: Bounds,
    shares: FloatArray,
    width: FloatArray,
    total: FloatArray,
    held: FloatArray,
    full: tuple[int, ...],
) -> Bounds:
    """Return bounds under which full territories keep what they hold and the others share out."""
    taken = np.zeros(len(shares), bool)
    taken[list(full)] = True
    rest = total - held[taken].sum(axis=0)
    target = shares[:, None] / shares[~taken].sum() * rest
    target[taken] = np.where(held[taken] > 0, held[taken], asked.target[taken])
    bounds = Bounds.around(np.where(target > 0, target, asked.target), width)
    bounds.lower[taken] = 0.0
    bounds.upper[taken] = held[taken]  # nothing joins what is too much already
    return bounds
