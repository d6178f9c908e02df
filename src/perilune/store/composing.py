"""Puts a query together: the relations that it needs before it, its parameters as literals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from perilune.kernel.errors import Invalid
from perilune.store import library
from perilune.store.layout import TableFiles
from perilune.store.library import MARK, Statement, Text
from perilune.store.literals import literal
from perilune.store.relations import Cut, bases, needed

_SCANNED_WHERE_USED = {"duckdb": " NOT MATERIALIZED", "spark": ""}
"""A table that is read twice is scanned twice, each time only where it can match: cheaper by a
quarter than one scan for both that DuckDB would otherwise keep. Spark does so anyway."""


@dataclass(frozen=True)
class Composed:
    """SQL that an engine can run, and the physical tables that it reads."""

    sql: str
    tables: tuple[TableFiles, ...]


def compose(
    statement: Statement, params: Mapping[str, Any], cut: Cut, *, pretty: bool = False
) -> Composed:
    """Return the whole SQL of a statement; Invalid on a missing parameter or unknown relation."""
    known = bases()
    ctes = list[tuple[str, str]]()
    for name in needed(statement):
        if name in known:
            select = cut.select(known[name].table, is_history=known[name].is_history)
            ctes.append((f"{cut.name(name)} AS{_SCANNED_WHERE_USED[cut.dialect]}", select))
            continue
        text = library.statement(library.relation(name).sql).text(cut.dialect, pretty=pretty)
        ctes.append((f"{cut.name(name)} AS", _filled(_nested(text), params, cut.dialect)))
    text = statement.text(cut.dialect, pretty=pretty)
    ctes += [(f"{name} AS", _filled(body, params, cut.dialect)) for name, body in text.ctes]
    sql = _with(ctes, text.is_recursive) + _filled(text.body, params, cut.dialect)
    return Composed(sql, tuple(cut.read.values()))


def shown(statement: Statement, params: Mapping[str, Any], dialect: str) -> str:
    """Return a statement as its author wrote it, laid out, with the parameters filled in."""
    return _filled(_nested(statement.text(dialect, pretty=True)), params, dialect)


def _with(ctes: list[tuple[str, str]], is_recursive: bool) -> str:
    if not ctes:
        return ""
    listed = ",\n".join(f"{head} (\n{body}\n)" for head, body in ctes)
    return f"WITH {'RECURSIVE ' if is_recursive else ''}{listed}\n"


def _nested(text: Text) -> str:
    return _with([(f"{name} AS", body) for name, body in text.ctes], text.is_recursive) + text.body


def _filled(text: str, params: Mapping[str, Any], dialect: str) -> str:
    """Put literals in the place of the marked names; the text of a literal is never looked at."""
    parts = text.split(MARK)
    for at in range(1, len(parts), 2):
        if parts[at] not in params:
            raise Invalid("The parameter %(name)s is missing.", name=parts[at])
        parts[at] = literal(params[parts[at]], dialect)
    return "".join(parts)
