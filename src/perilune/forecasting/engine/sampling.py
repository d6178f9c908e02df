"""Samples of the remainder, seat by seat, of which every level is the sum.

The simulation gives each seat its luck; the combination its mean; past errors of each level the
shocks that its seats share. Source of the idea of summing samples: DESIGN section 6.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from perilune.forecasting.contracts import By
from perilune.forecasting.engine.panel import Unit
from perilune.forecasting.engine.simulation import Draw, simulate
from perilune.forecasting.engine.spread import Spread
from perilune.forecasting.engine.windows import Floats, Ints

FURTHEST = 3.0
"""A seat's simulated luck is stretched at most so far; the rest is drawn as deals of its own."""
WILDEST = 2.0
"""The widest log-normal shock: with a wider one the mean would lie on paths that are not drawn."""
_TOP_UP = 2**40
_SHARE = 2**41


@dataclass(frozen=True, eq=False)
class Seats:
    """L seats: a rep in a team. rep, team, region: (L,) ids, -1 for none."""

    rep: Ints
    team: Ints
    region: Ints

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.rep)

    def ids(self, by: By) -> Ints:
        """Return (L,) the ids of the seats' units at a level."""
        return {By.REGION: self.region, By.TEAM: self.team, By.REP: self.rep}[by]


@dataclass(frozen=True, eq=False)
class Lots:
    """samples: (L, S) remainder of each seat on each path. open: (L,) the share of open deals.

    level: (S,) what the total's own uncertainty makes of each path, of mean one: what comes on top
    of the draw (a scenario's difference) is as uncertain as the level is.
    """

    samples: Floats
    open: Floats
    level: Floats

    def of(self, unit: Unit) -> Floats:
        """Return (S,) the samples of a unit."""
        if unit.by is By.TOTAL:
            return np.asarray(self.samples.sum(axis=0))
        return np.asarray(self.samples[list(unit.seats)].sum(axis=0))


def draw_lots(
    mean: Floats,
    draw: Draw,
    deal: float,
    seats: Seats,
    spreads: Mapping[By, Spread],
    *,
    seed: int,
    paths: int,
    shared: Shared | None = None,
) -> Lots:
    """Return samples whose seat means are `mean` (L,), spread as past errors of the levels ask.

    deal: the mean won deal, for what the simulation does not hold. spreads: of the levels known.
    shared: the units inside which no level has skill of its own; by default every seat has.
    """
    count = seats.count
    shared = shared or Shared(mean, np.arange(count))
    own = shared.own
    open_, new = draw.means(count)
    simulated = open_ + new
    stretch = np.where(simulated > 0, own / np.maximum(simulated, 1e-9), 0.0)
    stretch = np.clip(stretch, 0.0, FURTHEST)
    rest = np.maximum(own - stretch * simulated, 0.0)
    lots = simulate(draw, count, paths, seed) * stretch[:, None]
    if rest.sum() > 0 and deal > 0:
        lots += simulate(_top_up(rest / deal, deal, draw.shape), count, paths, seed)
    lots = _centred(lots, own)
    share = np.where(simulated > 0, stretch * open_ / np.maximum(own, 1e-9), 0.0)
    share = np.minimum(share, 1.0)
    if len(np.unique(shared.pool)) < count and deal > 0:
        lots, share = _shared_out(lots, share, mean, shared, deal=deal, shape=draw.shape, seed=seed)
    shaken = _shaken(lots, mean, deal, seats, spreads, seed=seed)
    before, after = lots.sum(axis=0), shaken.sum(axis=0)
    level = np.where(before > 0, after / np.where(before > 0, before, 1.0), 1.0)
    return Lots(shaken, share, level / max(float(level.mean()), 1e-9))


@dataclass(frozen=True, eq=False)
class Shared:
    """own: (L,) the combination's mean of each seat inside its unit; pool: (L,) that unit."""

    own: Floats
    pool: Ints


