"""Write-back to the fake Salesforce: written once, never over somebody's change, taken back."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection as database
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perilune.crm import service as crm
from perilune.history import queries as history
from perilune.hub.contracts.targets import Reply, Target, Write
from perilune.hub.contracts.writing import BatchInfo, BatchState, LineState
from perilune.hub.models import Connection, WriteBatch, WriteLine
from perilune.hub.queries import writing as queries
from perilune.hub.queries.proposals import proposals
from perilune.hub.service import sync
from perilune.hub.service.sync.outbox_rules import target_of
from perilune.hub.tests.syncing import connected, differing, synced
from perilune.kernel.errors import Conflict, Invalid, NotFound, Refused, Unavailable
from tests.fakes.salesforce import Org, Serving
from tests.fakes.salesforce.made import filled

pytestmark = [
    pytest.mark.usefixtures("company"),
    pytest.mark.django_db(databases=["default", "queue"]),
]
DEAL = ("StageName", "Amount", "CloseDate", "NextStep", "OwnerId", "Type")


def allow(policy: str = "ask", *, external: str = "") -> None:
    """Let the fields of deals and the owners of accounts be written."""
    sync.connection_look("acme")
    sync.write_allow("acme", "Opportunity", dict.fromkeys(DEAL, policy))
    sync.write_allow("acme", "Account", {"OwnerId": policy, "Industry": policy}, external)


@pytest.fixture
def org() -> Org:
    return filled(6, moves=1)


@pytest.fixture
def serving(org: Org) -> Iterator[Serving]:
    with connected(org) as found:
        synced()
        allow()
        org.pass_time(hours=1)
        yield found


def ids(kind: str) -> dict[str, int]:
    """Return the records of a kind by their id there."""
    return history.identity_keys("acme", kind)


def first(org: Org, name: str = "Opportunity", at: int = 0) -> str:
    return list(org.rows[name])[at]


def edited(org: Org, at: int = 0, **values: Any) -> str:
    """Edit a deal here and return its id there."""
    key = first(org, at=at)
    given_ = values or {"amount": 4_242_00, "next_step": "Call Ann"}
    crm.record_change("opportunity", ids("opportunity")[key], given_, actor="ann")
    return key


def looked(purpose: str = "Tidy up", **options: Any) -> int:
    """Make a batch and look at what stands there."""
    batch_id = sync.write_prepare("acme", purpose, actor="ann", **options)
    while not stepped(batch_id):
        pass
    return batch_id


def stepped(batch_id: int, target: Target | None = None) -> bool:
    return sync.write_step(batch_id, seconds=30, target=target, sleep=lambda _s: None).is_done


def wrote(batch_id: int, target: Target | None = None) -> BatchInfo:
    """Confirm a batch and write it to its end."""
    sync.write_go(batch_id, actor="boss")
    while not stepped(batch_id, target):
        pass
    return queries.batch(batch_id)


def states(batch_id: int) -> dict[str, str]:
    return {line.column: line.state.value for line in queries.lines(batch_id)}


def test_nothing_is_written_before_fields_are_chosen_and_a_person_confirms(
    org: Org, serving: Serving
) -> None:
    key = edited(org)
    sync.write_allow("acme", "Opportunity", {})
    assert proposals("acme").lines == []
    with pytest.raises(NotFound, match="Nothing differs"):
        sync.write_prepare("acme", "x", actor="ann")
    allow()
    with pytest.raises(Invalid, match="what it is written for"):
        sync.write_prepare("acme", " ", actor="ann")
    for columns, external in (({"IsWon": "ask"}, ""), ({"Amount": "me"}, ""), ({}, "Name")):
        with pytest.raises(Invalid):
            sync.write_allow("acme", "Opportunity", columns, external)
    batch_id = looked()
    line = next(one for one in queries.lines(batch_id) if one.column == "Amount")
    assert (line.wanted, line.text) == (4_242_00, "4242")
    assert line.found == line.known
    assert states(batch_id) == {"Amount": "waits", "NextStep": "waits"}
    assert serving.writes.log == []
    assert wrote(batch_id).count(LineState.WRITTEN) == 2
    assert serving.writes.log == [
        ("Opportunity", key, {"Amount": 4242.0, "NextStep": "Call Ann"})
    ]  # fmt: skip
    with pytest.raises(Conflict):
        sync.write_go(batch_id, actor="boss")


def test_the_sync_that_follows_sees_no_foreign_change_and_proves_both_sides(
    org: Org, serving: Serving
) -> None:
    new_owner = ids("rep")[first(org, "User", 3)]
    key = edited(org, amount=77_00, next_step="Now", owner_id=new_owner, close_date="2027-01-31")
    record_id = ids("opportunity")[key]
    before = len(history.timeline("opportunity", record_id))
    time.sleep(1.1)  # stamps have whole seconds: what is written now is later than the edit
    org.at(datetime.now(UTC))
    wrote(looked())
    assert proposals("acme").lines == []
    run = synced()
    assert run.is_proved
    assert run.counts["written"].get("opportunity", {}).get("changed", 0) == 0
    assert run.counts["written"].get("opportunity", {}).get("conflicts", 0) == 0
    assert len(history.timeline("opportunity", record_id)) == before
    assert differing(org) == []
    edited(org, at=1, stage_id=_stage("Negotiation/Review"))
    wrote(looked())
    run = synced()  # the org sets the category and the probability by itself: that is news
    assert run.is_proved
    assert differing(org) == []
    assert proposals("acme").lines == []


def _stage(name: str) -> int:
    stages = history.states_as_of("stage", None)
    return next(i for i, state in stages.items() if state["name"] == name)


@pytest.mark.parametrize("policy", ["ours", "theirs", "newest", "ask"])
def test_what_both_sides_changed_goes_by_the_policy_of_the_field(
    org: Org, serving: Serving, policy: str
) -> None:
    allow(policy)
    key = edited(org, amount=100_00)
    org.update("Opportunity", key, Amount=500.0)
    info = wrote_or_asked(looked())
    here = history.state_as_of("opportunity", ids("opportunity")[key])
    there = org.rows["Opportunity"][key]["Amount"]
    assert here is not None
    expected = {
        "ours": (100_00, 100.0, LineState.WRITTEN), "newest": (100_00, 100.0, LineState.WRITTEN),
        "theirs": (500_00, 500.0, LineState.TAKEN), "ask": (100_00, 500.0, LineState.ASK),
    }[policy]  # fmt: skip
    assert (here["amount"], there) == expected[:2]
    assert info.count(expected[2]) == 1
    if policy == "theirs":
        undo = sync.write_undo(info.id, "", actor="boss")
        while not stepped(undo):
            pass
        wrote(undo)
        again = history.state_as_of("opportunity", ids("opportunity")[key])
        assert again is not None
        assert again["amount"] == 100_00  # what stood here before stands again


def wrote_or_asked(batch_id: int) -> BatchInfo:
    info = queries.batch(batch_id)
    return wrote(batch_id) if info.may_go else info


@pytest.mark.parametrize("choice", ["ours", "theirs"])
def test_a_person_decides_and_is_asked_again_where_other_values_stand_there(
    org: Org, serving: Serving, choice: str
) -> None:
    key = edited(org, amount=100_00)
    org.update("Opportunity", key, Amount=500.0)
    batch_id = looked()
    [(asked_batch, line)] = queries.asked("acme")
    assert (asked_batch, line.known != line.found, line.found) == (batch_id, True, 500_00)
    assert sync.write_decide(batch_id, [line.id], choice, actor="boss") == 1
    org.pass_time(minutes=1)
    org.update("Opportunity", key, Amount=600.0)  # after the decision
    info = wrote(batch_id)
    assert info.count(LineState.ASK) == 1
    assert org.rows["Opportunity"][key]["Amount"] == 600.0
    sync.write_decide(batch_id, [line.id], choice, actor="boss")
    info = wrote(batch_id)
    here = history.state_as_of("opportunity", ids("opportunity")[key])
    assert here is not None
    wanted = 100.0 if choice == "ours" else 600.0
    assert (org.rows["Opportunity"][key]["Amount"], here["amount"]) == (wanted, wanted * 100)
    assert queries.lines(batch_id)[0].decided_by == "boss"
    assert synced().is_proved


class Dying:
    """A target whose process is killed between a request and its answer."""

    def __init__(self, target: Target) -> None:
        self._target, self.is_kept = target, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._target, name)

    def write(self, name: str, writes: Sequence[Write]) -> list[Reply]:
        kept = WriteLine.objects.filter(state=LineState.ASKED.value).count()
        self.is_kept = kept == sum(len(one.values) for one in writes)
        self._target.write(name, writes)
        raise KeyboardInterrupt


@pytest.mark.django_db(transaction=True, databases=["default", "queue"])
def test_killed_between_request_and_answer_it_is_written_once(org: Org, serving: Serving) -> None:
    key = edited(org)
    batch_id = looked()
    sync.write_go(batch_id, actor="boss")
    dying = Dying(target_of(Connection.objects.get()))
    with pytest.raises(KeyboardInterrupt):
        stepped(batch_id, dying)
    assert dying.is_kept
    assert not database.in_atomic_block  # what is asked was committed
    assert queries.batch(batch_id).state is BatchState.WRITING
    WriteBatch.objects.update(pid=2**22 + 1)  # the process is gone
    info = wrote(batch_id)
    assert (info.count(LineState.WRITTEN), info.state) == (2, BatchState.DONE)
    assert {line.code for line in queries.lines(batch_id)} == {"confirmed"}
    assert [(name, one) for name, one, _own in serving.writes.log] == [("Opportunity", key)]
    assert synced().is_proved
    assert proposals("acme").lines == []


@pytest.mark.parametrize("fault", ["dropped", "truncated", "expired", "throttled", "unavailable"])
def test_whatever_goes_wrong_on_the_way_each_value_is_written_once(
    org: Org, serving: Serving, fault: str
) -> None:
    key = edited(org)
    batch_id = looked()
    serving.faults.plan(fault, where=f"sobjects/Opportunity/{key}")
    info = wrote(batch_id)
    assert info.count(LineState.WRITTEN) == 2
    assert len(serving.writes.log) == 1
    assert org.rows["Opportunity"][key]["NextStep"] == "Call Ann"


def test_a_used_up_limit_stops_the_batch_and_going_on_ends_it(org: Org, serving: Serving) -> None:
    for at in range(3):
        edited(org, at=at)
    batch_id = looked()
    serving.faults.plan("limit", where="sobjects/Opportunity/006", after=1)
    with pytest.raises(Unavailable, match="daily limit"):
        wrote(batch_id)
    info = queries.batch(batch_id)
    assert (info.state, info.count(LineState.WRITTEN), info.may_go) == (BatchState.FAILED, 2, True)
    with pytest.raises(Conflict, match="go on with it first"):
        sync.write_undo(batch_id, "", actor="boss")
    info = wrote(batch_id)
    assert (info.state, info.count(LineState.WRITTEN)) == (BatchState.DONE, 6)
    assert len({key for _name, key, _own in serving.writes.log}) == len(serving.writes.log) == 3


def test_locks_rules_and_single_fields_stand_in_the_way_of_what_they_concern_alone(
    org: Org, serving: Serving
) -> None:
    locked = edited(org, 0, next_step="Locked for a moment")
    stuck = edited(org, 1, next_step="Locked for long")
    ruled = edited(org, 2, next_step="Forbidden word")
    mixed = edited(org, 3, next_step="x" * 300, amount=9_00)
    gone = edited(org, 4, next_step="Nobody reads it")
    serving.writes.locked = {locked: 2, stuck: 99}
    serving.writes.rules["Opportunity"] = [
        lambda row: ("Not this word", []) if "Forbidden" in str(row["NextStep"]) else None
    ]
    batch_id = looked()
    org.delete("Opportunity", gone)
    wrote(batch_id)
    told = {(one.key, one.column): (one.state.value, one.code) for one in queries.lines(batch_id)}
    assert told == {
        (locked, "NextStep"): ("written", ""),
        (stuck, "NextStep"): ("refused", "busy"),
        (ruled, "NextStep"): ("refused", "FIELD_CUSTOM_VALIDATION_EXCEPTION"),
        (mixed, "NextStep"): ("refused", "STRING_TOO_LONG"),
        (mixed, "Amount"): ("written", ""),
        (gone, "NextStep"): ("gone", told[gone, "NextStep"][1]),
    }
    assert org.rows["Opportunity"][mixed]["Amount"] == 9.0
    assert "Not this word" in next(o.reason for o in queries.lines(batch_id) if o.key == ruled)


def test_a_change_between_look_and_write_is_seen_and_one_rule_of_theirs_named(
    org: Org, serving: Serving
) -> None:
    key = edited(org, 0, amount=1_00)
    flowed = edited(org, 1, next_step="small letters")
    serving.writes.flows["Opportunity"] = lambda row: {"NextStep": (row["NextStep"] or "").upper()}
    batch_id = looked()

    def meanwhile() -> None:
        org.pass_time(minutes=1)
        org.update("Opportunity", key, Amount=7.0)

    serving.faults.plan(  # while the request is on its way
        "call", where=f"sobjects/Opportunity/{key}",
        then=meanwhile,
    )  # fmt: skip
    wrote(batch_id)
    told = {one.key: (one.state.value, one.code, one.found) for one in queries.lines(batch_id)}
    assert told[key] == ("ask", "", 7_00)
    assert told[flowed][:2] == ("written", "overruled")
    assert synced().is_proved
    assert differing(org) == [
        f"Opportunity {key} amount 700 100",
        f"Opportunity {flowed} next step SMALL LETTERS small letters",
    ]


def test_records_are_addressed_by_an_external_id_and_never_made(org: Org, serving: Serving) -> None:
    allow(external="Legacy_Id__c")
    first_, second, third = (first(org, "Account", at) for at in range(3))
    user = first(org, "User", 5)
    for key in (first_, second, third):
        org.update("Account", key, OwnerId=first(org, "User", 1))
    synced()
    owner = ids("rep")[user]
    crm.account_reassign([ids("account")[k] for k in (first_, second, third)], owner, actor="ann")
    org.update("Account", second, Legacy_Id__c=org.rows["Account"][third]["Legacy_Id__c"])
    batch_id = looked("New owners")
    count = len(org.rows["Account"])
    wrote(batch_id)
    told = {one.key: (one.state.value, one.code) for one in queries.lines(batch_id)}
    assert told[first_] == ("written", "")
    assert {told[second], told[third]} == {("refused", "ambiguous")}
    assert len(org.rows["Account"]) == count
    path = "PATCH /services/data/v62.0/sobjects/Account/Legacy_Id__c/L0"
    assert any(one.startswith(path) for one in serving.seen)


def test_what_one_change_set_wrote_is_proposed_alone(org: Org, serving: Serving) -> None:
    edited(org)
    owner = ids("rep")[first(org, "User", 5)]
    accounts = [ids("account")[first(org, "Account", at)] for at in range(2)]
    done = crm.account_reassign(accounts, owner, actor="plan")
    told = proposals("acme", set_id=done.change_set_id)
    assert {one.object for one in told.lines} == {"Account"}
    assert (told.records, {one.origin for one in told.lines}) == (len(told.lines), {"local"})
    wrote(looked("Territories", set_id=done.change_set_id))
    user = first(org, "User", 5)
    assert all(row["OwnerId"] == user for row in list(org.rows["Account"].values())[:2])
    assert {one.object for one in proposals("acme").lines} == {"Opportunity"}


def test_what_has_no_word_there_is_told_and_left(org: Org, serving: Serving) -> None:
    edited(org, 0, type="renewal")  # read from «Existing Customer - Replacement»
    edited(org, 1, type="other")  # nothing there means it
    rep = crm.record_create("account", {"name": "x"}, actor="ann")
    assert rep.ids
    batch_id = looked()
    told = {one.wanted: (one.state.value, one.code, one.text) for one in queries.lines(batch_id)}
    assert told == {
        "renewal": ("waits", "", "Existing Customer - Replacement"),
        "other": ("cannot", "no_choice", ""),
    }


def test_a_connection_is_read_or_written_one_at_a_time(org: Org, serving: Serving) -> None:
    edited(org)
    batch_id = looked()
    run_id = sync.sync_start("acme", actor="test")
    with pytest.raises(Conflict, match="sync of acme is under way"):
        sync.write_go(batch_id, actor="boss")
    sync.sync_cancel(run_id)
    sync.write_go(batch_id, actor="boss")
    with pytest.raises(Conflict, match="Values are being written"):
        sync.sync_start("acme", actor="test")
    with pytest.raises(Conflict, match="being written"):
        sync.connection_forget("acme")
    assert stepped(batch_id)
    assert synced().is_proved
    serving.doors.revoke()
    edited(org, 1)
    with pytest.raises(Refused, match="Connect again"):
        looked()
    sync.connection_forget("acme")
    assert queries.batch(batch_id).count(LineState.WRITTEN) == 2  # the log outlives it


_EDITS = st.fixed_dictionaries(
    {},
    optional={
        "amount": st.integers(1, 10**9),
        "next_step": st.text("abc é€", min_size=4, max_size=20).map(str.strip).filter(bool),
        "close_date": st.dates(date(2026, 1, 1), date(2030, 1, 1)).map(str),
        "stage": st.sampled_from(["Prospecting", "Qualification", "Negotiation/Review"]),
        "owner": st.integers(0, 6),
    },
)


@settings(max_examples=8, suppress_health_check=list(HealthCheck))
@given(edits=st.lists(_EDITS, min_size=1, max_size=4), later=st.integers(0, 3))
def test_written_and_taken_back_the_other_system_is_as_before(
    org: Org, serving: Serving, edits: Sequence[dict[str, Any]], later: int
) -> None:
    org.pass_time(hours=1)
    synced()
    before = values(org)
    for at, edit in enumerate(edits):
        given_ = {n: v for n, v in edit.items() if n not in ("stage", "owner")}
        given_ |= {"stage_id": _stage(edit["stage"])} if "stage" in edit else {}
        given_ |= (
            {"owner_id": ids("rep")[first(org, "User", edit["owner"])]} if "owner" in edit else {}
        )
        if given_:
            crm.record_change(
                "opportunity", ids("opportunity")[first(org, at=at)], given_, actor="a"
            )
    if not proposals("acme").lines:
        return
    batch_id = looked()
    org.pass_time(minutes=1)
    if not queries.batch(batch_id).may_go:
        return
    info = wrote(batch_id)
    assert info.count(LineState.WRITTEN) == info.count(*LineState)
    assert proposals("acme").lines == []
    org.pass_time(minutes=1)
    changed = first(org, at=later) if later < len(edits) else ""
    if changed:
        org.update("Opportunity", changed, {"NextStep": "Somebody was here"})
        before[changed]["NextStep"] = "Somebody was here"
    undo = sync.write_undo(batch_id, "", actor="boss")
    while not stepped(undo):
        pass
    if queries.batch(undo).may_go:
        wrote(undo)
    assert values(org) == before
    left = [one for one in queries.lines(undo) if one.state is LineState.LEFT]
    assert all(
        (one.key, one.column, one.code) == (changed, "NextStep", "changed_since") for one in left
    )


def values(org: Org) -> dict[str, dict[str, Any]]:
    """Return the deals there without their stamps and what the org sets by itself."""
    own = ("SystemModstamp", "LastModifiedDate", "Probability", "ForecastCategory",
           "ForecastCategoryName")  # fmt: skip
    return {
        key: {n: v or None for n, v in row.items() if n not in own}
        for key, row in org.rows["Opportunity"].items()
    }
