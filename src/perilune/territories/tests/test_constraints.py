"""Constraints of a plan: obeyed by designs, marked where broken, lifted and taken back."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from django.test import Client

from perilune.history.testing import made_once
from perilune.jobs import service as jobs
from perilune.jobs.contracts import State
from perilune.jobs.queries import recent_jobs
from perilune.kernel.errors import Invalid, Refused
from perilune.kernel.scope import Scope
from perilune.people.testing import login
from perilune.territories import queries, service
from perilune.territories.contracts import Asked, Attribute
from perilune.territories.queries.constraints import texts
from perilune.territories.queries.loading import loaded
from perilune.territories.testing import Ground, make_ground

pytestmark = pytest.mark.django_db(databases=["default", "queue"])
ALL = Scope.company()
BY: dict[str, Any] = {"actor": "analyst", "scope": ALL}
JSON: dict[str, Any] = {"headers": {"accept": "application/json"}}


@pytest.fixture
def ground() -> Ground:
    return make_ground(segments=("large", "small"))


@pytest.fixture
@made_once
def plan(ground: Ground) -> int:
    return service.create_draft("Autumn", [Attribute("accounts", 0.3)], **BY)


def design(plan: int, k: int = 3) -> None:
    edition = loaded(plan).head.edition
    job = service.design_draft(plan, edition, Asked(k=k), **BY)
    for step in range(9):
        jobs.step(job, step)
    assert recent_jobs(1, "territories.design")[0].state is State.DONE


def numbers(plan: int, ground: Ground, *which: int) -> list[int]:
    ids = loaded(plan).accounts.ids.tolist()
    return [ids.index(ground.accounts[at]) for at in which]


def breaches(plan: int) -> dict[str, int]:
    return {one.kind: one.breach for one in queries.constraints(plan, ALL, "analyst")}


def test_a_territory_kept_to_a_segment_gets_no_other_accounts(plan: int) -> None:
    service.bind_territory(plan, 1, 0, only={"segment": ["large"]}, **BY)
    assert breaches(plan)["only"] > 0, "what is there already and does not fit is marked"
    design(plan)
    found = loaded(plan)
    inside = (found.territory == 0) & found.accounts.placed
    segments = np.array(texts(found, "segment"))
    assert inside.any() and set(segments[inside]) == {"large"}
    assert found.rows[0].only == {"segment": ["large"]}


def test_accounts_that_belong_together_share_a_territory_and_those_apart_do_not(
    plan: int, ground: Ground
) -> None:
    ends, near = numbers(plan, ground, 0, 39), numbers(plan, ground, 20, 25)
    service.bind_accounts(plan, 1, ends, is_together=True, **BY)
    service.bind_accounts(plan, 2, near, is_together=False, **BY)
    assert breaches(plan) == {"together": 1, "apart": 2}
    design(plan)
    territory = loaded(plan).territory
    assert territory[ends[0]] == territory[ends[1]] and territory[near[0]] != territory[near[1]]
    assert breaches(plan) == {"together": 0, "apart": 0}
    with pytest.raises(Invalid, match="the other way"):
        service.bind_accounts(plan, 4, ends, is_together=False, **BY)
    with pytest.raises(Invalid, match="between 2 and"):
        service.bind_accounts(plan, 4, ends[:1], is_together=True, **BY)


def test_a_pinned_centre_draws_its_accounts(plan: int, ground: Ground) -> None:
    east = numbers(plan, ground, 39)
    service.bind_territory(plan, 1, 0, at_units=east, **BY)
    x, y = loaded(plan).rows[0].pin_x, loaded(plan).rows[0].pin_y
    assert (x, y) == pytest.approx(tuple(loaded(plan).accounts.points[east[0]]))
    design(plan)
    assert loaded(plan).territory[east[0]] == 0


def test_constraints_go_along_with_their_territory_and_are_taken_back(
    plan: int, ground: Ground
) -> None:
    service.bind_territory(plan, 1, 1, only={"segment": ["small"]}, is_pinned=True, **BY)
    service.remove_territory(plan, 2, 0, **BY)
    assert loaded(plan).rows[0].only == {"segment": ["small"]}, "it is number 0 now"
    service.undo(plan, 3, **BY)
    service.undo(plan, 4, **BY)
    assert not breaches(plan)
    service.redo(plan, 5, **BY)
    assert set(breaches(plan)) == {"only", "pin"}
    service.lift(plan, 6, "pin", 1, **BY)
    assert set(breaches(plan)) == {"only"}
    pair = numbers(plan, ground, 3, 4)
    service.bind_accounts(plan, 7, pair, is_together=True, **BY)
    service.lock(plan, 8, units=pair, **BY)
    service.lift(plan, 9, "together", 0, **BY)
    service.lift(plan, 10, "locked", 0, **BY)
    assert set(breaches(plan)) == {"only"}
    service.undo(plan, 11, **BY)
    service.undo(plan, 12, **BY)
    assert set(breaches(plan)) == {"only", "together", "locked"}


def test_the_page_lists_constraints_and_lifts_them(plan: int, ground: Ground) -> None:
    client = Client()
    login(client, "analyst")

    def shown() -> str:
        return " ".join(client.get(f"/territories/{plan}/").content.decode().split())

    assert "None. Choose accounts" in shown()
    drawer = client.get(f"/territories/{plan}/territory/0/").content.decode()
    assert 'value="segment=large"' in drawer
    fields = {"edition": "1", "only": ["segment=large"], "is_pinned": "on"}
    assert client.post(f"/territories/{plan}/territory/0/rules/", fields).status_code == 302
    assert "Rita holds only: Segment = large" in shown() and "broken by" in shown()
    units = ",".join(map(str, numbers(plan, ground, 0, 39)))
    bound = {"edition": "2", "units": units, "kind": "apart"}
    assert client.post(f"/territories/{plan}/bind/", bound, **JSON).json()["edition"] == 3
    assert "Apart: Account 0, Account 39" in shown()
    pinned = {"edition": "3", "units": units, "to": "1"}
    assert client.post(f"/territories/{plan}/pin/", pinned, **JSON).status_code == 200
    lifted = client.post(f"/territories/{plan}/lift/apart/0/", {"edition": "4"}, **JSON)
    assert json.loads(lifted.content)["edition"] == 5
    assert "Apart:" not in shown()


def test_whoever_sees_a_part_binds_only_their_own_territories(plan: int, ground: Ground) -> None:
    from perilune.people.queries import company, scope_for, user_named

    nora = user_named("sales_manager")
    assert nora is not None
    scope = scope_for(nora, company().today)
    theirs = queries.draft(plan, scope, "sales_manager").seen
    others = {row.number for row in loaded(plan).rows} - theirs
    who: dict[str, Any] = {"actor": "sales_manager", "scope": scope}
    with pytest.raises(Refused):
        service.bind_territory(plan, 1, min(others), only={"segment": ["large"]}, **who)
    with pytest.raises(Refused):
        service.bind_accounts(plan, 1, [0, 1], is_together=True, **who)
    service.bind_territory(plan, 1, min(theirs), only={"segment": ["large"]}, **who)
