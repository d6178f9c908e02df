"""Calls of other systems: believed when signed, once, as hints; a burst is one run."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from perilune.history import queries as history
from perilune.hub.contracts.hooks import Refusal, Scheme
from perilune.hub.models import HookCall, ImportRun, SyncRun
from perilune.hub.queries import hooks as queries
from perilune.hub.queries.health import health_of
from perilune.hub.service import hooks, import_apply, import_read
from perilune.hub.service.hooks import taking
from perilune.hub.service.hooks.incoming import LARGEST
from perilune.hub.tests.hooking import called, path_of, standard
from perilune.hub.tests.syncing import connected, synced
from perilune.jobs import queries as job_queries
from perilune.jobs import service as jobs
from tests.fakes.salesforce import Serving
from tests.fakes.salesforce.made import filled

pytestmark = pytest.mark.django_db(databases=["default", "queue"])


@pytest.fixture
def serving(company: None) -> Iterator[Serving]:
    with connected(filled(8)) as found:
        yield found


def _waiting(kind: str) -> list[int]:
    return [one.id for one in job_queries.recent_jobs(50, kind) if not one.state.is_over]


def _run_jobs(kind: str) -> None:
    """Do what the worker does with the jobs of a kind."""
    while waiting := _waiting(kind):
        for job_id in waiting:
            for number in range(20):  # a step that was taken, or is not yet due, does nothing
                jobs.step(job_id, number)


def test_a_call_is_kept_once_and_every_other_one_is_refused_by_name(company: None) -> None:
    hook, secret = hooks.hook_add("partner", Scheme.STANDARD, actor="ann")
    path, body = path_of(hook), '{"id": 1}'
    signed = standard(secret, "m1", body)
    assert called(path, body, signed) == (202, {"taken": True})
    assert HookCall.objects.get().body == body  # kept before it is acted on
    assert called(path, body, signed) == (409, {"refused": "replayed"})
    assert called(path, '{"id": 2}', standard(secret, "m1", '{"id": 2}'))[0] == 409
    # the sender did not hear the answer and tries again, signed anew: answered, not acted on
    later = standard(secret, "m1", body, datetime.now(UTC) + timedelta(seconds=2))
    assert called(path, body, later) == (200, {"taken": True})
    assert called(path, body, later)[1] == {"refused": "replayed"}
    assert called(path, body + " ", signed) == (401, {"refused": "forged"})
    assert called(path, body, {}) == (401, {"refused": "unsigned"})
    old = standard(secret, "m2", body, datetime.now(UTC) - timedelta(minutes=6))
    assert called(path, body, old) == (401, {"refused": "old"})
    big = '"' + "x" * LARGEST + '"'
    assert called(path, big, standard(secret, "m3", big)) == (413, {"refused": "large"})
    assert called(path, "no json", standard(secret, "m4", "no json"))[1] == {
        "refused": "unreadable"
    }
    assert called("/hooks/unknown/", body, signed)[0] == 404
    assert HookCall.objects.count() == 1
    info = queries.hook(hook)
    assert {reason: count for reason, count, _at in info.refused} == {
        Refusal.REPLAYED: 2, Refusal.REUSED: 1, Refusal.FORGED: 1, Refusal.UNSIGNED: 1,
        Refusal.OLD: 1, Refusal.LARGE: 1, Refusal.UNREADABLE: 1,
    }  # fmt: skip
    hooks.hook_switch(hook, False)
    assert called(path, body, standard(secret, "m5", body)) == (410, {"refused": "off"})


def test_a_secret_that_is_changed_leaves_the_one_before_good_for_a_day(company: None) -> None:
    hook, first = hooks.hook_add("partner", Scheme.STANDARD, actor="ann")
    second = hooks.hook_rotate(hook)
    for number, secret in enumerate((first, second)):
        assert called(path_of(hook), "{}", standard(secret, f"m{number}", "{}"))[0] == 202
    third = hooks.hook_rotate(hook)
    assert called(path_of(hook), "{}", standard(first, "m3", "{}"))[0] == 401
    assert called(path_of(hook), "{}", standard(third, "m4", "{}"))[0] == 202


def test_a_burst_of_hints_is_one_sync_that_reads_the_named_records(serving: Serving) -> None:
    synced()
    org = serving.org
    account = next(iter(org.rows["Account"]))
    org.rows["Account"][account]["Name"] = "Told by a call"  # its stamp stays: no cursor sees it
    synced()
    assert history.find_by_title("account", ["Told by a call"]) == {}
    hook, secret = hooks.hook_add("flow", Scheme.STANDARD, connection="acme", actor="ann")
    before = SyncRun.objects.count()
    for number in range(5):
        body = json.dumps({"object": "Account", "id": account, "Name": "Said by the call"})
        assert called(path_of(hook), body, standard(secret, f"m{number}", body))[0] == 202
    assert len(_waiting("hooks.run")) == 1
    _run_jobs("hooks.run")
    _run_jobs("sync.run")
    assert SyncRun.objects.count() == before + 1
    assert len(history.find_by_title("account", ["Told by a call"])) == 1
    assert history.find_by_title("account", ["Said by the call"]) == {}  # a body is no truth
    info = queries.hook(hook)
    assert (info.calls, info.waiting, info.seen, info.imported) == (5, 0, 5, 1)
    assert set(HookCall.objects.values_list("body", "state")) == {("", "done")}


def test_calls_that_come_during_a_sync_wait_for_its_end(serving: Serving) -> None:
    synced()
    hook, secret = hooks.hook_add("flow", Scheme.STANDARD, connection="acme", actor="ann")
    from perilune.hub.contracts.sync import Mode
    from perilune.hub.service import sync

    sync.sync_queue("acme", Mode.INCREMENTAL, actor="ann")
    body = json.dumps({"object": "Account", "id": next(iter(serving.org.rows["Account"]))})
    called(path_of(hook), body, standard(secret, "m1", body))
    _run_jobs("hooks.run")
    assert queries.hook(hook).waiting == 1
    _run_jobs("sync.run")
    _run_jobs("hooks.run")  # which the end of the sync began
    assert queries.hook(hook).waiting == 0
    _run_jobs("sync.run")
    assert SyncRun.objects.filter(actor="webhook", state="done").count() == 1


def test_the_health_of_a_connection_names_forged_calls_and_silence(serving: Serving) -> None:
    synced()
    hook, secret = hooks.hook_add("flow", Scheme.STANDARD, connection="acme", actor="ann")
    called(path_of(hook), "{}", {})
    found = {one.code: one for one in health_of("acme").troubles}
    assert (found["hook_refused"].params["count"], found["hook_refused"].is_urgent) == (1, False)
    for number in range(6):
        called(path_of(hook), "{}", standard(secret, f"m{number}", "{}"))
    taking.take()
    later = health_of("acme", datetime.now(UTC) + timedelta(days=2))
    assert "hook_silent" in [one.code for one in later.troubles]


def test_rows_of_a_source_that_only_calls_are_mapped_once_then_imported(company: None) -> None:
    hook, secret = hooks.hook_add("shop", Scheme.BASIC, actor="ann")
    word = base64.b64encode(f"perilune:{secret}".encode()).decode()
    signed = {"authorization": f"Basic {word}"}

    def tell(*rows: dict[str, str]) -> None:
        assert called(path_of(hook), json.dumps({"data": rows}), signed)[0] == 202
        taking.take()

    tell({"Account ID": "1", "Account Name": "Alpha", "Industry": "Energy"})
    run = ImportRun.objects.get()
    assert (run.state, queries.hook(hook).waiting) == ("opened", 0)  # a person maps it
    tell({"Account ID": "2", "Account Name": "Beta", "Industry": "Retail"})
    assert queries.hook(hook).waiting == 1
    import_read(run.id)
    import_apply(run.id)
    tell({"Account ID": "1", "Account Name": "Alpha two"})  # says nothing of the industry
    taking.take()
    _run_jobs("import.run")
    taking.take()
    _run_jobs("import.run")
    states = history.states_as_of("account", None)
    assert sorted((one["name"], one["industry"]) for one in states.values()) == [
        ("Alpha two", "Energy"), ("Beta", "Retail"),
    ]  # fmt: skip
    assert (queries.hook(hook).imported, queries.hook(hook).seen) == (3, 3)


def test_a_stranger_can_only_post(company: None) -> None:
    hook, _secret = hooks.hook_add("shop", Scheme.HMAC, actor="ann")
    assert Client().get(path_of(hook)).status_code == 405
    # no page, no session, no cookie: the door says a word and that is all
    answer = Client(enforce_csrf_checks=True).post(path_of(hook), "{}", "application/json")
    assert (answer.status_code, dict(answer.cookies)) == (401, {})
