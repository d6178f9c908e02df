"""Approval by somebody else, a day on which it holds, one change set that can be taken back."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perilune.history.queries import set_info, states_as_of
from perilune.history.service import change_set, retract
from perilune.history.testing import made_once
from perilune.jobs import service as jobs
from perilune.kernel.asof import AsOf, start_of_day
from perilune.kernel.errors import Conflict, Invalid, Refused
from perilune.kernel.scope import Scope
from perilune.people.queries import company, scope_for
from perilune.people.service import company_change, note_import
from perilune.people.testing import login
from perilune.store import service as store
from perilune.territories import queries, service
from perilune.territories.contracts import Asked, Attribute, DraftState, HoldOver
from perilune.territories.queries.loading import loaded
from perilune.territories.testing import make_ground

pytestmark = pytest.mark.django_db
ALL = Scope.company()
BY: dict[str, Any] = {"actor": "director", "scope": ALL}
OTHER: dict[str, Any] = {"actor": "ops_manager", "scope": ALL}
TODAY = date(2026, 6, 30)
DAY = date(2026, 7, 6)


@pytest.fixture
def ground():
    return make_ground(30)


@pytest.fixture
@made_once
def draft(ground) -> int:
    """Two of Rita's accounts go to Sara: one with an open deal in commit, one with one that is
    not."""
    made = service.create_draft("Autumn", [Attribute("accounts", 0.5)], **BY)
    service.move_units(made, 1, _numbers(made, ground, 0, 10), _named(made, "Sara"), **BY)
    return made


@pytest.fixture
@made_once
def active(ground, draft: int) -> int:
    """The same draft, in force since the day."""
    _published(draft)
    _on(DAY)
    service.activate_due()
    store.refresh()
    return draft


def _numbers(draft, ground, *which):
    ids = loaded(draft).accounts.ids
    return [int(np.flatnonzero(ids == ground.accounts[i])[0]) for i in which]


def _named(draft, name):
    return next(row.number for row in loaded(draft).rows if row.name == name)


def _edition(draft):
    return loaded(draft).head.edition


def _published(draft, day=DAY):
    service.submit(draft, _edition(draft), **BY)
    service.approve(draft, _edition(draft), **OTHER)
    service.publish(draft, _edition(draft), day, **OTHER)


def _on(day):
    """Let the archive's today be a day: the clock of these tests."""
    note_import(day)


def _owners(at=None):
    return {id_: state["owner_id"] for id_, state in states_as_of("account", None, at).items()}


def _deal_owners(at=None):
    return {s["name"]: s["owner_id"] for s in states_as_of("opportunity", None, at).values()}


def test_nothing_changes_before_the_day_and_on_it_exactly_what_was_moved(ground, draft) -> None:
    who = ground.cast.organisation
    before = _owners()
    _published(draft)
    assert service.activate_due() == []
    assert _owners() == before
    _on(DAY)
    (done,) = service.activate_due()
    assert done.accounts == 2 and done.kept == ()
    starts = start_of_day(DAY, company().zone)
    written = set_info(done.change_set_id)
    assert written is not None and written.known_at == starts
    assert _owners(starts - timedelta(microseconds=1)) == before
    after = _owners(starts)
    changed = {id_ for id_ in after if after[id_] != before[id_]}
    # account 10 of 30 is Rolf's: both go to Sara
    assert changed == {ground.accounts[0], ground.accounts[10]}
    assert {after[id_] for id_ in changed} == {who.sara}
    assert loaded(draft).head.state is DraftState.ACTIVE


def test_a_deal_in_commit_stays_until_it_closes_and_others_go_along(ground, draft) -> None:
    who = ground.cast.organisation
    _published(draft)
    _on(DAY)
    (done,) = service.activate_due()
    assert done.deals == 1
    owners = _deal_owners()
    assert owners["Open 0"] == who.rita  # in commit
    assert owners["Open 10"] == who.sara
    assert owners["Won 0"] == who.rita and owners["Won 10"] == who.rolf


@pytest.mark.parametrize(("rule", "moved"), [(HoldOver.ALL_MOVE, 2), (HoldOver.ALL_STAY, 0)])
def test_the_rule_for_open_deals_is_the_plans(ground, draft, rule, moved) -> None:
    service.change_settings(draft, _edition(draft), hold_over=rule, **BY)
    _published(draft)
    _on(DAY)
    (done,) = service.activate_due()
    assert done.deals == moved


def test_it_is_safe_to_repeat(ground, draft) -> None:
    _published(draft)
    _on(DAY)
    assert len(service.activate_due()) == 1
    after = _owners()
    assert service.activate_due() == [] and _owners() == after
    _on(DAY + timedelta(days=3))
    assert service.activate_due() == []


