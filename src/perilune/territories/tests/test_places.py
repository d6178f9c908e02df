"""Connection asked of places: a town shared by several territories cuts off none of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from perilune.territories.contracts import Request, Units
from perilune.territories.engine import design, grow, rebalance, seek
from perilune.territories.engine.graph import neighbours, places_within
from perilune.territories.testing import made_units

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]

LAW = settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))


def in_towns(n: int, seed: int, towns: int, attributes: int = 1) -> Units:
    """Units scattered by a kilometre around towns."""
    rng = np.random.default_rng(seed)
    middle = rng.uniform(0, 300, (towns, 2))
    points = middle[np.arange(n) % towns] + rng.normal(0, 1.0, (n, 2))
    return replace(made_units(n, seed, attributes=attributes), points=points)


def pieces(units: Units, place: np.ndarray, territory: np.ndarray) -> int:
    """Connected parts of all territories over places, counted by scipy."""
    starts, links, __ = neighbours(units.points, units.edges)
    left = np.repeat(np.arange(len(place)), np.diff(starts))
    count = int(place.max()) + 1
    beside = np.eye(count, dtype=bool)
    beside[place[left], place[links]] = True
    found = 0
    for a in np.unique(territory):
        inside = np.unique(place[territory == a])
        found += connected_components(csr_matrix(beside[np.ix_(inside, inside)]), directed=False)[0]
    return found


@LAW
@given(n=st.integers(60, 200), k=st.integers(2, 8), seed=st.integers(0, 10**6), m=st.integers(1, 3))
def test_every_territory_is_in_one_piece_over_the_places_given(n, k, seed, m):
    units = in_towns(n, seed, 12, m)
    towns = replace(units, place=(np.arange(n) % 12).astype(np.int32))
    plan = design(towns, Request(k, (0.2,) * m), np.random.default_rng(0))
    assert set(plan.territory.tolist()) == set(range(k))
    assert plan.figures.cut_off == 0
    assert pieces(units, np.arange(n) % 12, plan.territory) == k


@LAW
@given(n=st.integers(60, 160), seed=st.integers(0, 10**6), near=st.floats(0.5, 20))
def test_locks_hold_and_the_order_of_the_input_does_not_matter(n, seed, near):
    units = in_towns(n, seed, 9, 2)
    locked = np.full(n, -1, np.int32)
    locked[:2] = [0, 1]
    turn = np.random.default_rng(seed).permutation(n)
    other = replace(
        units, ids=tuple(units.ids[i] for i in turn), points=units.points[turn],
        loads=units.loads[turn],
    )  # fmt: skip
    request = Request(4, (0.2, 0.3), locked=locked, near=near)
    one = design(units, request, np.random.default_rng(1))
    two = design(other, replace(request, locked=locked[turn]), np.random.default_rng(1))
    assert one.territory[:2].tolist() == [0, 1]
    assert two.territory.tolist() == one.territory[turn].tolist()


@LAW
@given(n=st.integers(20, 200), seed=st.integers(0, 10**6), near=st.floats(0.2, 30))
def test_no_place_is_wider_than_twice_its_distance_and_each_unit_has_one(n, seed, near):
    points = in_towns(n, seed, 7).points
    place = places_within(points, near)
    assert set(place.tolist()) == set(range(place.max() + 1))
    for number in range(place.max() + 1):
        inside = points[place == number]
        gaps = np.hypot(*(inside[:, None] - inside[None]).transpose(2, 0, 1))
        assert gaps.max() <= 2 * near + 1e-9
        assert gaps.max(axis=1).min() <= near + 1e-9 or len(inside) == 1


def test_where_reps_share_every_town_a_high_price_keeps_nearly_all_where_they_are():
    units = in_towns(240, 3, 8)
    # four reps, each with every fourth account of each town: balanced to begin with
    owner = ((np.arange(240) // 8) % 4).astype(np.int32)
    held = replace(units, loads=np.ones((240, 1)), owner=owner)
    moved, told = {}, {}
    for near in (1e-6, 0.0, 5.0):  # of accounts, whatever holders have; as it is best; of places
        request = Request(4, (0.1,), near=near)
        centres, price = seek(held, request, np.random.default_rng(0))
        inertia = grow(held, request, centres, price).figures.inertia
        kept = grow(held, replace(request, stay=300 * inertia), centres, price)
        assert kept.figures.cut_off == 0
        assert kept.certificate.met
        moved[near] = kept.figures.moved
        told[near] = [dict(words)["share"] for __, words in kept.notes if "km" in dict(words)]
    assert max(moved[0.0], moved[5.0]) <= 0.05 + 1e-9  # the floor is 0: nobody has too much
    assert moved[1e-6] > 0.3
    assert int(told[0.0][0]) > 50
    assert told[1e-6] == told[5.0] == []


def test_the_frontier_goes_from_scratch_to_next_to_nothing_moved_where_reps_share_towns():
    units = in_towns(400, 5, 9)
    owner = ((np.arange(400) // 9) % 5).astype(np.int32)
    held = replace(units, loads=np.ones((400, 1)), owner=owner)
    found = rebalance(held, Request(5, (0.1,)), np.random.default_rng(0))
    assert all(one.is_met and one.cut_off == 0 for one in found.frontier)
    assert found.frontier[0].moved > 0.3
    assert found.frontier[-1].moved <= 0.02


@LAW
@given(n=st.integers(80, 160), seed=st.integers(0, 10**6))
def test_moved_workload_is_never_below_the_floor_over_places_either(n, seed):
    units = replace(in_towns(n, seed, 10), owner=np.arange(n, dtype=np.int32) % 4)
    found = rebalance(units, Request(5, (0.15,), near=3.0), np.random.default_rng(0))
    for one in found.frontier:
        assert one.cut_off == 0
        if one.deviation <= 0.15 + 1e-9:
            assert one.moved >= found.floor - 1e-9


def test_re_running_on_a_good_plan_over_places_changes_nothing():
    units = in_towns(300, 2, 30)
    request = Request(5, (0.05,), near=3.0)
    plan = design(units, request, np.random.default_rng(0))
    found = rebalance(replace(units, owner=plan.territory), request, np.random.default_rng(0))
    assert found.plan.territory.tolist() == plan.territory.tolist()
    assert found.hands == ()


def test_accounts_within_reach_of_each_other_share_a_place():
    points = np.array([[0.0, 0.0], [1.0, 0.0], [50.0, 0.0], [51.0, 0.0]])
    place = places_within(points, 2.0)
    assert place[0] == place[1] != place[2] == place[3]
