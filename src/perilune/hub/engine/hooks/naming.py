"""What a call names: the records that changed, or the rows that it brings.

A call is a hint, never the truth: what changed is asked of the system itself. Only where a source
sends nothing but calls are its rows taken.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

Named = dict[str, list[str]]
"""Keys of records by the object of the source that they are of."""

_HUBSPOT_TYPES = {"0-1": "contacts", "0-2": "companies", "0-3": "deals", "0-115": "owners"}
_HUBSPOT = {"contact": "contacts", "company": "companies", "deal": "deals"}
_PIPEDRIVE = {
    "deal": "deals", "person": "persons", "organization": "organizations", "user": "users",
}  # fmt: skip
_IDS = ("id", "Id", "key", "objectId")
_DEEPEST = 8


def named(provider: str, body: Any, objects: Sequence[str]) -> Named:
    """Return the records that a call says changed, of the objects that are synced.

    HubSpot and Pipedrive are read as they speak; whatever else as {"object", "id" or "ids"}, alone,
    in a list, or in "records", or as a Standard Webhooks event: {"type": "Account.changed",
    "data": {"id"}}. What names nothing that is synced is left out.

    Examples
    --------
    >>> named("salesforce", {"object": "Account", "ids": ["1", 2]}, ["Account"])
    {'Account': ['1', '2']}
    >>> named("hubspot", [{"subscriptionType": "deal.propertyChange", "objectId": 7}], ["deals"])
    {'deals': ['7']}
    """
    pairs: list[tuple[str, str]] = []
    for one in _items(body):
        if provider == "hubspot":
            pairs += _of_hubspot(one)
        elif provider == "pipedrive":
            pairs += _of_pipedrive(one)
        pairs += _plain(one)
    known = {name.lower(): name for name in objects}
    found: Named = {}
    for name, key in pairs:
        there = known.get(name.lower())
        if there is not None and key not in found.setdefault(there, []):
            found[there].append(key)
    return found


def _items(body: Any) -> list[Mapping[str, Any]]:
    if isinstance(body, Mapping) and isinstance(body.get("records"), list):
        body = body["records"]
    many = body if isinstance(body, list) else [body]
    return [one for one in many if isinstance(one, Mapping)]


def _of_hubspot(event: Mapping[str, Any]) -> list[tuple[str, str]]:
    word = str(event.get("subscriptionType", "")).partition(".")[0]
    name = _HUBSPOT_TYPES.get(str(event.get("objectTypeId", ""))) or _HUBSPOT.get(word)
    keys = [
        event.get("objectId"),
        event.get("primaryObjectId"),
        *_list(event.get("mergedObjectIds")),
    ]
    return [(name, text) for text in map(_key, keys) if name and text]


def _of_pipedrive(event: Mapping[str, Any]) -> list[tuple[str, str]]:
    meta = event.get("meta")
    if not isinstance(meta, Mapping):
        return []
    name = _PIPEDRIVE.get(str(meta.get("entity") or meta.get("object") or ""))
    is_second = "entity" in meta  # in version 2 `id` is the call's own
    key = _key(meta.get("entity_id") if is_second else meta.get("id"))
    return [(name, key)] if name and key else []


def _plain(event: Mapping[str, Any]) -> list[tuple[str, str]]:
    name = event.get("object")
    data = event.get("data")
    if not isinstance(name, str) and isinstance(event.get("type"), str):
        name = str(event["type"]).partition(".")[0]
    if not isinstance(name, str):
        return []
    inner = data if isinstance(data, Mapping) else event
    keys = [*_list(inner.get("ids")), *(inner.get(name_) for name_ in _IDS)]
    return [(name, text) for text in map(_key, keys) if text]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _key(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    text = str(value)
    return text if 0 < len(text) <= 200 else ""


# -- rows of a source that only calls -----------------------------------------------------------


def rows(body: Any) -> list[dict[str, str]]:
    """Return the rows that a call brings: each object of its list, flat, as texts.

    The list is the body itself, or stands in its only list of objects; else the body is the row.

    Examples
    --------
    >>> rows({"data": [{"id": 1, "owner": {"name": "Ann"}, "won": True, "left": None}]})
    [{'id': '1', 'owner.name': 'Ann', 'won': 'true', 'left': ''}]
    """
    if isinstance(body, Mapping):
        lists = [value for value in body.values() if _is_rows(value)]
        if len(lists) == 1:
            body = lists[0]
    many = body if isinstance(body, list) else [body]
    return [dict(_flat(one, "", 0)) for one in many if isinstance(one, Mapping)]


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, Mapping) for v in value)


def _flat(value: Any, name: str, depth: int) -> list[tuple[str, str]]:
    if isinstance(value, Mapping) and depth < _DEEPEST:
        return [
            pair
            for key, inner in value.items()
            for pair in _flat(inner, f"{name}.{key}" if name else str(key), depth + 1)
        ]
    return [(name, _text(value))]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def columns(found: Sequence[Mapping[str, str]]) -> list[str]:
    """Return the columns of rows in the order in which they first came."""
    return list(dict.fromkeys(name for row in found for name in row if name))


def latest(
    found: Sequence[Mapping[str, str]], key: Sequence[str]
) -> list[Mapping[str, str]]:  # fmt: skip
    """Return the last row of each key, in the order in which they came; all without a key.

    Examples
    --------
    >>> latest([{"id": "1", "n": "a"}, {"id": "2"}, {"id": "1", "n": "b"}], ["id"])
    [{'id': '2'}, {'id': '1', 'n': 'b'}]
    """
    if not key:
        return list(found)
    kept: dict[object, Mapping[str, str]] = {}
    for number, row in enumerate(found):
        place = tuple(row.get(name, "") for name in key)
        mark: object = place if any(place) else number
        kept.pop(mark, None)
        kept[mark] = row
    return list(kept.values())
