"""Makers for others' tests: a small store from Python rows, two engines compared."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from perilune.kernel.asof import AsOf
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import SQL_FOLDERS, STORE_TABLES, Columns, StoreTable
from perilune.store import library, queries, refreshing, sessions
from perilune.store.layout import Store
from perilune.store.sessions import Reader

LONG_AGO = datetime(2000, 1, 1)
FOREVER = datetime(9999, 12, 31)

Row = Mapping[str, Any]


@contextmanager
def store_of(
    rows: Mapping[str, Sequence[Row]],
    *,
    tables: Mapping[str, Columns] | None = None,
    owners: Mapping[str, str] | None = None,
    parents: Mapping[str, tuple[str, str]] | None = None,
    plain: Sequence[str] = (),
    sql: Mapping[str, Path] | None = None,
    always: Mapping[str, Any] | None = None,
    declared: bool = True,
) -> Iterator[Store]:
    """Build a store in a temporary folder and make it the process's while the block runs.

    rows: by relation (`opportunity`, `period`); a row may leave out columns (null) and, in
        versioned relations, valid_from (long ago) and valid_to (until the id's next version).
    tables: columns by relation; by default those of the tables declared in STORE_TABLES, else
        guessed from the values. owners and parents default to those declared, too.
    declared: take over the tables of STORE_TABLES, empty unless rows are given; the columns of
        tracked kinds ask the database for custom fields, so such a test needs its mark.
    plain: relations without versions. sql: folders of named SQL; by default those registered.
    """
    known_tables = {table.relation: table for table in STORE_TABLES} if declared else {}
    made = []
    for name in {**dict.fromkeys(rows), **dict.fromkeys(known_tables)}:
        known = known_tables.get(name)
        versioned = known.versioned if known else name not in plain
        columns = (
            (tables or {}).get(name) or (known and known.shape()) or _guessed(rows[name], versioned)
        )
        made.append(
            table_of(
                name,
                columns,
                rows.get(name, ()),
                versioned=versioned,
                owner=(owners or {}).get(name, known.owner_column if known else ""),
                parent=(parents or {}).get(name, known.parent if known else ("", "")),
            )
        )
    with tempfile.TemporaryDirectory() as folder, registered(made, sql):
        store = Store(Path(folder) / "store", lock_timeout=5)
        refreshing.refresh(store)
        given = dict(always or {"currency": "EUR"})
        with sessions.using(Reader(store, always=lambda: given)):
            yield store


def table_of(
    relation: str,
    columns: Columns,
    rows: Sequence[Row],
    *,
    versioned: bool = True,
    owner: str = "",
    parent: tuple[str, str] = ("", ""),
) -> StoreTable:
    """Return a store table of fixed rows."""
    values = [
        tuple(row.get(name) for name, _ in columns) for row in (_dated(rows) if versioned else rows)
    ]

    def chosen(keys: Sequence[int] | None) -> Iterator[list[tuple[Any, ...]]]:
        wanted = None if keys is None else set(keys)
        yield [row for row in values if wanted is None or row[0] in wanted]

    return StoreTable(
        name=f"{relation}_version" if versioned else relation,
        columns=columns,
        touched=lambda cursor: ((), 1) if cursor else (None, 1),
        rows=chosen,
        owner_column=owner,
        kind=relation,
        versioned=versioned,
        parent=parent,
    )


@contextmanager
def registered(
    tables: Sequence[StoreTable], sql: Mapping[str, Path] | None = None
) -> Iterator[None]:
    """Put other tables (and folders of named SQL) into the registries while the block runs."""
    before = [(table.name, table) for table in STORE_TABLES]
    folders = [(name, SQL_FOLDERS.get(name)) for name in SQL_FOLDERS.names()]
    STORE_TABLES.clear()
    for table in tables:
        STORE_TABLES.add(table.name, table)
    if sql is not None:
        SQL_FOLDERS.clear()
        for name, folder in sql.items():
            SQL_FOLDERS.add(name, folder)
    try:
        yield
    finally:
        STORE_TABLES.clear()
        SQL_FOLDERS.clear()
        for name, table in before:
            STORE_TABLES.add(name, table)
        for name, folder in folders:
            SQL_FOLDERS.add(name, folder)


def on(day: date) -> AsOf:
    """Return the as-of of a day's end in UTC."""
    return AsOf.end_of(day, ZoneInfo("UTC"))


def rows_of(
    sql: str, *, day: date, scope: Scope | None = None, **params: Any
) -> list[tuple[Any, ...]]:
    """Return the rows of a SELECT as of the end of a day."""
    return queries.run_sql(sql, params, scope=scope or Scope.company(), as_of=on(day)).rows


def _dated(rows: Sequence[Row]) -> list[Row]:
    """Give every version its span: from long ago, until the next of the same id."""
    dated = sorted(
        ({"valid_from": LONG_AGO, **row} for row in rows), key=lambda r: (r["id"], r["valid_from"])
    )
    following = [*dated[1:], {"id": None, "valid_from": FOREVER}][: len(dated)]
    return [
        {"valid_to": after["valid_from"] if after["id"] == row["id"] else FOREVER, **row}
        for row, after in zip(dated, following, strict=True)
    ]


_TYPES: tuple[tuple[type, str], ...] = (
    (bool, "BOOLEAN"),
    (int, "BIGINT"),
    (float, "DOUBLE"),
    (datetime, "TIMESTAMP"),
    (date, "DATE"),
    (str, "VARCHAR"),
)


def _guessed(rows: Sequence[Row], versioned: bool) -> Columns:
    start = {"id": "BIGINT"} | dict.fromkeys(
        ("valid_from", "valid_to") if versioned else (), "TIMESTAMP"
    )
    found: dict[str, str] = dict(start) if versioned else {}
    for row in rows:
        for name, value in row.items():
            type_ = next((word for kind, word in _TYPES if isinstance(value, kind)), "")
            found[name] = found.get(name) or type_
    return tuple((name, type_ or "VARCHAR") for name, type_ in found.items())


def same_rows(
    one: Sequence[Sequence[Any]], other: Sequence[Sequence[Any]], *, ordered: bool
) -> bool:
    """Tell whether two results are equal: numbers to 1e-9, in any order unless ordered."""
    if len(one) != len(other):
        return False
    if not ordered:
        one, other = sorted(one, key=_sortable), sorted(other, key=_sortable)
    return all(
        len(left) == len(right) and all(_same(a, b) for a, b in zip(left, right, strict=True))
        for left, right in zip(one, other, strict=True)
    )


def _sortable(row: Sequence[Any]) -> tuple[tuple[bool, str], ...]:
    return tuple(
        (value is None, f"{float(value):+.6e}" if _is_number(value) else str(value))
        for value in row
    )


def _is_number(value: Any) -> bool:
    return hasattr(value, "__float__") and not isinstance(value, bool)


def _same(one: Any, other: Any) -> bool:
    if _is_number(one) and _is_number(other):
        both_nan = math.isnan(one) and math.isnan(other)
        return both_nan or math.isclose(float(one), float(other), rel_tol=1e-9, abs_tol=1e-9)
    return bool(one == other)


@contextmanager
def both_engines(store: Store) -> Iterator[tuple[Reader, Reader]]:
    """Open a store on DuckDB and on Spark; Unavailable where pyspark or Java is missing."""
    given = sessions.reader().always
    duckdb, spark = Reader(store, "duckdb", given), Reader(store, "spark", given)
    spark.engine()
    try:
        yield duckdb, spark
    finally:
        duckdb.close()
        spark.close()


def differences(
    engines: tuple[Reader, Reader],
    sql: str,
    params: Mapping[str, Any],
    *,
    scope: Scope,
    as_of: AsOf,
) -> str:
    """Run a SELECT on two engines; return what differs, empty when the rows are the same.

    Rows count in their order only where the query itself has an ORDER BY. For a named query give
    `queries.spec(name).sql`.
    """
    before = sessions.reader()
    results = []
    try:
        for reader in engines:
            sessions.use(reader)
            results.append(queries.run_sql(sql, params, scope=scope, as_of=as_of))
    finally:
        sessions.use(before)
    one, other = results
    ordered = library.statement(sql).tree.args.get("order") is not None
    if one.columns != other.columns:
        return f"columns {one.columns} and {other.columns}"
    if not same_rows(one.rows, other.rows, ordered=ordered):
        return f"{one.rows[:5]} and {other.rows[:5]}\n{one.sql}\n{other.sql}"
    return ""
