"""Syncs of a fake Salesforce: nothing lost whatever goes wrong, and the proof says so."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from perilune.history import queries as history
from perilune.history import service as history_service
from perilune.hub.contracts.sync import Mode, SyncState
from perilune.hub.models import Connection, MissingAnswer, Proof, RowProblem, SyncRun
from perilune.hub.service import import_rollback, merging, sync
from perilune.hub.service.sync import landing, running, salesforce
from perilune.hub.tests.syncing import connected, differing, past, red, synced
from perilune.kernel.errors import Conflict, Refused, Unavailable
from tests.fakes.salesforce import Org
from tests.fakes.salesforce.made import filled, move

pytestmark = pytest.mark.usefixtures("company")


@pytest.fixture
def org() -> Org:
    return filled(60)


def _deals(org: Org) -> list[str]:
    return [k for k, row in org.rows["Opportunity"].items() if not row["IsDeleted"]]


def _moved(org: Org, times: int = 15, seed: int = 3) -> None:
    chance = random.Random(seed)
    for _i in range(times):
        org.pass_time(minutes=7)
        move(org, chance, chance.choice(_deals(org)), list(org.rows["User"]), 2)


def test_a_month_of_changes_deletes_merges_and_returns_ends_with_equal_sides(org: Org) -> None:
    with connected(org):
        assert synced().is_proved
        assert differing(org) == []
        _moved(org)
        accounts, contacts = list(org.rows["Account"]), list(org.rows["Contact"])
        org.merge("Account", accounts[0], accounts[1])
        org.delete("Contact", contacts[3])
        dead = _deals(org)[5]
        org.delete("Opportunity", dead)
        assert differing(org)
        run = synced()
        assert (run.is_proved, differing(org), red()) == (True, [], [])
        keys = history.identity_keys("acme", "account")
        assert keys[accounts[1]] == keys[accounts[0]]  # the merged-away id keeps resolving
        late_child = org.create("Contact", LastName="Of the loser", AccountId=accounts[1])
        synced()
        child = history.identity_keys("acme", "contact")[late_child]
        assert history.states_as_of("contact", [child])[child]["account_id"] == keys[accounts[0]]
        org.pass_time(hours=1)
        org.update("Contact", late_child, AccountId=accounts[0])
        org.undelete("Opportunity", dead)
        assert synced().is_proved
        assert differing(org) == []


@pytest.mark.parametrize("runs", ["one run", "a run each"])
def test_a_key_that_was_merged_twice_leads_to_the_record_that_stands(org: Org, runs: str) -> None:
    with connected(org):
        synced()
        first, second, last = list(org.rows["Account"])[:3]
        for heir, gone in ((second, first), (last, second)):
            org.pass_time(hours=1)
            org.merge("Account", heir, gone)
            if runs == "a run each":
                synced()
        synced()
        child = org.create("Contact", LastName="Of the first", AccountId=first)
        assert synced().is_proved
        keys = history.identity_keys("acme", "account")
        assert keys[first] == keys[second] == keys[last]
        record = history.identity_keys("acme", "contact")[child]
        state = history.states_as_of("contact", [record])[record]
        assert state["account_id"] == keys[last]


@pytest.mark.parametrize("runs", ["one run", "a run each"])
def test_merges_in_a_circle_end_and_are_named(org: Org, runs: str) -> None:
    with connected(org):
        synced()
        ids = history.identity_keys("acme", "account")
        one, other = list(org.rows["Account"])[:2]
        for gone, heir in ((one, other), (other, one)):
            org.pass_time(hours=1)
            org.delete("Account", gone)
            org.rows["Account"][gone]["MasterRecordId"] = heir
            if runs == "a run each":
                synced()
        run = synced()
        assert (run.is_proved, red()) == (True, [])
        assert not any(history.state_as_of("account", ids[key]) for key in (one, other))
        assert RowProblem.objects.filter(code="circular_merge").exists()


def test_what_was_merged_away_comes_back_and_takes_its_heir_in(org: Org) -> None:
    with connected(org):
        synced()
        one, other = list(org.rows["Account"])[:2]
        org.pass_time(hours=1)
        org.merge("Account", one, other)
        synced()
        org.pass_time(hours=1)
        org.undelete("Account", other)
        org.pass_time(minutes=1)
        org.merge("Account", other, one)
        assert synced().is_proved
        assert differing(org) == []
        assert not RowProblem.objects.filter(code="circular_merge").exists()


def test_what_the_source_shows_though_its_own_word_ended_it_is_found_and_brought_back(
    org: Org,
) -> None:
    with connected(org):
        synced()
        deal, account = _deals(org)[0], next(iter(org.rows["Account"]))
        wrong = history.identity_keys("acme", "opportunity")[deal]
        meant = history.identity_keys("acme", "account")[account]
        with history_service.change_set(actor="me", source="acme") as writer:
            writer.delete("opportunity", wrong)
        with history_service.change_set(actor="me") as writer:
            writer.delete("account", meant)  # by a person: that stands
        run = synced()
        assert run.counts["differing"] == {"Opportunity": 1}
        assert run.is_proved
        assert history.state_as_of("opportunity", wrong) is not None
        assert history.state_as_of("account", meant) is None


def test_each_change_is_known_from_the_instant_that_the_org_tells(org: Org) -> None:
    with connected(org):
        synced()
        _moved(org, 40)
        synced()
        told = [past(org, deal) for deal in _deals(org)]
        assert sum(len(there) for there, _here in told) > 150
        assert all(there == here for there, here in told)


@pytest.mark.parametrize("most", [running.LISTED_AT_MOST, 10])
def test_what_commits_behind_the_overlap_is_found_by_the_proof_and_named(
    org: Org, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "LISTED_AT_MOST", most)  # more rows than a run lists
    with connected(org):
        synced()
        deal = _deals(org)[0]
        with org.late() as commit:
            org.create("Opportunity", Name="Late", StageName="Prospecting", CloseDate="2026-12-01")
            org.update("Opportunity", deal, Amount=4242.0)
        org.pass_time(hours=3)
        org.update("Account", next(iter(org.rows["Account"])), Phone="1")
        synced()
        org.pass_time(hours=3)
        commit()
        run = synced()
        assert run.counts["differing"] == {"Opportunity": 2}
        assert (run.is_proved, differing(org), red()) == (True, [], [])
        there, here = past(org, deal)
        assert there == here  # known from its own instant, though it came late


@pytest.mark.parametrize("way", ["rest", "bulk"])
def test_whatever_goes_wrong_on_the_way_the_answer_is_whole_in_the_end(
    org: Org, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(salesforce, "FEW", 9_999 if way == "rest" else 10)
    monkeypatch.setattr(salesforce, "BULK_PAGE", 25)
    pages = "query/" if way == "rest" else "results"
    with connected(org) as serving:
        serving.rest_page = 25
        for fault, where in (
            ("expired", "data"), ("throttled", "data"), ("unavailable", "data"),
            ("truncated", "data"), ("dropped", "data"), ("short_page", pages),
            ("duplicate_page", pages),
        ):  # fmt: skip
            serving.faults.clear()
            planned = serving.faults.plan(fault, where=where, after=1)
            org.pass_time(minutes=30)
            _moved(org, 3)
            run = synced(mode=Mode.FULL)
            assert planned.struck == 1, fault
            assert (run.is_proved, differing(org)) == (True, []), fault


def test_a_used_up_limit_stops_the_run_and_the_next_one_goes_on_where_it_stopped(org: Org) -> None:
    with connected(org) as serving:
        fault = serving.faults.plan("limit", where="query", after=9, times=1)
        with pytest.raises(Unavailable, match="daily limit"):
            synced()
        assert fault.struck == 1
        assert differing(org)
        before = serving.count("Opportunity/describe")
        run = synced()
        assert serving.count("Opportunity/describe") == before  # gone on with, not begun again
        assert (run.is_proved, differing(org)) == (True, [])


def test_an_answer_without_an_end_is_given_up_and_nothing_of_it_is_written(org: Org) -> None:
    with connected(org) as serving:
        serving.rest_page = 20
        serving.faults.plan("endless", where="query/", times=0)
        with pytest.raises(Unavailable, match="without an end"):
            synced()
        assert history.identity_keys("acme", "opportunity") == {}
        assert SyncRun.objects.get().state == SyncState.FAILED.value
        serving.faults.clear()
        assert synced().is_proved
        assert differing(org) == []


def test_access_that_was_taken_back_is_said_and_asked_for_again(org: Org) -> None:
    with connected(org) as serving:
        serving.doors.revoke()
        with pytest.raises(Refused, match="Connect again"):
            synced()
        assert not Connection.objects.get().is_connected


def test_a_shape_that_changes_in_mid_run_is_followed_and_told(org: Org) -> None:
    org.field_add("Opportunity", "Old__c")
    with connected(org) as serving:
        synced()
        _moved(org, 4)
        changed = [
            lambda: org.field_rename("Opportunity", "NextStep", "Next_Step_Text__c"),
            lambda: org.field_add("Opportunity", "Fresh__c", "date"),
            lambda: org.field_retype("Opportunity", "Region__c", "picklist"),
        ]
        serving.faults.plan("call", where="query", after=1, then=lambda: [c() for c in changed])
        org.field_remove("Opportunity", "Old__c")
        run = synced()
        said = {n["message"].partition(" ")[2][:12] for n in run.notices}
        assert len([n for n in run.notices if n["params"].get("object") == "Opportunity"]) == 4, (
            said
        )
        assert run.is_proved
        serving.faults.clear()
        deal = _deals(org)[0]
        org.pass_time(hours=1)
        org.update("Opportunity", deal, {"Next_Step_Text__c": "Call"})
        synced()
        record = history.identity_keys("acme", "opportunity")[deal]
        assert history.states_as_of("opportunity", [record])[record]["next_step"] == "Call"


def test_two_syncs_at_once_are_refused(org: Org) -> None:
    with connected(org):
        sync.sync_start("acme")
        with pytest.raises(Conflict, match="under way"):
            sync.sync_start("acme")


def test_a_run_goes_on_from_any_step_and_repeats_what_a_crash_left_in_doubt(
    org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After each page another process goes on; now and then what it received was not yet noted."""
    monkeypatch.setattr(salesforce, "FEW", 10)
    monkeypatch.setattr(salesforce, "BULK_PAGE", 25)
    chance, real = random.Random(5), SyncRun.save

    def crashing(self: SyncRun, *args: Any, **more: Any) -> None:
        if "place" in (more.get("update_fields") or ()) and chance.random() < 0.3:
            raise KeyboardInterrupt
        real(self, *args, **more)

    with connected(org):
        run_id, steps, crashes = sync.sync_start("acme"), 0, 0
        monkeypatch.setattr(SyncRun, "save", crashing)
        while True:
            steps += 1
            try:
                if sync.sync_step(run_id, seconds=0).is_done:
                    break
            except KeyboardInterrupt:
                crashes += 1
        assert steps > 20
        assert crashes > 3
        assert (SyncRun.objects.get().is_proved, differing(org)) == (True, [])
        assert all(there == here for there, here in (past(org, deal) for deal in _deals(org)))
        monkeypatch.setattr(SyncRun, "save", real)
        org.pass_time(hours=3)
        org.update("Opportunity", _deals(org)[0], Amount=9.0)
        # where the run ended is known too, though other processes wrote and finished it
        assert synced().counts["seen"]["Opportunity"] == 1


