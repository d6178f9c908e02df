"""What crosses the border of `insights`: the outlook of open deals and of deals to come."""

from perilune.insights.contracts.outlook import (
    DISTANCES,
    HORIZON,
    DealChance,
    Outlook,
    Reason,
)

__all__ = ["DISTANCES", "HORIZON", "DealChance", "Outlook", "Reason"]
