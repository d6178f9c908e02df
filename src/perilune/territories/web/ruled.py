"""Assignment rules as sentences, and the tables of what they would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from perilune.kernel.kinds import Field
from perilune.kernel.messages import gettext_noop as _
from perilune.people.queries import person_names
from perilune.territories import queries
from perilune.territories.contracts import (
    VERB_LABELS,
    WHY_LABELS,
    Arrival,
    Criterion,
    KeptRule,
    Operator,
    RuleBook,
    RulePreview,
)
from perilune.ui import formats
from perilune.ui.contracts import Cell, Column, Empty, Format, Row, Status, Table, Tone

MOST_TOLD = 10
"""Values of a criterion that its sentence names."""
MOST_ROWS = 300

TESTS: dict[Operator, str] = {
    Operator.IN: _("“%(field)s” is %(values)s"),
    Operator.NOT_IN: _("“%(field)s” is none of: %(values)s"),
    Operator.STARTS_WITH: _("“%(field)s” begins with %(values)s"),
    Operator.CONTAINS: _("“%(field)s” contains %(values)s"),
    Operator.AT_LEAST: _("“%(field)s” is at least %(values)s"),
    Operator.BELOW: _("“%(field)s” is below %(values)s"),
    Operator.MISSING: _("“%(field)s” is not known"),
}
OPERATOR_LABELS: dict[Operator, str] = {
    Operator.IN: _("is one of"),
    Operator.STARTS_WITH: _("begins with one of"),
    Operator.CONTAINS: _("contains one of"),
    Operator.NOT_IN: _("is none of"),
    Operator.AT_LEAST: _("is at least"),
    Operator.BELOW: _("is below"),
    Operator.MISSING: _("is not known"),
}


@dataclass(frozen=True)
class Listed:
    """A rule on the page. decided: accounts that it decides now. verb: that the switch offers."""

    rule: KeptRule
    said: str
    origin: str
    state: Status
    decided: str


def fields_by_name() -> dict[str, Field]:
    """Return the fields that rules may ask for, by name."""
    return {one.name: one for one in queries.rule_fields()}


def listed(book: RuleBook, preview: RulePreview) -> list[Listed]:
    """Return the rules of a plan, as they stand."""
    fields, above = fields_by_name(), book.above
    return [
        Listed(
            one,
            said_of(one, fields, is_above=one.territory in above),
            gettext("made from the plan") if one.is_made else gettext("written by hand"),
            _state(one),
            formats.number(preview.decided.get(one.id, 0), 0),
        )
        for one in book.rules
    ]


def said_of(rule: KeptRule, fields: Mapping[str, Field], *, is_above: bool = False) -> str:
    """Return a rule as a sentence."""
    tests = tests_of(rule.criteria, fields)
    facts = {"territory": rule.name, "tests": tests}
    if is_above:
        said = gettext("Below %(territory)s, only accounts where %(tests)s.")
        return said % facts
    if rule.is_inherited:
        return gettext(
            "%(territory)s takes accounts where %(tests)s; the territories below it take no others."
        ) % facts  # fmt: skip
    return gettext("%(territory)s takes accounts where %(tests)s.") % facts


def tests_of(criteria: Sequence[Criterion], fields: Mapping[str, Field]) -> str:
    """Return conditions as the end of a sentence: “accounts where …”."""
    return gettext(" and ").join(_test(one, fields) for one in criteria)


def _test(one: Criterion, fields: Mapping[str, Field]) -> str:
    field = fields.get(one.field)
    label = gettext(field.label) if field else one.field
    choices = dict(field.choices) if field else {}
    values = [gettext(choices[v]) if v in choices else v for v in one.values]
    told = ", ".join(values) if one.operator is Operator.NOT_IN else _joined(values)
    return gettext(TESTS[one.operator]) % {"field": label, "values": told}


def _joined(values: Sequence[str]) -> str:
    if len(values) > MOST_TOLD + 1:
        more = len(values) - MOST_TOLD
        said = ngettext("%(names)s and %(n)s more", "%(names)s and %(n)s more", more)
        return said % {"names": ", ".join(values[:MOST_TOLD]), "n": formats.number(more, 0)}
    head, last = values[:-1], values[-1:]
    return gettext(" or ").join([*([", ".join(head)] if head else []), *last])


def _state(rule: KeptRule) -> Status:
    if rule.is_lost:
        return Status(gettext("its territory is gone"), Tone.WATCH)
    if rule.is_on:
        return Status(gettext("on"), Tone.GOOD)
    return Status(gettext("off"), Tone.NEUTRAL)


def last_change(book: RuleBook) -> str:
    """Return who changed the rules last, and how; empty where nobody has."""
    if book.verb is None or book.at is None:
        return ""
    who = person_names().get(book.actor, book.actor)
    return gettext("Last change: %(who)s %(what)s.") % {
        "who": who, "what": gettext(VERB_LABELS[book.verb]),
    }  # fmt: skip


def finding(book: RuleBook, preview: RulePreview) -> str:
    """Return what the rules would do, in a few sentences."""
    if not book.rules:
        return gettext("No rule yet: accounts that arrive stay without a territory.")
    place, wait = len(preview.placeable), sum(not one.now for one in preview.arrivals)
    if not wait:
        told = [gettext("No account that arrived since the plan is without a territory.")]
    else:
        there = ngettext(
            "%(n)s account has arrived since the plan and is in no territory.",
            "%(n)s accounts have arrived since the plan and are in no territory.",
            wait,
        )
        done = ngettext("The rules place %(n)s of them.", "The rules place %(n)s of them.", place)
        told = [
            there % {"n": formats.number(wait, 0)},
            done % {"n": formats.number(place, 0)}
            if place
            else gettext("The rules place none of them."),
        ]
    off = len(preview.elsewhere)
    said = gettext("They put no account of the plan elsewhere than the plan does.")
    if off:
        said = ngettext(
            "They put %(n)s account of the plan elsewhere than the plan does.",
            "They put %(n)s accounts of the plan elsewhere than the plan does.",
            off,
        ) % {"n": formats.number(off, 0)}
    told.append(said)
    return " ".join(told)


def facts(preview: RulePreview) -> list[str]:
    """Return what else is to be known before the rules are applied."""
    told = []
    if preview.unmatched:
        told.append(
            ngettext(
                "No rule speaks of %(n)s account of the plan: it stays where it is.",
                "No rule speaks of %(n)s accounts of the plan: they stay where they are.",
                preview.unmatched,
            )
            % {"n": formats.number(preview.unmatched, 0)}
        )
    if preview.ambiguous:
        told.append(
            ngettext(
                "Rules of one priority claim %(n)s account for several territories: give one of "
                "them another priority.",
                "Rules of one priority claim %(n)s accounts for several territories: give one of "
                "them another priority.",
                preview.ambiguous,
            )
            % {"n": formats.number(preview.ambiguous, 0)}
        )
    return told


def arrivals_table(preview: RulePreview) -> Table:
    """Return the accounts that arrived since the plan, those without a territory first."""
    order = sorted(preview.arrivals, key=lambda one: (bool(one.now), one.name.casefold(), one.id))
    rows = [
        Row(
            one.id,
            (
                Cell(one.name, url=_record(one.id)),
                one.now or None,
                _goal(one),
                one.rule,
                one.owner or None,
                one.rep or None,
            ),
        )
        for one in order[:MOST_ROWS]
    ]
    return Table(
        (
            Column("name", gettext("Account"), is_title=True),
            Column("now", gettext("Now")),
            Column("goal", gettext("By the rules")),
            Column("rule", gettext("Rule no."), Format.NUMBER, decimals=0),
            Column("owner", gettext("Owner")),
            Column("rep", gettext("Rep in the seat")),
        ),
        rows,
        gettext("Accounts that arrived since the plan"),
        name="arrivals",
        is_dense=True,
        note=_cut(len(order)),
        empty=Empty(
            gettext("Nothing has arrived"),
            gettext("Accounts that are made after the day of the plan's data are listed here."),
            icon="inbox",
        ),
    )


def _goal(one: Arrival) -> str | Cell:
    if one.several:
        said = gettext("several: %(names)s") % {"names": ", ".join(one.several)}
        return Cell(said, tone=Tone.WATCH)
    return one.goal or Cell(gettext("no rule"), tone=Tone.WATCH)


def elsewhere_table(preview: RulePreview) -> Table | None:
    """Return the accounts that the rules put elsewhere than the plan; nothing is moved by this."""
    if not preview.elsewhere:
        return None
    rows = [
        Row(one.id, (Cell(one.name, url=_record(one.id)), one.plan or gettext("no territory"),
                     one.goal, one.rule))
        for one in preview.elsewhere[:MOST_ROWS]
    ]  # fmt: skip
    return Table(
        (
            Column("name", gettext("Account"), is_title=True),
            Column("plan", gettext("By the plan")),
            Column("goal", gettext("By the rules")),
            Column("rule", gettext("Rule no."), Format.NUMBER, decimals=0),
        ),
        rows,
        gettext("Accounts that the rules put elsewhere than the plan"),
        name="elsewhere",
        is_dense=True,
        note=_cut(len(preview.elsewhere)),
    )


def by_hand_table(preview: RulePreview) -> Table | None:
    """Return the accounts that stay where somebody put them."""
    if not preview.by_hand:
        return None
    rows = [
        Row(one.id, (Cell(one.name, url=_record(one.id)), one.territory or gettext("no territory"),
                     gettext(WHY_LABELS[one.why]), one.goal or None))
        for one in preview.by_hand[:MOST_ROWS]
    ]  # fmt: skip
    return Table(
        (
            Column("name", gettext("Account"), is_title=True),
            Column("territory", gettext("Stays in")),
            Column("why", gettext("Why")),
            Column("goal", gettext("By the rules")),
        ),
        rows,
        gettext("Accounts placed by hand"),
        name="by-hand",
        is_dense=True,
        note=_cut(len(preview.by_hand)),
    )


def _record(account: int) -> str:
    return reverse("crm:record", args=["account", account])


def _cut(count: int) -> str:
    if count <= MOST_ROWS:
        return ""
    return gettext("%(shown)s of %(count)s are listed.") % {
        "shown": formats.number(MOST_ROWS, 0), "count": formats.number(count, 0),
    }  # fmt: skip
