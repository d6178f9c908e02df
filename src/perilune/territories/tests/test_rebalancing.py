"""Re-balancing: no plan moves less than the floor, every move has a reason, a good plan stays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perilune.territories.contracts import Moved, Request
from perilune.territories.engine import design, match, rebalance
from perilune.territories.testing import made_units

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(n=st.integers(80, 160), seed=st.integers(0, 10**6))
def test_moved_workload_is_never_below_the_floor(n, seed):
    units = made_units(n, seed, owners=4)
    found = rebalance(units, Request(5, (0.1,)), np.random.default_rng(0))
    for one in found.frontier:
        if one.deviation <= 0.1 + 1e-9:
            assert one.moved >= found.floor - 1e-9
    moved = {hand.unit for hand in found.hands}
    assert moved == set(np.flatnonzero(found.plan.territory != units.owner).tolist())
    assert found.frontier[found.chosen].moved == pytest.approx(found.plan.figures.moved)


def test_re_running_on_a_good_plan_changes_nothing():
    units = made_units(300, 2)
    request = Request(5, (0.05,))
    plan = design(units, request, np.random.default_rng(0))
    held = replace(units, owner=plan.territory)
    found = rebalance(held, request, np.random.default_rng(0))
    assert found.plan.territory.tolist() == plan.territory.tolist()
    assert found.hands == ()
    assert found.floor == 0


def test_what_a_leaver_held_is_handed_on_and_a_starter_gets_a_territory():
    units = made_units(300, 4, owners=4)
    assert units.owner is not None
    owner = units.owner.copy()
    owner[owner == 3] = -1
    found = rebalance(replace(units, owner=owner), Request(4, (0.1,)), np.random.default_rng(0))
    reasons = {hand.unit: hand.reason for hand in found.hands}
    orphans = set(np.flatnonzero(owner < 0).tolist())
    assert {unit for unit, why in reasons.items() if why == Moved.UNHELD} == orphans
    assert found.plan.figures.empty == 0
    assert all(hand.cost == 0 for hand in found.hands if hand.reason == Moved.UNHELD)


def test_a_dearer_account_is_rather_left_with_its_holder():
    units = made_units(400, 8, owners=5)
    request = Request(5, (0.05,))
    dear = np.where(np.arange(400) % 2 == 0, 20.0, 0.05) * units.loads[:, 0]
    found = rebalance(replace(units, moving_cost=dear), request, np.random.default_rng(0))
    last = min(found.frontier[1:], key=lambda one: one.moved_cost)
    assert last.moved_cost < last.moved


def test_the_stay_penalty_trades_moves_for_compactness():
    units = made_units(500, 11, owners=6)
    found = rebalance(units, Request(6, (0.05,)), np.random.default_rng(0))
    met = [one for one in found.frontier if one.deviation <= 0.05 + 1e-9]
    assert met[-1].moved < met[0].moved
    assert met[-1].inertia > met[0].inertia


def test_fit_decides_where_held_load_does_not():
    shared = np.array([[1.0, 1.0], [1.0, 1.0]])
    fit = np.array([[0.1, 0.9], [0.8, 0.3]])
    seats = match(shared, fit)
    assert [seat.rep for seat in seats] == [1, 0]
    assert [seat.given_up for seat in seats] == [0, 0]
    assert seats[0].fit == 0.9


def test_who_does_not_get_their_best_is_told_what_was_given_up():
    shared = np.array([[5.0, 4.0], [0.0, 3.9]])
    seats = match(shared, None)
    assert [seat.rep for seat in seats] == [0, 1]
    mean = shared.sum() / 2
    assert seats[1].given_up == pytest.approx((4.0 - 3.9) / mean)
