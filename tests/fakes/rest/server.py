"""Lists over HTTP as many interfaces give them: pages, cursors, links, and what goes wrong."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, urlencode

from tests.fakes.common import CLIENT, SECRET, Answer, Fake, answered, serving

Row = dict[str, Any]
BEGAN = datetime(2026, 1, 5, 9, tzinfo=UTC)


@dataclass
class Interface:
    """What an interface holds: rows by key for each list, its own clock.

    paging: page, offset, cursor, next, link or none; most: rows that a page has at most. login:
    none, token, header, basic, client. knows_since, says_total: whether it does.
    """

    lists: dict[str, dict[str, Row]] = field(default_factory=dict)
    paging: str = "page"
    login: str = "token"
    most: int = 50
    knows_since: bool = True
    says_total: bool = True
    clock: datetime = BEGAN
    lock: threading.RLock = field(default_factory=threading.RLock)

    def pass_time(self, **of: float) -> None:
        """Let time go by."""
        self.clock += timedelta(**of)

    def stamp(self) -> str:
        """Return the time as the interface writes it."""
        return self.clock.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def put(self, of: str, key: Any, **values: Any) -> None:
        """Make a row or change it."""
        with self.lock:
            rows = self.lists.setdefault(of, {})
            row = rows.setdefault(str(key), {"id": key, "created_at": self.stamp()})
            row.update({"updated_at": self.stamp(), **values})

    def drop(self, name: str, key: Any) -> None:
        """Delete a row without a trace."""
        with self.lock:
            del self.lists[name][str(key)]


def filled(deals: int = 30) -> Interface:
    """Return an interface with deals of companies."""
    found = Interface()
    for i in range(1, 6):
        found.put("companies", f"c-{i}", name=f"Firme {i}", address={"city": "Lyon"})
    for i in range(1, deals + 1):
        found.pass_time(hours=5)
        found.put(
            "deals", i, title=f"Affaire {i}", amount=f"{100.5 * i:.2f}", stage="Proposal",
            close_date="2026-09-30", company={"id": f"c-{i % 5 + 1}"}, next_step=None,
        )  # fmt: skip
    return found


@dataclass
class Serving(Fake):
    """A running fake interface."""

    interface: Interface = field(default_factory=Interface)

    def now(self) -> datetime:
        """Return the interface's own time."""
        return self.interface.clock

    def answer(
        self, verb: str, path: str, query: dict[str, str], body: bytes, headers: dict[str, str]
    ) -> Answer:
        """Answer one request."""
        self.used += 1
        if path == "/oauth/token":
            return self._token(body, headers)
        refusal = self._refused(path, headers)
        if refusal is not None:
            return refusal
        fault = self.faults.strike(path)
        if fault in _REFUSALS:
            return _REFUSALS[fault]()
        with self.interface.lock:
            found = self._routed(path.strip("/").split("/"), query, fault)
        if fault in ("truncated", "dropped"):
            found.cut = fault
        return found

    # -- the door --------------------------------------------------------------------------

    def _token(self, body: bytes, headers: dict[str, str]) -> Answer:
        form = {n: v[0] for n, v in parse_qs(body.decode()).items()}
        wanted = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        is_known = headers.get("authorization") == f"Basic {wanted}"
        if not is_known or form.get("grant_type") != "client_credentials":
            return answered({"error": "invalid_client"}, 401)
        access, _refresh = self.doors.session()
        return answered({"access_token": access, "token_type": "bearer", "expires_in": 600})

    def _refused(self, path: str, headers: dict[str, str]) -> Answer | None:
        login, told = self.interface.login, headers.get("authorization", "")
        pair = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        is_in = {
            "none": True,
            "token": self.doors.is_open(told.removeprefix("Bearer ")),
            "client": self.doors.is_open(told.removeprefix("Bearer ")),
            "header": self.doors.is_open(headers.get("x-api-key", "")),
            "basic": told == f"Basic {pair}",
        }[login]
        return None if is_in else answered({"detail": "not authenticated"}, 401)

    # -- lists -----------------------------------------------------------------------------

    def _routed(self, parts: list[str], query: dict[str, str], fault: str) -> Answer:
        if parts[:1] != ["api"] or len(parts) < 2 or parts[1] not in self.interface.lists:
            return answered({"detail": "not found"}, 404)
        rows = self.interface.lists[parts[1]]
        if len(parts) == 3:
            one = rows.get(parts[2])
            return answered({"data": one}) if one else answered({"detail": "not found"}, 404)
        since = query.get("updated_since", "") if self.interface.knows_since else ""
        found = [row for row in rows.values() if str(row.get("updated_at") or "~") >= since]
        return self._page(f"/{'/'.join(parts)}", found, query, fault)

    def _page(self, path: str, rows: list[Row], query: dict[str, str], fault: str) -> Answer:
        of = self.interface
        limit = min(int(query.get("limit") or 20), of.most) if of.paging != "none" else len(rows)
        number = int(query.get("page") or 1)
        begin = (number - 1) * limit if of.paging == "page" else int(
            query.get("offset") or query.get("cursor") or 0)  # fmt: skip
        if of.paging == "page" and number > 1 and begin >= len(rows):
            return answered({"detail": "Invalid page."}, 404)
        if fault == "duplicate_page":
            begin = max(0, begin - limit)
        some = rows[begin : begin + limit]
        if fault == "short_page":
            some = some[: len(some) // 2]
        after = begin + limit if begin + limit < len(rows) else None
        if fault == "endless":
            after = begin
        found = Answer(200)
        told: dict[str, Any] = {"data": {"items": some}, "meta": {}}
        if of.says_total:
            told["meta"]["total"] = len(rows)
        if after is not None:
            self._more(told, found, path, query | {"limit": str(limit)}, after)
        found.body = json.dumps(told).encode()
        if fault == "no_json":
            found.body = b"<html>Under maintenance</html>"
        return found

    def _more(  # an answer under way
        self, told: Row, found: Answer, path: str, query: dict[str, str], after: int
    ) -> None:
        link = f"{path}?{urlencode({**query, 'offset': after})}"
        if self.interface.paging == "cursor":
            told["meta"]["next_cursor"] = str(after)
        elif self.interface.paging == "next":
            told["next"] = self.address + link
        elif self.interface.paging == "link":
            found.headers["Link"] = f'<{link}>; rel="next", </other>; rel="last"'


def _waits(seconds: float) -> Answer:
    found = answered({"detail": "slow down"}, 429)
    found.headers["Retry-After"] = format_datetime(
        datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True
    )
    return found


def _moved() -> Answer:
    return Answer(302, b"", headers={"Location": "https://elsewhere.example/"})


_REFUSALS = {
    "throttled": lambda: _waits(3),
    "unavailable": lambda: answered({"detail": "down"}, 503),
    "expired": lambda: answered({"detail": "expired"}, 401),
    "forbidden": lambda: answered({"detail": "forbidden"}, 403),
    "moved": _moved,
}


@contextmanager
def serve(interface: Interface | None = None, *, port: int = 0) -> Iterator[Serving]:
    """Serve an interface on the loopback while the block runs."""
    with serving(Serving(interface=interface or filled()), port=port) as found:
        yield found
