"""Connections whose objects a person names, and what differs between the two, for tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from perilune.history import queries as history
from perilune.hub.contracts.sources import Probe
from perilune.hub.service import sync
from perilune.hub.tests.syncing import stage_name


def let_in(
    provider: str, address: str, keys: Mapping[str, str] | None = None, name: str = "acme"
) -> None:
    """Add a connection and come in."""
    sync.source_add(name, provider, address, keys or {})
    sync.connection_sign_in(name)


def read(object_name: str, kind: str, name: str = "acme", **told: Any) -> Probe:
    """Name an object."""
    return sync.object_set(name, {"name": object_name, "kind": kind, **told}, sleep=lambda _s: None)


def differing(
    there: Mapping[str, Mapping[str, Mapping[str, Any]]], name: str = "acme"
) -> list[str]:
    """Return what differs between rows and records, value by value.

    there: kind -> key -> field -> value; references by key, stages by name, money as it is written.
    """
    keys = {
        kind: history.identity_keys(name, kind)
        for kind in ("opportunity", "account", "contact", "lead", "rep")
    }
    found = []
    for kind, rows in there.items():
        states, ids = history.states_as_of(kind, None), keys[kind]
        found += [f"{kind} {key} missing" for key in rows if ids.get(key) not in states]
        wanted = {ids.get(key) for key in rows}
        found += [f"{kind} record {i} extra" for i in states if i not in wanted]
        for key, row in rows.items():
            state = states.get(ids.get(key, 0))
            if state is not None:
                found += [
                    f"{kind} {key} {field}: {value!r} is {here!r}"
                    for field, value in row.items()
                    if (here := _told(field, state[field], keys)) != _wanted(field, value)
                ]
    return found


_REFERS = {"account_id": "account", "owner_id": "rep", "contact_id": "contact"}


def _told(field: str, value: Any, keys: Mapping[str, Mapping[str, int]]) -> Any:
    if field == "stage_id":
        return stage_name(value)
    if field in _REFERS:
        return next((key for key, i in keys[_REFERS[field]].items() if i == value), None)
    return str(value) if field.endswith("_date") and value is not None else value


def _wanted(field: str, value: Any) -> Any:
    if value in (None, ""):
        return None
    return round(float(value) * 100) if field in ("amount", "annual_revenue") else value
