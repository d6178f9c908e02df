"""What every member said of every unit of a level at every knowledge day, and what came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from perilune.forecasting.contracts import By
from perilune.forecasting.engine.history import Wins, history_of
from perilune.forecasting.engine.members import (
    COMBINED,
    MEMBERS,
    SIMULATION,
    STANDING,
    Ask,
    ask_all,
)
from perilune.forecasting.engine.spread import Spread, chance, errors, spread
from perilune.forecasting.engine.windows import (
    MOST_SCORED,
    RECENT_DAYS,
    Calendar,
    Floats,
    Ints,
    Target,
)

DEPTH = {By.TOTAL: 0, By.REGION: 1, By.TEAM: 2, By.REP: 3}
"""Levels below the total; what cuts across sellers lies one below it."""


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
    taken: (K, L) what absent and leaving sellers' new business is less by; None where it is not.
    kept: (K, L) the share of all that each seat brings which stays, beside it.
    """

    open: Floats
    new: Floats
    square: Floats
    taken: Floats | None = None
    kept: Floats | None = None

    @property
    def last(self) -> Simulated:
        """The last knowledge day alone."""
        columns = (self.open, self.new, self.square, self.taken, self.kept)
        found = [None if column is None else column[-1:] for column in columns]
        open_, new, square, taken, kept = found
        assert open_ is not None and new is not None and square is not None
        return Simulated(open_, new, square, taken, kept)


@dataclass(frozen=True, eq=False)
class Panel:
    """K knowledge days, U units of one level.

    said: member to (K, U) forecasts of the remainder. came: (K, K, U) what the window after the day
    of the second index brought, as known on the day of the first. deal: (K, U) mean won deal known.
    square: (K, U) variance of the remainder by chance alone. may: (K, U) whether 91 days of the
    unit lay behind it. won: (U,) won to date. daily: (U, D) won on each day, as known at the as-of.
    start: (U,) first day it existed.
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
    start: Ints

    def over(self, row: int) -> Ints:
        """Return the origins whose window was over by the day of a row, at most a year of them."""
        last = self.days[row] - self.target.lead - self.target.length
        count = int(np.searchsorted(self.days[: len(self.days) - 1], last, "right"))
        standing = np.all([np.isfinite(self.said[name]).all(axis=1) for name in STANDING], axis=0)
        return np.flatnonzero(standing[:count])[-MOST_SCORED:]

    def scored(self, row: int) -> Ints:
        """Return the origins of `over` that say how wrong a forecast of today is.

        Errors of a history's first quarter are those of a forecast that knew less: they tell which
        rule is better, not how wide a range must be.
        """
        past = self.over(row)
        return past[self.may[past].any(axis=1)]

    def usable(self, past: Ints, point: Floats) -> NDArray[np.bool_]:
        """Tell which units' errors count at origins; (n, U)."""
        found: NDArray[np.bool_] = self.deal[past] > 0
        return found & np.isfinite(point[past]) & (self.days[past][:, None] > self.start)

    def spread_at(self, row: int, point: Floats, by_chance: Floats) -> Spread:
        """Return the spread of a (K, U) forecast that errors known by a row's day ask for.

        by_chance: (K, U) `chance_of` the forecast.
        """
        past = self.scored(row)
        usable = self.may[past] & self.usable(past, point)
        error = errors(self.came[row, past][usable], point[past][usable], self.deal[past][usable])
        back = np.broadcast_to((self.days[row] - self.days[past])[:, None], usable.shape)[usable]
        origins = int(usable.any(axis=1).sum())
        depth = DEPTH.get(self.units[0].by, 1) if len(self.units) else 0
        return spread(error, by_chance[past][usable], back, origins, self.target.length, depth)

    def chance_of(self, point: Floats, is_plain: NDArray[np.bool_] | None = None) -> Floats:
        """Return (K, U) the log variance of a forecast's error by chance alone.

        is_plain: (K,) days on which the level was shared out by a plain rule: its luck is not that
        of its own deals.
        """
        said = self.said[SIMULATION]
        if is_plain is not None:
            said = np.where(is_plain[:, None], np.nan, said)
        # the simulation's own, as it would be at the forecast's size
        scale = np.where(np.isfinite(said) & (said > 0), point / np.maximum(said, 1e-9), np.nan)
        alone = point * self.deal * 2  # compound Poisson with sizes of variation one
        square = np.where(np.isfinite(scale), self.square * np.clip(scale, 0, 9), alone)
        return chance(np.maximum(square, 0.0), point, self.deal)


