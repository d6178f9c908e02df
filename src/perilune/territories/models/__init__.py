"""Records: territories in force (projections of the history) and drafts of plans."""

from perilune.territories.models.drafts import (
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

__all__ = [
    "Draft",
    "DraftComment",
    "DraftEdit",
    "DraftTerritory",
    "DraftUnits",
    "Frontier",
    "FrontierPoint",
    "RuleApplied",
    "RuleEdition",
    "Snapshot",
    "Territory",
    "TerritoryAccount",
    "TerritorySeat",
]