def test_a_purged_row_is_asked_about_never_deleted_in_silence(org: Org) -> None:
    with connected(org):
        synced()
        key = _deals(org)[2]
        org.purge("Opportunity", key)
        run = synced()
        assert not run.is_proved
        assert [(m.kind, m.key) for m in MissingAnswer.objects.all()] == [("opportunity", key)]
        assert len(red()) == 1
        row = next(p for p in Proof.objects.all() if p.here != p.there)
        assert row.rows == [[key, "extra"]]


def test_what_was_rolled_back_here_is_found_and_brought_back_by_a_repair(org: Org) -> None:
    with connected(org):
        first = synced()
        import_rollback(first.import_ids[0], actor="me")
        assert len(differing(org)) > 60
        run = synced(mode=Mode.REPAIR)
        assert run.counts["differing"]["Opportunity"] == 60
        assert (run.is_proved, differing(org)) == (True, [])


def test_a_deal_that_goes_alone_ends_and_ends_again_where_that_was_rolled_back(org: Org) -> None:
    with connected(org):
        synced()
        org.pass_time(hours=1)
        org.delete("Opportunity", _deals(org)[2])
        org.pass_time(minutes=5)
        run = synced()
        assert (run.is_proved, differing(org)) == (True, [])
        import_rollback(run.import_ids[-1], actor="me")
        assert len(differing(org)) == 1
        run = synced()
        assert run.counts["differing"] == {"Opportunity": 1}
        assert (run.is_proved, differing(org), red()) == (True, [], [])


