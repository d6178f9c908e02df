"""Retention: rules are written by one person and switched on by another; a schedule runs them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from perilune.history import queries as history
from perilune.jobs import service as jobs
from perilune.kernel.errors import Invalid, NotFound
from perilune.kernel.kinds import FieldType
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.personal import PERSONAL_FILES, PERSONAL_LOGS
from perilune.kernel.wiring import JobKind, StepResult
from perilune.people import queries as people
from perilune.privacy.contracts.dossiers import PERSON_KINDS, DossierState, Ground
from perilune.privacy.contracts.retention import FILES, Rule, RuleAction
from perilune.privacy.models import Dossier, RetentionRule, RetentionRun
from perilune.privacy.queries import retaining as queries
from perilune.privacy.service.erasing import ERASE, erasure_ask
from perilune.privacy.service.looking import dossier_of, dossier_open, finish_look

AT_ONCE = 20
"""People whom one run of a rule takes up; the next run takes up the others."""


def rule_add(
    name: str, *, kind: str, days: int, action: RuleAction | str, actor: str,
    field: str = "", value: str = "", date_field: str = "",
) -> int:  # fmt: skip
    """Write a rule, switched off until somebody else approves it; return its number.

    Invalid for a kind that is no person, a field that the kind does not have, or an age of nothing.
    """
    wanted = RuleAction(action)
    if not name.strip() or days < 1:
        raise Invalid(_("A rule has a name and an age of at least one day."))
    if wanted not in _actions(kind):
        raise Invalid(
            _("Files and logs are deleted; people are erased or taken out of their records.")
        )
    if kind in PERSON_KINDS or (kind != FILES and kind not in PERSONAL_LOGS):
        _require_fields(kind, field, date_field)
    row = RetentionRule.objects.create(
        name=name.strip(), kind=kind, field=field, value=value, date_field=date_field, days=days,
        action=wanted.value, author=actor, at=datetime.now(UTC),
    )  # fmt: skip
    return row.id


def _actions(kind: str) -> tuple[RuleAction, ...]:
    if kind == FILES:
        return (RuleAction.DROP_FILES,)
    if kind in PERSONAL_LOGS:
        return (RuleAction.DROP_LOGS,)
    return (RuleAction.ERASE, RuleAction.ANONYMISE)


def ship_rules() -> None:
    """Put a rule in force for each log that none speaks of yet: logs are not kept for good.

    Nobody wrote it; whoever wants another age switches it off and writes their own.
    """
    for log in PERSONAL_LOGS:
        if RetentionRule.objects.filter(kind=log.name).exists():
            continue
        RetentionRule.objects.create(
            name=log.label, kind=log.name, days=log.days, action=RuleAction.DROP_LOGS.value,
            is_enabled=True, author="", at=datetime.now(UTC),
        )  # fmt: skip


def _require_fields(kind: str, field: str, date_field: str) -> None:
    if kind not in PERSON_KINDS:
        raise Invalid(_("Records of this kind are not people."))
    types = {item.name: item.type for item in history.all_fields(kind)}
    if field and field not in types:
        raise NotFound("%(kind)s has no field %(field)s.", kind=kind, field=field)
    if date_field and types.get(date_field) is not FieldType.DATE:
        raise Invalid(_("The age is counted from a field that is a day."))


def rule_approve(rule_id: int, *, actor: str) -> None:
    """Switch a rule on; Refused to its author (rule 27)."""
    row = _rule(rule_id)
    now = datetime.now(UTC)
    people.is_self_approved(actor, [row.author], row.at, now)
    row.is_enabled, row.approved_by, row.approved_at = True, actor, now
    row.save()


def rule_stop(rule_id: int) -> None:
    """Switch a rule off; what it did stays done."""
    RetentionRule.objects.filter(id=_rule(rule_id).id).update(is_enabled=False)


def _rule(rule_id: int) -> RetentionRule:
    row = RetentionRule.objects.filter(id=rule_id).first()
    if row is None:
        raise NotFound(_("There is no rule %(id)s."), id=rule_id)
    return row


def run_rule(rule_id: int, *, actor: str) -> tuple[int, int]:
    """Do what a rule says today; return (found, done). Invalid for one that is not approved."""
    row = _rule(rule_id)
    if not row.is_enabled:
        raise Invalid(_("This rule is off: somebody else than its author switches it on."))
    rule = queries.rule_of(row)
    found, done = _done(row, rule)
    RetentionRun.objects.create(
        rule=row, at=datetime.now(UTC), actor=actor, action=rule.action.value, found=found,
        done=done,
    )  # fmt: skip
    return found, done


def _done(row: RetentionRule, rule: Rule) -> tuple[int, int]:
    before = queries.instant(rule, datetime.now(people.company().zone).date())
    if rule.kind == FILES:
        return _files(before)
    if rule.kind in PERSONAL_LOGS:
        done = PERSONAL_LOGS.get(rule.kind).drop_older(before, False)
        return done, done
    return _people(row, rule)


def _files(before: datetime) -> tuple[int, int]:
    home = Path(settings.PERILUNE_HOME)
    done = sum(
        files.drop_older(home, before, False).named
        for files in PERSONAL_FILES
        if files.drop_older is not None
    )
    return done, done


def _people(row: RetentionRule, rule: Rule) -> tuple[int, int]:
    """Open a dossier for each, asked for by the rule's author; who approved it approved these."""
    due = queries.due_on(rule, people.company().today.day)
    done = 0
    for record_id, _day in due[:AT_ONCE]:
        number = dossier_open([(rule.kind, record_id)], actor=row.author, is_queued=False)
        finish_look(number)
        erasure_ask(number, ground=Ground.NOT_NEEDED, chosen=[], actor=row.author)
        Dossier.objects.filter(id=number).update(rule_id=row.id)
        if rule.action is RuleAction.ANONYMISE:
            dossier = dossier_of(number)
            dossier.state = DossierState.APPROVED.value
            dossier.approved_by, dossier.approved_at = row.approved_by, datetime.now(UTC)
            dossier.save()
            dossier.job_id = jobs.start(ERASE.name, {"dossier": number}, actor=row.approved_by)
            dossier.save(update_fields=["job_id"])
        done += 1
    return len(due), done


def _step(params: Mapping[str, Any], cursor: Mapping[str, Any]) -> StepResult:
    """Run one rule a step."""
    enabled = [rule for rule in queries.rules() if rule.is_enabled]
    at = int(cursor.get("at", 0))
    told = dict(cursor.get("done", {}))
    if at < len(enabled):
        found, done = run_rule(enabled[at].id, actor="retention")
        told[str(enabled[at].id)] = [found, done]
        at += 1
    return StepResult(
        cursor={"at": at, "done": told}, is_done=at >= len(enabled), done=at, total=len(enabled),
        result={"rules": told},
    )  # fmt: skip


RETENTION = JobKind("privacy.retention", _("Retention rules"), _step)
