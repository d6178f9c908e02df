"""Every named address of the house, with something to stand at each, and what one costs."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.exceptions import NoReverseMatch

from perilune.kernel.wiring import KINDS
from perilune.people.models import User

COUNTS = Path(__file__).with_name("query_counts.json")
OPEN_TO_ALL = {"account_login", "account_logout", "account_signup", "set_language"}
NOT_OURS = {"account_", "mfa_", "socialaccount_", "ui:", "api:api-root"}  # the last answers 404
BACKEND = "django.contrib.auth.backends.ModelBackend"
OK = 200


def named() -> Iterable[tuple[str, str]]:
    """Give each name of an address of ours and where it leads to in the small demo company."""
    for name, pattern in _routes(get_resolver()):
        if name.startswith(tuple(NOT_OURS)) or name in OPEN_TO_ALL:
            continue
        try:
            yield name, reverse(name, kwargs=_arguments(pattern))
        except NoReverseMatch:
            continue


def _routes(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for item in resolver.url_patterns:
        if isinstance(item, URLResolver):
            space = f"{prefix}{item.namespace}:" if item.namespace else prefix
            yield from _routes(item, space)
        elif item.name:
            yield prefix + item.name, item


def _arguments(pattern: URLPattern) -> dict[str, Any]:
    """Give each argument of an address something that exists in the small demo company."""
    from perilune.history.queries import model_of, recent_sets
    from perilune.people.models import Rep
    from perilune.planning.models import Plan
    from perilune.territories.models import Draft

    deal = model_of(KINDS.get("opportunity"))._default_manager.order_by("id").first()
    assert deal is not None
    given: dict[str, Any] = {
        "kind": "opportunity", "record_id": deal.id, "period": "2026-Q2", "name": "2026-Q2",
        "measure": "won_amount", "field": "next_step", "user_id": User.objects.order_by("id")[0].id,
        "rep_id": Rep.objects.order_by("id")[0].id, "key": "next_step",
        "change_set_id": recent_sets(1, purpose="demo")[0].id, "edit_type": "hire",
        "panel": "forecasting.range", "going": "leave", "what": "fte",
        "table": "sums", "rule_key": "deal_overdue",
        "draft_id": getattr(Draft.objects.order_by("id").first(), "id", 1),
        "plan_id": getattr(Plan.objects.order_by("id").first(), "id", 1),
    }  # fmt: skip
    return {
        name: given.get(name, 1 if converter.__class__.__name__ == "IntConverter" else "x")
        for name, converter in pattern.pattern.converters.items()
    }


def client_of(username: str) -> Client:
    """Return somebody of the demo company who has signed in."""
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.get(username=username), backend=BACKEND)
    return client


def queries_of(client: Client, address: str) -> int | None:
    """Return the queries that a page takes in a process that is warm; None where it says no."""
    first = client.get(address)  # what is asked once in the life of a process is no cost
    return queries_again(client, address) if first.status_code == OK else None


def queries_again(client: Client, address: str) -> int:
    """Return the queries that a page takes which was opened before."""
    with ExitStack() as stack:
        caught = [stack.enter_context(CaptureQueriesContext(c)) for c in connections.all()]
        answer = client.get(address)
        if answer.streaming:
            b"".join(answer)  # type: ignore[arg-type]
        counted = sum(map(len, caught))
    if "as_of=" in address:
        client.get("/?as_of=now")  # the as-of stays for the session
    return counted


def hold(part: str, counts: Mapping[str, int | None]) -> None:
    """Compare the queries that pages take with what was recorded, or record them."""
    found = {name: count for name, count in counts.items() if count is not None}
    recorded = json.loads(COUNTS.read_text()) if COUNTS.exists() else {}
    if os.environ.get("PERILUNE_REFRESH") == "1":
        recorded[part] = found
        COUNTS.write_text(json.dumps(recorded, indent=1, sort_keys=True) + "\n")
    held = recorded.get(part, {})
    more = {name: (count, held.get(name)) for name, count in found.items()}
    more = {name: (now, was) for name, (now, was) in more.items() if was is None or now > was}
    assert not more, f"more queries than recorded (now, recorded): {more}"
    assert not held.keys() - found.keys(), "recorded pages are gone, or answer otherwise"
