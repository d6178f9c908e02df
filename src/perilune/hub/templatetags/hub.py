"""Choices of the mapping page in the reader's words."""

from __future__ import annotations

from collections.abc import Sequence

from django import template
from django.utils.translation import gettext

from perilune.hub.queries.said import quoted
from perilune.hub.service import TableChoice
from perilune.kernel.wiring import KINDS

register = template.Library()

_EXTRA = {
    "opportunity": ("_status", "_won", "_lost"),
    "quota": ("_period",),
}


def _words() -> dict[str, str]:
    return {
        "_key": gettext("Key: names the record at its source"),
        "_status": gettext("Status: open, won or lost"),
        "_won": gettext("Won on"),
        "_lost": gettext("Lost on"),
        "_period": gettext("Period, such as 2026-Q3"),
    }


@register.filter
def kind_choices(table: TableChoice) -> list[tuple[str, str]]:
    """Give (kind, label) of every kind that a row may be."""
    return [(kind, gettext(KINDS.get(kind).label)) for kind in table.kinds]


@register.filter
def kind_names(table: TableChoice) -> str:
    """Give the kinds that a row gives, as words."""
    return ", ".join(gettext(KINDS.get(kind).label).lower() for kind in table.mapping.kinds)


@register.filter
def field_choices(table: TableChoice) -> list[tuple[str, str]]:
    """Give (field, label) that a column may be."""
    words = _words()
    kind = table.mapping.kinds[0] if table.mapping.kinds else ""
    own = [(name, gettext(label)) for name, label in table.fields]
    return [("_key", words["_key"]), *own, *((n, words[n]) for n in _EXTRA.get(kind, ()))]


@register.filter
def labels(found: Sequence[str]) -> str:
    """Give labels of fields in the reader's language, in a row."""
    return quoted(found)


@register.filter
def field_name(table: TableChoice, name: str) -> str:
    """Give the label of the field that a column is taken for."""
    label = dict(table.fields).get(name)
    return _words().get(name) or (
        gettext(label) if label else name.removeprefix("_").replace("_", " ")
    )
