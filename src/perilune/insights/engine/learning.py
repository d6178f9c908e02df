"""Outlooks day after day: each corrected by what those before it got wrong.

A model that is right on average can be wrong of late: more deals than before may never close. So
the hazards are multiplied, for each distance ahead (`LEADS`), by the wins (losses) that came over
those that were expected, in the windows of the last thirteen weekly models that were over by the
day, both with `SHRINK` added, starting from the factor of the nearer distance. Beyond the furthest
distance its factor stands.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from perilune.insights.contracts import HORIZON, OpenDeals, Outlook, births
from perilune.insights.engine import incidence
from perilune.insights.engine.design import LEADS, Season
from perilune.insights.engine.handover import handover, passed_on
from perilune.insights.engine.hazard import STEP, Model, learn
from perilune.insights.engine.journeys import LOST, WON, Floats, Journeys

MEMORY = 13
"""Weekly outlooks whose errors are remembered."""
SHRINK = 20.0
"""Wins that are added to both sides of a correction: a third of them is noise at that number."""
FIRST = 28
"""Days of history before the first model."""
_BOUNDS = (0, *LEADS)
BEFORE = MEMORY + LEADS[-1] // STEP
"""Weekly models before a day that its correction looks at."""
RATIOS = 32


@dataclass(frozen=True, eq=False)
class Lesson:
    """A model, and what it expected uncorrected of the deals open on its day.

    expected: (2, D) wins and losses within each distance.
    """

    model: Model
    expected: Floats

    @property
    def day(self) -> int:
        """The day it was learnt on."""
        return self.model.day


def lesson_days(day: int, count: int, phase: int = 0) -> list[int]:
    """Return the weekly days on which models are learnt, up to a day, oldest first, at most count.

    phase: the day number, modulo seven, of the day of the week that they fall on.
    """
    last = day - (day - phase) % STEP
    return [last - STEP * back for back in range(count) if last - STEP * back >= FIRST][::-1]


def teach(journeys: Journeys, day: int, season: Season) -> Lesson:
    """Learn on a day from what was known at its end, and from nothing else."""
    model = learn(journeys, day, season)
    bounds = np.array(LEADS, dtype=np.int64)
    found = incidence.outlook(model, journeys, day, season, bounds, correction=incidence.plain())
    sums = np.stack([found.win.sum(axis=0), found.lose.sum(axis=0)])
    return Lesson(model, np.diff(sums, prepend=0.0, axis=1))


def corrections(journeys: Journeys, day: int, lessons: Iterable[Lesson]) -> Floats:
    """Return (2, D + 1) factors from models whose windows were over by a day, as known then.

    lessons: of the weeks before, any order; those more than `BEFORE` weeks back are not looked at.
    """
    when, how = journeys.exits(day)
    is_out = ((how == WON) | (how == LOST)) & (when > day - STEP * (BEFORE + 1))
    deals = np.flatnonzero(is_out)  # the others count nowhere: a look at each costs too much
    factor = np.ones((2, len(LEADS) + 1))
    near = sorted(
        (item for item in lessons if day - STEP * (BEFORE + 1) < item.day < day),
        key=lambda item: item.day,
    )
    for at, (low, high) in enumerate(pairwise(_BOUNDS)):
        over = [item for item in near if item.day + high <= day][-MEMORY:]
        came, expected = np.zeros(2), np.zeros(2)
        for item in over:
            ahead = when[deals] - item.day
            deal = deals[(ahead > low) & (ahead <= high)]
            deal = deal[journeys.is_open(deal, item.day)]
            came += [float((how[deal] == state).sum()) for state in (WON, LOST)]
            expected += item.expected[:, at]
        nearer = factor[:, at - 1] if at else np.ones(2)
        factor[:, at] = (came + SHRINK * nearer) / (expected + SHRINK)
    factor[:, -1] = factor[:, -2]
    return np.clip(factor, 0.2, 5.0)


def outlook_of(
    model: Model,
    journeys: Journeys,
    day: int,
    season: Season,
    correction: Floats,
    *,
    horizon: int = HORIZON,
) -> Outlook:
    """Return the outlook of a day by a model of that day or of the week before."""
    bounds = np.arange(1, horizon + 1, dtype=np.int64)
    open_ = incidence.outlook(model, journeys, day, season, bounds, correction=correction)
    born = incidence.newcomers(model, journeys, day, season, horizon)
    moved = handover(journeys, day, horizon)
    owners = np.unique(np.concatenate([open_.owner, born.owner, moved.heirs]))
    row = np.searchsorted(owners, open_.owner)
    mean = np.zeros((len(owners), horizon + 1))
    square = np.zeros((len(owners), horizon + 1))
    sure = np.zeros((len(owners), horizon + 1))
    for at in range(horizon):
        worth = open_.win[:, at] * open_.value
        mean[:, at + 1] = np.bincount(row, worth, len(owners))
        square[:, at + 1] = np.bincount(row, worth * open_.value, len(owners))
        sure[:, at + 1] = np.bincount(row, worth * worth, len(owners))
    won = _won_amounts(journeys, day)
    part = np.zeros(len(owners))
    part[np.searchsorted(owners, moved.heirs)] = moved.part
    return Outlook(
        day=day,
        model_day=model.day,
        owners=owners,
        open_mean=passed_on(mean, moved.share, part),
        open_square=passed_on(square, moved.share, part),
        open_sure=sure * (1 - moved.share) ** 2,
        conversion=born.win.sum(axis=1),
        value=born.value,
        sizes=born.sizes,
        born=births(born.day, born.owner, born.group, day, shape=(owners, len(born.value))),
        owner_factor=incidence.owner_factors(model, owners)[0],
        ratios=incidence.ratios(journeys, day, RATIOS),
        shape=_shape(won),
        open_factor=correction[0],
        moved=moved.share,
        moved_new=moved.at_birth,
        heirs=part,
        is_renewal=born.is_renewal,
    )


def open_deals(
    model: Model,
    journeys: Journeys,
    day: int,
    season: Season,
    correction: Floats,
    *,
    bounds: tuple[int, ...],
) -> OpenDeals:
    """Return the open deals of a day with their chances by the end of each bound, days ahead.

    A bound of 0 is now: nothing is won or lost by then.
    """
    wanted = np.unique(np.array([bound for bound in bounds if bound > 0], dtype=np.int64))
    found = incidence.outlook(model, journeys, day, season, wanted, correction=correction)
    win = np.hstack([np.zeros((len(found.deal), 1)), found.win])
    lose = np.hstack([np.zeros((len(found.deal), 1)), found.lose])
    at = [0 if bound == 0 else int(np.searchsorted(wanted, bound)) + 1 for bound in bounds]
    key = journeys.key[found.deal]
    return OpenDeals(
        key, found.owner, found.value, np.array(bounds, dtype=np.int64), win[:, at], lose[:, at]
    )


def _won_amounts(journeys: Journeys, day: int) -> Floats:
    __, spell = journeys.known(day)
    is_won = (journeys.state[spell] == WON) & (journeys.closed[spell] > day - 364)
    value = journeys.value[spell[is_won]]
    return np.asarray(value[np.isfinite(value) & (value >= 0)])


def _shape(won: Floats) -> Floats:
    if len(won) < 8 or won.mean() <= 0:
        return np.ones(incidence.SIZES)
    found = np.quantile(won, (np.arange(incidence.SIZES) + 0.5) / incidence.SIZES)
    return np.asarray(found / found.mean())
