"""A source's own history as single changes of fields, from snapshots or rows of one field."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple


class Told(NamedTuple):
    """A field of a record that went from old to new at an instant; texts as the source writes."""

    key: str
    at: str
    field: str
    old: str
    new: str


def from_snapshots(
    rows: Iterable[tuple[str, str, Sequence[str]]], names: Sequence[str], wanted: Collection[str]
) -> Iterator[Told]:
    """Give what changed from snapshot to snapshot.

    rows: (key, at, values in the order of names), by key, then in order of time. The first snapshot
    of a record tells its first values: they come from nothing. wanted: the fields to tell.
    """
    used = [(i, name) for i, name in enumerate(names) if name in wanted]
    for key, group in groupby(rows, key=lambda row: row[0]):
        before: Sequence[str] | None = None
        for _key, at, values in group:
            for i, name in used:
                old = before[i] if before is not None else ""
                if old != values[i]:
                    yield Told(key, at, name, old, values[i])
            before = values


def from_fields(
    rows: Iterable[tuple[str, str, Mapping[str, str]]], wanted: Collection[str],
    also: Sequence[tuple[str, str]] = (),
) -> Iterator[Told]:  # fmt: skip
    """Give the changes of wanted fields from rows of one field each: (key, at, row).

    A reference is told twice, by name and by id, and named without its «Id»: the ids count. also:
    (name, field) of other names that rows give to a field. A row without values tells that
    something happened (a record was created, a text too long to be kept changed), not what.
    """
    names = dict(also)
    for key, at, row in rows:
        if not (row.get("OldValue") or row.get("NewValue")):
            continue
        name = row.get("Field", "")
        name = names.get(name, name)
        if name in wanted:
            told = name
        elif name + "Id" in wanted and row.get("DataType", "EntityId") == "EntityId":
            told = name + "Id"
        else:
            continue
        yield Told(key, at, told, row.get("OldValue", ""), row.get("NewValue", ""))
