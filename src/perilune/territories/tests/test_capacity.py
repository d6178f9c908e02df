"""The fewest territories whose hours a rep can give, the road counted with the visits."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perilune.kernel.errors import Invalid
from perilune.territories.contracts import Effort, Plan, Request, Units, Working
from perilune.territories.engine import design, fewest, road_hours

pytestmark = pytest.mark.engine


def places(count: int, spread: float, seed: int = 1) -> Units:
    rng = np.random.default_rng(seed)
    points = rng.random((count, 2)) * spread
    return Units(tuple(map(str, range(count))), points, np.ones((count, 1)), ("count",))


def plan_of(units: Units, k: int) -> Plan:
    return design(units, Request(k, (0.2,)), np.random.default_rng(0))


def effort(count: int, visits: float, hours: float) -> Effort:
    return Effort(np.full(count, visits), np.full(count, hours))


def test_one_account_at_the_centre_asks_for_no_road() -> None:
    units = Units(("a",), np.zeros((1, 2)), np.ones((1, 1)), ("count",))
    assert road_hours(units, plan_of(units, 1), effort(1, 12, 1), Working(1600))[0] == 0


def test_the_road_is_that_of_the_formula() -> None:
    corners = np.array([[0.0, 0.0], [30.0, 0.0], [0.0, 40.0], [30.0, 40.0]])
    units = Units(("a", "b", "c", "d"), corners, np.ones((4, 1)), ("count",))
    working = Working(1600, stops=4, speed=50, detour=1.0)
    found = road_hours(units, plan_of(units, 1), effort(4, 10, 1), working)[0]
    # 40 visits, each 25 km from the centre, four on a tour; ten rounds between four stops
    by_hand = (2 * 25 * 40 / 4 + 10 * 0.57 * math.sqrt(30 * 40 * 4)) / 50
    assert found == pytest.approx(by_hand)


def test_without_a_road_the_visits_alone_decide() -> None:
    units = places(60, spread=1e-6)
    found = fewest(units, effort(60, 20, 2), Working(500), lambda k: plan_of(units, k))
    assert len(found.plan.names) == math.ceil(60 * 20 * 2 / 500)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 50), st.sampled_from([5.0, 100.0, 400.0]))
def test_the_hours_hold_and_with_one_territory_less_they_do_not(seed: int, spread: float) -> None:
    units, working = places(80, spread, seed), Working(900)
    asked = effort(80, 24, 1.5)
    found = fewest(units, asked, working, lambda k: plan_of(units, k))
    k, tried = len(found.plan.names), dict(found.tried)
    assert found.visits + found.road <= k * working.hours
    # whatever was looked at below does not hold: the bracket is closed
    assert all(hours > fewer * working.hours for fewer, hours in tried.items() if fewer < k)
    assert k == math.ceil(found.visits / working.hours) or k - 1 in tried


def test_a_wide_country_needs_more_reps_than_a_town() -> None:
    asked, working = effort(120, 24, 1), Working(900)
    near, far = places(120, 10), places(120, 800)
    town = fewest(near, asked, working, lambda k: plan_of(near, k))
    country = fewest(far, asked, working, lambda k: plan_of(far, k))
    assert len(country.plan.names) > len(town.plan.names)


def test_an_account_that_asks_for_more_than_a_rep_has_is_named() -> None:
    units = places(3, 10)
    asked = Effort(np.array([1.0, 2000.0, 1.0]), np.ones(3))
    with pytest.raises(Invalid) as told:
        fewest(units, asked, Working(1500), lambda k: plan_of(units, k))
    assert told.value.params == {"id": "1", "hours": 2000, "have": 1500}
