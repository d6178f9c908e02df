"""Writes rows of Python values to Parquet with the declared types, in bounded memory."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from perilune.kernel.errors import Invalid
from perilune.kernel.wiring import Columns

ARROW_TYPES: dict[str, pa.DataType] = {
    "BIGINT": pa.int64(),
    "INTEGER": pa.int32(),
    "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
    "VARCHAR": pa.string(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us"),
}
ROWS_AT_ONCE = 50_000
_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")


def schema_of(columns: Columns) -> pa.Schema:
    """Return the Parquet schema of declared columns; Invalid on a type that the store lacks."""
    for name, type_ in columns:
        if type_ not in ARROW_TYPES or not _NAME.match(name):
            raise Invalid(
                "The store has no column %(name)s of type %(type)s.", name=name, type=type_
            )
    return pa.schema([pa.field(name, ARROW_TYPES[type_]) for name, type_ in columns])


def write_rows(
    path: Path, columns: Columns, batches: Iterable[Sequence[Sequence[Any]]]
) -> Iterator[int]:
    """Write batches of rows; give the number of rows so far after each write.

    The file is whole once the iterator is exhausted. TIMESTAMP columns take datetimes (aware ones
    are turned into UTC), ISO texts or integer microseconds; DATE columns dates or ISO texts.
    """
    schema = schema_of(columns)
    done = 0
    with pq.ParquetWriter(path, schema, compression="lz4") as writer:
        for rows in _regrouped(batches):
            writer.write_table(_table(rows, schema))
            done += len(rows)
            yield done


def _regrouped(batches: Iterable[Sequence[Sequence[Any]]]) -> Iterator[list[Sequence[Any]]]:
    """Give lists of a good size, whatever the size of the batches."""
    rows = (row for batch in batches for row in batch)
    while taken := list(islice(rows, ROWS_AT_ONCE)):
        yield taken


def _table(rows: list[Sequence[Any]], schema: pa.Schema) -> pa.Table:
    arrays = [
        _array(values, field) for values, field in zip(zip(*rows, strict=True), schema, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def _array(values: Sequence[Any], field: pa.Field) -> pa.Array:
    try:
        if pa.types.is_timestamp(field.type):
            return _timestamps(values)
        if pa.types.is_date(field.type) and isinstance(_first(values), str):
            return pa.array(values, pa.string()).cast(pa.date32())
        return pa.array(values, field.type)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError) as error:
        raise Invalid(
            "Column %(name)s has a value that is no %(type)s: %(error)s.",
            name=field.name,
            type=str(field.type),
            error=str(error),
        ) from error


def _timestamps(values: Sequence[Any]) -> pa.Array:
    first = _first(values)
    if isinstance(first, int):
        return pa.array(values, pa.int64()).cast(pa.timestamp("us"))
    if isinstance(first, str):
        values = [value and datetime.fromisoformat(value) for value in values]
    return pa.array(values, pa.timestamp("us"))


def _first(values: Sequence[Any]) -> Any:
    return next((value for value in values if value is not None), None)
