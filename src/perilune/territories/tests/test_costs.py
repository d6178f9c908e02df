"""A plan by a matrix: balanced, connected, cheaper on the way, and what has no way is named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perilune.kernel.errors import Invalid
from perilune.territories.contracts import Effort, Request, Units, Working
from perilune.territories.engine import design
from perilune.territories.engine.costs import Costs, by_costs, nearest_candidates, travel_hours
from perilune.territories.testing import made_units
from perilune.territories.tests.test_engine import pieces

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]
LAW = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))


def roads(units: Units, at: np.ndarray, river: float | None = None) -> np.ndarray:
    """Minutes at 60 km/h; over the river, at that km east, it takes two hours more."""
    gap: np.ndarray = np.sqrt(((units.points[:, None] - units.points[at][None]) ** 2).sum(axis=2))
    if river is None:
        return gap
    side = units.points[:, 0] > river
    found: np.ndarray = gap + 120.0 * (side[:, None] != side[at][None])
    return found


@LAW
@given(n=st.integers(80, 220), k=st.integers(1, 5), seed=st.integers(0, 10**6),
       full=st.booleans())  # fmt: skip
def test_balance_and_connection_hold_and_the_way_is_not_longer_than_before(n, k, seed, full):
    units = made_units(n, seed)
    request = Request(k, (0.1,))
    plan = design(units, request, np.random.default_rng(0))
    at = np.arange(n, dtype=np.int32)
    if not full:
        at = at[nearest_candidates(plan.centres, units.points)]
    river = float(np.median(units.points[:, 0]))
    found = by_costs(units, request, plan, Costs(roads(units, at, river), at))
    assert found.plan.certificate.met == plan.certificate.met or found.plan.certificate.met
    assert pieces(units, found.plan.territory) == k
    proof = found.plan.certificate
    if proof.met:
        assert proof.bound <= proof.cost * (1 + 1e-9)
    if proof.met and plan.certificate.met:
        assert found.mean <= found.before * 1.02
    own = found.minutes[np.arange(n), found.plan.territory]
    assert found.mean == pytest.approx(float(np.average(own, weights=units.loads[:, 0])))
    assert not found.cut and not found.nowhere


def test_the_order_of_the_input_does_not_matter():
    units = made_units(120, 5)
    turn = np.random.default_rng(1).permutation(120)
    other = replace(units, ids=tuple(units.ids[i] for i in turn), points=units.points[turn],
                    loads=units.loads[turn])  # fmt: skip
    territories = []
    for one in (units, other):
        plan = design(one, Request(4, (0.1,)), np.random.default_rng(0))
        at = np.arange(120, dtype=np.int32)
        territories.append(by_costs(one, Request(4, (0.1,)), plan, Costs(roads(one, at), at)))
    assert territories[1].plan.territory.tolist() == territories[0].plan.territory[turn].tolist()


def test_a_river_parts_territories_that_a_straight_line_would_not():
    rng = np.random.default_rng(2)
    points = rng.uniform(0, 100, (200, 2))
    points[:, 1] *= 3
    units = replace(made_units(200), points=points, loads=np.ones((200, 1)))
    plan = design(units, Request(4, (0.1,)), np.random.default_rng(0))
    at = np.arange(200, dtype=np.int32)
    found = by_costs(units, Request(4, (0.1,)), plan, Costs(roads(units, at, 50.0), at))
    assert found.mean < 0.8 * found.before


def test_units_without_a_way_are_named():
    units = made_units(60, 3)
    plan = design(units, Request(3, (0.3,)), np.random.default_rng(0))
    at = nearest_candidates(plan.centres, units.points)
    minutes = roads(units, at)
    minutes[7] = np.inf
    minutes[9, 1:] = np.inf
    found = by_costs(units, Request(3, (0.3,)), plan, Costs(minutes, at))
    assert found.nowhere == (7,)
    assert set(found.cut) <= {7, 9}
    assert 7 in found.cut
    assert np.isfinite(found.mean)


def test_whoever_holds_an_account_keeps_it_for_the_minutes_it_is_worth():
    units = made_units(80, 4, owners=3)
    request = Request(3, (0.5,))
    plan = design(units, request, np.random.default_rng(0))
    at = np.arange(80, dtype=np.int32)
    moved = [
        by_costs(units, request, plan, Costs(roads(units, at), at), stay).plan.figures.moved
        for stay in (0.0, 1e6)
    ]
    assert moved[1] <= moved[0]


def test_a_matrix_that_cannot_be_taken_is_refused():
    units = made_units(20, 1)
    plan = design(units, Request(3, (0.5,)), np.random.default_rng(0))
    few = np.arange(2, dtype=np.int32)
    for minutes in (
        np.ones((20, 2)),
        np.ones((19, 2)),
        -np.ones((20, 2)),
        np.full((20, 2), np.inf),
    ):
        with pytest.raises(Invalid):
            by_costs(units, Request(3, (0.5,)), plan, Costs(minutes, few))


def test_hours_on_the_road_are_those_of_the_matrix():
    units = replace(made_units(40, 2), loads=np.ones((40, 1)))
    plan = design(units, Request(2, (0.2,)), np.random.default_rng(0))
    at = nearest_candidates(plan.centres, units.points)
    effort = Effort(np.full(40, 12.0), np.ones(40))
    hours = []
    for slow in (1.0, 2.0):
        found = by_costs(units, Request(2, (0.2,)), plan, Costs(slow * roads(units, at), at))
        hours.append(travel_hours(units, found, effort, Working(1000)))
    assert hours[1] == pytest.approx(2 * hours[0])
