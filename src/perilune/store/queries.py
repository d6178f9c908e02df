"""Reads of the store: named SQL over relations that are already cut to scope, fields and as-of."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from django.utils.translation import gettext
from numpy.typing import NDArray

from perilune.kernel.asof import AsOf
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import Columns
from perilune.store import library, relations, sessions
from perilune.store.building import is_due
from perilune.store.composing import Composed, compose, shown
from perilune.store.contracts import Freshness, Origin, QuerySpec, Result, TableStatus
from perilune.store.layout import Manifest, with_table
from perilune.store.refreshing import waiting
from perilune.store.relations import Cut
from perilune.store.sessions import Reader

NO_PARAMS: Mapping[str, Any] = {}


@dataclass(frozen=True)
class _Asked:
    """On what a question is asked: the version, for whom, as of when."""

    reader: Reader
    manifest: Manifest
    scope: Scope
    as_of: AsOf


def run(
    name: str,
    params: Mapping[str, Any] = NO_PARAMS,
    *,
    scope: Scope,
    as_of: AsOf,
    version: int | None = None,
) -> Result:
    """Run a named query such as `crm.pipeline_by_stage` and return its rows.

    params: values of the query's `:name` placeholders (text, numbers, dates, lists for `IN`);
        `:as_of`, `:as_of_day` and what the site always gives (`:currency`) need not be named.
    version: a pinned version of the store; the current one if None.
    Raises NotFound for an unknown query or version, Invalid for a missing parameter.
    """
    return run_sql(library.find(name).sql, params, scope=scope, as_of=as_of, version=version)


def arrays(
    name: str,
    params: Mapping[str, Any] = NO_PARAMS,
    *,
    scope: Scope,
    as_of: AsOf,
    version: int | None = None,
    touched: str = "",
) -> dict[str, NDArray[Any]]:
    """Run a named query whose columns are whole or floating numbers without nulls, as arrays.

    touched: a table of which only the keys in its overlay are read (`touched_keys`), for who has
    kept what the query gave of the others; the query must answer for each key by itself.
    For engines that read a million rows: nothing is kept, no row becomes a Python object.
    Raises as `run` does.
    """
    reader = sessions.reader()
    manifest = reader.manifest(version)
    if touched:
        manifest = with_table(manifest, manifest.tables[touched].over, touched)
    asked = _Asked(reader, manifest, scope, as_of)
    composed = _composed(asked, library.find(name).sql, _values(asked, params))
    return reader.engine().arrays(composed.sql, composed.tables)


def arrays_sql(
    sql: str, params: Mapping[str, Any] = NO_PARAMS, *, scope: Scope, as_of: AsOf
) -> dict[str, NDArray[Any]]:
    """Run a composed SELECT as `run_sql` does, and return its numbers as `arrays` does."""
    reader = sessions.reader()
    asked = _Asked(reader, reader.manifest(), scope, as_of)
    composed = _composed(asked, sql, _values(asked, params))
    return reader.engine().arrays(composed.sql, composed.tables)


def origin(
    name: str,
    params: Mapping[str, Any] = NO_PARAMS,
    *,
    scope: Scope,
    as_of: AsOf,
    version: int | None = None,
) -> Origin:
    """Return the very rows that a named query would read; nothing is run."""
    reader = sessions.reader()
    asked = _Asked(reader, reader.manifest(version), scope, as_of)
    composed = _composed(asked, library.find(name).sql, _values(asked, params))
    tables = {files.name: ("|".join(files.base), files.changed) for files in composed.tables}
    store = f"{reader.store.path} {asked.manifest.identity}"
    return Origin(store, asked.manifest.version, tables)


def touched_keys(table: str, version: int | None = None) -> NDArray[np.int64]:
    """Return the keys of a table that were touched since its base was written, in no order."""
    reader = sessions.reader()
    files = reader.manifest(version).tables.get(table)
    if files is None or not files.keys:
        return np.zeros(0, dtype=np.int64)
    column = pq.read_table(reader.store.path / files.keys).column(0)
    return np.asarray(column.to_numpy(), dtype=np.int64)


def run_sql(
    sql: str,
    params: Mapping[str, Any] = NO_PARAMS,
    *,
    scope: Scope,
    as_of: AsOf,
    version: int | None = None,
) -> Result:
    """Run a composed SELECT over the same relations, through the same gate.

    Values must come as parameters; identifiers from declarations, never from a user's text.
    """
    reader = sessions.reader()
    manifest = reader.manifest(version)
    try:
        return _run(_Asked(reader, manifest, scope, as_of), sql, params)
    except FileNotFoundError:
        if version is not None:
            raise
        # the version was pruned between its manifest and its files: the next one is there
        manifest = reader.store.manifest()
        return _run(_Asked(reader, manifest, scope, as_of), sql, params)


def explain(name: str, params: Mapping[str, Any] = NO_PARAMS, *, scope: Scope, as_of: AsOf) -> str:
    """Return the SQL behind a named query: as it was written, and in full with every cut."""
    return explain_sql(library.find(name).sql, params, scope=scope, as_of=as_of)


def explain_sql(
    sql: str, params: Mapping[str, Any] = NO_PARAMS, *, scope: Scope, as_of: AsOf
) -> str:
    """Return the SQL behind a composed SELECT, as `explain` does for a named one."""
    reader = sessions.reader()
    asked = _Asked(reader, reader.manifest(), scope, as_of)
    values = _values(asked, params)
    written = shown(library.statement(sql), values, reader.engine().dialect)
    full = _composed(asked, sql, values, pretty=True)
    return f"{written};\n\n-- {scope.label}, {as_of.at.isoformat()}\n{full.sql};\n"


def spec(name: str) -> QuerySpec:
    """Return a named query's text, definition, unit, owner and parameters; NotFound otherwise.

    The definition is in the reader's language: the head of the SQL is its msgid.
    """
    found = library.find(name)
    return replace(found, definition=gettext(found.definition)) if found.definition else found


def specs() -> list[QuerySpec]:
    """Return every named query."""
    return [spec(name) for name in library.names()]


def columns_of(relation: str) -> Columns:
    """Return the (name, type) pairs of a base relation; Invalid when there is none."""
    return relations.shape(relation)


def freshness() -> Freshness:
    """Tell how far the store is behind the records: seconds since it was last known to be up."""
    store = sessions.reader().store
    manifest, tables = store.manifest(), waiting(store)
    since = max(manifest.built_at, store.checked_at())
    return Freshness(
        version=manifest.version,
        behind_seconds=max(0.0, time.time() - since) if tables and since else 0.0,
        built_at=datetime.fromtimestamp(manifest.built_at, UTC) if manifest.version else None,
        waiting=tables,
    )


def status() -> list[TableStatus]:
    """Return the size of each table of the current version."""
    store = sessions.reader().store
    return [
        TableStatus(
            files.name,
            files.base_rows,
            files.overlay_rows,
            files.overlay_keys,
            sum((store.path / path).stat().st_size for path in files.files),
        )
        for files in store.manifest().tables.values()
    ]


def needs_compaction() -> bool:
    """Tell whether a table's overlay has outgrown its use."""
    return any(is_due(files) for files in sessions.reader().manifest().tables.values())


def _run(asked: _Asked, sql: str, params: Mapping[str, Any]) -> Result:
    composed = _composed(asked, sql, _values(asked, params))
    reader = asked.reader
    # the SQL names the very state of each table, so it is the key of what it gives
    found = reader.cache.get(composed.sql)
    if found is None:
        found = reader.engine().fetch(composed.sql, composed.tables)
        reader.cache.put(composed.sql, found)
    version = asked.manifest.version
    return Result(*found, composed.sql, version, asked.as_of, asked.scope.label)


def _composed(
    asked: _Asked, sql: str, values: Mapping[str, Any], *, pretty: bool = False
) -> Composed:
    engine = asked.reader.engine()
    cut = Cut(asked.manifest, asked.scope, asked.as_of, engine.dialect, engine.physical)
    return compose(library.statement(sql), values, cut, pretty=pretty)


def _values(asked: _Asked, params: Mapping[str, Any]) -> Mapping[str, Any]:
    always = {"as_of": asked.as_of.at, "as_of_day": asked.as_of.day}
    return {**asked.reader.always(), **params, **always}
