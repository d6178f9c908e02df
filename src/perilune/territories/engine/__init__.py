"""Territory design and re-balancing. Pure: no clock, no database, no chance of its own."""

from perilune.territories.engine.designing import design
from perilune.territories.engine.matching import match
from perilune.territories.engine.projection import to_km
from perilune.territories.engine.rebalancing import rebalance

__all__ = ["design", "match", "rebalance", "to_km"]
