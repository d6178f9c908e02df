"""What the fake account takes when records are written: values, unique properties, batches.

As HubSpot does: no precondition is known; a batch with a value that is not valid writes nothing;
what is not there is named beside what was written (207); archived records are not written to.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.fakes.common import Answer, answered
from tests.fakes.hubspot.portal import Portal, text_of
from tests.fakes.hubspot.schema import STAGES
from tests.fakes.hubspot.words import refused, told

if TYPE_CHECKING:
    from tests.fakes.hubspot.server import Serving

Json = dict[str, Any]
_REQUIRED = {"deals": ("dealname",)}


def key_of(portal: Portal, kind: str, text: str, by: str = "") -> str:
    """Return the id that a text means: an id, what it was merged into, or a unique value."""
    if not by:
        return portal.merged.get(text, text)
    if not portal.properties[kind][by].is_unique:
        return ""
    rows = portal.rows[kind].values()
    return next((r.id for r in rows if r.properties.get(by) == text and not r.archived_at), "")


def patch(serving: Serving, kind: str, key: str, own: Json) -> Answer:
    """Change properties of a record."""
    problem = _problem(serving, kind, key, own)
    if problem is not None:
        return problem
    if serving.writes.is_locked(key):
        return refused(423, "LOCKED", "The record is locked")
    _write(serving, kind, key, own)
    return answered(told(serving, kind, serving.portal.rows[kind][key], own))


def batch_update(serving: Serving, kind: str, body: Json) -> Answer:
    """Change properties of several records: none where a value is not valid."""
    portal, asked = serving.portal, body["inputs"]
    if len(asked) > 100:
        return refused(400, "VALIDATION_ERROR", "too many inputs")
    wanted = {key_of(portal, kind, str(one["id"]), one.get("idProperty", "")): one for one in asked}
    there = {
        key: one["properties"] for key, one in wanted.items()
        if key in portal.rows[kind] and not portal.rows[kind][key].archived_at
    }  # fmt: skip
    for key, own in there.items():
        problem = _problem(serving, kind, key, own)
        if problem is not None:
            return problem
    for key, own in there.items():
        _write(serving, kind, key, own)
    lost = [str(one["id"]) for key, one in wanted.items() if key not in there]
    now = text_of(portal.clock())
    answer: Json = {
        "status": "COMPLETE", "startedAt": now, "completedAt": now,
        "results": [told(serving, kind, portal.rows[kind][k], own) for k, own in there.items()],
    }  # fmt: skip
    if lost:
        answer |= {"numErrors": 1, "errors": [
            {"status": "error", "category": "OBJECT_NOT_FOUND", "message": "Could not find some",
             "id": "0", "errors": [], "links": {}, "context": {"ids": lost}}
        ]}  # fmt: skip
    return answered(answer, 207 if lost else 200)


def create(serving: Serving, kind: str, body: Json) -> Answer:
    """Make a record with what it belongs to; a unique value that is taken refuses."""
    own, portal = body["properties"], serving.portal
    missing = [name for name in _REQUIRED.get(kind, ()) if not own.get(name)]
    if missing:
        text = f"Property values were not valid: {missing[0]} is required"
        return refused(400, "VALIDATION_ERROR", text, [_error(missing[0], "REQUIRED", text)])
    problem = _problem(serving, kind, "", own)
    if problem is not None:
        return problem
    if serving.writes.between is not None:
        serving.writes.between()
    key = portal.create(kind, **own)
    for link in body.get("associations") or ():
        to = {5: "companies", 341: "companies", 1: "companies", 279: "companies", 3: "contacts"}
        for one in link["types"]:
            kinds = to[int(one["associationTypeId"])]
            portal.link(kind, key, kinds, str(link["to"]["id"]))
    serving.writes.made.append((kind, key))
    if serving.writes.after is not None:
        serving.writes.after()
    return answered(told(serving, kind, portal.rows[kind][key], own), 201)


def archive(serving: Serving, kind: str, key: str) -> Answer:
    """Put a record into the recycle bin."""
    if not serving.portal.rows[kind][key].archived_at:
        serving.portal.archive(kind, key)
        serving.writes.ended.append((kind, key))
    return Answer(204)


def _write(serving: Serving, kind: str, key: str, own: Json) -> None:
    writes, portal = serving.writes, serving.portal
    if writes.between is not None:
        writes.between()
    portal.update(kind, key, **own)
    flow = writes.flows.get(kind)
    if flow is not None:
        portal.update(kind, key, **flow(dict(portal.rows[kind][key].properties)))
    writes.log.append((kind, key, own))
    if writes.after is not None:
        writes.after()


def _problem(serving: Serving, kind: str, key: str, own: Json) -> Answer | None:
    portal = serving.portal
    row = portal.rows[kind].get(key)
    if row is not None and row.archived_at:
        return refused(404, "OBJECT_NOT_FOUND", "resource not found")
    errors = []
    for name, value in own.items():
        found = _wrong(portal, kind, key, name, value)
        if found is not None:
            errors.append(_error(name, *found))
    if errors:
        text = f"Property values were not valid: {[e['message'] for e in errors]}"
        status = 409 if any(e["code"] == "CONFLICT" for e in errors) else 400
        return refused(status, "CONFLICT" if status == 409 else "VALIDATION_ERROR", text, errors)
    broken = serving.writes.broken(kind, {**(row.properties if row else {}), **own})
    return None if broken is None else refused(400, "VALIDATION_ERROR", broken[0])


def _wrong(  # noqa: PLR0911  # a table of types
    portal: Portal, kind: str, key: str, name: str, value: Any
) -> tuple[str, str] | None:
    one = portal.properties[kind].get(name)
    if one is None:
        return "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist'
    if one.is_read_only:
        return "READ_ONLY_VALUE", f"{name} is a read only property"
    if value in (None, ""):
        return None
    if one.type == "number" and not re.fullmatch(r"-?\d+(\.\d+)?", str(value)):
        return "INVALID_LONG", f"{value} was not a valid number"
    if one.type == "datetime" and not _is_instant(str(value)):
        return "INVALID_DATE", f"{value} was not a valid instant"
    choices: Any = {"dealstage": STAGES, "hubspot_owner_id": portal.owners}.get(name, one.options)
    if choices and value not in choices:
        return "INVALID_OPTION", f"{value} was not one of the allowed options"
    taken = key_of(portal, kind, str(value), name) if one.is_unique else ""
    if taken and taken != key:
        return "CONFLICT", f"{value} is taken already. Existing ID: {taken}"
    return None


def _is_instant(text: str) -> bool:
    try:
        return text.isdigit() or bool(datetime.fromisoformat(text))
    except ValueError:
        return False


def _error(name: str, code: str, text: str) -> Json:
    return {"message": text, "code": code, "context": {"propertyName": [name]}}
