"""Verbs of insights: learn the models behind an as-of and keep its outlooks, in short steps."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from perilune.insights.models import OutlookModel
from perilune.insights.queries import knowledge as knowing
from perilune.insights.queries import lessons
from perilune.insights.queries.outlooks import keep
from perilune.kernel.asof import AsOf
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import JobKind, StepResult
from perilune.people.queries import company
from perilune.store import queries as store
from perilune.store import service as store_service

JOB = "insights.learn"
_SECONDS = 15.0
"""What a step may take before it hands on: half of the most that a step may."""


def learn(
    as_of: AsOf,
    *,
    seconds: float = float("inf"),
    earlier: int = 0,
    tell: Callable[[int, int], None] | None = None,
) -> tuple[int, int]:
    """Learn the models behind an as-of that are not on record, and keep them.

    seconds: stop after about so long. earlier: weeks before the usual ones, for a back-test. tell:
    called with (models there, models wanted) after each. Returns the same two numbers.
    Safe to repeat and to run twice at once.
    """
    found = company()
    first = store.run("insights.first_day", scope=Scope.company(), as_of=as_of).scalar()
    if not isinstance(first, date) or as_of.day < first:
        return 0, 0
    known = knowing.read(first, as_of, found)
    weeks = lessons.WEEKS + earlier
    wanted = len(lessons.days_of(known, weeks))
    there = lessons.on_record(known, weeks)
    done, since = len(there), time.monotonic()
    for digest, lesson, payload in lessons.learnt(known, there, weeks):
        day = known.first_day + timedelta(days=lesson.day)
        OutlookModel.objects.get_or_create(digest=digest, defaults={"day": day, "payload": payload})
        done += 1
        if tell:
            tell(done, wanted)
        if time.monotonic() - since > seconds:
            break
    return done, wanted


def keep_outlooks(as_of: AsOf, *, seconds: float = float("inf")) -> tuple[int, int]:
    """Keep the outlooks that forecasts of an as-of ask for, so that no page reckons them.

    seconds: stop after about so long. Returns (outlooks there, outlooks wanted). Safe to repeat.
    """
    first = store.run("insights.first_day", scope=Scope.company(), as_of=as_of).scalar()
    if not isinstance(first, date) or as_of.day < first:
        return 0, 0
    return keep(first, as_of, company(), seconds=seconds)


def _step(params: Mapping[str, Any], cursor: Mapping[str, Any]) -> StepResult:
    found = company()
    text = cursor.get("as_of") or params.get("as_of")
    as_of = AsOf.parse(str(text), found.zone) if text else found.today
    if not cursor:
        store_service.refresh()
    since = time.monotonic()
    done, wanted = learn(as_of, seconds=_SECONDS)
    kept, of = 0, 0
    if done >= wanted:
        kept, of = keep_outlooks(as_of, seconds=_SECONDS - (time.monotonic() - since))
    return StepResult(
        cursor={"as_of": as_of.day.isoformat(), "done": done + kept},
        is_done=done >= wanted and kept >= of,
        done=done + kept,
        total=wanted + of,
        message=_("Models learnt: %(done)s of %(wanted)s"),
        message_params={"done": done, "wanted": wanted},
    )


JOB_KIND = JobKind(JOB, _("Learn from open deals"), _step)
"""Learns the weekly models of today's outlook: on a schedule, after an import, or by hand."""
