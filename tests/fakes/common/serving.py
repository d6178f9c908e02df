"""A fake over HTTP: what it saw, what goes wrong on the way, its own clock in every answer."""

from __future__ import annotations

import json
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

from tests.fakes.common.doors import Doors
from tests.fakes.common.faults import Faults


@dataclass
class Answer:
    """An answer; cut: how the connection fails while it is sent."""

    status: int
    body: bytes = b""
    type: str = "application/json;charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    cut: str = ""


def answered(value: Any, status: int = 200) -> Answer:
    """Return a value as JSON."""
    return Answer(status, json.dumps(value).encode())


@dataclass
class Fake(ABC):
    """A fake that is served: its address, its faults, the requests that it saw."""

    faults: Faults = field(default_factory=Faults)
    doors: Doors = field(default_factory=Doors)
    address: str = ""
    seen: list[str] = field(default_factory=list)
    used: int = 0
    most: int = 100_000

    def now(self) -> datetime:
        """Return the fake's own time."""
        return datetime.now(UTC)

    def count(self, part: str) -> int:
        """Return how many requests named a part of a path."""
        return sum(part in path for path in self.seen)

    @abstractmethod
    def answer(
        self, verb: str, path: str, query: dict[str, str], body: bytes, headers: dict[str, str]
    ) -> Answer:
        """Answer one request."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65_536  # head and body in one packet: a client would wait for the second
    disable_nagle_algorithm = True
    server: Any

    def log_message(self, *parts: Any) -> None:
        """Say nothing."""

    def _any(self) -> None:
        fake: Fake = self.server.fake
        split = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else b""
        path = unquote(split.path)
        fake.seen.append(f"{self.command} {path}")
        query = {name: ",".join(values) for name, values in parse_qs(split.query).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        self._send(fake, fake.answer(self.command, path, query, body, headers))

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _any  # the names that http.server asks

    def _send(self, fake: Fake, answer: Answer) -> None:
        if answer.cut == "dropped":
            self.close_connection = True
            self.connection.close()
            return
        self.send_response_only(answer.status)
        now = fake.now().astimezone(UTC).replace(microsecond=0)
        self.send_header("Date", format_datetime(now, usegmt=True))
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


F = TypeVar("F", bound=Fake)


@contextmanager
def serving(fake: F, *, port: int = 0) -> Iterator[F]:
    """Serve a fake on the loopback while the block runs."""
    server = _Server(("127.0.0.1", port), _Handler)
    server.fake = fake  # type: ignore[attr-defined]
    fake.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.daemon = True
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
