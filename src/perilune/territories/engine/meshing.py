"""Delaunay's triangulation, whole or strip by strip: its memory is the peak of a large design."""

from __future__ import annotations

from typing import Any

import numpy as np

FloatArray = np.ndarray[Any, np.dtype[np.float64]]
Pairs = np.ndarray[Any, np.dtype[np.int64]]

IN_ONE = 250_000
"""Places that are triangulated at once."""
OVERLAP = 0.05
"""Share of a strip's places that it borrows from each of its neighbours."""


def mesh_edges(places: FloatArray, in_one: int = IN_ONE) -> Pairs:
    """Return the edges (e, 2) of the Delaunay triangulation, left < right.

    places (n, 2), distinct, four or more, in the order of x, as `np.unique` gives them. Raises
    QhullError where they span no plane.
    """
    count = -(-len(places) // in_one)
    if count == 1:
        return _edges(_mesh(places))
    return _in_strips(places, count)


def _mesh(places: FloatArray) -> Any:
    from scipy.spatial import Delaunay

    return Delaunay(places)


def _edges(mesh: Any) -> Pairs:
    starts, links = mesh.vertex_neighbor_vertices
    left = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    found = np.column_stack([left, links])[left < links]
    if len(mesh.coplanar):
        found = np.concatenate([found, mesh.coplanar[:, [0, 2]]])
    return np.asarray(found, np.int64)


def _in_strips(places: FloatArray, count: int) -> Pairs:
    """Triangulate strips of x and what is left loose between them: the same edges, in less memory.

    A triangle whose circle lies within its strip holds no place of another strip: it is one of the
    whole. A triangle of the whole that no strip has keeps its corners loose: each lies at a
    hull, or at a triangle whose circle leaves its strip. So the loose places are triangulated
    too, and of that the triangles are taken whose circle is empty among all places.
    """
    n = len(places)
    cuts = np.linspace(0, n, count + 1).astype(np.int64)
    more = int(OVERLAP * n / count) + 1
    codes, loose = [], np.zeros(n, bool)
    for at in range(count):
        first, last = max(int(cuts[at]) - more, 0), min(int(cuts[at + 1]) + more, n)
        edge = (
            -np.inf if first == 0 else places[first, 0],
            np.inf if last == n else places[last - 1, 0],
        )
        mesh = _mesh(places[first:last])
        corners = mesh.simplices
        middle, radius = _circles(places[first:last], corners)
        whole = (middle[:, 0] - radius > edge[0]) & (middle[:, 0] + radius < edge[1])
        codes.append(_codes(corners[whole] + first, n))
        if len(mesh.coplanar):
            twin = mesh.coplanar[:, [0, 2]].astype(np.int64) + first
            codes.append(twin.min(axis=1) * n + twin.max(axis=1))
        open_ones = np.unique(np.concatenate([corners[~whole].ravel(), mesh.convex_hull.ravel()]))
        open_ones = open_ones + first
        loose[open_ones[(open_ones >= cuts[at]) & (open_ones < cuts[at + 1])]] = True
        del mesh, corners
    codes.append(_between(places, np.flatnonzero(loose)))
    return np.column_stack(np.divmod(np.unique(np.concatenate(codes)), n))


def _between(places: FloatArray, loose: Any) -> Pairs:
    """Return the edges of triangles of loose places with no place in their circle, as codes."""
    from scipy.spatial import QhullError, cKDTree

    try:
        mesh = _mesh(places[loose])
    except QhullError:  # three places, or all on one line: nothing lies between the strips
        return np.zeros(0, np.int64)
    corners = loose[mesh.simplices]
    middle, radius = _circles(places, corners)
    near, _which = cKDTree(places).query(np.where(np.isfinite(middle), middle, 0.0))
    return _codes(corners[near >= radius * (1 - 1e-9)], len(places))


def _codes(corners: Any, n: int) -> Pairs:
    """Return the edges of triangles (t, 3) as left * n + right, each once."""
    corners = np.sort(corners.astype(np.int64), axis=1)
    pairs = corners[:, [[0, 1], [0, 2], [1, 2]]].reshape(-1, 2)
    return np.unique(pairs[:, 0] * n + pairs[:, 1])


def _circles(places: FloatArray, corners: Any) -> tuple[FloatArray, FloatArray]:
    """Return the middle (t, 2) and radius (t,) of the circle through the corners of triangles."""
    a, b, c = (places[corners[:, side]] for side in range(3))
    b, c = b - a, c - a
    twice = 2 * (b[:, 0] * c[:, 1] - b[:, 1] * c[:, 0])
    bb, cc = (b * b).sum(axis=1), (c * c).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        x = (c[:, 1] * bb - b[:, 1] * cc) / twice
        y = (b[:, 0] * cc - c[:, 0] * bb) / twice
    radius = np.where(np.isfinite(x) & np.isfinite(y), np.hypot(x, y), np.inf)
    return a + np.column_stack([x, y]), radius
