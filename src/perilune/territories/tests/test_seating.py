"""Who sells where: suggested seats with reasons, accepted as one change that is taken back."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from perilune.history.testing import made_once
from perilune.kernel.errors import Refused
from perilune.kernel.scope import Scope
from perilune.people.queries import company, scope_for, user_named
from perilune.people.testing import login
from perilune.territories import queries, service
from perilune.territories.contracts import Attribute
from perilune.territories.queries.loading import loaded
from perilune.territories.testing import make_ground

pytestmark = pytest.mark.django_db(databases=["default", "queue"])
ALL = Scope.company()
BY: dict[str, Any] = {"actor": "analyst", "scope": ALL}


@pytest.fixture
@made_once
def plan() -> int:
    make_ground(segments=("large", "small"))
    return service.create_draft("Autumn", [Attribute("accounts", 0.1)], **BY)


def reps(plan: int) -> list[int | None]:
    return [row.rep_id for row in loaded(plan).rows]


def test_whoever_holds_a_territory_is_suggested_for_it_and_breaks_nothing(plan: int) -> None:
    found = queries.seating(plan, ALL, "analyst")
    assert [one.rep_id for one in found] == reps(plan)
    assert all(one.kept == 1 and one.breaks == pytest.approx(0) for one in found)
    assert all(one.ground == pytest.approx(1) and one.given_up == 0 for one in found)
    assert all(one.segment is not None and 0 < one.segment <= 1 for one in found)


def test_seats_that_were_turned_round_are_set_right_in_one_change(plan: int) -> None:
    before = reps(plan)
    service.seat_all(plan, 1, {0: before[2], 2: before[0]}, **BY)
    client = Client()
    login(client, "analyst")
    address = f"/territories/{plan}/seats/"
    text = " ".join(client.get(address).content.decode().split())
    assert "Other reps would suit 2 territories better" in text and "holds 100% of it" in text
    client.post(address, {"edition": "2", "territory": ["0"]})
    assert reps(plan) == [before[0], before[1], before[0]]
    client.post(address, {"edition": "3", "which": "all"})
    assert reps(plan) == before
    service.undo(plan, 4, **BY)
    service.undo(plan, 5, **BY)
    assert reps(plan) == [before[2], before[1], before[0]]


def test_a_new_territory_without_a_rep_left_is_said_to_be_nobodys(plan: int) -> None:
    held = [unit for unit, at in enumerate(loaded(plan).territory) if at == 0]
    service.add_territory(plan, 1, "North", units=held[:3], **BY)
    found = queries.seating(plan, ALL, "analyst")
    assert [one.name for one in found if one.rep_id is None] == ["North"]


def test_whoever_sees_a_part_is_not_told_who_should_sit_elsewhere(plan: int) -> None:
    nora = user_named("sales_manager")
    assert nora is not None
    with pytest.raises(Refused):
        queries.seating(plan, scope_for(nora, company().today), "sales_manager")
