"""The fake account over HTTP: lists by cursor, single records, changelogs, the day's budget."""

from __future__ import annotations

import base64
import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any
from urllib.parse import parse_qs

from tests.fakes.common import Answer, Fake, Writes, answered, serving
from tests.fakes.pipedrive import more, writes
from tests.fakes.pipedrive.account import Account, Record
from tests.fakes.pipedrive.words import refused

_COSTS = {"list": 20, "get": 2, "changes": 20, "write": 5, "search": 20}
"""Tokens of the day's budget that a question takes."""

_V2 = re.compile(r"^/api/v2/(\w+)(/archived)?$")
_V2_ONE = re.compile(r"^/api/v2/(\w+)/(\d+)$")
_SEARCH = re.compile(r"^/api/v2/(\w+)/search$")
_ONE = re.compile(r"^/api/v1/(\w+)/(\d+)$")
_CHANGES = re.compile(r"^/api/v1/deals/(\d+)/changelog$")
_FIELDS = {"dealFields": "deals", "personFields": "persons", "organizationFields": "organizations"}


def refusal(kind: str) -> Answer:
    """Return a refusal as Pipedrive words it."""
    return {
        "expired": lambda: refused(401, "unauthorized access"),
        "throttled": lambda: refused(429, "request over limit", Retry_After="2"),
        "limit": lambda: refused(429, "daily budget used up", Retry_After="40000"),
        "unavailable": lambda: refused(503, "service unavailable"),
    }[kind]()


@dataclass
class Serving(Fake):
    """A running fake account; `most` are the tokens of a day.

    app: the scopes of the app that comes by OAuth, as they are set in the developer hub.
    """

    account: Account = field(default_factory=Account)
    writes: Writes = field(default_factory=Writes)
    most: int = 10_000_000
    app: str = "deals:full contacts:full users:read"

    def now(self) -> datetime:
        """Return the account's own time."""
        return self.account.clock()

    def answer(
        self, verb: str, path: str, query: dict[str, str], body: bytes, headers: dict[str, str]
    ) -> Answer:
        """Answer one request."""
        if path.startswith("/oauth/"):
            form = {n: v[0] for n, v in parse_qs(body.decode()).items()}
            more = {"api_domain": self.address, "scope": self.app}
            is_page = path == "/oauth/authorize"
            return self.doors.page(query) if is_page else self.doors.token(
                form, headers.get("authorization", ""), more)  # fmt: skip
        token = headers.get("x-api-token") or headers.get("authorization", "")[len("Bearer ") :]
        fault = self.faults.strike(f"{verb} {path}")
        if fault == "expired":
            self.doors.expire(token)
        if fault in ("expired", "throttled", "limit", "unavailable"):
            return refusal(fault)
        if not self.doors.is_open(token):
            return refusal("expired")
        with self.account.lock:
            self.used += _COSTS[_cost(verb, path)]
            if self.used > self.most:
                return refusal("limit")
            found = (
                self._routed(verb, path, query, json.loads(body) if body else {}, fault)
                if "x-api-token" in headers or self._may(verb, path)
                else refused(403, "Scope and URL mismatch")
            )
        if fault == "failed":
            return refusal("unavailable")
        if fault in ("truncated", "dropped"):
            found.cut = fault
        return found

    def _may(self, verb: str, path: str) -> bool:
        scope = _scope_of(verb, path)
        return not scope or scope in self.app.split()

    def _routed(  # noqa: C901, PLR0911  # a table of addresses
        self, verb: str, path: str, query: dict[str, str], told: Any, fault: str
    ) -> Answer:
        listed, one, changes = _V2.match(path), _ONE.match(path), _CHANGES.match(path)
        single, searched = _V2_ONE.match(path), _SEARCH.match(path)
        if verb != "GET" and (listed or single):
            kind, key = (single or listed)[1], single[2] if single else ""  # type: ignore[index]
            return writes.answer(self, verb, kind, key, told)
        if path == "/api/v2/deals/products" and "dealProducts" in self.account.rows:
            return _page(more.lines(self.account, query), query, fault)
        if searched:
            return writes.search(self, searched[1], query)
        if single:
            row = self.account.rows.get(single[1], {}).get(single[2])
            is_there = row is not None and not row["is_deleted"]
            return answered({"success": True, "data": row}) if is_there else refused(404, "gone")
        if listed:
            return self._list(listed[1], bool(listed[2]), query, fault)
        if changes:
            rows = [*reversed(self.account.changes.get(changes[1], []))]
            return _page(rows, query, fault)
        if path.startswith("/api/v1/leads") and "leads" in self.account.rows:
            return more.leads(self.account, path, query, fault)
        if one and one[2] in self.account.rows.get(one[1], {}):
            return answered({"success": True, "data": _as_v1(self.account.rows[one[1]][one[2]])})
        if path in ("/api/v1/goals/find", "/api/v1/currencies"):
            return more.goals(self.account, path, query)
        if path == "/api/v1/users":
            return answered({"success": True, "data": list(self.account.users.values())})
        if path == "/api/v1/users/me":
            return answered({"success": True, "data": {"id": 1}})
        return refused(404, "not found")

    def _list(self, name: str, is_archived: bool, query: dict[str, str], fault: str) -> Answer:
        account = self.account
        if name in _FIELDS:
            return _page(account.fields[_FIELDS[name]], query, "")
        if name in ("pipelines", "stages"):
            return _page(getattr(account, name), query, "")
        if name not in account.rows or name in ("leads", "dealProducts"):
            return refused(404, "not found")
        keys = query["ids"].split(",") if query.get("ids") else None
        if keys is not None and len(keys) > 100:
            return refused(400, "ids: at most 100")
        is_deleted, since = query.get("status") == "deleted", query.get("updated_since", "")
        last = _last(query) if fault != "duplicate_page" else None
        rows = account.ordered(name) if keys is None else account.of_keys(name, keys)
        shown = (
            row for row in rows[bisect_right(rows, last or -1, key=lambda row: row["id"]) :]
            if row["is_deleted"] == is_deleted and bool(row.get("is_archived")) == is_archived
            and row["update_time"] >= since
        )  # fmt: skip
        # a page, and whether there is another
        most = None if fault == "duplicate_page" else int(query.get("limit") or 100) + 1
        return _page(list(islice(shown, most)), query, fault)


