"""Reads posted texts into values of a record, name by name; problems stand at their fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import get_language

from perilune.crm.queries import id_named, options, titles
from perilune.crm.service import parse_text, show_value
from perilune.crm.web.presenting import word
from perilune.kernel.errors import Invalid, PeriluneError
from perilune.kernel.kinds import Field, FieldType, decode
from perilune.kernel.messages import gettext_noop as _
from perilune.people.web.gate import PageRequest, said

SELECTED = 60
"""A reference with at most so many records to choose from is a drop-down, else typed by name."""

_SMALL = frozenset({"rep", "stage", "pipeline", "product", "price_book", "campaign", "team"})


@dataclass
class Posted:
    """What was posted: values by field name, and sentences about those that could not be read."""

    values: dict[str, Any] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)


def posted(request: PageRequest, fields: Iterable[Field], currency: str) -> Posted:
    """Read the posted texts of fields; those not posted are left out."""
    found = Posted()
    for item in fields:
        if item.name not in request.POST:
            continue
        try:
            found.values[item.name] = value_posted(request, item, request.POST[item.name], currency)
        except PeriluneError as error:
            found.problems[item.name] = said(error)
    return found


def value_posted(request: PageRequest, item: Field, text: str, currency: str) -> Any:
    """Return the value of one posted text; Invalid with a sentence."""
    text = text.strip()
    if item.type is FieldType.REFERENCE and text:
        return _reference(request, item, text)
    encoded = parse_text(
        item,
        text,
        currency=currency,
        zone=request.company.zone,
        decimal_comma=_has_comma(),
    )
    return decode(item.type, encoded)


def _has_comma() -> bool:
    return (get_language() or "").startswith("fr")


def _reference(request: PageRequest, item: Field, text: str) -> int:
    if text.isdigit() and item.target in _SMALL:
        found = id_named(item.target, f"#{text}", scope=request.scope, as_of=request.as_of)
    else:
        found = id_named(item.target, text, scope=request.scope, as_of=request.as_of)
    if found is None:
        raise Invalid(_("Nothing that you may see is named «%(text)s»."), text=text)
    return found


def choices_for(request: PageRequest, item: Field) -> list[tuple[str, str]] | None:
    """Return (value, label) of what a field offers, None where it is typed."""
    if item.type is FieldType.CHOICE:
        return [(value, word(label)) for value, label in item.choices]
    if item.type is not FieldType.REFERENCE or item.target not in _SMALL:
        return None
    found = options(item.target, "", scope=request.scope, as_of=request.as_of, most=SELECTED + 1)
    if len(found) > SELECTED:
        return None
    return [(str(record_id), label) for record_id, label in found]


def raw_value(request: PageRequest, item: Field, value: Any, currency: str) -> str:
    """Return a value as its input shows it: «Acme #12» for a typed reference."""
    if value is None:
        return ""
    if item.type is FieldType.REFERENCE:
        if choices_for(request, item) is not None:
            return str(value)
        return f"{titles(item.target, [value], request.as_of).get(value, '')} #{value}".strip()
    shown = show_value(item, value, currency=currency, zone=request.company.zone)
    is_amount = item.type in (FieldType.MONEY, FieldType.UNIT_PRICE, FieldType.DECIMAL)
    return shown.replace(".", ",") if is_amount and _has_comma() else shown


def currency_of(request: PageRequest, state: Mapping[str, Any]) -> str:
    """Return the currency of a record's money."""
    return str(state.get("currency") or request.company.currency)
