"""The form of a rule: what it offers, and the rule that was typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.utils.translation import gettext

from perilune.crm.contracts import Condition, ListColumn
from perilune.crm.queries import columns_of, ops_of, options
from perilune.history.queries import all_fields
from perilune.hub.contracts.quality import QUALIFIED, TESTS, QualityRule, QualityTest
from perilune.hub.queries.quality.said import OP_LABELS, label_of
from perilune.kernel.asof import AsOf
from perilune.kernel.errors import Invalid
from perilune.kernel.kinds import FieldType
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope

CONDITIONS = 3
_BARE = ("empty", "filled")


@dataclass(frozen=True)
class ConditionInput:
    """One line of conditions."""

    at: int
    column: str
    op: str
    value: str


def tests_for(kind: str) -> list[tuple[str, str]]:
    """Return (test, label) of what may be asked of a kind."""
    return [
        (test.value, gettext(facts.label))
        for test, facts in TESTS.items()
        if not facts.kinds or kind in facts.kinds
    ]


def fields_for(kind: str) -> list[tuple[str, str]]:
    """Return (field, label) of a kind."""
    return [(item.name, label_of(item)) for item in all_fields(kind)]


def columns_for(kind: str) -> list[tuple[str, str]]:
    """Return (column, label) of what conditions may ask, the derived ones too."""
    return [(name, label_of(column.field)) for name, column in columns_of(kind).items()]


def ops() -> list[tuple[str, str]]:
    """Return (op, label) of conditions."""
    return [(op, gettext(label)) for op, label in OP_LABELS.items()]


def stages_for(kind: str, as_of: AsOf) -> list[tuple[str, str]]:
    """Return (stage, label) from which a rule for deals may apply."""
    if kind != "opportunity":
        return []
    named = options("stage", "", scope=Scope.company(), as_of=as_of, most=200)
    return [
        (QUALIFIED, gettext("where deals count as qualified")),
        *((str(number), name) for number, name in named),
    ]


def inputs(rule: QualityRule) -> list[ConditionInput]:
    """Return the lines of conditions: a rule's, and empty ones up to `CONDITIONS`."""
    lines = [
        ConditionInput(at, one.column, one.op, ", ".join(one.value))
        for at, one in enumerate(rule.conditions)
    ]
    spare = range(len(lines), max(CONDITIONS, len(lines)))
    return [*lines, *(ConditionInput(at, "", "", "") for at in spare)]


def read(told: Mapping[str, str], base: QualityRule) -> QualityRule:
    """Return the rule that was typed over a base (its key and kind stay); Invalid otherwise."""
    try:
        test = QualityTest(told.get("test", ""))
    except ValueError:
        raise Invalid(_("Choose what is asked.")) from None
    facts = TESTS[test]
    return replace(
        base,
        test=test,
        field=facts.field or told.get("field", ""),
        conditions=tuple(_conditions(told, base.kind)),
        stage=told.get("stage", "") if base.kind == "opportunity" else "",
        least=_number(told, "least") if "least" in facts.takes else None,
        most=_number(told, "most") if "most" in facts.takes else None,
        days=_whole(told, "days") if "days" in facts.takes else 0,
        weight=_whole(told, "weight"),
        active_from=_day(told, "active_from"),
        active_until=_day(told, "active_until"),
        name=told.get("name", "").strip(),
    )


def _conditions(told: Mapping[str, str], kind: str) -> Sequence[Condition]:
    columns = columns_of(kind)
    found = []
    for at in range(10):
        name, op = told.get(f"column-{at}", ""), told.get(f"op-{at}", "")
        if not name:
            continue
        column = columns.get(name)
        if column is None or op not in ops_of(column):
            raise Invalid(_("Condition %(n)s: this cannot be asked of this field."), n=at + 1)
        values = _values(column, told.get(f"value-{at}", ""), op)
        if not values and op not in _BARE:
            raise Invalid(_("Condition %(n)s: say a value."), n=at + 1)
        found.append(Condition(name, op, values))
    return found


def _values(column: ListColumn, text: str, op: str) -> tuple[str, ...]:
    if op in _BARE:
        return ()
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if op != "in":
        return (text.strip(),) if text.strip() else ()
    item = column.field
    if item.type is FieldType.BOOLEAN:
        return tuple("1" if part.lower() in ("1", gettext("yes")) else "0" for part in parts)
    codes = {value.lower(): value for value, _label in item.choices}
    codes |= {gettext(label).lower(): value for value, label in item.choices}
    if item.choices and (unknown := [part for part in parts if part.lower() not in codes]):
        raise Invalid(_("“%(value)s” is no value of this field."), value=unknown[0])
    return tuple(codes.get(part.lower(), part) for part in parts)


def _number(told: Mapping[str, str], name: str) -> float | None:
    text = told.get(name, "").strip().replace("\u202f", "").replace("\u00a0", "").replace(" ", "")
    if not text:
        return None
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        raise Invalid(_("«%(text)s» is not a number."), text=text) from None
    if not -1e15 < value < 1e15:
        raise Invalid(_("«%(text)s» is not a number."), text=text)
    return value


def _whole(told: Mapping[str, str], name: str) -> int:
    text = told.get(name, "").strip()
    return int(text) if text.isdigit() and len(text) < 6 else 0


def _day(told: Mapping[str, str], name: str) -> date | None:
    text = told.get(name, "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid(_("«%(text)s» is not a date such as 2026-12-31."), text=text) from None
