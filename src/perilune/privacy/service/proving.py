"""Proves an erasure: reads every table and every file of the home and searches for the person.

It asks no declaration: tables are those that the databases name, files those that lie there.
"""

from __future__ import annotations

import os
import sqlite3
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.conf import settings
from django.db import connections

from perilune.privacy.contracts.dossiers import OUTSIDE
from perilune.privacy.engine.tracing import Tracer
from perilune.privacy.engine.values import form, keyed
from perilune.privacy.queries.sealing import hash_key
from perilune.privacy.queries.subjects import Subject

ROWS = 5_000
Tally = dict[str, Any]


def begun() -> Tally:
    """Return the tally of a search that has not begun."""
    return {
        "units": 0,
        "after": None,
        "files": 0,
        "bytes": 0,
        "tables": 0,
        "cells": 0,
        "remains": {},
    }


def search(tally: Tally, subject: Subject, seconds: float) -> bool:
    """Search on for some seconds; true once all was read. A file that goes meanwhile is skipped."""
    deadline = time.monotonic() + seconds
    tracer = Tracer(subject.values)
    units = _units()
    while tally["units"] < len(units):
        sort, name, where = units[tally["units"]]
        if sort == "table":
            is_read = _table(tally, tracer, name, where, deadline)
        else:
            is_read = True
            _file(tally, tracer, subject, Path(where))
        if is_read:
            tally["units"], tally["after"] = tally["units"] + 1, None
        if time.monotonic() > deadline:
            break
    return bool(tally["units"] >= len(units))


def size() -> int:
    """Return how many tables and files there are to read."""
    return len(_units())


def proof_of(tally: Mapping[str, Any], subject: Subject) -> dict[str, Any]:
    """Return what was read and found, with keyed hashes instead of the values."""
    key = hash_key()
    return {
        "files": tally["files"],
        "bytes": tally["bytes"],
        "tables": tally["tables"],
        "cells": tally["cells"],
        "values": [[v.sort, keyed(key, v.sort, form(v))] for v in subject.values],
        "shared": len(subject.common),
        "remains": sorted(tally["remains"].items()),
        "outside": list(OUTSIDE),
    }


def _units() -> list[tuple[str, str, str]]:
    """Return (table or file, its name, its database or path), in an order that stays."""
    units = []
    for alias in connections:
        connection = connections[alias]
        with connection.cursor() as cursor:
            names = sorted(connection.introspection.table_names(cursor))
        units += [("table", name, alias) for name in names]
    home = Path(settings.PERILUNE_HOME)
    # in order of name: files that come meanwhile are looked at, or written after the person went
    return units + [("file", path.name, str(path)) for path in files_of(home)]


def files_of(home: Path) -> list[Path]:
    """Return every file of a home, its databases and their logs among them, wherever they lie."""
    found = {Path(folder) / name for folder, _folders, names in os.walk(home) for name in names}
    for alias in connections:
        if connections[alias].vendor == "sqlite":
            path = Path(str(connections[alias].settings_dict["NAME"]))
            found |= {each for each in path.parent.glob(f"{path.name}*") if each.is_file()}
    return sorted(found)


def _table(tally: Tally, tracer: Tracer, name: str, alias: str, deadline: float) -> bool:
    """Read a table on; true once it was read to its end."""
    connection = connections[alias]
    with connection.cursor() as cursor:
        key = connection.introspection.get_primary_key_column(cursor, name)
        # Django's description of a table parses its SQL, which costs more than the whole search
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(name)} LIMIT 0")
        columns = [column[0] for column in cursor.description]
    while True:
        rows = _rows(alias, name, columns, key, tally["after"])
        for cell in (cell for row in rows for cell in row):
            if isinstance(cell, str | bytes | memoryview | dict | list):
                tally["cells"] += 1
                if _cell(tracer, cell):
                    _remains(tally, f"table {name}")
        if key is None or len(rows) < ROWS:
            tally["tables"] += 1
            return True
        tally["after"] = rows[-1][columns.index(key)]
        if time.monotonic() > deadline:
            return False


