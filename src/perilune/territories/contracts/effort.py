"""The hours that accounts ask of a rep: visits, their length, and the road."""

from __future__ import annotations

from dataclasses import dataclass

from perilune.territories.contracts.plans import Plan
from perilune.territories.contracts.units import FloatArray


@dataclass(frozen=True)
class Effort:
    """What n units ask for in a year. visits: (n,). hours: (n,) of one visit, without the road."""

    visits: FloatArray
    hours: FloatArray


@dataclass(frozen=True)
class Working:
    """What a rep has to give. hours: for visits and road, a year. stops: visits on a day.

    speed: km/h on the road. detour: road over straight line.
    """

    hours: float
    stops: float = 4.0
    speed: float = 50.0
    detour: float = 1.3


@dataclass(frozen=True)
class Needed:
    """The fewest territories whose hours a rep each can give.

    visits, road: hours of the plan in a year, all territories together. tried: (k, hours) of every
    plan that was looked at.
    """

    plan: Plan
    visits: float
    road: float
    tried: tuple[tuple[int, float], ...]
