"""What the hub keeps outside the history: imports, connections, their outbox, duplicates."""

from perilune.hub.models.connections import Connection, Proof, SyncRun
from perilune.hub.models.duplicates import (
    DuplicateAnswer,
    DuplicateGroup,
    DuplicatePair,
    DuplicateSearch,
    MassMerge,
    SurvivorRules,
)
from perilune.hub.models.imports import (
    ImportRun,
    MissingAnswer,
    Repair,
    RowProblem,
    SavedMapping,
)
from perilune.hub.models.outbox import WriteBatch, WriteLine, WriteRule
from perilune.hub.models.quality import ImpliedChoice, QualityPass, QualityVersion
from perilune.hub.models.reconciling import ReconciledRow, Reconciliation
from perilune.hub.models.routing import LeadRules, LeadRun

__all__ = [
    "Connection",
    "DuplicateAnswer",
    "DuplicateGroup",
    "DuplicatePair",
    "DuplicateSearch",
    "ImpliedChoice",
    "ImportRun",
    "LeadRules",
    "LeadRun",
    "MassMerge",
    "MissingAnswer",
    "Proof",
    "QualityPass",
    "QualityVersion",
    "ReconciledRow",
    "Reconciliation",
    "Repair",
    "RowProblem",
    "SavedMapping",
    "SurvivorRules",
    "SyncRun",
    "WriteBatch",
    "WriteLine",
    "WriteRule",
]
