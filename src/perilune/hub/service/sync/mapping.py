"""How each object of a source becomes records: proposed, chosen, followed through drift."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, replace
from typing import Any

from perilune.hub.contracts import FieldMap, FileMap, RecordMap, Shape, from_json, to_json
from perilune.hub.contracts.sync import SourceField, SourceHistory, SourceObject
from perilune.hub.engine.known import SYNONYMS
from perilune.hub.engine.mapping import as_kind, plain
from perilune.kernel.wiring import KINDS

SYSTEM = "system"
"""The type of a column that a sync makes itself: nobody maps it."""

_LEFT = frozenset({"address", "location", "base64", "complexvalue", SYSTEM})
_PEOPLE = (
    ("name", "Name"), ("email", "Email"), ("phone", "Phone"), ("title", "Title"),
    ("country", "Country"), ("_team", "UserRoleId"), ("_manager", "ManagerId"),
)  # fmt: skip


def file_of(item: SourceObject) -> str:
    """Return the name of the file in which an object's rows land."""
    return f"{item.name}.csv"


def proposed(item: SourceObject, fields: Sequence[SourceField]) -> FileMap:
    """Return how an object is best read; its columns are the fields that can be read as text."""
    names = [one.name for one in fields if one.type not in _LEFT]
    if item.kind == "rep" and not item.is_given:
        return _people(item, names)
    if item.kind == "team" and not item.is_given:
        return _teams(item, names)
    if item.reads:
        return _read_as_told(item, fields)
    declared = {kind.name: kind for kind in KINDS}
    found = as_kind(file_of(item), names, item.kind, declared)
    own = [one for one in found.records if one.kind == item.kind][-1:]
    records = [replace(one, key=(item.key,)) for one in own or (RecordMap(item.kind, ()),)]
    system = {item.gone, item.stamp, item.into}
    fields_ = tuple(
        one for one in records[0].fields if one.column not in system and one.column != item.key
    )
    mine = replace(records[0], fields=fields_)
    if item.kind == "rep":
        return replace(found, records=(mine, _seat(item, fields_)))
    return replace(found, records=(mine,))


def _seat(item: SourceObject, fields: Sequence[FieldMap]) -> RecordMap:
    """Return the place of a rep whom a list of people names: a seller, since the day of hiring."""
    hired = [FieldMap("effective_from", one.column) for one in fields if one.field == "hire_date"]
    place = (FieldMap("rep_id", item.key), FieldMap("role", constant="seller"), *hired)
    return RecordMap("assignment", place, (item.key,))


def _read_as_told(item: SourceObject, fields: Sequence[SourceField]) -> FileMap:
    """Read the vendor's own fields as they are meant, a company's own where their labels say it."""
    there = {one.name for one in fields}
    read = {name: column for name, column in item.reads if column in there}
    declared = {one.name for one in KINDS.get(item.kind).fields}
    known = {word: name for name, words in SYNONYMS.get(item.kind, {}).items()
             for word in words.split() if name in declared}  # fmt: skip
    for one in fields:
        name = known.get(plain(one.label), "") if one.is_custom and one.type not in _LEFT else ""
        if name and name not in read:
            read[name] = one.name
    # a key of what is not read, or not yet, is named: a record is not made of it
    links = {one.name for one in KINDS.get(item.kind).fields if one.target}
    found = tuple(
        FieldMap(name, column, on_unknown="warn" if name in links - {"stage_id"} else "")
        for name, column in read.items()
    )
    return FileMap(file_of(item), Shape.RECORDS, (RecordMap(item.kind, found, (item.key,)),))


def _people(item: SourceObject, names: Sequence[str]) -> FileMap:
    """Read users: reps, and where each stands in the hierarchy since they came."""
    reads = [(name, column) for name, column in item.reads or _PEOPLE if column in names]
    rep = tuple(FieldMap(name, column) for name, column in reads if name[0] != "_")
    place_of = dict(reads)
    place = [
        FieldMap("rep_id", item.key), FieldMap("role", constant="seller"),
        FieldMap("effective_from", item.created),
    ]  # fmt: skip
    for name, column, on_unknown in (
        ("team_id", place_of.get("_team"), "warn"),
        ("team_id", place_of.get("_team_name"), "create"),
        ("manager_id", place_of.get("_manager"), "warn"),
    ):
        place += [FieldMap(name, column, on_unknown=on_unknown)] if column else []
    records = (
        RecordMap("rep", rep, (item.key,)), RecordMap("assignment", tuple(place), (item.key,)),
    )  # fmt: skip
    return FileMap(file_of(item), Shape.RECORDS, records)


