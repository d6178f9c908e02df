"""Polygons as containers: which account lies in which, and which share a border.

Edges are straight between their corners in the plane of the coordinates, as RFC 7946 (3.1.1) has
them for longitude and latitude. A point on a border that two areas share lies in exactly one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from perilune.territories.contracts.units import BoolArray, FloatArray, IntArray

TOUCH = 1e-7
"""How far apart two borders may run and still be one, in degrees or km: a centimetre."""


@dataclass(frozen=True)
class Area:
    """A name and rings (p, 2) of east and north, closed; holes and parts are rings like others."""

    name: str
    rings: tuple[FloatArray, ...]


def inside(
    points: FloatArray, areas: Sequence[Area]
) -> tuple[IntArray, dict[int, tuple[int, ...]]]:
    """Return (n,) the first area that holds each point (n, 2), -1 for none, and those in several.

    Crossing number, half-open, so that holes count out and areas side by side leave no gap.
    """
    found = np.full(len(points), -1, np.int32)
    several: dict[int, tuple[int, ...]] = {}
    order = np.argsort(points[:, 1], kind="stable")
    north = points[order, 1]
    for at, area in enumerate(areas):
        edges = _edges(area)
        low, high = edges[:, :, 1].min(), edges[:, :, 1].max()
        near = order[np.searchsorted(north, low) : np.searchsorted(north, high, "right")]
        east = points[near, 0]
        near = near[(east >= edges[:, :, 0].min()) & (east <= edges[:, :, 0].max())]
        if not len(near):
            continue
        for i in near[_crossed(points[near], edges)].tolist():
            if found[i] < 0:
                found[i] = at
            else:
                several[i] = (*several.get(i, (int(found[i]),)), at)
    return found, several


def _edges(area: Area) -> FloatArray:
    """Return (e, 2, 2) the edges of all rings, each from its southern to its northern end."""
    rings = [np.asarray(ring, float) for ring in area.rings]
    edges = np.concatenate([np.stack([ring[:-1], ring[1:]], axis=1) for ring in rings])
    # one direction for an edge of two areas: both compute the same crossing to the last digit
    turn = (edges[:, 0, 1] > edges[:, 1, 1]) | (
        (edges[:, 0, 1] == edges[:, 1, 1]) & (edges[:, 0, 0] > edges[:, 1, 0])
    )
    edges[turn] = edges[turn][:, ::-1]
    return np.asarray(edges)


def _crossed(points: FloatArray, edges: FloatArray) -> BoolArray:
    rising = edges[edges[:, 0, 1] < edges[:, 1, 1]]
    low, high = rising[:, 0], rising[:, 1]
    slope = (high[:, 0] - low[:, 0]) / (high[:, 1] - low[:, 1])
    found = np.zeros(len(points), bool)
    step = max(1, 2_000_000 // max(len(rising), 1))
    for at in range(0, len(points), step):
        east, north = points[at : at + step, :1], points[at : at + step, 1:]
        across = (low[:, 1] <= north) & (north < high[:, 1])
        where = low[:, 0] + (north - low[:, 1]) * slope
        found[at : at + step] = (across & (east < where)).sum(axis=1) % 2 == 1
    return found


def borders(areas: Sequence[Area]) -> tuple[tuple[int, int], ...]:
    """Return pairs of areas that share a stretch of border; a corner alone does not count."""
    edges = [_edges(area) for area in areas]
    boxes = np.array([[*e.min(axis=(0, 1)), *e.max(axis=(0, 1))] for e in edges])
    found = []
    for one in range(len(areas)):
        near = np.flatnonzero(
            (boxes[:, 0] <= boxes[one, 2] + TOUCH) & (boxes[:, 2] >= boxes[one, 0] - TOUCH)
            & (boxes[:, 1] <= boxes[one, 3] + TOUCH) & (boxes[:, 3] >= boxes[one, 1] - TOUCH)
        )  # fmt: skip
        for other in near[near > one].tolist():
            window = np.array([
                np.maximum(boxes[one, :2], boxes[other, :2]) - TOUCH,
                np.minimum(boxes[one, 2:], boxes[other, 2:]) + TOUCH,
            ])  # fmt: skip
            if _share(_within(edges[one], window), _within(edges[other], window)):
                found.append((one, other))
    return tuple(found)


def through(
    links: Sequence[tuple[str, str]], full: set[str]
) -> tuple[list[tuple[str, str]], list[str]]:
    """Return links between areas that are full, through those that are not, and these by name."""
    near: dict[str, set[str]] = {}
    for one, other in links:
        near.setdefault(one, set()).add(other)
        near.setdefault(other, set()).add(one)
    empty = set(near) - full
    passed = sorted(empty)
    pairs = {(min(pair), max(pair)) for pair in links if set(pair) <= full and pair[0] != pair[1]}
    while empty:
        piece, edge = [empty.pop()], set()
        while piece:
            for other in near[piece.pop()]:
                if other in empty:
                    empty.discard(other)
                    piece.append(other)
                elif other in full:
                    edge.add(other)
        order = sorted(edge)
        pairs |= {(one, other) for at, one in enumerate(order) for other in order[at + 1 :]}
    return sorted(pairs), passed


def _within(edges: FloatArray, window: FloatArray) -> FloatArray:
    low, high = edges.min(axis=1), edges.max(axis=1)
    return np.asarray(edges[((high >= window[0]) & (low <= window[1])).all(axis=1)])


def _share(ones: FloatArray, others: FloatArray) -> bool:
    """Return whether an edge of one runs along an edge of the other for some length."""
    if not len(ones) or not len(others):
        return False
    step = max(1, 500_000 // len(others))
    start, way = others[:, 0], others[:, 1] - others[:, 0]
    for at in range(0, len(ones), step):
        part = ones[at : at + step]
        along = part[:, 1] - part[:, 0]
        length = np.hypot(*along.T)
        some = length > TOUCH
        part, along, length = part[some], along[some], length[some]
        if not len(part):
            continue
        unit = along / length[:, None]
        off = start[None] - part[:, 0][:, None]
        end = off + way[None]
        # how far both ends of the other edge lie off this one, and which stretch of it they span
        apart = [unit[:, :1] * d[..., 1] - unit[:, 1:] * d[..., 0] for d in (off, end)]
        place = [unit[:, :1] * d[..., 0] + unit[:, 1:] * d[..., 1] for d in (off, end)]
        parallel = (np.abs(apart[0]) <= TOUCH) & (np.abs(apart[1]) <= TOUCH)
        first = np.maximum(np.minimum(place[0], place[1]), 0.0)
        last = np.minimum(np.maximum(place[0], place[1]), length[:, None])
        if (parallel & (last - first > TOUCH)).any():
            return True
    return False
