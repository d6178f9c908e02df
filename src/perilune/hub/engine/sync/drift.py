"""How an object's shape changed since it was last looked at."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from perilune.hub.contracts import FileMap
from perilune.hub.contracts.sync import Drift, SourceField


def drifts(
    name: str,
    before: Mapping[str, tuple[str, str]],
    now: Sequence[SourceField],
    mapped: Collection[str],
) -> list[Drift]:
    """Return what changed. before: field -> (type, label) as kept; nothing for a first look.

    A field that went while one of its type and label came was renamed.
    """
    if not before:
        return []
    here = {one.name: (one.type, one.label) for one in now}
    gone = [n for n in before if n not in here]
    come = [n for n in here if n not in before]
    found: list[Drift] = []
    for old in list(gone):
        same = [new for new in come if here[new] == before[old]]
        if len(same) == 1:
            found.append(Drift(name, "renamed", old, old, same[0], old in mapped))
            gone.remove(old)
            come.remove(same[0])
    found += [Drift(name, "removed", n, before[n][0], "", n in mapped) for n in gone]
    found += [Drift(name, "new", n, "", here[n][0]) for n in come]
    found += [
        Drift(name, "retyped", n, before[n][0], here[n][0], n in mapped)
        for n in before
        if n in here and before[n][0] != here[n][0]
    ]
    return found


def followed(mapping: FileMap, changes: Sequence[Drift]) -> FileMap:
    """Return a mapping that reads renamed fields under their new name and leaves gone ones out."""
    names = {d.was: d.now for d in changes if d.what == "renamed"}
    gone = {d.field for d in changes if d.what == "removed"}
    records = []
    for record in mapping.records:
        fields = tuple(
            replace(
                one,
                column=names.get(one.column, one.column),
                name_column=names.get(one.name_column, one.name_column),
            )
            for one in record.fields
            if not one.column or one.column not in gone
        )
        key = tuple(names.get(column, column) for column in record.key)
        records.append(replace(record, fields=fields, key=key))
    return replace(mapping, records=tuple(records))
