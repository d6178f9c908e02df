"""Open deals and what is likely to become of them in a period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from perilune.insights.contracts import DealChance
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period

HARDLY = 0.05
"""A chance of a win within a year below which a deal is said to be unlikely to close at all."""


@dataclass(frozen=True)
class OpenDeal:
    """An open deal as known at the as-of, with its chances; value: minor units, None unknown.

    value is what stands on the deal; `chance.value` what a win is expected to bring.
    """

    id: int
    name: str
    owner_id: int | None
    owner: str
    team_id: int | None
    team: str
    stage_id: int | None
    stage: str
    close_date: date | None
    value: int | None
    chance: DealChance

    @property
    def expected(self) -> float:
        """What the deal is expected to bring in the period, minor units."""
        return self.chance.win * self.chance.value

    @property
    def is_hardly(self) -> bool:
        """Whether the deal is unlikely to close at all within a year."""
        return self.chance.ever < HARDLY


@dataclass(frozen=True)
class OpenDeals:
    """The open deals of a scope, those of most expected value first.

    open_count: open deals in the scope, with a chance or without. is_withheld: single deals are
    not shown to this scope. sql: the statement that read the deals.
    """

    period: Period
    as_of: AsOf
    currency: str
    scope_label: str
    deals: tuple[OpenDeal, ...]
    open_count: int
    is_withheld: bool = False
    sql: str = ""
    store_version: int = 0

    @property
    def expected(self) -> float:
        """What all of them are expected to bring in the period, minor units."""
        return sum(deal.expected for deal in self.deals)

    def find(self, deal_id: int) -> OpenDeal | None:
        """Return a deal by its number, None where it is not among them."""
        return next((deal for deal in self.deals if deal.id == deal_id), None)
