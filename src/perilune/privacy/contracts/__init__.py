"""What crosses the border of `privacy`: where a dossier stands, what was found, rules, consent."""

from perilune.privacy.contracts.consent import (
    BASES,
    PURPOSES,
    Basis,
    ConsentLine,
    ConsentState,
    Purpose,
)
from perilune.privacy.contracts.dossiers import (
    GROUNDS,
    PERSON_KINDS,
    STATES,
    Candidate,
    DossierInfo,
    DossierState,
    Ground,
    Mention,
    Place,
    Proof,
)
from perilune.privacy.contracts.retention import (
    ACTIONS,
    Rule,
    RuleAction,
    RuleCount,
    RuleRun,
)

__all__ = [
    "ACTIONS",
    "BASES",
    "GROUNDS",
    "PERSON_KINDS",
    "PURPOSES",
    "STATES",
    "Basis",
    "Candidate",
    "ConsentLine",
    "ConsentState",
    "DossierInfo",
    "DossierState",
    "Ground",
    "Mention",
    "Place",
    "Proof",
    "Purpose",
    "Rule",
    "RuleAction",
    "RuleCount",
    "RuleRun",
]
