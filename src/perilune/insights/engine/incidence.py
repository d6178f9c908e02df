"""From hazards to chances: what becomes of open deals, and of deals that are not created yet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from perilune.insights.engine.design import AGE_EDGES, LEADS, Season, levels_at
from perilune.insights.engine.hazard import Model
from perilune.insights.engine.journeys import OPEN, RENEWAL, WON, Bools, Floats, Ints, Journeys

HORIZON = 371
"""Days ahead that chances reach: 53 weeks."""
SIZES = 64
"""Quantiles that stand for the amounts of wins."""
CLASSES = 6
"""Classes of new deals, by their chance at creation."""
RECENT = 91
"""Days whose new deals stand for those to come."""
_MOST_EXIT = 0.95
_OLDEST = int(AGE_EDGES[-1])
_BIN = np.searchsorted(AGE_EDGES, np.arange(_OLDEST + 1), side="right") - 1

Correction = Floats
"""(2, leads + 1) factors on the hazards of winning and losing at each distance; ones: none."""


def plain() -> Correction:
    """Return the correction that changes nothing."""
    return np.ones((2, len(LEADS) + 1))


@dataclass(frozen=True, eq=False)
class Open:
    """The open deals of a day, r of them. spell, deal, owner: (r,) indices and numbers.

    value: (r,) what a win is expected to bring, minor units. score: (2, L, r) factors of the
    hazards at each distance. win, lose: (r, B) chances by the end of each bound.
    """

    deal: Ints
    spell: Ints
    owner: Ints
    value: Floats
    score: Floats
    win: Floats
    lose: Floats


def outlook(
    model: Model,
    journeys: Journeys,
    day: int,
    season: Season,
    bounds: Ints,
    *,
    correction: Correction,
) -> Open:
    """Return the chances of the deals that are open at the end of a day.

    bounds: (B,) days ahead, ascending, at most HORIZON. Chances are cumulative: that a deal is won
    (lost) on one of the days 1 to the bound.
    """
    deal, spell = journeys.open_at(day)
    score, win, lose = chances_of(
        model, journeys, deal, spell, day, season, bounds, correction=correction
    )
    value = expected_value(journeys, day, deal, spell)
    return Open(deal, spell, journeys.owner[spell], value, score, win, lose)


def chances_of(  # noqa: PLR0917  # a model, some deals as they are on a day, and when
    model: Model,
    journeys: Journeys,
    deal: Ints,
    spell: Ints,
    day: int,
    season: Season,
    bounds: Ints,
    *,
    correction: Correction,
) -> tuple[Floats, Floats, Floats]:
    """Return scores (2, L, r), chances (r, B) of winning and of losing of some open deals."""
    score = scores(model, journeys, deal, spell, np.full(len(deal), day, dtype=np.int64))
    win, lose = _cumulative(
        model,
        score,
        day - journeys.created[deal],
        bounds,
        day=day,
        season=season,
        correction=correction,
    )
    return score, win, lose


def scores(model: Model, journeys: Journeys, deal: Ints, spell: Ints, day: Ints) -> Floats:
    """Return (2, L, r) what multiplies the base hazards for deals as they are on landmark days."""
    columns = model.columns
    levels = levels_at(journeys, columns.features, deal, spell, day, yard=model.yard)
    logs = np.zeros((2, columns.leads, len(deal)))
    for lead in range(columns.leads):
        index = columns.scored(levels, lead)
        logs[:, lead] = model.coef[:, index].sum(axis=1)
    return np.exp(logs) * owner_factors(model, journeys.owner[spell])[:, None, :]


def owner_factors(model: Model, owner: Ints) -> Floats:
    """Return (2, r) the factors of owners' records; one for who has none."""
    size = max(int(owner.max(initial=-1)), max(model.owner, default=-1)) + 2
    table = np.ones((2, size))
    for number, pair in model.owner.items():
        table[:, number + 1] = pair
    return table[:, owner + 1]


def _base(model: Model, day: int, season: Season) -> Floats:
    """Return (2, A) the base hazards of each age bin on a day."""
    bins = len(AGE_EDGES)
    week, month = season.at(np.full(bins, day, dtype=np.int64))
    index = model.columns.base(AGE_EDGES.astype(np.int64), week, month)
    return np.asarray(np.exp(model.coef[:, index].sum(axis=1)))


