"""What the fake account takes when records are written: API v2, values checked, no precondition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.fakes.common import Answer, answered
from tests.fakes.pipedrive.account import KINDS, Account, Record
from tests.fakes.pipedrive.words import refused

if TYPE_CHECKING:
    from tests.fakes.pipedrive.server import Serving

_TAKES = {
    "deals": {"title", "value", "currency", "stage_id", "status", "owner_id", "org_id",
              "person_id", "expected_close_date", "won_time", "lost_time", "lost_reason",
              "custom_fields", "is_deleted"},
    "persons": {"name", "emails", "phones", "org_id", "owner_id", "custom_fields", "is_deleted"},
    "organizations": {"name", "owner_id", "website", "annual_revenue", "employee_count",
                      "custom_fields", "is_deleted"},
}  # fmt: skip
_TITLES = {"deals": "title", "persons": "name", "organizations": "name"}


def answer(serving: Serving, verb: str, kind: str, key: str, own: Record) -> Answer:
    """Make, change or delete a record."""
    if kind in KINDS and verb == "POST":
        return _made(serving, kind, own)
    row = serving.account.rows.get(kind, {}).get(key)
    is_back = own.get("is_deleted") is False
    if row is None or (row["is_deleted"] and not is_back):
        return refused(404, f"{kind} not found")
    if verb == "DELETE":
        serving.account.delete(kind, key)
        serving.writes.ended.append((kind, key))
        return answered({"success": True, "data": {"id": int(key)}})
    return _changed(serving, kind, key, own)


def _changed(serving: Serving, kind: str, key: str, own: Record) -> Answer:
    account, writes = serving.account, serving.writes
    row = account.rows[kind][key]
    why = _wrong(account, kind, own) or _ruled(serving, kind, {**row, **own})
    if why:
        return refused(400, why)
    if writes.is_locked(key):
        return refused(423, "Scope and URL mismatch: locked")
    if writes.between is not None:
        writes.between()
    if row["is_deleted"]:
        account.restore(kind, key)
    _put(account, kind, key, own)
    flow = writes.flows.get(kind)
    if flow is not None:
        account.update(kind, key, **flow(account.rows[kind][key]))
    writes.log.append((kind, key, own))
    if writes.after is not None:
        writes.after()
    return answered({"success": True, "data": account.rows[kind][key]})


def search(serving: Serving, kind: str, query: dict[str, str]) -> Answer:
    """Find records by a value of the company's own fields: the index, which may lag."""
    if query.get("fields") != "custom_fields" or query.get("exact_match") != "true":
        return refused(400, "fields and exact_match are expected")
    known = serving.account.clock().timestamp() - serving.account.lag
    items = [
        {"item": {"id": row["id"], "type": kind.removesuffix("s")}, "result_score": 1.0}
        for row in serving.account.rows[kind].values()
        if not row["is_deleted"]
        and query["term"] in row["custom_fields"].values()
        and serving.account.indexed_at(row) <= known
    ]
    return answered({"success": True, "data": {"items": items}})


def _made(serving: Serving, kind: str, own: Record) -> Answer:
    account, writes = serving.account, serving.writes
    why = _wrong(account, kind, own)
    if not why and not own.get(_TITLES[kind]):
        why = f"{_TITLES[kind]}: required"
    if why or (why := _ruled(serving, kind, own)):
        return refused(400, why)
    if writes.between is not None:
        writes.between()
    plain = {name: value for name, value in own.items() if name != "custom_fields"}
    if kind == "deals":
        plain.setdefault("stage_id", 1)
    key = account.create(kind, **plain, **(own.get("custom_fields") or {}))
    writes.made.append((kind, key))
    if writes.after is not None:
        writes.after()
    return answered({"success": True, "data": account.rows[kind][key]}, 201)


def _put(account: Account, kind: str, key: str, own: Record) -> None:
    plain = {n: v for n, v in own.items() if n not in ("custom_fields", "is_deleted")}
    account.update(kind, key, **plain, **(own.get("custom_fields") or {}))


def _ruled(serving: Serving, kind: str, row: Record) -> str:
    broken = serving.writes.broken(kind, row)
    return broken[0] if broken is not None else ""


def _wrong(account: Account, kind: str, own: Record) -> str:
    strange = sorted(set(own) - _TAKES[kind])
    if strange:
        return f"{strange[0]}: is not allowed"
    known = {one["field_code"] for one in account.fields[kind]}
    if set(own.get("custom_fields") or {}) - known:
        return "custom_fields: is not allowed"
    wrong: list[tuple[str, Any, Any]] = [
        ("stage_id", own.get("stage_id"), [s["id"] for s in account.stages]),
        ("owner_id", own.get("owner_id"), [u["id"] for u in account.users.values()]),
        ("org_id", own.get("org_id"), [int(k) for k in account.rows["organizations"]]),
        ("person_id", own.get("person_id"), [int(k) for k in account.rows["persons"]]),
        ("status", own.get("status"), ["open", "won", "lost"]),
    ]
    for name, value, allowed in wrong:
        if value is not None and value not in allowed:
            return f"{name}: not found"
    if own.get("value") is not None and not isinstance(own["value"], int | float):
        return "value: must be a number"
    return ""
