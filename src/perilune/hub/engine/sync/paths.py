"""Rows inside answers of JSON: found by dotted paths, made flat, compared in their shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from perilune.hub.engine.sync.cells import text_of

DEEPEST = 3
_LISTS = ("results", "data", "items", "records", "rows", "value", "values", "objects", "entries")
_TOTALS = ("total", "count", "total_count", "totalcount", "totalresults", "total_results")
_AFTERS = ("next_cursor", "nextcursor", "cursor", "next_page_token", "nextpagetoken", "after")


def at(value: Any, path: str) -> Any:
    """Return what lies at a dotted path (`data.items`, `contacts.0.id`); None where nothing does.

    The empty path is the value itself. A key with a dot in it is found where it stands whole.
    """
    if not path:
        return value
    if isinstance(value, Mapping):
        if path in value:
            return value[path]
        head, sign, rest = path.partition(".")
        return at(value[head], rest) if sign and head in value else None
    if isinstance(value, list):
        head, sign, rest = path.partition(".")
        if head.isdigit() and int(head) < len(value):
            return at(value[int(head)], rest) if sign else value[int(head)]
    return None


def lists_at(answer: Any, path: str) -> list[list[Any]] | None:
    """Return the lists of rows of an answer, one for each path (`open, closed`); None without."""
    found = [at(answer, one.strip()) for one in path.split(",")]
    return found if all(isinstance(one, list) for one in found) else None


def rows_at(answer: Any, path: str) -> list[Any] | None:
    """Return the rows of an answer, None where there is no list of them."""
    found = lists_at(answer, path)
    return None if found is None else [row for one in found for row in one]


def number_at(answer: Any, path: str) -> int:
    """Return the sum of the numbers of some paths, -1 where one says none."""
    found: list[Any] = [at(answer, one.strip()) for one in path.split(",")] if path else [None]
    whole = [int(one) for one in found if str(one).isdigit()]
    return sum(whole) if len(whole) == len(found) else -1


def flat(row: Mapping[str, Any], prefix: str = "", depth: int = 1) -> dict[str, Any]:
    """Return a row with its nested parts by dotted names; of a list of parts the first one."""
    found: dict[str, Any] = {}
    for name, value in row.items():
        inner = value
        label = f"{prefix}{name}"
        if isinstance(value, list) and value and isinstance(value[0], Mapping):
            inner, label = value[0], f"{label}.0"
        if isinstance(inner, Mapping) and depth < DEEPEST:
            found |= flat(inner, f"{label}.", depth + 1)
        elif not isinstance(inner, Mapping):
            found[label] = value
    return found


def has(row: Mapping[str, Any], path: str) -> bool:
    """Tell whether a row speaks of a path: it is there, or a part on the way is empty."""
    if path in row:
        return True
    head, sign, rest = path.partition(".")
    if not sign or head not in row:
        return False
    inner = row[head]
    if isinstance(inner, list):
        if not inner:
            return True
        inner, rest = inner[0], rest.partition(".")[2]
    return has(inner, rest) if isinstance(inner, Mapping) else inner is None


def is_uniform(rows: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether rows always say all their fields, so that one that lacks is gone."""
    return len({frozenset(row) for row in rows}) == 1


def type_of(value: Any) -> str:
    """Return the type of a value in a word."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "list" if isinstance(value, list) else "" if value is None else "text"


def shape_of(
    rows: Sequence[Mapping[str, Any]], known: Mapping[str, str], *, is_sparse: bool = False
) -> dict[str, str]:
    """Return the fields of rows with their types, what was known of them kept where it may.

    known: field -> type as seen before. A field that no row of a uniform page speaks of is gone,
    unless rows leave out what says nothing (is_sparse); a type stays where a value of it is among
    those seen, or none is.
    """
    seen: dict[str, set[str]] = {}
    for row in rows:
        for name, value in flat(row).items():
            seen.setdefault(name, set()).add(type_of(value))
    found: dict[str, str] = {}
    for name, types in seen.items():
        told = sorted(types - {""})
        before = known.get(name, "")
        is_same = before in told or (before and not told)
        found[name] = before if is_same else (told or ["text"])[0] if len(told) < 2 else "text"
    keeps = is_sparse or not is_uniform(rows)
    for name, of in known.items():
        if name not in found and (keeps or any(has(row, name) for row in rows)):
            found[name] = of
    return found


def cell(row: Mapping[str, Any], path: str) -> str:
    """Return the text at a path of a row; of parts with fields none: their fields are columns."""
    found = at(row, path)
    is_nested = isinstance(found, Mapping) or (
        isinstance(found, list) and any(isinstance(one, Mapping) for one in found)
    )
    return "" if is_nested else text_of(found)


def guess_rows(answer: Any) -> str | None:
    """Return where the rows of an answer probably are: its first list of parts; None without."""
    if isinstance(answer, list):
        return ""
    if not isinstance(answer, Mapping):
        return None
    names = sorted(
        answer, key=lambda name: _LISTS.index(name.lower()) if name.lower() in _LISTS else 99
    )
    for name in names:
        if isinstance(answer[name], list) and all(isinstance(r, Mapping) for r in answer[name]):
            return str(name)
    for name in names:
        inner = guess_rows(answer[name]) if isinstance(answer[name], Mapping) else None
        if inner:
            return f"{name}.{inner}"
    return None


def guess_total(answer: Any, rows: str) -> str:
    """Return where an answer says how many rows there are in all, "" where it does not."""
    return _guess(answer, rows, _TOTALS, int)


def guess_after(answer: Any, rows: str) -> str:
    """Return where an answer says the cursor of the next page, "" where it does not."""
    return _guess(answer, rows, _AFTERS, str)


def guess_next(answer: Any, rows: str) -> str:
    """Return where an answer says the address of the next page, "" where it does not."""
    found = _guess(answer, rows, ("next", "next_url", "@odata.nextlink", "nextlink"), str)
    value = at(answer, found) if found else ""
    is_link = value is None or str(value).startswith(("http://", "https://", "/", "?"))
    return found if is_link else ""


def _guess(answer: Any, rows: str, words: Sequence[str], of: type) -> str:
    """Return the path of a value called like one of some words, near the rows or above them."""
    near = rows.rpartition(".")[0]
    for path in dict.fromkeys((near, *(f"{p}" for p in ("", "meta", "pagination", "paging",
                                                         "links", "_links", "page")))):  # fmt: skip
        part = at(answer, path)
        if not isinstance(part, Mapping):
            continue
        for name, value in part.items():
            is_it = isinstance(value, of) and not isinstance(value, bool)
            if str(name).lower() in words and (is_it or (value is None and of is str)):
                return f"{path}.{name}" if path else str(name)
    return ""
