"""Edits as the fields of their record, and back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from datetime import date
from typing import Any

from perilune.planning.contracts import EDITS, Edit, What


def values_of(edit: Edit) -> dict[str, Any]:
    """Return an edit as the fields of its record, `type` among them."""
    found: dict[str, Any] = {"type": edit.TYPE}
    for item in fields(edit):
        found[item.name] = _plain(item.name, getattr(edit, item.name))
    return found


def edit_of(state: Mapping[str, Any]) -> Edit | None:
    """Return the edit of a record; None where its type is unknown or a field that it needs is gone.

    Both happen where a record was written by a later version, or a part of it was retracted.
    """
    kind = EDITS.get(state.get("type") or "")
    if kind is None:
        return None
    given = {}
    for item in fields(kind):
        value = state.get(item.name)
        if value is None and item.default is MISSING:
            return None
        given[item.name] = item.default if value is None else _rich(item.name, value)
    return kind(**given)


def _plain(name: str, value: Any) -> Any:
    if name == "accounts":
        return json.dumps(list(value)) if value else None
    if name == "series":
        return json.dumps([[day.isoformat(), level] for day, level in value])
    return value.value if isinstance(value, What) else value


def _rich(name: str, value: Any) -> Any:
    if name == "accounts":
        return tuple(json.loads(value))
    if name == "series":
        return tuple((date.fromisoformat(day), float(level)) for day, level in json.loads(value))
    return What(value) if name == "what" else value


def plan_lines_text(lines: Iterable[tuple[int, int]]) -> str:
    """Return (edit, number in the plan) pairs as a scenario keeps them."""
    return json.dumps(sorted(lines))
