"""What the hub keeps outside the history: imports and their problems; duplicates and answers."""

from perilune.hub.models.duplicates import (
    DuplicateAnswer,
    DuplicateGroup,
    DuplicatePair,
    DuplicateSearch,
    MassMerge,
    SurvivorRules,
)
from perilune.hub.models.imports import ImportRun, MissingAnswer, Repair, RowProblem, SavedMapping

__all__ = [
    "DuplicateAnswer",
    "DuplicateGroup",
    "DuplicatePair",
    "DuplicateSearch",
    "ImportRun",
    "MassMerge",
    "MissingAnswer",
    "Repair",
    "RowProblem",
    "SavedMapping",
    "SurvivorRules",
]
