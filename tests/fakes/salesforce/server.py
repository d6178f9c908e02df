"""The fake org over HTTP: OAuth, REST, Bulk 2.0, as simple-salesforce and a browser speak to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from tests.fakes.common import Answer, Fake, serving
from tests.fakes.salesforce import answers, doors
from tests.fakes.salesforce.org import Org
from tests.fakes.salesforce.writes import Writes, is_updateable, undelete

CLIENT, SECRET = doors.CLIENT, doors.SECRET


@dataclass
class Serving(Fake):
    """A running fake: its org, what it writes, the pages and jobs that it holds open."""

    org: Org = field(default_factory=Org)
    doors: doors.Doors = field(default_factory=doors.Doors)
    writes: Writes = field(default_factory=Writes)
    rest_page: int = 2_000
    bulk_page: int = 50_000
    skew: float = 0.0
    cursors: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    jobs: dict[str, Any] = field(default_factory=dict)

    def now(self) -> datetime:
        """Return the org's own time."""
        return self.org.clock()

    def answer(  # noqa: C901, PLR0911  # a table of doors
        self, verb: str, path: str, query: dict[str, str], body: bytes, headers: dict[str, str]
    ) -> Answer:
        """Answer one request."""
        if path.startswith("/services/oauth2/"):
            form = {n: v[0] for n, v in parse_qs(body.decode()).items()} | query
            return doors.answer(self.doors, self.address, path, form)
        soap = re.match(r"/services/Soap/u/([\d.]+)$", path)
        if soap:
            return undelete(self, soap[1], body.decode())
        token = headers.get("authorization", "").removeprefix("Bearer ")
        fault = self.faults.strike(f"{verb} {path}")
        if fault == "expired":
            self.doors.expire(token)
        if fault in answers.REFUSALS:
            return answers.refusal(fault)
        if not self.doors.is_open(token):
            return answers.refusal("expired")
        self.used += 1
        if self.used > self.most:
            return answers.refusal("limit")
        found = answers.route(self, verb, path, query, body, headers, fault)
        found.headers["Sforce-Limit-Info"] = f"api-usage={self.used}/{self.most}"
        if fault == "failed":
            return answers.refusal("unavailable")
        if fault in ("truncated", "dropped"):
            found.cut = fault
        return found


@contextmanager
def serve(org: Org | None = None, *, port: int = 0) -> Iterator[Serving]:
    """Serve an org on the loopback while the block runs."""
    with serving(Serving(org=org or Org()), port=port) as found:
        yield found


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
