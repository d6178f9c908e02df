"""Texts of a record as Pipedrive takes them: statuses, lists, options by number; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from perilune.hub.contracts.targets import TargetField

Json = dict[str, Any]

TYPES: Mapping[str, Mapping[str, str]] = {
    "deals": {
        "title": "string", "value": "double", "currency": "string", "stage": "picklist",
        "closes": "date", "owner_id": "reference", "org_id": "reference",
        "person_id": "reference", "lost_reason": "string",
    },
    "persons": {
        "name": "string", "email": "email", "phone": "phone", "org_id": "reference",
        "owner_id": "reference",
    },
    "organizations": {
        "name": "string", "owner_id": "reference", "website": "url", "annual_revenue": "double",
        "employee_count": "int",
    },
}  # fmt: skip
"""What can be written of the vendor's own fields, by the kinds of the outbox."""

_OWN = {
    "varchar": "string", "text": "textarea", "varchar_auto": "string", "double": "double",
    "int": "int", "date": "date", "enum": "picklist", "phone": "phone",
}  # fmt: skip
_NUMBERS = frozenset({"double", "int", "reference"})


def own_field(one: Json) -> TargetField:
    """Return a field of the company's own; its options are told by their words."""
    kind = _OWN.get(str(one["field_type"]), "")
    labels = tuple(str(option["label"]) for option in one.get("options") or ())
    return TargetField(
        str(one["field_code"]), kind or str(one["field_type"]), str(one["field_name"]),
        bool(kind), choices=labels, at_birth=bool(kind),
    )  # fmt: skip


def body(name: str, values: Mapping[str, str], raw: Mapping[str, Any], own: Sequence[Json]) -> Json:
    """Return what is sent to write values of a record.

    raw: the record as it stands, {} for a new one: the other e-mails and phones are kept.
    """
    found: Json = {}
    fields = {str(one["field_code"]): one for one in own}
    for column, text in values.items():
        if column in fields:
            found.setdefault("custom_fields", {})[column] = _own_value(fields[column], text)
        elif column == "stage":
            found |= _stage(text)
        elif column in ("email", "phone"):
            found[f"{column}s"] = _primary(raw.get(f"{column}s") or (), text)
        elif column != "closes":
            found[column] = _typed(TYPES[name][column], text)
    if "closes" in values:
        status = str(found.get("status") or raw.get("status") or "open")
        found |= _closes(status, values["closes"])
    return found


def _stage(text: str) -> Json:
    status, sign, _pipeline = text.partition(":")
    return {"status": status} if sign else {"status": "open", "stage_id": int(text)}


def _closes(status: str, text: str) -> Json:
    """Return the day of closing: of a closed deal that of its end, else the expected one."""
    if status in ("won", "lost") and text:
        return {f"{status}_time": f"{text[:10]}T12:00:00Z"}
    return {"expected_close_date": text[:10] or None}


def _primary(parts: Sequence[Mapping[str, Any]], text: str) -> list[Json]:
    others = [dict(part) for part in parts if not part.get("primary")]
    first = next((dict(part) for part in parts if part.get("primary")), {"label": "work"})
    if not text:
        return others
    return [first | {"value": text, "primary": True}, *others]


def _own_value(one: Json, text: str) -> Any:
    options = {str(o["label"]): o["id"] for o in one.get("options") or ()}
    if options:
        return options.get(text) if text else None
    return _typed(_OWN.get(str(one["field_type"]), ""), text)


def _typed(kind: str, text: str) -> Any:
    if not text:
        return None
    if kind not in _NUMBERS:
        return text
    number = float(text)
    return int(number) if number.is_integer() else number
