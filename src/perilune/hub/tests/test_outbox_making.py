"""Records that are made there, and deleted there: once, found again, joined to the record here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from perilune.crm import service as crm
from perilune.history import queries as history
from perilune.hub.contracts.targets import Made, Mark
from perilune.hub.contracts.writing import BatchInfo, BatchState, LineState, Verb
from perilune.hub.models import Connection, WriteBatch
from perilune.hub.queries import births
from perilune.hub.queries import writing as queries
from perilune.hub.queries.proposals import proposals
from perilune.hub.service import sync
from perilune.hub.service.sync.outbox_rules import target_of
from perilune.hub.tests import syncing, syncing_hubspot, syncing_pipedrive
from perilune.hub.tests.syncing import synced
from perilune.hub.tests.test_outbox import ids, looked, stepped, wrote
from perilune.kernel.errors import Conflict, Invalid, NotFound, Refused
from tests.fakes.hubspot import made as hubspot_made
from tests.fakes.pipedrive import made as pipedrive_made
from tests.fakes.salesforce import made as salesforce_made
from tests.fakes.salesforce.schema import Field

pytestmark = [
    pytest.mark.once,
    pytest.mark.usefixtures("company"),
    pytest.mark.django_db(databases=["default", "queue"]),
]


class World:
    """A service with a field for our ids in each object. make: where creations are asked for."""

    syncing: Any
    objects: tuple[str, str, str]
    make: str

    def __init__(self) -> None:
        self.there: Any = None
        self.match: dict[str, str] = {}

    def live(self, name: str) -> list[str]:
        raise NotImplementedError


class Salesforce(World):
    syncing = syncing
    objects = ("Account", "Contact", "Opportunity")
    make = "Perilune_Id__c/"

    def __init__(self) -> None:
        self.there = salesforce_made.filled(3, moves=1)
        self.match = dict.fromkeys(self.objects, "Perilune_Id__c")
        for name in self.objects:
            one = Field("Perilune_Id__c", "string", "Perilune Id", is_external=True)
            self.there.kinds[name].fields["Perilune_Id__c"] = one

    def live(self, name: str) -> list[str]:
        return [k for k, row in self.there.rows[name].items() if not row["IsDeleted"]]


class HubSpot(World):
    syncing = syncing_hubspot
    objects = ("companies", "contacts", "deals")
    make = r"POST /crm/v3/objects/\w+$"

    def __init__(self) -> None:
        self.there = hubspot_made.filled(3, moves=1)
        self.match = dict.fromkeys(self.objects, "perilune_id")
        for name in self.objects:
            self.there.property_add(name, "perilune_id", "Perilune id", is_unique=True)

    def live(self, name: str) -> list[str]:
        return [k for k, one in self.there.rows[name].items() if not one.archived_at]


class Pipedrive(World):
    syncing = syncing_pipedrive
    objects = ("organizations", "persons", "deals")
    make = r"POST /api/v2/\w+$"

    def __init__(self) -> None:
        self.there = pipedrive_made.filled(3, moves=1)
        self.there.lag = 3600.0
        self.match = {name: self.there.field_add(name, "Perilune id") for name in self.objects}

    def live(self, name: str) -> list[str]:
        return [k for k, row in self.there.rows[name].items() if not row["is_deleted"]]


@pytest.fixture(params=[Salesforce, HubSpot, Pipedrive], ids=lambda of: of.__name__.lower())
def world(request: pytest.FixtureRequest) -> World:
    made: World = request.param()
    return made


@pytest.fixture
def serving(world: World) -> Iterator[Any]:
    with world.syncing.connected(world.there) as found:
        synced()
        for name in world.objects:
            sync.write_may("acme", name, match=world.match[name])
        world.there.pass_time(hours=1)
        yield found


def new_account(name: str = "Fresh & Co") -> int:
    return crm.record_create("account", {"name": name}, actor="ann").ids[0]


def made(purpose: str = "New business") -> BatchInfo:
    return wrote(looked(purpose, verb=Verb.MAKE))


def stage_of(world: World) -> int:
    some = ids("opportunity")
    state = history.raw_states("opportunity", list(some.values()))
    names = {one: str(s["name"]) for one, s in history.states_as_of("stage", None).items()}
    opened = ("Prospecting", "Appointment Scheduled", "Qualified", "À relancer", "Qualification")
    found = [s["stage_id"] for s in state.values()]
    return next((one for one in found if names[one] in opened), 0) or next(
        one for one, name in names.items() if name in opened
    )


def test_what_was_made_here_is_made_there_with_what_it_belongs_to_and_no_sync_doubles_it(
    world: World, serving: Any
) -> None:
    account = new_account()
    contact = crm.record_create(
        "contact", {"first_name": "Ann", "last_name": "Lee", "name": "Ann Lee",
                    "account_id": account}, actor="ann",
    ).ids[0]  # fmt: skip
    deal = crm.record_create(
        "opportunity",
        {"name": "First order", "account_id": account, "stage_id": stage_of(world),
         "amount": 12_00, "currency": "USD", "close_date": "2027-03-31"}, actor="ann",
    ).ids[0]  # fmt: skip
    assert births.to_make("acme").records == 3
    batch_id = looked("New business", verb=Verb.MAKE)
    assert (serving.writes.made, queries.batch(batch_id).records) == ([], 3)
    told = {(one.kind, one.field): one for one in queries.lines(batch_id)}
    refers = told["opportunity", "account_id"]
    assert (refers.state, refers.code) == (LineState.WAITS, "made_first")
    info = wrote(batch_id)
    assert info.state is BatchState.DONE
    assert [kind for kind, _key in serving.writes.made] == list(world.objects)
    for kind, record_id in (("account", account), ("contact", contact), ("opportunity", deal)):
        assert history.own_keys("acme", kind, [record_id])
    assert births.to_make("acme").records == 0
    counts = {kind: len(history.states_as_of(kind, None)) for kind in ("account", "opportunity")}
    world.there.pass_time(minutes=5)
    run = synced()
    assert run.is_proved
    assert counts == {k: len(history.states_as_of(k, None)) for k in counts}
    state = history.state_as_of("opportunity", deal)
    assert state is not None
    assert (state["account_id"], state["amount"], state["name"]) == (account, 12_00, "First order")
    assert run.counts["written"].get("opportunity", {}).get("conflicts", 0) == 0
    assert proposals("acme").lines == []


def test_a_creation_that_is_taken_back_leaves_the_record_here(world: World, serving: Any) -> None:
    first, second = new_account(), new_account("Kept & Co")
    info = made()
    world.there.pass_time(minutes=5)
    synced()
    key = history.own_keys("acme", "account", [second])[second]
    update = {"Salesforce": {"Name": "Other"}}.get(type(world).__name__, {"name": "Other"})
    world.there.update(world.objects[0], key, **update)
    undo = sync.write_undo(info.id, "", actor="boss")
    while not stepped(undo):
        pass
    wrote(undo)
    assert [one.code for one in queries.lines(undo, states=[LineState.LEFT])] == ["changed_since"]
    assert [kind for kind, _key in serving.writes.ended] == [world.objects[0]]
    assert key in world.live(world.objects[0])
    world.there.pass_time(minutes=5)
    assert synced().is_proved
    assert history.state_as_of("account", first) is not None
    assert {one.record_id for one in births.to_make("acme").lines} == {first}
    assert history.own_keys("acme", "account", [first]) == {}


def test_whatever_goes_wrong_on_the_way_a_record_is_made_once(world: World, serving: Any) -> None:
    for fault in ("dropped", "failed", "throttled", "unavailable"):
        account = new_account(f"Made when {fault}")
        batch_id = looked("New", verb=Verb.MAKE)
        serving.faults.plan(fault, where=world.make)
        serving.writes.made.clear()
        info = wrote(batch_id)
        assert info.count(LineState.WRITTEN) == 1
        [(_name, key)] = serving.writes.made
        assert history.own_keys("acme", "account", [account]) == {account: key}


class Dying:
    """A target whose process is killed between the creation and its answer."""

    def __init__(self, target: Any) -> None:
        self._target = target

    def __getattr__(self, name: str) -> Any:
        return getattr(self._target, name)

    def marks(self, name: str) -> Any:
        return self._target.marks(name)

    def marked(self, name: str, marks: Sequence[Mark], since: Any) -> dict[str, str]:
        found: dict[str, str] = self._target.marked(name, marks, since)
        return found

    def make(self, name: str, mark: Mark, values: Any) -> Made:
        self._target.make(name, mark, values)
        raise KeyboardInterrupt


def test_a_sync_between_the_creation_and_its_answer_recognises_the_record(
    world: World, serving: Any
) -> None:
    account = new_account()
    batch_id = looked("New", verb=Verb.MAKE)
    sync.write_go(batch_id, actor="boss")
    dying: Any = Dying(target_of(Connection.objects.get()))
    with pytest.raises(KeyboardInterrupt):
        stepped(batch_id, dying)
    WriteBatch.objects.update(pid=2**22 + 1)  # the process is gone
    before = len(history.states_as_of("account", None))
    world.there.pass_time(minutes=5)
    assert synced().is_proved
    assert len(history.states_as_of("account", None)) == before
    [(_name, key)] = serving.writes.made
    assert ids("account")[key] == account
    assert queries.lines(batch_id)[0].code == "confirmed"


def test_what_is_refused_says_why_and_can_be_made_later(world: World, serving: Any) -> None:
    account = new_account("Forbidden")
    serving.writes.rules[world.objects[0]] = [lambda _row: ("Not this one", [])]
    info = made()
    [line] = queries.lines(info.id)
    assert (line.state, line.reason) == (LineState.REFUSED, "Not this one")
    serving.writes.rules.clear()
    made()
    assert history.own_keys("acme", "account", [account])


def test_records_of_a_kind_are_made_in_one_connection_and_need_a_field_for_our_id() -> None:
    world = HubSpot()
    with world.syncing.connected(world.there):
        synced()
        other = Pipedrive()
        with other.syncing.connected(other.there, "other"):
            synced("other")
            sync.write_may("acme", "companies", match="perilune_id")
            with pytest.raises(Conflict, match="made in acme already"):
                sync.write_may("other", "organizations", match=other.match["organizations"])
            with pytest.raises(Invalid):
                sync.write_may("acme", "companies", match="domain")
            with pytest.raises(Invalid):
                sync.write_may("acme", "owners", match="name")
            sync.write_may("acme", "companies")
            sync.write_may("other", "organizations", match=other.match["organizations"])
            new_account()
            assert (births.to_make("acme").records, births.to_make("other").records) == (0, 1)


def test_what_was_ended_here_is_deleted_there_when_asked_and_comes_back_where_it_can(
    world: World, serving: Any
) -> None:
    deal = next(iter(ids("opportunity")))
    account = next(iter(ids("account")))
    crm.record_delete("opportunity", ids("opportunity")[deal], actor="ann")
    with pytest.raises(NotFound):
        sync.write_prepare("acme", "Clean", actor="ann", verb=Verb.END)  # off by itself
    for name in world.objects:
        sync.write_may("acme", name, ends=True)
    crm.record_delete("account", ids("account")[account], actor="ann")
    batch_id = looked("Clean", verb=Verb.END)
    told = {one.key: (one.state, one.code) for one in queries.lines(batch_id)}
    assert told[deal] == (LineState.WAITS, "")
    assert told[account] == (LineState.CANNOT, "still_used")
    assert serving.writes.ended == []
    info = wrote(batch_id)
    assert info.count(LineState.WRITTEN) == len(serving.writes.ended)
    assert deal not in world.live(world.objects[2])
    world.there.pass_time(minutes=5)
    assert synced().is_proved
    assert births.to_end("acme").records <= len(told) - 1
    if isinstance(world, HubSpot):
        with pytest.raises(Refused, match="by hand alone"):
            sync.write_undo(batch_id, "", actor="boss")
        return
    undo = sync.write_undo(batch_id, "", actor="boss")
    while not stepped(undo):
        pass
    assert wrote(undo).count(LineState.WRITTEN) >= 1
    assert deal in world.live(world.objects[2])
