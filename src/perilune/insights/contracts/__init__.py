"""What crosses the border of `insights`: the outlook of open deals and of deals to come."""

from perilune.insights.contracts.outlook import (
    DISTANCES,
    HORIZON,
    DealChance,
    OpenDeals,
    Outlook,
    Reason,
    horizon_for,
)

__all__ = ["DISTANCES", "HORIZON", "DealChance", "OpenDeals", "Outlook", "Reason", "horizon_for"]
