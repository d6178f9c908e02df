"""Range: pessimistic, realistic, optimistic."""

from __future__ import annotations

from dataclasses import dataclass

from perilune.kernel.errors import Invalid


@dataclass(frozen=True)
class Range:
    """A distribution told by its 10th, 50th and 90th percentile and its mean, in one unit.

    The percentiles of rows do not sum to those of their total; the means do.
    """

    p10: float
    p50: float
    p90: float
    mean: float

    def __post_init__(self) -> None:
        if not self.p10 <= self.p50 <= self.p90:
            raise Invalid("A range must rise from pessimistic to optimistic.")

    def shifted(self, by: float) -> Range:
        """Return the range moved by a constant, such as what is won already."""
        return Range(self.p10 + by, self.p50 + by, self.p90 + by, self.mean + by)
