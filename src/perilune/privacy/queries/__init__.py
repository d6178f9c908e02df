"""Reads of privacy: who somebody is, where they stand, what they allowed, who is kept out."""

from perilune.privacy.queries.consenting import allowed, ledger_of, may_contact
from perilune.privacy.queries.dossiers import dossier, dossiers
from perilune.privacy.queries.exporting import export
from perilune.privacy.queries.finding import find, name_of
from perilune.privacy.queries.retaining import days_kept
from perilune.privacy.queries.suppressing import count_kept_out, kept_out

__all__ = [
    "allowed",
    "count_kept_out",
    "days_kept",
    "dossier",
    "dossiers",
    "export",
    "find",
    "kept_out",
    "ledger_of",
    "may_contact",
    "name_of",
]
