"""Records of Pipedrive as rows of texts, and a deal's changelog as its whole past; pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from perilune.hub.service.sync.landing import mixed

Json = dict[str, Any]
Options = Mapping[str, Mapping[str, str]]
_ALIASES = {"user_id": "owner_id", "pipeline": "pipeline_id"}
_CLOSED = ("won", "lost")
_ACTIVITIES = ("call", "email", "meeting")


def instant(text: Any) -> str:
    """Return an instant of either version of the API as ISO: v1 leaves the zone out, it is UTC."""
    found = str(text or "")
    if len(found) == len("2026-01-05 10:00:00") and found[10] == " ":
        return found.replace(" ", "T") + "Z"
    return found


def stage_of(stage: Any, status: Any, pipeline: Any) -> str:
    """Return what a deal's stage is called: its id, or the end of its pipeline once closed."""
    return f"{status}:{pipeline}" if status in _CLOSED else text_of(stage)


def text_of(value: Any) -> str:
    """Return a value as text; of parts with a value (money, addresses) the value."""
    if isinstance(value, Mapping):
        value = value.get("value")
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _labelled(value: Any, labels: Mapping[str, str]) -> str:
    """Return a value with options by their labels: they are told by ids."""
    if isinstance(value, list):
        return "; ".join(labels.get(text_of(one), text_of(one)) for one in value)
    return labels.get(text_of(value), text_of(value))


def _first(parts: Any) -> str:
    found = sorted(parts or (), key=lambda part: not part.get("primary"))
    return text_of(found[0].get("value")) if found else ""


def cells_of(name: str, one: Json, options: Options) -> dict[str, str]:
    """Return a record's cells by column, its own fields by their 40 hex digits."""
    cells = {n: text_of(v) for n, v in one.items() if n not in ("custom_fields", "address")}
    for key, value in (one.get("custom_fields") or {}).items():
        cells[key] = _labelled(value, options.get(key, {}))
    cells |= {"id": str(one["id"]), "add_time": instant(one["add_time"]), "is_deleted": "false"}
    cells |= _made(name, one, cells)
    loose = tuple(cells.get(column, "") for column in _LOOSE.get(name, ()))
    cells["update_time"] = mixed(instant(one.get("update_time") or one["add_time"]), loose)
    return cells


_LOOSE = {
    "deals": ("org_id", "person_id"), "persons": ("org_id",),
    "activities": ("deal_id", "person_id", "org_id", "lead_id"),
    "leads": ("person_id", "organization_id"),
}  # fmt: skip
"""Columns of which a change does not stamp the row."""


def _made(name: str, one: Json, cells: Mapping[str, str]) -> dict[str, str]:
    """Return the cells that Pipedrive does not tell as they are read."""
    if name == "deals":
        stage = stage_of(one.get("stage_id"), one.get("status"), one.get("pipeline_id"))
        return {"stage": stage, "closes": closes_of(one)}
    if name == "persons":
        return {"email": _first(one.get("emails")), "phone": _first(one.get("phones"))}
    if name == "organizations":
        return _place(one.get("address") or {})
    return _more(name, one, cells)


def _more(name: str, one: Json, cells: Mapping[str, str]) -> dict[str, str]:
    if name == "activities":
        return _activity(one)
    if name == "leads":
        return {"state": "archived" if one.get("is_archived") else "open"}
    if name == "dealProducts":  # asked for by its deal alone, so that its key names it
        return {"id": f"{one['deal_id']}:{cells['id']}"}
    if name == "products":
        first: Json = (one.get("prices") or [{}])[0]
        return {part: text_of(first.get(part)) for part in ("price", "currency")}
    return {}


def _activity(one: Json) -> dict[str, str]:
    """Return an activity's cells: its type by ours, due day and time as UTC, its length."""
    day, at = text_of(one.get("due_date")), text_of(one.get("due_time"))
    hours, _sign, minutes = text_of(one.get("duration")).partition(":")
    kind = text_of(one.get("type"))
    return {
        "kind": {"lunch": "meeting"}.get(kind, kind if kind in _ACTIVITIES else "task"),
        "starts": f"{day}T{at}Z" if day and at else day,
        "minutes": str(int(hours) * 60 + int(minutes[:2] or 0)) if hours.isdigit() else "",
        "done": "true" if one.get("done") else "false",
    }


def _place(address: Mapping[str, Any]) -> dict[str, str]:
    street = " ".join(text_of(address.get(part)) for part in ("street_number", "route")).strip()
    return {
        "street": street or text_of(address), "postal_code": text_of(address.get("postal_code")),
        "locality": text_of(address.get("locality")), "country": text_of(address.get("country")),
        "region": text_of(address.get("admin_area_level_1")),
    }  # fmt: skip


def closes_of(one: Mapping[str, Any]) -> str:
    """Return the day on which a deal closed, or is expected to."""
    status = one.get("status")
    closed = (one.get(f"{status}_time") or one.get("close_time")) if status in _CLOSED else None
    if closed:
        return instant(closed)
    return text_of(one.get("expected_close_date"))


def user_cells(one: Json) -> dict[str, str]:
    """Return a user's cells; one who was deactivated has left on the day of the last change."""
    is_active = bool(one.get("active_flag", True))
    modified = instant(one.get("modified") or one["created"])
    left = "" if is_active else modified[:10]
    return {
        "id": str(one["id"]), "name": text_of(one.get("name")), "email": text_of(one.get("email")),
        "phone": text_of(one.get("phone")), "left_on": left, "add_time": instant(one["created"]),
        "update_time": mixed(modified, (left,)),
    }  # fmt: skip


def past_of(one: Json, changes: Sequence[Json], wanted: Collection[str]) -> Iterator[list[str]]:
    """Give a deal's past as single changes, from its first values on: (id, deal, at, field, …).

    The changelog tells changes alone: what a deal was born with is what its first change replaced,
    or what it says now where nothing was changed.
    """
    key, born = str(one["id"]), instant(one["add_time"])
    steps = [
        (instant(c["time"]), _ALIASES.get(str(c["field_key"]), str(c["field_key"])), c)
        for c in changes
    ]
    state: dict[str, Any] = {
        **{n: v for n, v in one.items() if n != "custom_fields"}, **(one.get("custom_fields") or {})
    }  # fmt: skip
    state |= {"won_time": None, "lost_time": None, "close_time": None}
    for _at, name, change in reversed(steps):
        state[name] = change["old_value"]
    told: dict[str, str] = {}
    for number, (at, name, change) in enumerate([(born, "", {}), *steps]):
        if name:
            state[name] = change["new_value"]
        if name == "status" and change["new_value"] in _CLOSED:
            state["close_time"] = at
        now = {n: text_of(state.get(n)) for n in wanted if n in state} | {
            "stage": stage_of(state.get("stage_id"), state.get("status"), state.get("pipeline_id")),
            "closes": closes_of(state),
        }
        for field in sorted(now.keys() & set(wanted)):
            if now[field] != told.get(field, ""):
                yield [f"{key}/{number}/{field}", key, at, field, told.get(field, ""), now[field]]
                told[field] = now[field]
