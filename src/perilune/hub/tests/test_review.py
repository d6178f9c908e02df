"""Looking for duplicates in a home: groups, answers that teach, merges of many, and back."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from perilune.history import queries as history
from perilune.history.service import change_set, identity_add
from perilune.history.testing import made_once
from perilune.hub.contracts.duplicates import Thresholds
from perilune.hub.contracts.merging import Rule, Rules
from perilune.hub.contracts.review import GroupState
from perilune.hub.queries import duplicates as queries
from perilune.hub.service import judging as service
from perilune.hub.service import looking
from perilune.hub.service import merging as service_of_merging
from perilune.kernel.errors import Invalid, NotFound, Refused
from perilune.kernel.scope import Scope
from perilune.people.testing import login, make_user

pytestmark = [
    pytest.mark.django_db(databases=["default", "queue"]),
    pytest.mark.usefixtures("company"),
]
ALL = Scope.company()
CITIES = ("Lyon", "Paris", "Lille", "Nantes", "Brest", "Nice", "Metz", "Dijon", "Tours", "Reims")


def create(kind: str = "account", **values: Any) -> int:
    with change_set(actor="ana") as writer:
        return writer.create(kind, values)


@pytest.fixture
@made_once
def accounts() -> dict[str, int]:
    """Thirty companies, two of them there twice, and two that only look alike."""
    ids = {}
    for at in range(30):
        city = CITIES[at % 10]
        ids[f"a{at}"] = create(
            name=f"{city} {('Steel', 'Paper', 'Foods')[at // 10]} {chr(65 + at)}x",
            city=city, phone=f"+33 4 72 00 {at:02d} 11", street=f"{at + 1} rue du Port",
            postcode=f"{69000 + at}",
        )  # fmt: skip
    ids["same"] = create(
        name="LYON STEEL Ax", city="Lyon", phone="04 72 00 00 11", street="1, rue du port",
        postcode="69000",
    )  # fmt: skip
    ids["same2"] = create(
        name="Paris Steel Bx SARL", city="Paris", phone="04 72 00 01 11", street="2 rue du Port",
        postcode="69001",
    )  # fmt: skip
    return ids


def test_records_that_are_one_thing_stand_in_one_group_with_the_reasons(
    accounts: dict[str, int],
) -> None:
    looking.search("account", actor="ana")
    lines = queries.groups("account", ALL)
    assert {frozenset(line.ids) for line in lines} == {
        frozenset((accounts["a0"], accounts["same"])),
        frozenset((accounts["a1"], accounts["same2"])),
    }  # fmt: skip
    view = queries.group(lines[0].id, ALL)
    assert view.pairs[0].probability > 0.9
    assert {part.column for part in view.pairs[0].parts} >= {"name", "phone", "street"}


def test_a_group_is_merged_and_taken_back_to_be_judged_again(accounts: dict[str, int]) -> None:
    looking.search("account", actor="ana")
    first = queries.groups("account", ALL)[0]
    done = service.group_merge(first.id, actor="ana", scope=ALL)
    assert queries.group(first.id, ALL).state is GroupState.MERGED
    assert [line.change_set_id for line in queries.merges(ALL)] == [done.change_set_id]
    service.undo(done.change_set_id, actor="ana")
    assert queries.group(first.id, ALL).state is GroupState.OPEN
    assert queries.merges(ALL)[0].undone_at is not None


def test_what_was_called_different_is_not_brought_up_again(accounts: dict[str, int]) -> None:
    looking.search("account", actor="ana")
    first = queries.groups("account", ALL)[0]
    service.group_different(first.id, actor="ana", scope=ALL)
    looking.search("account", actor="ana")
    assert first.ids not in {line.ids for line in queries.groups("account", ALL)}
    search = queries.last_search("account")
    assert search is not None and search.answers == 1


def test_a_word_taken_back_is_forgotten(accounts: dict[str, int]) -> None:
    looking.search("account", actor="ana")
    first = queries.groups("account", ALL)[0]
    service.group_different(first.id, actor="ana", scope=ALL)
    service.group_reopen(first.id, scope=ALL)
    looking.search("account", actor="ana")
    assert first.ids in {line.ids for line in queries.groups("account", ALL)}


def test_an_answer_teaches_by_the_values_that_it_was_given_on(accounts: dict[str, int]) -> None:
    looking.search("account", actor="ana")
    for line in queries.groups("account", ALL):
        service.group_merge(line.id, actor="ana", scope=ALL)
    table = looking._Table.read("account")
    assert len(table.ids) == 30
    assert len(table.keys) == 32  # the two that are gone teach as they were
    assert [label.same for label in table.labels] == [True, True]


def test_a_part_of_a_group_is_merged_and_the_rest_is_learnt_to_be_different(
    accounts: dict[str, int],
) -> None:
    third = create(name="Lyon Steel Ax", city="Lyon", phone="04 72 00 00 11")
    looking.search("account", actor="ana")
    group = next(line for line in queries.groups("account", ALL) if third in line.ids)
    service.group_merge(group.id, actor="ana", scope=ALL, ids=[accounts["a0"], accounts["same"]])
    looking.search("account", actor="ana")
    assert not any(third in line.ids for line in queries.groups("account", ALL))


def test_many_sure_groups_are_merged_at_once_and_taken_back_at_once(
    accounts: dict[str, int],
) -> None:
    looking.search("account", actor="ana")
    would = service.mass_merge("account", actor="ana", scope=ALL, at_least=0.5, dry_run=True)
    before = set(history.states_as_of("account", None))
    done = service.mass_merge("account", actor="ana", scope=ALL, at_least=0.5)
    assert (would.groups, would.gone) == (done.groups, done.gone) == (2, 2)
    assert len(history.states_as_of("account", None)) == len(before) - 2
    assert done.id is not None
    service.mass_undo(done.id, actor="ana")
    assert set(history.states_as_of("account", None)) == before


def test_a_cap_holds_a_mass_merge(accounts: dict[str, int]) -> None:
    looking.search("account", actor="ana")
    assert service.mass_merge("account", actor="ana", scope=ALL, at_least=0.5, most=1).groups == 1


def test_a_group_with_a_record_of_somebody_else_is_not_shown(accounts: dict[str, int]) -> None:
    looking.search("account", actor="ana")
    group = queries.groups("account", ALL)[0]
    nobody = Scope("mine", owners=frozenset({999}))
    assert queries.groups("account", nobody) == []
    with pytest.raises(Refused):
        queries.group(group.id, nobody)


def test_contacts_are_found_by_rule_and_no_probability_is_claimed() -> None:
    firm = create(name="Acme")
    for at in range(12):
        create("contact", name=f"Person {chr(65 + at)}o", account_id=firm, phone="01 99 00 23 25")
    one = create("contact", name="Zoé Martin", account_id=firm)
    two = create("contact", name="Martin Zoe", account_id=firm)
    looking.search("contact", actor="ana")
    found = queries.groups("contact", ALL)
    assert [(line.ids, line.weakest, line.rule) for line in found] == [
        ((one, two), None, "name_place")
    ]
    service.group_different(found[0].id, actor="ana", scope=ALL)
    looking.search("contact", actor="ana")
    assert queries.groups("contact", ALL) == []


def test_a_search_of_nothing_and_one_that_was_replaced_are_refused() -> None:
    with pytest.raises(Invalid):
        looking.search("account", actor="ana")
    with pytest.raises(Invalid):
        looking.search_start("opportunity", actor="ana")
    with pytest.raises(Invalid):
        looking.search_start("account", actor="ana", thresholds=Thresholds(0.2, 0.8))
    with pytest.raises(NotFound):
        looking._step({"search": 99}, {})


def test_the_page_of_rules_keeps_them_and_the_trust_in_sources(client: Client) -> None:
    with change_set(actor="ana", source="register") as writer:
        one = writer.create("account", {"name": "Acme"})
        identity_add("register", "account", "R1", one, writer.id)
    make_user("analyst")
    login(client, "analyst")
    address = "/data/duplicates/account/rules/"
    assert "register" in client.get(address).content.decode()
    form = {"rule-name": "longest", "rule-city": "kept", "rule-phone": "x", "source-register": "1"}
    assert client.post(address, form).status_code == 302
    assert service_of_merging.rules_of("account") == Rules({"name": Rule.LONGEST}, ("register",))
    assert client.get("/data/duplicates/opportunity/rules/").status_code == 404
