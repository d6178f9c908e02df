"""Why two totals differ, row by row: what another system lists beside what stands here."""

from perilune.hub.engine.reconcile.rows import (
    CAUSES,
    Filters,
    Here,
    Line,
    Reconciled,
    There,
    reconcile,
)
from perilune.hub.engine.reconcile.totals import explain

__all__ = [
    "CAUSES",
    "Filters",
    "Here",
    "Line",
    "Reconciled",
    "There",
    "explain",
    "reconcile",
]
