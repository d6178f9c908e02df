"""Rules and suggestions as sentences, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.utils.translation import gettext, ngettext, pgettext

from perilune.planning.contracts import (
    Condition,
    FieldKind,
    Op,
    RuleSet,
    SegmentField,
    SegmentRule,
)
from perilune.ui import formats

Fields = Mapping[str, SegmentField]


def field_label(field: SegmentField) -> str:
    """Return how a field is called."""
    return gettext(field.label) if field.label else field.name


def segment_label(name: str) -> str:
    """Return how a segment is called; what accounts without one are called."""
    return name or gettext("not segmented")


def rule_sentence(rule: SegmentRule, fields: Fields, currency: str) -> str:
    """Return the conditions of a rule, without its segment."""
    if not rule.conditions:
        return gettext("all the rest")
    names = list(dict.fromkeys(one.field for one in rule.conditions))
    first, *rest = [
        part
        for name in names
        for part in _told(name, [c for c in rule.conditions if c.field == name], fields, currency)
    ]
    return gettext(" and ").join([first, *(_inner(part) for part in rest)])


def named_bands(rules: RuleSet, fields: Fields, currency: str) -> RuleSet:
    """Return suggested rules whose segments are called by what they say, or by a number.

    A segment of several rules is «Group 1»; the number is that of its first rule.
    """
    names = list(dict.fromkeys(rule.segment for rule in rules.rules))
    is_single = len(names) == len(rules.rules)
    named = []
    for rule in rules.rules:
        if is_single and len({one.field for one in rule.conditions}) <= 1:
            name = rule_sentence(rule, fields, currency)
        else:
            name = gettext("Group %(n)s") % {"n": names.index(rule.segment) + 1}
        named.append(replace(rule, segment=name))
    return replace(rules, rules=tuple(named))


def _inner(text: str) -> str:
    """Return a label as it stands inside a sentence; an acronym stays as it is."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def _told(name: str, conditions: Sequence[Condition], fields: Fields, currency: str) -> list[str]:
    field = fields.get(name) or SegmentField(name, name, FieldKind.TEXT)
    label = field_label(field)
    low = [c.value for c in conditions if c.op is Op.AT_LEAST]
    high = [c.value for c in conditions if c.op is Op.BELOW]
    facts = {
        "field": label,
        "low": edge(max(low), field, currency) if low else "",
        "high": edge(min(high), field, currency) if high else "",
    }
    found = []
    if low and high:
        found.append(gettext("%(field)s from %(low)s to under %(high)s") % facts)
    elif low:
        found.append(gettext("%(field)s from %(low)s on") % facts)
    elif high:
        found.append(gettext("%(field)s under %(high)s") % facts)
    for one in conditions:
        if one.op is Op.IS_UNKNOWN:
            found.append(gettext("%(field)s unknown") % facts)
        elif one.op is Op.IN:
            words = dict(field.choices)
            texts = [gettext(words[v]) if v in words else str(v) for v in one.value]
            values = pgettext("values", " or ").join(texts)
            found.append(gettext("%(field)s is %(values)s") % {**facts, "values": values})
    return found


def edge(value: float, field: SegmentField, currency: str) -> str:
    """Return an edge of a band with its unit."""
    if field.kind is FieldKind.MONEY:
        return formats.short_money(value, currency)
    if field.kind is FieldKind.DAYS:
        text = ngettext("%(n)s day", "%(n)s days", round(value))
        return text % {"n": formats.number(value, 0)}
    return formats.number(value, 0 if float(value).is_integer() else None)
