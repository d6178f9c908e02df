"""Outlooks of many as-ofs in one go: a rolling origin reads and reckons each day once.

The journeys are read as of the end; what begins after a day plays no part in it, so a day's outlook
is what that day would have said. One thing is that of the end: the date of creation of a deal that
was corrected later.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from perilune.insights.contracts import Outlook
from perilune.insights.engine.hazard import STEP
from perilune.insights.engine.journeys import WON, Floats
from perilune.insights.engine.learning import Lesson, corrections, outlook_of
from perilune.insights.queries import knowledge as knowing
from perilune.insights.queries import lessons
from perilune.insights.queries.outlooks import Outlooks
from perilune.kernel.asof import AsOf
from perilune.people.contracts import Company

Tell = Callable[[int, int], None]


class Rolling:
    """The knowledge at an end, and what was reckoned of the days before it."""

    def __init__(
        self,
        first_day: date,
        first: date,
        end: AsOf,
        company: Company,
        *,
        version: int | None = None,
        tell: Tell | None = None,
    ) -> None:
        """Read what is known at the end, and learn the models behind the first as-of and later."""
        self._first_day = first_day
        self._known = knowing.read(first_day, end, company, version)
        weeks = lessons.WEEKS + -(-(end.day - first).days // STEP)
        found = {item.day: item for item in lessons.on_record(self._known, weeks)}
        wanted = len(lessons.days_of(self._known, weeks))
        for _digest, lesson, _payload in lessons.learnt(self._known, list(found.values()), weeks):
            found[lesson.day] = lesson
            if tell:
                tell(len(found), wanted)
        self._lessons = tuple(found[day] for day in sorted(found))
        self._corrections: dict[int, Floats] = {}
        self._outlooks: dict[tuple[int, int], Outlook] = {}
        when, how = self._known.journeys.exits(self._known.day)
        won = how == WON
        self._born, self._won = self._known.journeys.created[won], when[won]

    def outlooks(self, days: Sequence[int], horizon: int, as_of: AsOf) -> Outlooks:
        """Return the outlooks of days up to an as-of, as `queries.outlooks` does."""
        today = (as_of.day - self._first_day).days
        known = replace(self._known, day=today)
        there = tuple(item for item in self._lessons if item.day <= today)
        found = {}
        for day in days:
            lesson = lessons.of_day(there, day)
            if lesson is not None:
                found[day] = self._outlook(lesson, day, horizon)
        seen = self._won <= today
        wanted = len(lessons.days_of(known))
        is_complete = len(there) >= wanted
        return Outlooks(found, self._born[seen], self._won[seen], is_complete, known, there)

    def _outlook(self, lesson: Lesson, day: int, horizon: int) -> Outlook:
        known = self._known
        if day not in self._corrections:
            self._corrections[day] = corrections(known.journeys, day, self._lessons)
        if (day, horizon) not in self._outlooks:
            self._outlooks[day, horizon] = outlook_of(
                lesson.model, known.journeys, day, known.season, self._corrections[day],
                horizon=horizon,
            )  # fmt: skip
        return self._outlooks[day, horizon]
