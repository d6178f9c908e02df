"""What the map reads of a draft: arrays, and the outlines of its territories."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from math import isnan
from typing import Any

import numpy as np
from django.utils.translation import gettext

from perilune.kernel.errors import Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.territories.contracts import Containers, Loaded, Points
from perilune.territories.engine import outlines, polygons
from perilune.territories.queries.containing import shapes_of
from perilune.territories.queries.loading import (
    loaded,
    names_of,
    require_seen,
    seen_accounts,
)

DIGITS = 5
"""Of a degree: a metre."""
OUTLINED = 20_000
"""Accounts from which outlines are drawn: of more, every so manieth."""

NOBODY = -1

Array = np.ndarray[Any, Any]


def points(draft_id: int, scope: Scope, actor: str) -> Points:
    """Return a draft as the map reads it, cut to what a person sees: arrays, not objects.

    units: the number of each account in the draft, which `move_units` takes. territory, present:
    numbers, -1 for none; names, colours and targets are of the whole plan, by number; names of
    territories that are not seen are empty. lon, lat: None without a place. groups: container of
    each account, -1 for none; None where the draft has no containers. Refused to whoever sees
    aggregates only.
    """
    if scope.aggregates_only:
        raise Refused(_("A map shows accounts: totals are open to you, rows are not."))
    found = loaded(draft_id)
    seen = require_seen(found, scope, actor)
    chosen = np.flatnonzero(seen_accounts(found, scope, actor))
    accounts, names, held = found.accounts, names_of(found), found.containers
    targets = accounts.loads.sum(axis=0) / max(len(found.rows), 1)
    return {
        "edition": found.head.edition,
        "currency": found.currency,
        "names": [row.name if row.number in seen else "" for row in found.rows],
        "reps": [row.rep_id if row.number in seen else None for row in found.rows],
        "colours": [row.colour for row in found.rows],
        "shut": [int(row.is_locked) for row in found.rows],
        "attributes": [
            {
                "key": one.key,
                "label": gettext(one.label),
                "unit": one.unit,
                "tolerance": one.tolerance,
                "target": [float(targets[at])] * len(found.rows),
            }
            for at, one in enumerate(found.attributes)
        ],
        "units": chosen.tolist(),
        "ids": accounts.ids[chosen].tolist(),
        "lon": _degrees(accounts.lon[chosen]),
        "lat": _degrees(accounts.lat[chosen]),
        "territory": found.territory[chosen].tolist(),
        "present": found.present[chosen].tolist(),
        "locked": found.locked[chosen].astype(int).tolist(),
        "loads": [_loads(accounts.loads[chosen, at]) for at in range(accounts.loads.shape[1])],
        "labels": [_label(found, names, i) for i in chosen.tolist()],
        "groups": None if held is None else held.member[chosen].tolist(),
        "areas": areas(found, chosen, seen),
    }


def areas(found: Loaded, chosen: Array, seen: frozenset[int]) -> dict[str, Any]:
    """Return the outlines of territories as GeoJSON: what is nearer to their accounts than others'.

    Where the draft hands polygons out whole, these, each in its territory; torn ones in none. Else
    Voronoi cells of the accounts, dissolved by territory. They reach a little beyond the outermost
    accounts, and over the sea.
    """
    if found.containers is not None and found.containers.has_shapes:
        return _polygons(found, found.containers, chosen, seen)
    placed = chosen[found.accounts.placed[chosen] & (found.territory[chosen] >= 0)]
    if len(placed) > OUTLINED:
        placed = placed[:: -(-len(placed) // OUTLINED)]
    if not len(placed):
        return {"type": "FeatureCollection", "features": []}
    accounts = found.accounts
    # what lies within a metre counts as one place
    degrees = np.column_stack([accounts.lon[placed], accounts.lat[placed]]).round(DIGITS)
    # one degree of longitude is as long as one of latitude in the plane of the cells
    squeeze = max(float(np.cos(np.radians(degrees[:, 1].mean()))), 0.05)
    drawn = outlines(degrees * [squeeze, 1.0], found.territory[placed])
    rings: dict[int, list[Array]] = defaultdict(list)
    for number, ring in drawn:
        rings[number].append(np.round(ring / [squeeze, 1.0], DIGITS))
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": number,
                "properties": {"territory": number, "name": found.rows[number].name,
                               "colour": found.rows[number].colour},
                "geometry": {"type": "MultiPolygon", "coordinates": [
                    [ring.tolist() for ring in piece] for piece in polygons(rings[number])
                ]},
            }
            for number in sorted(rings)
            if number in seen
        ],
    }  # fmt: skip


def _polygons(
    found: Loaded, held: Containers, chosen: Array, seen: frozenset[int]
) -> dict[str, Any]:
    inside: dict[int, set[int]] = defaultdict(set)
    for container, number in zip(
        held.member[chosen].tolist(), found.territory[chosen].tolist(), strict=True
    ):
        inside[container].add(number if number in seen else NOBODY)
    shapes = shapes_of(held)
    features = []
    for container in sorted(inside.keys() - {NOBODY}):
        [number] = inside[container] if len(inside[container]) == 1 else [NOBODY]
        features += [
            {"type": "Feature", "properties": {"territory": number,
             "name": held.names[container]}, "geometry": geometry}
            for geometry in shapes[held.names[container]]
        ]  # fmt: skip
    return {"type": "FeatureCollection", "features": features}


def _label(found: Loaded, names: Sequence[str], unit: int) -> str:
    """Return an account's name, with the container that it lies in."""
    container = found.containers.of(unit) if found.containers else ""
    return f"{names[unit]} · {container}" if container else names[unit]


def _degrees(values: Array) -> list[float | None]:
    plain = np.round(values, DIGITS).tolist()
    return plain if np.isfinite(values).all() else [None if isnan(v) else v for v in plain]


def _loads(values: Array) -> list[float] | list[int]:
    whole = np.round(values)
    is_whole = bool((whole == values).all())
    found: list[float] | list[int] = (
        whole.astype(np.int64) if is_whole else values.round(3)
    ).tolist()
    return found
