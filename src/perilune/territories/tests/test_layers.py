"""Layers: plans of their own, of some accounts and some reps, side by side with one another."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from perilune.kernel.errors import Invalid, Refused
from perilune.kernel.scope import Scope
from perilune.people.queries import company, scope_for, user_named
from perilune.people.testing import login
from perilune.store import service as store
from perilune.territories import queries, service
from perilune.territories.contracts import Attribute, Criterion, Operator
from perilune.territories.queries.loading import loaded
from perilune.territories.testing import Ground, make_ground

pytestmark = pytest.mark.django_db(databases=["default", "queue"])
ALL = Scope.company()
BY: dict[str, Any] = {"actor": "analyst", "scope": ALL}
OTHER: dict[str, Any] = {"actor": "director", "scope": ALL}
LARGE = Criterion("segment", Operator.IN, ("Large",))
BALANCE = [Attribute("accounts", 0.5)]


@pytest.fixture
def ground() -> Ground:
    return make_ground(segments=("large", "small"))


def in_force(plan: int) -> None:
    """Submit, approve and publish a plan for today, and let its day come."""
    service.submit(plan, loaded(plan).head.edition, **BY)
    service.approve(plan, loaded(plan).head.edition, **OTHER)
    service.publish(plan, loaded(plan).head.edition, company().today.day, **OTHER)
    service.activate_due()
    store.refresh()


def specialists(ground: Ground, layer: str = "Specialists", *criteria: Criterion) -> int:
    """Return a plan of a layer in which Rolf holds every second account, Sara the others."""
    who = ground.cast.organisation
    plan = service.create_draft(
        layer, BALANCE, layer=layer, criteria=criteria or (LARGE,), reps=(who.rolf, who.sara), **BY
    )
    count = len(loaded(plan).territory)
    service.move_units(plan, 1, range(0, count, 2), 0, **BY)
    service.move_units(plan, 2, range(1, count, 2), 1, **BY)
    return plan


def test_a_plan_is_of_the_accounts_that_meet_all_its_conditions(ground: Ground) -> None:
    rich = Criterion("headcount", Operator.AT_LEAST, ("6",))
    plan = service.create_draft("Large", BALANCE, criteria=[LARGE, rich], **BY)
    wanted = {a for i, a in enumerate(ground.accounts) if i % 2 == 0 and 5 + i % 3 >= 6}
    assert set(loaded(plan).accounts.ids.tolist()) == wanted
    copy = service.clone_draft(plan, "Copy", **BY)
    assert queries.criteria_of(loaded(copy).head.settings) == (LARGE, rich)
    with pytest.raises(Invalid, match="compared with one number"):
        service.create_draft("x", BALANCE, criteria=[Criterion("headcount", Operator.BELOW,
                             ("few",))], **BY)  # fmt: skip
    with pytest.raises(Invalid, match="no accounts here"):
        service.create_draft("x", BALANCE, criteria=[Criterion("segment", Operator.IN,
                             ("none",))], **BY)  # fmt: skip


def test_a_layer_begins_with_a_territory_for_each_of_its_reps(ground: Ground) -> None:
    who = ground.cast.organisation
    plan = specialists(ground)
    rows = loaded(plan).rows
    assert [(row.name, row.rep_id) for row in rows] == [("Rolf", who.rolf), ("Sara", who.sara)]
    sheet = queries.sheet(plan, ALL, "analyst")
    assert [row.accounts for row in sheet.territories] == [10, 10]
    manager = user_named("sales_manager")
    assert manager is not None
    theirs = scope_for(manager, company().today)
    beyond = next(r for r in (who.rita, who.rolf, who.sara) if not theirs.sees(r))
    with pytest.raises(Refused, match="not one of your reps"):
        service.create_draft(
            "x", BALANCE, layer="x", reps=[beyond], actor="sales_manager", scope=theirs
        )


def test_layers_in_force_stand_side_by_side_and_end_nothing_of_each_other(ground: Ground) -> None:
    """An account then has one territory per layer, and its owner is that of the main one."""
    main = service.create_draft("Field", BALANCE, **BY)
    in_force(main)
    in_force(specialists(ground))
    before = {one.id for one in queries.in_force(company().today, ALL)}
    in_force(specialists(ground, "Key accounts", Criterion("headcount", Operator.IN, ("5",))))
    standing = queries.in_force(company().today, ALL)
    assert before < {one.id for one in standing}, "nothing ended"
    assert {one.layer for one in standing} == {"", "Specialists", "Key accounts"}
    held = queries.holder(ground.accounts[0], company().today, ALL)
    assert sorted(one.layer for one in held.territories) == ["", "Key accounts", "Specialists"]
    assert held.owner == "Rita" and loaded(main).head.state == "active"
    small = queries.holder(ground.accounts[1], company().today, ALL)
    assert [one.layer for one in small.territories] == [""], "it meets no layer's conditions"


def test_a_layer_that_follows_another_carries_its_territories_on(ground: Ground) -> None:
    first = specialists(ground)
    in_force(first)
    following = service.create_draft("Next", BALANCE, layer="Specialists", criteria=[LARGE], **BY)
    rows = loaded(following).rows
    assert [row.record_id for row in rows] == [row.record_id for row in loaded(first).rows]
    in_force(following)
    assert len(queries.in_force(company().today, ALL)) == 2
    assert loaded(first).head.state == "archived"


def test_the_page_makes_a_layer_from_conditions_and_says_what_it_is_of(ground: Ground) -> None:
    who = ground.cast.organisation
    client = Client()
    login(client, "analyst")
    asked = {
        "name": "Experts", "first": "accounts", "first_tolerance": "5", "hold_over": "all_stay",
        "layer": "Specialists", "reps": [str(who.rolf)], "field0": "segment", "operator0": "in",
        "values0": "large\nsmall", "field1": "headcount", "operator1": "at_least",
        "values1": "6",
    }  # fmt: skip
    answer = client.post("/territories/", asked)
    assert answer.status_code == 302, answer.content
    studio = client.get(answer.headers["Location"]).content.decode()
    assert "Layer “Specialists”, of accounts where “Segment” is large or small" in studio
    wrong = client.post("/territories/", asked | {"values1": "many"})
    assert wrong.status_code == 422 and "compared with one number" in wrong.content.decode()
    assert "“Segment” is large or small" in client.get("/territories/").content.decode()
