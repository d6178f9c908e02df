"""Alerts (rule 23): one grouped notice, a budget a week, silence where nobody acts.

A person's own deals at risk become at most one notice a day, and so does what left its course
(`watching.py`); both share the week's budget. Acting on the first is opening a deal from it and
changing that deal within seven days, on the second opening a line and acting on a risk or
submitting a forecast within seven days; on both pressing «done».
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from perilune.history.queries import first_written, timeline
from perilune.kernel.asof import AsOf
from perilune.kernel.errors import Invalid
from perilune.kernel.memo import remembering
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import Feed, JobKind, StepResult
from perilune.people.contracts import RIGHTS, Right
from perilune.people.queries import company, people, person, scope_for, user_named
from perilune.site import contingencies, risks, watching
from perilune.site.models import Notice, NoticeSettings
from perilune.site.risks import RiskDeal

RISKS, WATCH, CALLED, SILENCE = "risks", "watch", "contingency", "silence"
BUDGETED = (RISKS, WATCH, CALLED)
LINED = (WATCH, CALLED)
"""Topics whose notices are lines of `watching`."""
ACTS = ("mitigation", "submission")
"""Writing one of these kinds is acting on what left its course."""
DEFAULT_BUDGET = 3
LARGEST_BUDGET = 7
UNHEEDED = 10
"""So many notices in a row without an act, and alerts fall silent."""
ACT_WITHIN = timedelta(days=7)
SHOWN = 5
_COUNTED = timedelta(days=14)
_STEP_SECONDS = 15.0

TITLE = _("Deals that want an act: %(count)s")
WATCH_TITLE = _("Off its course: %(count)s")
CALLED_TITLE = _("Contingencies triggered: %(count)s")
TITLES = {RISKS: TITLE, WATCH: WATCH_TITLE, CALLED: CALLED_TITLE}
SILENT = _("Alerts are off: nobody acted on the last %(count)s")


def _step(params: Mapping[str, Any], cursor: Mapping[str, Any]) -> StepResult:
    """Alert a few people; safe to repeat, for a day has one notice a person."""
    started, as_of = time.monotonic(), company().today
    names = [item.username for item in people() if Right.SEE_ROWS in RIGHTS[item.role]]
    after, made = str(cursor.get("after", "")), int(cursor.get("made", 0))
    left = [name for name in names if name > after]
    for name in left:
        with remembering():
            for tell in (call, alert, watch):
                made += tell(name, as_of, timezone.now()) is not None
        after = name
        if time.monotonic() - started > _STEP_SECONDS:
            break
    is_done = not left or after == left[-1]
    return StepResult(
        cursor={"after": after, "made": made},
        is_done=is_done,
        done=sum(name <= after for name in names),
        total=len(names),
        message=_("People alerted: %(made)s"),
        message_params={"made": made},
        result={"made": made} if is_done else {},
    )


JOB = JobKind("alerts.daily", _("Daily alerts"), _step)


def alert(username: str, as_of: AsOf, now: datetime) -> Notice | None:
    """Make somebody's notice of the day of own deals at risk.

    None for who sells nothing, and where there is nothing new, no budget, or silence.
    """
    user = user_named(username)
    if user is None or person(user) is None or not _may_speak(username, RISKS, as_of, now):
        return None
    scope = scope_for(user, as_of)
    deals = risks.top(as_of, scope, SHOWN)
    if not deals or not _is_news(username, as_of, deals):
        return None
    kept = [deal.kept() for deal in deals]
    return _made(username, RISKS, as_of, made_at=now, scope=scope, kept=kept)


def watch(username: str, as_of: AsOf, now: datetime) -> Notice | None:
    """Make somebody's notice of the day of what left its course; None as for `alert`."""
    user = user_named(username)
    if user is None or not _may_speak(username, WATCH, as_of, now):
        return None
    scope = scope_for(user, as_of)
    said = {line["key"] for line in _said(username, WATCH, as_of)}
    found = [line for line in watching.lines(username, as_of, scope, now) if line.key not in said]
    if not found:
        return None
    kept = [line.kept() for line in found[:SHOWN]]
    return _made(username, WATCH, as_of, made_at=now, scope=scope, kept=kept)


