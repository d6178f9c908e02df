"""Territory design and re-balancing. Pure: no clock, no database, no chance of its own."""

from perilune.territories.engine.capacity import count_needed, fewest, road_hours, round_km
from perilune.territories.engine.containers import expanded, gather
from perilune.territories.engine.costs import Costs, by_costs, nearest_candidates, travel_hours
from perilune.territories.engine.designing import design
from perilune.territories.engine.expecting import draw, near, quantiles
from perilune.territories.engine.generating import rules_by_fields
from perilune.territories.engine.levels import Level, LevelPlan, nested
from perilune.territories.engine.matching import match
from perilune.territories.engine.outlines import outlines, polygons
from perilune.territories.engine.projection import middle_of, to_km
from perilune.territories.engine.rebalancing import (
    PENALTIES,
    alternative,
    hands,
    least_moved,
    rebalance,
    standing,
)
from perilune.territories.engine.rules import meeting, place, preview, rules_from_plan
from perilune.territories.engine.stepping import grow, seek
from perilune.territories.engine.tables import share_out

__all__ = [
    "PENALTIES",
    "Costs",
    "Level",
    "LevelPlan",
    "alternative",
    "by_costs",
    "count_needed",
    "design",
    "draw",
    "expanded",
    "fewest",
    "gather",
    "grow",
    "hands",
    "least_moved",
    "match",
    "meeting",
    "middle_of",
    "near",
    "nearest_candidates",
    "nested",
    "outlines",
    "place",
    "polygons",
    "preview",
    "quantiles",
    "rebalance",
    "road_hours",
    "round_km",
    "rules_by_fields",
    "rules_from_plan",
    "seek",
    "share_out",
    "standing",
    "to_km",
    "travel_hours",
]
