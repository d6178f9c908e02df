"""What territories will hold: periods to come, with intervals and the day they leave tolerance."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from perilune.territories.contracts.units import FloatArray


class Rule(StrEnum):
    """How a period to come is reckoned from those before. NAIVE always stands in the table."""

    NAIVE = "naive"
    """As the last period."""
    DRIFT = "drift"
    """On by the mean change a period of the last two years."""
    SHARED = "shared"
    """On by the change of all territories together, each by its share of the load."""
    SEASONAL = "seasonal"
    """As the same period a year before, for loads that come and go."""
    SEASONAL_GROWTH = "seasonal_growth"
    """As a year before, times the growth of all territories together over the last year."""


@dataclass(frozen=True)
class Trial:
    """A rule's record on this history: forecasts that could have been made then, now known.

    error: sum of |forecast - actual| over sum of actual (WAPE) at each horizon, h of them.
    """

    rule: Rule
    error: tuple[float, ...]
    mean: float


@dataclass(frozen=True)
class Outlook:
    """Loads of k territories in h periods to come, by the rule with the least error.

    middle, low, high: (h, k), the interval of `cover` from the errors of the trial, all territories
    of one origin together. deviation, deviation_low, deviation_high: (h, k) off the mean of all
    territories. leaves: (h, k) share of the trial's origins by which the territory would be out of
    its tolerance. origins: of the trial; under 8 the history is thin (rule 20).
    """

    rule: Rule
    trials: tuple[Trial, ...]
    origins: int
    cover: float
    middle: FloatArray
    low: FloatArray
    high: FloatArray
    deviation: FloatArray
    deviation_low: FloatArray
    deviation_high: FloatArray
    leaves: FloatArray

    @property
    def is_thin(self) -> bool:
        """Whether too few origins stand behind the interval."""
        return self.origins < 8
