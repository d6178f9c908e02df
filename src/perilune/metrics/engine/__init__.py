"""Pure computation of metrics: figures from sums, what exceeds noise, quotas."""

from perilune.metrics.engine.figures import (
    NO_CREATION,
    NONE_WON,
    PART_DATA,
    REACHED,
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
    "NONE_WON",
    "NO_CREATION",
    "PART_DATA",
    "REACHED",
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
