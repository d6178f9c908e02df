"""Leads are given by rules in their order, and in turn: exactly, fairly, and back again."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from math import gcd
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from perilune.history import queries as history
from perilune.history.service import change_set
from perilune.hub.contracts.routing import RouteRule, RouteVerb
from perilune.hub.engine.routing import Seller, Turns
from perilune.hub.queries.routing import route_runs, routing_rules, standing_turns
from perilune.hub.service.routing import route_apply, route_preview, route_undo, set_routing
from perilune.kernel.errors import Conflict, Invalid
from perilune.people.contracts import Role
from perilune.people.queries import company as the_company
from perilune.people.testing import login, make_user
from perilune.store import service as store

WEIGHTS = st.lists(st.sampled_from([20, 40, 50, 60, 80, 100]), min_size=1, max_size=6)


def sellers_of(weights: list[int]) -> list[Seller]:
    return [Seller(number, weight) for number, weight in enumerate(weights, 1)]


# -- the law of turns ------------------------------------------------------------------------------


@given(WEIGHTS, st.integers(1, 400))
def test_nobody_gets_more_than_one_lead_above_their_share(weights: list[int], leads: int) -> None:
    turns, sellers = Turns({}), sellers_of(weights)
    for _lead in range(leads):
        turns.take(sellers)
    for one in sellers:
        assert turns.given[one.rep_id] * sum(weights) < leads * one.weight + sum(weights)


@given(WEIGHTS, st.integers(1, 4))
def test_after_whole_rounds_everybody_has_exactly_their_share(
    weights: list[int], rounds: int
) -> None:
    turns, sellers = Turns({}), sellers_of(weights)
    unit = gcd(*weights)
    for _lead in range(rounds * sum(weights) // unit):
        turns.take(sellers)
    assert turns.given == {s.rep_id: rounds * s.weight // unit for s in sellers}
    assert not any(turns.added.values())


@given(st.integers(1, 8), st.integers(0, 60))
def test_sellers_of_full_time_take_turns_in_their_order(count: int, leads: int) -> None:
    turns, sellers = Turns({}), sellers_of([100] * count)
    assert [turns.take(sellers) for _lead in range(leads)] == [
        1 + lead % count for lead in range(leads)
    ]


@given(WEIGHTS, st.lists(st.integers(1, 20), min_size=1, max_size=6))
def test_many_routings_give_as_one(weights: list[int], sizes: list[int]) -> None:
    sellers = sellers_of(weights)
    once = Turns({})
    whole = [once.take(sellers) for _lead in range(sum(sizes))]
    earned: Counter[int] = Counter()
    parts: list[int | None] = []
    for size in sizes:
        turns = Turns(earned)
        parts += [turns.take(sellers) for _lead in range(size)]
        earned = Counter({s.rep_id: earned[s.rep_id] + turns.added[s.rep_id] for s in sellers})
    assert parts == whole


@given(WEIGHTS.filter(lambda w: len(w) > 1), st.integers(0, 9), st.integers(1, 30))
def test_whoever_is_away_neither_loses_nor_makes_up_for_a_turn(
    weights: list[int], before: int, away: int
) -> None:
    sellers = sellers_of(weights)
    turns = Turns({})
    for _lead in range(before):
        turns.take(sellers)
    held = turns.added[1]
    for _lead in range(away):
        turns.take([Seller(1, 0), *sellers[1:]])
    assert turns.added[1] == held
    assert turns.take([Seller(1, 100, room=0)]) is None


# -- in a home -------------------------------------------------------------------------------------


def create(kind: str, **values: Any) -> int:
    with change_set(actor="ana") as writer:
        return writer.create(kind, values)


@pytest.fixture
def team(company: None) -> tuple[int, list[int]]:
    """Return a team and its three sellers, the last one at half time."""
    day = date(2020, 1, 1)
    team_id = create("team", name="North")
    reps = [create("rep", name=name, hire_date=day) for name in ("Ana", "Ben", "Cleo")]
    for rep, fte in zip(reps, (1.0, 1.0, 0.5), strict=True):
        create(
            "assignment", rep_id=rep, team_id=team_id, role="seller", fte=fte, effective_from=day
        )
    return team_id, reps


def leads(count: int, **values: Any) -> list[int]:
    return [create("lead", name=f"Lead {n}", **values) for n in range(count)]


def owners(ids: list[int]) -> list[int | None]:
    states = history.states_as_of("lead", ids)
    return [states[one]["owner_id"] for one in ids]


@pytest.mark.django_db(databases=["default", "queue"])
def test_leads_go_to_the_owner_of_their_account_else_in_turn(team: tuple[int, list[int]]) -> None:
    team_id, (ana, ben, cleo) = team
    create("account", name="Dupont & Fils SARL", website="dupont.fr", owner_id=ben)
    known = create("lead", name="Zoé Roy", company="Dupont et Fils", email="zoe@dupont.fr")
    others = leads(5, country="France")
    abroad = create("lead", name="Far away", country="Peru")
    set_routing(
        [
            RouteRule(RouteVerb.ACCOUNT_OWNER),
            RouteRule(RouteVerb.ROUND_ROBIN, countries=("france",), team_id=team_id),
        ],
        actor="ana",
    )
    found = route_preview()
    assert (found.waiting, found.given) == (7, 6)
    first = found.lines[0]
    assert first.matched is not None
    assert (first.matched.title, first.rep, first.rule) == ("Dupont & Fils SARL", "Ben", 1)
    done = route_apply(actor="ana", mark=found.mark)
    assert done is not None and done.given == 6
    assert owners([known, abroad]) == [ben, None]
    assert Counter(owners(others)) == {ana: 2, ben: 2, cleo: 1}
    assert route_apply(actor="ana") is None  # nobody is left but the one no rule is for


@pytest.mark.django_db(databases=["default", "queue"])
def test_a_routing_that_is_taken_back_never_was(team: tuple[int, list[int]]) -> None:
    team_id, _reps = team
    ids = leads(4)
    set_routing([RouteRule(RouteVerb.ROUND_ROBIN, team_id=team_id)], actor="ana")
    before = route_preview()
    first = route_apply(actor="ana")
    assert first is not None
    leads(1)
    second = route_apply(actor="ana")
    assert second is not None
    kept = standing_turns()
    route_undo(first.id, actor="ana")
    assert owners(ids) == [None] * 4
    assert [run.is_standing for run in route_runs()] == [True, False]
    route_undo(second.id, actor="ana")
    assert not standing_turns() and kept
    assert [line.rep_id for line in route_preview().lines[:4]] == [
        line.rep_id for line in before.lines
    ]


@pytest.mark.django_db(databases=["default", "queue"])
def test_whoever_is_away_or_full_is_passed_over(team: tuple[int, list[int]]) -> None:
    team_id, (ana, ben, cleo) = team
    today = the_company().today.day
    create("absence", rep_id=ana, first_day=today, last_day=today + timedelta(days=3))
    ids = leads(4)
    set_routing([RouteRule(RouteVerb.ROUND_ROBIN, team_id=team_id, capacity=2)], actor="ana")
    assert route_apply(actor="ana") is not None
    assert Counter(owners(ids)) == {ben: 2, cleo: 1, None: 1}  # at half time one of two
    (left,) = route_preview().lines
    assert left.rule is None and left.why[0].why == "nobody of the team has room today"


@pytest.mark.django_db(databases=["default", "queue"])
def test_what_was_agreed_to_is_what_is_done(team: tuple[int, list[int]]) -> None:
    team_id, _reps = team
    leads(1)
    rule = RouteRule(RouteVerb.ROUND_ROBIN, sources=("Web",), team_id=team_id, capacity=3)
    set_routing([rule], actor="ana")
    assert routing_rules() == [rule]
    mark = route_preview().mark
    leads(1, source="web")
    with pytest.raises(Conflict):
        route_apply(actor="ana", mark=mark)
    with pytest.raises(Invalid):
        set_routing([RouteRule(RouteVerb.ROUND_ROBIN, team_id=None)], actor="ana")
    assert routing_rules() == [rule]


@pytest.mark.django_db(databases=["default", "queue"])
def test_a_lead_of_an_account_goes_to_whoever_holds_its_territory(
    team: tuple[int, list[int]],
) -> None:
    _team, (ana, ben, _cleo) = team
    day = date(2020, 1, 1)
    acme = create("account", name="Acme Steel", country="France", owner_id=ana)
    north = create("territory", name="North", effective_from=day)
    create("territory_seat", territory_id=north, rep_id=ben, role="owner", effective_from=day)
    create("territory_account", territory_id=north, account_id=acme, effective_from=day)
    store.refresh()
    lead = create("lead", name="Zoé Roy", company="ACME Steel")
    nowhere = create("lead", name="Nobody", company="Unheard of", country="Peru")
    set_routing([RouteRule(RouteVerb.TERRITORY)], actor="ana")
    lines = {line.lead_id: line for line in route_preview().lines}
    assert lines[lead].rep_id == ben
    assert lines[lead].why[-1].params == {"territory": "North"}
    assert lines[nowhere].rep_id is None


@pytest.mark.django_db(databases=["default", "queue"])
def test_the_page_shows_gives_and_takes_back(team: tuple[int, list[int]], client: Client) -> None:
    team_id, (ana, ben, _cleo) = team
    ids = leads(3)
    make_user(Role.OPS_DIRECTOR, "olga")
    login(client, Role.OPS_DIRECTOR)
    kept = client.post(
        reverse("hub:routing_rules"),
        {"verb-0": "round_robin", "team-0": str(team_id), "place-0": "2", "capacity-0": "9",
         "verb-1": "account_owner", "place-1": "1", "verb-2": ""},
    )  # fmt: skip
    assert kept.status_code == 302
    assert [rule.verb for rule in routing_rules()] == [
        RouteVerb.ACCOUNT_OWNER, RouteVerb.ROUND_ROBIN,
    ]  # fmt: skip
    page = client.get(reverse("hub:routing"))
    mark = page.context["found"].mark
    assert "Give 3 leads their owners" in page.content.decode()
    client.post(reverse("hub:routing_apply"), {"mark": mark})
    assert owners(ids)[:2] == [ana, ben]
    (run,) = route_runs()
    client.post(reverse("hub:routing_undo", args=[run.id]))
    assert owners(ids) == [None] * 3
