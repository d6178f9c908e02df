"""Without a map: balanced, kept where they are as far as may be, rules held."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perilune.territories.contracts import Request
from perilune.territories.engine.tables import share_out
from perilune.territories.testing import made_units

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]
LAW = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


@LAW
@given(n=st.integers(60, 250), k=st.integers(1, 6), m=st.integers(1, 3),
       seed=st.integers(0, 10**6), held=st.booleans())  # fmt: skip
def test_every_attribute_is_within_its_tolerance(n, k, m, seed, held):
    units = made_units(n, seed, attributes=m, owners=k if held else 0)
    found = share_out(units, Request(k, (0.05, 0.15, 0.15)[:m]))
    plan = found.plan
    loads = np.zeros((k, m))
    np.add.at(loads, plan.territory, units.loads)
    assert loads == pytest.approx(plan.loads)
    assert plan.certificate.met == bool(
        (np.abs(loads / plan.targets - 1).max(axis=0) <= (0.05, 0.15, 0.15)[:m]).all()
    )
    if n // k >= 25:
        assert plan.certificate.met, plan.figures.deviation
    assert plan.figures.moved >= found.floor - 1e-9
    if plan.certificate.met:
        assert plan.certificate.bound <= plan.certificate.cost * (1 + 1e-9) + 1e-9
    assert {hand.unit for hand in found.hands} == (
        set(np.flatnonzero(plan.territory != units.owner)) if held else set()
    )


def test_what_is_balanced_already_stays_where_it_is():
    units = replace(made_units(100, 1), loads=np.ones((100, 1)),
                    owner=np.repeat(np.arange(4, dtype=np.int32), 25))  # fmt: skip
    assert share_out(units, Request(4, (0.01,))).plan.figures.moved == 0


def test_the_least_is_moved_and_the_cheapest():
    owner = np.array([0] * 6 + [1] * 2, np.int32)
    cost = np.array([9, 9, 9, 1, 2, 9, 9, 9], float)
    units = replace(made_units(8, 1), loads=np.ones((8, 1)), owner=owner, moving_cost=cost)
    found = share_out(units, Request(2, (0.0,)))
    assert {hand.unit for hand in found.hands} == {3, 4}
    assert found.plan.certificate.gap == pytest.approx(0)
    assert found.floor == pytest.approx(2 / 8)


@LAW
@given(n=st.integers(80, 150), seed=st.integers(0, 10**6), held=st.booleans())
def test_locks_pairs_and_eligibility_hold(n, seed, held):
    units = made_units(n, seed, owners=4 if held else 0)
    groups = (np.arange(n) % 3 == 0).astype(np.int32)
    allowed = np.array([[True] * 4, [True, True, False, False]])
    locked = np.full(n, -1, np.int32)
    locked[1] = 3
    request = Request(
        4, (0.2,), locked=locked, allowed=allowed, together=((4, 5),), apart=((7, 8),)
    )
    plan = share_out(replace(units, group=groups), request).plan
    assert (plan.territory[groups == 1] < 2).all()
    assert plan.territory[1] == 3
    assert plan.territory[4] == plan.territory[5]
    assert plan.territory[7] != plan.territory[8]


def test_one_account_too_heavy_is_named():
    units = made_units(40, 2)
    units.loads[7] = 500.0
    proof = share_out(units, Request(4, (0.05,))).plan.certificate
    assert not proof.met
    assert ("id", "A7") in proof.blocking_params
