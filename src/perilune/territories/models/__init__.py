"""Records: territories in force (projections of the history) and drafts of plans."""

from perilune.territories.models.drafts import (
    ContainerSet,
    Draft,
    DraftComment,
    DraftEdit,
    DraftTerritory,
    DraftUnits,
    Frontier,
    FrontierPoint,
    Snapshot,
)
from perilune.territories.models.records import Territory, TerritoryAccount, TerritorySeat
from perilune.territories.models.rules import RuleApplied, RuleEdition
from perilune.territories.models.travel import DraftTravel, RoutingServer

__all__ = [
    "ContainerSet",
    "Draft",
    "DraftComment",
    "DraftEdit",
    "DraftTerritory",
    "DraftTravel",
    "DraftUnits",
    "Frontier",
    "FrontierPoint",
    "RoutingServer",
    "RuleApplied",
    "RuleEdition",
    "Snapshot",
    "Territory",
    "TerritoryAccount",
    "TerritorySeat",
]
