"""Verbs of data quality: rules are superseded, records are let off, fields are filled."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from perilune.crm.queries import stages
from perilune.history import queries as history
from perilune.history.service import change_set
from perilune.hub.contracts.quality import (
    LONGEST_REASON,
    ImpliedField,
    QualityException,
    QualityRule,
    Verdict,
)
from perilune.hub.engine.quality.rules import flaws
from perilune.hub.models import ImpliedChoice, QualityPass, QualityVersion
from perilune.hub.queries.quality import rules as queries
from perilune.hub.queries.quality.implied import gaps
from perilune.hub.queries.quality.needed import needed_fields
from perilune.kernel.asof import AsOf
from perilune.kernel.errors import Conflict, Invalid, NotFound
from perilune.kernel.memo import forget
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.wiring import KINDS
from perilune.people.queries import company, writing_time

MOST_AT_ONCE = 1_000
MOST_FILLED = 5_000
FILLED = "implied"
"""The purpose of sets that filled what other fields say: no person typed them."""


def rule_check(rule: QualityRule) -> None:
    """Raise Invalid with every problem of a rule that cannot be kept or asked."""
    fields, owner = {}, ""
    if rule.kind in KINDS:
        fields = {item.name: item for item in history.all_fields(rule.kind)}
        owner = KINDS.get(rule.kind).owner_field
    known = {row["id"] for row in stages(company().today)}
    if found := flaws(rule, fields, known, owner):
        raise Invalid(_("This rule was not kept."), problems=tuple(found))


def rule_set(rule: QualityRule, *, actor: str, seen: int | None = None) -> QualityRule:
    """Keep a rule as the next version of its key; the versions before it stay as they were.

    seen: the version that the person looked at; Conflict when it is not the latest any more.
    """
    rule_check(rule)
    latest = max((one.version for one in queries.versions() if one.key == rule.key), default=None)
    if seen is not None and latest is not None and seen != latest:
        raise Conflict(_("Somebody else changed this rule meanwhile: look at it again."))
    number = 0 if latest is None else latest
    try:
        with transaction.atomic():
            row = QualityVersion.objects.create(
                key=rule.key, version=number + 1, kind=rule.kind, body=queries.plain_rule(rule),
                actor=actor, at=_now(),
            )  # fmt: skip
    except IntegrityError:
        raise Conflict(_("Somebody else changed this rule meanwhile: look at it again.")) from None
    forget()
    return replace(rule, version=row.version, actor=actor, at=row.at)


def rule_stop(key: str, *, actor: str) -> QualityRule:
    """Let a rule apply no more from today on; it is kept, and asked of the days before."""
    rule = queries.current_rule(key)
    day = company().today.day
    if not rule.is_active(day):
        raise Conflict(_("This rule does not apply any more."))
    yesterday = date.fromordinal(day.toordinal() - 1)
    begun = rule.active_from
    # a rule that begins today or later never applied: its span is the day before alone
    start = min(begun, yesterday) if begun else None
    return rule_set(replace(rule, active_from=start, active_until=yesterday), actor=actor)


def rule_resume(key: str, *, actor: str) -> QualityRule:
    """Let a stopped rule apply again, from today on."""
    rule = queries.current_rule(key)
    day = company().today.day
    if rule.is_active(day):
        raise Conflict(_("This rule applies already."))
    return rule_set(replace(rule, active_from=day, active_until=None), actor=actor)


def new_key(kind: str, test: str, field: str) -> str:
    """Return a key that no rule has, from what the rule is about."""
    stem = re.sub(r"[^a-z0-9_]", "_", f"{kind}_{field}_{test}".lower())[:50]
    taken = {one.key for one in queries.versions()}
    number = 1
    while (key := f"{stem}_{number}") in taken:
        number += 1
    return key


# -- exceptions ------------------------------------------------------------------------------------


def let_off(
    key: str, ids: Sequence[int], verdict: Verdict, *, actor: str, reason: str,
    until: date | None = None,
) -> list[QualityException]:  # fmt: skip
    """Let records off a rule, with the reason: accepted as they are, or put off until a day.

    What was decided before of the same records and rule ends. Whoever calls has asked the gate.
    Invalid without a reason, for a day that has passed, or for a putting-off without a day.
    """
    rule = queries.current_rule(key)
    today = company().today.day
    if not ids:
        raise Invalid(_("Select at least one record."))
    if len(ids) > MOST_AT_ONCE:
        raise Invalid(_("At most %(most)s records at once."), most=MOST_AT_ONCE)
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise Invalid(_("Say why, in at most %(most)s characters."), most=LONGEST_REASON)
    if verdict is Verdict.SNOOZE and until is None:
        raise Invalid(_("Say until when it is put off."))
    if until is not None and until < today:
        raise Invalid(_("This day has passed."))
    at = _now()
    with transaction.atomic():
        _end(QualityPass.objects.filter(rule=rule.key, record_id__in=ids), actor, at)
        QualityPass.objects.bulk_create(
            QualityPass(
                rule=rule.key, kind=rule.kind, record_id=number, verdict=verdict.value,
                reason=reason, until=until, actor=actor, at=at,
            )
            for number in dict.fromkeys(ids)
        )  # fmt: skip
    forget()
    kept = set(ids)
    return [one for one in queries.exceptions_of(rule.key, MOST_AT_ONCE) if one.record_id in kept
            and one.ended_at is None]  # fmt: skip


def let_off_end(pass_id: int, *, actor: str) -> QualityException:
    """End an exception: the record breaks the rule again; NotFound where none stands."""
    row = QualityPass.objects.filter(id=pass_id, ended_at=None).first()
    if row is None:
        raise NotFound(_("There is no such exception (any more)."))
    _end(QualityPass.objects.filter(id=pass_id), actor, _now())
    forget()
    return next(one for one in queries.exceptions_of(row.rule, 10_000) if one.id == pass_id)


def _end(rows: QuerySet[QualityPass], actor: str, at: datetime) -> None:
    rows.filter(ended_at=None).update(ended_at=at, ended_by=actor)


def _now() -> datetime:
    """Return when something written now is known: in an archive the end of its «today»."""
    return writing_time() or timezone.now()


# -- implied fields --------------------------------------------------------------------------------


def implied_choose(found: ImpliedField, choice: str, *, actor: str) -> None:
    """Keep what was decided of an implied field, with the evidence: «hide», or «keep» as it is.

    A hidden field is left out of record pages and forms. Invalid for one that is needed.
    """
    if choice not in ("hide", "keep"):
        raise Invalid(_("There is no such verb."))
    if choice == "hide" and found.field in needed_fields(found.kind):
        raise Invalid(_("A field that is required, or that figures rest on, is never hidden."))
    ImpliedChoice.objects.update_or_create(
        kind=found.kind, field=found.field, how=found.how.value,
        defaults={
            "by": found.by, "choice": choice, "actor": actor, "at": _now(),
            "evidence": {
                "rows": found.rows, "filled": found.judged, "agree": found.agree,
                "value": found.value,
            },
        },
    )  # fmt: skip
    forget()


def implied_show(kind: str, fields: Collection[str]) -> int:
    """Let hidden fields of a kind show again; return how many were hidden."""
    rows = ImpliedChoice.objects.filter(kind=kind, field__in=list(fields), choice="hide")
    count = rows.count()
    rows.delete()
    forget()
    return count


def implied_fill(found: ImpliedField, as_of: AsOf, *, actor: str) -> tuple[int, int]:
    """Fill a field where it lacks by what other data say, as one change set.

    Returns (change set, records); at most `MOST_FILLED` at once. Invalid where nothing lacks.
    """
    lacking = gaps(found, as_of, MOST_FILLED)
    states = history.states_as_of(found.kind, [number for number, _said in lacking])
    item = next(one for one in history.all_fields(found.kind) if one.name == found.field)
    todo = [
        (number, value)
        for number, value in lacking
        if number in states and states[number].get(item.name) is None and value is not None
    ]
    if not todo:
        raise Invalid(_("There is nothing to fill (any more)."))
    with change_set(
        actor=actor, purpose=FILLED, title=_("Filled from other fields"), known_at=writing_time()
    ) as writer:
        for number, value in todo:
            writer.change(found.kind, number, {item.name: value})
    return writer.id, len(todo)