def test_a_second_change_in_the_second_that_was_read_is_not_missed(org: Org) -> None:
    with connected(org):
        deal = _deals(org)[0]
        org.update("Opportunity", deal, Amount=1.0)
        synced()
        org.update("Opportunity", deal, Amount=2.0)  # the clock of the org stands: the same stamp
        synced()
        assert differing(org) == []


def test_an_edit_made_here_stands_against_the_source_and_is_told(org: Org) -> None:
    with connected(org):
        synced()
        deal = _deals(org)[0]
        record = history.identity_keys("acme", "opportunity")[deal]
        with history_service.change_set(actor="me") as writer:
            writer.change("opportunity", record, {"amount": 77_700})
        org.pass_time(minutes=5)
        org.update("Opportunity", deal, Amount=88.0, NextStep="Theirs")
        run = synced()
        state = history.states_as_of("opportunity", [record])[record]
        assert (state["amount"], state["next_step"]) == (77_700, "Theirs")
        assert RowProblem.objects.filter(code="conflict", field="amount").count() == 1
        assert run.is_proved


def test_what_was_merged_here_ends_with_the_last_of_its_keys(company: None) -> None:
    org = filled(3)
    one, other, twin = list(org.rows["Account"])[:3]
    with connected(org):
        synced()
        ids = history.identity_keys("acme", "account")
        merging.merge("account", [ids[one], ids[other]], kept=ids[one], actor="ann")
        for key, stands in ((one, True), (other, False)):
            org.pass_time(hours=1)
            org.delete("Account", key)
            run = synced()
            assert (history.state_as_of("account", ids[one]) is not None) is stands
            assert run.is_proved and red() == []
        org.pass_time(hours=1)
        org.delete("Account", twin)  # what was never merged ends at once
        assert synced().is_proved
        assert history.state_as_of("account", ids[twin]) is None


