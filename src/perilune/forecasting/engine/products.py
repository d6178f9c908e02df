"""What each product brings: the samples of every seat, cut by what its deals sell.

Every path keeps its sum: products add up to the total path by path, as teams do. Open deals are
drawn again with their own luck, product by product; deals not created yet sell what the seat has
sold. A product's past forecast is its learnt share of the total; where that was no better than a
plain rule, the rule shares out (docs/decisions/0007).
"""

from __future__ import annotations

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
"""Days of wins from which the products of deals to come are learnt."""
PRIOR_DEALS = 8.0
"""A seat's own mix weighs as much as the company's once it has won so many deals."""
_ROUNDS = 12
_THIN = 2**42
_SHOCK = 11


@dataclass(frozen=True, eq=False)
class Products:
    """P products. units: their names, each with its own number as its one seat.

    wins: numbered by product. mix: (L, P) what new deals of each seat sell; rows sum to one.
    deal_key, deal_product, deal_share: (m,) what open deals sell; shares of a deal sum to one.
    """

    units: Sequence[Unit]
    wins: Wins
    mix: Floats
    deal_key: Ints
    deal_product: Ints
    deal_share: Floats

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.units)


def learnt_mix(reps: Ints, wins: Wins, sold_by: Ints, as_of: int, count: int) -> Floats:
    """Return (L, P) the shares of products in what each seat wins.

    reps: (L,) the rep of each seat. wins: numbered by product; sold_by: (n,) the rep of each.
    Of the last year as known at the as-of, shrunk to the company's by eight deals.
    """
    known = (wins.known_from <= as_of) & (wins.known_to > as_of) & (wins.day <= as_of)
    recent = known & (wins.day > as_of - YEAR)
    chosen = np.flatnonzero(recent if recent.any() else known)
    amount = np.maximum(wins.amount[chosen], 0.0)
    product, rep = wins.unit[chosen], sold_by[chosen]
    company = np.bincount(product, amount, count)
    if company.sum() <= 0:
        return np.full((len(reps), count), 1 / max(count, 1))
    prior = PRIOR_DEALS * amount.sum() / max(float(wins.counts[chosen].sum()), 1.0)
    share = company / company.sum()
    found = np.empty((len(reps), count))
    for seat, each in enumerate(reps):
        mine = rep == each
        own = np.bincount(product[mine], amount[mine], count)
        found[seat] = (own + prior * share) / (own.sum() + prior)
    return found


def cut(
    lots: Lots, products: Products, draw: Draw | None, *, seed: int, paths: int
) -> tuple[Floats, Floats]:
    """Return (P, S) samples by product that sum to those of all seats, and (P,) open deals' part.

    lots: the samples by seat. draw: what they were drawn from, None without a model.
    """
    seats, size = lots.samples.shape[0], products.count
    parts, opened = np.zeros((size, paths)), np.zeros(size)
    if draw is None:
        for at in range(size):
            parts[at] = (lots.samples * products.mix[:, [at]]).sum(axis=0)
        return parts, opened
    raw = simulate(draw, seats, paths, seed)
    new = raw - simulate(_without_new(draw), seats, paths, seed)
    scale = np.where(raw > 0, lots.samples / np.where(raw > 0, raw, 1.0), 0.0)
    idle = np.where(raw > 0, 0.0, lots.samples)
    thin = [_thinned(draw, products.mix[:, at], at) for at in range(size)]
    every = np.zeros_like(raw)
    for stream in thin:
        every += simulate(stream, seats, paths, seed)
    for at, stream in enumerate(thin):
        usual = products.mix[:, [at]]
        drawn = simulate(stream, seats, paths, seed)
        share = np.where(every > 0, drawn / np.where(every > 0, every, 1.0), usual)
        sold = scale * simulate(_selling(draw, products, at), seats, paths, seed)
        parts[at] = (sold + scale * new * share + idle * usual).sum(axis=0)
        opened[at] = sold.sum(axis=0).mean() / max(float(parts[at].mean()), 1e-9)
    return parts, np.minimum(opened, 1.0)


def _without_new(draw: Draw) -> Draw:
    none, empty = np.zeros(0, dtype=np.int64), np.zeros(0)
    return replace(
        draw, new_seat=none, new_key=none, new_value=empty, new_wins=empty, new_kind=none
    )


def _selling(draw: Draw, products: Products, product: int) -> Draw:
    """Return the open deals alone, at what they bring a product: their luck is their own."""
    mine = np.flatnonzero(products.deal_product == product)
    order = mine[np.argsort(products.deal_key[mine], kind="stable")]
    keys = products.deal_key[order]
    at = np.searchsorted(keys, draw.deal_key)
    found = at < len(keys)
    found[found] = keys[at[found]] == draw.deal_key[found]
    share = products.deal_share[order][at[found]]
    return replace(
        _without_new(draw),
        deal_seat=draw.deal_seat[found],
        deal_key=draw.deal_key[found],
        deal_value=draw.deal_value[found] * share,
        deal_win=draw.deal_win[found],
    )


def _thinned(draw: Draw, mix: Floats, product: int) -> Draw:
    """Return the new deals alone, as many as sell a product."""
    none, empty = np.zeros(0, dtype=np.int64), np.zeros(0)
    return replace(
        draw,
        deal_seat=none,
        deal_key=none,
        deal_value=empty,
        deal_win=empty,
        new_key=draw.new_key + _THIN * (product + 1),
        new_wins=draw.new_wins * mix[draw.new_seat],
    )


@dataclass(frozen=True, eq=False)
class Told:
    """What is told of products: their panel, trials, samples (None without a range) and rule."""

    panel: Panel
    trials: Trials
    lots: Lots | None
    rule: str


def told(  # noqa: PLR0913, PLR0917  # what products are told from, one each
    products: Products,
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
    """Return what is told of products. point: (K,) what was said of the total on each day."""
    ground = ground_of(products.count, products.wins, days, target, calendar, None)
    panel = panel_of(products.units, ground)
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
    parts, opened = cut(lots, products, draw, seed=seed, paths=lots.samples.shape[1])
    whole = parts.sum(axis=0)
    if rule:
        parts = _held(parts, whole, whole.mean() * shares[rule][-1])
    past[-1] = parts.mean(axis=1)
    trials = Trials(panel, past, is_plain)
    parts = _shaken(parts, whole, trials, seed)
    return Told(panel, trials, Lots(parts, opened, lots.level), rule)


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
    """Widen products by what their past errors ask for; what one gains on a path, others give."""
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
