"""Regions, then areas: children lie in their parent, every level is connected and proved."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perilune.kernel.errors import Invalid
from perilune.territories.contracts import Request
from perilune.territories.engine.levels import Level, nested, shared_out
from perilune.territories.testing import made_units
from perilune.territories.tests.test_engine import pieces

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]
LAW = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))


@LAW
@given(n=st.integers(80, 250), few=st.integers(1, 4), more=st.integers(0, 8),
       seed=st.integers(0, 10**6))  # fmt: skip
def test_children_lie_in_their_parent_and_every_level_is_in_one_piece(n, few, more, seed):
    units = made_units(n, seed)
    levels = (Level("regions", few, (0.1,)), Level("areas", few + more, (0.2,)))
    rng = np.random.default_rng(1)
    top, below = nested(units, Request(1, (0.1,)), levels, rng)
    assert (below.parent[below.territory] == top.territory).all()
    for level, asked in ((top, levels[0]), (below, levels[1])):
        assert set(level.territory.tolist()) == set(range(asked.k))
        assert pieces(units, level.territory) == asked.k
        assert level.is_met == bool(max(level.within) <= asked.tolerances[0] + 1e-9)
        assert level.is_met or level.blocking
        if level.is_met:
            assert level.bound <= level.cost * (1 + 1e-9)
    weight = np.bincount(top.territory, units.loads[:, 0], few)
    assert (
        np.bincount(below.parent, minlength=few).tolist() == shared_out(weight, few + more).tolist()
    )
    assert all(
        name.startswith(f"{top.names[up]}.")
        for name, up in zip(below.names, below.parent, strict=True)
    )


@given(loads=st.lists(st.floats(0.01, 1000), min_size=1, max_size=12), spare=st.integers(0, 60))
def test_areas_follow_the_load_by_the_largest_remainder(loads, spare):
    weight = np.array(loads)
    k = len(loads) + spare
    found = shared_out(weight, k)
    assert found.sum() == k
    assert (found >= 1).all()
    due = weight / weight.sum() * k
    if (due >= 1).all():
        assert (np.abs(found - due) < 1 + 1e-9).all()
    order = np.argsort(weight)
    assert (np.diff(found[order]) >= 0).all() or len(np.unique(weight)) < len(weight)


def test_hamilton_s_seats_are_those_of_the_book():
    # 1,000 by 41, 33, 18 and 8 %, ten seats: quotas 4.1, 3.3, 1.8, 0.8
    assert shared_out(np.array([410.0, 330, 180, 80]), 10).tolist() == [4, 3, 2, 1]


@LAW
@given(few=st.integers(2, 4), k=st.integers(5, 9), seed=st.integers(0, 10**6))
def test_even_areas_are_equal_over_the_whole_map_however_many_a_region_has(few, k, seed):
    units = made_units(400, seed)
    levels = (Level("regions", few, (0.02,)), Level("areas", k, (0.1,)))
    rng = np.random.default_rng(1)
    top, below = nested(units, Request(1, (0.1,)), levels, rng, even=True)
    counts = np.bincount(below.parent, minlength=few)
    assert counts.max() - counts.min() <= 1
    assert (below.parent[below.territory] == top.territory).all()
    assert pieces(units, below.territory) == k
    if top.is_met and below.is_met:
        assert max(below.over) <= (1 + 0.02) * (1 + 0.1) - 1 + 1e-9


def test_three_levels_hang_together():
    units = made_units(300, 2)
    levels = tuple(Level(name, k, (0.3,)) for name, k in (("a", 2), ("b", 4), ("c", 12)))
    found = nested(units, Request(1, (0.1,)), levels, np.random.default_rng(0))
    assert (found[2].parent[found[2].territory] == found[1].territory).all()
    assert (found[1].parent[found[1].territory] == found[0].territory).all()
    assert found[2].names[0].count(".") == 2


def test_levels_that_shrink_or_have_one_name_or_too_little_room_are_refused():
    units, rng = made_units(30, 1), np.random.default_rng(0)
    request = Request(1, (0.1,))
    with pytest.raises(Invalid) as told:
        nested(units, request, (Level("a", 4, (0.1,)), Level("a", 2, (0.1,))), rng)
    assert len(told.value.problems) == 2
    with pytest.raises(Invalid):
        nested(units, request, (Level("a", 2, (0.1,)), Level("b", 31, (0.1,))), rng)
    heavy = made_units(12, 1)
    heavy.loads[0] = 1000.0
    with pytest.raises(Invalid) as told:
        nested(heavy, request, (Level("a", 3, (9.0,)), Level("b", 12, (9.0,))), rng)
    assert told.value.problems
