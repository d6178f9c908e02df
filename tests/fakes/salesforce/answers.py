"""What the fake org answers below /services/data/: queries, records, jobs."""

from __future__ import annotations

import csv
import io
import json
import re
import secrets
from typing import TYPE_CHECKING, Any

from tests.fakes.common import Answer, answered
from tests.fakes.salesforce import soql, writes
from tests.fakes.salesforce.table import Record

if TYPE_CHECKING:
    from tests.fakes.salesforce.server import Serving


REFUSALS = {
    "expired": (401, "INVALID_SESSION_ID", "Session expired or invalid"),
    "throttled": (429, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests Limit exceeded."),
    "limit": (403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
    "unavailable": (503, "SERVER_UNAVAILABLE", "The server is unavailable."),
}


def refusal(kind: str) -> Answer:
    """Return a refusal as the org words it."""
    status, code, message = REFUSALS[kind]
    found = refused(status, code, message)
    if kind in ("throttled", "unavailable"):
        found.headers["Retry-After"] = "0"
    return found


def refused(status: int, code: str, message: str) -> Answer:
    """Return an error in the org's shape."""
    return answered([{"errorCode": code, "message": message}], status)


def route(  # the parts of a request
    serving: Serving, verb: str, path: str, query: dict[str, str], body: bytes,
    headers: dict[str, str], fault: str = "",
) -> Answer:  # fmt: skip
    """Answer one request."""
    found = re.match(r"^/services/data/(v\d+\.\d+)/(.*?)/?$", path)
    if found is None:
        return refused(404, "NOT_FOUND", "The requested resource does not exist")
    version, rest = found[1], found[2]
    try:
        return _route(serving, verb, version, rest, query, body, headers, fault)
    except soql.Malformed as error:
        code = "INVALID_FIELD" if "No such column" in str(error) else "MALFORMED_QUERY"
        return refused(400, code, str(error))
    except KeyError as error:
        return refused(400, "INVALID_FIELD", str(error.args[0]))


def _route(  # noqa: PLR0911  # a table of addresses
    serving: Serving, verb: str, version: str, rest: str, query: dict[str, str], body: bytes,
    headers: dict[str, str], fault: str,
) -> Answer:  # fmt: skip
    if rest in ("query", "queryAll") and "q" in query:
        return _query(serving, version, rest, query["q"], fault)
    if rest.startswith(("query/", "queryAll/")):
        way, locator = rest.split("/", 1)
        return _more(serving, version, way, locator, fault)
    if rest.startswith("jobs/query"):
        return _job(serving, verb, rest.removeprefix("jobs/query").strip("/"), query, body, fault)
    if rest == "limits":
        left = serving.most - serving.used
        return answered({"DailyApiRequests": {"Max": serving.most, "Remaining": left}})
    if rest == "composite":
        return _composite(serving, version, json.loads(body))
    if rest == "sobjects":
        return answered({"sobjects": [{"name": n, "queryable": True} for n in serving.org.kinds]})
    if rest.startswith("sobjects/"):
        return _record(serving, verb, rest.split("/")[1:], query, body, headers)
    return refused(404, "NOT_FOUND", "The requested resource does not exist")


# -- queries -----------------------------------------------------------------------------------


def _query(serving: Serving, version: str, verb: str, text: str, fault: str) -> Answer:
    parsed = soql.parse(text)
    with_deleted = verb == "queryAll"
    if parsed.is_grouped and not parsed.is_count:
        told = serving.org.totals(parsed, with_deleted=with_deleted)
        if len(told) > 2_000:
            raise soql.Malformed("EXCEEDED_MAX_SEMIJOIN: too many groups")
        records = [{"attributes": {"type": "AggregateResult"}, **_rest(row)} for row in told]
        return answered({"totalSize": len(told), "done": True, "records": records})
    rows = serving.org.find(parsed, with_deleted=with_deleted)
    if parsed.is_count:
        return answered({"totalSize": len(rows), "done": True, "records": []})
    key = f"01g{secrets.token_hex(6)}"
    serving.cursors[key] = (parsed, rows)
    return _page(serving, version, verb, key, 0, fault)


def _more(serving: Serving, version: str, verb: str, locator: str, fault: str) -> Answer:
    key, _, start = locator.rpartition("-")
    if key not in serving.cursors:
        return refused(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    at = int(start)
    if fault == "duplicate_page":
        at = max(0, at - serving.rest_page)
    return _page(serving, version, verb, key, at, fault)


def _page(  # the parts of a page
    serving: Serving, version: str, verb: str, key: str, start: int, fault: str
) -> Answer:
    parsed, rows = serving.cursors[key]
    end = start + serving.rest_page
    some = rows[start:end]
    if fault == "short_page":
        some = some[: len(some) // 2]
    told: dict[str, Any] = {
        "totalSize": len(rows),
        "done": end >= len(rows) and fault != "endless",
        "records": [_shown(serving, parsed, row) for row in some],
    }
    if not told["done"]:
        after = start if fault == "endless" else end
        told["nextRecordsUrl"] = f"/services/data/{version}/{verb}/{key}-{after}"
    return answered(told)


def _shown(serving: Serving, parsed: soql.Query, row: Record) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for one in parsed.columns:
        *way, last = one.name.split(".")
        inner = told
        for part in way:
            inner = inner.setdefault(part, {})
        inner[last] = value_of(serving, parsed.kind, row, one.name)
    return {"attributes": {"type": parsed.kind}, **_rest(told)}


def value_of(serving: Serving, kind: str, row: Record, name: str) -> Any:
    """Return a field of a row, or of the record that it refers to."""
    first, _, then = name.partition(".")
    if not then:
        return row.get(name)
    field = next(f for f in serving.org.kinds[kind].fields.values() if f.name == first + "Id")
    other = serving.org.rows[field.refers_to].get(str(row.get(field.name)), {})
    return value_of(serving, field.refers_to, other, then)


def _rest(row: dict[str, Any]) -> dict[str, Any]:
    return {
        n: _rest(v)
        if isinstance(v, dict)
        else v[:-1] + "+0000"
        if isinstance(v, str) and v.endswith(".000Z")
        else v
        for n, v in row.items()
    }


# -- bulk --------------------------------------------------------------------------------------


def _job(  # the parts of a request
    serving: Serving, verb: str, rest: str, query: dict[str, str], body: bytes, fault: str
) -> Answer:
    if verb == "POST" and not rest:
        asked = json.loads(body)
        parsed = soql.parse(asked["query"])
        if parsed.is_grouped:
            return refused(400, "API_ERROR", "Aggregate queries are not supported in Bulk")
        rows = serving.org.find(parsed, with_deleted=asked["operation"] == "queryAll")
        key = f"750{secrets.token_hex(7)}"
        serving.jobs[key] = (parsed, rows, asked)
        return answered({"id": key, "state": "UploadComplete", **asked})
    key, _, what = rest.partition("/")
    if key not in serving.jobs:
        return refused(404, "NOT_FOUND", "The requested resource does not exist")
    parsed, rows, asked = serving.jobs[key]
    if verb == "DELETE":
        del serving.jobs[key]
        return answered({})
    if what != "results":
        state = {"id": key, "state": "JobComplete", "numberRecordsProcessed": len(rows)}
        return answered({**state, "object": parsed.kind, "operation": asked["operation"]})
    return _results(serving, parsed, rows, query, fault)


def _results(
    serving: Serving, parsed: soql.Query, rows: list[Record], query: dict[str, str], fault: str
) -> Answer:
    size = min(int(query.get("maxRecords") or serving.bulk_page), serving.bulk_page)
    start = int(query.get("locator") or 0)
    if fault == "duplicate_page":
        start = max(0, start - size)
    end = start + size
    some = rows[start:end]
    names = [one.name for one in parsed.columns]
    shown = some[: len(some) // 2] if fault == "short_page" else some
    told = io.StringIO()
    writer = csv.writer(told, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(names)
    if any("." in name for name in names):
        lines = [[value_of(serving, parsed.kind, row, name) for name in names] for row in shown]
    else:
        lines = [[row.get(name) for name in names] for row in shown]
    writer.writerows([[_text(value) for value in line] for line in lines])
    is_last = end >= len(rows) and fault != "endless"
    headers = {
        "Sforce-NumberOfRecords": str(len(some)),
        "Sforce-Locator": "null" if is_last else str(start if fault == "endless" else end),
    }
    return Answer(200, told.getvalue().encode(), "text/csv", headers)


def _text(value: Any) -> Any:
    if value is True or value is False:
        return "true" if value else "false"
    return value


# -- records -----------------------------------------------------------------------------------


def _record(  # noqa: C901, PLR0911  # a table of addresses
    serving: Serving, verb: str, parts: list[str], query: dict[str, str], body: bytes,
    headers: dict[str, str],
) -> Answer:  # fmt: skip
    kind, rest = parts[0], parts[1:]
    org = serving.org
    if kind not in org.kinds:
        return refused(404, "NOT_FOUND", "The requested resource does not exist")
    if rest == ["describe"]:
        from tests.fakes.salesforce.server import described

        return answered(described(serving, kind))
    if rest in (["deleted"], ["updated"]):
        return _changed(serving, kind, rest[0], query)
    if not rest and verb == "POST":
        return answered({"id": org.create(kind, json.loads(body)), "success": True}, 201)
    if len(rest) == 2:
        own = json.loads(body)
        return writes.upsert(serving, kind, rest[0], rest[1], own, headers, query)
    row = org.rows[kind].get(rest[0]) if rest else None
    if row is None or row.get("IsDeleted"):
        return refused(404, "NOT_FOUND", "Provided external ID field does not exist")
    if verb == "GET":
        return answered({"attributes": {"type": kind}, **_rest(row)})
    if verb == "DELETE":
        org.delete(kind, rest[0])
        serving.writes.ended.append((kind, rest[0]))
        return Answer(204)
    problem = writes.patch(serving, kind, rest[0], json.loads(body), headers)
    return problem or Answer(204)


def _changed(serving: Serving, kind: str, what: str, query: dict[str, str]) -> Answer:
    start, end = (soql._utc(query[name].replace(" ", "+")) for name in ("start", "end"))
    rows = [r for r in serving.org.rows[kind].values() if start <= r["SystemModstamp"] < end]
    told: dict[str, Any] = {"earliestDateAvailable": start, "latestDateCovered": end}
    if what == "updated":
        return answered({**told, "ids": [r["Id"] for r in rows if not r["IsDeleted"]]})
    gone = [{"id": r["Id"], "deletedDate": r["SystemModstamp"]} for r in rows if r["IsDeleted"]]
    return answered({**told, "deletedRecords": gone})


def _composite(serving: Serving, version: str, asked: dict[str, Any]) -> Answer:
    told: list[dict[str, Any]] = []
    refs: dict[str, Any] = {}
    for one in asked["compositeRequest"]:
        url = re.sub(r"@\{(\w+)\.(\w+)\}", lambda m: str(refs[m[1]][m[2]]), one["url"])
        body = json.dumps(one.get("body") or {}).encode()
        found = route(serving, one["method"], url, {}, body, one.get("httpHeaders") or {})
        content = json.loads(found.body) if found.body else None
        refs[one["referenceId"]] = content
        told.append(
            {"body": content, "httpStatusCode": found.status, "referenceId": one["referenceId"]}
        )
        if found.status >= 400 and asked.get("allOrNone"):
            break
    return answered({"compositeResponse": told})
