"""Turn tables, fields and differences into what their templates print, cell by cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from perilune.ui import formats, icons
from perilune.ui.contracts import (
    Cell,
    Column,
    DiffRow,
    Explanation,
    FieldView,
    Format,
    Row,
    Status,
    Table,
    Tone,
)

DRAWER = ' hx-get="{0}" hx-target="#drawer"'
"""Attributes of a link that opens beside the page."""

_SHAPES = {
    Tone.NEUTRAL: "circle-dot",
    Tone.GOOD: "circle-check",
    Tone.WATCH: "triangle-alert",
    Tone.ACT: "circle-alert",
    Tone.MACHINE: "sparkles",
}


@dataclass(frozen=True)
class ShownRow:
    """A row whose cells are finished."""

    row: Row
    cells: Sequence[SafeString]


def prepare(listing: Table) -> dict[str, Any]:
    """Return the context of the table's template."""
    columns = _own_units(listing)
    totals = [
        (column, _written(value, column, before.currency) if value is not None else "")
        for column, before, value in zip(
            columns, listing.columns, listing.totals, strict=bool(listing.totals)
        )
    ]
    return {
        "table": listing,
        "columns": [
            (column, formats.unit_of(column.format, column.unit, column.currency))
            for column in columns
        ],
        "rows": [ShownRow(row, _cells(row, columns, listing.columns)) for row in listing.rows],
        "totals": totals,
        "width": len(listing.columns) + bool(listing.verbs),
    }


def status_html(status: Status) -> SafeString:
    """Return a status: shape, word, tone."""
    return format_html(
        '<span class="status tone-{}" title="{}">{}{}</span>',
        status.tone.value,
        status.hint,
        icons.icon(_SHAPES[status.tone]),
        status.label,
    )


def _own_units(listing: Table) -> list[Column]:
    """Return the columns as headed: where amounts are of several currencies, each says its own."""
    columns = []
    for i, column in enumerate(listing.columns):
        is_mixed = column.currency and any(
            _currency(row.cells[i], row, column) != column.currency for row in listing.rows
        )
        columns.append(replace(column, currency="") if is_mixed else column)
    return columns


def _currency(value: Any, row: Row, column: Column) -> str:
    own = value.currency if isinstance(value, Cell) else ""
    return own or row.currency or column.currency


def _cells(row: Row, columns: Sequence[Column], declared: Sequence[Column]) -> list[SafeString]:
    return [
        _cell(
            value if isinstance(value, Cell) else Cell(value),
            column,
            row,
            _currency(value, row, before),
        )
        for value, column, before in zip(row.cells, columns, declared, strict=True)
    ]


def _cell(cell: Cell, column: Column, row: Row, currency: str) -> SafeString:
    inside = _inside(cell, column, row, currency)
    classes = " ".join(
        name
        for name, holds in (
            ("num", column.format.is_number),
            ("day", column.format in (Format.DATE, Format.INSTANT)),
            ("long", column.format is Format.LONG_TEXT),
            (f"tone-{cell.tone}", cell.tone is not Tone.NEUTRAL),
            ("minor", column.is_minor),
            ("unknown", cell.value is None or cell.value == ""),
        )
        if holds
    )
    if column.is_title:
        level = min(row.level, 6)
        whole = cell.value if isinstance(cell.value, str) else ""
        return format_html(
            '<th scope="row" class="cell-title level-{} {}" title="{}">{}</th>',
            level,
            classes,
            whole,
            inside,
        )
    if cell.edit_url:
        # the editor replaces what is in the cell; a click or Enter asks for it
        return format_html(
            '<td class="editable {}" data-edit="{}" tabindex="-1">{}</td>',
            classes,
            cell.edit_url,
            inside,
        )
    return format_html('<td class="{}">{}</td>', classes, inside)


def _inside(cell: Cell, column: Column, row: Row, currency: str) -> SafeString | str:
    if isinstance(cell.value, Status):
        shown: SafeString | str = status_html(cell.value)
    else:
        shown = _written(cell.value, column, currency)
    if cell.hint:
        shown = format_html('<span title="{}">{}</span>', cell.hint, shown)
    url = cell.url or (row.url if column.is_title else "")
    drawer_url = cell.why_url or (cell.url if cell.in_drawer else "")
    if drawer_url:
        return format_html(
            '<a class="why" href="{0}" hx-get="{0}" hx-target="#drawer">{1}</a>',
            drawer_url,
            shown,
        )
    return format_html('<a href="{}">{}</a>', url, shown) if url else shown


def _written(value: Any, column: Column, currency: str) -> str:
    # a currency other than the header's is written with the amount
    foreign = bool(currency) and currency != column.currency
    unit = foreign or not (column.unit or column.currency or column.format is not Format.MONEY)
    return formats.write(
        value, column.format, currency or column.currency, column.decimals, unit=unit
    )


def prepare_field(view: FieldView) -> dict[str, Any]:
    """Return the context of the field's template."""
    shown: SafeString | str
    if isinstance(view.value, Status):
        shown = status_html(view.value)
    else:
        chosen = next((c.label for c in view.choices if c.value == str(view.value)), None)
        shown = chosen or formats.write(view.value, view.format, view.currency, view.decimals)
    return {
        "field": view,
        "shown": shown,
        "is_unknown": view.value is None or view.value == "",
        "input_type": _INPUTS.get(view.format, "text"),
        "raw": view.raw or _raw(view),
    }


_INPUTS = {Format.DATE: "date", Format.INSTANT: "datetime-local"}


def _raw(view: FieldView) -> str:
    if view.value is None:
        return ""
    if view.format is Format.DATE:
        return str(view.value)[:10]
    if view.format is Format.MONEY:
        amount = str(formats.major(view.value, view.currency))
        return amount.replace(".", ",") if formats.active_locale().language == "fr" else amount
    return str(view.value)


def prepare_changes(rows: Sequence[DiffRow]) -> list[tuple[str, str, str]]:
    """Return (label, before, after) as written."""
    return [
        (
            row.label,
            formats.write(row.before, row.format, row.currency),
            formats.write(row.after, row.format, row.currency),
        )
        for row in rows
    ]


def prepare_explanation(explanation: Explanation) -> dict[str, Any]:
    """Return the context of the explanation's template."""
    largest = max((abs(c.value or 0) for c in explanation.contributions), default=0) or 1

    def written(value: Any) -> str:
        return formats.write(value, explanation.format, explanation.currency, explanation.decimals)

    return {
        "explanation": explanation,
        "value": "" if explanation.value is None else written(explanation.value),
        "contributions": [
            (
                part,
                written(part.value),
                round(abs(part.value or 0) / largest * 100, 1),
                (part.value or 0) < 0,
            )
            for part in explanation.contributions
        ],
        "contributions_title": explanation.contributions_title or gettext("Contributions"),
        "facts": [
            (fact, formats.write(fact.value, fact.format, fact.currency, fact.decimals))
            for fact in explanation.facts
        ],
    }
