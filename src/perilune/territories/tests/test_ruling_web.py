"""The page of a plan's assignment rules: made, written, switched, applied, taken back."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from perilune.history.testing import made_once
from perilune.kernel.scope import Scope
from perilune.people.testing import login
from perilune.territories import queries, service
from perilune.territories.contracts import Attribute, Criterion, Operator
from perilune.territories.testing import Ground, make_ground
from perilune.territories.tests.test_ruling import arrives, key, put_in_force
from perilune.territories.web import ruled

pytestmark = pytest.mark.django_db(databases=["default", "queue"])
ALL = Scope.company()
BY: dict[str, Any] = {"actor": "director", "scope": ALL}
QUESTION = {"rank": "1", "field0": "segment", "operator0": "in", "values0": "large\r\n\r\nhuge"}


@pytest.fixture
def ground() -> Ground:
    return make_ground(30, segments=("large", "small"), country="FR")


@pytest.fixture
@made_once
def plan(ground: Ground) -> int:
    return service.create_draft("Autumn", [Attribute("accounts", 0.5)], **BY)


@pytest.fixture
def page(plan: int, client: Client) -> Client:
    login(client, "director")
    return client


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def rules(plan: int) -> Any:
    return queries.rule_book(plan, ALL, "director").rules


def test_rules_are_made_on_the_page_and_read_as_sentences(plan: int, page: Client) -> None:
    address = f"/territories/{plan}/rules/"
    assert f'href="{address}"' in text_of(page.get(f"/territories/{plan}/"))
    assert "No rule yet" in text_of(page.get(address))
    made = page.post(f"{address}make/", {"edition": "0", "first": "country", "code": "postcode"},
                     follow=True)  # fmt: skip
    text = text_of(made)
    assert "3 rules made." in text
    assert "Sara takes accounts where “Country” is FR and “Postcode” begins with 3." in text
    assert (
        "They put no account of the plan elsewhere" in text
        and "4 accounts of the plan: they stay" in text
    )


def test_the_sentences_are_french_in_french(plan: int, page: Client) -> None:
    page.post(f"/territories/{plan}/rules/make/", {"edition": "0", "first": "country",
                                                   "code": "postcode"})  # fmt: skip
    text = text_of(page.get(f"/territories/{plan}/rules/", headers={"accept-language": "fr"}))
    assert "Sara prend les comptes où « Pays » est FR" in text
    assert "commence par 3" in text


def test_fields_that_tell_nothing_are_said_beside_the_form(plan: int, page: Client) -> None:
    answer = page.post(f"/territories/{plan}/rules/make/", {"edition": "0", "first": "country"})
    assert answer.status_code == 422
    assert "tell no territory of the plan apart" in text_of(answer)


def test_a_rule_is_written_changed_switched_off_removed_and_taken_back(
    plan: int, page: Client
) -> None:
    address = f"/territories/{plan}/rules/"
    sara, rolf = key(plan, "Sara"), key(plan, "Rolf")
    page.post(f"{address}new/", {"edition": "0", "territory": sara, **QUESTION})
    (rule,) = rules(plan)
    assert rule.criteria == (Criterion("segment", Operator.IN, ("large", "huge")),)
    assert "They put 10 accounts of the plan elsewhere" in text_of(page.get(address))
    drawer = text_of(page.get(f"{address}{rule.id}/", headers={"hx-request": "true"}))
    assert "large huge</textarea>" in drawer and "<html" not in drawer
    page.post(f"{address}{rule.id}/", {"edition": "1", "territory": rolf, **QUESTION, "rank": "4"})
    assert [(one.name, one.rank) for one in rules(plan)] == [("Rolf", 4)]
    page.post(f"{address}{rule.id}/off/", {"edition": "2"})
    assert not rules(plan)[0].is_on
    page.post(f"{address}{rule.id}/remove/", {"edition": "3"})
    assert rules(plan) == ()
    for edition, left in ((4, "Rolf"), (5, "Rolf"), (6, "Sara")):
        page.post(f"{address}undo/", {"edition": str(edition)})
        assert [one.name for one in rules(plan)] == [left]
    assert page.post(f"{address}9/off/", {"edition": "7"}, follow=True).status_code == 200


def test_a_rule_that_cannot_be_is_said_to_be_with_what_was_typed(plan: int, page: Client) -> None:
    asked = {"edition": "0", "territory": key(plan, "Sara"), **QUESTION, "values0": " "}
    answer = page.post(f"/territories/{plan}/rules/new/", asked)
    assert answer.status_code == 422
    assert "Say which values of “segment” the rule asks for." in text_of(answer)
    assert rules(plan) == ()


def test_who_publishes_applies_the_rules_and_takes_that_back(plan: int, page: Client) -> None:
    put_in_force(plan)
    service.make_rules(plan, 0, [], "postcode", **BY)
    arrives("Fresh", "12500")
    address = f"/territories/{plan}/rules/"
    text = text_of(page.get(address))
    assert "1 account has arrived since the plan and is in no territory." in text
    assert "The rules place 1 of them." in text
    assert "Place 1 account from today" in text and "Fresh" in text
    done = text_of(page.post(f"{address}apply/", {"edition": "1"}, follow=True))
    assert "Placed from today on" in done and "1 account placed, 1 of them" in done
    (run,) = queries.rule_runs(plan, ALL, "director")
    page.post(f"{address}runs/{run.id}/back/")
    assert queries.rule_runs(plan, ALL, "director")[0].is_taken_back
    assert "1 of them with a new owner, taken back." in text_of(page.get(address))
    login(page, "analyst")
    text = text_of(page.get(address))
    assert "Who publishes plans applies their rules." in text and "Place 1 account" not in text
    assert page.post(f"{address}apply/", {"edition": "1"}).status_code == 403
    assert len(queries.rule_runs(plan, ALL, "director")) == 1


def test_whoever_sees_a_part_of_the_plan_is_sent_to_sales_operations(
    plan: int, page: Client
) -> None:
    login(page, "sales_manager")
    assert page.get(f"/territories/{plan}/rules/").status_code in (403, 404)
    assert page.get(f"/territories/{plan}/rules/new/").status_code in (403, 404)


def test_many_values_are_cut_in_the_sentence_and_counted() -> None:
    from perilune.territories.contracts import KeptRule

    values = tuple(f"{at:02d}" for at in range(30))
    rule = KeptRule(1, "0", "North", (Criterion("postcode", Operator.STARTS_WITH, values),))
    said = ruled.said_of(rule, {})
    assert said.endswith("begins with 00, 01, 02, 03, 04, 05, 06, 07, 08, 09 and 20 more.")
