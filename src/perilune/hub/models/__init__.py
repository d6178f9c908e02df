"""What the hub keeps outside the history: imports, connections, webhooks, duplicates."""

from perilune.hub.models.connections import Connection, Proof, SyncRun
from perilune.hub.models.duplicates import (
    DuplicateAnswer,
    DuplicateGroup,
    DuplicatePair,
    DuplicateSearch,
    MassMerge,
    SurvivorRules,
)
from perilune.hub.models.hooks import Delivery, Hook, HookCall, HookRefusal, Subscription
from perilune.hub.models.imports import (
    ImportRun,
    MissingAnswer,
    Repair,
    RowProblem,
    SavedMapping,
)
from perilune.hub.models.mending import Provider, RepairProposal, RepairRun, RepairState
from perilune.hub.models.outbox import WriteBatch, WriteLine, WriteRule
from perilune.hub.models.quality import ImpliedChoice, QualityPass, QualityVersion
from perilune.hub.models.reconciling import ReconciledRow, Reconciliation
from perilune.hub.models.routing import LeadRules, LeadRun

__all__ = [
    "Connection",
    "Delivery",
    "DuplicateAnswer",
    "DuplicateGroup",
    "DuplicatePair",
    "DuplicateSearch",
    "Hook",
    "HookCall",
    "HookRefusal",
    "ImpliedChoice",
    "ImportRun",
    "LeadRules",
    "LeadRun",
    "MassMerge",
    "MissingAnswer",
    "Proof",
    "Provider",
    "QualityPass",
    "QualityVersion",
    "ReconciledRow",
    "Reconciliation",
    "Repair",
    "RepairProposal",
    "RepairRun",
    "RepairState",
    "RowProblem",
    "SavedMapping",
    "Subscription",
    "SurvivorRules",
    "SyncRun",
    "WriteBatch",
    "WriteLine",
    "WriteRule",
]
