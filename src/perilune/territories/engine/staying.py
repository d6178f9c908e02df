"""Staying with one's holder: the price of leaving, where such a plan begins, what connects it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from perilune.kernel.messages import gettext_noop as _
from perilune.territories.contracts import Request, Units
from perilune.territories.engine import kernels
from perilune.territories.engine.graph import graph_of_places, places_within
from perilune.territories.engine.ground import FloatArray, Ground, IntArray
from perilune.territories.engine.problem import Ready

SHARED = 0.2
"""Share of today's load cut off from the rest of its holder's, from which on towns are shared."""

AROUND = 8.0
"""km around a middle that are one place where holders share towns."""


def with_stay(units: Units, request: Request, made: Ready, stay: float) -> Ready:
    """Return the problem with a price on leaving the present holder."""
    cost = units.loads[:, 0] if units.moving_cost is None else units.moving_cost
    ground = made.ground
    count = len(ground.mass)
    return replace(
        made,
        ground=ground._replace(
            home=np.where(ground.frozen, ground.home, _holders(units, made)),
            stay=stay * np.bincount(made.piece, cost, count).astype(float),
        ),
    )


def over_shared_towns(units: Units, request: Request, made: Ready) -> Ready:
    """Return the problem connected by places where today's holders share towns, else as it is.

    Where accounts of several holders lie among each other, connection of accounts cuts nearly all
    of them off, and no price keeps them. Places are asked instead if more than SHARED of the load
    held is cut off today and places mend at least half of that; a note says so. What the request
    says of places stands.
    """
    if request.near > 0 or units.place is not None:
        return made
    ground, holder = made.ground, _holders(units, made)
    apart = _apart(ground, holder, made.k)
    if apart <= SHARED:
        return made
    towns = graph_of_places(places_within(ground.points, AROUND), ground.starts, ground.links)
    joined = ground._replace(**towns._asdict())
    if _apart(joined, holder, made.k) > apart / 2:
        return made
    message = _(
        "Holders share towns today: %(share)s %% of the load is cut off from the rest of its"
        " holder's. So that it can stay, connection is asked of places of %(km)s km."
    )
    note = message, (("share", f"{100 * apart:.0f}"), ("km", f"{AROUND:.0f}"))
    return replace(made, ground=joined, notes=(*made.notes, note))


def starts(
    made: Ready, centres: FloatArray, price: FloatArray
) -> list[tuple[FloatArray, FloatArray]]:
    """Return the centres and prices that a plan may grow from.

    Where leaving has a price, the middles of what holders have now are a second start: the dearer a
    move, the more of the best map is theirs. Who holds nothing keeps the centre given.
    """
    ground = made.ground
    held = ground.home >= 0
    if not (ground.stay[held & ~ground.frozen] > 0).any():
        return [(centres, price)]
    own, mass = ground.home[held], ground.mass[held]
    total = np.bincount(own, mass, made.k)
    middle = centres.copy()
    mine = (total > 0) & ~made.fixed
    for axis in (0, 1):
        moment = np.bincount(own, mass * ground.points[held, axis], made.k)
        middle[mine, axis] = moment[mine] / total[mine]
    return [(centres, price), (middle, np.zeros_like(price))]


def _holders(units: Units, made: Ready) -> IntArray:
    """Return (count,) who holds each piece of the ground today, -1 for nobody."""
    assert units.owner is not None
    holder = np.full(len(made.ground.mass), -1, np.int32)
    holder[made.piece] = units.owner
    return holder


def _apart(ground: Ground, holder: IntArray, k: int) -> float:
    """Return the share of the load held that is outside the heaviest part of its holder's."""
    owner = np.where(holder >= 0, holder, k).astype(np.int32)
    part, count = kernels.connected.parts_in(
        ground, owner, kernels.places.counted(ground.place, ground.first, owner, k + 1)
    )
    main = kernels.connected.main_parts(part, count, owner, ground.mass, k + 1)
    held = holder >= 0
    outside = held & (part != main[owner])
    return float(ground.mass[outside].sum() / max(ground.mass[held].sum(), 1e-300))
