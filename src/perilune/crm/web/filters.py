"""The filters of a list as chips."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlencode

from django.utils.translation import gettext

from perilune.crm.contracts import CASES, ListColumn, ListQuery
from perilune.crm.queries import (
    case_named,
    columns_of,
    default_sort,
    kind_named,
    listed_columns,
    ops_of,
)
from perilune.crm.web.addresses import address_of, list_url
from perilune.crm.web.presenting import format_of, label_of
from perilune.crm.web.reading import choices_for
from perilune.kernel.kinds import FieldType
from perilune.people.web.gate import PageRequest
from perilune.ui import formats
from perilune.ui.contracts import Choice, Filter, FilterBar, Format

_PRIMARY = (FieldType.CHOICE, FieldType.REFERENCE)


def filter_bar(request: PageRequest, query: ListQuery) -> FilterBar:
    """Return the chips of a list: the usual ones, those set, and all on demand (`more`)."""
    is_more = "more" in request.GET
    filters = [*_cases(request, query)]
    filters += [
        chip
        for column in columns_of(query.kind).values()
        for chip in _chips(request, query, column, is_more)
    ]
    filters += _presence(query, is_more)
    filters.append(_chooser(query))
    shown = {chip.name for chip in filters} | {"q", "page"}
    hidden = {name: v for name, v in address_of(query).items() if name not in shown}
    if query.kind == "opportunity":
        hidden["all"] = "1"  # an empty form then asks for all, not for the usual open deals
    everything = {"all": "1"} if query.kind == "opportunity" else None
    return FilterBar(
        filters=filters,
        url=list_url(query.kind),
        query=query.text,
        reset_url=list_url(query.kind, everything) if query.conditions or query.text else "",
        hidden=hidden,
    )


def more_url(request: PageRequest, query: ListQuery) -> str:
    """Return the address of the same list with every filter on offer; empty when it is."""
    if "more" in request.GET:
        return ""
    return "?" + urlencode(address_of(query) | {"more": "1"})


def _cases(request: PageRequest, query: ListQuery) -> Iterator[Filter]:
    """Say of which figure the rows are; it is set by the figure's own link and can be cleared."""
    name = case_named(query, request.scope, request.as_of)
    if name:
        measure = next(c.value[0] for c in query.conditions if c.op == CASES)
        label = gettext("Behind the figure")
        choices = [Choice(measure, name, is_selected=True)]
        yield Filter(CASES, label, choices=choices, summary=name, clear_url=_clear(query, CASES))


def _chips(
    request: PageRequest, query: ListQuery, column: ListColumn, is_more: bool
) -> Iterator[Filter]:
    asked = {c.op: c.value for c in query.conditions if c.column == column.name}
    is_usual = column.field.type in _PRIMARY and (column.field.is_listed or column.is_derived)
    # the title is searched by the quick filter; of dates the one that orders the list is usual
    is_main = column.name == default_sort(kind_named(query.kind))[0]
    is_usual |= is_main and format_of(column.field) in (Format.DATE, Format.INSTANT)
    if not (is_more or is_usual or set(asked) - {"empty", "filled"}):
        return
    ops = ops_of(column)
    if "in" in ops or "contains" in ops:
        yield _value_chip(request, query, column, asked)
    for op, word in (("from", gettext("from")), ("to", gettext("to"))):
        if op in ops:
            yield _bound_chip(query, column, op, word, (asked.get(op) or ("",))[0])


def _value_chip(
    request: PageRequest, query: ListQuery, column: ListColumn, asked: dict[str, tuple[str, ...]]
) -> Filter:
    label = label_of(column.field)
    chosen = asked.get("in") or asked.get("named") or asked.get("contains") or ()
    offered = _offered(request, column)
    clear = _clear(query, column.name, "in", "named", "contains") if chosen else ""
    if offered is None:
        text = ", ".join(chosen)
        return Filter(column.name, label, "text", text, summary=text, clear_url=clear)
    words = [word for value, word in offered if value in chosen]
    return Filter(
        column.name,
        label,
        "choice",
        choices=[Choice(value, word, value in chosen) for value, word in offered],
        summary=", ".join(words[:2]) + (f" +{len(words) - 2}" if len(words) > 2 else ""),
        clear_url=clear,
    )


def _offered(request: PageRequest, column: ListColumn) -> list[tuple[str, str]] | None:
    if column.field.type is FieldType.BOOLEAN:
        return [("1", gettext("yes")), ("0", gettext("no"))]
    return choices_for(request, column.field)


def _bound_chip(query: ListQuery, column: ListColumn, op: str, word: str, text: str) -> Filter:
    is_day = format_of(column.field) in (Format.DATE, Format.INSTANT)
    summary = formats.day(text) if text and is_day else text
    return Filter(
        f"{column.name}.{op}",
        f"{label_of(column.field)} {word}",
        "date" if is_day else "number",
        text,
        summary=summary,
        clear_url=_clear(query, column.name, op) if text else "",
    )


def _presence(query: ListQuery, is_more: bool) -> Iterator[Filter]:
    for op, label in (("empty", gettext("Is empty")), ("filled", gettext("Is filled"))):
        chosen = {c.column for c in query.conditions if c.op == op}
        if not (chosen or is_more):
            continue
        columns = columns_of(query.kind).values()
        choices = [Choice(c.name, label_of(c.field), c.name in chosen) for c in columns]
        left = tuple(c for c in query.conditions if c.op != op)
        clear = "?" + urlencode(address_of(replace(query, conditions=left, page=1)))
        summary = ", ".join(c.label for c in choices if c.is_selected)
        yield Filter(op, label, choices=choices, summary=summary, clear_url=clear if chosen else "")


def _chooser(query: ListQuery) -> Filter:
    shown = {column.name for column in listed_columns(query.kind, query.columns)}
    choices = [
        Choice(column.name, label_of(column.field), column.name in shown)
        for column in columns_of(query.kind).values()
    ]
    clear = "?" + urlencode(address_of(replace(query, columns=()))) if query.columns else ""
    return Filter("cols", gettext("Columns"), choices=choices, clear_url=clear)


def _clear(query: ListQuery, column: str, *ops: str) -> str:
    return "?" + urlencode(address_of(query.without(column, *ops)))
