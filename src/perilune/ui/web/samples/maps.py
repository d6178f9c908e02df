"""Samples of maps: towns of three countries, ten thousand made accounts in fifty territories."""

from __future__ import annotations

from math import cos, pi, sin, sqrt
from typing import Any

from perilune.ui.contracts import Column, Map, MapAttribute, MapPoints, Row, Table
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
NAMES = ["Nord et Île-de-France", "Est", "Sud"]
PRESENT = [0, 0, 2, 1, 1, 1, 2, 2, 1, -1]
LOADS = MapAttribute("Potential", "M€")

CITIES = [(2.35, 48.86), (4.84, 45.76), (5.37, 43.3), (1.44, 43.6), (-0.58, 44.84), (-1.55, 47.22)]
MANY, ACROSS, DOWN = 10_000, 10, 5
GOLDEN = pi * (3 - sqrt(5))


def _crowd() -> Map:
    """Spirals around six towns: the same points every time, without chance."""
    lon, lat, territory, potential = [], [], [], []
    for number in range(MANY):
        x, y = CITIES[number % len(CITIES)]
        turn = number // len(CITIES)
        away = 2.2 * (turn / (MANY / len(CITIES))) ** 0.8
        lon.append(round(x + 1.3 * away * cos(turn * GOLDEN), 4))
        lat.append(round(y + 0.9 * away * sin(turn * GOLDEN), 4))
        column = min(ACROSS - 1, max(0, int((lon[-1] + 4.4) / 1.3)))
        row = min(DOWN - 1, max(0, int((lat[-1] - 41.3) / 1.92)))
        territory.append(row * ACROSS + column)
        potential.append(round(2 + 80 * (number * 0.618 % 1) ** 3, 1))
    return Map(
        "crowd",
        "Ten thousand accounts in fifty territories",
        [f"Secteur {number + 1}" for number in range(ACROSS * DOWN)],
        MapPoints(
            lon,
            lat,
            territory,
            [f"Compte {number + 1}" for number in range(MANY)],
            [potential],
        ),
        sentence="Fifty territories in colours and forms; a name leads to its territory.",
        attributes=[MapAttribute("Potential", "k€")],
        can_select=True,
        height="large",
    )


def maps() -> list[Group]:
    names, lon, lat, territory, amount = (list(column) for column in zip(*TOWNS, strict=True))
    table = Table(
        [Column("town", "Town", is_title=True), Column("territory", "Territory")],
        [
            Row(place, [name, NAMES[at] if at >= 0 else None])
            for place, (name, _, _, at, _) in enumerate(TOWNS)
        ],
        "Towns by territory",
    )
    corners = [[-1.5, 42.8], [6.5, 42.8], [6.5, 45], [-1.5, 45.4], [-1.5, 42.8]]
    south: dict[str, Any] = {
        "type": "Feature",
        "properties": {"territory": 2},
        "geometry": {"type": "Polygon", "coordinates": [corners]},
    }
    chosen = Map(
        "towns",
        "Towns by territory",
        NAMES,
        MapPoints(lon, lat, territory, names, [amount], locked=[1] + [0] * 9),
        {"type": "FeatureCollection", "features": [south]},
        "Nine towns in three territories; Bruxelles has none, and Lille must stay where it is.",
        attributes=[LOADS],
        can_select=True,
        table=table,
    )
    measured = Map(
        "amounts",
        "Towns by potential",
        points=MapPoints(lon, lat, territory, names, [amount]),
        attributes=[LOADS],
        colour_by=0,
        sentence="Darker and larger is more.",
    )
    moved = Map(
        "moves",
        "Towns that move",
        NAMES,
        MapPoints(lon, lat, [0, *territory[1:9], 0], names, [amount], PRESENT),
        attributes=[LOADS],
        colour_by="moved",
        sentence="Two towns move to another territory; one had none.",
    )
    return [
        Group(
            "map",
            "Where accounts and territories lie.",
            "Places do not matter to the question: use a table.",
            [
                Sample("by territory, to select", chosen),
                Sample("by an attribute", measured),
                Sample("what moves", moved),
                Sample("ten thousand points, fifty territories", _crowd()),
            ],
        )
    ]
