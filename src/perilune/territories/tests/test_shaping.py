"""Territories by hand and the honesty of the page: split, merged, added; proofs and gaps said."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from perilune.history.testing import made_once
from perilune.jobs import service as jobs
from perilune.jobs.contracts import State
from perilune.jobs.queries import recent_jobs
from perilune.kernel.errors import Invalid
from perilune.kernel.scope import Scope
from perilune.people.testing import login
from perilune.territories import queries, service
from perilune.territories.contracts import Asked, Attribute
from perilune.territories.queries.loading import loaded
from perilune.territories.testing import make_ground

pytestmark = pytest.mark.django_db(databases=["default", "queue"])
ALL = Scope.company()
BY: dict[str, Any] = {"actor": "analyst", "scope": ALL}


@pytest.fixture
@made_once
def plan() -> int:
    make_ground()
    return service.create_draft("Autumn", [Attribute("accounts", 0.1)], **BY)


def of(plan: int, territory: int) -> list[int]:
    return [unit for unit, where in enumerate(loaded(plan).territory) if where == territory]


def run(job: int) -> None:
    for step in range(9):
        jobs.step(job, step)
    assert recent_jobs(1, "territories.design")[0].state is State.DONE


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_a_territory_is_split_in_balanced_halves_and_put_together_again(plan: int) -> None:
    whole, before = of(plan, 0), loaded(plan)
    run(service.split_territory(plan, 1, 0, **BY))
    halves = of(plan, 0), of(plan, 3)
    placed = loaded(plan).accounts.placed
    assert sorted(halves[0] + halves[1]) == whole
    sizes = [sum(bool(placed[unit]) for unit in half) for half in halves]
    assert abs(sizes[0] - sizes[1]) <= 1 and min(sizes) > 0
    assert [row.name for row in loaded(plan).rows] == ["Rita", "Rolf", "Sara", "Rita 2"]
    service.undo(plan, 2, **BY)
    assert (loaded(plan).territory == before.territory).all()
    assert loaded(plan).rows == before.rows


def test_locked_accounts_stay_in_the_half_that_keeps_the_name(plan: int) -> None:
    placed = loaded(plan).accounts.placed
    locked = [unit for unit in of(plan, 0) if placed[unit]][:2]
    service.lock(plan, 1, units=locked, **BY)
    run(service.split_territory(plan, 2, 0, **BY))
    assert set(locked) <= set(of(plan, 0)) and of(plan, 3)


def test_what_cannot_be_split_is_said_at_once(plan: int) -> None:
    service.lock(plan, 1, units=of(plan, 0), **BY)
    with pytest.raises(Invalid, match="needs two accounts"):
        service.split_territory(plan, 2, 0, **BY)


def test_two_territories_are_merged_and_the_merger_is_taken_back(plan: int) -> None:
    one, other = of(plan, 0), of(plan, 1)
    service.merge(plan, 1, 0, 1, **BY)
    assert of(plan, 0) == sorted(one + other)
    assert [row.name for row in loaded(plan).rows] == ["Rita", "Sara"]
    service.undo(plan, 2, **BY)
    assert (of(plan, 0), of(plan, 1)) == (one, other)


def test_a_territory_begins_with_what_was_chosen_and_its_page_says_how(plan: int) -> None:
    client = Client()
    login(client, "analyst")
    address = f"/territories/{plan}/territory/new/"
    assert "New territory" in text_of(client.get(address, headers={"hx-request": "true"}))
    chosen = of(plan, 0)[:3]
    fields = {"edition": "1", "name": "North", "units": ",".join(map(str, chosen))}
    assert client.post(address, fields).status_code == 302
    assert of(plan, 3) == chosen
    assert "There is a territory" in text_of(client.post(address, {**fields, "edition": "2"}))
    text = text_of(client.get(f"/territories/{plan}/territory/3/"))
    assert "Split in two" in text and "Its accounts go to" in text
    for verb, more in (("merge", {"other": "3"}), ("remove", {"to": ""})):
        edition = str(queries.draft(plan, ALL, "analyst").head.edition)
        client.post(f"/territories/{plan}/territory/0/{verb}/", {"edition": edition, **more})
    assert len(loaded(plan).rows) == 2
    assert queries.sheet(plan, ALL, "analyst").unassigned == len(chosen) + 14


def test_a_proof_is_told_only_of_the_plan_that_was_designed(plan: int) -> None:
    client = Client()
    login(client, "analyst")
    run(service.design_draft(plan, 1, Asked(k=3), **BY))

    def shown() -> str:
        return text_of(client.get(f"/territories/{plan}/"))

    assert "Cut off from the main part" in shown()
    service.rename(plan, 2, 0, "West", **BY)
    assert "Cut off from the main part" in shown(), "a name proves nothing less"
    service.move_units(plan, 3, of(plan, 0)[:1], 1, **BY)
    text = shown()
    assert "Cut off from the main part" not in text
    assert "The proof is of edition 2 and the plan was changed since" in text
    copy = service.clone_draft(plan, "Copy", **BY)
    assert "proof" not in loaded(copy).head.settings
    service.undo(plan, 4, **BY)
    assert "Cut off from the main part" in shown(), "it is the plan that was designed again"


def test_what_is_not_known_is_said_where_the_figures_are_with_its_accounts(plan: int) -> None:
    client = Client()
    login(client, "analyst")
    made = service.create_draft("Worth", [Attribute("field:annual_revenue", 0.1)], **BY)
    [gap] = [one for one in queries.gaps(made, ALL, "analyst") if not one.is_rate]
    ids = queries.lacking(made, gap.what, ALL, "analyst")
    assert gap.count == len(ids) == 4, "two without a place, two of the book"
    said = "Annual revenue of 4 accounts is not known and counts as nothing."
    assert said in text_of(client.get(f"/territories/{made}/"))
    listed = text_of(client.get(f"/territories/{made}/accounts/?lacks={gap.what}"))
    assert "4 of 4 accounts" in listed and "Nowhere 0" in listed
    places = text_of(client.get(f"/territories/{plan}/accounts/?lacks=place"))
    assert "4 of 4 accounts" in places
