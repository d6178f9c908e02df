"""Scores of forecasts that are over, one at a time and pooled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from perilune.forecasting.engine.windows import Floats

DEFAULT_DEVIATION = 0.25
"""Log deviation of a plain rule of which fewer than four errors are known."""


def crps(samples: Floats, actual: float) -> float:
    """Return the continuous ranked probability score of samples (S,), in their unit.

    Source: Gneiting and Raftery, JASA 102 (2007) 359-378, equation 21.
    """
    ordered = np.sort(samples)
    size = len(ordered)
    weights = 2 * np.arange(1, size + 1) - size - 1
    spread = float((ordered * weights).sum()) / size**2
    return float(np.abs(ordered - actual).mean()) - spread


def plain_samples(point: float, errors: Floats, normal: Floats) -> Floats:
    """Return (S,) samples of a rule that gives one number: log-normal by its own past log errors.

    errors: (n,) known ones. normal: (S,) standard normal numbers.
    """
    deviation = float(np.sqrt(np.mean(errors**2))) if len(errors) >= 4 else DEFAULT_DEVIATION
    return max(point, 1.0) * np.exp(deviation * normal)


@dataclass(frozen=True)
class Scored:
    """One forecast of one unit by one method, and what came; minor units."""

    actual: float
    p10: float
    p50: float
    p90: float
    mean: float
    crps: float


@dataclass(frozen=True)
class Pooled:
    """Scores of many forecasts: n, and shares of what came; None where nothing came.

    wape: sum |A - p50| / sum A; bias: sum (p50 - A) / sum A; ncrps: sum CRPS / sum A; coverage80:
    share of A in [p10, p90]; width80: sum (p90 - p10) / sum A.
    """

    n: int
    wape: float | None
    bias: float | None
    ncrps: float | None
    coverage80: float
    width80: float | None


def scored(samples: Floats, actual: float) -> Scored:
    """Return the score of samples (S,) against what came."""
    low, mid, high = (float(value) for value in np.quantile(samples, [0.1, 0.5, 0.9]))
    return Scored(actual, low, mid, high, float(samples.mean()), crps(samples, actual))


def pooled(rows: Sequence[Scored]) -> Pooled:
    """Return the pooled scores of at least one forecast."""
    whole = sum(row.actual for row in rows)

    def share(amount: float) -> float | None:
        return amount / whole if whole > 0 else None

    return Pooled(
        n=len(rows),
        wape=share(sum(abs(row.actual - row.p50) for row in rows)),
        bias=share(sum(row.p50 - row.actual for row in rows)),
        ncrps=share(sum(row.crps for row in rows)),
        coverage80=sum(row.p10 <= row.actual <= row.p90 for row in rows) / len(rows),
        width80=share(sum(row.p90 - row.p10 for row in rows)),
    )
