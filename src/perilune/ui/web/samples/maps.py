"""Samples of maps: towns of three countries."""

from __future__ import annotations

from perilune.ui.contracts import Column, Map, MapPoints, Row, Table
from perilune.ui.web.samples.kinds import Group, Sample

TOWNS = [
    ("Lille", 3.06, 50.63, 0, 4.1),
    ("Paris", 2.35, 48.86, 0, 9.4),
    ("Rennes", -1.68, 48.11, 0, 2.2),
    ("Strasbourg", 7.75, 48.58, 1, 3.3),
    ("Lyon", 4.84, 45.76, 1, 5.2),
    ("Genève", 6.14, 46.20, 1, 1.9),
    ("Bordeaux", -0.58, 44.84, 2, 2.8),
    ("Toulouse", 1.44, 43.60, 2, 3.6),
    ("Marseille", 5.37, 43.30, 2, 4.4),
    ("Bruxelles", 4.35, 50.85, -1, 2.5),
]
GROUPS = ["Nord et Île-de-France", "Est", "Sud"]


def maps() -> list[Group]:
    names, lon, lat, group, amount = (list(column) for column in zip(*TOWNS, strict=True))
    table = Table(
        [Column("town", "Town", is_title=True), Column("territory", "Territory")],
        [
            Row(place, [name, GROUPS[at] if at >= 0 else None])
            for place, (name, _, _, at, _) in enumerate(TOWNS)
        ],
        "Towns by territory",
    )
    areas = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"group": 2},
                "geometry": {
                    "type": "Polygon",
                    "coordinates": [
                        [[-1.5, 42.8], [6.5, 42.8], [6.5, 45], [-1.5, 45.4], [-1.5, 42.8]]
                    ],
                },
            }
        ],
    }
    chosen = Map(
        "towns",
        "Towns by territory",
        GROUPS,
        MapPoints(lon, lat, group, names),
        areas,
        "Nine towns in three territories; Bruxelles has none.",
        can_select=True,
        table=table,
    )
    measured = Map(
        "amounts", "Towns by amount", [], MapPoints(lon, lat, group, names, measure=amount)
    )
    return [
        Group(
            "map",
            "Where accounts and territories lie.",
            "Places do not matter to the question: use a table.",
            [Sample("by territory, lasso", chosen), Sample("by measure", measured)],
        )
    ]
