"""Rules as sentences in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext, ngettext, pgettext

from perilune.crm.contracts import Condition
from perilune.crm.queries import columns_of, titles
from perilune.history.queries import all_fields
from perilune.hub.contracts.quality import CHECK_LABELS, QUALIFIED, TESTS, QualityRule, QualityTest
from perilune.kernel.asof import AsOf
from perilune.kernel.kinds import CUSTOM_PREFIX, Field, FieldType
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.wiring import KINDS
from perilune.people.queries import company
from perilune.ui import formats

_OPS = {
    "contains": _("“%(field)s” contains %(value)s"),
    "in": _("“%(field)s” is %(value)s"),
    "named": _("“%(field)s” is named like %(value)s"),
    "from": _("“%(field)s” is at least %(value)s"),
    "to": _("“%(field)s” is at most %(value)s"),
    "empty": _("“%(field)s” is empty"),
    "filled": _("“%(field)s” is filled"),
}
OP_LABELS = {
    "contains": _("contains"),
    "in": _("is one of"),
    "named": _("is named like"),
    "from": _("is at least"),
    "to": _("is at most"),
    "empty": _("is empty"),
    "filled": _("is filled"),
}


def field_label(kind: str, name: str) -> str:
    """Return what a field is called, the company's own as it named them."""
    item = next((one for one in all_fields(kind) if one.name == name), None)
    return name if item is None else label_of(item)


def target_of(kind: str, name: str) -> str:
    """Return the kind that a reference names, "" for other fields."""
    return next((one.target for one in all_fields(kind) if one.name == name), "")


def label_of(item: Field) -> str:
    """Return a field's label in the reader's language."""
    return item.label if item.name.startswith(CUSTOM_PREFIX) else gettext(item.label)


def kind_label(kind: str, *, plural: bool = True) -> str:
    """Return the word for records of a kind."""
    found = KINDS.get(kind)
    return gettext(found.label_plural if plural else found.label)


def check_label(rule: QualityRule) -> str:
    """Return the family of a rule."""
    return gettext(CHECK_LABELS[rule.check])


def sentence(rule: QualityRule) -> str:
    """Return a rule as one sentence: of which records it is asked, and what they must satisfy."""
    parts = {"kind": kind_label(rule.kind), "demand": demanded(rule)}
    return gettext("%(kind)s: %(demand)s") % parts + "."


def demanded(rule: QualityRule) -> str:
    """Return what a rule demands and when, without the kind of record and the full stop."""
    demand = gettext(TESTS[rule.test].sentence) % {
        "field": field_label(rule.kind, rule.field),
        "least": _bound(rule, rule.least), "most": _bound(rule, rule.most),
        "days": formats.number(rule.days, 0),
    }  # fmt: skip
    if rule.test in (QualityTest.BETWEEN, QualityTest.NEAR):
        demand = _bounded(rule, demand)
    when = [condition_said(rule.kind, one) for one in rule.conditions]
    if rule.stage:
        when.append(_stage_said(rule.stage))
    if when:
        joined = f" {gettext('and')} ".join(when)
        return gettext("%(rule)s, when %(conditions)s") % {"rule": demand, "conditions": joined}
    return demand


def title(rule: QualityRule) -> str:
    """Return what a rule is called: the company's name for it, else its sentence."""
    return rule.name or sentence(rule)


def _bounded(rule: QualityRule, both: str) -> str:
    """Say one bound alone where there is only one."""
    field = field_label(rule.kind, rule.field)
    is_near = rule.test is QualityTest.NEAR
    if rule.least is not None and rule.most is not None:
        return both
    if rule.most is not None:
        text = (
            gettext("“%(field)s” lies at most %(bound)s days after today")
            if is_near
            else gettext("“%(field)s” is at most %(bound)s")
        )
        return text % {"field": field, "bound": _bound(rule, rule.most)}
    text = (
        gettext("“%(field)s” lies at least %(bound)s days after today")
        if is_near
        else gettext("“%(field)s” is at least %(bound)s")
    )
    return text % {"field": field, "bound": _bound(rule, rule.least)}


def _bound(rule: QualityRule, value: float | None) -> str:
    if value is None:
        return ""
    return formats.number(value, 0 if value == int(value) else 2)


def condition_said(kind: str, one: Condition) -> str:
    """Return a condition in words."""
    column = columns_of(kind).get(one.column)
    label = one.column if column is None else label_of(column.field)
    values = [_value(column.field if column else None, value) for value in one.value]
    text = gettext(_OPS[one.op]) if one.op in _OPS else one.op
    return text % {"field": label, "value": f" {gettext('or')} ".join(values)}


def _value(item: Field | None, value: str) -> str:
    if item is None:
        return value
    if item.type is FieldType.BOOLEAN:
        return gettext("yes") if value == "1" else gettext("no")
    if item.type is FieldType.REFERENCE and value.isdigit():
        return titles(item.target, [int(value)], company().today).get(int(value), f"#{value}")
    if item.type is FieldType.DATE:
        return formats.day(value)
    label = dict(item.choices).get(value, value)
    is_own = label == value or item.name.startswith(CUSTOM_PREFIX)
    return label if is_own else pgettext("choice", label)


def _stage_said(stage: str) -> str:
    if stage == QUALIFIED:
        return gettext("the deal has reached the stage from which it counts as qualified")
    name = titles("stage", [int(stage)], company().today).get(int(stage), f"#{stage}")
    return gettext("the deal has reached the stage “%(stage)s”") % {"stage": name}


def span_said(rule: QualityRule) -> str:
    """Return from when to when a rule applies, "" where it always does."""
    if rule.active_from and rule.active_until:
        return gettext("from %(first)s to %(last)s") % {
            "first": formats.day(rule.active_from), "last": formats.day(rule.active_until)
        }  # fmt: skip
    if rule.active_from:
        return gettext("from %(first)s on") % {"first": formats.day(rule.active_from)}
    if rule.active_until:
        return gettext("until %(last)s") % {"last": formats.day(rule.active_until)}
    return ""


def flagged_said(flagged: int, new: int) -> str:
    """Return what a draft would flag, in words."""
    would = ngettext("It would flag %(n)s record", "It would flag %(n)s records", flagged) % {
        "n": formats.number(flagged, 0)
    }
    fresh = ngettext(
        "%(n)s of them is flagged by no rule yet", "%(n)s of them are flagged by no rule yet", new
    ) % {"n": formats.number(new, 0)}  # fmt: skip
    return f"{would}; {fresh}."


def as_of_said(as_of: AsOf, *, is_then: bool) -> str:
    """Return by which rules a score was made."""
    if is_then:
        return gettext("by the rules that were in force on %(day)s") % {
            "day": formats.day(as_of.day)
        }
    return gettext("by today’s rules")
