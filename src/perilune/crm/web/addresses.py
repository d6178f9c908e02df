"""Addresses of records and lists; a list's filters and sort to and from its address."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import NoReverseMatch, reverse

from perilune.crm.contracts import CASES, KINDS, Condition, ListColumn, ListQuery
from perilune.crm.queries import columns_of, ops_of
from perilune.kernel.kinds import FieldType
from perilune.kernel.wiring import CREDITS

_OWN = {kind.name for kind in KINDS}
_TITLES = {"rep": "people:rep"}
_FRAME = {"as_of", "page", "more"}

DEFAULT_DEALS = {"meaning": "open", "sort": "close_date"}
"""What the pipeline shows when its address asks for nothing."""


def record_url(kind: str, record_id: int | None) -> str:
    """Return the address of a record's page, empty where it has none."""
    if record_id is None:
        return ""
    if kind in _OWN:
        return reverse("crm:record", args=[kind, record_id])
    try:
        return reverse(_TITLES[kind], args=[record_id]) if kind in _TITLES else ""
    except NoReverseMatch:
        return ""


def list_url(kind: str, query: Mapping[str, str] | None = None) -> str:
    """Return the address of a list."""
    url = reverse("crm:pipeline") if kind == "opportunity" else reverse("crm:list", args=[kind])
    return f"{url}?{urlencode(query)}" if query else url


def query_of(kind: str, given: QueryDict) -> ListQuery:
    """Read a list from its address; what is unknown in it is left out."""
    if kind == "opportunity" and not set(given) - _FRAME:
        given = given.copy()
        given.update(DEFAULT_DEALS)
    columns = columns_of(kind)
    conditions = [c for column in columns.values() for c in _conditions(column, given)]
    for op in ("empty", "filled"):
        conditions += [Condition(n, op) for n in _many(given, op) if n in columns]
    if kind in CREDITS and given.get(CASES):
        keys = CREDITS.get(kind).keys
        conditions.append(Condition(CASES, CASES, tuple(given.get(key, "") for key in keys)))
    sort = given.get("sort", "")
    page = given.get("page", "1")
    return ListQuery(
        kind=kind,
        columns=tuple(name for name in _many(given, "cols") if name in columns),
        sort=sort.lstrip("-"),
        is_descending=sort.startswith("-"),
        text=given.get("q", "")[:200],
        conditions=tuple(conditions),
        page=max(1, int(page)) if page.isdigit() and len(page) < 7 else 1,
    )


def _conditions(column: ListColumn, given: QueryDict) -> list[Condition]:
    name, ops = column.name, ops_of(column)
    found = []
    if "in" in ops:
        values = _many(given, name)
        is_name = column.field.type is FieldType.REFERENCE and not all(map(str.isdigit, values))
        if values and is_name:
            found.append(Condition(name, "named", (str(given[name]),)))
        elif values:
            found.append(Condition(name, "in", values))
    elif "contains" in ops and given.get(name, "").strip():
        found.append(Condition(name, "contains", (given.get(name, "").strip(),)))
    for op in ("from", "to"):
        text = given.get(f"{name}.{op}", "").strip()
        if op in ops and text:
            found.append(Condition(name, op, (text,)))
    return found


def _many(given: QueryDict, name: str) -> tuple[str, ...]:
    parts = (part.strip() for value in given.getlist(name) for part in value.split(","))
    return tuple(dict.fromkeys(part for part in parts if part))


def address_of(query: ListQuery) -> dict[str, str]:
    """Return a list as the parameters of its address: the inverse of `query_of`."""
    found = _filters_of(query)
    if query.text:
        found["q"] = query.text
    if query.sort:
        found["sort"] = ("-" if query.is_descending else "") + query.sort
    if query.columns:
        found["cols"] = ",".join(query.columns)
    if query.page > 1:
        found["page"] = str(query.page)
    if query.kind == "opportunity" and not set(found) - _FRAME:
        found["all"] = "1"
    return found


def _filters_of(query: ListQuery) -> dict[str, str]:
    found: dict[str, str] = {}
    for condition in query.conditions:
        if condition.op == CASES:
            keys = CREDITS.get(query.kind).keys
            found |= {k: v for k, v in zip(keys, condition.value, strict=True) if v}
        elif condition.op in ("empty", "filled"):
            earlier = found.get(condition.op)
            found[condition.op] = f"{earlier},{condition.column}" if earlier else condition.column
        elif condition.op in ("from", "to"):
            found[f"{condition.column}.{condition.op}"] = condition.value[0]
        else:
            found[condition.column] = ",".join(condition.value)
    return found
