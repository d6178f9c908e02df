"""How fair and how feasible the quotas of a plan are, as pages show it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from perilune.kernel.messages import gettext_noop as _
from perilune.planning.contracts.tables import Floats

WHOLE_YEAR = 0.95
"""Share of the twelve months before that a rep must have sold in to be held against bookings."""
LEAST_RAMPED = 0.5
"""Ramped FTE-years in them from which on bookings are a year's."""


class OutlierKind(StrEnum):
    """Why a quota stands out."""

    HIGH_ON_POTENTIAL = "high_on_potential"
    LOW_ON_POTENTIAL = "low_on_potential"
    HIGH_ON_BOOKED = "high_on_booked"
    LOW_ON_BOOKED = "low_on_booked"
    BEYOND = "beyond"
    NO_POTENTIAL = "no_potential"
    NO_QUOTA = "no_quota"


OUTLIER_LABELS: dict[OutlierKind, str] = {
    OutlierKind.HIGH_ON_POTENTIAL: _("high for its potential"),
    OutlierKind.LOW_ON_POTENTIAL: _("low for its potential"),
    OutlierKind.HIGH_ON_BOOKED: _("high for what was booked"),
    OutlierKind.LOW_ON_BOOKED: _("low for what was booked"),
    OutlierKind.BEYOND: _("beyond the potential"),
    OutlierKind.NO_POTENTIAL: _("no account with a known potential"),
    OutlierKind.NO_QUOTA: _("no quota"),
}


@dataclass(frozen=True)
class QuotaRow:
    """The quota of a rep beside what it lies on. Money: minor units of the plan's currency.

    accounts: that the rep owns; unknown: of them without a potential. potential: of the others,
    None where it is known of none. booked: of the twelve months before the as-of; there: ramped
    FTE-years in them. tenure: share of their days with a selling seat. outliers: why it
    stands out, the gravest first.
    """

    unit: str
    team: str
    quota: int | None
    accounts: int
    unknown: int
    potential: int | None
    booked: int
    there: float
    tenure: float = 1.0
    outliers: tuple[OutlierKind, ...] = ()

    @property
    def is_planned(self) -> bool:
        """Whether nobody sits there yet: a planned hire has no accounts."""
        return self.unit.startswith("rep:-")

    @property
    def on_potential(self) -> float | None:
        """Return quota to potential."""
        return self.quota / self.potential if self.quota and self.potential else None

    @property
    def is_whole_year(self) -> bool:
        """Whether the bookings of the year before are those of a year: a part is not compared."""
        return self.tenure >= WHOLE_YEAR and self.there >= LEAST_RAMPED

    @property
    def on_booked(self) -> float | None:
        """Return quota to bookings of the year before, of those who sold all through it."""
        if not self.is_whole_year:
            return None
        return self.quota / self.booked if self.quota and self.booked > 0 else None


@dataclass(frozen=True)
class AttainmentBand:
    """Simulated years of some reps: where their attainment lies. p10, p50, p90: ratios.

    reps: how many. over: share of them expected over 100 %.
    """

    unit: str
    reps: int
    p10: float
    p50: float
    p90: float
    over: float


@dataclass(frozen=True)
class Attainments:
    """The expected distribution of attainment.

    shares: (B,) share of simulated rep-years by band of attainment, between the edges. whole: of
    all. teams: of those of five reps or more (rule 26). chance: unit to the chance to reach its
    quota; shown of whoever the reader may read personal measures of.
    """

    edges: Floats
    shares: Floats
    whole: AttainmentBand
    teams: tuple[AttainmentBand, ...]
    chance: dict[str, float]
    paths: int
