"""What one list of assumptions does to capacity, quotas, forecast, load and risks together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from perilune.forecasting.contracts.scenarios import ScenarioResult

T = TypeVar("T")


@dataclass(frozen=True)
class Sides(Generic[T]):
    """A figure without and with the assumptions; None where it is unknown."""

    before: T
    after: T


@dataclass(frozen=True)
class Capacity:
    """Sellers of a team, or of all (team_id None), over the rest of the period.

    fte: mean FTE, absence and departures deducted; a hire's grows with its ramp. heads: sellers
    there on its last day, of a hire each head.
    """

    team_id: int | None
    name: str
    fte: Sides[float]


@dataclass(frozen=True)
class QuotaCover:
    """How far reps' quotas reach, and what the forecast makes of the target; minor units.

    level: of the three named ones (rule 29). quotas: of reps, for the days on which they are there.
    target: the unit's own, None unknown. without: planned hires, who have no quota yet.
    """

    level: str
    quotas: Sides[int | None]
    target: Sides[int | None]
    without: int

    @property
    def ratio(self) -> Sides[float | None]:
        """Quotas of who is there over the target."""
        return Sides(
            _ratio(self.quotas.before, self.target.before),
            _ratio(self.quotas.after, self.target.after),
        )


@dataclass(frozen=True)
class Load:
    """What a territory holds on the last day of the period, or what a rep holds without one.

    fte: of who is in its seats, against today. value: open deals of today, minor units.
    """

    name: str
    reps: tuple[str, ...]
    accounts: Sides[int]
    deals: Sides[int]
    value: Sides[float]
    fte: Sides[float]

    @property
    def is_changed(self) -> bool:
        """Tell whether the assumptions change anything of it."""
        sides = (self.accounts, self.deals, self.value, self.fte)
        return any(side.before != side.after for side in sides)


@dataclass(frozen=True)
class Endangered:
    """What of the period is in danger.

    deals, revenue: open deals at risk today and what is at stake in them, minor units. handed:
    accounts, open deals and their value that change hands; nobody: of these, those nobody takes.
    gap: target less the median of the forecast. vacant: territories that lose all who sit there.
    """

    deals: int
    revenue: float | None
    handed_accounts: int
    handed_deals: int
    handed_value: float
    nobody: int
    gap: Sides[float | None]
    vacant: tuple[str, ...]


@dataclass(frozen=True)
class Together:
    """The whole answer. by_territory: loads are of territories in force, else of reps."""

    forecast: ScenarioResult
    capacity: tuple[Capacity, ...]
    cover: QuotaCover
    loads: tuple[Load, ...]
    by_territory: bool
    risks: Endangered


def _ratio(part: int | None, whole: int | None) -> float | None:
    return part / whole if part is not None and whole else None
