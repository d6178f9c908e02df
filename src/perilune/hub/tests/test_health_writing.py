"""How write-back stands is told: what waits, is asked, was refused, may not be written at all."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from typer.testing import CliRunner

from perilune.hub.cli.sync import hub_app
from perilune.hub.models import Connection, WriteBatch, WriteLine
from perilune.hub.queries.health import health_of
from perilune.hub.queries.scopes import missing_scopes
from perilune.hub.service import sync
from perilune.hub.tests.syncing import synced
from perilune.hub.tests.test_connections import BACK, _allowed
from perilune.hub.tests.test_outbox import looked, states, wrote
from perilune.hub.tests.test_outbox_plain import HubSpot, Pipedrive, edited
from perilune.people.contracts import Role
from perilune.people.testing import login, make_user

pytestmark = [
    pytest.mark.usefixtures("company"),
    pytest.mark.django_db(databases=["default", "queue"]),
]


def _consented() -> dict[str, list[str]]:
    """Allow access at the page where it is asked for; return what the page was asked."""
    door, verifier = sync.connection_door("acme", BACK, "ann")
    code, state = _allowed(door)
    sync.connection_arrive(code, state, BACK, "ann", verifier)
    return parse_qs(urlsplit(door).query)


def _codes(now: datetime | None = None) -> dict[str, Any]:
    return {one.code: one for one in health_of("acme", now).troubles}


@pytest.mark.parametrize(
    ("made", "scope"), [(HubSpot, "crm.objects.deals.write"), (Pipedrive, "deals:full")]
)
def test_writing_that_was_not_allowed_is_named_and_asked_for_with_the_next_consent(
    made: type[HubSpot], scope: str, client: Client
) -> None:
    world, system = made(), made.__name__.lower()
    fake = import_module(f"tests.fakes.{system}")
    world.there = import_module(f"tests.fakes.{system}.made").filled(2, moves=1)
    with fake.serve(world.there) as serving:
        serving.app = "deals:read contacts:read users:read"
        sync.connection_add("acme", serving.address, fake.CLIENT, fake.SECRET, provider=system)
        assert "optional_scope" not in _consented()
        synced()
        assert health_of("acme").writing is None
        sync.write_allow("acme", "deals", {world.amount: "ask"})
        assert missing_scopes("acme") == (scope,)
        assert scope in str(_codes()["write_scopes"].params)
        if made is HubSpot:
            make_user(Role.OPS_DIRECTOR, "olga")
            login(client, Role.OPS_DIRECTOR)
            page = client.get(reverse("connections:write", args=["acme"])).content.decode()
            assert scope in page and reverse("connections:connect", args=["acme"]) in page
        world.there.pass_time(hours=1)
        edited(world)
        refused = wrote(looked())
        [line] = WriteLine.objects.filter(batch=refused.id)
        assert (line.state, line.code) == ("refused", "MISSING_SCOPES")
        writing = health_of("acme").writing
        assert writing is not None and (writing.refused, writing.written_at) == (1, None)

        serving.app = "deals:full contacts:full users:read"
        asked = _consented()
        assert asked.get("optional_scope", [scope]) == [scope]  # Pipedrive's page takes none
        assert missing_scopes("acme") == ()
        assert "write_scopes" not in _codes()
        assert states(wrote(looked()).id) == {world.amount: "written"}
        health = health_of("acme")
        assert health.writing is not None and health.writing.written_at is not None
        assert (health.writing.refused, health.writing.waiting) == (0, 0)


def _batch(state: str, **more: Any) -> WriteBatch:
    return WriteBatch.objects.create(source="acme", actor="ann", purpose="x", state=state, **more)


def _line(batch: WriteBatch, state: str, number: int = 1, **more: Any) -> WriteLine:
    return WriteLine.objects.create(
        batch=batch, object="deals", kind="opportunity", record_id=number, key=str(number),
        field="amount", column="amount", policy="ask", state=state, **more,
    )  # fmt: skip


def test_what_waits_is_asked_or_was_refused_is_told_with_its_cause_and_since_when() -> None:
    sync.connection_add("acme", "https://a.example", "client")
    now = datetime.now(UTC)
    begun = now - timedelta(hours=5)
    assert (health_of("acme").writing, _codes()) == (None, {})
    stopped = _batch("failed", started_at=begun, message="The disk is full.")
    _line(stopped, "waits")
    done = _batch("done", looked_at=begun, started_at=begun)
    _line(done, "ask", 2)
    reason = {"code": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "reason": "Amount too large"}
    _line(done, "refused", 3, answered_at=begun, **reason)
    _line(done, "refused", 4, answered_at=begun, **reason)
    ready = _batch("ready", looked_at=now - timedelta(days=2))
    _line(ready, "waits", 5)
    found, writing = _codes(), health_of("acme").writing
    assert set(found) == {"write_stopped", "write_refused", "write_asked", "write_unconfirmed"}
    assert found["write_stopped"].params["why"] == "The disk is full."
    assert (found["write_stopped"].at, found["write_stopped"].batch) == (begun, stopped.id)
    assert found["write_refused"].params == {"count": 2, "reason": "Amount too large"}
    assert [found[code].is_urgent for code in sorted(found)] == [False, False, True, False]
    assert writing is not None
    assert (writing.waiting, writing.waiting_since, writing.asked) == (1, begun, 1)
    told = CliRunner().invoke(hub_app, ["health", "--json"])
    shown = json.loads(told.stdout)[0]
    assert (told.exit_code, shown["write_back"]["waiting"]) == (3, 1)
    assert {one.get("batch") for one in shown["troubles"]} == {stopped.id, done.id, ready.id, None}
    # what a later batch settled is told no more, nor what is older than a month
    _line(_batch("done"), "written", 3, answered_at=now)
    assert _codes()["write_refused"].params["count"] == 1
    assert "write_refused" not in _codes(now + timedelta(days=31))
    # one that is under way is no trouble while it is young
    WriteBatch.objects.filter(id=stopped.id).update(state="writing", pid=2**22 + 1)
    assert "ended in the middle" in _codes()["write_stopped"].message
    Connection.objects.all().delete()
