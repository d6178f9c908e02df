"""Rules as versions: which is in force at an instant, and what makes one sound."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, datetime

from perilune.hub.contracts.quality import (
    KINDS_JUDGED,
    LONGEST_NAME,
    MOST_WEIGHT,
    QUALIFIED,
    TESTS,
    QualityRule,
    QualityTest,
)
from perilune.kernel.errors import Problem
from perilune.kernel.kinds import Field
from perilune.kernel.messages import gettext_noop as _

_KEY = re.compile(r"[a-z][a-z0-9_]{0,59}")
_MOST_DAYS = 3_660


def in_force(versions: Iterable[QualityRule], at: datetime, day: date) -> list[QualityRule]:
    """Return the version of each rule that was in force at an instant, of those that apply then.

    versions: in any order; day: the company's day of the instant. The order is that in which keys
    are first given.

    >>> from datetime import UTC
    >>> old = QualityRule("a", "lead", QualityTest.OWNED, "owner_id")
    >>> new = QualityRule("a", "lead", QualityTest.OWNED, "owner_id", weight=5, version=1,
    ...                   at=datetime(2026, 3, 1, tzinfo=UTC))
    >>> [r.weight for r in in_force([old, new], datetime(2026, 2, 1, tzinfo=UTC), date(2026, 2, 1))]
    [1]
    >>> [r.weight for r in in_force([old, new], datetime(2026, 4, 1, tzinfo=UTC), date(2026, 4, 1))]
    [5]
    """
    latest: dict[str, QualityRule] = {}
    for one in versions:
        if one.at is not None and one.at > at:
            latest.setdefault(one.key, one)
            continue
        held = latest.get(one.key)
        if held is None or (held.at is not None and held.at > at) or held.version < one.version:
            latest[one.key] = one
    return [
        one for one in latest.values() if (one.at is None or one.at <= at) and one.is_active(day)
    ]


def flaws(
    rule: QualityRule, fields: Mapping[str, Field], stages: Collection[int], owner_field: str
) -> list[Problem]:
    """Return what is wrong with a rule; nothing when it can be kept.

    fields: of its kind by name, stages: ids of the stages that there are, owner_field: of the kind.
    """
    facts = TESTS[rule.test]
    if rule.kind not in KINDS_JUDGED or (facts.kinds and rule.kind not in facts.kinds):
        return [_flaw("kind", _("This cannot be asked of this kind of record."))]
    parts = (_named(rule), _field(rule, fields, owner_field), _bounds(rule), _when(rule, stages))
    return [flaw for part in parts for flaw in part]


def _flaw(name: str, message: str, **params: str | int) -> Problem:
    return Problem(message, params, field=name)


def _named(rule: QualityRule) -> Iterator[Problem]:
    if not _KEY.fullmatch(rule.key):
        yield _flaw("key", _("A key has small letters, digits and underscores, at most 60."))
    if not 1 <= rule.weight <= MOST_WEIGHT:
        yield _flaw("weight", _("A weight lies between 1 and %(most)s."), most=MOST_WEIGHT)
    if len(rule.name) > LONGEST_NAME:
        yield _flaw("name", _("A name has at most %(most)s characters."), most=LONGEST_NAME)


def _field(rule: QualityRule, fields: Mapping[str, Field], owner_field: str) -> Iterator[Problem]:
    facts = TESTS[rule.test]
    if facts.field == "owner_id" and owner_field != "owner_id":
        yield _flaw("field", _("Records of this kind have no owner."))
        return
    asked = fields.get(rule.field)
    if asked is None or (facts.field and rule.field != facts.field):
        yield _flaw("field", _("Choose a field of this kind of record."))
    elif facts.types and asked.type not in facts.types:
        yield _flaw("field", _("This cannot be asked of the field “%(field)s”."), field=asked.label)


def _bounds(rule: QualityRule) -> Iterator[Problem]:
    takes = TESTS[rule.test].takes
    if "days" in takes and not 1 <= rule.days <= _MOST_DAYS:
        yield _flaw("days", _("Say a number of days, at most ten years."))
    if "least" in takes and rule.least is None and rule.most is None:
        yield _flaw("least", _("Say at least one bound."))
    if rule.least is not None and rule.most is not None and rule.most < rule.least:
        yield _flaw("most", _("The upper bound lies below the lower one."))
    if rule.test is QualityTest.NEAR and any(
        abs(bound) > _MOST_DAYS for bound in (rule.least, rule.most) if bound is not None
    ):
        yield _flaw("most", _("Say a number of days, at most ten years."))


def _when(rule: QualityRule, stages: Collection[int]) -> Iterator[Problem]:
    is_stage = rule.stage == QUALIFIED or (rule.stage.isdigit() and int(rule.stage) in stages)
    if rule.stage and (rule.kind != "opportunity" or not is_stage):
        yield _flaw("stage", _("Choose a stage of deals."))
    if rule.active_from and rule.active_until and rule.active_until < rule.active_from:
        yield _flaw("active_until", _("The end lies before the beginning."))
