"""What the fake org takes when a record is written: preconditions, locks, rules, fields.

Errors have the codes and the shape of the REST API: `[{errorCode, message, fields}]`.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from tests.fakes.common.writes import Rule, Writes
from tests.fakes.salesforce.org import text_of
from tests.fakes.salesforce.schema import Field
from tests.fakes.salesforce.table import Record

if TYPE_CHECKING:
    from tests.fakes.common import Answer
    from tests.fakes.salesforce.server import Serving

LONGEST = 255
_READ_ONLY = frozenset({
    "Id", "IsDeleted", "CreatedDate", "CreatedById", "LastModifiedDate", "SystemModstamp",
    "MasterRecordId", "IsClosed", "IsWon", "ForecastCategory",
})  # fmt: skip
_REQUIRED = {"Opportunity": ("Name", "StageName", "CloseDate"), "Account": ("Name",)}


def is_updateable(name: str, kind: str) -> bool:
    """Tell whether a field may be written, as `describe` says it."""
    return name not in _READ_ONLY and (kind, name) != ("Contact", "Name")


def patch(
    serving: Serving, kind: str, key: str, own: Record, headers: dict[str, str]
) -> Answer | None:
    """Change a record; None where it took place, else the refusal."""
    org, writes = serving.org, serving.writes
    with org.lock:
        row = org.rows[kind][key]
        since = headers.get("if-unmodified-since", "")
        if since and _modified(row) > parsedate_to_datetime(since):
            return _refused(412, "PRECONDITION_FAILED", "The record was modified")
        if writes.is_locked(key):
            return _refused(400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access")
        problem = _problem(serving, kind, row, own)
        if problem is not None:
            return problem
        found = writes.broken(kind, {**row, **own})
        if found is not None:
            return _refused(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", found[0], found[1])
        org.update(kind, key, own)
        flow = writes.flows.get(kind)
        if flow is not None:
            org.update(kind, key, flow(org.rows[kind][key]))
        writes.log.append((kind, key, own))
    if writes.after is not None:
        writes.after()
    return None


def upsert(  # noqa: PLR0911  # a table of refusals
    serving: Serving, kind: str, name: str, value: str, own: Record, headers: dict[str, str],
    query: dict[str, str],
) -> Answer:  # fmt: skip
    """Change the record of an external id, or make one; `updateOnly` makes none."""
    from tests.fakes.common import answered
    from tests.fakes.salesforce.answers import refused

    found = serving.org.kinds[kind].fields.get(name)
    if found is None or not (found.is_external or name == "Id"):
        return refused(404, "NOT_FOUND", "Provided external ID field does not exist")
    rows = [r for r in serving.org.rows[kind].values() if r.get(name) == value]
    rows = [r for r in rows if not r["IsDeleted"]]
    if len(rows) > 1:
        return answered([f"/services/data/sobjects/{kind}/{r['Id']}" for r in rows], 300)
    if rows:
        problem = patch(serving, kind, rows[0]["Id"], own, headers)
        return problem or answered({"id": rows[0]["Id"], "success": True, "created": False})
    if query.get("updateOnly") == "true":
        return refused(404, "NOT_FOUND", "The requested resource does not exist")
    problem = _problem(serving, kind, {}, dict.fromkeys(_REQUIRED.get(kind, ())) | own)
    if problem is not None:
        return problem
    broken = serving.writes.broken(kind, own)
    if broken is not None:
        return _refused(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", broken[0], broken[1])
    made = serving.org.create(kind, {**own, name: value})
    serving.writes.log.append((kind, made, own))
    serving.writes.made.append((kind, made))
    if serving.writes.after is not None:
        serving.writes.after()
    return answered({"id": made, "success": True, "created": True}, 201)


def undelete(serving: Serving, version: str, body: str) -> Answer:
    """Take records out of the recycle bin, as SOAP asks for it; a bad session is a fault of 500."""
    from tests.fakes.common import Answer

    token = re.search(r"<urn:sessionId>([^<]*)<", body)
    keys = re.findall(r"<urn:ids>([^<]*)<", body)
    if token is None or not serving.doors.is_open(token[1]) or not keys:
        fault = "<faultcode>sf:INVALID_SESSION_ID</faultcode><faultstring>no</faultstring>"
        return Answer(500, f"<Envelope><Body><Fault>{fault}</Fault></Body></Envelope>".encode())
    parts = []
    for key in keys:
        kind = next((n for n, rows in serving.org.rows.items() if key in rows), "")
        if kind and serving.org.rows[kind][key]["IsDeleted"]:
            serving.org.undelete(kind, key)
            parts.append(f"<result><id>{key}</id><success>true</success></result>")
        else:
            parts.append(
                "<result><errors><message>not in recycle bin</message>"
                "<statusCode>UNDELETE_FAILED</statusCode></errors><success>false</success></result>"
            )
    told = (
        f"<Envelope><Body><undeleteResponse>{''.join(parts)}</undeleteResponse></Body></Envelope>"
    )
    return Answer(200, told.encode(), "text/xml; charset=utf-8")


def _problem(serving: Serving, kind: str, row: Record, own: Record) -> Answer | None:
    fields = serving.org.kinds[kind].fields
    unknown = [name for name in own if name not in fields]
    if unknown:
        text = f"No such column '{unknown[0]}' on sobject of type {kind}"
        return _refused(400, "INVALID_FIELD", text)
    wrong = [name for name in own if not is_updateable(name, kind)]
    if wrong:
        text = f"Unable to create/update fields: {', '.join(wrong)}."
        return _refused(400, "INVALID_FIELD_FOR_INSERT_UPDATE", text, wrong)
    missing = [n for n in _REQUIRED.get(kind, ()) if n in own and own[n] in (None, "")]
    if missing:
        text = f"Required fields are missing: {missing}"
        return _refused(400, "REQUIRED_FIELD_MISSING", text, missing)
    told = []
    for name, value in own.items():
        found = _field_problem(serving, fields[name], value)
        if found is not None:
            told.append({"errorCode": found[0], "message": found[1], "fields": [name]})
    return _errors(400, told) if told else None


def _field_problem(  # noqa: C901, PLR0911  # a table of types
    serving: Serving, one: Field, value: Any
) -> tuple[str, str] | None:
    if value is None:
        return None
    if one.type in ("currency", "double", "int", "percent"):
        if isinstance(value, bool) or not isinstance(value, int | float):
            return "JSON_PARSER_ERROR", f"Cannot deserialize a number from {value!r}"
    elif one.type == "boolean" and not isinstance(value, bool):
        return "JSON_PARSER_ERROR", f"Cannot deserialize a boolean from {value!r}"
    elif one.type == "date" and not _is_day(value):
        return "JSON_PARSER_ERROR", f"Cannot deserialize a date from {value!r}"
    elif one.refers_to:
        other = serving.org.rows[one.refers_to].get(str(value))
        if other is None or other["IsDeleted"]:
            return "INVALID_CROSS_REFERENCE_KEY", f"invalid cross reference id: {value}"
        if one.name == "OwnerId" and not other.get("IsActive"):
            return "INACTIVE_OWNER_OR_USER", "owner or user is inactive."
    elif one.choices and value not in one.choices:
        return "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", f"bad value for picklist field: {value}"
    elif isinstance(value, str) and len(value) > LONGEST:
        return "STRING_TOO_LONG", f"{one.label or one.name}: data value too large"
    return None


def _is_day(value: Any) -> bool:
    try:
        date.fromisoformat(str(value))
    except ValueError:
        return False
    return True


def _modified(row: Record) -> datetime:
    return datetime.fromisoformat(row["LastModifiedDate"]).astimezone(UTC)


def _refused(status: int, code: str, message: str, fields: list[str] | None = None) -> Answer:
    return _errors(status, [{"errorCode": code, "message": message, "fields": fields or []}])


def _errors(status: int, told: list[dict[str, Any]]) -> Answer:
    from tests.fakes.common import Answer

    return Answer(status, json.dumps(told).encode())


__all__ = ["Rule", "Writes", "is_updateable", "patch", "text_of", "undelete", "upsert"]
