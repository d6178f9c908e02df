"""Pure computation of metrics: figures from sums, what exceeds noise, quotas."""

from perilune.metrics.engine.figures import (
    FEWEST_PEOPLE,
    NO_CREATION,
    NO_DATA,
    NO_PEOPLE,
    NONE_WON,
    PART_DATA,
    REACHED,
    TOO_FEW,
    Context,
    figures_of,
)
from perilune.metrics.engine.noise import (
    byar,
    change_of,
    compound,
    exceeds_noise,
    mean_interval,
    wilson,
)
from perilune.metrics.engine.quotas import Span, quota_of

__all__ = [
    "FEWEST_PEOPLE",
    "NONE_WON",
    "NO_CREATION",
    "NO_DATA",
    "NO_PEOPLE",
    "PART_DATA",
    "REACHED",
    "TOO_FEW",
    "Context",
    "Span",
    "byar",
    "change_of",
    "compound",
    "exceeds_noise",
    "figures_of",
    "mean_interval",
    "quota_of",
    "wilson",
]
