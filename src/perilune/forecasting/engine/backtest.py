"""The rolling-origin back-test: what the same rule said at past origins, against what came."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from perilune.forecasting.contracts import Backtest, Point
from perilune.forecasting.engine.spread import band, errors
from perilune.forecasting.engine.windows import Floats, Ints, disjoint


@dataclass(frozen=True, eq=False)
class Trial:
    """One rule's forecasts of one unit at K knowledge days; the last is the as-of's own.

    point, deal: (K,) forecast of the remainder, and mean won deal known then. came: (K,) what the
    window brought, as known at the as-of. deviation: (K,) log standard deviation that a forecaster
    of that day would have drawn, NaN where too few errors were known. rows: origins that count.
    """

    days: Ints
    point: Floats
    deal: Floats
    came: Floats
    deviation: Floats
    rows: Ints

    def points(self) -> tuple[Point, ...]:
        """Return the scored origins, oldest first."""
        low, high = band(self.point, self.deal, self.deviation)
        return tuple(
            Point(
                int(self.days[row]),
                float(self.point[row]),
                float(low[row]) if np.isfinite(low[row]) else None,
                float(high[row]) if np.isfinite(low[row]) else None,
                float(self.came[row]),
            )
            for row in self.rows
        )

    def score(self, length: int) -> Backtest:
        """Return the pooled scores of a rule without ranges: those of `points`, in one go."""
        point, came = self.point[self.rows], self.came[self.rows]
        whole = float(came.sum())
        miss = point - came
        return Backtest(
            points=len(point),
            windows=disjoint(len(point), length),
            wape=float(np.abs(miss).sum()) / whole if whole > 0 else None,
            bias=float(miss.sum()) / whole if whole > 0 else None,
        )

    def errors(self) -> tuple[float, ...]:
        """Return the log errors of the scored origins, oldest first."""
        rows = self.rows
        found = errors(self.came[rows], self.point[rows], self.deal[rows])
        return tuple(float(value) for value in found)


def score(points: tuple[Point, ...], length: int) -> Backtest:
    """Return the pooled scores of origins."""
    windows = disjoint(len(points), length)
    ranged = [item for item in points if item.p10 is not None]
    hits = tuple(_is_inside(item) for item in ranged)
    return Backtest(
        points=len(points),
        windows=windows,
        wape=_ratio(sum(abs(p.forecast - p.actual) for p in points), points),
        bias=_ratio(sum(p.forecast - p.actual for p in points), points),
        coverage80=sum(hits) / len(hits) if hits else None,
        ranged=len(ranged),
        pinball=_ratio(2 / 3 * sum(_pinball(p) for p in ranged), tuple(ranged)),
        hits=hits,
    )


def _is_inside(point: Point) -> bool:
    return (
        point.p10 is not None and point.p90 is not None and point.p10 <= point.actual <= point.p90
    )


def _pinball(point: Point) -> float:
    levels = ((0.1, point.p10 or 0.0), (0.5, point.forecast), (0.9, point.p90 or 0.0))
    return sum(
        max(level * (point.actual - value), (level - 1) * (point.actual - value))
        for level, value in levels
    )


def _ratio(amount: float, points: tuple[Point, ...]) -> float | None:
    whole = sum(point.actual for point in points)
    return amount / whole if whole > 0 else None
