"""Who is whose neighbour: the edges given, else a Delaunay triangulation; in one piece."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from perilune.territories.engine.meshing import mesh_edges

IntArray = np.ndarray[Any, np.dtype[np.int32]]
FloatArray = np.ndarray[Any, np.dtype[np.float64]]

PILED = 0.05
"""Share of units at the point of another one, from which on points are places."""

MOST_COUNTS = 20_000_000
"""Places times territories that are counted at most."""


def neighbours(points: FloatArray, edges: IntArray | None = None) -> tuple[IntArray, IntArray, int]:
    """Return the neighbour graph as starts (n + 1,) and links (e,), and the number of bridges.

    points (n, 2) km; edges (e, 2) unit numbers in any direction, or None for Delaunay. Units at the
    same place are neighbours. A graph of several pieces (islands) is joined by the shortest links
    between them; the number of links added is returned, for somebody should know.
    """
    pairs = _delaunay(points) if edges is None else np.asarray(edges, np.int64).reshape(-1, 2)
    pairs, added = _joined(points, pairs)
    return *rows_of_pairs(pairs, len(points)), added


def rows_of_pairs(pairs: Any, n: int) -> tuple[IntArray, IntArray]:
    """Return pairs (e, 2) as starts (n + 1,) and links, each pair in both directions."""
    from scipy.sparse import csr_matrix

    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    both = np.concatenate([pairs, pairs[:, ::-1]])
    links = csr_matrix((np.ones(len(both), np.int8), (both[:, 0], both[:, 1])), shape=(n, n))
    links.sum_duplicates()
    links.sort_indices()
    return links.indptr.astype(np.int32), links.indices.astype(np.int32)


def _delaunay(points: FloatArray) -> Any:
    """Return (e, 2) edges; a chain along the line where the places span no plane."""
    from scipy.spatial import QhullError

    places, first, which = np.unique(points, axis=0, return_index=True, return_inverse=True)
    which = which.ravel()
    found = None
    if len(places) >= 4:
        try:
            places -= places.mean(axis=0)  # near the origin rounding is finest
            found = mesh_edges(places)
        except QhullError:
            found = None
    if found is None:  # all on one line: np.unique has put them in its order
        found = np.column_stack([np.arange(len(places) - 1), np.arange(1, len(places))])
    return np.concatenate([first[found], *_same_place(which)])


def _same_place(which: Any) -> list[Any]:
    """Link each unit with the next few at its place, so that any run of them is connected."""
    order = np.argsort(which, kind="stable")
    links = []
    for step in range(1, 5):
        left, right = order[:-step], order[step:]
        same = which[left] == which[right]
        links.append(np.column_stack([left[same], right[same]]))
    return links


def _joined(points: FloatArray, pairs: Any) -> tuple[Any, int]:
    """Add the shortest link between pieces until there is one."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    n, added = len(points), 0
    while n > 1:
        graph = csr_matrix((np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
        count, piece = connected_components(graph, directed=False)
        if count == 1:
            break
        # every piece but the largest reaches for the nearest unit of another one
        largest = np.bincount(piece).argmax()
        new = []
        for one in range(count):
            if one == largest:
                continue
            inside = np.flatnonzero(piece == one)
            outside = np.flatnonzero(piece != one)
            gap, near = cKDTree(points[outside]).query(points[inside])
            at = int(gap.argmin())
            new.append((inside[at], outside[near[at]]))
            if len(new) >= 64:
                break
        pairs = np.concatenate([pairs, np.array(new)])
        added += len(new)
    return pairs, added


def places_within(points: FloatArray, km: float) -> IntArray:
    """Return the place (n,) of each unit: who is within so many km of a common middle.

    The unit with most others near becomes a middle and takes those near it that have no place yet,
    then the next. No place is wider than twice the distance, so that places do not grow together
    over a whole country as they would link by link.
    """
    from scipy.spatial import cKDTree

    tree = cKDTree(points)
    crowd = tree.query_ball_point(points, km, return_length=True)
    place = np.full(len(points), -1, np.int32)
    count = 0
    for one in np.argsort(-crowd, kind="stable"):
        if place[one] >= 0:
            continue
        around = np.array(tree.query_ball_point(points[one], km))
        place[around[place[around] < 0]] = count
        count += 1
    return place


def piles(points: FloatArray, k: int) -> IntArray | None:
    """Return the place (n,) of each unit, by its exact point, where many share theirs; else None.

    points (n, 2), those at one point in a row. A triangulation knows one unit of each point, so
    that only one territory of a pile could reach the next one; as places all of them do. A few
    pairs are left to it, and so is what k territories would have no memory for.
    """
    same = (np.diff(points, axis=0) == 0).all(axis=1)
    count = len(points) - int(same.sum())
    if same.sum() < max(PILED * len(points), 1) or count * k > MOST_COUNTS:
        return None
    return np.concatenate([[0], np.cumsum(~same)]).astype(np.int32)


class Places(NamedTuple):
    """The fields of `Ground` for places; p of them."""

    place: IntArray
    around: IntArray
    near: IntArray
    first: IntArray
    members: IntArray


def graph_of_places(numbers: Any, starts: IntArray, links: IntArray) -> Places:
    """Return the graph of places: two are neighbours where two of their units are.

    numbers (n,) any numbers of places; starts, links of the graph of units.
    """
    names, place = np.unique(numbers, return_inverse=True)
    place = place.ravel()
    count = len(names)
    left, right = np.repeat(place, np.diff(starts)), place[links]
    codes = np.unique(np.concatenate([left * count + right, np.arange(count) * (count + 1)]))
    one, other = np.divmod(codes, count)
    return Places(
        place=place.astype(np.int32),
        around=np.searchsorted(one, np.arange(count + 1)).astype(np.int32),
        near=other.astype(np.int32),
        first=np.concatenate([[0], np.cumsum(np.bincount(place))]).astype(np.int32),
        members=np.argsort(place, kind="stable").astype(np.int32),
    )
