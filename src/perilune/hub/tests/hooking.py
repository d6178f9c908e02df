"""Calls as other systems make them, and a receiver on the loopback that verifies what it gets."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from django.test import Client
from standardwebhooks import Webhook

from perilune.hub.models import Hook


def path_of(hook_id: int) -> str:
    return f"/hooks/{Hook.objects.get(id=hook_id).address}/"


def standard(secret: str, id_: str, body: str, at: datetime | None = None) -> dict[str, str]:
    """Sign as the independent library does."""
    at = at or datetime.now(UTC)
    return {
        "webhook-id": id_,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(id_, at, body),
    }


def called(path: str, body: str | bytes, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
    answer = Client().post(path, body, content_type="application/json", headers=headers)
    return answer.status_code, answer.json()


@dataclass
class Receiver:
    """A system that is told. statuses: what it answers in turn, then 200."""

    address: str = ""
    statuses: list[int] = field(default_factory=list)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def verified(self, secret: str, number: int = -1) -> Any:
        """Return a body that the independent library takes."""
        headers, body = self.got[number]
        return Webhook(secret).verify(body, headers)


@contextmanager
def receiving(*statuses: int) -> Iterator[Receiver]:
    found = Receiver(statuses=list(statuses))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(found.statuses.pop(0) if found.statuses else 200)
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *args: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    found.address = f"http://127.0.0.1:{server.server_address[1]}/told"
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
