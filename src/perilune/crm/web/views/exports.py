"""CSV and Excel of exactly what a list shows: all its rows, its columns, through the same gate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.http import HttpResponseBase
from django.utils.translation import get_language, gettext

from perilune.crm.contracts import ListColumn, ListQuery
from perilune.crm.queries import all_rows, columns_of, kind_named, list_page, listed_columns
from perilune.crm.web.addresses import query_of
from perilune.crm.web.filters import filter_bar
from perilune.crm.web.presenting import format_of, kind_label, label_of, value_of
from perilune.crm.web.tables import header_currency
from perilune.kernel.errors import NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page
from perilune.store import queries as store
from perilune.ui import formats
from perilune.ui.contracts import Cell, Column
from perilune.ui.export import Export, csv_response, xlsx_response
from perilune.ui.filters import scope_label


@page(Right.EXPORT_DATA)
def export(request: PageRequest, kind: str, form: str) -> HttpResponseBase:
    query = replace(query_of(kind_named(kind).name, request.GET), page=1)
    made = _export(request, query)
    if form == "csv":
        return csv_response(made, get_language() or "en")
    if form == "xlsx":
        return xlsx_response(made)
    raise NotFound(_("Lists are exported as csv or xlsx."))


def _export(request: PageRequest, query: ListQuery) -> Export:
    kind = kind_named(query.kind)
    first = list_page(replace(query, size=1), scope=request.scope, as_of=request.as_of)
    is_mixed = any(total.is_converted for total in first.totals.values())
    shown = listed_columns(query.kind, query.columns)
    if is_mixed and "currency" not in {column.name for column in shown}:
        # amounts of several currencies say which
        shown = (*shown, columns_of(query.kind)["currency"])
        query = replace(query, columns=tuple(column.name for column in shown))
    currency = request.company.currency
    columns = [
        Column(
            c.name,
            label_of(c.field),
            format_of(c.field),
            currency="" if is_mixed else header_currency(c, currency),
        )
        for c in shown
    ]
    if not kind.title_field:
        columns.insert(0, Column("id", kind_label(kind)))
    day = request.as_of.day.isoformat()
    title = kind_label(kind, plural=True)
    rows, facts = _rows(request, query, shown), _facts(request, query)
    return Export(f"{title} {day}", columns, rows, facts, title=title)


def _rows(
    request: PageRequest, query: ListQuery, shown: tuple[ListColumn, ...]
) -> Iterator[list[Any]]:
    has_title = bool(kind_named(query.kind).title_field)
    for part in all_rows(query, scope=request.scope, as_of=request.as_of):
        for row in part.rows:
            currency = str(row.get("currency") or request.company.currency)
            values = [
                Cell(value_of(c.field, row[c.name], part.names), currency=currency) for c in shown
            ]
            yield values if has_title else [f"#{row['id']}", *values]


def _facts(request: PageRequest, query: ListQuery) -> list[tuple[str, str]]:
    bar = filter_bar(request, query)
    facts = [
        (gettext("List"), kind_label(query.kind, plural=True)),
        (gettext("Scope"), scope_label(request.scope)),
        (gettext("As known on"), formats.day(request.as_of.day)),
    ]
    if query.text:
        facts.append((gettext("Search"), query.text))
    facts += [(str(chip.label), chip.summary) for chip in bar.filters if chip.summary]
    if query.sort:
        column = columns_of(query.kind).get(query.sort)
        way = gettext("descending") if query.is_descending else gettext("ascending")
        if column:
            facts.append((gettext("Sorted by"), f"{label_of(column.field)}, {way}"))
    facts.append((gettext("Store version"), str(store.freshness().version)))
    facts.append((gettext("Exported by"), str(request.user)))
    return facts
