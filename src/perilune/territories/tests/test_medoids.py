"""Territories around units: connected, within bounds, and optimal where that can be counted out."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perilune.kernel.errors import Invalid
from perilune.territories.engine.medoids import around_units

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**6))
def test_without_bounds_it_is_the_p_median_that_counting_finds(seed):
    rng = np.random.default_rng(seed)
    points = rng.uniform(0, 10, (9, 2))
    distance = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    loads = np.ones((9, 1))
    plan = around_units(
        distance, loads, np.zeros(1), np.array([9.0]), 3, np.random.default_rng(0), trials=120
    )
    best = min(distance[:, list(some)].min(axis=1).sum() for some in combinations(range(9), 3))
    assert plan.cost == pytest.approx(best)
    assert plan.beyond == 0


def test_bounds_and_neighbours_are_kept():
    rng = np.random.default_rng(1)
    points = np.column_stack([np.arange(12.0), np.zeros(12)])
    distance = np.abs(points[:, 0][:, None] - points[:, 0][None])
    edges = np.column_stack([np.arange(11), np.arange(1, 12)]).astype(np.int32)
    level = np.array([4.0])
    plan = around_units(distance, np.ones((12, 1)), level, level, 3, rng, edges, trials=40)
    assert plan.beyond == 0
    assert (np.diff(plan.territory) != 0).sum() == 2
    assert plan.cost == 3 * (1 + 0 + 1 + 2)


def test_more_territories_than_units_is_refused():
    with pytest.raises(Invalid):
        around_units(
            np.zeros((2, 2)), np.ones((2, 1)), np.zeros(1), np.ones(1), 3, np.random.default_rng(0)
        )
