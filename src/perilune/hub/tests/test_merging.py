"""Merging records: what survives, what moves, and that taking it back restores everything."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perilune.history import queries as history
from perilune.history.service import change_set, identity_add
from perilune.hub import service
from perilune.hub.contracts.merging import Rule, Rules
from perilune.kernel.errors import Conflict, Invalid, NotFound, Refused
from perilune.kernel.wiring import KINDS

pytestmark = [
    pytest.mark.django_db(databases=["default", "queue"]),
    pytest.mark.usefixtures("company"),
]

TOUCHED = (
    "account", "contact", "opportunity", "activity", "opportunity_contact", "case",
    "territory_account",
)  # fmt: skip


def create(kind: str, **values: Any) -> int:
    with change_set(actor="ana") as writer:
        return writer.create(kind, values)


def change(kind: str, record_id: int, **values: Any) -> None:
    with change_set(actor="ana") as writer:
        writer.change(kind, record_id, values)


def everything() -> dict[Any, Any]:
    """Return all that reads of these kinds can say: tables, states, who is known by which key."""
    found: dict[Any, Any] = {}
    for kind in TOUCHED:
        rows = history.model_of(KINDS.get(kind))._default_manager.order_by("id").values()
        found[kind] = list(rows), history.states_as_of(kind, None)
        found[kind, "keys"] = history.identity_keys("file", kind)
    return found


def two_accounts() -> tuple[int, int]:
    one = create("account", name="Acme", city="Paris", phone="+33 1 11")
    two = create("account", name="ACME SA", city="Paris", website="acme.fr", industry="Steel")
    return one, two


def test_what_refers_to_a_merged_account_refers_to_the_one_that_stays() -> None:
    one, two = two_accounts()
    contact = create("contact", name="Zoé", account_id=two)
    deal = create("opportunity", name="Big", account_id=two, contact_id=contact)
    call = create("activity", subject="Call", type="call", account_id=two)
    done = service.merge("account", [one, two], kept=one, actor="ana")
    for kind, record_id in (("contact", contact), ("opportunity", deal), ("activity", call)):
        assert history.raw_states(kind, [record_id])[record_id]["account_id"] == one
    assert history.state_as_of("account", two) is None
    assert (done.gone, done.moved) == ((two,), 3)


def test_the_kept_record_takes_what_it_lacks_and_keeps_what_it_has() -> None:
    one, two = two_accounts()
    service.merge("account", [one, two], kept=one, actor="ana")
    state = history.raw_states("account", [one])[one]
    assert state == {
        "name": "Acme", "city": "Paris", "phone": "+33 1 11", "website": "acme.fr",
        "industry": "Steel",
    }  # fmt: skip


def test_a_rule_of_the_company_and_a_choice_by_hand_say_whose_value_survives() -> None:
    one = create("account", name="Acme", phone="1", segment="S", industry="Steel")
    two = create("account", name="Acme Industries", phone="22", segment="L", industry="Iron")
    service.set_rules("account", Rules({"name": Rule.LONGEST, "segment": Rule.NEWEST}))
    plan = service.merge_preview("account", [one, two], kept=one, chosen={"phone": two})
    told = {o.field: (o.value, o.from_id, o.rule) for o in plan.outcomes if o.value is not None}
    assert told == {
        "name": ("Acme Industries", two, Rule.LONGEST), "segment": ("L", two, Rule.NEWEST),
        "phone": ("22", two, Rule.CHOSEN), "industry": ("Steel", one, Rule.KEPT),
    }  # fmt: skip


def test_a_source_that_is_trusted_more_wins_where_the_rule_says_so() -> None:
    one, two = two_accounts()
    with change_set(actor="ana", source="register") as writer:
        identity_add("register", "account", "R1", two, writer.id)
    service.set_rules("account", Rules({"name": Rule.SOURCE}, ("register",)))
    plan = service.merge_preview("account", [one, two], kept=one)
    assert next(o.value for o in plan.outcomes if o.field == "name") == "ACME SA"


def test_a_contact_that_both_duplicates_play_on_a_deal_is_there_once() -> None:
    one, two = (create("contact", name=name) for name in ("Zoé Martin", "Zoe Martin"))
    deal = create("opportunity", name="Big")
    roles = [create("opportunity_contact", opportunity_id=deal, contact_id=c) for c in (one, two)]
    plan = service.merge_preview("contact", [one, two], kept=one)
    assert (plan.moving, plan.dropped) == ({}, {"opportunity_contact": 1})
    service.merge("contact", [one, two], kept=one, actor="ana")
    assert list(history.states_as_of("opportunity_contact", roles)) == roles[:1]


def test_an_account_never_becomes_its_own_parent() -> None:
    one = create("account", name="Acme")
    two = create("account", name="Acme France", parent_id=one)
    service.merge("account", [one, two], kept=one, actor="ana")
    assert history.raw_states("account", [one])[one].get("parent_id") is None


def test_the_id_that_is_gone_leads_to_what_it_became_through_merges_of_merges() -> None:
    one, two, three = (create("account", name=f"Acme {at}") for at in range(3))
    service.merge("account", [one, two], kept=one, actor="ana")
    second = service.merge("account", [one, three], kept=three, actor="ana")
    assert history.merged_into("account", [two, one, three]) == {two: three, one: three}
    service.merge_undo(second.change_set_id, actor="ana")
    assert history.merged_into("account", [two, one, three]) == {two: one}


def test_a_merge_that_another_stands_on_is_taken_back_with_it_or_not_at_all() -> None:
    one, two, three = (create("account", name=f"Acme {at}") for at in range(3))
    contact = create("contact", name="Zoé", account_id=two)
    before = everything()
    first = service.merge("account", [one, two], kept=one, actor="ana")
    service.merge("account", [one, three], kept=three, actor="ana")
    with pytest.raises(Refused):
        service.merge_undo(first.change_set_id, actor="ana")
    assert history.raw_states("contact", [contact])[contact]["account_id"] == three
    undone = service.merge_undo(first.change_set_id, actor="ana", with_later=True)
    assert len(undone.change_set_ids) == 2
    assert everything() == before


def test_what_was_edited_after_the_merge_stands_and_is_told() -> None:
    one, two = two_accounts()
    done = service.merge("account", [one, two], kept=one, actor="ana")
    change("account", one, website="acme.com")
    undone = service.merge_undo(done.change_set_id, actor="ana")
    assert [(c.field, c.kept) for c in undone.conflicts] == [("website", "acme.com")]
    with pytest.raises(NotFound):
        service.merge_undo(done.change_set_id, actor="ana")


def test_sites_of_one_company_are_not_merged() -> None:
    one = create("account", name="Acme Lyon", siren="552100554", siret="55210055400013")
    two = create("account", name="Acme Lyon", siren="552100554", siret="55210055400021")
    with pytest.raises(Invalid, match="differ"):
        service.merge_preview("account", [one, two])


def test_records_that_changed_since_they_were_shown_are_not_merged_blindly() -> None:
    one, two = two_accounts()
    plan = service.merge_preview("account", [one, two])
    change("account", two, city="Lyon")
    with pytest.raises(Conflict):
        service.merge("account", [one, two], kept=plan.kept, mark=plan.mark, actor="ana")


@pytest.mark.parametrize("ids", [[], [1], [1, 1], [1, 999_999]])
def test_a_merge_of_nothing_to_merge_is_refused(ids: list[int]) -> None:
    one, _two = two_accounts()
    with pytest.raises((Invalid, NotFound)):
        service.merge("account", [one if at == 1 else at for at in ids], actor="ana")


Steps = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 5), st.booleans()), min_size=1, max_size=5
)
Links = st.lists(
    st.tuples(st.sampled_from(TOUCHED[1:]), st.integers(0, 5), st.integers(0, 3)), max_size=10
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(links=Links, steps=Steps)
def test_merges_of_merges_taken_back_restore_every_table(
    links: list[tuple[str, int, int]], steps: list[tuple[int, int, bool]]
) -> None:
    """After any merges, each state is restored exactly on the way back."""
    accounts = [create("account", name=f"A{at}", city=f"C{at % 2}") for at in range(6)]
    contacts = [create("contact", name=f"P{at}", account_id=accounts[at]) for at in range(4)]
    deals = [create("opportunity", name=f"D{at}", account_id=accounts[at]) for at in range(2)]
    for kind, account, contact in links:
        _link(kind, accounts[account], contacts[contact], deals)
    with change_set(actor="ana", source="file") as writer:
        for at, record_id in enumerate(accounts):
            identity_add("file", "account", f"F{at}", record_id, writer.id)
    states, sets = [everything()], []
    for one, two, is_contact in steps:
        kind, ids = ("contact", contacts) if is_contact else ("account", accounts)
        ends = {ids[one % len(ids)], ids[two % len(ids)]}
        if len(history.states_as_of(kind, list(ends))) < 2:
            continue
        sets.append(service.merge(kind, sorted(ends), actor="ana").change_set_id)
        states.append(everything())
    for set_id, before in zip(reversed(sets), reversed(states[:-1]), strict=True):
        service.merge_undo(set_id, actor="ana")
        assert everything() == before


def _link(kind: str, account: int, contact: int, deals: list[int]) -> None:
    values: dict[str, dict[str, Any]] = {
        "contact": {"name": "X", "account_id": account},
        "opportunity": {"name": "X", "account_id": account, "contact_id": contact},
        "activity": {"type": "call", "account_id": account, "contact_id": contact},
        "opportunity_contact": {"opportunity_id": deals[0], "contact_id": contact},
        "case": {"subject": "X", "account_id": account, "contact_id": contact},
        "territory_account": {
            "territory_id": 1, "account_id": account, "effective_from": "2026-01-01"
        },
    }  # fmt: skip
    create(kind, **values[kind])
