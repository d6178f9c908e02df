"""A page of a list as the table component shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext, ngettext

from perilune.crm.contracts import ListColumn, ListPage, ListQuery
from perilune.crm.queries import default_sort
from perilune.crm.web.addresses import address_of, list_url, record_url
from perilune.crm.web.notes import note_below
from perilune.crm.web.permitting import may_edit
from perilune.crm.web.presenting import decimals_of, format_of, kind_label, label_of, value_of
from perilune.kernel.kinds import FieldType, Kind
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest
from perilune.ui import formats
from perilune.ui.contracts import Action, Cell, Column, Empty, Link, Pages, Row, Status, Table, Tone

_MEANING_TONES = {"won": Tone.GOOD, "lost": Tone.ACT, "open": Tone.NEUTRAL}


def list_table(request: PageRequest, kind: Kind, page: ListPage) -> Table:
    """Return the table of a list page: sortable, editable, selectable, exportable."""
    currency = request.company.currency
    editable = may_edit(request, kind.name)
    columns = [_column(page.query, kind, column, currency) for column in page.columns]
    if not kind.title_field:
        columns.insert(0, Column("id", kind_label(kind), is_title=True))
    rows = [_row(request, kind, page, row, editable) for row in page.rows]
    return Table(
        columns=columns,
        rows=rows,
        caption=kind_label(kind, plural=True),
        totals=_totals(kind, page),
        total_label=_total_label(page),
        export_urls=_exports(request, page.query),
        empty=_empty(request, kind, page.query),
        pages=_pages(page),
        verbs=_verbs(kind) if editable and page.rows else (),
        is_dense=True,
        name=f"list-{kind.name}",
        note=note_below(page, currency),
        note_link=_measures_link() if page.measured else None,
    )


def small_table(
    request: PageRequest, kind: Kind, page: ListPage, without: str, of: str = ""
) -> Table:
    """Return a few related rows: no sort, no selection; `without` is the column all share.

    of: the title of the record they belong to; names that begin with it need not repeat it.
    """
    first = _FIRST.get(kind.name, ())
    shown = tuple(
        sorted(
            (c for c in page.columns if c.name != without),
            key=lambda c: first.index(c.name) if c.name in first else len(first),
        )
    )
    page = replace(page, columns=shown)
    currency = request.company.currency
    columns = [
        Column(
            c.name,
            label_of(c.field),
            format_of(c.field),
            currency=header_currency(c, currency),
            decimals=decimals_of(c.field),
            is_title=c.name == kind.title_field,
        )
        for c in shown
    ]
    if not kind.title_field:
        columns.insert(0, Column("id", kind_label(kind), is_title=True))
    rows = [
        _shortened(_row(request, kind, page, row, is_editable=False), columns, of)
        for row in page.rows
    ]
    return Table(columns, rows, kind_label(kind, plural=True), is_dense=True)


def _shortened(row: Row, columns: list[Column], of: str) -> Row:
    """Leave out of a row's name what the page's own title says; the whole name is its hint."""
    cells = list(row.cells)
    for i, column in enumerate(columns):
        cell = cells[i] if isinstance(cells[i], Cell) else Cell(cells[i])
        rest = str(cell.value or "").removeprefix(of).lstrip(" –—-·:,")
        if column.is_title and of and str(cell.value).startswith(of) and rest:
            cells[i] = replace(cell, value=rest[0].upper() + rest[1:], hint=str(cell.value))
    return replace(row, cells=cells)


def _column(query: ListQuery, kind: Kind, column: ListColumn, currency: str) -> Column:
    sort, descending = query.sort, query.is_descending
    if not sort:
        sort, descending = default_sort(kind)
    is_current = sort == column.name
    turned = replace(query, sort=column.name, is_descending=is_current and not descending, page=1)
    return Column(
        name=column.name,
        label=label_of(column.field),
        format=format_of(column.field),
        currency=header_currency(column, currency),
        decimals=decimals_of(column.field),
        sort_url="?" + urlencode(address_of(turned)),
        sorted=("desc" if descending else "asc") if is_current else "",
        is_title=column.name == kind.title_field,
        is_minor=_is_minor(query, kind, column),
    )


_FIRST: dict[str, tuple[str, ...]] = {
    "opportunity": ("name", "amount", "close_date"),
    "account": ("name", "owner_id"),
    "contact": ("name", "account_id"),
    "lead": ("name", "company"),
    "activity": ("subject", "starts_at", "type"),
}
"""The columns that a phone has room for, of the kinds that have many."""


def _is_minor(query: ListQuery, kind: Kind, column: ListColumn) -> bool:
    """Tell whether a phone leaves a column out: not what one has chosen or sorts by."""
    first = _FIRST.get(kind.name)
    if first is None or query.columns or query.sort == column.name:
        return False
    return column.name not in first


def header_currency(column: ListColumn, currency: str) -> str:
    """Return the currency that a column's header names: the company's, for money alone."""
    is_money = column.field.type in (FieldType.MONEY, FieldType.UNIT_PRICE)
    return currency if is_money else ""


def _row(
    request: PageRequest, kind: Kind, page: ListPage, row: Mapping[str, Any], is_editable: bool
) -> Row:
    record_id = row["id"]
    cells: list[Any] = [
        _cell(request, kind, column, row, page=page, is_editable=is_editable)
        for column in page.columns
    ]
    if not kind.title_field:
        cells.insert(0, f"#{record_id}")
    return Row(
        id=record_id,
        cells=cells,
        url=record_url(kind.name, record_id),
        currency=str(row.get("currency") or request.company.currency),
    )


def _cell(
    request: PageRequest,
    kind: Kind,
    column: ListColumn,
    row: Mapping[str, Any],
    *,
    page: ListPage,
    is_editable: bool,
) -> Cell:
    raw = row[column.name]
    value = value_of(column.field, raw, page.names)
    if column.name == kind.title_field:
        return Cell(value or f"#{row['id']}")
    if column.name == "meaning":
        return Cell(Status(str(value), _MEANING_TONES.get(raw, Tone.NEUTRAL)))
    url = ""
    if column.field.type is FieldType.REFERENCE and may_open(request, column.field.target):
        url = record_url(column.field.target, raw)
    edit_url = ""
    if is_editable and not column.is_derived:
        edit_url = reverse("crm:field", args=[kind.name, row["id"], column.name]) + "?cell=1"
    return Cell(value, url=url, edit_url=edit_url)


def may_open(request: PageRequest, target: str) -> bool:
    """Tell whether names of a kind are links: reps open only for those who manage people."""
    return target != "rep" or Right.MANAGE_PEOPLE in request.rights


# -- below the rows ------------------------------------------------------------------------------


def _totals(kind: Kind, page: ListPage) -> list[Any]:
    if not page.totals:
        return []
    totals: list[Any] = [
        page.totals[c.name].minor if c.name in page.totals else None for c in page.columns
    ]
    return totals if kind.title_field else [None, *totals]


def _total_label(page: ListPage) -> str:
    text = ngettext("Sum of %(count)s row", "Sum of all %(count)s rows", page.count)
    return text % {"count": formats.number(page.count, 0)}


def _measures_link() -> Link | None:
    try:
        return Link(gettext("Measures"), reverse("metrics:measures"))
    except NoReverseMatch:
        return None


def _pages(page: ListPage) -> Pages | None:
    query, size = page.query, page.query.size
    if not page.count:
        return None
    first = (query.page - 1) * size + 1
    last = min(first + len(page.rows) - 1, page.count)

    def url(number: int) -> str:
        return "?" + urlencode(address_of(replace(query, page=number)))

    return Pages(
        first=first,
        last=max(last, 0),
        total=page.count,
        previous_url=url(query.page - 1) if query.page > 1 else "",
        next_url=url(query.page + 1) if last < page.count and page.rows else "",
    )


def _exports(request: PageRequest, query: ListQuery) -> list[Link]:
    if Right.EXPORT_DATA not in request.rights:
        return []
    address = urlencode(address_of(replace(query, page=1)))
    return [
        Link(label, f"{reverse('crm:export', args=[query.kind, form])}?{address}")
        for label, form in (("CSV", "csv"), ("Excel", "xlsx"))
    ]


def _verbs(kind: Kind) -> list[Action]:
    url = reverse("crm:bulk", args=[kind.name])
    verbs = []
    names = kind.field_names
    if "owner_id" in names:
        verbs.append(Action(gettext("Change owner"), url, "post", "user", name="owner_id"))
    if kind.name == "opportunity":
        verbs.append(Action(gettext("Change stage"), url, "post", "kanban", name="stage_id"))
        verbs.append(
            Action(gettext("Change close date"), url, "post", "calendar", name="close_date")
        )
    verbs.append(
        Action(gettext("Delete"), url, "post", "trash-2", is_dangerous=True, name="delete")
    )
    return verbs


def _empty(request: PageRequest, kind: Kind, query: ListQuery) -> Empty:
    label = kind_label(kind, plural=True)
    if query.conditions or query.text:
        return Empty(
            gettext("Nothing fits these filters"),
            gettext("Take a filter away to see more."),
            Action(
                gettext("Remove all filters"),
                list_url(kind.name, {"all": "1"} if kind.name == "opportunity" else None),
            ),
            "filter",
        )
    action = None
    if may_edit(request, kind.name):
        url = reverse("crm:new", args=[kind.name])
        text = gettext("Add: %(kind)s") % {"kind": kind_label(kind).lower()}
        action = Action(text, url, icon="plus", is_primary=True)
    title = gettext("No records yet: %(kind)s") % {"kind": label}
    return Empty(title, gettext("Import a file, or add the first one here."), action)
