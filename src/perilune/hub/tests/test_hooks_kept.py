"""The logs of webhooks: a rule of the privacy room ends them, what waits or is needed stays."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from perilune.hub.contracts.hooks import Scheme
from perilune.hub.engine.hooks.signing import key_of
from perilune.hub.models import Delivery, HookCall, HookRefusal
from perilune.hub.service import hooks
from perilune.hub.tests.hooking import called, path_of
from perilune.hub.web.hook_words import kept_said
from perilune.jobs import service as jobs
from perilune.kernel.errors import Invalid
from perilune.people import service as people
from perilune.people.contracts import Role
from perilune.privacy import service as privacy
from perilune.privacy.queries import days_kept, retaining

pytestmark = pytest.mark.django_db(databases=["default", "queue"])
OLD = datetime.now(UTC) - timedelta(days=93)  # whatever the hour and the zone


def logged(hook: int, call_id: str, *, at: datetime = OLD, **more: Any) -> HookCall:
    facts = {"digest": call_id, "received_at": at, "state": "done", **more}
    return HookCall.objects.create(hook_id=hook, call_id=call_id, **facts)


def told(subscription: int, event: str, state: str, at: datetime = OLD) -> None:
    Delivery.objects.create(
        subscription_id=subscription, event_id=event, type="account.created", state=state,
        next_at=at, created_at=at,
    )  # fmt: skip


def test_old_calls_and_deliveries_go_every_night_and_the_run_is_counted(
    company: None, settings: Any
) -> None:
    settings.PERILUNE_HOOKS_ALLOW = ["127.0.0.0/8"]
    people.user_add("ann", Role.OPS_DIRECTOR)
    timed, _secret = hooks.hook_add("partner", Scheme.STANDARD, actor="ann")
    plain, _key = hooks.hook_add("shop", Scheme.BASIC, actor="ann")
    bus, _secret = hooks.subscription_add(
        "bus", "http://127.0.0.1:1/", ("account.created",), owner="ann"
    )
    logged(timed, "done")
    logged(timed, "failed", state="failed", body='{"name": "Zoé"}')
    logged(timed, "waits", state="new", body="{}")
    logged(timed, "young", at=OLD + timedelta(days=3))
    logged(plain, "row", message="%(name)s is unknown", message_params={"name": "Zoé"})
    HookRefusal.objects.create(hook_id=timed, day=OLD.date(), reason="old", last_at=OLD)
    for state in ("sent", "dead", "waiting"):
        told(bus, state, state)
    told(bus, "young", "sent", OLD + timedelta(days=3))

    privacy.ship_rules()
    privacy.ship_rules()
    (rule,) = retaining.rules()
    assert (rule.kind, rule.days, rule.is_enabled, rule.author) == ("hooks", 90, True, "")
    assert retaining.preview(rule, datetime.now(UTC).date()).count == 6
    assert "90 days" in kept_said(days_kept("hooks"))
    done = jobs.run_here(privacy.RETENTION.name, {})
    assert done.result["rules"] == {str(rule.id): [6, 6]}
    assert [(run.found, run.done) for run in retaining.runs()] == [(6, 6)]
    assert set(HookCall.objects.values_list("call_id", flat=True)) == {"waits", "young", "row"}
    assert set(Delivery.objects.values_list("event_id", flat=True)) == {"waiting", "young"}
    assert not HookRefusal.objects.exists()
    emptied = HookCall.objects.get(call_id="row")
    assert (emptied.message, emptied.message_params) == ("", {})
    assert privacy.run_rule(rule.id, actor="ann") == (0, 0)


def test_a_call_without_a_signed_time_is_still_known_when_its_log_is_over(company: None) -> None:
    hook, secret = hooks.hook_add("shop", Scheme.HMAC, header="x-sign", actor="ann")
    body = '{"id": 1}'
    signed = {"x-sign": hmac.new(key_of(secret), body.encode(), hashlib.sha256).hexdigest()}
    assert called(path_of(hook), body, signed)[0] == 202
    HookCall.objects.update(state="done", received_at=OLD)
    privacy.ship_rules()
    privacy.run_rule(retaining.rules()[0].id, actor="ann")
    assert HookCall.objects.get().body == ""
    assert called(path_of(hook), body, signed) == (409, {"refused": "replayed"})


def test_a_rule_of_ones_own_takes_the_place_of_the_shipped_one(company: None) -> None:
    with pytest.raises(Invalid):
        privacy.rule_add("Logs", kind="hooks", days=30, action="erase", actor="ann")
    privacy.rule_add("Logs", kind="hooks", days=30, action="drop_logs", actor="ann")
    privacy.ship_rules()
    assert len(retaining.rules()) == 1
    assert days_kept("hooks") is None  # nobody let it run yet
    assert "for good" in kept_said(None)
