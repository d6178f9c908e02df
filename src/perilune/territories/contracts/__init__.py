"""What crosses the border of territories: units, what is asked, the plan and its proof."""

from perilune.territories.contracts.plans import Certificate, Figures, Plan
from perilune.territories.contracts.rebalancing import Alternative, Hand, Moved, Rebalanced, Seat
from perilune.territories.contracts.units import Request, Units

__all__ = [
    "Alternative",
    "Certificate",
    "Figures",
    "Hand",
    "Moved",
    "Plan",
    "Rebalanced",
    "Request",
    "Seat",
    "Units",
]
