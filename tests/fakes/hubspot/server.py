"""The fake account over HTTP, as the vendor's client and our connector speak to it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from tests.fakes.common import Answer, Fake, Writes, answered, serving
from tests.fakes.hubspot import answers
from tests.fakes.hubspot.portal import Portal
from tests.fakes.hubspot.words import refused

_REFUSALS = {
    "expired": (401, "EXPIRED_AUTHENTICATION", ""),
    "throttled": (429, "RATE_LIMITS", "TEN_SECONDLY_ROLLING"),
    "limit": (429, "RATE_LIMITS", "DAILY"),
    "unavailable": (503, "SERVICE_UNAVAILABLE", ""),
}


def refusal(kind: str) -> Answer:
    """Return a refusal as HubSpot words it."""
    status, category, policy = _REFUSALS[kind]
    body = {"status": "error", "message": kind, "category": category, "correlationId": "0"}
    return answered(body | ({"policyName": policy, "errorType": "RATE_LIMIT"} if policy else {}),
                    status)  # fmt: skip


@dataclass
class Serving(Fake):
    """A running fake account. most_found: how far a search goes."""

    portal: Portal = field(default_factory=Portal)
    writes: Writes = field(default_factory=Writes)
    most_found: int = 10_000

    def now(self) -> datetime:
        """Return the account's own time."""
        return self.portal.clock()

    def answer(
        self, verb: str, path: str, query: dict[str, str], body: bytes, headers: dict[str, str]
    ) -> Answer:
        """Answer one request."""
        if path.startswith("/oauth/"):
            return self._let_in(path, query, body)
        token = headers.get("authorization", "").removeprefix("Bearer ")
        fault = self.faults.strike(f"{verb} {path}")
        if fault == "expired":
            self.doors.expire(token)
        if fault in _REFUSALS:
            return refusal(fault)
        shut = self._shut(verb, path, token)
        if shut is not None:
            return shut
        found = self._routed(verb, path, query, json.loads(body) if body else {}, fault)
        found.headers["X-HubSpot-RateLimit-Daily"] = str(self.most)
        found.headers["X-HubSpot-RateLimit-Daily-Remaining"] = str(self.most - self.used)
        if fault == "failed":
            return refusal("unavailable")
        if fault in ("truncated", "dropped"):
            found.cut = fault
        return found

    def _let_in(self, path: str, query: dict[str, str], body: bytes) -> Answer:
        if path.startswith("/oauth/v1/access-tokens/"):
            told = self.doors.scopes.get(path.rpartition("/")[2], frozenset())
            return answered({"hub_id": 1, "token_type": "access", "scopes": sorted(told)})
        if path == "/oauth/authorize":
            return self.doors.page(query)
        form = {n: v[0] for n, v in parse_qs(body.decode()).items()}
        return self.doors.token(form, "", {})

    def _shut(self, verb: str, path: str, token: str) -> Answer | None:
        """Return why a question is not answered, None where it is."""
        if not self.doors.is_open(token):
            return refusal("expired")
        self.used += 1
        if self.used > self.most:
            return refusal("limit")
        scope = _scope_of(verb, path)
        if scope and not self.doors.may(token, scope):
            return refused(403, "MISSING_SCOPES", f"This app lacks the required scope: {scope}")
        return None

    def _routed(self, verb: str, path: str, query: dict[str, str], told: Any, fault: str) -> Answer:
        with self.portal.lock:
            try:
                return answers.route(self, verb, path, query, told, fault)
            except KeyError as error:
                return refused(400, "VALIDATION_ERROR", str(error.args[0]))


_OBJECT = re.compile(r"^/crm/v3/objects/(\w+)(?:/(.*))?$")
_READS = frozenset({"search", "batch/read"})


def _scope_of(verb: str, path: str) -> str:
    """Return the scope that a write needs, "" for what only reads."""
    found = _OBJECT.match(path)
    if found is None or verb == "GET" or (found[2] or "") in _READS:
        return ""
    return f"crm.objects.{found[1]}.write"


@contextmanager
def serve(portal: Portal | None = None, *, port: int = 0) -> Iterator[Serving]:
    """Serve an account on the loopback while the block runs."""
    with serving(Serving(portal=portal or Portal()), port=port) as found:
        yield found
