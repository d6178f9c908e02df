"""What the fake account answers: lists, searches, batches, associations, and writes."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tests.fakes.common import Answer, answered
from tests.fakes.hubspot import writes
from tests.fakes.hubspot.portal import PRIMARY, text_of
from tests.fakes.hubspot.words import refused, told, value_of

if TYPE_CHECKING:
    from tests.fakes.hubspot.server import Serving

Json = dict[str, Any]
_OBJECT = re.compile(r"^/crm/v3/objects/(\w+)(?:/(.*))?$")
_LINKS = re.compile(r"^/crm/v4/associations/(\w+)/(\w+)/batch/read$")


def route(  # a table of addresses
    serving: Serving, verb: str, path: str, query: dict[str, str], body: Json, fault: str
) -> Answer:
    """Answer one request."""
    path = path.rstrip("/")
    found = _OBJECT.match(path)
    if found and found[1] in serving.portal.rows:
        return _objects(serving, verb, found[1], found[2] or "", query, body, fault)
    links = _LINKS.match(path)
    if links and links[2] in serving.portal.rows:
        return _links(serving, links[1], links[2], body)
    if path == "/marketing/v3/campaigns" and serving.portal.campaigns is not None:
        return _campaigns(serving.portal.campaigns, query)
    if path == "/crm/v3/owners":
        return _owners(serving, query, fault)
    return _shapes(serving, path)


def _shapes(serving: Serving, path: str) -> Answer:
    """Answer with the pipelines or the properties of an object."""
    if path.startswith("/crm/v3/pipelines/"):
        lines = serving.portal.pipelines.get(path.rpartition("/")[2])
        if lines is None:
            return refused(400, "VALIDATION_ERROR", "Unable to infer object type")
        return answered({"results": lines})
    if path.startswith("/crm/v3/properties/"):
        own = serving.portal.properties.get(path.rpartition("/")[2])
        if own is None:
            return refused(403, "MISSING_SCOPES", "this app has not been granted the scopes")
        return answered({"results": [one.told() for one in own.values()]})
    return refused(404, "OBJECT_NOT_FOUND", "resource not found")


def _objects(  # noqa: C901, PLR0911  # a table of addresses
    serving: Serving, verb: str, kind: str, rest: str, query: dict[str, str], body: Json, fault: str
) -> Answer:
    portal = serving.portal
    if rest == "search":
        return _search(serving, kind, body, fault)
    if rest == "batch/read":
        return _batch(serving, kind, query, body)
    if rest == "batch/update":
        return writes.batch_update(serving, kind, body)
    if rest == "merge":
        first, other = str(body["primaryObjectId"]), str(body["objectIdToMerge"])
        return answered(told(serving, kind, portal.rows[kind][portal.merge(kind, first, other)]))
    if verb == "POST":
        return writes.create(serving, kind, body)
    if not rest:
        return _list(serving, kind, query, fault)
    key = writes.key_of(portal, kind, rest, query.get("idProperty", ""))
    if key not in portal.rows[kind]:
        return refused(404, "OBJECT_NOT_FOUND", "resource not found")
    if verb == "DELETE":
        return writes.archive(serving, kind, key)
    if verb == "PATCH":
        return writes.patch(serving, kind, key, body["properties"])
    one = portal.rows[kind][key]
    if bool(one.archived_at) != (_is_archived(query)):
        return refused(404, "OBJECT_NOT_FOUND", "resource not found")
    return answered(told(serving, kind, one, _names(query, "properties")))


def _is_archived(query: Mapping[str, str]) -> bool:
    return query.get("archived", "").lower() == "true"  # the vendor's client writes «True»


def _names(query: Mapping[str, str], part: str) -> list[str]:
    return [name for name in query.get(part, "").split(",") if name]


def _page(some: list[Json], after: str, *, total: int | None = None) -> Answer:
    told: Json = {"results": some} if total is None else {"total": total, "results": some}
    if after:
        told["paging"] = {"next": {"after": after, "link": f"?after={after}"}}
    return answered(told)


def _list(serving: Serving, kind: str, query: dict[str, str], fault: str) -> Answer:
    past = _names(query, "propertiesWithHistory")
    limit = int(query.get("limit", "10"))
    if limit > (50 if past else 100):
        return refused(400, "VALIDATION_ERROR", f"limit {limit} is too high")
    is_archived = _is_archived(query)
    rows = serving.portal.listed(kind, is_archived=is_archived)
    at = bisect_right(rows, int(query.get("after") or 0), key=lambda r: int(r.id))
    if fault == "duplicate_page":
        at = max(0, at - limit)
    some = rows[at : at + limit]
    more = str(some[-1].id) if at + limit < len(rows) else ""
    if fault == "endless" and some:
        more = query.get("after") or "0"
    if fault == "short_page":
        some = some[: len(some) // 2]
    names, near = _names(query, "properties"), _names(query, "associations")
    if not {*near} <= {*serving.portal.rows}:
        return refused(403, "MISSING_SCOPES", "this app has not been granted the scopes")
    return _page([told(serving, kind, one, names, past, near) for one in some], more)


_TESTS = {
    "EQ": lambda a, b: a == b, "NEQ": lambda a, b: a != b, "GT": lambda a, b: a > b,
    "GTE": lambda a, b: a >= b, "LT": lambda a, b: a < b, "LTE": lambda a, b: a <= b,
}  # fmt: skip


@lru_cache(500_000)
def _comparable(text: str) -> Any:
    if re.fullmatch(r"-?\d+(\.\d+)?", text):
        return float(text)
    try:
        return datetime.fromisoformat(text).timestamp() * 1_000
    except ValueError:
        return text


def _sorted(rows: list[Any], value: Callable[[Any], str | None], *, is_down: bool) -> list[Any]:
    return sorted(rows, key=lambda row: _comparable(value(row) or "0"), reverse=is_down)


def _search(serving: Serving, kind: str, body: Json, fault: str) -> Answer:
    limit, after = int(body.get("limit") or 10), int(body.get("after") or 0)
    if limit > 200 or after + limit > serving.most_found:
        return refused(400, "VALIDATION_ERROR", f"paging beyond {serving.most_found} results")
    filters = [f for group in body.get("filterGroups") or () for f in group["filters"]]
    if fault == "duplicate_page":
        filters = [f for f in filters if f["propertyName"] != "hs_object_id"]
    rows = serving.portal.searched(kind)
    for one in filters:
        value = value_of(serving, kind, one["propertyName"])
        test, other = _TESTS[one["operator"]], _comparable(str(one["value"]))
        rows = [r for r in rows if (v := value(r)) is not None and test(_comparable(v), other)]
    for sort in reversed(body.get("sorts") or ()):
        value = value_of(serving, kind, sort["propertyName"])
        rows = _sorted(rows, value, is_down=sort["direction"] == "DESCENDING")
    some = rows[after : after + limit]
    more = str(after + limit) if after + limit < len(rows) else ""
    if fault == "short_page":
        some = some[: len(some) // 2]
    names = body.get("properties") or ()
    return _page([told(serving, kind, one, names) for one in some], more, total=len(rows))


def _batch(serving: Serving, kind: str, query: dict[str, str], body: Json) -> Answer:
    names, past = body.get("properties") or (), body.get("propertiesWithHistory") or ()
    keys = [str(one["id"]) for one in body["inputs"]]
    if len(keys) > (50 if past else 100):
        return refused(400, "VALIDATION_ERROR", "too many inputs")
    portal, is_archived = serving.portal, _is_archived(query)
    found, lost = [], []
    for key in keys:
        by = str(body.get("idProperty") or "")
        one = portal.rows[kind].get(writes.key_of(portal, kind, key, by))
        if one is None or bool(one.archived_at) != is_archived:
            lost.append(key)
        else:
            found.append(told(serving, kind, one, names, past))
    now = text_of(portal.clock())
    answer: Json = {"status": "COMPLETE", "results": found, "startedAt": now, "completedAt": now}
    if lost:
        answer |= {"numErrors": 1, "errors": [
            {"status": "error", "category": "OBJECT_NOT_FOUND", "message": "Could not get some",
             "id": "0", "errors": [], "links": {}, "context": {"ids": lost}}
        ]}  # fmt: skip
    return answered(answer, 207 if lost else 200)


def _links(serving: Serving, kind: str, to: str, body: Json) -> Answer:
    links = serving.portal.links.get((kind, to), {})
    results = [
        {
            "from": {"id": str(one["id"])},
            "to": [
                {
                    "toObjectId": int(other),
                    "associationTypes": [
                        {"category": "HUBSPOT_DEFINED", "typeId": number,
                         "label": "Primary" if number == PRIMARY.get((kind, to)) else None}
                        for number in sorted(numbers)
                    ],
                }
                for other, numbers in links[str(one["id"])].items()
            ],
        }
        for one in body["inputs"]
        if links.get(str(one["id"]))
    ]  # fmt: skip
    now = text_of(serving.portal.clock())
    told = {"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now}
    return answered(told)


def _campaigns(rows: Mapping[str, Json], query: dict[str, str]) -> Answer:
    """Answer with a page of campaigns; properties without a value are left out."""
    limit, at = int(query.get("limit", "50")), int(query.get("after") or 0)
    names, every = _names(query, "properties"), list(rows.values())
    some = [
        one | {"properties": {n: v for n, v in one["properties"].items() if n in names and v}}
        for one in every[at : at + limit]
    ]
    return _page(some, str(at + limit) if at + limit < len(every) else "", total=len(every))


def _owners(serving: Serving, query: dict[str, str], fault: str) -> Answer:
    is_archived = _is_archived(query)
    rows = [one for one in serving.portal.owners.values() if one["archived"] == is_archived]
    limit, at = int(query.get("limit", "100")), int(query.get("after") or 0)
    some = rows[at : at + limit]
    if fault == "short_page":
        some = some[: len(some) // 2]
    return _page(some, str(at + limit) if at + limit < len(rows) else "")
