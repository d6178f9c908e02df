"""Outlooks of an as-of and of the days before it, as each day knew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from perilune.insights.contracts import OpenDeals, Outlook
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
from perilune.insights.queries import lessons
from perilune.insights.queries.knowledge import Knowledge
from perilune.kernel.asof import AsOf
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
    found = {}
    for day in days:
        lesson = lessons.of_day(models, day)
        if lesson is not None and _is_corrected(models, day):
            correction = corrections(known.journeys, day, models)
            found[day] = outlook_of(
                lesson.model, known.journeys, day, known.season, correction, horizon=horizon
            )
    born, won = _won(known)
    wanted = len(lessons.days_of(known))
    return Outlooks(found, born, won, len(models) == wanted, known, models)


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
