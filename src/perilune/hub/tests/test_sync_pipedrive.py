"""Syncs of a fake Pipedrive: nothing lost whatever goes wrong, and the proof says so."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from perilune.history import queries as history
from perilune.hub.contracts.sync import Mode
from perilune.hub.models import Connection, MissingAnswer, SyncRun
from perilune.hub.service import import_rollback, sync
from perilune.hub.service.sync import secrets
from perilune.hub.service.sync.pipedrive import source
from perilune.hub.tests.syncing import red, survived, synced
from perilune.hub.tests.syncing_pipedrive import connected, differing, past
from perilune.kernel.errors import Refused, Unavailable
from tests.fakes.common import CLIENT, SECRET
from tests.fakes.pipedrive import Account
from tests.fakes.pipedrive.made import filled, move
from tests.fakes.pipedrive.stretch import Stretch

pytestmark = [pytest.mark.usefixtures("company"), pytest.mark.once]


@pytest.fixture
def account() -> Account:
    return filled(60)


def _deals(account: Account) -> list[str]:
    return [k for k, row in account.rows["deals"].items() if not row["is_deleted"]]


def _moved(account: Account, times: int = 15, seed: int = 3) -> None:
    chance = random.Random(seed)
    for _i in range(times):
        account.pass_time(minutes=7)
        move(account, chance, chance.choice(_deals(account)), 2)
    account.pass_time(seconds=1)


def test_a_deal_that_goes_alone_ends_and_ends_again_where_that_was_rolled_back(
    account: Account,
) -> None:
    with connected(account):
        synced()
        account.pass_time(hours=1)
        account.delete("deals", _deals(account)[2])
        account.pass_time(minutes=5)
        run = synced()
        assert (run.is_proved, differing(account)) == (True, [])
        import_rollback(run.import_ids[-1], actor="me")
        assert len(differing(account)) == 1
        run = synced()
        assert run.counts["differing"] == {"deals": 1}
        assert (run.is_proved, differing(account), red()) == (True, [], [])


def test_days_of_every_mishap_end_with_equal_sides_and_histories() -> None:
    account = filled(70)
    with connected(account) as serving:
        assert len(survived(Stretch(account, serving), 7)) > 9
        assert synced().is_proved
        assert (differing(account), red()) == ([], [])
        told = [past(account, deal) for deal in _deals(account)]
        assert all(there == here for there, here in told)


def test_what_is_merged_keeps_resolving_and_what_is_archived_remains(account: Account) -> None:
    with connected(account):
        synced()
        account.pass_time(hours=1)
        pairs = {kind: list(account.rows[kind])[:2] for kind in account.rows}
        for kind, (kept, other) in pairs.items():
            account.merge(kind, kept, other)
        account.archive(_deals(account)[5])
        account.pass_time(seconds=1)
        assert synced().is_proved
        assert (differing(account), red()) == ([], [])
        for kind, ours in (("deals", "opportunity"), ("persons", "contact"),
                           ("organizations", "account")):  # fmt: skip
            keys = history.identity_keys("acme", ours)
            assert keys[pairs[kind][0]] == keys[pairs[kind][1]], kind


def test_a_status_beside_the_stage_becomes_an_end_of_its_pipeline(account: Account) -> None:
    with connected(account):
        synced()
        stages = history.states_as_of("stage", None).values()
        told = {(s["pipeline_id"], s["name"]): (s["meaning"], s["probability"]) for s in stages}
        assert len({pipeline for pipeline, _n in told}) == 2
        assert sorted(v for (_p, name), v in told.items() if name == "Won") == [("won", 1.0)] * 2
        assert ("open", 0.9) in told.values()
        deal = _deals(account)[0]
        account.pass_time(hours=1)
        account.update("deals", deal, status="won")
        account.pass_time(days=2)
        account.update("deals", deal, status="open")
        synced()
        there, here = past(account, deal)
        assert there == here
        assert there[-2][0] == "Won"
        assert differing(account) == []


def test_own_fields_are_read_by_label_and_their_options_by_word(account: Account) -> None:
    key = account.field_add("deals", "Concurrent", ("Vexa", "Norra"))
    account.field_add("deals", "Sans rapport")
    for deal in _deals(account):
        account.update("deals", deal, **{key: 2})
    with connected(account):
        synced()
        states = history.states_as_of("opportunity", None).values()
        assert {s["competitor"] for s in states} == {"Norra"}
        found = sync.object_choice("acme", "deals")
        assert {c.field for c in found.columns if c.column == key} == {"competitor"}
        account.pass_time(hours=1)
        account.field_remove("deals", key)
        _moved(account, 5)
        run = synced()
        assert any(n["params"].get("field") == key for n in run.notices)
        states = history.states_as_of("opportunity", None).values()
        assert {s["competitor"] for s in states} == {"Norra"}  # what it said last is kept


def test_whatever_goes_wrong_on_the_way_the_answer_is_whole_in_the_end(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "LIST", 8)
    with connected(account) as serving:
        synced()
        for fault, where in (
            ("throttled", "api"), ("unavailable", "api"), ("truncated", "v2"),
            ("dropped", "changelog"), ("short_page", "deals$"), ("duplicate_page", "deals$"),
        ):  # fmt: skip
            serving.faults.clear()
            planned = serving.faults.plan(fault, where=where, after=1)
            account.pass_time(minutes=30)
            _moved(account, 12, seed=planned.after + len(fault))
            run = synced(mode=Mode.FULL if fault in {"dropped", "short_page"} else Mode.INCREMENTAL)
            assert planned.struck == 1, fault
            assert (run.is_proved, differing(account)) == (True, []), fault


def test_the_day_s_budget_ends_the_run_and_tomorrow_s_goes_on_where_it_stopped(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "PAST", 5)
    with connected(account) as serving:
        serving.most = 700  # tokens: the changelogs of some thirty deals
        with pytest.raises(Unavailable, match="daily limit"):
            synced(seconds=0)  # every step is kept
        asked = serving.count("changelog")
        SyncRun.objects.update(started_at=SyncRun.objects.get().started_at - timedelta(hours=20))
        serving.most, serving.used = 10**6, 0
        run = synced()
        assert (run.is_proved, differing(account)) == (True, [])
        assert 10 < asked < 60
        assert serving.count("changelog") < 60 + 10  # what was read is not read again


def test_an_endless_list_is_given_up_and_a_purged_record_is_asked_about(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connected(account) as serving:
        synced()
        key = _deals(account)[2]
        account.purge("deals", key)
        assert not synced().is_proved
        assert [(m.kind, m.key) for m in MissingAnswer.objects.all()] == [("opportunity", key)]
        monkeypatch.setattr(source, "LIST", 20)
        serving.faults.plan("endless", where="deals$", times=0)
        with pytest.raises(Unavailable, match="without an end"):
            synced(mode=Mode.FULL)


def test_oauth_renews_its_token_in_mid_run_and_a_token_taken_back_is_said(
    account: Account,
) -> None:
    with connected(account) as serving:
        _access, refresh = serving.doors.session()
        keys = {"client_id": CLIENT, "client_secret": SECRET, "refresh_token": refresh}
        Connection.objects.update(credentials=secrets.sealed(keys))
        serving.faults.plan("expired", where="changelog", after=3)
        assert synced().is_proved
        assert differing(account) == []
        serving.doors.revoke()
        with pytest.raises(Refused, match="Connect again"):
            synced()
        assert not Connection.objects.get().is_connected
