"""The laws of a plan: complete, connected, locked, balanced, proved, whatever the order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from perilune.territories.contracts import Plan, Request, Units
from perilune.territories.engine import design
from perilune.territories.engine.graph import neighbours
from perilune.territories.testing import made_units

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]  # compiled once, on a busy machine

LAW = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))


def plan_of(units: Units, k: int, tolerance: float = 0.05, seed: int = 1, **asked: object) -> Plan:
    request = Request(k, (tolerance,) * len(units.names), **asked)  # type: ignore[arg-type]
    return design(units, request, np.random.default_rng(seed))


def pieces(units: Units, territory: np.ndarray) -> int:
    """Connected parts of all territories, counted by scipy on the same neighbours."""
    starts, links, __ = neighbours(units.points, units.edges)
    left = np.repeat(np.arange(len(territory)), np.diff(starts))
    same = territory[left] == territory[links]
    n = len(territory)
    graph = csr_matrix((np.ones(same.sum()), (left[same], links[same])), shape=(n, n))
    return int(connected_components(graph, directed=False)[0])


@LAW
@given(n=st.integers(30, 220), k=st.integers(1, 9), seed=st.integers(0, 10**6), quick=st.booleans())
def test_every_unit_is_in_one_territory_and_every_territory_is_in_one_piece(n, k, seed, quick):
    units = made_units(n, seed)
    plan = plan_of(units, k, 0.10, quick=quick)
    assert plan.territory.shape == (n,)
    assert set(plan.territory.tolist()) == set(range(k))
    assert pieces(units, plan.territory) == k
    assert plan.figures.cut_off == 0
    loads = np.bincount(plan.territory, units.loads[:, 0], k)
    assert loads == pytest.approx(plan.loads[:, 0])


@LAW
@given(n=st.integers(60, 200), k=st.integers(2, 6), seed=st.integers(0, 10**6))
def test_a_tolerance_said_to_be_met_is_met_and_the_bound_is_not_above_the_cost(n, k, seed):
    units = made_units(n, seed)
    plan = plan_of(units, k, 0.05)
    off = np.abs(plan.loads / plan.targets - 1).max()
    assert plan.certificate.met == bool(off <= 0.05 + 1e-9)
    if plan.certificate.met:
        assert plan.certificate.bound <= plan.certificate.cost * (1 + 1e-9)


@LAW
@given(n=st.integers(40, 150), k=st.integers(2, 6), seed=st.integers(0, 10**6))
def test_the_order_of_the_input_does_not_matter(n, k, seed):
    units = made_units(n, seed)
    turn = np.random.default_rng(seed).permutation(n)
    other = replace(
        units,
        ids=tuple(units.ids[i] for i in turn),
        points=units.points[turn],
        loads=units.loads[turn],
    )
    one, two = plan_of(units, k), plan_of(other, k)
    assert two.territory.tolist() == one.territory[turn].tolist()
    assert two.figures.inertia == pytest.approx(one.figures.inertia, rel=1e-9)


@LAW
@given(n=st.integers(60, 150), k=st.integers(2, 5), seed=st.integers(0, 10**6))
def test_locks_and_pairs_are_kept(n, k, seed):
    units = made_units(n, seed)
    rng = np.random.default_rng(seed)
    locked = np.full(n, -1, np.int32)
    some = rng.choice(n, 4, replace=False)
    locked[some[:2]] = rng.integers(0, k, 2)
    plan = plan_of(units, k, 0.2, locked=locked, together=((int(some[2]), int(some[3])),))
    assert (plan.territory[some[:2]] == locked[some[:2]]).all()
    assert plan.territory[some[2]] == plan.territory[some[3]]


@LAW
@given(n=st.integers(60, 150), seed=st.integers(0, 10**6))
def test_who_may_not_hold_a_unit_does_not_and_rivals_part(n, seed):
    units = made_units(n, seed)
    groups = (np.arange(n) % 3 == 0).astype(np.int32)
    allowed = np.array([[True, True, True, True], [True, True, False, False]])
    plan = plan_of(replace(units, group=groups), 4, 0.2, allowed=allowed, apart=((1, 2),))
    assert (plan.territory[groups == 1] < 2).all()
    assert plan.territory[1] != plan.territory[2]


def test_the_same_seed_gives_the_same_plan_again():
    units = made_units(200, 3)
    assert plan_of(units, 5).territory.tolist() == plan_of(units, 5).territory.tolist()


def test_several_attributes_are_balanced_at_once():
    units = made_units(600, 5, attributes=3)
    request = Request(6, (0.02, 0.05, 0.05))
    plan = design(units, request, np.random.default_rng(0))
    assert plan.certificate.met, plan.figures.deviation
    assert plan.figures.cut_off == 0


def test_every_seed_ends_near_the_most_compact_plan_and_a_first_look_not_far_from_it():
    units = made_units(600, 8)
    found = [plan_of(units, 10, 0.05, seed).certificate.cost for seed in range(4)]
    first = [plan_of(units, 10, 0.05, seed, quick=True).certificate.cost for seed in range(4)]
    assert max(found) <= 1.02 * min(found)
    assert max(first) <= 1.25 * min(found)


def test_one_territory_takes_all():
    units = made_units(40, 1)
    plan = plan_of(units, 1, 0.01)
    assert set(plan.territory.tolist()) == {0}
    assert plan.certificate.met
    assert plan.certificate.gap == pytest.approx(0, abs=1e-9)


def test_accounts_at_one_place_are_shared_out_all_the_same():
    units = replace(made_units(40, 1), points=np.zeros((40, 2)))
    plan = plan_of(units, 4, 0.25)
    assert plan.figures.empty == 0
    assert plan.certificate.met
    assert any("same place" in message for message, __ in plan.notes)


def test_accounts_on_one_line_are_shared_out():
    units = made_units(50, 2)
    points = np.column_stack([np.linspace(0, 100, 50), np.zeros(50)])
    plan = plan_of(replace(units, points=points), 3, 0.15)
    assert pieces(replace(units, points=points), plan.territory) == 3


def test_given_neighbours_are_followed_and_islands_are_said():
    units = made_units(40, 4)
    order = np.argsort(units.points[:, 0])
    chain = np.column_stack([order[:-1], order[1:]])
    broken = np.delete(chain, 20, axis=0).astype(np.int32)
    plan = plan_of(replace(units, edges=broken), 3, 0.3)
    assert any("without a link" in message for message, __ in plan.notes)
    assert plan.figures.cut_off == 0


def test_a_pinned_centre_stays_where_it_is():
    units = made_units(200, 6)
    pinned = np.full((4, 2), np.nan)
    pinned[2] = units.points.mean(axis=0)
    plan = plan_of(units, 4, 0.1, pinned=pinned)
    assert plan.centres[2] == pytest.approx(pinned[2])


def test_unequal_shares_are_met():
    units = made_units(300, 7)
    plan = plan_of(units, 3, 0.03, shares=np.array([2.0, 1.0, 1.0]))
    assert plan.loads[:, 0] / plan.loads.sum() == pytest.approx([0.5, 0.25, 0.25], rel=0.031)


def test_maps_are_crossed_with_every_pinned_centre_and_number_in_its_place():
    units = made_units(300, 9)
    pinned = np.full((6, 2), np.nan)
    pinned[[1, 4]] = units.points[[10, 200]]
    shares = np.array([1.0, 2.0, 1.0, 1.0, 1.0, 2.0])
    plan = plan_of(units, 6, 0.05, pinned=pinned, shares=shares)
    assert plan.centres[[1, 4]] == pytest.approx(pinned[[1, 4]])
    assert plan.loads[:, 0] / plan.loads.sum() == pytest.approx(shares / shares.sum(), rel=0.051)


@pytest.mark.parametrize(("points", "k"), [(1, 10), (3, 5), (10, 10)])
def test_units_that_share_their_points_are_balanced_as_whole_units_can_be(points, k):
    rng = np.random.default_rng(0)
    where = rng.uniform(0, 100, (points, 2))[rng.integers(0, points, 200)]
    units = replace(made_units(200, 1), points=where, loads=rng.lognormal(0, 0.8, (200, 1)))
    plan = plan_of(units, k, 0.01)
    assert plan.certificate.met
    assert plan.figures.cut_off == 0