def _teams(item: SourceObject, names: Sequence[str]) -> FileMap:
    fields = [FieldMap("name", "Name"), FieldMap("level", constant="team")]
    fields += [FieldMap("parent_id", "ParentRoleId")] if "ParentRoleId" in names else []
    return FileMap(file_of(item), Shape.RECORDS, (RecordMap("team", tuple(fields), (item.key,)),))


def lost_title(item: SourceObject, mapping: FileMap, fields: Sequence[SourceField]) -> str:
    """Return the column that names records and is gone, "" where none is.

    Only of objects that a person named: a vendor's own names stay what they are.
    """
    title, there = KINDS.get(item.kind).title_field, {one.name for one in fields}
    named = [one.column for one in mapping.records[0].fields if one.field == title and one.column]
    return next((column for column in named if item.is_given and column not in there), "")


def at_first(read: Mapping[str, Any], item: SourceObject) -> dict[str, Any]:
    """Return the state of an object that a connection meets: read where it has read none yet.

    What comes to be known later, and what must be asked for, is offered and left to a person.
    """
    return {"on": not item.is_asked and not any(kept.get("cursor_us") for kept in read.values())}


def histories(item: SourceObject, read: Mapping[str, Any]) -> list[SourceHistory]:
    """Return the histories of an object that are read, of those that its source may lack."""
    shown = read.get("histories", ())
    return [past for past in item.history if not past.is_optional or past.name in shown]


def used(mapping: FileMap) -> list[str]:
    """Return the columns that a mapping reads, in order."""
    found = [c for record in mapping.records for c in record.key]
    for record in mapping.records:
        for one in record.fields:
            found += [one.column, one.name_column]
    return list(dict.fromkeys(name for name in found if name))


def columns_of(
    item: SourceObject, mapping: FileMap, fields: Iterable[str], also: str = ""
) -> tuple[str, ...]:
    """Return the columns that a sync asks for: those mapped, and those that it needs itself."""
    there = set(fields)
    system = (item.key, item.created, item.stamp, item.gone, item.into, *(item.dated or ()), also)
    wanted = [*system, *used(mapping)]
    return tuple(dict.fromkeys(name for name in wanted if name and name in there))


def shape_of(fields: Iterable[SourceField]) -> dict[str, Any]:
    """Return what is kept of an object's shape: its fields, and its stages where it tells them."""
    fields = list(fields)
    return {
        "shape": {one.name: [one.type, one.label, one.is_custom] for one in fields},
        "stages": [astuple(stage) for one in fields for stage in one.stages],
    }


def for_rows(item: SourceObject, mapping: FileMap, kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return the mapping of an object's file in one run: the source's instants count."""
    created, stamp = item.dated or (item.created, item.stamp)
    options = {**mapping.options, "created": created, "stamp": stamp}
    if kept.get("stages"):
        options["stages"] = kept["stages"]
    loose = {
        record.kind: [one.field for one in record.fields if one.column in item.unstamped]
        for record in mapping.records
    }
    if any(loose.values()):
        options["unstamped"] = loose
    return to_json(replace(mapping, file=file_of(item), options=options))


def for_past(item: SourceObject, file: str) -> dict[str, Any]:
    """Return the mapping of the file that tells an object's past."""
    columns = {"record": "Record", "at": "At", "field": "Field", "old": "Old", "new": "New"}
    record = RecordMap(item.kind, ())
    return to_json(FileMap(file, Shape.HISTORY, (record,), {"columns": columns}))


def for_gone(item: SourceObject, file: str) -> dict[str, Any]:
    """Return the mapping of the file that lists what is gone."""
    return to_json(FileMap(file, Shape.GONE, (RecordMap(item.kind, (), ("Key",)),)))


def kept(data: Mapping[str, Any]) -> FileMap | None:
    """Return the mapping that a connection keeps of an object; None before the first look."""
    return from_json(data["mapping"]) if data.get("mapping") else None
