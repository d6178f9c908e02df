"""Outlooks of an as-of and of the days before it, as each day knew.

Each is reckoned once, whichever process asks: it is kept in memory, and on a shelf of the store.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

import numpy as np

from perilune.insights.contracts import DISTANCES, HORIZON, OpenDeals, Outlook
from perilune.insights.engine.hazard import STEP
from perilune.insights.engine.journeys import WON, Ints
from perilune.insights.engine.learning import (
    BEFORE,
    FIRST,
    Lesson,
    corrections,
    open_deals,
    outlook_of,
)
from perilune.insights.queries import knowledge as knowing
from perilune.insights.queries import lessons, recorded
from perilune.insights.queries.knowledge import Knowledge
from perilune.kernel.asof import AsOf
from perilune.kernel.keeping import Kept
from perilune.people.contracts import Company


@dataclass(frozen=True, eq=False)
class Outlooks:
    """Outlooks by day number, and what the forecast needs beside them.

    won_born, won_day: (w,) days of creation and of winning of the won deals known at the as-of.
    is_complete: whether every model behind the as-of was there.
    """

    found: dict[int, Outlook]
    won_born: Ints
    won_day: Ints
    is_complete: bool
    _knowledge: Knowledge
    _lessons: tuple[Lesson, ...]

    def deals(self, bounds: tuple[int, ...]) -> OpenDeals | None:
        """Return the open deals of the as-of with their chances by each bound, days ahead."""
        known = self._knowledge
        lesson = lessons.of_day(self._lessons, known.day)
        if lesson is None:
            return None
        correction = corrections(known.journeys, known.day, self._lessons)
        return open_deals(
            lesson.model, known.journeys, known.day, known.season, correction, bounds=bounds
        )


def outlooks(
    first_day: date,
    days: Sequence[int],
    horizon: int,
    as_of: AsOf,
    company: Company,
    *,
    version: int | None = None,
    learn: bool = False,
) -> Outlooks:
    """Return the outlooks of days, numbered from the first day of data, as known on each of them.

    horizon: days ahead (`horizon_for`). learn: learn models that are not on record, which takes a
    second or two each; without it a day whose model is missing has no outlook.
    """
    known = knowing.read(first_day, as_of, company, version)
    models = tuple(lessons.all_of(known) if learn else lessons.on_record(known))
    is_complete = len(models) == len(lessons.days_of(known))
    asked = [day for day in days if lessons.of_day(models, day) and _is_corrected(models, day)]
    if not asked:
        nobody = np.zeros(0, dtype=np.int64)
        return Outlooks({}, nobody, nobody, is_complete, known, models)
    found = dict(_each(known, models, asked, horizon))
    born, won = _won(known)
    return Outlooks(found, born, won, is_complete, known, models)


def keep(
    first_day: date, as_of: AsOf, company: Company, *, seconds: float = float("inf")
) -> tuple[int, int]:
    """Reckon the outlooks that forecasts of an as-of ask for, and keep them on the shelf.

    Of the as-of and of the weeks before it, as far as models are on record, for periods that end
    within a quarter and within a year. seconds: stop after about so long. Returns how many are
    there, and how many are wanted; safe to repeat.
    """
    since = time.monotonic()
    known = knowing.read(first_day, as_of, company)
    models = tuple(lessons.on_record(known))
    weeks = range(known.day, -1, -STEP)
    asked = [day for day in weeks if lessons.of_day(models, day) and _is_corrected(models, day)]
    done = 0
    for horizon in AHEAD:
        for _found in _each(known, models, asked, horizon):
            done += 1
            if time.monotonic() - since > seconds:
                return done, len(asked) * len(AHEAD)
    return done, len(asked) * len(AHEAD)


AHEAD = (DISTANCES[-1], HORIZON)
"""Days ahead of the outlooks that are kept before anybody asks."""


def _each(
    known: Knowledge, models: Sequence[Lesson], days: Sequence[int], horizon: int
) -> Iterator[tuple[int, Outlook]]:
    """Give each day with its outlook: from memory, from the shelf, else reckoned."""
    digests = lessons.digests(known, days, horizon) if days else {}
    with recorded.Record() as record:
        for day in days:
            looked_at = tuple(item.day for item in models if _is_looked_at(item, day))
            key = (digests[day], looked_at, horizon)
            reckon = partial(_outlook, known, models, day, horizon)
            yield day, _kept.get(key, partial(record.get, key, reckon))


_kept = Kept[Outlook](1_000, 512 * 2**20, lambda outlook: outlook.nbytes)
"""Outlooks by what was known on their day, and of which days there were models: a change of today
leaves those of the year before as they were."""


def _outlook(known: Knowledge, models: Sequence[Lesson], day: int, horizon: int) -> Outlook:
    lesson = lessons.of_day(models, day)
    assert lesson is not None  # asked for such days only
    correction = corrections(known.journeys, day, models)
    return outlook_of(lesson.model, known.journeys, day, known.season, correction, horizon=horizon)


def _is_looked_at(lesson: Lesson, day: int) -> bool:
    """Tell whether a day's outlook depends on a lesson: its model, and those of its correction."""
    return day - STEP * (BEFORE + 1) < lesson.day <= day


def _is_corrected(models: Sequence[Lesson], day: int) -> bool:
    """Tell whether the models are there that a day's correction looks at, as far as there are any.

    Otherwise what a day says would depend on how far back one asks.
    """
    first = max(day - STEP * (BEFORE + 1) + 1, FIRST)
    weeks = (day - 1 - first) // STEP if day > first else 0
    return sum(first <= item.day < day for item in models) >= weeks


def _won(known: Knowledge) -> tuple[Ints, Ints]:
    when, how = known.journeys.exits(known.day)
    is_won = np.flatnonzero(how == WON)
    return known.journeys.created[is_won], when[is_won]