def call(username: str, as_of: AsOf, now: datetime) -> Notice | None:
    """Look at somebody's contingencies and tell what fired, once, with the first actions.

    That it fired is on record whatever the budget; the notice waits until there is room for one.
    """
    contingencies.check(as_of, username)
    lines = contingencies.untold(username)[:SHOWN]
    user = user_named(username)
    if not lines or user is None or not _may_speak(username, CALLED, as_of, now):
        return None
    scope, kept = scope_for(user, as_of), [line.kept() for line in lines]
    notice = _made(username, CALLED, as_of, made_at=now, scope=scope, kept=kept)
    if notice is not None:
        contingencies.tell(username, [line.key for line in lines])
    return notice


def _may_speak(username: str, topic: str, as_of: AsOf, now: datetime) -> bool:
    """Tell whether a topic may be raised today; say once that it fell silent."""
    note_acts(username, now)
    mine = Notice.objects.filter(username=username, topic=topic)
    if mine.filter(day=as_of.day).exists() or _is_spent(username, as_of):
        return False
    if is_silent(username, topic):
        _say_silence(username, topic, as_of, now)
        return False
    return True


def _made(
    username: str,
    topic: str,
    as_of: AsOf,
    *,
    made_at: datetime,
    scope: Scope,
    kept: list[dict[str, Any]],
) -> Notice | None:
    notice, is_new = Notice.objects.get_or_create(
        username=username,
        topic=topic,
        day=as_of.day,
        defaults={
            "made_at": made_at,
            "title": TITLES[topic],
            "params": {"count": len(kept)},
            "lines": kept,
            "scope_label": scope.label,
        },
    )
    return notice if is_new else None


def _is_spent(username: str, as_of: AsOf) -> bool:
    monday = as_of.day - timedelta(days=as_of.day.weekday())
    week = Q(day__gte=monday, day__lt=monday + timedelta(days=7))
    made = Notice.objects.filter(week, username=username, topic__in=BUDGETED).count()
    return made >= budget_of(username)


def _is_news(username: str, as_of: AsOf, deals: list[RiskDeal]) -> bool:
    """Tell whether a deal or a reason was not said within the last week already."""
    said = {
        (line["id"], reason) for line in _said(username, RISKS, as_of) for reason in line["reasons"]
    }
    return any((deal.id, reason) not in said for deal in deals for reason in deal.reasons)


def _said(username: str, topic: str, as_of: AsOf) -> list[dict[str, Any]]:
    """Return the lines of the last week's notices of a topic."""
    recent = Notice.objects.filter(
        username=username, topic=topic, day__gt=as_of.day - timedelta(days=7)
    )
    return [line for lines in recent.values_list("lines", flat=True) for line in lines]


# -- what subscriptions are told ------------------------------------------------------------------


def _head(username: str) -> int:
    return Notice.objects.order_by("-id").values_list("id", flat=True).first() or 0


def _since(username: str, after: int) -> tuple[int, list[int]]:
    found = Notice.objects.filter(username=username, id__gt=after).order_by("id")
    numbers = list(found.values_list("id", flat=True))
    return (numbers[-1] if numbers else after), numbers


def _told(username: str, number: int) -> dict[str, Any] | None:
    """Return what a subscription of a person says of one of their notices: counts, no names."""
    notice = Notice.objects.filter(username=username, id=number).first()
    if notice is None:
        return None
    return {
        "id": notice.id, "topic": notice.topic, "day": notice.day.isoformat(),
        "count": len(notice.lines),
        "records": [line["id"] for line in notice.lines if "id" in line],
    }  # fmt: skip


NEWS_FEED = Feed("alert", "alert.made", _head, _since, _told)


# -- acting and silence ----------------------------------------------------------------------------


