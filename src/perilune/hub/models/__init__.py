"""What the hub keeps outside the history: imports and their problems; duplicates and answers."""

from perilune.hub.models.duplicates import (
    DuplicateAnswer,
    DuplicateGroup,
    DuplicatePair,
    DuplicateSearch,
    MassMerge,
    SurvivorRules,
)
from perilune.hub.models.imports import (
    Connection,
    ImportRun,
    MissingAnswer,
    Proof,
    Repair,
    RowProblem,
    SavedMapping,
    SyncRun,
)

__all__ = [
    "Connection",
    "DuplicateAnswer",
    "DuplicateGroup",
    "DuplicatePair",
    "DuplicateSearch",
    "ImportRun",
    "MassMerge",
    "MissingAnswer",
    "Proof",
    "Repair",
    "RowProblem",
    "SavedMapping",
    "SurvivorRules",
    "SyncRun",
]