def test_an_activation_that_broke_off_is_begun_anew(ground, draft, monkeypatch) -> None:
    from perilune.territories.service import activating

    _published(draft)
    _on(DAY)
    before = _owners()
    with monkeypatch.context() as patch, pytest.raises(RuntimeError):
        patch.setattr(activating, "bulk_complete", _breaks)
        service.activate_due()
    store.refresh()
    assert _owners() == before and loaded(draft).head.state is DraftState.APPROVED
    assert service.activate_due() == []  # it may still be at work
    monkeypatch.setattr(activating, "UNDER_WAY", timedelta(0))
    (done,) = service.activate_due()
    assert done.accounts == 2 and _owners() != before
    store.refresh()
    assert len(queries.in_force(company().today, ALL)) == 3


def _breaks(*_args):
    raise RuntimeError("the machine went down")


def test_the_days_territories_are_in_force_from_then_on(ground, active) -> None:
    who = ground.cast.organisation
    here = company()
    assert queries.in_force(AsOf.end_of(DAY - timedelta(days=1), here.zone), ALL) == []
    there = queries.in_force(here.today, ALL)
    assert [(t.name, t.reps[0][0], t.effective_from) for t in there] == [
        ("Rita", who.rita, DAY), ("Rolf", who.rolf, DAY), ("Sara", who.sara, DAY),
    ]  # fmt: skip
    assert sum(t.accounts or 0 for t in there) == 34
    assert {t.plan for t in there} == {str(active)}


def test_the_next_plan_carries_territories_on_and_archives_the_one_before(ground, active) -> None:
    first = {t.name: t.id for t in queries.in_force(company().today, ALL)}
    following = service.create_draft("Winter", [Attribute("accounts", 0.5)], **BY)
    service.rename(following, 1, _named(following, "Rita"), "Coast", **BY)
    service.move_units(following, 2, _numbers(following, ground, 1), _named(following, "Rolf"),
                       **BY)  # fmt: skip
    _published(following, DAY + timedelta(days=30))
    _on(DAY + timedelta(days=30))
    (done,) = service.activate_due()
    store.refresh()
    second = {t.name: t.id for t in queries.in_force(company().today, ALL)}
    assert second == {"Coast": first["Rita"], "Rolf": first["Rolf"], "Sara": first["Sara"]}
    assert done.accounts == 1
    assert loaded(active).head.state is DraftState.ARCHIVED
    # one place ended, one began
    memberships = states_as_of("territory_account", None).values()
    assert sum(m["effective_to"] is not None for m in memberships) == 1


def test_territories_that_have_drifted_out_of_their_tolerance_are_told(ground) -> None:
    made = service.create_draft("Autumn", [Attribute("accounts", 0.3)], **BY)
    _published(made)
    _on(DAY)
    service.activate_due()
    store.refresh()
    assert queries.drift(company().today, ALL) == []
    who = ground.cast.organisation
    seat = queries.in_force(company().today, ALL)[2]
    with change_set(actor="x", title="", known_at=datetime(2026, 7, 8, tzinfo=UTC)) as w:
        for i in range(8):
            account = w.create("account", {"name": f"New {i}", "owner_id": who.sara})
            w.create("territory_account", {"territory_id": seat.id, "account_id": account,
                                           "origin": "rule", "effective_from": DAY})  # fmt: skip
    _on(date(2026, 7, 10))
    store.refresh()
    (told,) = queries.drift(company().today, ALL)
    # 13, 10 and 11 + 8 accounts: 14 in the mean
    assert (told.name, told.attribute) == ("Sara", "Accounts")
    assert told.deviation == pytest.approx(19 / 14 - 1)
    assert queries.drift(company().today, scope_for(ground.cast.sales_manager)) == []


def test_a_managers_plan_leaves_territories_of_others_alone(ground, active) -> None:
    nora: dict[str, Any] = {"actor": "sales_manager",
                            "scope": scope_for(ground.cast.sales_manager)}  # fmt: skip
    made = service.create_draft("North", [Attribute("accounts", 0.5)], **nora)
    assert {row.name for row in loaded(made).rows} == {"Rita", "Rolf"}
    service.move_units(made, 1, [0], 1, **nora)
    service.submit(made, 2, **nora)
    service.approve(made, 3, **OTHER)
    service.publish(made, 4, DAY + timedelta(days=9), **OTHER)
    _on(DAY + timedelta(days=9))
    (done,) = service.activate_due()
    store.refresh()
    there = {t.name: (t.accounts, t.plan) for t in queries.in_force(company().today, ALL)}
    assert done.accounts == 1
    assert there["Sara"] == (13, str(active)) and there["Rolf"][1] == str(made)
    assert loaded(active).head.state is DraftState.ACTIVE


