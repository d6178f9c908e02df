"""DuckDB in process: sessions over one version's Parquet files, closed to everything else."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, TypeVar

import duckdb
from numpy.typing import NDArray

from perilune.kernel.errors import Invalid, Unavailable
from perilune.store.building import physical_sql, quoted, scan_sql
from perilune.store.cache import Rows
from perilune.store.layout import Store, TableFiles

Answer = TypeVar("Answer")

KEPT_STATES = 8


def connect(store: Store) -> duckdb.DuckDBPyConnection:
    """Return a connection that can read and write the store's folder and nothing else."""
    store.path.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect()
    root = quoted(store.path.resolve())
    for setting in (
        f"memory_limit='{store.memory_limit}'",
        f"threads={store.threads}",
        f"temp_directory='{root}/work/spill'",
        "TimeZone='UTC'",
        "parquet_metadata_cache=true",
        "python_enable_replacements=false",
        "autoinstall_known_extensions=false",
        "autoload_known_extensions=false",
        f"allowed_directories=['{root}/']",
        "enable_external_access=false",
        "lock_configuration=true",
    ):
        # for every cursor: a plain SET holds for its own connection alone where it can
        connection.execute(f"SET GLOBAL {setting}")
    return connection


class Session:
    """One process's DuckDB over a store: a view for each state of a table, made when asked for."""

    dialect = "duckdb"

    def __init__(self, store: Store) -> None:
        self._store = store
        self._connection = connect(store)
        self._connection.execute("CREATE SCHEMA physical")
        self._lock = threading.Lock()
        self._views: dict[str, list[str]] = {}

    def physical(self, files: TableFiles) -> str:
        """Return the name under which a table is read."""
        return f"physical.{files.physical}"

    def fetch(self, sql: str, tables: Iterable[TableFiles]) -> Rows:
        """Run SQL that reads these tables; return the columns and the rows.

        Invalid when the SQL does not fit the tables, Unavailable when the machine is too small,
        FileNotFoundError when the files were pruned meanwhile.
        """

        def read(cursor: duckdb.DuckDBPyConnection) -> Rows:
            names = tuple(column[0] for column in cursor.description or ())
            return names, cursor.fetchall()

        return self._run(sql, tables, read)

    def arrays(self, sql: str, tables: Iterable[TableFiles]) -> dict[str, NDArray[Any]]:
        """Run SQL whose columns are numbers without nulls; raises as `fetch` does."""
        return self._run(sql, tables, lambda cursor: cursor.fetchnumpy())

    def _run(
        self,
        sql: str,
        tables: Iterable[TableFiles],
        read: Callable[[duckdb.DuckDBPyConnection], Answer],
    ) -> Answer:
        try:
            self._make_views(tables)
            with self._connection.cursor() as cursor:
                cursor.execute(sql)
                return read(cursor)
        except duckdb.OutOfMemoryException as error:
            raise Unavailable(
                "The query needs more memory than it may take: %(error)s", error=str(error)
            ) from error
        except duckdb.IOException as error:
            raise FileNotFoundError(str(error)) from error
        except duckdb.Error as error:
            raise Invalid("The query cannot be run: %(error)s", error=str(error)) from error

    def close(self) -> None:
        """Let the engine go."""
        self._connection.close()

    def _make_views(self, tables: Iterable[TableFiles]) -> None:
        with self._lock:
            for files in tables:
                made = self._views.setdefault(files.name, [])
                if files.physical in made:
                    continue
                root = self._store.path.resolve()
                select = physical_sql(files, partial(scan_sql, root))
                self._connection.execute(f"CREATE VIEW {self.physical(files)} AS {select}")
                made.append(files.physical)
                if len(made) > KEPT_STATES:
                    self._connection.execute(f"DROP VIEW physical.{made.pop(0)}")
