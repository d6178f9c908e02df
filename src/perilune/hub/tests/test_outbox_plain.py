"""Write-back to services that know no precondition: the fake HubSpot and the fake Pipedrive."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from perilune.crm import service as crm
from perilune.history import queries as history
from perilune.hub.contracts.writing import BatchState, LineState
from perilune.hub.queries import writing as queries
from perilune.hub.queries.proposals import proposals
from perilune.hub.service import sync
from perilune.hub.tests import syncing_hubspot, syncing_pipedrive
from perilune.hub.tests.syncing import synced
from perilune.hub.tests.test_outbox import ids, looked, states, stepped, wrote
from perilune.kernel.errors import Unavailable
from tests.fakes.hubspot import made as hubspot_made
from tests.fakes.hubspot import more as hubspot_more
from tests.fakes.pipedrive import made as pipedrive_made

pytestmark = [
    pytest.mark.once,
    pytest.mark.usefixtures("company"),
    pytest.mark.django_db(databases=["default", "queue"]),
]


class HubSpot:
    """A HubSpot account that a connection may write to. window: named when it was hit."""

    fields: tuple[str, ...] = (
        "dealname",
        "amount",
        "dealstage",
        "closedate",
        "hubspot_owner_id",
        "hs_next_step",
    )
    amount, name, owners = "amount", "dealname", "owners"
    look, write = "deals/batch/read", "PATCH /crm|batch/update"

    def __init__(self) -> None:
        self.there = hubspot_made.filled(6, moves=1)
        self.syncing: Any = syncing_hubspot

    def deal(self, at: int = 0) -> str:
        return list(self.there.rows["deals"])[at]

    def row(self, key: str) -> dict[str, Any]:
        found: dict[str, Any] = self.there.rows["deals"][key].properties
        return found

    def set(self, key: str, amount: int) -> None:
        self.there.update("deals", key, amount=amount)


class Pipedrive(HubSpot):
    fields = ("title", "value", "stage", "closes", "owner_id")
    amount, name, owners = "value", "title", "users"
    look, write = "GET /api/v2/deals/", "PATCH /api/v2/"

    def __init__(self) -> None:
        self.there: Any = pipedrive_made.filled(6, moves=1)
        self.syncing = syncing_pipedrive

    def row(self, key: str) -> dict[str, Any]:
        found: dict[str, Any] = self.there.rows["deals"][key]
        return found

    def set(self, key: str, amount: int) -> None:
        self.there.update("deals", key, value=amount)


@pytest.fixture(params=[HubSpot, Pipedrive], ids=["hubspot", "pipedrive"])
def world(request: pytest.FixtureRequest) -> HubSpot:
    made: HubSpot = request.param()
    return made


@pytest.fixture
def serving(world: HubSpot) -> Iterator[Any]:
    with world.syncing.connected(world.there) as found:
        synced()
        sync.write_allow("acme", "deals", dict.fromkeys(world.fields, "ask"))
        world.there.pass_time(hours=1)
        yield found


def edited(world: HubSpot, at: int = 0, **values: Any) -> str:
    key = world.deal(at)
    crm.record_change(
        "opportunity", ids("opportunity")[key], values or {"amount": 4_242_00}, actor="ann"
    )
    return key


def _amount(world: HubSpot, key: str) -> float:
    return float(world.row(key)[world.amount])


def test_what_was_edited_here_stands_there_is_no_news_and_is_taken_back(
    world: HubSpot, serving: Any
) -> None:
    reps = ids("rep")
    owner = list(reps)[3]
    before = {world.deal(at): dict(world.row(world.deal(at))) for at in range(3)}
    stage = history.raw_states("opportunity", [ids("opportunity")[world.deal(1)]])
    [other] = [
        i for i, one in history.states_as_of("stage", None).items()
        if one["name"] in ("Contract Sent", "Proposal Made")
    ]  # fmt: skip
    assert other not in [one["stage_id"] for one in stage.values()]
    edited(world, 0, name="Renamed", amount=1_00, owner_id=reps[owner], close_date="2027-05-31")
    edited(world, 1, stage_id=other)
    edited(world, 2, amount=2_00)
    time.sleep(1.1)  # stamps of one service have whole seconds
    world.there.at(datetime.now(UTC))
    batch_id = looked()
    can = [s for s in queries.lines(batch_id) if s.state is not LineState.WAITS]
    assert [(one.column, one.code) for one in can] in ([], [(world.fields[2], "other_pipeline")])
    info = wrote(batch_id)
    assert info.state is BatchState.DONE
    assert info.count(LineState.WRITTEN) == 6 - len(can)
    first = world.deal(0)
    assert (world.row(first)[world.name], _amount(world, first)) == ("Renamed", 1.0)
    assert str(world.row(first)[world.fields[4]]) == owner
    run = synced()
    assert run.is_proved
    assert run.counts["written"].get("opportunity", {}).get("changed", 0) == 0
    assert [one for one in proposals("acme").lines if one.column != world.fields[2]] == []
    undo = sync.write_undo(batch_id, "", actor="boss")
    while not stepped(undo):
        pass
    wrote(undo)
    for key, row in before.items():
        left = {n: v for n, v in world.row(key).items() if row.get(n) != v}
        assert set(left) <= {"update_time"}


def test_whatever_goes_wrong_on_the_way_each_value_is_written_once(
    world: HubSpot, serving: Any
) -> None:
    for cents, fault in enumerate(("dropped", "failed", "truncated", "throttled", "unavailable")):
        keys = [edited(world, at, amount=4_242_00 + cents) for at in range(2)]
        batch_id = looked()
        serving.writes.log.clear()
        serving.faults.plan(fault, where=world.write)
        info = wrote(batch_id)
        assert (info.state, info.count(LineState.WRITTEN)) == (BatchState.DONE, 2)
        assert sorted(key for _kind, key, _own in serving.writes.log) == sorted(keys)
        assert {_amount(world, key) for key in keys} == {4242 + cents / 100}


def test_a_service_that_never_answers_stops_the_batch_which_goes_on_later(
    world: HubSpot, serving: Any
) -> None:
    edited(world)
    batch_id = looked()
    serving.faults.plan("failed", where=world.write, times=1)
    serving.faults.plan("unavailable", where=world.write, times=0)
    serving.faults.plan("unavailable", where=world.look, after=2, times=0)
    with pytest.raises(Unavailable):
        wrote(batch_id)
    info = queries.batch(batch_id)
    assert (info.state, info.may_go) == (BatchState.FAILED, True)
    serving.faults.clear()
    assert wrote(batch_id).count(LineState.WRITTEN) == 1
    assert len(serving.writes.log) == 1  # the one that was answered with 503 though it took place
    assert queries.lines(batch_id)[0].code == "confirmed"


def test_a_change_right_before_the_write_is_seen_and_asks_a_person(
    world: HubSpot, serving: Any
) -> None:
    key = edited(world)
    batch_id = looked()
    serving.faults.plan("call", where=world.look, after=1, then=lambda: world.set(key, 700))
    info = wrote(batch_id)
    assert (info.count(LineState.ASK), serving.writes.log) == (1, [])
    [line] = queries.lines(batch_id)
    assert (line.found, _amount(world, key)) == (700_00, 700.0)


def test_the_window_of_one_request_is_what_the_page_of_the_method_says(
    world: HubSpot, serving: Any
) -> None:
    key = edited(world)
    batch_id = looked()

    def meanwhile() -> None:
        world.there.pass_time(seconds=1)
        world.set(key, 700)
        world.there.pass_time(seconds=1)

    serving.writes.between = meanwhile
    assert wrote(batch_id).count(LineState.WRITTEN) == 1
    [line] = queries.lines(batch_id)
    serving.writes.between = None
    undo = sync.write_undo(batch_id, "", actor="boss")
    while not stepped(undo):
        pass
    wrote(undo)
    if isinstance(world, Pipedrive):  # it does not tell what a write replaced: the window remains
        assert line.code == ""
        return
    assert (line.code, line.found) == ("overwrote", 700_00)
    assert _amount(world, key) == 700.0


def test_what_one_record_refuses_does_not_keep_the_others(world: HubSpot, serving: Any) -> None:
    keys = [edited(world, at) for at in range(3)]
    serving.writes.rules["deals"] = [
        lambda row: ("Not this one", []) if row[world.name] == world.row(keys[1])[world.name]
        else None
    ]  # fmt: skip
    gone = edited(world, 3)
    batch_id = looked()
    getattr(world.there, "archive" if type(world) is HubSpot else "delete")("deals", gone)
    wrote(batch_id)
    told = {one.key: one.state.value for one in queries.lines(batch_id)}
    assert told == {keys[0]: "written", keys[1]: "refused", keys[2]: "written", gone: "gone"}
    assert "Not this one" in next(o.reason for o in queries.lines(batch_id) if o.key == keys[1])


def test_the_days_budget_stops_the_batch_and_going_on_ends_it(world: HubSpot, serving: Any) -> None:
    for at in range(3):
        edited(world, at)
    batch_id = looked()
    serving.faults.plan("limit", where=world.write)
    with pytest.raises(Unavailable, match="daily limit"):
        wrote(batch_id)
    assert wrote(batch_id).count(LineState.WRITTEN) == 3
    assert len({key for _kind, key, _own in serving.writes.log}) == len(serving.writes.log) == 3


def test_a_hundred_records_of_hubspot_are_one_write_and_many_of_pipedrive_single_ones(
    world: HubSpot, serving: Any
) -> None:
    for at in range(6):
        edited(world, at)
    batch_id = looked()
    serving.seen.clear()
    wrote(batch_id)
    writes = [one for one in serving.seen if one.startswith("PATCH") or "batch/update" in one]
    assert len(writes) == (6 if isinstance(world, Pipedrive) else 1)
    assert states(batch_id) == {world.amount: "written"}


def test_a_person_keeps_the_other_addresses_and_a_closed_deal_its_day() -> None:
    world = Pipedrive()
    with world.syncing.connected(world.there) as serving:
        person = next(iter(world.there.rows["persons"]))
        second = {"value": "second@x.example", "primary": False, "label": "home"}
        world.there.rows["persons"][person]["emails"].append(second)
        deal = world.deal()
        world.there.update("deals", deal, status="open")
        synced()
        sync.write_allow("acme", "persons", {"email": "ask"})
        sync.write_allow("acme", "deals", {"stage": "ask", "closes": "ask"})
        known = ids("contact")[person]
        crm.record_change("contact", known, {"email": "new@x.example"}, actor="ann")
        pipeline = world.row(deal)["pipeline_id"]
        won = history.identities("acme", "stage", [f"won:{pipeline}"])[f"won:{pipeline}"][0]
        crm.record_change(
            "opportunity", ids("opportunity")[deal],
            {"stage_id": won, "close_date": "2026-03-31"}, actor="ann",
        )  # fmt: skip
        wrote(looked())
        emails = world.there.rows["persons"][person]["emails"]
        assert [(one["value"], one["primary"]) for one in emails] == [
            ("new@x.example", True), ("second@x.example", False)
        ]  # fmt: skip
        assert (world.row(deal)["status"], world.row(deal)["won_time"][:10]) == (
            "won",
            "2026-03-31",
        )
        assert serving.writes.log


def test_the_stage_of_a_lead_is_written_by_its_words_and_kept_by_its_id() -> None:
    portal = hubspot_more.more(hubspot_made.filled(3, moves=1))
    lead = next(iter(portal.rows["leads"]))
    with syncing_hubspot.connected(portal):
        synced()
        sync.write_allow("acme", "leads", {"stageLabel": "ask"})
        portal.pass_time(hours=1)
        crm.record_change("lead", ids("lead")[lead], {"status": "Qualified"}, actor="ann")
        batch_id = looked()
        assert wrote(batch_id).count(LineState.WRITTEN) == 1
        assert portal.rows["leads"][lead].properties["hs_pipeline_stage"] == "qualified-stage-id"
        assert synced().is_proved
        undo = sync.write_undo(batch_id, "", actor="boss")
        while not stepped(undo):
            pass
        assert wrote(undo).count(LineState.WRITTEN) == 1
        assert portal.rows["leads"][lead].properties["hs_pipeline_stage"] == "new-stage-id"