def test_a_territory_that_the_next_plan_gives_up_ends(active) -> None:
    following = service.create_draft("Winter", [Attribute("accounts", 0.5)], **BY)
    rita, rolf = _named(following, "Rita"), _named(following, "Rolf")
    theirs = np.flatnonzero(loaded(following).territory == rolf).tolist()
    service.move_units(following, 1, theirs, rita, **BY)
    service.seat(following, 2, rolf, None, **BY)
    _published(following, DAY + timedelta(days=30))
    _on(DAY + timedelta(days=30))
    service.activate_due()
    store.refresh()
    there = queries.in_force(company().today, ALL)
    assert {t.name: len(t.reps) for t in there} == {"Rita": 1, "Sara": 1, "Rolf": 0}


def test_taking_it_back_brings_everything_back_also_from_the_journal(ground, draft) -> None:
    before, deals = _owners(), _deal_owners()
    _published(draft)
    _on(DAY)
    assert len(service.activate_due()) == 1
    service.take_back(draft, _edition(draft), **OTHER)
    assert _owners() == before and _deal_owners() == deals
    store.refresh()
    assert queries.in_force(company().today, ALL) == []
    head = loaded(draft).head
    assert head.state is DraftState.APPROVED and head.effective_from is None
    service.publish(draft, head.edition, DAY, **OTHER)
    (again,) = service.activate_due()
    assert again.accounts == 2
    retract(again.change_set_id, "director")
    assert loaded(draft).head.state is DraftState.APPROVED
    assert service.activate_due() == [] and _owners() == before


def test_what_changed_hands_by_hand_meanwhile_is_left_and_told(ground, draft) -> None:
    who = ground.cast.organisation
    _published(draft)
    with change_set(actor="director", title="", known_at=datetime(2026, 7, 1, tzinfo=UTC)) as w:
        w.change("account", ground.accounts[2], {"owner_id": who.sara})
    _on(DAY)
    (done,) = service.activate_due()
    assert done.kept == (ground.accounts[2],)
    assert _owners()[ground.accounts[2]] == who.sara


def test_a_plan_that_comes_late_leaves_what_was_done_since_its_day(ground, draft) -> None:
    """Two days late: meanwhile one account was given to somebody, one deal was won, one made."""
    who = ground.cast.organisation
    _published(draft)
    deals = {s["name"]: id_ for id_, s in states_as_of("opportunity", None).items()}
    stages = {s["name"]: id_ for id_, s in states_as_of("stage", None).items()}
    with change_set(actor="x", title="", known_at=datetime(2026, 7, 7, 9, tzinfo=UTC)) as w:
        w.change("account", ground.accounts[0], {"owner_id": who.sami})
        w.change("opportunity", deals["Open 10"],
                 {"stage_id": stages["Signed"], "close_date": date(2026, 7, 7)})  # fmt: skip
        w.create("opportunity", {"name": "Fresh", "account_id": ground.accounts[10],
                                 "owner_id": who.rolf, "stage_id": stages["Prospecting"],
                                 "amount": 1, "close_date": date(2026, 12, 1)})  # fmt: skip
    _on(date(2026, 7, 8))
    (done,) = service.activate_due()
    assert (done.accounts, done.deals, done.kept) == (1, 0, (ground.accounts[0],))
    assert _owners()[ground.accounts[0]] == who.sami
    assert _owners()[ground.accounts[10]] == who.sara
    owners = _deal_owners()
    assert owners["Open 10"] == owners["Fresh"] == who.rolf


def test_an_overlay_changes_no_owner(ground) -> None:
    who = ground.cast.organisation
    before = _owners()
    made = service.create_draft("Probes", [Attribute("accounts", 0.5)], layer="probes", **BY)
    assert loaded(made).rows == ()
    with pytest.raises(Invalid, match="No account is in a territory"):
        service.submit(made, 1, **BY)
    job = service.design_draft(made, 1, Asked(k=2), **BY)
    for step in range(3):
        jobs.step(job, step)
    service.seat(made, 2, 0, who.rita, **BY)
    service.seat(made, 3, 1, who.sara, **BY)
    # nobody had them in this layer: all that have a place go to somebody
    assert queries.sheet(made, ALL, "director").moved == 30
    _published(made)
    _on(DAY)
    (done,) = service.activate_due()
    assert (done.accounts, done.deals, done.territories) == (0, 0, 2)
    assert _owners() == before
    store.refresh()
    there = queries.in_force(company().today, ALL)
    assert [(t.layer, t.reps[0][2]) for t in there] == [("probes", "overlay")] * 2


def test_the_journal_shows_what_a_plan_wrote_and_takes_it_back(ground, draft, client) -> None:
    before = _owners()
    _published(draft)
    _on(DAY)
    (done,) = service.activate_due()
    login(client, "director")
    listed = client.get("/journal/").content.decode()
    assert "Territory plan in force" in listed
    shown = client.get(f"/journal/{done.change_set_id}/").content.decode()
    assert "Account 10" in shown and "Sara" in shown
    client.post(f"/journal/{done.change_set_id}/retract/")
    assert _owners() == before


