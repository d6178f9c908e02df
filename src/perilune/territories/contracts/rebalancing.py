"""Re-balancing: what moves, why, who hands over to whom, and the alternatives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from perilune.territories.contracts.plans import Plan


class Moved(StrEnum):
    """Why a unit changes hands."""

    UNHELD = "unheld"
    """Nobody holds it today, or whoever did has left."""
    NEW_TERRITORY = "new_territory"
    """It goes to somebody who starts."""
    TOO_MUCH = "too_much"
    """Its holder has more than the tolerance allows."""
    TOO_LITTLE = "too_little"
    """Whoever takes it has less than the tolerance allows."""
    PASSED_ON = "passed_on"
    """Its holder takes over other units and hands this one on, so that the surplus can pass."""
    CLOSER = "closer"
    """It lies nearer to the centre of whoever takes it."""
    REQUIRED = "required"
    """A lock or a rule of eligibility says so."""


@dataclass(frozen=True)
class Hand:
    """One unit that changes hands."""

    unit: int
    source: int
    """Territory that held it, -1: nobody."""
    goal: int
    reason: Moved
    load: float
    """Of the first attribute."""
    cost: float
    """What moving it breaks."""
    nearer_km: float
    """How much nearer it is to its new centre; negative: farther."""


@dataclass(frozen=True)
class Alternative:
    """One point of the frontier: moved against compact against balanced."""

    stay: float
    """Penalty, km^2."""
    moved: float
    """Share of the load held today that changes hands."""
    moved_cost: float
    """Share of all that moving could break."""
    inertia: float
    deviation: float
    cut_off: float
    is_met: bool = True
    """Every attribute of every territory is within its tolerance."""


@dataclass(frozen=True)
class Rebalanced:
    """The plan that was chosen, its moves, and the frontier that it was chosen from."""

    plan: Plan
    hands: tuple[Hand, ...]
    frontier: tuple[Alternative, ...]
    chosen: int
    """Number of the frontier's point that the plan is."""
    floor: float
    """Share of the load held today that must move whatever the map."""


@dataclass(frozen=True)
class Seat:
    """Who gets a territory, what speaks for it, and what was given up."""

    territory: int
    rep: int
    """-1: nobody is left for it."""
    kept: float
    """Share of the territory's load that the rep holds today."""
    fit: float
    """Fit of the rep, 0 to 1."""
    given_up: float
    """Best value of this rep over all territories, less the value here."""


@dataclass(frozen=True)
class FrontierView:
    """The frontier of a draft as its page shows it.

    points: in the order of the penalty on moving, the plan from scratch first. chosen: the one that
    the engine would take. today, draft: what is held today and the draft as it stands, measured
    alike. floor: as of `Rebalanced`. taken: the point that the draft is, None where it is none.
    is_stale: the plan's territories, locks or constraints are other ones since.
    """

    points: tuple[Alternative, ...]
    chosen: int
    today: Alternative
    draft: Alternative
    floor: float
    taken: int | None
    is_stale: bool
    actor: str
    made_at: datetime
