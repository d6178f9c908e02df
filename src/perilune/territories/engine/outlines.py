"""Outlines of territories: Voronoi cells of their units, dissolved.

Source: Aurenhammer, Voronoi Diagrams, ACM Computing Surveys 23 (1991) 345.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np

from perilune.territories.engine.ground import FloatArray, IntArray

TRIANGLE = 4
"""Corners of the smallest closed ring: its first is also its last."""
FRAME = 3.0
"""How far the outermost cells reach beyond their units, in mean distances between units."""


def outlines(points: FloatArray, territory: IntArray) -> list[tuple[int, FloatArray]]:
    """Return (territory, closed ring (r, 2)) for each piece and each hole of a territory.

    points (n, 2) in a plane, territory (n,) numbers of zero or more. Units at one place count as
    one, the first. Pieces run anticlockwise and holes clockwise, so the territory is on the left.
    """
    from scipy.spatial import Voronoi

    places, first = np.unique(points, axis=0, return_index=True)
    numbers = np.asarray(territory)[first]
    framed, count = _framed(places)
    diagram = Voronoi(framed)
    owner = np.concatenate([numbers, np.full(len(framed) - count, -1, numbers.dtype)])
    left, right = owner[diagram.ridge_points].T
    ways: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    middle = framed[diagram.ridge_points[:, 0]]
    for at in np.flatnonzero(left != right).tolist():
        one, other = diagram.ridge_vertices[at]
        if one < 0 or other < 0:
            continue
        a, b = diagram.vertices[one], diagram.vertices[other]
        towards = middle[at] - a
        if (b[0] - a[0]) * towards[1] - (b[1] - a[1]) * towards[0] < 0:
            one, other = other, one
        # the unit on the left of one -> other is the ridge's first
        if left[at] >= 0:
            ways[int(left[at])][one].append(other)
        if right[at] >= 0:
            ways[int(right[at])][other].append(one)
    return [
        (number, diagram.vertices[ring]) for number in sorted(ways) for ring in _rings(ways[number])
    ]


def polygons(rings: list[FloatArray]) -> list[list[FloatArray]]:
    """Return the pieces of one territory, each its outer ring and then its holes.

    rings: of `outlines`. A hole belongs to the smallest piece around it.
    """
    areas = [_area(ring) for ring in rings]
    pieces = [[ring] for ring, area in zip(rings, areas, strict=True) if area >= 0]
    sizes = [area for area in areas if area >= 0]
    for ring, area in zip(rings, areas, strict=True):
        around = [at for at, piece in enumerate(pieces)
                  if area < 0 and sizes[at] > -area and _holds(piece[0], ring)]  # fmt: skip
        if around:
            pieces[min(around, key=lambda at: sizes[at])].append(ring)
    return pieces


def _area(ring: FloatArray) -> float:
    """Return the area of a closed ring, below zero where it runs clockwise."""
    x, y = (ring - ring[0]).T
    return float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum() / 2)


def _holds(outer: FloatArray, ring: FloatArray) -> bool:
    """Tell whether a ring lies in another: the middle of one of its sides does.

    A corner may be one of both.
    """
    away = outer - (ring[0] + ring[1]) / 2
    turn = np.diff(np.unwrap(np.arctan2(away[:, 1], away[:, 0])))
    return bool(round(float(turn.sum() / (2 * np.pi))) != 0)


def _framed(places: FloatArray) -> tuple[FloatArray, int]:
    """Return the places and, around each outermost one, others that end its cell."""
    count = len(places)
    size = np.maximum(places.max(axis=0) - places.min(axis=0), 1e-6)
    gap = FRAME * float(np.sqrt(size.prod() / count))
    gap = max(gap, 0.02 * float(size.max()))
    low, high = places.min(axis=0) - gap, places.max(axis=0) + gap
    steps = int(np.clip(np.ceil((high - low).max() / gap), 8, 400))
    across = np.linspace(low[0], high[0], steps)
    upward = np.linspace(low[1], high[1], steps)
    frame = np.concatenate(
        [
            np.column_stack([across, np.full(steps, low[1])]),
            np.column_stack([across, np.full(steps, high[1])]),
            np.column_stack([np.full(steps, low[0]), upward])[1:-1],
            np.column_stack([np.full(steps, high[0]), upward])[1:-1],
        ]
    )
    far = size.max() * 1e3
    middle = places.mean(axis=0)
    corners = middle + far * np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    return np.concatenate([places, frame, corners]), count


def _rings(ways: dict[int, list[int]]) -> list[Any]:
    """Return closed lists of corners from directed steps, each used once.

    Among units that almost coincide rounding may lose a step: the ring is then closed straight.
    """
    found = []
    for start in sorted(ways):
        while ways[start]:
            ring, here = [start], start
            while ways[here]:
                here = ways[here].pop()
                ring.append(here)
                if here == start:
                    break
            ring += [start] if here != start else []
            if len(ring) >= TRIANGLE:
                found.append(ring)
    return found
