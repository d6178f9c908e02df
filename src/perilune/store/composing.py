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
            ctes.append(
                (
                    cut.name(name),
                    cut.select(known[name].table, is_history=known[name].is_history),
                )
            )
            continue
        text = library.statement(library.relation(name).sql).text(cut.dialect, pretty=pretty)
        ctes.append((cut.name(name), _filled(_nested(text), params, cut.dialect)))
    text = statement.text(cut.dialect, pretty=pretty)
    ctes += [(name, _filled(body, params, cut.dialect)) for name, body in text.ctes]
    sql = _with(ctes, text.is_recursive) + _filled(text.body, params, cut.dialect)
    return Composed(sql, tuple(cut.read.values()))


def shown(statement: Statement, params: Mapping[str, Any], dialect: str) -> str:
    """Return a statement as its author wrote it, laid out, with the parameters filled in."""
    return _filled(_nested(statement.text(dialect, pretty=True)), params, dialect)


def _with(ctes: list[tuple[str, str]], is_recursive: bool) -> str:
    if not ctes:
        return ""
    listed = ",\n".join(f"{name} AS (\n{body}\n)" for name, body in ctes)
    return f"WITH {'RECURSIVE ' if is_recursive else ''}{listed}\n"


def _nested(text: Text) -> str:
    return _with(list(text.ctes), text.is_recursive) + text.body


def _filled(text: str, params: Mapping[str, Any], dialect: str) -> str:
    """Put literals in the place of the marked names; the text of a literal is never looked at."""
    parts = text.split(MARK)
    for at in range(1, len(parts), 2):
        if parts[at] not in params:
            raise Invalid("The parameter %(name)s is missing.", name=parts[at])
        parts[at] = literal(params[parts[at]], dialect)
    return "".join(parts)
