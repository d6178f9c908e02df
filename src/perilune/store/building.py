"""Builds a table's files: a new base, a new overlay, or both folded into one.

Rows of a versioned table are clustered by how long they held and then by when they began, so that
the versions valid at an instant lie together: a reader skips most of a file by its statistics.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from perilune.kernel.wiring import Columns, StoreTable
from perilune.store.layout import Store, TableFiles
from perilune.store.writing import schema_of, write_rows

if TYPE_CHECKING:
    import duckdb

ROW_GROUP = 40_960
SHORTEST_HELD = 8
"""Versions held for less than two to the power of so many hours lie together: they are few."""

OVERLAY_SHARE = 0.10
OVERLAY_FLOOR = 5_000
OVERLAY_ROWS = 200_000

Report = Callable[[int], None]


class Builder:
    """Writes new files of a version. One writer at a time: see `Store.writing`."""

    def __init__(self, store: Store, version: int) -> None:
        self._store = store
        self._version = version
        self._connection: duckdb.DuckDBPyConnection | None = None

    def close(self) -> None:
        """Let the engine and the working files go."""
        if self._connection:
            self._connection.close()
        with suppress(FileNotFoundError):
            shutil.rmtree(self._store.path / "work")

    def base(self, table: StoreTable, columns: Columns, cursor: int, report: Report) -> TableFiles:
        """Write all rows of a table as a new base."""
        staged, rows = self._stage(table, columns, None, report)
        files = TableFiles(table.name, columns, table.versioned, cursor, self._version)
        if rows <= 1:  # nothing to put in order: of a small company most tables are so
            path = self._path(table.name, "base")
            staged.replace(self._store.path / path)
            return replace(files, base=(path,), base_rows=rows)
        return self._as_base(files, self._scan(staged))

    def overlay(
        self,
        table: StoreTable,
        before: TableFiles,
        keys: Sequence[int],
        cursor: int,
        report: Report,
    ) -> TableFiles:
        """Write the rows of touched keys over a table, merged with the overlay that it has."""
        staged, _ = self._stage(table, before.columns, keys, report)
        fresh = self._store.work_folder() / f"{table.name}.keys.parquet"
        key_schema = schema_of((before.columns[0],))
        pq.write_table(pa.table([pa.array(keys, key_schema[0].type)], schema=key_schema), fresh)
        key, new_keys = before.key, self._scan(fresh)
        rows_sql, keys_sql = f"SELECT * FROM {self._scan(staged)}", f"SELECT {key} FROM {new_keys}"
        if before.keys:
            kept = f"{key} NOT IN (SELECT {key} FROM {new_keys})"
            rows_sql = (
                f"SELECT * FROM {self._scan(before.overlay)} WHERE {kept} UNION ALL {rows_sql}"
            )
            keys_sql = f"SELECT {key} FROM {self._scan(before.keys)} UNION {keys_sql}"
        keys_path = self._copy(
            table.name, "keys", f"SELECT DISTINCT * FROM ({keys_sql}) ORDER BY 1"
        )
        rows_path = self._copy(table.name, "overlay", rows_sql + _clustered(before))
        return replace(
            before,
            cursor=cursor,
            changed=self._version,
            overlay=rows_path,
            keys=keys_path,
            overlay_rows=self._count(rows_path),
            overlay_keys=self._count(keys_path),
        )

    def compacted(self, files: TableFiles) -> TableFiles:
        """Fold a table's overlay into a new base."""
        source = f"({physical_sql(files, self._scan)})"
        empty = replace(files, overlay="", keys="", overlay_rows=0, overlay_keys=0)
        return self._as_base(replace(empty, changed=self._version), source)

    def _as_base(self, files: TableFiles, source: str) -> TableFiles:
        path = self._copy(files.name, "base", f"SELECT * FROM {source}" + _clustered(files))
        return replace(files, base=(path,), base_rows=self._count(path))

    def _stage(
        self, table: StoreTable, columns: Columns, keys: Sequence[int] | None, report: Report
    ) -> tuple[Path, int]:
        path, rows = self._store.work_folder() / f"{table.name}.parquet", 0
        for rows in write_rows(path, columns, table.rows(keys)):
            report(rows)
        return path, rows

    def _scan(self, path: Path | str | Sequence[str]) -> str:
        return scan_sql(self._store.path, [path] if isinstance(path, str | Path) else path)

    def _path(self, table: str, part: str) -> str:
        self._store.table_folder(table)
        return f"tables/{table}/{part}-{self._version}.parquet"

    def _copy(self, table: str, part: str, select: str) -> str:
        path = self._path(table, part)
        self._engine().execute(
            f"COPY ({select}) TO '{quoted(self._store.path / path)}' "
            f"(FORMAT parquet, COMPRESSION lz4_raw, ROW_GROUP_SIZE {ROW_GROUP})"
        )
        return path

    def _count(self, path: str) -> int:
        return int(pq.read_metadata(self._store.path / path).num_rows)

    def _engine(self) -> duckdb.DuckDBPyConnection:
        if self._connection is None:
            from perilune.store.dialects.duckdb import connect

            self._connection = connect(self._store)
        return self._connection


def is_due(files: TableFiles) -> bool:
    """Tell whether a table's overlay has outgrown its use."""
    size = max(files.overlay_rows, files.overlay_keys)
    return size > min(OVERLAY_ROWS, max(OVERLAY_FLOOR, OVERLAY_SHARE * files.base_rows))


def scan_sql(root: Path, paths: Sequence[Path | str]) -> str:
    """Return DuckDB's reading of Parquet files, given absolute or relative to the store."""
    listed = ", ".join(f"'{quoted(root / path)}'" for path in paths)
    return f"read_parquet([{listed}])"


def physical_sql(files: TableFiles, scan: Callable[[Sequence[str]], str]) -> str:
    """Return the SELECT of a table's rows: the base without the overlay's keys, and the overlay."""
    names = ", ".join(f'"{name}"' for name, _ in files.columns)
    base = f"SELECT {names} FROM {scan(files.base)}"
    if not files.keys:
        return base
    key = files.key
    replaced = f"{key} NOT IN (SELECT {key} FROM {scan((files.keys,))})"
    return f"{base} WHERE {replaced} UNION ALL SELECT {names} FROM {scan((files.overlay,))}"


def quoted(path: Path) -> str:
    """Return a path as the inside of an SQL string."""
    return str(path).replace("'", "''")


def _clustered(files: TableFiles) -> str:
    key = files.key
    if not files.versioned:
        return f" ORDER BY {key}"
    held = "CAST(ceil(log2(1 + date_diff('hour', valid_from, valid_to))) AS INTEGER)"
    return f" ORDER BY greatest({SHORTEST_HELD}, {held}), valid_from, {key}"
