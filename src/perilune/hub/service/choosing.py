"""What a person chooses on the mapping page: kinds and columns, beside what the file holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from perilune.history import queries as history
from perilune.hub.contracts import FileMap, Shape, from_json, to_json
from perilune.hub.engine.mapping import as_kind, chosen, hint, is_id
from perilune.hub.engine.sources import Table, chunks
from perilune.hub.service.common import run_of
from perilune.hub.service.opening import import_map
from perilune.hub.service.reading import ORDER
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.wiring import KINDS

SAMPLES = 3
_NEEDED = ("stage_id", "amount", "close_date", "created_date", "owner_id")
_EXTRA = {
    "opportunity": ("_key", "_status", "_won", "_lost"),
    "quota": ("_key", "_period"),
}
_NOT_OF_FILES = frozenset({"territory", "territory_seat", "territory_account"})
"""What an approved plan puts in force, or a system in which it was decided: never a file."""


@dataclass(frozen=True)
class ColumnChoice:
    """A column of a file: what it holds, which field it is taken for, else may be meant for."""

    column: str
    samples: tuple[str, ...]
    field: str
    confidence: float
    hint: str = ""


@dataclass(frozen=True)
class TableChoice:
    """A file as the mapping page shows it. is_editable: one record a row, columns can be chosen.

    missing, wanted: labels of required fields, and of others that deals need, without a column.
    """

    index: int
    mapping: FileMap
    columns: tuple[ColumnChoice, ...]
    is_editable: bool
    kinds: tuple[str, ...]
    fields: tuple[tuple[str, str], ...]
    missing: tuple[str, ...] = ()
    wanted: tuple[str, ...] = ()


def import_choices(run_id: int) -> list[TableChoice]:
    """Return the files of a run with their columns, samples and what they are taken for."""
    run = run_of(run_id)
    kinds = tuple(kind for kind in ORDER if kind in KINDS and kind not in _NOT_OF_FILES)
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
                *missing_in(mapping),
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
                # an id that stands in for a missing name is shown as what it is
                is_own_key = one.column in record.key and is_id(record.kind, one.column)
                taken[one.column] = ("_key" if is_own_key else one.field, one.confidence)
    kind = mapping.records[0].kind if mapping.records else ""
    used = {name for name, _confidence in taken.values()}
    result = []
    for i, name in enumerate(table.header):
        samples = tuple(row[i] for row in rows if i < len(row) and row[i])
        near = "" if name in taken else hint(kind, name, used)
        result.append(ColumnChoice(name, samples, *taken.get(name, ("", 1.0)), near))
    return tuple(result)


def missing_in(mapping: FileMap) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the labels of required fields that no column gives, and of others that deals need."""
    if mapping.shape is not Shape.RECORDS:
        return (), ()
    required: list[str] = []
    wanted: list[str] = []
    for record in mapping.records:
        kind = KINDS.get(record.kind)
        have = {one.field for one in record.fields}
        have |= {"starts", "ends"} if "_period" in have else set()
        have |= {"stage_id"} if "_status" in have else set()
        # read from other columns, or from the settings: see `Plan`
        have |= {"effective_from", "currency"}
        have |= {"name"} if record.kind in {"opportunity", "lead", "contact"} else set()
        labels = {item.name: item.label for item in kind.fields}
        required += [f.label for f in kind.fields if f.is_required and f.name not in have]
        if record.kind == "opportunity":
            wanted += [labels[name] for name in _NEEDED if name not in have]
    return tuple(dict.fromkeys(required)), tuple(dict.fromkeys(wanted))


def _fields(kind: str) -> tuple[tuple[str, str], ...]:
    return tuple((item.name, item.label) for item in history.all_fields(kind))


def missing_of(run_id: int) -> list[tuple[str, tuple[str, ...]]]:
    """Return (file, labels) of required fields that no column gives, before anything is read."""
    maps = [from_json(item) for item in run_of(run_id).mappings]
    return [(mapping.file, found) for mapping in maps if (found := missing_in(mapping)[0])]


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
