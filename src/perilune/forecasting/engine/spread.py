"""How wide a range must be, told by past errors of the same forecast.

The error of a forecast f with outcome A is log((A + c) / (f + c)), where c is the mean won deal
known when the forecast was made: a ratio where many deals are won, about a count of deals where few
are, and defined for A = 0. Positive is «more came than was forecast».

The variance of an error is that of chance alone (deals are won or not) plus what the forecast did
not know. The second part is what makes eight in ten past errors lie inside the 80 % range.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from statistics import NormalDist

import numpy as np

from perilune.forecasting.contracts import NONE_BELOW, THIN_BELOW
from perilune.forecasting.engine.windows import Floats, disjoint

AIM = 0.8
"""The share of outcomes that p10 to p90 should hold."""
Z90 = NormalDist().inv_cdf(0.9)
PRIOR = 0.1
"""Log standard deviation that is assumed before anything was seen."""
PRIOR_WINDOWS = 2
"""Separate windows that the assumption weighs as much as."""


def errors(actual: Floats, point: Floats, deal: Floats) -> Floats:
    """Return the log errors; an outcome below zero counts as zero. Shapes broadcast."""
    return np.asarray(np.log((np.maximum(actual, 0.0) + deal) / (point + deal)))


def chance(square: Floats, point: Floats, deal: Floats) -> Floats:
    """Return the variance of errors by chance alone: square is the variance of the amount."""
    return np.asarray(np.log1p(square / np.maximum(point + deal, 1e-9) ** 2))


@dataclass(frozen=True)
class Spread:
    """What the past says of a level: a variance beside chance, and a factor on the whole.

    extra: log variance of what the forecast did not know. factor: on the standard deviation; below
    one where chance alone was wider than the errors, above one on thin history.
    """

    extra: float
    factor: float

    def deviation(self, by_chance: Floats) -> Floats:
        """Return the log standard deviation where chance alone has these variances."""
        return np.asarray(self.factor * np.sqrt(by_chance + self.extra))


def spread(past: Floats, by_chance: Floats, origins: int, length: int) -> Spread:
    """Return the spread that past errors ask for; under four origins it is the assumption.

    past, by_chance: (n,) errors and their variances by chance, of all units of a level at all
    origins. Split conformal: s is the ceil(0.8 (n + 1))-th smallest of error^2 / z^2 - chance;
    where it is below zero the factor takes the place of s. Both are shrunk to the assumption by the
    windows that do not overlap. Source of the rank: Vovk et al., Algorithmic Learning (2005).
    """
    n = len(past)
    if origins < NONE_BELOW or n < NONE_BELOW:
        return Spread(PRIOR**2, 1.0)
    rank = min(ceil(AIM * (n + 1)), n) - 1
    needed = past**2 / Z90**2
    extra = float(np.partition(needed - by_chance, rank)[rank])
    factor = 1.0
    if extra < 0:
        share = needed / np.maximum(by_chance, 1e-12)
        factor = max(float(np.sqrt(np.partition(share, rank)[rank])), 0.5)
        extra = 0.0
    windows = disjoint(origins, length)
    weight = windows / (windows + PRIOR_WINDOWS)
    return Spread(weight * extra + (1 - weight) * PRIOR**2, factor**weight * thin_factor(origins))


def thin_factor(origins: int) -> float:
    """Return what a range is widened by on thin history: 1 from eight origins, 1.22 at four."""
    return float(np.sqrt(1 + max(THIN_BELOW - origins, 0) / 8))


def band(point: Floats, deal: Floats, deviation: Floats) -> tuple[Floats, Floats]:
    """Return p10 and p90 of log-normal remainders, never below zero."""
    reach = np.exp(Z90 * deviation)
    low = np.maximum((point + deal) / reach - deal, 0.0)
    return low, (point + deal) * reach - deal