def test_maker_is_not_checker(draft) -> None:
    service.submit(draft, _edition(draft), **BY)
    with pytest.raises(Refused, match="Somebody else"):
        service.approve(draft, _edition(draft), **BY)
    with pytest.raises(Invalid, match="under review"):
        service.move_units(draft, _edition(draft), [0], 1, **BY)
    company_change(is_small_team=True)
    with pytest.raises(Refused, match="15 minutes later"):
        service.approve(draft, _edition(draft), **BY)
    later = datetime.now(UTC) + timedelta(minutes=16)
    service.approve(draft, _edition(draft), at=later, **BY)
    assert loaded(draft).head.is_self_approved


def test_a_plan_that_is_sent_back_goes_on_from_there(draft) -> None:
    service.submit(draft, _edition(draft), **BY)
    with pytest.raises(Invalid, match="Say why"):
        service.reject(draft, _edition(draft), " ", **OTHER)
    service.reject(draft, _edition(draft), "Sara has too much.", **OTHER)
    assert loaded(draft).head.reason == "Sara has too much."
    service.move_units(draft, _edition(draft), [5], 2, **BY)
    service.submit(draft, _edition(draft), **BY)


def test_a_plan_under_review_is_withdrawn_by_its_author_alone(draft) -> None:
    service.submit(draft, _edition(draft), **BY)
    with pytest.raises(Refused, match="Only who made or submitted"):
        service.withdraw(draft, _edition(draft), **OTHER)
    service.withdraw(draft, _edition(draft), **BY)
    assert loaded(draft).head.submitted_by == ""
    service.move_units(draft, _edition(draft), [5], 2, **BY)
    with pytest.raises(Invalid, match="in the making"):
        service.withdraw(draft, _edition(draft), **BY)


def test_what_cannot_be_published_is_named(ground, draft) -> None:
    number = _named(draft, "Rolf")
    service.seat(draft, _edition(draft), number, None, **BY)
    with pytest.raises(Invalid, match="“Rolf” holds accounts and has no rep"):
        service.submit(draft, _edition(draft), **BY)
    service.undo(draft, _edition(draft), **BY)
    with pytest.raises(Invalid, match="“Autumn” is in the making"):
        service.publish(draft, _edition(draft), DAY, **OTHER)
    service.submit(draft, _edition(draft), **BY)
    service.approve(draft, _edition(draft), **OTHER)
    with pytest.raises(Invalid, match="2026-06-01 is in the past"):
        service.publish(draft, _edition(draft), date(2026, 6, 1), **OTHER)
    with pytest.raises(Conflict):
        service.publish(draft, 1, DAY, **OTHER)
    with change_set(actor="x", title="", known_at=datetime(2026, 6, 1, tzinfo=UTC)) as w:
        w.change("rep", ground.cast.organisation.rolf, {"leave_date": date(2026, 7, 1)})
    with pytest.raises(Invalid, match="Rolf, who sits in “Rolf”, will have left on 2026-07-06"):
        service.publish(draft, _edition(draft), DAY, **OTHER)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    moves=st.lists(st.tuples(st.integers(0, 33), st.integers(-1, 2)), min_size=1, max_size=25),
    days=st.integers(0, 40),
    minutes=st.lists(st.integers(-3 * 24 * 60, 3 * 24 * 60), min_size=1, max_size=6),
)
def test_owners_change_at_the_start_of_the_day_and_only_those_that_were_moved(
    ground, moves, days, minutes
) -> None:
    """Before the day no instant knows of it; on it exactly the moved have another owner; taken
    back, every instant is as before."""
    day, zone = TODAY + timedelta(days=days), company().zone
    _on(TODAY)
    store.refresh()
    before = _owners()
    draft = service.create_draft("Any", [Attribute("accounts", 0.5)], **BY)
    for unit, to in moves:
        if loaded(draft).territory[unit] != to:
            service.move_units(draft, _edition(draft), [unit], to, **BY)
    found = loaded(draft)
    reps = found.reps[found.territory]
    moved = {int(a): int(rep) for a, rep, goes in
             zip(found.accounts.ids, reps, found.moved, strict=True) if goes}  # fmt: skip
    _published(draft, day)
    _on(day)
    (done,) = service.activate_due()
    starts = start_of_day(day, zone)
    for minute in minutes:
        at = starts + timedelta(minutes=minute)
        wanted = before | moved if minute >= 0 else before
        assert _owners(at) == wanted
    assert _owners(starts - timedelta(microseconds=1)) == before
    assert _owners(starts) == before | moved
    assert done.accounts == len(moved)
    service.take_back(draft, _edition(draft), **OTHER)
    assert _owners() == before and _owners(starts) == before
    _on(TODAY)
