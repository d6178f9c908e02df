"""What every member said of every unit of a level at every knowledge day, and what came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from perilune.forecasting.contracts import By
from perilune.forecasting.engine.history import Wins, history_of
from perilune.forecasting.engine.members import MEMBERS, SIMULATION, STANDING, Ask, ask_all
from perilune.forecasting.engine.spread import Spread, chance, errors, spread
from perilune.forecasting.engine.windows import (
    MOST_SCORED,
    RECENT_DAYS,
    Calendar,
    Floats,
    Ints,
    Target,
)


@dataclass(frozen=True)
class Unit:
    """Who is forecast. seats: the numbers of its seats. start: first day it existed, 0 at least."""

    name: str
    label: str
    by: By = By.TOTAL
    id: int | None = None
    seats: tuple[int, ...] = ()
    start: int = 0


@dataclass(frozen=True, eq=False)
class Simulated:
    """The simulation's expectations at K knowledge days for L seats; NaN where there was no model.

    open, new: (K, L) from open deals and from new ones. square: (K, L) variance of their sum.
    """

    open: Floats
    new: Floats
    square: Floats


@dataclass(frozen=True, eq=False)
class Panel:
    """K knowledge days, U units of one level.

    said: member to (K, U) forecasts of the remainder. came: (K, K, U) what the window after the day
    of the second index brought, as known on the day of the first. deal: (K, U) mean won deal known.
    square: (K, U) variance of the remainder by chance alone. may: (K, U) whether 91 days of the
    unit lay behind it. won: (U,) won to date. daily: (U, D) won on each day, as known at the as-of.
    """

    units: Sequence[Unit]
    days: Ints
    target: Target
    said: dict[str, Floats]
    came: Floats
    deal: Floats
    square: Floats
    may: NDArray[np.bool_]
    won: Floats
    daily: Floats
    cache: dict[str, Floats] = field(default_factory=dict)

    def over(self, row: int) -> Ints:
        """Return the origins whose window was over by the day of a row, at most a year of them."""
        last = self.days[row] - self.target.lead - self.target.length
        count = int(np.searchsorted(self.days[: len(self.days) - 1], last, "right"))
        standing = np.all([np.isfinite(self.said[name]).all(axis=1) for name in STANDING], axis=0)
        found = np.flatnonzero(standing[:count] & self.may[:count].any(axis=1))
        return found[-MOST_SCORED:]

    def spread_at(self, row: int, point: Floats) -> Spread:
        """Return the spread of a (K, U) forecast that errors known by a row's day ask for."""
        past = self.over(row)
        usable = self.may[past] & (self.deal[past] > 0) & np.isfinite(point[past])
        error = errors(self.came[row, past][usable], point[past][usable], self.deal[past][usable])
        by_chance = self.chance_of(point)[past][usable]
        origins = int(usable.any(axis=1).sum())
        return spread(error, by_chance, origins, self.target.length)

    def chance_of(self, point: Floats) -> Floats:
        """Return (K, U) the log variance of a forecast's error by chance alone."""
        said = self.said[SIMULATION]
        # the simulation's own, as it would be at the forecast's size
        scale = np.where(np.isfinite(said) & (said > 0), point / np.maximum(said, 1e-9), np.nan)
        alone = point * self.deal * 2  # compound Poisson with sizes of variation one
        square = np.where(np.isfinite(scale), self.square * np.clip(scale, 0, 9), alone)
        return chance(np.maximum(square, 0.0), point, self.deal)


def panel_of(  # noqa: PLR0917  # what a level is told from, one each
    units: Sequence[Unit],
    wins: Wins,
    days: Ints,
    target: Target,
    calendar: Calendar,
    simulated: Simulated | None,
) -> Panel:
    """Return the panel of a level. wins: numbered by seat."""
    names = [member.name for member in MEMBERS]
    rows, size = len(days), len(units)
    said = {name: np.zeros((rows, size)) for name in (SIMULATION, *names)}
    said[SIMULATION][:] = np.nan
    came, deal = np.zeros((rows, rows, size)), np.zeros((rows, size))
    square = np.full((rows, size), np.nan)
    won, daily = np.zeros(size), np.zeros((size, int(days[-1]) + 1))
    order = np.argsort(wins.unit, kind="stable")
    bounds = np.searchsorted(wins.unit[order], np.arange(int(wins.unit.max(initial=-1)) + 2))
    for at, unit in enumerate(units):
        history = history_of(_own(wins, unit, order, bounds), days)
        found = ask_all(Ask(history, calendar, target.lead, target.length))
        for name in names:
            said[name][:, at] = found[name]
        came[:, :, at] = history.outcomes(target.lead, target.length)
        deal[:, at] = history.deal
        daily[at] = history.daily[-1]
        won[at] = won_to_date(daily[at], target)
        if simulated is not None and unit.seats:
            seats = np.array(unit.seats)
            both = simulated.open[:, seats] + simulated.new[:, seats]
            said[SIMULATION][:, at] = both.sum(axis=1)
            square[:, at] = simulated.square[:, seats].sum(axis=1)
    start = np.array([unit.start for unit in units], dtype=np.int64)
    may = days[:, None] >= start[None] + RECENT_DAYS - 1
    return Panel(units, days, target, said, came, deal, square, may, won, daily)


def _own(wins: Wins, unit: Unit, order: Ints, bounds: Ints) -> Wins:
    if unit.by is By.TOTAL:
        return wins
    parts = [
        order[bounds[seat] : bounds[seat + 1]] for seat in unit.seats if seat + 1 < len(bounds)
    ]
    return wins.rows(np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64))


def won_to_date(daily: Floats, target: Target) -> float:
    """Return what was won from the first day of the period to the as-of."""
    first, last = max(target.start, 0), min(target.end, target.as_of)
    return float(daily[first : last + 1].sum()) if first <= last else 0.0
