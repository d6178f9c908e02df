"""Takes a person out of every file of the store: bases and overlays of all versions that are kept.

A file keeps its name, its rows and their order; it is replaced whole or not at all. A version of
the store that somebody pinned thus still answers, without the person.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from perilune.kernel.personal import Cleaned, Scrub
from perilune.kernel.wiring import STORE_TABLES
from perilune.store.layout import Store, with_table


@dataclass(frozen=True)
class Own:
    """The rows of a person: kind to ids, kind to column to what stands instead (`%(id)s`)."""

    records: Mapping[str, frozenset[int]]
    instead: Mapping[str, Mapping[str, str | None]]


def files_of(store: Store) -> list[str]:
    """Return every file of rows, of whatever version, relative to the store."""
    return sorted(str(path.relative_to(store.path)) for path in store.path.glob("tables/*/*"))


def erase(
    store: Store,
    own: Own,
    scrub: Scrub,
    also: Mapping[tuple[str, int, str], Scrub],
    *,
    is_dry: bool = False,
) -> Cleaned:
    """Take a person out of all files and publish a version of its own; is_dry only counts.

    also: (kind, id, column) to what is taken out of it beyond that. Safe to repeat: a crash leaves
    each file as it was or as it is to be.
    """
    kinds = {table.name: table.kind for table in STORE_TABLES}
    with store.writing():
        named: list[str] = []
        every = files_of(store)
        for path in every:
            name = path.split("/")[1]
            if _rewritten(store.path / path, _Rules(kinds.get(name, ""), own, scrub, also), is_dry):
                named.append(path)
        if named and not is_dry:
            _publish(store, set(named))
        return Cleaned(len(every), len(named))


def _publish(store: Store, paths: set[str]) -> None:
    """Let every reader take the rows for new: what it remembers goes by version and change."""
    before = store.manifest()
    after = replace(before, version=before.version + 1)
    for name, table in before.tables.items():
        if paths & set(table.files):
            after = with_table(after, replace(table, changed=after.version), name)
    store.publish(after)


@dataclass(frozen=True)
class _Rules:
    kind: str
    own: Own
    scrub: Scrub
    also: Mapping[tuple[str, int, str], Scrub]


def _rewritten(path: Path, rules: _Rules, is_dry: bool) -> bool:
    with pq.ParquetFile(path) as file:
        # a column that was never empty is so from now on
        schema = pa.schema([field.with_nullable(True) for field in file.schema_arrow])
        if not any(_is_text(field.type) for field in schema):
            return False
        groups, is_changed = [], False
        for number in range(file.num_row_groups):
            group, changed = _cleaned(file.read_row_group(number), rules)
            groups.append(group)
            is_changed = is_changed or changed
    if not is_changed or is_dry:
        return is_changed
    draft = path.with_name(f".{path.name}.draft")
    with pq.ParquetWriter(draft, schema, compression="lz4") as writer:
        for group in groups:
            whole = pa.Table.from_arrays(group.columns, schema=schema)
            writer.write_table(whole, row_group_size=max(1, group.num_rows))
    with draft.open("rb") as written:
        os.fsync(written.fileno())
    os.replace(draft, path)
    return True


def _cleaned(group: pa.Table, rules: _Rules) -> tuple[pa.Table, bool]:
    key = group.column_names[0]
    ids = group.column(key)
    mine = rules.own.records.get(rules.kind, frozenset())
    # the place of each row that is the person's, or that a person judged
    judged = {record_id for kind, record_id, _column in rules.also if kind == rules.kind}
    wanted = pa.array(sorted(mine | judged), pa.int64())
    places = (
        pc.indices_nonzero(pc.is_in(ids, value_set=wanted)).to_pylist()
        if len(wanted) and pa.types.is_integer(ids.type)
        else []
    )
    is_changed = False
    for at, field in enumerate(group.schema):
        if not _is_text(field.type):
            continue
        column = group.column(at)
        new = _column(field.name, column, ids, places, rules, mine)
        if new is not None:
            group, is_changed = group.set_column(at, field, new), True
    return group, is_changed


def _column(  # noqa: PLR0917  # one call site: a column, its keys and its rules
    name: str, column: pa.ChunkedArray, ids: Any, places: list[int], rules: _Rules,
    mine: frozenset[int],
) -> pa.ChunkedArray | None:  # fmt: skip
    """Return a column without the person, or None where nothing is to do."""
    words = pc.unique(column).to_pylist()
    fresh = {
        word: clean
        for word in words
        if word is not None and (clean := rules.scrub.text(word)) != word
    }
    instead = rules.own.instead.get(rules.kind, {})
    special: dict[int, str | None] = {}
    for place in places:
        record_id, value = ids[place].as_py(), column[place].as_py()
        if value is None:
            continue
        if record_id in mine and name in instead:
            text = instead[name]
            new = text and text % {"id": record_id}
        else:
            judged = rules.also.get((rules.kind, record_id, name))
            new = judged.text(value) if judged is not None else rules.scrub.text(value)
        if new != value:
            special[place] = new
    if not fresh and not special:
        return None
    values = column.to_pylist()
    values = [fresh.get(value, value) if value is not None else None for value in values]
    for place, new in special.items():
        values[place] = new
    return pa.chunked_array([pa.array(values, column.type)])


def _is_text(type_: pa.DataType) -> bool:
    return bool(pa.types.is_string(type_) or pa.types.is_large_string(type_))
