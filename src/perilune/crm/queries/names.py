"""Titles of referenced records, and whom a name means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from perilune.crm.contracts import ListColumn
from perilune.kernel.asof import AsOf
from perilune.kernel.kinds import FieldType, Kind
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import KINDS
from perilune.store import queries as store

LONGEST = 1000
"""More matches than this and a filter by name wants more letters."""


def title_sql(kind: Kind, alias: str) -> str:
    """Return the expression of a kind's title; its number where it has none."""
    return f'{alias}."{kind.title_field}"' if kind.title_field else f"CAST({alias}.id AS VARCHAR)"


def titles(kind: str, ids: Iterable[int], as_of: AsOf) -> dict[int, str]:
    """Return the titles of records known at an as-of.

    A row that may be seen shows the names of what it refers to, whoever owns that; opening it asks
    the gate. So this is for ids taken from visible rows only.
    """
    wanted = sorted(set(ids))
    if not wanted or kind not in KINDS:
        return {}
    title = title_sql(KINDS.get(kind), "t")
    sql = f'SELECT t.id, {title} AS title FROM "{kind}" AS t WHERE t.id IN (:ids)'
    found = store.run_sql(sql, {"ids": wanted}, scope=Scope.company(), as_of=as_of)
    return {record_id: title or "" for record_id, title in found.rows}


def titles_of_rows(
    columns: Sequence[ListColumn], rows: Sequence[Mapping[str, Any]], as_of: AsOf
) -> dict[str, dict[int, str]]:
    """Return the titles that rows refer to, by kind and id: one question a kind."""
    wanted: dict[str, set[int]] = {}
    for column in columns:
        if column.field.type is FieldType.REFERENCE:
            ids = {row[column.name] for row in rows if row[column.name] is not None}
            wanted.setdefault(column.field.target, set()).update(ids)
    return {kind: titles(kind, ids, as_of) for kind, ids in wanted.items() if ids}


def ids_named(kind: str, text: str, as_of: AsOf) -> list[int]:
    """Return ids of records whose title contains a text, to filter rows that refer to them."""
    declared = KINDS.get(kind)
    sql = (
        f'SELECT t.id FROM "{kind}" AS t WHERE STRPOS(LOWER({title_sql(declared, "t")}), :text) > 0'
        " ORDER BY t.id LIMIT :most"
    )
    params = {"text": text.lower(), "most": LONGEST}
    return store.run_sql(sql, params, scope=Scope.company(), as_of=as_of).column("id")


def options(
    kind: str, text: str, *, scope: Scope, as_of: AsOf, most: int = 20
) -> list[tuple[int, str]]:
    """Return (id, title) of visible records whose title contains a text, best first.

    Stages stand in the order of their pipeline, others by title.
    """
    title = title_sql(KINDS.get(kind), "t")
    place = "t.pipeline_id, t.position, " if kind == "stage" else ""
    sql = f"""
        SELECT t.id, {title} AS title FROM "{kind}" AS t
        WHERE STRPOS(LOWER({title}), :text) > 0
        ORDER BY CASE WHEN LOWER({title}) = :text THEN 0
            WHEN STARTS_WITH(LOWER({title}), :text) THEN 1 ELSE 2 END, {place}LOWER({title}), t.id
        LIMIT :most"""
    params = {"text": text.lower(), "most": most}
    rows = store.run_sql(sql, params, scope=_named_by(kind, scope), as_of=as_of).rows
    return [(record_id, shown or f"#{record_id}") for record_id, shown in rows]


def id_named(kind: str, text: str, *, scope: Scope, as_of: AsOf) -> int | None:
    """Return the visible record that a typed text means: «Acme» or «Acme #12»; None for nobody."""
    number = text.rpartition("#")[2]
    if number.isdigit():
        sql = f'SELECT t.id FROM "{kind}" AS t WHERE t.id = :id'
        given: dict[str, Any] = {"id": int(number)}
    else:
        title = title_sql(KINDS.get(kind), "t")
        sql = f'SELECT t.id FROM "{kind}" AS t WHERE LOWER({title}) = :text ORDER BY t.id LIMIT 1'
        given = {"text": text.strip().lower()}
    found = store.run_sql(sql, given, scope=_named_by(kind, scope), as_of=as_of).scalar()
    return None if found is None else int(found)


def _named_by(kind: str, scope: Scope) -> Scope:
    # colleagues are known to each other by name; everything else passes the gate
    return Scope.company() if kind == "rep" else scope
