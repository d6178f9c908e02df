"""What parts that cut across sellers bring: products sold, or segments of customers.

The samples of every seat are cut by what its deals sell, or to whom. Every path keeps its sum:
parts add up to the total path by path, as teams do. Open deals are drawn again with their own luck,
part by part; deals not created yet fall to the parts that the seat has sold. A part's past forecast
is its learnt share of the total; where that was no better than a plain rule, the rule shares out
(docs/decisions/0007).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from perilune.forecasting.engine.combination import Mix
from perilune.forecasting.engine.history import Wins
from perilune.forecasting.engine.levels import rule_of
from perilune.forecasting.engine.members import PLAIN, SIMULATION, STANDING
from perilune.forecasting.engine.panel import Panel, Unit, ground_of, panel_of
from perilune.forecasting.engine.rows import Trials
from perilune.forecasting.engine.sampling import WILDEST, Lots
from perilune.forecasting.engine.simulation import Draw, simulate
from perilune.forecasting.engine.windows import Calendar, Floats, Ints, Target

YEAR = 365
"""Days of wins from which the parts of deals to come are learnt."""
PRIOR_DEALS = 8.0
"""A seat's own mix weighs as much as the company's once it has won so many deals."""
_ROUNDS = 12
_THIN = 2**42
_SHOCK = 11


@dataclass(frozen=True, eq=False)
class Parts:
    """P parts of one kind. units: their names, each with its own number as its one seat.

    wins: numbered by part. mix: (L, P) the parts of new deals of each seat; rows sum to one.
    deal_key, deal_part, deal_share: (m,) the parts of open deals; shares of a deal sum to one.
    """

    units: Sequence[Unit]
    wins: Wins
    mix: Floats
    deal_key: Ints
    deal_part: Ints
    deal_share: Floats

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.units)

    def digest(self) -> str:
        """Return a SHA-256 of everything in here."""
        whole = hashlib.sha256(self.wins.digest().encode())
        whole.update("\n".join(unit.name for unit in self.units).encode())
        for array in (self.mix, self.deal_key, self.deal_part, self.deal_share):
            whole.update(np.ascontiguousarray(array).tobytes())
        return whole.hexdigest()


def learnt_mix(reps: Ints, wins: Wins, sold_by: Ints, as_of: int, count: int) -> Floats:
    """Return (L, P) the shares of parts in what each seat wins.

    reps: (L,) the rep of each seat. wins: numbered by part; sold_by: (n,) the rep of each.
    Of the last year as known at the as-of, shrunk to the company's by eight deals.
    """
    known = (wins.known_from <= as_of) & (wins.known_to > as_of) & (wins.day <= as_of)
    recent = known & (wins.day > as_of - YEAR)
    chosen = np.flatnonzero(recent if recent.any() else known)
    amount = np.maximum(wins.amount[chosen], 0.0)
    part, rep = wins.unit[chosen], sold_by[chosen]
    company = np.bincount(part, amount, count)
    if company.sum() <= 0:
        return np.full((len(reps), count), 1 / max(count, 1))
    prior = PRIOR_DEALS * amount.sum() / max(float(wins.counts[chosen].sum()), 1.0)
    share = company / company.sum()
    found = np.empty((len(reps), count))
    for seat, each in enumerate(reps):
        mine = rep == each
        own = np.bincount(part[mine], amount[mine], count)
        found[seat] = (own + prior * share) / (own.sum() + prior)
    return found


def cut(
    lots: Lots, parts: Parts, draw: Draw | None, *, seed: int, paths: int
) -> tuple[Floats, Floats]:
    """Return (P, S) samples by part that sum to those of all seats, and (P,) open deals' part.

    lots: the samples by seat. draw: what they were drawn from, None without a model.
    """
    seats, size = lots.samples.shape[0], parts.count
    found, opened = np.zeros((size, paths)), np.zeros(size)
    if draw is None:
        for at in range(size):
            found[at] = (lots.samples * parts.mix[:, [at]]).sum(axis=0)
        return found, opened
    raw = simulate(draw, seats, paths, seed)
    new = raw - simulate(_without_new(draw), seats, paths, seed)
    scale = np.where(raw > 0, lots.samples / np.where(raw > 0, raw, 1.0), 0.0)
    idle = np.where(raw > 0, 0.0, lots.samples)
    thin = [_thinned(draw, parts.mix[:, at], at) for at in range(size)]
    every = np.zeros_like(raw)
    for stream in thin:
        every += simulate(stream, seats, paths, seed)
    for at, stream in enumerate(thin):
        usual = parts.mix[:, [at]]
        drawn = simulate(stream, seats, paths, seed)
        share = np.where(every > 0, drawn / np.where(every > 0, every, 1.0), usual)
        sold = scale * simulate(_selling(draw, parts, at), seats, paths, seed)
        found[at] = (sold + scale * new * share + idle * usual).sum(axis=0)
        opened[at] = sold.sum(axis=0).mean() / max(float(found[at].mean()), 1e-9)
    return found, np.minimum(opened, 1.0)


def _without_new(draw: Draw) -> Draw:
    none, empty = np.zeros(0, dtype=np.int64), np.zeros(0)
    return replace(
        draw, new_seat=none, new_key=none, new_value=empty, new_wins=empty, new_kind=none
    )


def _selling(draw: Draw, parts: Parts, part: int) -> Draw:
    """Return the open deals alone, at what they bring a part: their luck is their own."""
    mine = np.flatnonzero(parts.deal_part == part)
    order = mine[np.argsort(parts.deal_key[mine], kind="stable")]
    keys = parts.deal_key[order]
    at = np.searchsorted(keys, draw.deal_key)
    found = at < len(keys)
    found[found] = keys[at[found]] == draw.deal_key[found]
    share = parts.deal_share[order][at[found]]
    return replace(
        _without_new(draw),
        deal_seat=draw.deal_seat[found],
        deal_key=draw.deal_key[found],
        deal_value=draw.deal_value[found] * share,
        deal_win=draw.deal_win[found],
    )


def _thinned(draw: Draw, mix: Floats, part: int) -> Draw:
    """Return the new deals alone, as many as fall to a part."""
    none, empty = np.zeros(0, dtype=np.int64), np.zeros(0)
    return replace(
        draw,
        deal_seat=none,
        deal_key=none,
        deal_value=empty,
        deal_win=empty,
        new_key=draw.new_key + _THIN * (part + 1),
        new_wins=draw.new_wins * mix[draw.new_seat],
    )


@dataclass(frozen=True, eq=False)
class Told:
    """What is told of parts: their panel, trials, samples (None without a range) and rule."""

    panel: Panel
    trials: Trials
    lots: Lots | None
    rule: str


def told(  # noqa: PLR0913, PLR0917  # what parts are told from, one each
    parts: Parts,
    days: Ints,
    target: Target,
    calendar: Calendar,
    mix: Mix,
    point: Floats,
    lots: Lots | None,
    draw: Draw | None,
    *,
    seed: int,
) -> Told:
    """Return what is told of parts. point: (K,) what was said of the total on each day."""
    ground = ground_of(parts.count, parts.wins, days, target, calendar, None)
    panel = panel_of(parts.units, ground)
    shares = {name: _shares(panel.said[name], panel) for name in PLAIN}
    said = dict(panel.said) | {SIMULATION: np.zeros_like(panel.came[0])}
    free = _shares(np.nan_to_num(mix.point(said)), panel)
    own = np.asarray(point[:, None] * free)
    rules = tuple(rule_of(panel, own, row, must=False) for row in range(len(days)))
    past = np.stack(
        [point[row] * (shares[name][row] if name else free[row]) for row, name in enumerate(rules)]
    )
    is_plain = np.array([bool(name) for name in rules])
    rule = rules[-1]
    if lots is None:
        return Told(panel, Trials(panel, past, is_plain), None, rule)
    samples, opened = cut(lots, parts, draw, seed=seed, paths=lots.samples.shape[1])
    whole = samples.sum(axis=0)
    if rule:
        samples = _held(samples, whole, whole.mean() * shares[rule][-1])
    past[-1] = samples.mean(axis=1)
    trials = Trials(panel, past, is_plain)
    samples = _shaken(samples, whole, trials, seed)
    return Told(panel, trials, Lots(samples, opened, lots.level), rule)


def _shares(said: Floats, panel: Panel) -> Floats:
    """Return (K, P) shares of what was said; those of thirteen weeks where nothing was."""
    usual = np.nan_to_num(panel.said[STANDING[0]])
    said = np.nan_to_num(said)
    known = said.sum(axis=1, keepdims=True)
    said = np.where(known > 0, said, usual)
    whole = said.sum(axis=1, keepdims=True)
    equal = np.full_like(said, 1 / max(said.shape[1], 1))
    return np.where(whole > 0, said / np.where(whole > 0, whole, 1.0), equal)


def _shaken(parts: Floats, whole: Floats, trials: Trials, seed: int) -> Floats:
    """Widen parts by what their past errors ask for; what one gains on a path, others give."""
    spread, deal = trials.spreads[-1], trials.panel.deal[-1]
    centre = parts.mean(axis=1)
    now = np.log1p(parts.var(axis=1) / np.maximum(centre + deal, 1e-9) ** 2)
    gap = np.maximum(spread.factor**2 * (now + spread.extra) - now, 0.0)
    shock = np.ones_like(parts)
    for at in np.flatnonzero((gap > 1e-12) & (centre > 0)):
        deviation = min(float(np.sqrt(gap[at]) * (centre[at] + deal[at]) / centre[at]), WILDEST)
        stream = np.random.default_rng([seed, _SHOCK, int(at)])
        shock[at] = np.exp(deviation * stream.standard_normal(parts.shape[1]) - deviation**2 / 2)
    return _held(parts * shock, whole, centre)


def _held(parts: Floats, whole: Floats, mean: Floats) -> Floats:
    """Return parts in proportion, so that each path sums to the whole and each mean is as wanted.

    Iterative proportional fitting; paths are fitted last and hold exactly, means nearly.
    """
    for _round in range(_ROUNDS):
        centre = parts.mean(axis=1)
        parts = parts * np.where(centre > 0, mean / np.where(centre > 0, centre, 1.0), 0.0)[:, None]
        sums = parts.sum(axis=0)
        share = mean / max(float(mean.sum()), 1e-9)
        parts = np.where(
            sums > 0, parts * (whole / np.where(sums > 0, sums, 1.0)), share[:, None] * whole
        )
    return parts
