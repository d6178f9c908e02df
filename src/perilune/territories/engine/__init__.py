"""Territory design and re-balancing. Pure: no clock, no database, no chance of its own."""

from perilune.territories.engine.capacity import count_needed, fewest, road_hours, round_km
from perilune.territories.engine.designing import design
from perilune.territories.engine.matching import match
from perilune.territories.engine.outlines import outlines, polygons
from perilune.territories.engine.projection import to_km
from perilune.territories.engine.rebalancing import rebalance
from perilune.territories.engine.rules import place, preview, rules_from_plan
from perilune.territories.engine.stepping import grow, seek

__all__ = [
    "count_needed",
    "design",
    "fewest",
    "grow",
    "match",
    "outlines",
    "place",
    "polygons",
    "preview",
    "rebalance",
    "road_hours",
    "round_km",
    "rules_from_plan",
    "seek",
    "to_km",
]
