"""Syncs of a fake HubSpot: nothing lost whatever goes wrong, and the proof says so."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest

from perilune.history import queries as history
from perilune.hub.contracts.sync import Mode
from perilune.hub.models import Connection, MissingAnswer, Proof, SyncRun
from perilune.hub.service import import_rollback, sync
from perilune.hub.service.sync import running
from perilune.hub.service.sync.hubspot import source
from perilune.hub.service.sync.ledger import Ledger
from perilune.hub.tests.syncing import red, survived, synced
from perilune.hub.tests.syncing_hubspot import connected, differing, past
from perilune.kernel.errors import Refused, Unavailable
from tests.fakes.hubspot import Portal
from tests.fakes.hubspot.made import filled, move
from tests.fakes.hubspot.stretch import Stretch

pytestmark = [pytest.mark.usefixtures("company"), pytest.mark.once]


@pytest.fixture
def portal() -> Portal:
    return filled(60)


def _deals(portal: Portal) -> list[str]:
    return [k for k, one in portal.rows["deals"].items() if not one.archived_at]


def _moved(portal: Portal, times: int = 15, seed: int = 3) -> None:
    chance = random.Random(seed)
    for _i in range(times):
        portal.pass_time(minutes=7)
        move(portal, chance, chance.choice(_deals(portal)), 2)


def test_a_stretch_of_changes_archives_merges_and_returns_ends_with_equal_sides(
    portal: Portal,
) -> None:
    with connected(portal):
        assert synced().is_proved
        assert differing(portal) == []
        _moved(portal)
        companies, contacts = list(portal.rows["companies"]), list(portal.rows["contacts"])
        heir = portal.merge("companies", companies[0], companies[1])
        kept = portal.merge("contacts", contacts[0], contacts[1])
        portal.archive("contacts", contacts[3])
        first, second, dead = _deals(portal)[:3]
        portal.archive("deals", dead)
        one = portal.merge("deals", first, second)
        assert differing(portal)
        run = synced()
        assert (run.is_proved, differing(portal), red()) == (True, [], [])
        keys = {kind: history.identity_keys("acme", kind) for kind in ("account", "opportunity")}
        # the merged-away ids keep resolving
        assert {keys["account"][k] for k in companies[:2]} == {keys["account"][heir]}
        assert {keys["opportunity"][k] for k in (first, second)} == {keys["opportunity"][one]}
        assert kept == contacts[0]
        portal.pass_time(hours=1)
        portal.restore("deals", dead)  # without a stamp: only the proof can see it
        assert synced().is_proved
        assert differing(portal) == []


def test_days_of_every_mishap_end_with_equal_sides_and_histories() -> None:
    portal = filled(70)
    with connected(portal) as serving:
        assert len(survived(Stretch(portal, serving), 7)) > 9
        assert synced().is_proved
        assert (differing(portal), red()) == ([], [])
        told = [past(portal, deal) for deal in _deals(portal)]
        assert all(there == here for there, here in told)


def test_each_change_is_known_from_the_instant_that_hubspot_tells(portal: Portal) -> None:
    with connected(portal):
        synced()
        _moved(portal, 40)
        synced()
        told = [past(portal, deal) for deal in _deals(portal)]
        assert sum(len(there) for there, _here in told) > 150
        assert all(there == here for there, here in told)


def test_what_a_stage_means_is_told_by_hubspot_not_by_its_name(portal: Portal) -> None:
    with connected(portal):
        synced()
        stages = {s["name"]: s for s in history.states_as_of("stage", None).values()}
        assert [stages[n]["meaning"] for n in ("À relancer", "Reconduit", "Parti")] == [
            "open", "won", "lost",
        ]  # fmt: skip
        assert stages["Contract Sent"]["probability"] == 0.9
        portal.pipelines["deals"][1]["stages"][1]["label"] = (
            "Renouvelé"  # another label of the same stage
        )
        portal.pass_time(hours=1)
        deal = next(k for k in _deals(portal) if portal.rows["deals"][k].properties["pipeline"]
                    == "75310")  # fmt: skip
        portal.update("deals", deal, dealstage="75311")
        portal.pass_time(minutes=1)
        portal.update("deals", deal, dealstage="75312")
        synced()
        record = history.identity_keys("acme", "opportunity")[deal]
        state = history.states_as_of("opportunity", [record])[record]
        assert state["stage_id"] == stages["Reconduit"]["id"]


def test_the_index_that_lags_hides_nothing(portal: Portal) -> None:
    portal.lag = 3 * 3600.0
    with connected(portal):
        synced()
        _moved(portal, 6)
        portal.pass_time(seconds=1)
        run = synced()
        assert run.counts["differing"]["deals"] > 0  # found by the list, not by the search
        assert (run.is_proved, differing(portal)) == (True, [])
        assert all(there == here for there, here in (past(portal, k) for k in _deals(portal)))


def test_a_second_change_in_the_moment_that_was_read_is_not_missed_though_the_index_lags(
    portal: Portal,
) -> None:
    with connected(portal):
        deal = _deals(portal)[0]
        portal.update("deals", deal, amount=1)
        synced()
        portal.update("deals", deal, amount=2)  # in the very millisecond in which it was read
        portal.lag = 3 * 3600.0
        portal.pass_time(hours=2)
        synced()
        assert differing(portal) == []


def test_an_association_that_nothing_stamps_is_seen_and_known_from_the_run_that_saw_it(
    portal: Portal,
) -> None:
    with connected(portal):
        first = synced()
        deal = _deals(portal)[0]
        record = history.identity_keys("acme", "opportunity")[deal]
        portal.pass_time(days=1)
        own = portal.links["deals", "companies"][deal]
        other = next(k for k in portal.rows["companies"] if k not in own)
        portal.link("deals", deal, "companies", other)
        assert len(differing(portal)) == 1
        run = synced()
        assert (run.is_proved, differing(portal)) == (True, [])
        before = history.state_as_of("opportunity", record, first.finished_at)
        after = history.states_as_of("opportunity", [record])[record]
        assert before
        assert before["account_id"] != after["account_id"]


def test_a_search_beyond_ten_thousand_rows_goes_on_by_id(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "FIND", 10)
    with connected(portal) as serving:
        synced()
        serving.most_found = 20
        portal.pass_time(hours=1)
        for deal in _deals(portal):
            portal.update("deals", deal, amount=777)
        run = synced()
        assert run.counts["written"]["opportunity"]["changed"] == 60
        assert (run.is_proved, differing(portal), run.counts.get("differing")) == (True, [], None)


def test_an_account_whose_months_nobody_counts_is_listed_whole(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connected(portal):
        synced()
        monkeypatch.setattr(running, "LISTED_AT_MOST", 15)  # of 60: below what HubSpot is asked for
        _moved(portal, 6)
        portal.pass_time(minutes=5)
        run = synced()
        assert (run.is_proved, differing(portal)) == (True, [])
        assert not Proof.objects.filter(object="deals").exclude(run=run).exists()


def test_an_account_too_large_to_list_is_proved_by_the_months_that_moved(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connected(portal) as serving:
        synced()
        monkeypatch.setattr(source, "MANY", 10)
        monkeypatch.setattr(running, "LISTED_AT_MOST", 15)
        _moved(portal, 6)
        portal.pass_time(minutes=5)
        before = serving.count("GET /crm/v3/objects/deals")
        run = synced()
        # the archived ones are listed, the live ones are not
        assert serving.count("GET /crm/v3/objects/deals") == before + 1
        assert (run.is_proved, differing(portal), red()) == (True, [], [])
        assert Proof.objects.filter(object="deals", run=run).exists()
        assert Proof.objects.filter(object="deals").exclude(run=run).exists()


@pytest.mark.parametrize("mode", [Mode.INCREMENTAL, Mode.FULL])
def test_whatever_goes_wrong_on_the_way_the_answer_is_whole_in_the_end(
    portal: Portal, mode: Mode, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LIST", "PAST", "FIND"):
        monkeypatch.setattr(source, name, 8)
    pages = "deals$" if mode is Mode.FULL else "deals/search"
    with connected(portal) as serving:
        synced()
        for fault, where in (
            ("throttled", "crm"), ("unavailable", "crm"), ("truncated", "objects"),
            ("dropped", "objects"), ("short_page", pages), ("duplicate_page", pages),
        ):  # fmt: skip
            serving.faults.clear()
            planned = serving.faults.plan(fault, where=where, after=1)
            portal.pass_time(minutes=30)
            _moved(portal, 15, seed=planned.after + len(fault))
            run = synced(mode=mode)
            assert planned.struck == 1, fault
            assert (run.is_proved, differing(portal)) == (True, []), fault


def test_the_day_s_budget_ends_the_run_and_the_next_one_goes_on_where_it_stopped(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "LIST", 8)
    with connected(portal) as serving:
        fault = serving.faults.plan("limit", where="objects/deals$", after=5)
        with pytest.raises(Unavailable, match="daily limit"):
            synced()
        # each page that came before it was kept, also those of the last second
        assert SyncRun.objects.get().place["tasks"][0]["distinct"] == 5 * 8
        before = serving.count("properties/deals")
        run = synced()
        assert (fault.struck, serving.count("properties/deals")) == (1, before)
        assert (run.is_proved, differing(portal)) == (True, [])
        found = Connection.objects.get().health
        assert (found["used"], found["allowed"]) == (serving.used, serving.most)


def test_an_endless_list_is_given_up(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "LIST", 20)
    with connected(portal) as serving:
        serving.faults.plan("endless", where="deals$", times=0)
        with pytest.raises(Unavailable, match="without an end"):
            synced()
        assert history.identity_keys("acme", "opportunity") == {}


def test_a_property_that_goes_in_mid_run_empties_nothing(portal: Portal) -> None:
    portal.property_add("deals", "rival", "Concurrent principal")
    portal.property_add("deals", "competitor_name", "Competitor")
    for deal in _deals(portal):
        portal.update("deals", deal, competitor_name="Vexa", rival="Vexa")
    with connected(portal) as serving:
        synced()
        states = history.states_as_of("opportunity", None).values()
        assert {s["competitor"] for s in states} == {"Vexa"}  # mapped by its label
        _moved(portal, 8)
        serving.faults.plan(
            "call", where="deals/search",
            then=lambda: portal.property_remove("deals", "competitor_name"),
        )  # fmt: skip
        run = synced()
        assert any(n["params"].get("field") == "competitor_name" for n in run.notices)
        states = history.states_as_of("opportunity", None).values()
        assert {s["competitor"] for s in states} == {"Vexa"}
        assert (run.is_proved, differing(portal)) == (True, [])


def test_a_purged_record_is_asked_about_and_a_revoked_token_is_said(portal: Portal) -> None:
    with connected(portal) as serving:
        synced()
        key = _deals(portal)[2]
        portal.purge("deals", key)
        assert not synced().is_proved
        assert [(m.kind, m.key) for m in MissingAnswer.objects.all()] == [("opportunity", key)]
        serving.doors.revoke()
        with pytest.raises(Refused, match="Connect again"):
            synced()
        assert not Connection.objects.get().is_connected


def test_a_deal_that_goes_alone_ends_and_loses_none_of_its_values(portal: Portal) -> None:
    with connected(portal):
        synced()
        deal = _deals(portal)[4]
        record = history.identity_keys("acme", "opportunity")[deal]
        before = history.states_as_of("opportunity", [record])[record]
        _archived(portal, deal)
        run = synced()  # nothing else is news: the import holds no row but its departure
        assert history.states_as_of("opportunity", [record]) == {}
        assert (run.is_proved, differing(portal), red()) == (True, [], [])
        gone = portal.clock() - timedelta(minutes=6)
        assert history.state_as_of("opportunity", record, gone) == before


def _archived(portal: Portal, deal: str) -> None:
    portal.pass_time(hours=1)
    portal.archive("deals", deal)
    portal.pass_time(minutes=5)


@pytest.mark.parametrize("is_large", [False, True])
def test_a_record_that_stands_though_its_key_is_taken_for_gone_is_found_and_ended(
    portal: Portal, is_large: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, dead = _deals(portal)[:3]
    with connected(portal):
        synced()
        portal.pass_time(hours=1)
        portal.merge("deals", first, second)  # their keys are gone too: the heir stands on purpose
        synced()
        _archived(portal, dead)
        run = synced()
        import_rollback(run.import_ids[-1], actor="me")
        assert len(differing(portal)) == 1
        portal.pass_time(minutes=1)
        if is_large:
            monkeypatch.setattr(source, "MANY", 10)
            monkeypatch.setattr(running, "LISTED_AT_MOST", 15)
        run = synced()
        assert run.counts["differing"] == {"deals": 1}
        assert (run.is_proved, differing(portal), red()) == (True, [], [])


def test_a_record_that_the_ledger_forgot_and_nobody_shows_is_asked_about(portal: Portal) -> None:
    with connected(portal) as serving:
        synced()
        key = _deals(portal)[2]
        month = portal.rows["deals"][key].created[:7]
        portal.purge("deals", key)
        ledger = Ledger(Connection.objects.get().id)
        ledger.lost("deals", [key])
        ledger.commit()
        ledger.close()
        before = serving.count("GET /crm/v3/objects/companies")
        assert not synced().is_proved
        # the archived ones, and the live ones for the proof: later rounds are about deals alone
        assert serving.count("GET /crm/v3/objects/companies") == before + 2
        assert [(m.kind, m.key) for m in MissingAnswer.objects.all()] == [("opportunity", key)]
        named = [(p.month, row) for p in Proof.objects.all() for row in p.rows]
        assert named == [(month, [key, "extra"])]


def test_a_run_goes_on_from_any_step(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LIST", "PAST", "FIND"):
        monkeypatch.setattr(source, name, 9)
    with connected(portal):
        run_id, steps = sync.sync_start("acme"), 0
        while not sync.sync_step(run_id, seconds=0, sleep=lambda _s: None).is_done:
            steps += 1
        assert steps > 30
        assert (differing(portal), red()) == ([], [])


def test_an_owner_who_left_keeps_the_deals_and_a_day_of_leaving(portal: Portal) -> None:
    with connected(portal):
        synced()
        key: Any = next(iter(portal.owners))
        portal.pass_time(days=1)
        portal.owners[key] |= {"archived": True, "updatedAt": portal.clock().isoformat()}
        assert synced().is_proved
        rep = history.identity_keys("acme", "rep")[key]
        assert history.states_as_of("rep", [rep])[rep]["leave_date"] == portal.clock().date()
        assert differing(portal) == []
