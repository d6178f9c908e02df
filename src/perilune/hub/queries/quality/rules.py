"""Rules on record: those that ship, the company's versions of them and of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import Q

from perilune.crm.contracts import Condition
from perilune.hub.contracts.quality import QualityException, QualityRule, QualityTest, Verdict
from perilune.hub.engine.quality.defaults import shipped
from perilune.hub.engine.quality.rules import in_force
from perilune.hub.models import QualityPass, QualityVersion
from perilune.kernel.asof import AsOf
from perilune.kernel.errors import NotFound
from perilune.kernel.memo import remember
from perilune.kernel.messages import gettext_noop as _
from perilune.people.queries import company

_DAYS = ("active_from", "active_until")
_PLAIN = ("key", "kind", "field", "stage", "least", "most", "days", "weight", "name")


def plain_rule(rule: QualityRule) -> dict[str, Any]:
    """Return a rule as JSON keeps it."""
    return {name: getattr(rule, name) for name in _PLAIN} | {
        "test": rule.test.value,
        "conditions": [[one.column, one.op, list(one.value)] for one in rule.conditions],
        **{name: day.isoformat() if (day := getattr(rule, name)) else None for name in _DAYS},
    }


def rule_of(body: Mapping[str, Any]) -> QualityRule:
    """Return a rule from its JSON; KeyError, TypeError or ValueError on what is none."""
    days: dict[str, Any] = {
        name: date.fromisoformat(body[name]) if body.get(name) else None for name in _DAYS
    }
    return QualityRule(
        test=QualityTest(body["test"]),
        conditions=tuple(
            Condition(column, op, tuple(values))
            for column, op, values in body.get("conditions", ())
        ),
        **{name: body[name] for name in _PLAIN if name in body},
        **days,
    )


def versions() -> list[QualityRule]:
    """Return every version of every rule: what ships first, then the company's in their order."""
    return remember("quality versions", _versions)


def _versions() -> list[QualityRule]:
    kept = [
        replace(rule_of(row.body), version=row.version, actor=row.actor, at=row.at)
        for row in QualityVersion.objects.all()
    ]
    return [*shipped(), *kept]


def rules_at(as_of: AsOf, *, is_then: bool = False) -> list[QualityRule]:
    """Return the rules to ask as of an instant: today's, or those that were in force then."""
    asked = as_of if is_then else company().today
    at = asked.at if is_then else datetime.max.replace(tzinfo=UTC)
    return in_force(versions(), at, asked.day)


def rule_versions(key: str) -> list[QualityRule]:
    """Return the versions of one rule, oldest first; NotFound for an unknown key."""
    found = [one for one in versions() if one.key == key]
    if not found:
        raise NotFound(_("There is no rule named %(key)s."), key=key)
    return found


def current_rule(key: str) -> QualityRule:
    """Return the latest version of a rule, whether or not it still applies; NotFound otherwise."""
    return rule_versions(key)[-1]


def stopped_rules() -> list[QualityRule]:
    """Return the latest versions that do not apply today."""
    day = company().today.day
    latest = {one.key: one for one in versions()}
    return [one for one in latest.values() if not one.is_active(day)]


def exceptions_at(as_of: AsOf, verdict: Verdict, kind: str = "") -> list[QualityException]:
    """Return who was let off as of an instant, of a verdict; a page asks for them once."""
    found = remember(("quality passes", as_of, verdict), lambda: _exceptions_at(as_of, verdict))
    return [one for one in found if not kind or one.kind == kind]


def _exceptions_at(as_of: AsOf, verdict: Verdict) -> list[QualityException]:
    rows = QualityPass.objects.filter(verdict=verdict.value, at__lte=as_of.at)
    rows = rows.filter(Q(ended_at=None) | Q(ended_at__gt=as_of.at))
    rows = rows.filter(Q(until=None) | Q(until__gte=as_of.day))
    return [_exception(row) for row in rows.order_by("id")]


def exceptions_of(rule: str, limit: int = 200) -> list[QualityException]:
    """Return who was ever let off a rule, newest first."""
    return [
        _exception(row) for row in QualityPass.objects.filter(rule=rule).order_by("-id")[:limit]
    ]


def rules_of_passes(ids: Iterable[int]) -> list[str]:
    """Return the keys of the rules that exceptions are from."""
    rows = QualityPass.objects.filter(id__in=list(ids)).order_by("rule")
    return list(rows.values_list("rule", flat=True).distinct())


def accepted_ids(rules: Sequence[QualityRule], as_of: AsOf) -> dict[str, list[int]]:
    """Return the records that were accepted as they are, by the key of the rule."""
    keys = {rule.key for rule in rules}
    found: dict[str, list[int]] = {}
    for one in exceptions_at(as_of, Verdict.ACCEPT):
        if one.rule in keys:
            found.setdefault(one.rule, []).append(one.record_id)
    return found


def _exception(row: QualityPass) -> QualityException:
    return QualityException(
        row.id, row.rule, row.kind, row.record_id, Verdict(row.verdict), row.reason, row.until,
        row.actor, row.at, row.ended_at, row.ended_by,
    )  # fmt: skip
