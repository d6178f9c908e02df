"""Compares rows of a fake with the records that a sync made of them, value by value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from perilune.history import queries as history

Rows = Mapping[str, Mapping[str, Any]]
Fields = Mapping[str, str]


def unlike(kind: str, rows: Rows, fields: Fields, name: str = "acme") -> list[str]:
    """Return what differs between live rows (key -> field -> value) and the records of a kind.

    fields: our field -> "" for a plain value, or the kind that its key names. Rows of several
    objects that become one kind are given together.
    """
    ids = history.identity_keys(name, kind)
    known = {to: history.identity_keys(name, to) for to in set(fields.values()) - {""}}
    states = history.states_as_of(kind, None)
    found = [f"{kind} {key} missing" for key in rows if ids.get(key) not in states]
    wanted = {ids.get(key) for key in rows}
    found += [f"{kind} record {i} extra" for i in states if i not in wanted]
    for key, row in rows.items():
        state = states.get(ids.get(key, 0), {})
        for field, to in fields.items():
            there = known[to].get(str(row[field])) if to else row[field]
            here = state.get(field)
            if (there if to else _plain(there)) != (here if to else _plain(here)):
                found.append(f"{kind} {key} {field}: {there!r} there, {here!r} here")
    return found


def _plain(value: Any) -> Any:
    return None if value in (None, "") else str(value)


def minor(amount: Any, unit: int = 100) -> int | None:
    """Return an amount as it is kept."""
    return None if amount in (None, "") else round(float(amount) * unit)


def live(rows: Rows, gone: str, columns: Iterable[tuple[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return rows that are not gone, by key, as field -> value; columns: (field, name or verb)."""
    columns = list(columns)
    return {
        str(key): {
            field: of(row) if callable(of) else row.get(of) if of else None for field, of in columns
        }
        for key, row in rows.items()
        if not row.get(gone)
    }
