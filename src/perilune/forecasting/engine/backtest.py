"""The rolling-origin back-test: what the same rule said at past origins, against what came."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from perilune.forecasting.contracts import NONE_BELOW, Backtest, Point
from perilune.forecasting.engine.history import History
from perilune.forecasting.engine.spread import errors, half_width, quantile
from perilune.forecasting.engine.windows import MOST_SCORED, Floats, Ints, Target, disjoint


@dataclass(frozen=True, eq=False)
class Trial:
    """One rule's forecasts (K,) at the knowledge days of a history; the last is the as-of's own.

    came: (K, K) the history's `outcomes` for the target, shared by the trials of all rules.
    """

    history: History
    target: Target
    point: Floats
    came: Floats

    def width_at(self, row: int) -> float | None:
        """Return the half width that a forecaster of that row's day would have drawn.

        Only windows that were over by that day count, with outcomes as they were known on it.
        """
        past = self._usable(row)
        if len(past) < NONE_BELOW:
            return None
        found = errors(self.came[row, past], self.point[past], self.history.deal[past])
        return half_width(found, self.target.length)

    def points(self) -> tuple[Point, ...]:
        """Return the scored origins, oldest first; outcomes as known at the as-of."""
        last = len(self.history.days) - 1
        chosen = self._usable(last)
        return tuple(self._point(int(row), float(self.came[last, row])) for row in chosen)

    def _point(self, row: int, actual: float) -> Point:
        half = self.width_at(row)
        forecast, deal = float(self.point[row]), float(self.history.deal[row])
        low = None if half is None else quantile(forecast, deal, half, 0.1)
        high = None if half is None else quantile(forecast, deal, half, 0.9)
        return Point(int(self.history.days[row]), forecast, low, high, actual)

    @cached_property
    def _may_count(self) -> NDArray[np.bool_]:
        return np.asarray(np.isfinite(self.point) & (self.history.deal > 0))

    def _usable(self, row: int) -> Ints:
        """Return the origins whose window was over by the day of a row, at most a year of them."""
        days = self.history.days
        # days ascend, so what was over by then is a beginning of them
        over = int(
            np.searchsorted(days, days[row] - self.target.lead - self.target.length, "right")
        )
        return np.flatnonzero(self._may_count[:over])[-MOST_SCORED:]


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
