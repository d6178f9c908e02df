"""What a person chooses on the mapping page: kinds and columns, beside what the file holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from perilune.history import queries as history
from perilune.hub.contracts import FileMap, Shape, from_json, to_json
from perilune.hub.engine.mapping import as_kind, chosen
from perilune.hub.engine.sources import Table, chunks
from perilune.hub.service.common import run_of
from perilune.hub.service.opening import import_map
from perilune.hub.service.reading import ORDER
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.wiring import KINDS

SAMPLES = 3
_EXTRA = {
    "opportunity": ("_key", "_status", "_won", "_lost"),
    "quota": ("_key", "_period"),
}


@dataclass(frozen=True)
class ColumnChoice:
    """A column of a file: what it holds, and which field it is taken for."""

    column: str
    samples: tuple[str, ...]
    field: str
    confidence: float


@dataclass(frozen=True)
class TableChoice:
    """A file as the mapping page shows it. is_editable: one record a row, columns can be chosen."""

    index: int
    mapping: FileMap
    columns: tuple[ColumnChoice, ...]
    is_editable: bool
    kinds: tuple[str, ...]
    fields: tuple[tuple[str, str], ...]


def import_choices(run_id: int) -> list[TableChoice]:
    """Return the files of a run with their columns, samples and what they are taken for."""
    run = run_of(run_id)
    kinds = tuple(kind for kind in ORDER if kind in KINDS)
    result = []
    for index, (data, item) in enumerate(zip(run.tables, run.mappings, strict=True)):
        table, mapping = Table.from_json(data), from_json(item)
        is_editable = mapping.shape is Shape.SKIP or (
            mapping.shape is Shape.RECORDS and len(mapping.records) == 1
        )
        result.append(
            TableChoice(
                index,
                mapping,
                _columns(table, mapping),
                is_editable,
                kinds,
                _fields(mapping.records[0].kind) if mapping.records else (),
            )
        )
    return result


def _columns(table: Table, mapping: FileMap) -> tuple[ColumnChoice, ...]:
    head = next(chunks(table, SAMPLES), None)
    rows = list(islice(head.rows, SAMPLES)) if head else []
    taken: dict[str, tuple[str, float]] = {}
    for record in mapping.records:
        for name in record.key[:1]:
            taken.setdefault(name, ("_key", 1.0))
        for one in record.fields:
            if one.column and (one.column not in taken or taken[one.column][0] == "_key"):
                is_own_key = (
                    one.column in record.key and one.field == "name" and len(record.fields) > 1
                )
                has_name = sum(f.field == "name" for f in record.fields) > 1
                taken[one.column] = (
                    "_key" if is_own_key and has_name else one.field,
                    one.confidence,
                )
    return tuple(
        ColumnChoice(
            name,
            tuple(row[i] for row in rows if i < len(row) and row[i]),
            *taken.get(name, ("", 1.0)),
        )
        for i, name in enumerate(table.header)
    )


def _fields(kind: str) -> tuple[tuple[str, str], ...]:
    return tuple((item.name, item.label) for item in history.all_fields(kind))


def import_choose(
    run_id: int, kinds: Mapping[int, str], columns: Mapping[int, Mapping[str, str]]
) -> bool:
    """Take a person's choices; true when a kind changed, so that its columns are proposed anew."""
    run = run_of(run_id)
    declared = {kind.name: kind for kind in KINDS}
    maps: list[FileMap] = []
    is_other = False
    for index, (data, item) in enumerate(zip(run.tables, run.mappings, strict=True)):
        table, mapping = Table.from_json(data), from_json(item)
        wanted = kinds.get(index)
        have = "skip" if mapping.shape is Shape.SKIP else (mapping.kinds or ("",))[-1]
        if wanted is None or (wanted == have and index not in columns):
            pass
        elif wanted == "skip":
            mapping = FileMap(table.name, Shape.SKIP, reason=_("Left out by choice."))
        elif wanted != have:
            mapping, is_other = as_kind(table.name, table.header, wanted, declared), True
        elif mapping.shape is Shape.RECORDS and len(mapping.records) == 1:
            mapping = chosen(mapping, columns[index], "", declared[wanted])
        maps.append(mapping)
    import_map(run_id, [to_json(mapping) for mapping in maps])
    return is_other


def set_options(run_id: int, *, source: str, as_of_us: int | None, is_full: bool) -> None:
    """Change a run's source, day and whether its files hold every record, before it is read.

    A named source also answers the question which one the files are of.
    """
    run = run_of(run_id)
    if source.strip():
        run.source = source.strip()[:80]
        run.guess = {**run.guess, "is_asked": False}
    run.asked_us, run.is_full = as_of_us, is_full
    run.save(update_fields=["source", "guess", "asked_us", "is_full"])
