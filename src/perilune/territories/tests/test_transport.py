"""The transport is the linear programme's optimum, and its prices prove it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from perilune.territories.engine.kernels.transport import (
    FEASIBLE,
    flow_cost,
    nearest,
    price_bound,
    squared,
    transport,
)

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]


def optimum(load, cost, lower, upper):
    """The same programme by HiGHS, as an independent answer."""
    n, k = cost.shape
    each = np.kron(np.eye(n), np.ones(k))
    each_territory = np.kron(np.ones(n), np.eye(k))
    done = linprog(
        cost.ravel(),
        A_ub=np.concatenate([each_territory, -each_territory]),
        b_ub=np.concatenate([upper, -lower]),
        A_eq=each,
        b_eq=load,
        bounds=(0, None),
    )
    return done.fun if done.status == 0 else None


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    n=st.integers(4, 30), k=st.integers(1, 5), seed=st.integers(0, 10**6),
    width=st.sampled_from([0.0, 0.01, 0.1, 0.5]),
)  # fmt: skip
def test_it_costs_what_an_independent_solver_finds_and_its_prices_prove_it(n, k, seed, width):
    rng = np.random.default_rng(seed)
    points, centres = rng.uniform(0, 100, (n, 2)), rng.uniform(0, 100, (k, 2))
    load = rng.lognormal(0, 0.7, n)
    target = load.sum() / k
    lower, upper = np.full(k, target * (1 - width)), np.full(k, target * (1 + width))
    price = np.zeros(k)
    candidate = nearest(points, centres, price, k)
    cost = squared(points, centres, candidate)
    flow, status, __ = transport(load, candidate, cost, lower, upper, price, 10**6)
    assert status == FEASIBLE
    assert flow.sum(axis=1) == pytest.approx(load)
    whole = ((points[:, None] - centres[None]) ** 2).sum(axis=2)
    best = optimum(load, whole, lower, upper)
    assert flow_cost(cost, flow) == pytest.approx(best, rel=1e-6)
    assert price_bound(points, load, centres, price, lower, upper) == pytest.approx(best, rel=1e-6)
    assert ((flow > 0).sum(axis=1) > 1).sum() <= k
