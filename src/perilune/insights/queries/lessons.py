"""The models of the weeks before an as-of: those on record, and those that are learnt for it."""

from __future__ import annotations

from collections.abc import Iterator

from perilune.insights.engine.learning import Lesson, lesson_days, teach
from perilune.insights.models import OutlookModel
from perilune.insights.queries.knowledge import Knowledge
from perilune.insights.queries.packing import packed, unpacked

WEEKS = 78
"""Weekly models behind an as-of: a year of origins, and half a year for the corrections before."""


def days_of(knowledge: Knowledge, weeks: int = WEEKS) -> list[int]:
    """Return the days on which models are learnt for an as-of, oldest first."""
    return lesson_days(knowledge.day, weeks, knowledge.phase)


def on_record(knowledge: Knowledge) -> list[Lesson]:
    """Return the models that were learnt from just this knowledge, oldest first."""
    days = days_of(knowledge)
    digests = knowledge.journeys.digests(days)
    rows = dict(OutlookModel.objects.filter(digest__in=digests).values_list("digest", "payload"))
    return [unpacked(bytes(rows[digest])) for digest in digests if digest in rows]


def missing(knowledge: Knowledge) -> list[int]:
    """Return the days whose model is not on record, oldest first."""
    days = days_of(knowledge)
    digests = knowledge.journeys.digests(days)
    found = set(OutlookModel.objects.filter(digest__in=digests).values_list("digest", flat=True))
    return [day for day, digest in zip(days, digests, strict=True) if digest not in found]


def learnt(knowledge: Knowledge, known: list[Lesson]) -> Iterator[tuple[str, Lesson, bytes]]:
    """Learn the models that are missing, oldest first; give each with its digest and its bytes.

    A model is corrected by those before it, so one that is older than a gap is learnt first.
    """
    days = days_of(knowledge)
    digests = knowledge.journeys.digests(days)
    at = {lesson.day: lesson for lesson in known}
    for day, digest in zip(days, digests, strict=True):
        if day in at:
            continue
        before = [at[other] for other in sorted(at) if other < day]
        lesson = teach(knowledge.journeys, day, knowledge.season, before)
        at[day] = lesson
        yield digest, lesson, packed(lesson)


def all_of(knowledge: Knowledge) -> list[Lesson]:
    """Return every model of an as-of, learning what is not on record; nothing is written."""
    known = on_record(knowledge)
    found = [*known, *(lesson for __, lesson, __ in learnt(knowledge, known))]
    return sorted(found, key=lambda lesson: lesson.day)
