"""The content of a plan as a document, and back; what two documents differ by."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, fields
from datetime import date
from typing import Any

from perilune.planning.contracts import EDITS, Assumption, Edit
from perilune.planning.contracts.plans import Cell, Content, Level, Place, UnitRow
from perilune.planning.engine.stored import edit_of, values_of

Document = Mapping[str, Mapping[str, Any]]
Changes = list[list[Any]]
"""[[part, key, before, after], …]; None where there was or is nothing."""

PARTS = ("units", "cells", "people", "accounts", "facts")
_DATES = ("starts", "ends", "last_day")
_SEP = "|"
_SOURCE = "source"
"""Beside the fields of an event: the scenario and the edit of it that it was taken from."""


def document_of(content: Content) -> dict[str, dict[str, Any]]:
    """Return a content as plain JSON: five parts, each by key."""
    return {
        "units": {row.unit: _unit(row) for row in content.units.values()},
        "cells": {_key(place): list(cell) for place, cell in content.cells.items()},
        "people": {str(item.id): _event(item) for item in content.people},
        "accounts": {str(id_): minor for id_, minor in content.accounts.items()},
        # a database may keep the keys of a document in an order of its own
        "facts": {"order": list(content.units)}
        | ({"season": list(content.season)} if content.season else {})
        | ({"mix": dict(content.mix)} if content.mix else {}),
    }


def content_digest(content: Content) -> str:
    """Return a short key of what a plan says, the same wherever it says the same."""
    text = json.dumps(document_of(content), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def content_of(document: Document) -> Content:
    """Return the content of a document; an edit of a type that is unknown by now is left out."""
    people = (
        (int(id_), rich_edit(values), values.get(_SOURCE))
        for id_, values in document.get("people", {}).items()
    )
    rows, order = document.get("units", {}), document.get("facts", {}).get("order", ())
    known = set(order)
    units = [unit for unit in order if unit in rows] + [unit for unit in rows if unit not in known]
    return Content(
        units={unit: UnitRow(unit, **rows[unit]) for unit in units},
        cells={_place(key): Cell(*cell) for key, cell in document.get("cells", {}).items()},
        people=tuple(
            Assumption(id_, edit, (source[0], source[1]) if source else None)
            for id_, edit, source in people
            if edit is not None
        ),
        accounts={int(id_): minor for id_, minor in document.get("accounts", {}).items()},
        season=tuple(document.get("facts", {}).get("season", ())),
        mix=document.get("facts", {}).get("mix", {}),
    )


def year_of(document: Document, unit: str) -> dict[Level, int]:
    """Return the year of one unit by level in minor units, without building the content."""
    found: dict[Level, int] = {}
    for key, (minor, *_rest) in document.get("cells", {}).items():
        place = _place(key)
        if place.unit == unit:
            found[place.level] = found.get(place.level, 0) + minor
    return found


def changes_between(before: Document, after: Document) -> Changes:
    """Return what makes one document the other, by part and key in a fixed order."""
    found: Changes = []
    for part in PARTS:
        old, new = before.get(part, {}), after.get(part, {})
        for key in sorted({*old, *new}):
            if old.get(key) != new.get(key):
                found.append([part, key, old.get(key), new.get(key)])
    return found


def changed(document: Document, changes: Iterable[Sequence[Any]], *, back: bool) -> dict[str, Any]:
    """Return a document with changes made, or taken back."""
    found: dict[str, dict[str, Any]] = {part: dict(document.get(part, {})) for part in PARTS}
    for part, key, before, after in changes:
        value = before if back else after
        if value is None:
            found[part].pop(key, None)
        else:
            found[part][key] = value
    return found


def plain_edit(edit: Edit) -> dict[str, Any]:
    """Return an edit as JSON values."""
    values = values_of(edit)
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in values.items()
        if value is not None
    }


def rich_edit(values: Mapping[str, Any]) -> Edit | None:
    """Return the edit of JSON values; None where its type is unknown or a field is missing."""
    given = dict(values)
    for name in _DATES:
        if isinstance(given.get(name), str):
            given[name] = date.fromisoformat(given[name])
    kind = EDITS.get(str(given.get("type", "")))
    needed = [item.name for item in fields(kind) if item.default is MISSING] if kind else []
    return edit_of(given) if all(given.get(name) is not None for name in needed) else None


def _event(item: Assumption) -> dict[str, Any]:
    found = plain_edit(item.edit)
    return found if item.source is None else {**found, _SOURCE: list(item.source)}


def _unit(row: UnitRow) -> dict[str, Any]:
    values = {item.name: getattr(row, item.name) for item in fields(UnitRow)}
    values.pop("unit")
    return {name: value for name, value in values.items() if value not in (None, "", 0)}


def _key(place: Place) -> str:
    return _SEP.join((place.level.value, place.unit, str(place.month)))


def _place(key: str) -> Place:
    level, _sep, rest = key.partition(_SEP)
    unit, _sep, month = rest.rpartition(_SEP)
    return Place(Level(level), unit, int(month))
