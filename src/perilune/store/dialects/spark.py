"""Apache Spark over the same files, where one machine is outgrown. Needs pyspark and Java."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perilune.kernel.errors import Invalid, Unavailable
from perilune.store.building import physical_sql
from perilune.store.layout import Store, TableFiles


class SparkSessionOver:
    """A Spark session over a store: a temporary view for each state of a table."""

    dialect = "spark"

    def __init__(self, store: Store, master: str = "local[2]") -> None:
        try:
            from pyspark.errors import PySparkException
            from pyspark.sql import SparkSession

            builder = SparkSession.builder.master(master).appName("perilune")
            for key, value in _SETTINGS.items():
                builder = builder.config(key, value)
            self._spark = builder.getOrCreate()
        except ImportError as error:
            raise Unavailable("Spark is not installed: make env-spark installs it.") from error
        except Exception as error:  # the gateway tells of a missing Java by several exceptions
            raise Unavailable("Spark does not start: %(error)s", error=str(error)) from error
        self._failure = PySparkException
        self._store = store
        self._made: set[str] = set()

    def physical(self, files: TableFiles) -> str:
        """Return the name under which a table is read."""
        return f"physical_{files.physical}"

    def fetch(
        self, sql: str, tables: Iterable[TableFiles]
    ) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
        """Run SQL that reads these tables; return the columns and the rows; Invalid on failure."""
        try:
            for files in tables:
                self._make_view(files)
            frame = self._spark.sql(sql)
            return tuple(frame.columns), [tuple(row) for row in frame.collect()]
        except self._failure as error:
            raise Invalid("The query cannot be run: %(error)s", error=str(error)) from error

    def arrays(self, sql: str, tables: Iterable[TableFiles]) -> dict[str, NDArray[Any]]:
        """Run SQL whose columns are numbers without nulls; raises as `fetch` does."""
        names, rows = self.fetch(sql, tables)
        # decimals of the driver become floats, whole numbers stay whole
        columns = zip(*rows, strict=True) if rows else [()] * len(names)
        return {name: np.array(column) for name, column in zip(names, columns, strict=True)}

    def close(self) -> None:
        """Let the engine go."""
        self._spark.stop()

    def _make_view(self, files: TableFiles) -> None:
        if files.physical in self._made:
            return
        root = self._store.path.resolve()

        def scan(paths: Sequence[str]) -> str:
            # SQL on files takes one path; base files of a table are read together by a view
            name = f"{self.physical(files)}_{paths[0].rsplit('/', 1)[-1].split('-')[0]}"
            read = self._spark.read.parquet(*(str(root / path) for path in paths))
            read.createOrReplaceTempView(name)
            return name

        select = physical_sql(files, scan).replace('"', "`")
        self._spark.sql(select).createOrReplaceTempView(self.physical(files))
        self._made.add(files.physical)


_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "false",  # a division by zero is null, as on DuckDB
    "spark.sql.shuffle.partitions": "4",
    "spark.ui.enabled": "false",
    "spark.sql.caseSensitive": "false",
}