@dataclass(frozen=True, eq=False)
class Ground:
    """The same for each of L seats; units are their sums. Members and outcomes are not clipped yet.

    said: member to (K, L). came: (K, K, L). amount, deals: (K, L) won and how many deals, as known.
    daily: (L, D) as known at the last day. taken: member to (L,) what departures and absences on
    record took off on the last day; empty where nobody is away.
    """

    days: Ints
    target: Target
    said: dict[str, Floats]
    came: Floats
    amount: Floats
    deals: Floats
    daily: Floats
    simulated: Simulated | None
    taken: dict[str, Floats] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many seats there are."""
        return int(self.amount.shape[1])


def ground_of(  # noqa: PLR0917  # what seats are told from, one each
    count: int,
    wins: Wins,
    days: Ints,
    target: Target,
    calendar: Calendar,
    simulated: Simulated | None,
) -> Ground:
    """Return what every member said of every seat. wins: numbered by seat, below `count`."""
    names = [member.name for member in MEMBERS]
    rows = len(days)
    said = {name: np.zeros((rows, count)) for name in names}
    came, daily = np.zeros((rows, rows, count)), np.zeros((count, int(days[-1]) + 1))
    amount, deals = np.zeros((rows, count)), np.zeros((rows, count))
    order = np.argsort(wins.unit, kind="stable")
    bounds = np.searchsorted(wins.unit[order], np.arange(count + 1))
    ask = None
    for seat in range(count):
        history = history_of(wins.rows(order[bounds[seat] : bounds[seat + 1]]), days)
        ask = ask.about(history) if ask else Ask(history, calendar, target.lead, target.length)
        found = ask_all(ask)
        for name in names:
            said[name][:, seat] = found[name]
        came[:, :, seat] = history.outcomes(target.lead, target.length)
        amount[:, seat], deals[:, seat] = history.amount, history.count
        daily[seat] = history.daily[-1]
    taken = _less_of_who_is_away(said, simulated)
    return Ground(days, target, said, came, amount, deals, daily, simulated, taken)


def _less_of_who_is_away(said: dict[str, Floats], simulated: Simulated | None) -> dict[str, Floats]:
    """Take from the plain members what will not come of their seats; return it, of the last day.

    Past weeks know nothing of a last day ahead: a seat keeps of them what it keeps of its deals.
    """
    if simulated is None or simulated.kept is None or simulated.taken is None:
        return {}
    taken = {SIMULATION: np.nan_to_num(simulated.taken[-1])}
    for name in COMBINED:
        if name not in said:
            continue
        whole = said[name]
        said[name] = whole * simulated.kept
        taken[name] = np.nan_to_num(whole[-1] - said[name][-1])
    return taken


def panel_of(units: Sequence[Unit], ground: Ground) -> Panel:
    """Return the panel of a level: each unit is the sum of its seats, the total of all of them."""
    days, target = ground.days, ground.target
    total = _Sums(units, ground.count)
    said = {name: np.maximum(total.of(values), 0.0) for name, values in ground.said.items()}
    simulated = ground.simulated
    nothing = np.full((len(days), len(units)), np.nan)
    said[SIMULATION] = square = nothing
    if simulated is not None:
        has_seats = total.sizes > 0
        said[SIMULATION] = np.where(has_seats, total.of(simulated.open + simulated.new), np.nan)
        square = np.where(has_seats, total.of(simulated.square), np.nan)
    count = total.of(ground.deals)
    mean = np.maximum(total.of(ground.amount) / np.maximum(count, 1e-9), 0.0)
    deal = np.where(count > 1e-9, mean, 0.0)
    daily = total.of(ground.daily.T).T
    won = np.array([won_to_date(row, target) for row in daily])
    start = np.array([unit.start for unit in units], dtype=np.int64)
    may = days[:, None] >= start[None] + RECENT_DAYS - 1
    came = total.of(ground.came)
    return Panel(units, days, target, said, came, deal, square, may, won, daily, start)


class _Sums:
    """Sums over the seats of units, along the last axis."""

    def __init__(self, units: Sequence[Unit], count: int) -> None:
        seats = [range(count) if unit.by is By.TOTAL else unit.seats for unit in units]
        self.sizes = np.array([len(row) for row in seats], dtype=np.int64)
        self._order = np.array([seat for row in seats for seat in row], dtype=np.int64)
        self._first = np.concatenate([[0], np.cumsum(self.sizes)[:-1]])

    def of(self, values: Floats) -> Floats:
        """Return (..., U) sums of (..., L) values; a unit without seats has nothing."""
        found = np.zeros((*values.shape[:-1], len(self.sizes)))
        some = self.sizes > 0
        if some.any():
            picked = values[..., self._order]
            found[..., some] = np.add.reduceat(picked, self._first[some], axis=-1)
        return found


def won_to_date(daily: Floats, target: Target) -> float:
    """Return what was won from the first day of the period to the as-of."""
    first, last = max(target.start, 0), min(target.end, target.as_of)
    return float(daily[first : last + 1].sum()) if first <= last else 0.0