def _scope_of(verb: str, path: str) -> str:
    """Return the scope that a write needs of an app, "" for what only reads."""
    found = _V2_ONE.match(path) or _V2.match(path)
    if verb == "GET" or found is None:
        return ""
    return "deals:full" if found[1] == "deals" else "contacts:full"


def _cost(verb: str, path: str) -> str:
    if verb != "GET":
        return "write"
    if _SEARCH.match(path):
        return "search"
    return "list" if _V2.match(path) else "changes" if _CHANGES.match(path) else "get"


def _as_v1(row: Record) -> Record:
    """Return a record as v1 writes it: instants without their zone, flags of its own."""
    told = {
        n: v.replace("T", " ").removesuffix("Z") if n.endswith("_time") and v else v
        for n, v in row.items()
    }
    return told | {"active_flag": not row["is_deleted"], "deleted": row["is_deleted"]}


def _page(rows: list[Record], query: dict[str, str], fault: str) -> Answer:
    limit = int(query.get("limit") or 100)
    if limit > 500:
        return refused(400, "limit: at most 500")
    at = 0
    last = _last(query)
    if last is not None:
        at = next((i for i, r in enumerate(rows) if _mark(r, i) > last), len(rows))
    if fault == "duplicate_page":
        at = max(0, at - limit)
    some = rows[at : at + limit]
    more: dict[str, Any] = {"next_cursor": None}
    if at + limit < len(rows):
        mark = str(_mark(some[-1], at + limit - 1))
        more["next_cursor"] = base64.urlsafe_b64encode(mark.encode()).decode()
    if fault == "endless" and some:
        more["next_cursor"] = query.get("cursor") or base64.urlsafe_b64encode(b"0").decode()
    if fault == "short_page":
        some = some[: len(some) // 2]
    told = [{n: v for n, v in row.items() if n != "merge_what_id"} for row in some]
    return answered({"success": True, "data": told, "additional_data": more})


def _last(query: dict[str, str]) -> int | None:
    """Return what a cursor remembers, None at the beginning."""
    return int(base64.urlsafe_b64decode(query["cursor"])) if query.get("cursor") else None


def _mark(row: Record, place: int) -> int:
    """Return what a cursor remembers: the last id, or the place where rows have none."""
    return int(row["id"]) if "add_time" in row else place


@contextmanager
def serve(account: Account | None = None, *, port: int = 0) -> Iterator[Serving]:
    """Serve an account on the loopback while the block runs."""
    with serving(Serving(account=account or Account()), port=port) as found:
        yield found
