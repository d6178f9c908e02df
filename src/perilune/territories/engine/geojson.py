"""Polygons of a GeoJSON document, by name. Source: RFC 7946."""

from __future__ import annotations

from typing import Any

import numpy as np

from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.territories.engine.areas import Area

NAMES = ("name", "nom", "code", "id")


def areas_from(
    told: Any, source: str, name: str = ""
) -> tuple[list[Area], dict[str, list[dict[str, Any]]]]:
    """Return the polygons of a document, and their geometries by name.

    told: what was parsed; source: what errors call it. name: the property that names them; left
    out: name, nom, code, id, or the feature's id. Features of one name are parts of one area.
    Raises Invalid naming the feature.
    """
    features = told.get("features") if isinstance(told, dict) else None
    if not isinstance(features, list) or not features:
        raise Invalid(_("%(path)s is no GeoJSON with a list of features."), path=source)
    rings: dict[str, list[Any]] = {}
    shapes: dict[str, list[dict[str, Any]]] = {}
    for at, feature in enumerate(features, 1):
        called = _called(feature, name)
        if not called:
            raise Invalid(
                _("Feature %(at)s of %(path)s has no name: say which of its properties holds it."),
                at=at, path=source,
            )  # fmt: skip
        geometry = feature.get("geometry") or {}
        rings.setdefault(called, []).extend(_rings(geometry, called, source))
        shapes.setdefault(called, []).append(geometry)
    return [Area(called, tuple(parts)) for called, parts in rings.items()], shapes


def _called(feature: Any, name: str) -> str:
    if not isinstance(feature, dict):
        return ""
    properties = feature.get("properties") or {}
    choices = [properties.get(one) for one in ((name,) if name else NAMES)]
    if not name:
        choices.append(feature.get("id"))
    return next((str(one).strip() for one in choices if one not in {None, ""}), "")


def _rings(geometry: dict[str, Any], called: str, path: str) -> list[Any]:
    kind, parts = geometry.get("type"), geometry.get("coordinates")
    if kind not in {"Polygon", "MultiPolygon"}:
        raise Invalid(
            _("“%(name)s” in %(path)s is a %(kind)s, not a polygon."),
            name=called, path=path, kind=str(kind),
        )  # fmt: skip
    try:
        polygons = [parts] if kind == "Polygon" else list(parts or ())
        found = [
            np.array([[float(point[0]), float(point[1])] for point in ring])
            for polygon in polygons
            for ring in polygon or ()
        ]
    except (TypeError, ValueError, IndexError, KeyError):
        found = []
    if not found or any(len(ring) < 4 or not np.isfinite(ring).all() for ring in found):
        raise Invalid(
            _("The polygon “%(name)s” in %(path)s cannot be read."), name=called, path=path
        )
    return [ring if (ring[0] == ring[-1]).all() else np.vstack([ring, ring[:1]]) for ring in found]