def _lead(ahead: int, leads: int) -> int:
    return int(np.searchsorted(LEADS, ahead, side="left")) if leads > 1 else 0


def _cumulative(
    model: Model,
    score: Floats,
    age: Ints,
    bounds: Ints,
    *,
    day: int,
    season: Season,
    correction: Correction,
) -> tuple[Floats, Floats]:
    count = score.shape[2]
    alive, won, lost = np.ones(count), np.zeros(count), np.zeros(count)
    wins, losses = np.zeros((count, len(bounds))), np.zeros((count, len(bounds)))
    at = 0
    for ahead in range(1, int(bounds[-1]) + 1 if len(bounds) else 0):
        base = _base(model, day + ahead, season)
        base *= correction[:, _lead(ahead, 2)][:, None]
        bins = _BIN[np.clip(age + ahead, 0, _OLDEST)]
        lead = _lead(ahead, model.columns.leads)
        rate = base[:, bins] * score[:, lead]
        total = rate[0] + rate[1]
        # the chance of leaving within the day, shared as the hazards are
        leave = np.minimum(-np.expm1(-total), _MOST_EXIT) * alive
        share = rate[0] / np.maximum(total, 1e-300)
        won += leave * share
        lost += leave * (1 - share)
        alive -= leave
        while at < len(bounds) and bounds[at] == ahead:
            wins[:, at], losses[:, at] = won, lost
            at += 1
    return wins, losses


@dataclass(frozen=True, eq=False)
class Newcomers:
    """Deals that are not created yet, in K classes.

    win: (K, H + 1, H + 1) chance that a deal created c days ahead is won by the end of day h ahead.
    value: (K,) what a win is expected to bring. sizes: (K, SIZES) quantiles of a win's amount over
    that. is_renewal: (K,) classes of renewals, which contracts bring, not sellers. day, owner,
    group: (k,) creation, owner and class of the deals that were created within a year before, for
    the rate at which more will come.
    """

    win: Floats
    value: Floats
    sizes: Floats
    is_renewal: Bools
    day: Ints
    owner: Ints
    group: Ints


def newcomers(
    model: Model, journeys: Journeys, day: int, season: Season, horizon: int
) -> Newcomers:
    """Return what becomes of deals that are created after a day; recent ones stand for them."""
    deal, spell = journeys.known(day)
    born = (journeys.created[deal] <= day) & (journeys.created[deal] > max(day - 364, -1))
    deal = deal[born]
    created = journeys.created[deal]
    spell = journeys.on(deal, created)
    late = spell < 0  # stated after its creation: the first thing that was known of it stands
    first = np.searchsorted(journeys.deal, deal)
    spell = np.where(late, first, spell)
    keep = (journeys.state[spell] == OPEN) | late
    deal, spell, created = deal[keep], spell[keep], created[keep]
    score = scores(model, journeys, deal, spell, created)
    score = score / owner_factors(model, journeys.owner[spell])[:, None, :]
    value = expected_value(journeys, day, deal, spell)
    renews = journeys.codes.get("type", np.zeros_like(journeys.deal))[spell] == RENEWAL
    group = _classes(score[0, 0], renews)
    recent = created > day - RECENT
    shown = recent if recent.sum() >= CLASSES else np.ones(len(created), dtype=np.bool_)
    size = int(group.max(initial=0)) + 1
    weight = np.maximum(np.bincount(group[shown], minlength=size).astype(float), 1e-9)
    mean = np.stack(
        [
            [
                np.bincount(group[shown], score[risk, lead, shown], size) / weight
                for lead in range(score.shape[1])
            ]
            for risk in range(2)
        ]
    )
    worth = np.bincount(group[shown], value[shown], size) / weight
    win = _conversion(model, mean, day, season, horizon)
    spread = ratios(journeys, day, 16)
    sizes = np.stack([_sizes(value[shown & (group == kind)], spread) for kind in range(size)])
    is_renewal = np.bincount(group, renews, size) > 0
    return Newcomers(win, worth, sizes, is_renewal, created, journeys.owner[spell], group)


