"""What crosses the border of `crm`: the kinds of record it keeps, what lists and boards answer."""

from perilune.crm.contracts.kinds import (
    DEAL_TYPES,
    FORECAST_CATEGORIES,
    KINDS,
    MEANINGS,
    NO_DEAL_REASONS,
    PARENTS,
)
from perilune.crm.contracts.listing import (
    CASES,
    Condition,
    DealCard,
    Done,
    Elsewhere,
    Hit,
    ListColumn,
    ListPage,
    ListQuery,
    Measured,
    SavedList,
    StageColumn,
    Total,
)

__all__ = [
    "CASES",
    "DEAL_TYPES",
    "FORECAST_CATEGORIES",
    "KINDS",
    "MEANINGS",
    "NO_DEAL_REASONS",
    "PARENTS",
    "Condition",
    "DealCard",
    "Done",
    "Elsewhere",
    "Hit",
    "ListColumn",
    "ListPage",
    "ListQuery",
    "Measured",
    "SavedList",
    "StageColumn",
    "Total",
]
