"""Territory design and re-balancing. Pure: no clock, no database, no chance of its own."""

from perilune.territories.engine.capacity import fewest, road_hours
from perilune.territories.engine.designing import design
from perilune.territories.engine.matching import match
from perilune.territories.engine.projection import to_km
from perilune.territories.engine.rebalancing import rebalance
from perilune.territories.engine.rules import place, preview, rules_from_plan

__all__ = [
    "design",
    "fewest",
    "match",
    "place",
    "preview",
    "rebalance",
    "road_hours",
    "rules_from_plan",
    "to_km",
]