def _sizes(value: Floats, spread: Floats) -> Floats:
    """Return (SIZES,) quantiles of mean one of what wins of these values bring."""
    if len(value) < 4 or value.mean() <= 0:
        return np.ones(SIZES)
    found = np.quantile(np.outer(value, spread), (np.arange(SIZES) + 0.5) / SIZES)
    return np.asarray(found / max(float(found.mean()), 1e-9))


def _classes(score: Floats, renews: Bools) -> Ints:
    """Return (k,) classes of like chances; renewals are never in one class with other deals."""
    rank = np.zeros(len(score), dtype=np.int64)
    for mine in (renews, ~renews):
        if mine.sum() >= CLASSES:
            bounds = np.unique(np.quantile(score[mine], np.arange(1, CLASSES) / CLASSES))
            rank[mine] = np.searchsorted(bounds, score[mine], side="left")
    return np.unique(rank + CLASSES * renews, return_inverse=True)[1]


def _conversion(model: Model, mean: Floats, day: int, season: Season, horizon: int) -> Floats:
    """Return (K, H + 1, H + 1) chances by creation and end; mean is (2, L, K)."""
    kinds = mean.shape[2]
    win = np.zeros((kinds, horizon + 1, horizon + 1))
    alive, won = np.ones((kinds, horizon + 1)), np.zeros((kinds, horizon + 1))
    ahead = np.arange(horizon + 1)
    for end in range(1, horizon + 1):
        base = _base(model, day + end, season)
        age = end - ahead  # of deals created on each day ahead
        at_risk = age > 0
        bins = _BIN[np.clip(age, 0, _OLDEST)]
        lead = (
            np.searchsorted(LEADS, age, side="left")
            if model.columns.leads > 1
            else np.zeros_like(age)
        )
        rate = base[:, None, bins] * mean[:, lead].transpose(0, 2, 1) * at_risk
        total = rate[0] + rate[1]
        leave = np.minimum(-np.expm1(-total), _MOST_EXIT) * alive
        won = won + leave * rate[0] / np.maximum(total, 1e-300)
        alive = alive - leave
        win[:, :, end] = won
    return win


def expected_value(journeys: Journeys, day: int, deal: Ints, spell: Ints) -> Floats:
    """Return what a win of each deal is expected to bring: its value times the usual ratio.

    The ratio is that of won amounts to what was expected four weeks before the close (at the
    creation, where that is later); a deal without a value is worth the mean win.
    """
    mean, ratio = worth(journeys, day)
    value = journeys.value[spell]
    return np.where(np.isfinite(value) & (value >= 0), value * ratio, mean)


def worth(journeys: Journeys, day: int) -> tuple[float, float]:
    """Return the mean won amount, and won amounts over what was expected; 0 and 1 if none."""
    before, final = _before_and_after(journeys, day)
    if not len(final):
        return 0.0, 1.0
    is_told = np.isfinite(before) & (before > 0)
    told = before[is_told].sum()
    return float(final.mean()), float(final[is_told].sum() / told) if told > 0 else 1.0


def ratios(journeys: Journeys, day: int, size: int) -> Floats:
    """Return (size,) evenly spaced quantiles of won amount over expectation, of mean one."""
    before, final = _before_and_after(journeys, day)
    is_told = np.isfinite(before) & (before > 0)
    if is_told.sum() < 8:
        return np.ones(size)
    found = np.quantile(final[is_told] / before[is_told], (np.arange(size) + 0.5) / size)
    found = np.clip(found, 0.0, 4 * max(float(np.median(found)), 1e-9))
    return np.asarray(found / max(float(found.mean()), 1e-9))


def _before_and_after(journeys: Journeys, day: int) -> tuple[Floats, Floats]:
    deal, spell = journeys.known(day)
    closed = journeys.closed[spell]
    is_won = (
        (journeys.state[spell] == WON) & (closed > day - 364) & np.isfinite(journeys.value[spell])
    )
    deal, spell, closed = deal[is_won], spell[is_won], closed[is_won]
    earlier = np.maximum(closed - 28, journeys.created[deal])
    then = journeys.on(deal, earlier)
    was_open = (then >= 0) & (journeys.state[np.maximum(then, 0)] == OPEN)
    before = np.where(was_open, journeys.value[np.maximum(then, 0)], np.nan)
    return before, journeys.value[spell]
