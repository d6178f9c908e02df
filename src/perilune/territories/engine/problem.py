"""A problem made ready: checked, merged, in an order that does not depend on the input's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from perilune.kernel.messages import gettext_noop as _
from perilune.territories.contracts import Request, Units
from perilune.territories.engine.alone import Alone, Bounds, stand_alone
from perilune.territories.engine.checks import Note, check, label, named
from perilune.territories.engine.graph import graph_of_places, neighbours, piles, places_within
from perilune.territories.engine.ground import FloatArray, Ground, IntArray


@dataclass(frozen=True)
class Ready:
    """What the search works on; `piece` leads back to the units as they came."""

    ground: Ground
    lower: FloatArray
    """(k, m); where something stands alone, what the search keeps to instead of `asked`."""
    upper: FloatArray
    target: FloatArray
    asked: Bounds
    """What the request asks for: figures and proof are held against it."""
    fixed: Any
    """(k,) True for pinned centres."""
    pinned: FloatArray
    """(k, 2) where they are."""
    piece: IntArray
    """(n,) row in the ground of each unit as it came."""
    notes: tuple[Note, ...]

    @property
    def k(self) -> int:
        """Number of territories."""
        return len(self.target)


def ready(units: Units, request: Request) -> Ready:
    """Check, merge what must stay together, put in canonical order, and find neighbours.

    Raises Invalid for what no plan can be made of.
    """
    check(units, request)
    n, k = len(units.ids), request.k
    piece, count = _merged(n, request.together)
    load = np.zeros((count, units.loads.shape[1]))
    np.add.at(load, piece, units.loads)
    mass = units.loads[:, 0]
    # what weighs nothing is still put where it is near
    mass = np.maximum(mass, 1e-6 * mass.sum() / max(n, 1))
    whole = np.bincount(piece, mass, count)
    points = np.column_stack(
        [np.bincount(piece, mass * units.points[:, axis], count) / whole for axis in (0, 1)]
    )
    if count == n:
        points = np.array(units.points, float)
    home, frozen = _homes(units, request, piece, count)
    group = np.zeros(count, np.int32)
    if units.group is not None:
        group[piece] = units.group
    moving = units.loads[:, 0] if units.moving_cost is None else units.moving_cost
    stay = request.stay * np.bincount(piece, moving, count)

    order = _order(points, load, piece, units.ids)
    place = np.empty(count, np.int64)
    place[order] = np.arange(count)
    original, piece = piece, place[piece]

    edges = None if units.edges is None else piece[np.asarray(units.edges, np.int64).reshape(-1, 2)]
    starts, links, added = neighbours(points[order], edges)
    found = _places(units, request, points[order], piece)
    rival, rivals = _rivals(count, [(int(piece[a]), int(piece[b])) for a, b in request.apart])
    shares = (
        np.full(k, 1.0 / k) if request.shares is None else request.shares / request.shares.sum()
    )
    width = np.array(request.tolerances)
    pinned = np.full((k, 2), np.nan) if request.pinned is None else np.array(request.pinned, float)
    may = np.ones((1, k), bool) if request.allowed is None else np.array(request.allowed, bool)
    alone = stand_alone(
        load, shares, width, np.where(frozen, home, -1), _owners(units, piece, count), may[group]
    )
    for heavy, seat in alone.seats.items():
        home[heavy], frozen[heavy] = seat, True
        if not np.isfinite(pinned[seat]).all():
            pinned[seat] = points[heavy]
    ground = Ground(
        points=np.ascontiguousarray(points[order]),
        mass=np.ascontiguousarray(whole[order]),
        load=np.ascontiguousarray(load[order]),
        table=np.zeros((0, 0)),
        home=home[order],
        stay=np.ascontiguousarray(stay[order]),
        group=group[order],
        allowed=may,
        frozen=frozen[order],
        rival=rival,
        rivals=rivals,
        starts=starts,
        links=links,
    )
    if found is not None:
        towns = graph_of_places(found, starts, links)
        ground = ground._replace(
            place=towns.place, around=towns.around, near=towns.near, first=towns.first,
            members=towns.members,
        )  # fmt: skip
    return Ready(
        ground,
        lower=alone.bounds.lower,
        upper=alone.bounds.upper,
        target=alone.bounds.target,
        asked=Bounds.around(shares[:, None] * load.sum(axis=0), width),
        fixed=np.isfinite(pinned).all(axis=1),
        pinned=pinned,
        piece=piece.astype(np.int32),
        notes=_notes(units, added) + _apart(units, request, alone, original),
    )


def _order(points: FloatArray, load: FloatArray, piece: Any, ids: tuple[str, ...]) -> Any:
    """Return the canonical order (count,): by place; where places coincide by load, then by id."""
    order = np.lexsort((points[:, 1], points[:, 0]))
    if not (np.diff(points[order], axis=0) == 0).all(axis=1).any():
        return order
    n, count = len(ids), len(points)
    rank = np.empty(n, np.int64)
    rank[sorted(range(n), key=lambda i: ids[i])] = np.arange(n)
    smallest = np.full(count, n, np.int64)
    np.minimum.at(smallest, piece, rank)
    return np.lexsort((smallest, *load.T[::-1], points[:, 1], points[:, 0]))


def _places(units: Units, request: Request, points: FloatArray, piece: Any) -> IntArray | None:
    """Return the place of each piece (count,), in the order of points; None: of units."""
    if units.place is not None:
        found = np.empty(len(points), np.int32)
        found[piece] = units.place
        return found
    if request.near > 0:
        return places_within(points, request.near)
    return piles(points, request.k) if units.edges is None else None


def _merged(n: int, together: tuple[tuple[int, int], ...]) -> tuple[Any, int]:
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    if not together:
        return np.arange(n), n
    pairs = np.array(together)
    graph = csr_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    count, piece = connected_components(graph, directed=False)
    return piece, count


def _homes(units: Units, request: Request, piece: Any, count: int) -> tuple[IntArray, Any]:
    """Return the holder (count,) and whether it is locked there; the lock decides."""
    home = np.full(count, -1, np.int32)
    if units.owner is not None and request.stay > 0:
        home[piece] = units.owner
    frozen = np.zeros(count, bool)
    if request.locked is not None:
        held = request.locked >= 0
        home[piece[held]] = request.locked[held]
        frozen[piece[held]] = True
    return home, frozen


def _rivals(count: int, apart: list[tuple[int, int]]) -> tuple[IntArray, IntArray]:
    lists: dict[int, list[int]] = {}
    for one, other in apart:
        lists.setdefault(one, []).append(other)
        lists.setdefault(other, []).append(one)
    rival = np.full(count, -1, np.int32)
    rivals: list[int] = []
    for one in sorted(lists):
        rival[one] = len(rivals)
        rivals += [*sorted(set(lists[one])), -1]
    return rival, np.array(rivals or [-1], np.int32)


def _owners(units: Units, piece: Any, count: int) -> IntArray:
    """Return who holds each piece (count,) today, -1 for nobody."""
    owner = np.full(count, -1, np.int32)
    if units.owner is not None:
        owner[piece] = units.owner
    return owner


def _apart(units: Units, request: Request, alone: Alone, piece: Any) -> tuple[Note, ...]:
    """Say what is more than a territory should hold, and that the others share out the rest."""
    if not alone.full:
        return ()
    rest = ("count", str(request.k - len(alone.full)))
    notes: list[Note] = []
    if alone.seats:
        ids = named([units.ids[i] for i in np.flatnonzero(np.isin(piece, list(alone.seats)))])
        message = _(
            "Heavier than a territory should be: %(ids)s. Each has a territory to itself, and the"
            " other %(count)s share out the rest evenly."
        )
        notes.append((message, (("ids", ids), rest)))
    by_lock = [a for a in alone.full if a not in alone.seats.values()]
    if by_lock:
        message = _(
            "What is locked to territory %(names)s is more than it should hold; the other"
            " %(count)s share out the rest evenly."
        )
        notes.append((message, (("names", named([label(request, a) for a in by_lock])), rest)))
    return tuple(notes)


def _notes(units: Units, added: int) -> tuple[Note, ...]:
    notes: list[Note] = []
    if added:
        message = _(
            "The neighbour graph has pieces without a link between them: the shortest ones were"
            " added (%(count)s), so a territory may reach across."
        )
        notes.append((message, (("count", str(added)),)))
    places = len(np.unique(units.points, axis=0))
    if places < len(units.ids):
        message = _("Accounts at the same place as another one: %(count)s.")
        notes.append((message, (("count", str(len(units.ids) - places)),)))
    return tuple(notes)
