"""The models of the weeks before an as-of: those on record, and those that are learnt for it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from perilune.insights.engine.design import LEADS
from perilune.insights.engine.learning import BEFORE, Lesson, lesson_days, teach
from perilune.insights.models import OutlookModel
from perilune.insights.queries.knowledge import Knowledge
from perilune.insights.queries.packing import packed, unpacked
from perilune.kernel.keeping import Kept

WEEKS = 52 + BEFORE
"""Weekly models behind an as-of: a year of origins, and those that the corrections look at."""


def days_of(knowledge: Knowledge, weeks: int = WEEKS) -> list[int]:
    """Return the days on which models are learnt for an as-of, oldest first."""
    return lesson_days(knowledge.day, weeks, knowledge.phase)


METHOD = "hazard-1"
"""Version of what is learnt: a model on record serves its own method only."""


def _digests(knowledge: Knowledge, days: Sequence[int]) -> list[str]:
    # what a lesson looks at: the seasons up to its furthest day ahead
    found = digests(knowledge, days, LEADS[-1])
    return [found[day] for day in days]


def digests(knowledge: Knowledge, days: Iterable[int], ahead: int) -> dict[int, str]:
    """Return for each day a digest of what was known then, and of the seasons up to days ahead."""
    season = knowledge.season
    found = {}
    for day, digest in knowledge.digests(days).items():
        until = season.before + day + ahead + 1
        whole = hashlib.sha256(f"{METHOD} {digest}".encode())
        whole.update(season.week[:until].tobytes() + season.month[:until].tobytes())
        found[day] = whole.hexdigest()
    return found


def on_record(knowledge: Knowledge, weeks: int = WEEKS) -> list[Lesson]:
    """Return the models that were learnt from just this knowledge, oldest first.

    Journeys are read only where a model of one of the days is on record at all.
    """
    days = days_of(knowledge, weeks)
    dates = [knowledge.first_day + timedelta(days=day) for day in days]
    if not OutlookModel.objects.filter(day__in=dates).exists():
        return []
    digests = _digests(knowledge, days)
    rows = dict(OutlookModel.objects.filter(digest__in=digests).values_list("digest", "payload"))
    return [_unpacked(digest, rows[digest]) for digest in digests if digest in rows]


def _unpacked(digest: str, payload: bytes | memoryview) -> Lesson:
    return _kept.get(digest, lambda: unpacked(bytes(payload)))


_kept = Kept[Lesson](4 * WEEKS)
"""Models by digest: outlooks, chances and hand-overs of a question ask for the same ones."""


def missing(knowledge: Knowledge) -> list[int]:
    """Return the days whose model is not on record, oldest first."""
    days = days_of(knowledge)
    digests = _digests(knowledge, days)
    found = set(OutlookModel.objects.filter(digest__in=digests).values_list("digest", flat=True))
    return [day for day, digest in zip(days, digests, strict=True) if digest not in found]


def learnt(
    knowledge: Knowledge, known: list[Lesson], weeks: int = WEEKS
) -> Iterator[tuple[str, Lesson, bytes]]:
    """Learn the models that are missing, newest first; give each with its digest and its bytes."""
    days = days_of(knowledge, weeks)
    digests = _digests(knowledge, days)
    there = {lesson.day for lesson in known}
    for day, digest in reversed(list(zip(days, digests, strict=True))):
        if day not in there:
            lesson = teach(knowledge.journeys, day, knowledge.season)
            yield digest, lesson, packed(lesson)


def all_of(knowledge: Knowledge) -> list[Lesson]:
    """Return every model of an as-of, learning what is not on record; nothing is written."""
    known = on_record(knowledge)
    found = [*known, *(lesson for _digest, lesson, _bytes in learnt(knowledge, known))]
    return sorted(found, key=lambda lesson: lesson.day)


def of_day(models: Sequence[Lesson], day: int) -> Lesson | None:
    """Return the latest model learnt by a day, if it is not too old and had wins to learn from."""
    upto = [lesson for lesson in models if day - OLDEST <= lesson.day <= day]
    return upto[-1] if upto and upto[-1].model.events[0] >= LEAST_WINS else None


OLDEST = 13
"""Days after which a model no longer speaks of a day."""
LEAST_WINS = 20
"""Wins below which a model says nothing: the bound on the noise of its level."""


def stamp() -> int:
    """Return a number that changes when a model is put on record."""
    return OutlookModel.objects.order_by("-id").values_list("id", flat=True).first() or 0
