"""The fake org over HTTP: OAuth, REST, Bulk 2.0, as simple-salesforce and a browser speak to it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.fakes.salesforce import answers, doors
from tests.fakes.salesforce.answers import Answer
from tests.fakes.salesforce.faults import Faults
from tests.fakes.salesforce.org import Org
from tests.fakes.salesforce.writes import Writes, is_updateable

CLIENT, SECRET = doors.CLIENT, doors.SECRET


@dataclass
class Serving:
    """A running fake: its address, its org, its faults, the requests that it saw."""

    org: Org
    faults: Faults
    address: str = ""
    doors: doors.Doors = field(default_factory=doors.Doors)
    writes: Writes = field(default_factory=Writes)
    seen: list[str] = field(default_factory=list)
    rest_page: int = 2_000
    bulk_page: int = 50_000
    skew: float = 0.0
    used: int = 0
    most: int = 100_000
    cursors: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    jobs: dict[str, Any] = field(default_factory=dict)

    def count(self, part: str) -> int:
        """Return how many requests named a part of a path."""
        return sum(part in path for path in self.seen)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65_536  # head and body in one packet: a client would wait for the second
    disable_nagle_algorithm = True
    server: Any

    def log_message(self, *parts: Any) -> None:
        """Say nothing."""

    def _any(self) -> None:
        serving: Serving = self.server.serving
        split = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else b""
        path = unquote(split.path)
        serving.seen.append(f"{self.command} {path}")
        query = {name: values[0] for name, values in parse_qs(split.query).items()}
        answer = self._answer(serving, path, query, body)
        self._send(serving, answer)

    do_GET = do_POST = do_PATCH = do_DELETE = _any  # the names that http.server asks

    def _answer(self, serving: Serving, path: str, query: dict[str, str], body: bytes) -> Answer:
        if path.startswith("/services/oauth2/"):
            form = {n: v[0] for n, v in parse_qs(body.decode()).items()} | query
            return doors.answer(serving.doors, serving.address, path, form)
        fault = serving.faults.strike(path)
        if fault == "expired":
            serving.doors.expire(self._token())
        if fault in answers.REFUSALS:
            return answers.refusal(fault)
        if not serving.doors.is_open(self._token()):
            return answers.refusal("expired")
        serving.used += 1
        if serving.used > serving.most:
            return answers.refusal("limit")
        found = answers.route(serving, self.command, path, query, body, dict(self.headers), fault)
        found.headers["Sforce-Limit-Info"] = f"api-usage={serving.used}/{serving.most}"
        if fault in ("truncated", "dropped"):
            found.cut = fault
        return found

    def _token(self) -> str:
        return self.headers.get("Authorization", "").removeprefix("Bearer ")

    def _send(self, serving: Serving, answer: Answer) -> None:
        if answer.cut == "dropped":
            self.close_connection = True
            self.connection.close()
            return
        self.send_response_only(answer.status)
        now = serving.org.clock()
        self.send_header("Date", format_datetime(now.replace(microsecond=0), usegmt=True))
        self.send_header("Content-Type", answer.type)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if answer.cut == "truncated":
            self.wfile.write(answer.body[: max(1, len(answer.body) * 2 // 3)])
            self.wfile.flush()
            self.close_connection = True
            return
        self.wfile.write(answer.body)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet about connections that a fault or a client closed."""


@contextmanager
def serve(org: Org | None = None, *, port: int = 0) -> Iterator[Serving]:
    """Serve an org on the loopback while the block runs."""
    serving = Serving(org or Org(), Faults())
    server = _Server(("127.0.0.1", port), _Handler)
    server.serving = serving  # type: ignore[attr-defined]
    serving.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.daemon = True
    thread.start()
    try:
        yield serving
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def described(serving: Serving, name: str) -> dict[str, Any]:
    """Return an object as `describe` tells it."""
    shape = serving.org.kinds[name]
    return {
        "name": name, "label": name, "keyPrefix": shape.prefix, "queryable": True,
        "fields": [
            {**one.told(), "updateable": is_updateable(one.name, name)}
            for one in shape.fields.values()
        ],
    }  # fmt: skip
