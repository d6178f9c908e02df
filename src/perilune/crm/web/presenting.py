"""How values of records are written: labels, formats, names instead of numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext, pgettext, pgettext_lazy

from perilune.crm.queries import kind_named, titles
from perilune.crm.web.coded import CODED, of_code
from perilune.kernel.asof import AsOf
from perilune.kernel.kinds import Field, FieldType, Kind
from perilune.kernel.messages import gettext_noop as _
from perilune.ui import formats
from perilune.ui.contracts import Format

CHOICE_WORDS = (
    pgettext_lazy("choice", "Open"),
    pgettext_lazy("choice", "Won"),
    pgettext_lazy("choice", "Lost"),
    pgettext_lazy("choice", "Pipeline"),
    pgettext_lazy("choice", "Best case"),
    pgettext_lazy("choice", "Most likely"),
    pgettext_lazy("choice", "Commit"),
    pgettext_lazy("choice", "Closed"),
    pgettext_lazy("choice", "Omitted"),
    pgettext_lazy("choice", "New business"),
    pgettext_lazy("choice", "Expansion"),
    pgettext_lazy("choice", "Renewal"),
    pgettext_lazy("choice", "Other"),
    pgettext_lazy("choice", "Call"),
    pgettext_lazy("choice", "E-mail"),
    pgettext_lazy("choice", "Meeting"),
    pgettext_lazy("choice", "Task"),
    pgettext_lazy("choice", "Inbound"),
    pgettext_lazy("choice", "Outbound"),
    _("State"),
    _("Category"),
)
"""The words of the contracts' choices, named here so that they are found for translation."""

Names = Mapping[str, Mapping[int, str]]

_FORMATS = {
    FieldType.TEXT: Format.TEXT,
    FieldType.LONG_TEXT: Format.LONG_TEXT,
    FieldType.CHOICE: Format.TEXT,
    FieldType.INTEGER: Format.NUMBER,
    FieldType.DECIMAL: Format.NUMBER,
    FieldType.MONEY: Format.MONEY,
    FieldType.UNIT_PRICE: Format.UNIT_PRICE,
    FieldType.DATE: Format.DATE,
    FieldType.INSTANT: Format.INSTANT,
    FieldType.BOOLEAN: Format.BOOLEAN,
    FieldType.REFERENCE: Format.TEXT,
}
_SPECIAL_VALUES: dict[str, Callable[[Any], Any]] = {
    "founded_year": str,
    "share": lambda value: value / 10_000,
}
_DECIMALS = {"latitude": 5, "longitude": 5}  # about a metre
_SPECIAL = {"founded_year": Format.TEXT, "share": Format.PERCENT, "probability": Format.PERCENT}


def format_of(field: Field) -> Format:
    """Return how a field's values are written."""
    return _SPECIAL.get(field.name, _FORMATS[field.type])


def decimals_of(field: Field) -> int | None:
    """Return the decimals that a field's values are written with; None for the format's own."""
    return _DECIMALS.get(field.name)


def label_of(field: Field) -> str:
    """Return a field's label in the reader's language."""
    return gettext(field.label)


def kind_label(kind: Kind | str, *, plural: bool = False) -> str:
    """Return a kind's name in the reader's language."""
    found = kind_named(kind) if isinstance(kind, str) else kind
    return gettext(found.label_plural if plural else found.label)


def word(label: str) -> str:
    """Return a choice's label in the reader's language; the company's own stay as they are."""
    known = pgettext("choice", label)
    return known if known != label else gettext(label)


def value_of(field: Field, value: Any, names: Names) -> Any:
    """Return a value as its format wants it: names for references, words for choices."""
    if value is None or value == "":
        return None
    if field.type is FieldType.REFERENCE:
        return names.get(field.target, {}).get(value) or f"#{value}"
    if field.type is FieldType.CHOICE or field.name in CODED:
        label = dict(field.choices).get(value)
        return of_code(value) if label is None else word(label)
    if field.name in _SPECIAL_VALUES:
        return _SPECIAL_VALUES[field.name](value)
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)  # the store keeps UTC without saying so
    return value


def written(field: Field, value: Any, names: Names, currency: str) -> str:
    """Return a value in words, for timelines and notices."""
    shown = value_of(field, value, names)
    return formats.write(shown, format_of(field), currency, decimals_of(field))


def names_for(fields: Iterable[Field], states: Iterable[Mapping[str, Any]], at: AsOf) -> Names:
    """Return the titles that records refer to, by kind and id."""
    wanted: dict[str, set[int]] = {}
    for field in fields:
        if field.type is FieldType.REFERENCE:
            ids = {s[field.name] for s in states if isinstance(s.get(field.name), int)}
            wanted.setdefault(field.target, set()).update(ids)
    return {kind: titles(kind, ids, at) for kind, ids in wanted.items() if ids}


def title_of(kind: Kind, state: Mapping[str, Any], names: Names) -> str:
    """Return a record's title; of those without one, the names of what it brings together."""
    if kind.title_field:
        return str(state.get(kind.title_field) or f"#{state.get('id', '')}")
    parts = [
        str(value_of(field, state.get(field.name), names))
        for field in kind.fields
        if field.type is FieldType.REFERENCE and field.is_listed and state.get(field.name)
    ]
    return " · ".join(parts) or f"{kind_label(kind)} #{state.get('id', '')}"