def test_a_clock_that_runs_ahead_puts_nothing_into_the_future(org: Org) -> None:
    org.at(datetime.now(UTC).replace(microsecond=0) + timedelta(hours=2))
    _moved(org, 3)
    with connected(org):
        run = synced()
        assert any("clock" in n["message"] for n in run.notices)
        assert run.is_proved
        now = datetime.now(UTC)
        assert history.states_as_of("opportunity", None, now) == history.states_as_of(
            "opportunity", None
        )


def test_a_field_longer_than_any_is_left_empty_and_named(
    org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landing, "MAX_CELL", 2_000)
    deal = _deals(org)[1]
    org.update("Opportunity", deal, NextStep="x" * 50_000)
    with connected(org):
        run = synced()
        assert any(n["params"].get("key") == deal for n in run.notices)
        record = history.identity_keys("acme", "opportunity")[deal]
        assert history.states_as_of("opportunity", [record])[record]["next_step"] is None
        assert history.states_as_of("opportunity", [record])[record]["amount"] is not None


def test_secrets_stand_nowhere_in_the_clear(org: Org, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    with connected(org) as serving:
        synced()
        found = Connection.objects.get()
        text = f"{found.credentials}{found.health}{found.objects_read}{SyncRun.objects.get().place}"
        secrets = {"fakesecret", *serving.doors.refresh, *serving.doors.tokens}
        assert all(secret not in text + caplog.text for secret in secrets)
