"""A routing server of the user's, and what it said of the ways between places."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from perilune.territories.contracts.units import FloatArray, IntArray


class Router(StrEnum):
    """Protocols that are spoken."""

    OSRM = "osrm"
    VALHALLA = "valhalla"


@dataclass(frozen=True)
class Server:
    """Where to ask. profile: of the server's, "" for a car. url: without the service's path.

    most: locations in one question (OSRM: origins and destinations together; Valhalla: each).
    timeout: seconds of one question. attempts: how often a question is asked before giving up.
    reach: km in a straight line beyond which a pair is not asked and counts as no way, 0 for all.
    """

    kind: Router
    url: str
    profile: str = ""
    most: int = 0
    timeout: float = 30.0
    attempts: int = 4
    reach: float = 0.0


@dataclass(frozen=True)
class Asked:
    """minutes: (n, k) from each centre to each place, inf where the server knows no way.

    refused: places and centres that the server could not put on a road, with its words.
    """

    minutes: FloatArray
    server: str
    day: date
    questions: int
    refused: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Ways:
    """What a routing server said of a draft's design.

    units: (n,) accounts by number in the draft; numbers: (k,) territories; minutes: (n, k) from the
    centre of each, inf for no way.
    """

    server: str
    day: date
    units: IntArray
    numbers: IntArray
    minutes: FloatArray