def _shared_out(
    lots: Floats,
    share: Floats,
    mean: Floats,
    shared: Shared,
    *,
    deal: float,
    shape: Floats,
    seed: int,
) -> tuple[Floats, Floats]:
    """Share out what each path brings a unit to its seats, by luck that is their own.

    Seats draw wins of the company's sizes about their means; a path's parts are the whole again.
    """
    units, row = np.unique(shared.pool, return_inverse=True)
    alone = np.bincount(row)[row] == 1
    whole = _sums(lots, row, len(units))
    wins = np.maximum(mean, 0.0) / deal
    parts = simulate(_top_up(wins, deal, shape, key=_SHARE), len(mean), lots.shape[1], seed)
    sums = _sums(parts, row, len(units))
    # on a path on which nobody draws a win the means stand
    usual = _sums(mean[:, None], row, len(units))
    usual = mean[:, None] / np.maximum(usual, 1e-9)[row]
    part = np.where(sums[row] > 0, parts / np.maximum(sums, 1e-9)[row], usual)
    of_unit = np.bincount(row, share * shared.own) / np.maximum(np.bincount(row, shared.own), 1e-9)
    found = _centred(np.where(alone[:, None], lots, whole[row] * part), mean)
    return found, np.where(alone, share, of_unit[row])


def _top_up(wins: Floats, deal: float, shape: Floats, key: int = _TOP_UP) -> Draw:
    none, empty = np.zeros(0, dtype=np.int64), np.zeros(0)
    seat = np.flatnonzero(wins > 0)
    return Draw(
        none, none, empty, empty, seat, seat + key, np.full(len(seat), deal), wins[seat],
        np.zeros(len(seat), dtype=np.int64), np.ones(1), shape[None], shape,
    )  # fmt: skip


def _centred(lots: Floats, mean: Floats) -> Floats:
    found = lots.mean(axis=1)
    return lots * np.where(found > 0, mean / np.maximum(found, 1e-9), 0.0)[:, None]


def _shaken(
    lots: Floats,
    mean: Floats,
    deal: float,
    seats: Seats,
    spreads: Mapping[By, Spread],
    *,
    seed: int,
) -> Floats:
    """Multiply each seat by log-normal shocks, its own and those it shares with its levels.

    From the smallest level up: what the levels below and luck already spread is not added again.
    Where luck alone is wider than the errors of the total were, what all seats share is drawn in.
    """
    wanted = {by: _wanted(lots, deal, seats, by, spreads[by]) for by in _UPWARD if by in spreads}
    for by, variance in wanted.items():
        units, row = _units(seats, by)
        sums = _sums(lots, row, len(units))
        centre = sums.mean(axis=1)
        now = _log_variance(sums, deal)
        gap = np.maximum(variance - now, 0.0)
        shock = np.ones_like(sums)
        for at in np.flatnonzero((gap > 1e-12) & (centre > 0)):
            wild = float(np.sqrt(gap[at]) * (centre[at] + deal) / centre[at])
            deviation = min(wild, WILDEST)
            stream = np.random.default_rng([seed, _UPWARD.index(by), abs(int(units[at]))])
            shock[at] = np.exp(deviation * stream.standard_normal(lots.shape[1]) - deviation**2 / 2)
        lots = _centred(lots * shock[row], mean)
        if by is By.TOTAL and variance[0] < now[0]:
            lots = _drawn_in(lots, mean, float(np.sqrt(variance[0] / now[0])))
    return lots


def _wanted(lots: Floats, deal: float, seats: Seats, by: By, spread: Spread) -> Floats:
    """Return (U,) the log variance of a level's units: that of luck and of what is unknown."""
    units, row = _units(seats, by)
    return spread.factor**2 * (_log_variance(_sums(lots, row, len(units)), deal) + spread.extra)


def _units(seats: Seats, by: By) -> tuple[Ints, Ints]:
    ids = np.zeros(seats.count, dtype=np.int64) if by is By.TOTAL else seats.ids(by)
    units, row = np.unique(ids, return_inverse=True)
    return units, row


def _sums(lots: Floats, row: Ints, size: int) -> Floats:
    sums = np.zeros((size, lots.shape[1]))
    np.add.at(sums, row, lots)
    return sums


def _log_variance(sums: Floats, deal: float) -> Floats:
    return np.asarray(np.log1p(sums.var(axis=1) / np.maximum(sums.mean(axis=1) + deal, 1e-9) ** 2))


_UPWARD = (By.REP, By.TEAM, By.REGION, By.TOTAL)


def _drawn_in(lots: Floats, mean: Floats, factor: float) -> Floats:
    """Take from each seat its part of what the total strays too far, by its variance."""
    stray = (lots.sum(axis=0) - mean.sum()) * (1 - factor)
    variance = lots.var(axis=1)
    part = variance / max(float(variance.sum()), 1e-12)
    return _centred(np.maximum(lots - part[:, None] * stray, 0.0), mean)
