"""Outlooks day after day: each corrected by what those before it got wrong.

A model that is right on average can be wrong of late: more deals than before may never close. So the
hazards are multiplied, for each distance ahead (`LEADS`), by the wins (losses) that came over those
that were expected, in the windows of the last thirteen weekly outlooks that were over by the day,
both with `SHRINK` added, starting from the factor of the nearer distance.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from perilune.insights.contracts import HORIZON, OpenDeals, Outlook
from perilune.insights.engine import incidence
from perilune.insights.engine.design import LEADS, Season
from perilune.insights.engine.hazard import STEP, Model, learn
from perilune.insights.engine.journeys import LOST, OPEN, WON, Floats, Journeys

MEMORY = 13
"""Weekly outlooks whose errors are remembered."""
SHRINK = 20.0
"""Wins that are added to both sides of a correction: a third of them is noise at that number."""
FIRST = 28
"""Days of history before the first model."""
_BOUNDS = (0, *LEADS, HORIZON)
RATIOS = 32


@dataclass(frozen=True, eq=False)
class Lesson:
    """A model, and what it expected raw: (2, D) wins and losses of the deals open on its day."""

    model: Model
    expected: Floats
    correction: Floats

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


def teach(journeys: Journeys, day: int, season: Season, before: Sequence[Lesson]) -> Lesson:
    """Learn on a day. before: the lessons of the weeks before, oldest first."""
    model = learn(journeys, day, season)
    correction = corrections(journeys, day, before)
    bounds = np.array(_BOUNDS[1:], dtype=np.int64)
    found = incidence.outlook(model, journeys, day, season, bounds, correction)
    inside = np.diff(np.stack([found.win.sum(axis=0), found.lose.sum(axis=0)]), prepend=0.0, axis=1)
    return Lesson(model, inside / correction, correction)


def corrections(journeys: Journeys, day: int, before: Iterable[Lesson]) -> Floats:
    """Return (2, D) factors from lessons whose windows were over by the day, as known then."""
    when, how = journeys.exits(day)
    factor = np.ones((2, len(LEADS) + 1))
    lessons = list(before)
    for at, (low, high) in enumerate(zip(_BOUNDS, _BOUNDS[1:], strict=False)):
        over = [item for item in lessons if item.day + high <= day and item.day < day][-MEMORY:]
        for risk, state in enumerate((WON, LOST)):
            nearer = factor[risk, at - 1] if at else 1.0
            came, expected = 0.0, 0.0
            for item in over:
                deal, __ = journeys.open_at(item.day)
                ahead = when[deal] - item.day
                came += float(((how[deal] == state) & (ahead > low) & (ahead <= high)).sum())
                expected += float(item.expected[risk, at])
            factor[risk, at] = (came + SHRINK * nearer) / (expected + SHRINK)
    return np.clip(factor, 0.2, 5.0)


def outlook_of(
    lesson: Lesson, journeys: Journeys, day: int, season: Season, horizon: int = HORIZON
) -> Outlook:
    """Return the outlook of a day by the model of a lesson of that day or of the week before."""
    model, correction = lesson.model, lesson.correction
    bounds = np.arange(1, horizon + 1, dtype=np.int64)
    open_ = incidence.outlook(model, journeys, day, season, bounds, correction)
    born = incidence.newcomers(model, journeys, day, season, horizon)
    owners = np.unique(np.concatenate([open_.owner, born.owner]))
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
    return Outlook(
        day=day,
        model_day=model.day,
        owners=owners,
        open_mean=mean,
        open_square=square,
        open_sure=sure,
        conversion=born.win.sum(axis=1),
        value=born.value,
        sizes=born.sizes,
        born_day=born.day,
        born_owner=born.owner,
        born_class=born.group,
        owner_factor=incidence.owner_factors(model, owners)[0],
        ratios=incidence.ratios(journeys, day, RATIOS),
        shape=_shape(won),
        open_factor=correction[0],
    )


def open_deals(
    lesson: Lesson, journeys: Journeys, day: int, season: Season, bounds: tuple[int, ...]
) -> OpenDeals:
    """Return the open deals of a day with their chances by the end of each bound, days ahead.

    A bound of 0 is now: nothing is won or lost by then.
    """
    wanted = np.unique(np.array([bound for bound in bounds if bound > 0], dtype=np.int64))
    found = incidence.outlook(lesson.model, journeys, day, season, wanted, lesson.correction)
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
    return value[np.isfinite(value) & (value >= 0)]


def _shape(won: Floats) -> Floats:
    if len(won) < 8 or won.mean() <= 0:
        return np.ones(incidence.SIZES)
    found = np.quantile(won, (np.arange(incidence.SIZES) + 0.5) / incidence.SIZES)
    return np.asarray(found / found.mean())


__all__ = ["LEADS", "OPEN", "Lesson", "corrections", "lesson_days", "outlook_of", "teach"]
