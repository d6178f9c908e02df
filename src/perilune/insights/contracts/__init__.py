"""What crosses the border of `insights`: the outlook of open deals and of deals to come."""

from perilune.insights.contracts.outlook import (
    DISTANCES,
    HORIZON,
    RATE_DAYS,
    DealChance,
    OpenDeals,
    Outlook,
    Reason,
    births,
    horizon_for,
)
from perilune.insights.contracts.scores import ChanceBin, ChanceScore, DealReliability
from perilune.insights.contracts.takeovers import TakenOver

__all__ = [
    "DISTANCES",
    "HORIZON",
    "RATE_DAYS",
    "ChanceBin",
    "ChanceScore",
    "DealChance",
    "DealReliability",
    "OpenDeals",
    "Outlook",
    "Reason",
    "TakenOver",
    "births",
    "horizon_for",
]
