"""What the map shows: points in territories and their outlines, on the countries of the world."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from perilune.ui.contracts.listing import Table


@dataclass(frozen=True)
class MapAttribute:
    """What points carry: potential, visits; unit stands after the number, as text."""

    label: str
    unit: str = ""


@dataclass(frozen=True)
class MapPoints:
    """Points as columns of one length: a hundred thousand stay light.

    lon, lat: degrees, WGS 84; None where there is no place. territory: index into the map's
    names, -1 for none; present: the same before the plan. labels: names of the points.
    loads: a column of amounts for each attribute of the map. locked: 1 where a point must stay.
    """

    lon: Sequence[float | None]
    lat: Sequence[float | None]
    territory: Sequence[int]
    labels: Sequence[str] = ()
    loads: Sequence[Sequence[float | None]] = ()
    present: Sequence[int] = ()
    locked: Sequence[int] = ()

    def __post_init__(self) -> None:
        columns = (self.lat, self.territory, *self.loads)
        optional = (column for column in (self.labels, self.present, self.locked) if column)
        if any(len(column) != len(self.lon) for column in (*columns, *optional)):
            raise ValueError("the columns of a map's points are of one length")


@dataclass(frozen=True)
class Map:
    """A map over bundled outlines; nothing is loaded from elsewhere.

    points: drawn at once. address: instead, where their JSON comes from (ui/js/maps.js says what
    it holds, and what a page can ask of its map).
    names: of the territories, by index; colours: small integers, neighbours with different ones,
    by default the index itself. Colour and form tell 56 apart.
    areas: GeoJSON FeatureCollection, each feature with the property «territory».
    colour_by: «territory», «moved», or the number of an attribute.
    can_select: clicks, lasso and keyboard choose points; the page hears «perilune:selected».
    table: the same points as a table, for those who do not see the map.
    height: «medium» 320 px, «large» 560 px (and the wheel zooms without a click before).
    """

    name: str
    title: str
    names: Sequence[str] = ()
    points: MapPoints | None = None
    areas: Mapping[str, Any] | None = None
    sentence: str = ""
    colours: Sequence[int] = ()
    attributes: Sequence[MapAttribute] = ()
    colour_by: str | int = "territory"
    address: str = ""
    can_select: bool = False
    table: Table | None = None
    height: str = "medium"

    def __post_init__(self) -> None:
        if (self.points is None) == (not self.address):
            raise ValueError("a map has points or an address that gives them")
        if self.points and len(self.points.loads) != len(self.attributes):
            raise ValueError("a map's points have a column of loads for each attribute")
