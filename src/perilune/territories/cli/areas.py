"""Containers of accounts: a column, or the polygons of a GeoJSON file; and who borders on whom."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from perilune.kernel.errors import Invalid, NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.territories.cli.asking import Options
from perilune.territories.cli.reading import Accounts, rows_of
from perilune.territories.engine.areas import Area, borders, inside, through
from perilune.territories.engine.checks import Note, named
from perilune.territories.engine.geojson import areas_from


@dataclass(frozen=True)
class Contained:
    """The container of each account, "" for none; edges between them, None: by triangulation."""

    read: Accounts
    container: list[str]
    edges: list[tuple[str, str]] | None
    outside: list[str]
    """Accounts in none."""
    shapes: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """GeoJSON geometries of each polygon that holds accounts."""
    notes: tuple[Note, ...] = ()


def contained(read: Accounts, options: Options) -> Contained | None:
    """Return the containers that are asked for, None for none. Raises Invalid, NotFound."""
    if options.container and options.areas:
        raise Invalid(_("Containers come from a column or from polygons, not from both."))
    if not options.container and options.areas is None:
        return None
    notes: list[Note] = []
    shapes: dict[str, list[dict[str, Any]]] = {}
    if options.areas is not None:
        areas, shapes = areas_of(options.areas, options.area_name)
        container = _placed(read, areas, notes)
        links = [(areas[one].name, areas[other].name) for one, other in borders(areas)]
    else:
        container, links = read.column(options.container), None
    if options.adjacency is not None:
        rows = rows_of(options.adjacency)
        left, right = [*rows[0], "", ""][:2]
        links = [(row[left], row.get(right, "")) for row in rows]
    outside = [one for one, name in zip(read.ids, container, strict=True) if not name]
    if options.leave_out and outside:
        kept = [i for i, name in enumerate(container) if name]
        if not kept:
            raise Invalid(_("No account lies in a container."))
        read, container = read.only(kept), [container[i] for i in kept]
    if outside:
        message = (
            _("In no container, so left out: %(names)s.")
            if options.leave_out
            else _("In no container, so a unit of its own: %(names)s.")
        )
        notes.append((message, (("names", named(outside)),)))
    full = set(container) - {""}
    edges = None if links is None else _through(links, full, notes)
    held = {name: parts for name, parts in shapes.items() if name in full}
    return Contained(read, container, edges, outside, held, tuple(notes))


def _placed(read: Accounts, areas: list[Area], notes: list[Note]) -> list[str]:
    if not read.is_placed:
        raise Invalid(_("Polygons need accounts with coordinates."))
    points = read.where[:, ::-1] if read.by_degrees else read.where
    known = np.isfinite(points).all(axis=1)
    at = np.full(len(points), -1)
    found, several = inside(points[known], areas)
    at[known] = found
    if several:
        where = np.flatnonzero(known)
        message = _("In several polygons, the first of the file counts: %(names)s.")
        notes.append((message, (("names", named([read.ids[where[i]] for i in sorted(several)])),)))
    return [areas[a].name if a >= 0 else "" for a in at.tolist()]


def _through(
    links: list[tuple[str, str]], full: set[str], notes: list[Note]
) -> list[tuple[str, str]]:
    """Return links between containers that hold accounts, through those that hold none."""
    pairs, passed = through(links, full)
    if passed:
        message = _("Neighbours without accounts, passed through: %(names)s.")
        notes.append((message, (("names", named(passed)),)))
    return pairs


def areas_of(path: Path, name: str = "") -> tuple[list[Area], dict[str, list[dict[str, Any]]]]:
    """Return the polygons of a GeoJSON file, and their geometries by name.

    name: as of `engine.geojson.areas_from`. Raises NotFound, Invalid naming the feature.
    """
    if not path.is_file():
        raise NotFound(_("There is no file %(path)s."), path=str(path))
    try:
        told = json.loads(path.read_text("utf-8-sig"))
    except ValueError:
        told = None
    return areas_from(told, str(path), name)
