"""Verbs of privacy: find a person, export them, erase them with proof, keep them out."""

from perilune.privacy.contracts import Mention
from perilune.privacy.service.consenting import consent_note
from perilune.privacy.service.erasing import (
    ERASE,
    erasure_again,
    erasure_approve,
    erasure_ask,
    erasure_withdraw,
)
from perilune.privacy.service.looking import (
    LOOK,
    dossier_add,
    dossier_open,
    finish_look,
    look_again,
)
from perilune.privacy.service.retaining import (
    RETENTION,
    rule_add,
    rule_approve,
    rule_stop,
    run_rule,
    ship_rules,
)

JOBS = (LOOK, ERASE, RETENTION)

__all__ = [
    "ERASE",
    "JOBS",
    "LOOK",
    "RETENTION",
    "Mention",
    "consent_note",
    "dossier_add",
    "dossier_open",
    "erasure_again",
    "erasure_approve",
    "erasure_ask",
    "erasure_withdraw",
    "finish_look",
    "look_again",
    "rule_add",
    "rule_approve",
    "rule_stop",
    "run_rule",
    "ship_rules",
]
