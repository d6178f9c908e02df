"""Turns a list's filters into a WHERE with parameters; values never enter the SQL's text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from perilune.crm.contracts import Condition, ListColumn, ListQuery
from perilune.crm.engine import MINOR_TYPES, digits, parse
from perilune.crm.queries.columns import columns_of, kind_named
from perilune.crm.queries.names import ids_named
from perilune.kernel.asof import AsOf, end_of_day, start_of_day
from perilune.kernel.kinds import Field, FieldType
from perilune.people.queries import company

_TEXTS = (FieldType.TEXT, FieldType.LONG_TEXT)
_BY_ACCOUNT = ("opportunity", "contact", "activity", "case", "quote", "contract")


@dataclass
class Where:
    """The condition of a list: `WHERE …` or nothing, and its parameters."""

    parts: list[str] = field(default_factory=list)
    params: dict[str, Any] = field(default_factory=dict)
    needs_stage: bool = False

    @property
    def sql(self) -> str:
        """The clause, empty when there is no filter."""
        return f"WHERE {' AND '.join(self.parts)}" if self.parts else ""

    def give(self, value: Any) -> str:
        """Keep a value and return its placeholder."""
        name = f"p{len(self.params)}"
        self.params[name] = value
        return f":{name}"


def where(query: ListQuery, as_of: AsOf) -> Where:
    """Return a list's condition. Unknown columns are left out; Invalid on a malformed bound."""
    made = Where()
    made.parts += conditions_sql(query.kind, query.conditions, as_of, made)
    if query.text.strip():
        made.parts.append(_quick(made, query, columns_of(query.kind), as_of))
    return made


def conditions_sql(
    kind: str, conditions: Sequence[Condition], as_of: AsOf, made: Where
) -> list[str]:
    """Return each condition as SQL over `t` (and `s`, a deal's stage); `made` keeps its values."""
    columns = columns_of(kind)
    found = []
    for condition in conditions:
        column = columns.get(condition.column)
        if column is None or condition.op not in _OPS:
            continue
        made.needs_stage |= column.is_derived
        found.append(_OPS[condition.op](made, column, condition, as_of))
    return found


def _contains(made: Where, column: ListColumn, asked: Condition, as_of: AsOf) -> str:
    return f"STRPOS(LOWER({column.sql}), {made.give(asked.value[0].lower())}) > 0"


def _in(made: Where, column: ListColumn, asked: Condition, as_of: AsOf) -> str:
    type_ = column.field.type
    if type_ is FieldType.BOOLEAN:
        return f"COALESCE({column.sql}, FALSE) IN ({made.give([v == '1' for v in asked.value])})"
    if type_ in (FieldType.REFERENCE, FieldType.INTEGER):
        return f"{column.sql} IN ({made.give([int(v) for v in asked.value if v.isdigit()])})"
    return f"{column.sql} IN ({made.give(list(asked.value))})"


def _named(made: Where, column: ListColumn, asked: Condition, as_of: AsOf) -> str:
    ids = ids_named(column.field.target, asked.value[0], as_of)
    return f"{column.sql} IN ({made.give(ids)})"


def _from(made: Where, column: ListColumn, asked: Condition, as_of: AsOf) -> str:
    return f"{column.sql} >= {made.give(_bound(column, asked.value[0], is_upper=False))}"


def _to(made: Where, column: ListColumn, asked: Condition, as_of: AsOf) -> str:
    return f"{column.sql} <= {made.give(_bound(column, asked.value[0], is_upper=True))}"


def _bound(column: ListColumn, text: str, *, is_upper: bool) -> Any:
    home = company()
    if column.field.type is FieldType.INSTANT:
        day = day_of(text)
        return end_of_day(day, home.zone) if is_upper else start_of_day(day, home.zone)
    if column.field.type is FieldType.DATE:
        return day_of(text)
    # bounds of money are typed in major units of the company's currency
    return parse(column.field, text, currency=home.currency, zone=home.zone)


def day_of(text: str) -> date:
    """Return a day as it was typed in a filter; Invalid where it is none."""
    return date.fromisoformat(_day(text))


def _day(text: str) -> str:
    home = company()
    return str(parse(Field("day", FieldType.DATE, "Day"), text, zone=home.zone))


def _empty(made: Where, column: ListColumn, asked: Condition, as_of: AsOf) -> str:
    return f"{column.sql} IS NULL"


def _filled(made: Where, column: ListColumn, asked: Condition, as_of: AsOf) -> str:
    return f"{column.sql} IS NOT NULL"


_OPS: dict[str, Callable[[Where, ListColumn, Condition, AsOf], str]] = {
    "contains": _contains,
    "in": _in,
    "named": _named,
    "from": _from,
    "to": _to,
    "empty": _empty,
    "filled": _filled,
}


def ops_of(column: ListColumn) -> tuple[str, ...]:
    """Return the filters that a column offers."""
    type_ = column.field.type
    if type_ in _TEXTS:
        return ("contains", "empty", "filled")
    if type_ in (FieldType.CHOICE, FieldType.BOOLEAN):
        return ("in", "empty", "filled")
    if type_ is FieldType.REFERENCE:
        return ("in", "named", "empty", "filled")
    if type_ in MINOR_TYPES or type_ in (FieldType.INTEGER, FieldType.DECIMAL):
        return ("from", "to", "in", "empty", "filled")
    return ("from", "to", "empty", "filled")


def _quick(made: Where, query: ListQuery, columns: dict[str, ListColumn], as_of: AsOf) -> str:
    """Match the quick filter: title and listed texts, the account's name, a phone's digits."""
    text = query.text.strip()
    needle = made.give(text.lower())
    kind = kind_named(query.kind)
    chosen = [
        c
        for c in columns.values()
        if c.field.type in _TEXTS
        and not c.is_derived
        and (c.field.is_listed or c.name in (kind.title_field, "siren", "siret", "vat_number"))
    ]
    parts = [f"STRPOS(LOWER({c.sql}), {needle}) > 0" for c in chosen]
    if query.kind in _BY_ACCOUNT and (ids := ids_named("account", text, as_of)):
        parts.append(f"t.account_id IN ({made.give(ids)})")
    if text.lstrip("#").isdigit() and len(digits(text)) < 19:
        parts.append(f"t.id = {made.give(int(digits(text)))}")
    return f"({' OR '.join(parts)})" if parts else "FALSE"
