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

__all__ = [
    "Draft",
    "DraftComment",
    "DraftEdit",
    "DraftTerritory",
    "DraftUnits",
    "Frontier",
    "FrontierPoint",
    "Snapshot",
    "Territory",
    "TerritoryAccount",
    "TerritorySeat",
]
