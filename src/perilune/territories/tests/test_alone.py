"""Designing where something is more than a territory should hold: the others share out the rest."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perilune.territories.contracts import Request, Units
from perilune.territories.engine import design
from perilune.territories.engine.alone import stand_alone


def accounts(weights, seed=0):
    points = np.random.default_rng(seed).random((len(weights), 2)) * 300
    ids = tuple(f"A{i}" for i in range(len(weights)))
    return Units(ids, points, np.asarray(weights, float)[:, None], ("potential",))


def planned(units, k=10, **asked):
    request = Request(k=k, tolerances=(0.05,), quick=True, **asked)
    return design(units, request, np.random.default_rng(0))


def test_one_account_too_heavy_stands_alone_and_the_others_are_balanced_among_themselves():
    units = accounts([5000.0, *np.random.default_rng(1).integers(5, 15, 300)])
    plan = planned(units)
    alone = plan.territory[0]
    rest = np.delete(plan.loads[:, 0], alone)
    assert (plan.territory == alone).sum() == 1
    assert np.abs(rest / rest.mean() - 1).max() <= 0.05 + 1e-9
    assert not plan.certificate.met
    assert plan.certificate.blocking.startswith("Account %(id)s alone")
    assert dict(plan.certificate.blocking_params)["id"] == "A0"
    assert [dict(params) for message, params in plan.notes if "Heavier" in message] == [
        {"ids": "A0", "count": "9"}
    ]


def test_what_is_locked_beyond_a_territory_leaves_the_others_balanced():
    units = accounts(np.random.default_rng(2).integers(5, 15, 300))
    locked = np.full(300, -1, np.int32)
    locked[np.argsort(units.points[:, 0])[:80]] = 3
    plan = planned(units, locked=locked)
    rest = np.delete(plan.loads[:, 0], 3)
    assert np.abs(rest / rest.mean() - 1).max() <= 0.05 + 1e-9
    assert not plan.certificate.met
    assert any("locked to territory" in message for message, __ in plan.notes)


def test_the_heavy_account_stays_with_who_has_it():
    units = accounts([5000.0, *np.random.default_rng(1).integers(5, 15, 300)])
    owner = np.random.default_rng(3).integers(0, 10, 301).astype(np.int32)
    owner[0] = 7
    units = Units(units.ids, units.points, units.loads, units.names, owner=owner)
    assert planned(units).territory[0] == 7


def test_a_plan_beyond_its_tolerance_claims_no_gap():
    units = accounts([1.0, 1.0, 3.0, 3.0, 5.0])
    plan = planned(units, k=4)
    assert not plan.certificate.met
    assert math.isnan(plan.certificate.gap) or plan.certificate.gap >= -1e-9


@settings(max_examples=200, deadline=None)
@given(
    weights=st.lists(st.integers(0, 1000), min_size=2, max_size=40),
    k=st.integers(1, 8),
    data=st.data(),
)
def test_what_stands_apart_and_what_is_shared_out_make_the_whole(weights, k, data):
    load = np.asarray(weights, float)[:, None]
    if load.sum() == 0:
        return
    n = len(load)
    nobody = np.full(n, -1, np.int32)
    locked = np.array(data.draw(st.lists(st.integers(-1, k - 1), min_size=n, max_size=n)))
    found = stand_alone(
        load, np.full(k, 1 / k), np.array([0.1]), locked, nobody, np.ones((n, k), bool)
    )
    full = np.isin(np.arange(k), found.full)
    inside = np.isin(locked, found.full)
    inside[list(found.seats)] = True
    shared_out = found.bounds.target[~full].sum()
    # an attribute of which nothing is left keeps the target that was asked for
    assert shared_out == pytest.approx(load[~inside].sum() or load.sum() * (~full).mean())
    assert (found.bounds.lower <= found.bounds.upper + 1e-9).all()
    assert len(set(found.seats.values())) == len(found.seats)
    assert set(found.seats.values()) <= set(found.full)
    assert len(found.full) < k or not found.full