def note_acts(username: str, now: datetime) -> None:
    """Mark the notices that were acted on: a deal opened from them and then changed in time."""
    opened = Notice.objects.filter(
        username=username,
        topic__in=BUDGETED,
        acted_at=None,
        read_at__isnull=False,
        made_at__gt=now - _COUNTED,
    )
    for notice in opened:
        at = _changed_at(notice)
        if at is not None:
            Notice.objects.filter(id=notice.id, acted_at=None).update(acted_at=at)


def _changed_at(notice: Notice) -> datetime | None:
    until = notice.made_at + ACT_WITHIN
    if notice.topic in LINED and notice.read_at is not None:
        return first_written(notice.username, ACTS, notice.read_at, until)
    times = [
        event.recorded_at
        for line in notice.lines
        for event in timeline("opportunity", line["id"])
        if event.actor == notice.username
        and notice.read_at is not None
        and notice.read_at <= event.recorded_at <= until
    ]
    return min(times, default=None)


def is_silent(username: str, topic: str = RISKS) -> bool:
    """Tell whether none of a topic's last ten notices, since wanted (again), led to an act."""
    own = NoticeSettings.objects.filter(username=username).first()
    found = Notice.objects.filter(username=username, topic=topic)
    if own is not None and own.resumed_at is not None:
        found = found.filter(made_at__gt=own.resumed_at)
    last = list(found[:UNHEEDED].values_list("acted_at", flat=True))
    return len(last) == UNHEEDED and not any(last)


def _say_silence(username: str, topic: str, as_of: AsOf, now: datetime) -> None:
    latest = Notice.objects.filter(username=username, topic=topic).first()
    said = Notice.objects.filter(username=username, topic=SILENCE)
    if latest is None or said.filter(made_at__gte=latest.made_at).exists():
        return
    Notice.objects.get_or_create(
        username=username,
        topic=SILENCE,
        day=as_of.day,
        defaults={"made_at": now, "title": SILENT, "params": {"count": UNHEEDED}},
    )


# -- what the page and the top bar ask -----------------------------------------------------------


def notices_of(username: str, limit: int = 30) -> list[Notice]:
    """Return somebody's notices, latest first, with their acts up to date."""
    note_acts(username, timezone.now())
    return list(Notice.objects.filter(username=username)[:limit])


def notices_count(user: Any) -> int:
    """Return how many notices of the last two weeks somebody has neither opened nor done."""
    if not getattr(user, "is_authenticated", False):
        return 0
    since = timezone.now() - _COUNTED
    return Notice.objects.filter(
        username=user.username, read_at=None, acted_at=None, made_at__gt=since
    ).count()


def budget_of(username: str) -> int:
    """Return how many notices a week somebody gets at most."""
    own = NoticeSettings.objects.filter(username=username).first()
    return DEFAULT_BUDGET if own is None else own.weekly_budget


def set_budget(username: str, text: str) -> int:
    """Keep how many notices a week somebody wants; 0 is none."""
    if not text.isdecimal() or int(text) > LARGEST_BUDGET:
        raise Invalid(_("Choose a number of notices from 0 to %(most)s."), most=LARGEST_BUDGET)
    NoticeSettings.objects.update_or_create(
        username=username, defaults={"weekly_budget": int(text)}
    )
    return int(text)


def resume(username: str) -> None:
    """Let alerts come again after they fell silent."""
    now = timezone.now()
    NoticeSettings.objects.update_or_create(
        username=username,
        defaults={"resumed_at": now},
        create_defaults={"resumed_at": now, "weekly_budget": DEFAULT_BUDGET},
    )
    Notice.objects.filter(username=username, topic=SILENCE, acted_at=None).update(acted_at=now)


def mark_read(notice: Notice) -> None:
    """Note when a notice was first opened."""
    Notice.objects.filter(id=notice.id, read_at=None).update(read_at=timezone.now())


def mark_done(notice: Notice, is_done: bool) -> None:
    """Note that somebody dealt with a notice, or take that back."""
    Notice.objects.filter(id=notice.id).update(acted_at=timezone.now() if is_done else None)
