"""What crosses the border of territories: units, what is asked, the plan and its proof."""

from perilune.territories.contracts.effort import Effort, Needed, Working
from perilune.territories.contracts.kinds import (
    KINDS,
    ORIGINS,
    PARENTS,
    SEAT_ROLES,
    TERRITORY,
    TERRITORY_ACCOUNT,
    TERRITORY_SEAT,
)
from perilune.territories.contracts.plans import Certificate, Figures, Plan
from perilune.territories.contracts.rebalancing import Alternative, Hand, Moved, Rebalanced, Seat
from perilune.territories.contracts.rules import (
    BY_HAND,
    Columns,
    Criterion,
    Operator,
    Placed,
    Rule,
    RuleSet,
    Shift,
)
from perilune.territories.contracts.units import Request, Units

__all__ = [
    "BY_HAND",
    "KINDS",
    "ORIGINS",
    "PARENTS",
    "SEAT_ROLES",
    "TERRITORY",
    "TERRITORY_ACCOUNT",
    "TERRITORY_SEAT",
    "Alternative",
    "Certificate",
    "Columns",
    "Criterion",
    "Effort",
    "Figures",
    "Hand",
    "Moved",
    "Needed",
    "Operator",
    "Placed",
    "Plan",
    "Rebalanced",
    "Request",
    "Rule",
    "RuleSet",
    "Seat",
    "Shift",
    "Units",
    "Working",
]
