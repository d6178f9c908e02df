"""The columns that a list of a kind can show, filter and sort by."""

from __future__ import annotations

from perilune.crm.contracts import FORECAST_CATEGORIES, KINDS, MEANINGS, ListColumn
from perilune.history.queries import all_fields
from perilune.kernel.errors import NotFound
from perilune.kernel.kinds import Field, FieldType, Kind

_OWN = {kind.name: kind for kind in KINDS}

MEANING = "COALESCE(s.meaning, 'open')"
CATEGORY = (
    "CASE WHEN s.meaning = 'won' THEN 'closed' WHEN s.meaning = 'lost' THEN 'omitted'"
    " ELSE COALESCE(t.forecast_category, s.category, 'pipeline') END"
)

_DERIVED = {
    "opportunity": (
        ListColumn(
            Field("meaning", FieldType.CHOICE, "State", choices=MEANINGS, is_listed=True),
            MEANING,
            is_derived=True,
        ),
        ListColumn(
            Field("category", FieldType.CHOICE, "Category", choices=FORECAST_CATEGORIES),
            CATEGORY,
            is_derived=True,
        ),
    )
}
"""Columns that are computed: not stored, not editable. `s` is the deal's stage."""


def kind_named(name: str) -> Kind:
    """Return a kind of the CRM by name; NotFound for others."""
    if name not in _OWN:
        raise NotFound("There is no kind of record named %(name)s.", name=name)
    return _OWN[name]


def columns_of(kind: str) -> dict[str, ListColumn]:
    """Return every column of a kind by name: declared fields, the company's own, derived ones."""
    stored = [ListColumn(item, f't."{item.name}"') for item in all_fields(kind)]
    columns = [*stored, *_DERIVED.get(kind, ())]
    return {column.name: column for column in columns}


def listed_columns(kind: str, names: tuple[str, ...] = ()) -> tuple[ListColumn, ...]:
    """Return the columns to show: those named, else the listed and the company's own."""
    columns = columns_of(kind)
    if names:
        chosen = [columns[name] for name in names if name in columns]
    else:
        chosen = [c for c in columns.values() if c.field.is_listed or c.name.startswith("x_")]
    title = kind_named(kind).title_field
    if title:  # the title leads, and is what the row links with
        chosen = [columns[title], *(c for c in chosen if c.name != title)]
    return tuple(chosen)


def default_sort(kind: Kind) -> tuple[str, bool]:
    """Return (column, is_descending) of a kind's own order."""
    return {
        "opportunity": ("close_date", True),
        "activity": ("starts_at", True),
        "case": ("opened_at", True),
        "lead": ("created_date", True),
        "quote": ("expiry_date", True),
        "contract": ("end_date", True),
        "stage": ("position", False),
        "pipeline": ("position", False),
    }.get(kind.name, (kind.title_field, False))
