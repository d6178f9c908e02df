"""What the map shows: points in groups, the outlines of areas, on the countries of the world."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from perilune.ui.contracts.listing import Table


@dataclass(frozen=True)
class MapPoints:
    """Points as columns of one length: a hundred thousand stay light.

    lon, lat: degrees, WGS 84. group: index into the map's groups, -1 for none.
    labels: what the hint of a point says. measure: what colours by amount, if given.
    """

    lon: Sequence[float]
    lat: Sequence[float]
    group: Sequence[int]
    labels: Sequence[str] = ()
    measure: Sequence[float] = ()

    def __post_init__(self) -> None:
        length = len(self.lon)
        others = (self.lat, self.group, self.labels or self.lon, self.measure or self.lon)
        if any(len(column) != length for column in others):
            raise ValueError("the columns of a map's points are of one length")


@dataclass(frozen=True)
class Map:
    """A map over bundled outlines; nothing is loaded from elsewhere.

    groups: names by index; colour and outline tell them apart.
    areas: GeoJSON FeatureCollection, each feature with the property «group».
    can_select: a click and the lasso choose points; the page hears «perilune:selected».
    table: the same points as a table: the way by keyboard, and for those who do not see the map.
    height: «medium» 320 px, «large» 560 px.
    """

    name: str
    title: str
    groups: Sequence[str]
    points: MapPoints
    areas: Mapping[str, Any] | None = None
    sentence: str = ""
    can_select: bool = False
    table: Table | None = None
    height: str = "medium"
