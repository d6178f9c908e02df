"""The long view as it is kept: assumptions by year, what low and high add, the first slice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from perilune.kernel.messages import gettext_noop as _
from perilune.planning.contracts.views import YearAssumption

FEWEST_YEARS, MOST_YEARS = 5, 10
RATES = ("growth", "retention", "price", "market_growth", "productivity")
ASSUMPTION_LABELS: Mapping[str, str] = {
    "growth": _("Wanted growth"),
    "retention": _("Business kept"),
    "price": _("Price change"),
    "market_growth": _("Market growth"),
    "heads": _("Ramped FTE"),
    "productivity": _("Change of bookings per FTE"),
}
"""English msgids."""


@dataclass(frozen=True)
class LongYear:
    """One year ahead. Rates are shares. growth: wanted, None where none is; heads: ramped FTE."""

    year: int
    retention: float
    price: float
    market_growth: float
    heads: float
    productivity: float
    growth: float | None = None

    @property
    def assumption(self) -> YearAssumption:
        """What the engine reads."""
        return YearAssumption(
            self.retention, self.price, self.market_growth, self.heads, self.productivity
        )


@dataclass(frozen=True)
class LongDocument:
    """A version's content.

    low, high: added to each year (heads: a share). market: size of the market in the first year,
    minor units, None unknown: it then sets no limit. most_share: of the market that can be had.
    """

    years: tuple[LongYear, ...]
    low: YearAssumption
    high: YearAssumption
    market: int | None = None
    most_share: float = 1.0

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> LongDocument:
        """Return what plain values say."""
        return cls(
            tuple(LongYear(**year) for year in values["years"]),
            YearAssumption(**values["low"]),
            YearAssumption(**values["high"]),
            values.get("market"),
            values.get("most_share", 1.0),
        )


@dataclass(frozen=True)
class LongVersionInfo:
    """A version of the long view: who kept it when, on which plan."""

    number: int
    plan_id: int
    document: LongDocument
    note: str
    actor: str
    at: datetime