def _rows(
    alias: str, name: str, columns: list[str], key: str | None, after: Any
) -> list[tuple[Any, ...]]:
    """Return the next rows of a table, in order of its key; all of one that has none."""
    quote = connections[alias].ops.quote_name
    sql = f"SELECT {', '.join(map(quote, columns))} FROM {quote(name)}"
    values = []
    if key is not None and after is not None:
        sql, values = f"{sql} WHERE {quote(key)} > %s", [after]
    if key is not None:
        sql = f"{sql} ORDER BY {quote(key)} LIMIT {ROWS}"
    with connections[alias].cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def _cell(tracer: Tracer, cell: Any) -> set[int]:
    if isinstance(cell, str):
        return tracer.found(cell.encode("utf-8", "surrogatepass"))
    if isinstance(cell, bytes | memoryview):
        return tracer.through(cell)
    return tracer.in_document(cell)


def _remains(tally: Tally, place: str) -> None:
    tally["remains"][place] = tally["remains"].get(place, 0) + 1


def _file(tally: Tally, tracer: Tracer, subject: Subject, path: Path) -> None:
    name = os.path.relpath(path, settings.PERILUNE_HOME)
    try:
        found = tracer.found(name.encode("utf-8", "surrogateescape"))
        for part in _contents(tracer, path):
            found |= part
        tally["files"] += 1
        tally["bytes"] += path.stat().st_size
    except FileNotFoundError:
        return
    if found:
        _remains(tally, f"file {subject.scrubber.text(name)}")


def _contents(tracer: Tracer, path: Path) -> Iterator[set[int]]:
    """Give what is found in a file: in its bytes, and in what they hold packed."""
    if path.suffix == ".parquet":
        yield from _parquet(tracer, path)
        return
    with path.open("rb") as file:
        yield tracer.in_chunks(file.read)
        file.seek(0)
        head = file.read(16)
    if head.startswith(b"SQLite format 3") and path.suffix == ".sqlite3":
        if not _is_live(path):
            yield from _sqlite(tracer, path)
    elif head.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(path) as archive:
            for member in archive.namelist():
                with archive.open(member) as inside:
                    yield tracer.in_chunks(inside.read)
    elif head[:2] in (b"\x1f\x8b", b"\x78\x9c", b"\x78\x01", b"\x78\xda"):
        yield tracer.through(path.read_bytes())


def _is_live(path: Path) -> bool:
    """Tell the databases that are read table by table through their own connection."""
    return any(str(connections[alias].settings_dict["NAME"]) == str(path) for alias in connections)


def _parquet(tracer: Tracer, path: Path) -> Iterator[set[int]]:
    """Read every text of a file of the store, and the smallest and greatest ones its foot keeps."""
    with pq.ParquetFile(path) as file:
        texts = [field.name for field in file.schema_arrow if "string" in str(field.type)]
        for number in range(file.num_row_groups):
            group = file.read_row_group(number, columns=texts)
            for column in group.columns:
                words = [word for word in pc.unique(column).to_pylist() if word]
                yield tracer.found("\x1e".join(words).encode("utf-8", "surrogatepass"))
            foot = file.metadata.row_group(number)
            for at in range(foot.num_columns):
                statistics = foot.column(at).statistics
                if statistics is not None and statistics.has_min_max:
                    for edge in (statistics.min, statistics.max):
                        if isinstance(edge, str | bytes):
                            yield tracer.in_document(edge)


def _sqlite(tracer: Tracer, path: Path) -> Iterator[set[int]]:
    """Read every cell of a database that is not one of the home's own two."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (name,) in names:
            for row in database.execute(f'SELECT * FROM "{name}"'):
                for cell in row:
                    if isinstance(cell, str | bytes):
                        yield _cell(tracer, cell)
