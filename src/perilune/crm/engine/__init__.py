"""Pure computation of the CRM: reading typed input, checking records, watching deals."""

from perilune.crm.engine.numbers import (
    digits,
    siren_of_vat,
    siren_problem,
    siret_problem,
    vat_problem,
)
from perilune.crm.engine.reading import MINOR_TYPES, parse, show
from perilune.crm.engine.rules import Facts, Finding, Share, check, check_shares
from perilune.crm.engine.watching import Watch, Watched, warnings_of

__all__ = [
    "MINOR_TYPES",
    "Facts",
    "Finding",
    "Share",
    "Watch",
    "Watched",
    "check",
    "check_shares",
    "digits",
    "parse",
    "show",
    "siren_of_vat",
    "siren_problem",
    "siret_problem",
    "vat_problem",
    "warnings_of",
]
