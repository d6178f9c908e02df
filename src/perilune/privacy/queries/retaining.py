"""Retention rules, what each would do today, and what each did."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Max
from django.utils.translation import gettext

from perilune.history import queries as history
from perilune.history.contracts import from_us
from perilune.kernel.kinds import CUSTOM_PREFIX
from perilune.kernel.personal import PERSONAL_FILES, PERSONAL_LOGS
from perilune.kernel.wiring import KINDS
from perilune.people import queries as people
from perilune.privacy.contracts.retention import FILES, Rule, RuleAction, RuleCount, RuleRun
from perilune.privacy.models import Dossier, RetentionRule, RetentionRun, Suppressed

CHUNK = 500


def rules() -> list[Rule]:
    """Return every rule by name."""
    return [rule_of(row) for row in RetentionRule.objects.order_by("name", "id")]


def rule_of(row: RetentionRule) -> Rule:
    """Return a stored rule."""
    return Rule(
        row.id, _name(row), row.kind, row.field, row.value, row.date_field, row.days,
        RuleAction(row.action), row.is_enabled, row.author, row.approved_by,
    )  # fmt: skip


def _name(row: RetentionRule) -> str:
    """Return a rule's name: as somebody wrote it, of a shipped one in the reader's language."""
    return row.name if row.author else gettext(row.name)


def days_kept(kind: str) -> int | None:
    """Return how many days a log or the uploads are kept by rules that are on; None for good."""
    found = RetentionRule.objects.filter(kind=kind, is_enabled=True)
    return found.order_by("days").values_list("days", flat=True).first()


def runs(limit: int = 50) -> list[RuleRun]:
    """Return the latest runs, newest first."""
    rows = RetentionRun.objects.select_related("rule").order_by("-id")[:limit]
    return [
        RuleRun(row.rule_id, _name(row.rule), row.at, row.found, row.done, RuleAction(row.action))
        for row in rows
    ]


def preview(rule: Rule, today: date) -> RuleCount:
    """Return what a rule would do on a day; nothing is done."""
    if rule.kind == FILES:
        before = instant(rule, today)
        home = Path(settings.PERILUNE_HOME)
        count = sum(
            files.drop_older(home, before, True).named
            for files in PERSONAL_FILES
            if files.drop_older is not None
        )
        return RuleCount(rule, count, None)
    if rule.kind in PERSONAL_LOGS:
        count = PERSONAL_LOGS.get(rule.kind).drop_older(instant(rule, today), True)
        return RuleCount(rule, count, None)
    due = due_on(rule, today)
    return RuleCount(rule, len(due), min((day for _id, day in due), default=None))


def instant(rule: Rule, today: date) -> datetime:
    """Return the instant before which files and entries of logs are old."""
    zone = people.company().zone
    return datetime.combine(today - timedelta(days=rule.days), time.min, zone)


def due_on(rule: Rule, today: date) -> list[tuple[int, date]]:
    """Return (id, day that tells the age) of the records whose time is over, oldest first.

    Somebody who was erased, or of whom a dossier is open, is none of them.
    """
    ids = _matching(rule)
    ages = _ages(rule, ids)
    last = today - timedelta(days=rule.days)
    gone = set(Suppressed.objects.filter(kind=rule.kind).values_list("record_id", flat=True))
    for records in Dossier.objects.exclude(state="dropped").values_list("records", flat=True):
        gone |= {int(record_id) for kind, record_id in records if kind == rule.kind}
    due = [(record_id, day) for record_id, day in ages.items() if day <= last]
    return sorted(
        ((record_id, day) for record_id, day in due if record_id not in gone),
        key=lambda pair: (pair[1], pair[0]),
    )


def _matching(rule: Rule) -> list[int]:
    rows = history.model_of(KINDS.get(rule.kind))._default_manager.order_by("id")
    if rule.field.startswith(CUSTOM_PREFIX):
        rows = rows.filter(**{f"custom__{rule.field}": rule.value})
    elif rule.field:
        rows = rows.filter(**{f"{rule.field}__iexact": rule.value})
    return list(rows.values_list("id", flat=True))


def _ages(rule: Rule, ids: Sequence[int]) -> dict[int, date]:
    if rule.date_field:
        rows = history.model_of(KINDS.get(rule.kind))._default_manager
        found: dict[int, date] = {}
        for some in _chunks(ids):
            pairs = rows.filter(id__in=some).values_list("id", rule.date_field)
            found |= {record_id: day for record_id, day in pairs if day is not None}
        return found
    zone = people.company().zone
    known = history.last_known(rule.kind, ids)
    ages = {record_id: from_us(us).astimezone(zone).date() for record_id, us in known.items()}
    if rule.kind in ("contact", "lead"):
        acts: Any = history.model_of(KINDS.get("activity"))._default_manager
        for some in _chunks(ids):
            last = acts.filter(**{f"{rule.kind}_id__in": some}, starts_at__isnull=False)
            pairs = last.values_list(f"{rule.kind}_id").annotate(Max("starts_at")).order_by()
            for record_id, at in pairs:
                ages[record_id] = max(ages.get(record_id, date.min), at.astimezone(zone).date())
    return ages


def _chunks(ids: Sequence[int]) -> list[Sequence[int]]:
    return [ids[at : at + CHUNK] for at in range(0, len(ids), CHUNK)]
