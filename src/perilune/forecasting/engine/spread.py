"""How wide a range must be, told by past errors of the same forecast.

The error of a forecast f with outcome A is log((A + c) / (f + c)), where c is the mean won deal
known when the forecast was made: a ratio where many deals are won, about a count of deals where few
are, and defined for A = 0. Positive is «more came than was forecast».

The variance of an error is that of chance alone (deals are won or not) plus what the forecast did
not know. The second part is what makes eight in ten past errors lie inside the 80 % range.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from perilune.forecasting.contracts import NONE_BELOW, THIN_BELOW
from perilune.forecasting.engine.windows import Floats, disjoint

AIM = 0.8
"""The share of outcomes that p10 to p90 should hold."""
Z90 = NormalDist().inv_cdf(0.9)
COMMON = 0.08
"""Log standard deviation that is assumed of a company's long window before anything was seen."""
OWN = 0.06
"""What each level further down adds: a region, a team and a rep have what is theirs alone."""
EDGE_DAYS = 1.0
"""Days of wins that are assumed to fall on the other side of a window's edge: much of a week,
little of a quarter."""
NARROWEST, WIDEST = 0.5, 5.0
"""Bounds of the factor."""
HALF_LIFE = 182.0
"""Days after which an error counts half, as days at risk do in the hazards."""
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
    """What the past says of a level: the variance assumed beside chance, and a factor on the whole.

    extra: log variance of what a forecast does not know. factor: on the standard deviation, so that
    eight in ten past errors lie inside; above one on thin history.
    """

    extra: float
    factor: float

    def deviation(self, by_chance: Floats) -> Floats:
        """Return the log standard deviation where chance alone has these variances."""
        return np.asarray(self.factor * np.sqrt(by_chance + self.extra))


def spread(  # noqa: PLR0917  # what a spread depends on, one each
    past: Floats, by_chance: Floats, back: Floats, origins: int, length: int, depth: int = 0
) -> Spread:
    """Return the spread that past errors ask for; under four origins it is the assumption.

    past, by_chance, back: (n,) errors, their variances by chance and how many days ago they were
    made, of all units of a level at all origins. depth: how far below the total. Weighted split
    conformal of errors in units of their own assumed deviation: the factor is the 0.8 quantile of
    |error| / z, an error counting half for every 182 days back and the one to come counting as
    infinite; it is shrunk to one by the windows that do not overlap.
    Sources: Lei et al., Distribution-free predictive inference, JASA 113 (2018) 1094, section 5.2;
    Barber et al., Conformal prediction beyond exchangeability, Ann. Stat. 51 (2023) 816.
    """
    n = len(past)
    extra = assumed(length, depth)
    if origins < NONE_BELOW or n < NONE_BELOW:
        return Spread(extra, 1.0)
    needed = past**2 / Z90**2 / (by_chance + extra)
    share = np.clip(_quantile(needed, 0.5 ** (back / HALF_LIFE)), NARROWEST**2, WIDEST**2)
    windows = disjoint(origins, length)
    own = windows / (windows + PRIOR_WINDOWS)
    return Spread(extra, float(share ** (own / 2)) * thin_factor(origins))


def assumed(length: int, depth: int = 0) -> float:
    """Return the variance that is assumed of a window, `depth` levels below the total."""
    return COMMON**2 + depth * OWN**2 + (EDGE_DAYS / max(length, 1)) ** 2


def _quantile(values: Floats, weight: Floats) -> float:
    """Return the weighted 0.8 quantile, the largest where the one to come would be needed."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weight[order]) / (weight.sum() + 1.0)
    at = int(np.searchsorted(reached, AIM - 1e-12))
    return float(values[order][min(at, len(values) - 1)])


def thin_factor(origins: int) -> float:
    """Return what a range is widened by on thin history: 1 from eight origins, 1.22 at four."""
    return float(np.sqrt(1 + max(THIN_BELOW - origins, 0) / 8))


def band(point: Floats, deal: Floats, deviation: Floats) -> tuple[Floats, Floats]:
    """Return p10 and p90 of log-normal remainders, never below zero."""
    reach = np.exp(Z90 * deviation)
    low = np.maximum((point + deal) / reach - deal, 0.0)
    return low, (point + deal) * reach - deal
