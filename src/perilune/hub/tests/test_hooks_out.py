"""What other systems are told: signed, once under one id, as the owner sees it, never inside."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from typer.testing import CliRunner

from perilune.crm import service as crm
from perilune.history import service as history
from perilune.hub.cli.hooks import hooks_app
from perilune.hub.contracts.hooks import SendState
from perilune.hub.models import Delivery, Subscription
from perilune.hub.queries import hooks as queries
from perilune.hub.service import hooks
from perilune.hub.service.hooks import feeding, posting, sending
from perilune.hub.tests.hooking import Receiver, receiving
from perilune.kernel.errors import Conflict, Invalid, Refused
from perilune.people import service as people
from perilune.people.contracts import Role
from perilune.people.queries import user_named
from perilune.people.testing import make_rep

pytestmark = pytest.mark.django_db(databases=["default", "queue"])
ACCOUNTS = ("account.created", "account.changed", "account.ended")


@pytest.fixture(autouse=True)
def _inside_may_be_called(company: None, settings: Any) -> None:
    settings.PERILUNE_HOOKS_ALLOW = ["127.0.0.0/8"]
    people.user_add("ann", Role.OPS_DIRECTOR)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


def _told(receiver: Receiver, *events: str, owner: str = "ann") -> tuple[int, str]:
    return hooks.subscription_add("bus", receiver.address, events or ACCOUNTS, owner=owner)


def _go(later: timedelta = timedelta()) -> int:
    """Follow and send what is due at a moment."""
    now = datetime.now(UTC)
    feeding.follow(now)
    due = Delivery.objects.filter(state="waiting", next_at__lte=now + later)
    due.update(next_at=now - timedelta(seconds=1))
    return sending.send(1e12)[0]


def _made(name: str = "Big", **values: Any) -> int:
    return crm.record_create("account", {"name": name, **values}, actor="ann").ids[0]


def test_a_change_is_told_once_signed_with_what_changed(receiver: Receiver) -> None:
    _made("Before")  # not told: it was before
    _id, secret = _told(receiver)
    account = _made(industry="Call")
    crm.record_change("account", account, {"industry": "Meet"}, actor="ann")
    assert _go() == 2
    bodies = [receiver.verified(secret, i) for i in range(2)]
    assert [one["type"] for one in bodies] == ["account.created", "account.changed"]
    assert bodies[1]["data"]["records"] == [
        {"id": account, "keys": {}, "fields": {"industry": "Meet"}}
    ]
    assert _go() == 0
    assert len({headers["webhook-id"] for headers, _body in receiver.got}) == 2


def test_taking_a_change_back_is_told_as_one(receiver: Receiver) -> None:
    _told(receiver)
    account = _made()
    _go()
    from perilune.history.queries import recent_sets

    history.retract(recent_sets(1)[0].id, actor="ann")
    _go()
    last = json.loads(receiver.got[-1][1])
    assert (last["type"], last["data"]["is_undone"]) == ("account.ended", True)
    assert last["data"]["records"] == [{"id": account, "keys": {}}]


def test_a_failure_is_tried_again_under_its_id_then_given_up_then_sent_again() -> None:
    with receiving(*[500] * 8) as receiver:
        number, secret = _told(receiver)
        _made()
        for _try in range(9):
            _go(timedelta(days=1))
        row = Delivery.objects.get()
        assert (row.state, row.tries, row.status, len(receiver.got)) == ("dead", 8, 500, 8)
        assert len({headers["webhook-id"] for headers, _body in receiver.got}) == 1
        assert queries.subscription(number).dead == 1
        runner = CliRunner()
        listed = runner.invoke(hooks_app, ["deliveries", "--state", "dead", "--json"])
        assert [one["status"] for one in json.loads(listed.stdout)] == [500]
        again = runner.invoke(hooks_app, ["send", "--again", str(row.id)])
        assert (again.exit_code, queries.subscription(number).sent) == (0, 1)
        assert receiver.verified(secret)["type"] == "account.created"


def test_waits_grow_and_410_ends_a_subscription() -> None:
    with receiving(503, 410) as receiver:
        number, _secret = _told(receiver)
        _made()
        _go()
        row = Delivery.objects.get()
        assert row.answered_at is not None
        assert row.next_at - row.answered_at == timedelta(seconds=5)
        _go(timedelta(seconds=5))
        assert not queries.subscription(number).is_on
        assert Delivery.objects.get().state == "dead"


def test_both_secrets_prove_calls_for_a_day(receiver: Receiver) -> None:
    number, first = _told(receiver)
    second = hooks.subscription_rotate(number)
    assert hooks.subscription_test(number).is_taken
    for secret in (first, second):
        assert receiver.verified(secret)["type"] == "test.ping"
    Subscription.objects.update(both_until=datetime.now(UTC))
    hooks.subscription_test(number)
    assert receiver.verified(second)
    with pytest.raises(Exception, match="No matching signature"):
        receiver.verified(first)


def test_only_what_the_owner_may_see_today_is_told(receiver: Receiver) -> None:
    rep = make_rep("Rep")
    people.user_add("rep", Role.REP, rep_id=rep)
    _told(receiver, owner="rep")
    mine, _others = _made("Mine", owner_id=rep), _made("Other")
    assert _go() == 2
    (body,) = [json.loads(body) for _headers, body in receiver.got]
    assert [one["id"] for one in body["data"]["records"]] == [mine]
    assert Delivery.objects.filter(state=SendState.EMPTY.value).count() == 1
    # what waits is made of today's rights: nothing goes out once they are gone
    crm.record_change("account", mine, {"industry": "Meet"}, actor="ann")
    feeding.follow(datetime.now(UTC))
    people.user_set_active("rep", False)
    _go()
    assert len(receiver.got) == 1


def test_nothing_happens_twice_and_nothing_is_lost_when_a_process_ends(receiver: Receiver) -> None:
    _told(receiver)
    _made()
    feeding.follow(datetime.now(UTC))
    held = sending._due(datetime.now(UTC))  # a process took it, and was killed
    assert held is not None
    assert sending._due(datetime.now(UTC)) is None  # no other one makes it meanwhile
    Subscription.objects.update(cursors={})  # as if it had not been noted how far it came
    feeding.follow(datetime.now(UTC))
    assert Delivery.objects.filter(type="account.created").count() == 1
    assert _go(timedelta(minutes=3)) == 1
    with pytest.raises(Conflict):
        hooks.delivery_again(Delivery.objects.create(
            subscription=Subscription.objects.get(), event_id="x", type="test.ping",
            next_at=datetime.now(UTC), created_at=datetime.now(UTC)).id)  # fmt: skip


def test_addresses_inside_are_refused_and_no_redirect_is_followed(settings: Any) -> None:
    with receiving(302) as receiver:
        assert posting.post(receiver.address, b"{}", {}).status == 302
        assert len(receiver.got) == 1
        settings.PERILUNE_HOOKS_ALLOW = []
        with pytest.raises(Refused):
            posting.post(receiver.address, b"{}", {})
        for address in ("http://localhost:1/", "http://[::1]/", "http://2130706433/",
                        "http://169.254.169.254/latest/meta-data/"):  # fmt: skip
            with pytest.raises(Refused):
                hooks.subscription_add("x", address, ACCOUNTS, owner="ann")
        assert len(receiver.got) == 1
    for address in ("ftp://example.com", "file:///etc/passwd", "http://a:b@example.com/", "x"):
        with pytest.raises(Invalid):
            hooks.subscription_add("x", address, ACCOUNTS, owner="ann")


def test_an_address_inside_that_is_opened_then_closed_is_not_called(
    receiver: Receiver, settings: Any
) -> None:
    number, _secret = _told(receiver)
    settings.PERILUNE_HOOKS_ALLOW = []
    _made()
    _go()
    assert receiver.got == []
    assert "127.0.0.1" in queries.deliveries(number)[0].answer


def test_pages_make_show_once_test_and_forget(receiver: Receiver) -> None:
    client, ann = Client(), user_named("ann")
    assert ann is not None
    client.force_login(ann, backend="django.contrib.auth.backends.ModelBackend")
    made = client.post("/settings/webhooks/in/", {"name": "shop", "scheme": "standard"})
    assert b"whsec_" in made.content
    hook = queries.hooks()[0]
    page = client.get(f"/settings/webhooks/in/{hook.id}/").content.decode()
    assert hook.address in page and "whsec_" not in page
    facts = {"name": "bus", "address": receiver.address, "events": ["account.created"]}
    wrong = client.post("/settings/webhooks/out/", {**facts, "address": "http://10.0.0.1/"})
    assert (wrong.status_code, b"private network" in wrong.content) == (422, True)
    made = client.post("/settings/webhooks/out/", facts)
    assert b"whsec_" in made.content
    (told,) = queries.subscriptions()
    client.post(f"/settings/webhooks/out/{told.id}/test/")
    assert len(receiver.got) == 1
    Delivery.objects.update(state="dead", type="account.created")
    assert b"Send again" in client.get(f"/settings/webhooks/out/{told.id}/").content
    client.post("/settings/webhooks/again/", {"id": [Delivery.objects.get().id]})
    assert Delivery.objects.get().state == "waiting"
    client.post(f"/settings/webhooks/out/{told.id}/off/")
    client.post(f"/settings/webhooks/in/{hook.id}/forget/")
    assert (queries.hooks(), queries.subscriptions()[0].is_on) == ([], False)
    assert client.get("/settings/webhooks/").status_code == 200
