"""Containers are handed out whole, their accounts follow; polygons say what lies in them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perilune.kernel.errors import Invalid
from perilune.territories.contracts import Request
from perilune.territories.engine import design
from perilune.territories.engine.areas import Area, borders, inside
from perilune.territories.engine.containers import expanded, gather
from perilune.territories.testing import made_units

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]
LAW = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))


def towns(units: Any, side: float = 40.0) -> list[str]:
    """The square of the map that an account lies in."""
    cells = np.floor(units.points / side).astype(int)
    return [f"{x}:{y}" for x, y in cells]


def _strip(west: float, east: float, s: float, t: float) -> np.ndarray:
    return np.array([[west, 0], [east, 0], [east + t, 10], [west + s, 10], [west, 0]])


def square(name: str, x: float, y: float, side: float = 1.0) -> Area:
    ring = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]) * side + [x, y]
    return Area(name, (ring,))


@LAW
@given(n=st.integers(60, 250), k=st.integers(1, 4), seed=st.integers(0, 10**6))
def test_accounts_of_one_container_share_a_territory_and_nothing_is_lost(n, k, seed):
    units = made_units(n, seed, attributes=2)
    names = towns(units)
    for lone in np.random.default_rng(seed).choice(n, 3, replace=False):
        names[lone] = ""
    held = gather(units, Request(k, (0.2, 0.5)), names)
    plan = expanded(held, design(held.units, held.request, np.random.default_rng(1)), units)
    where: dict[str, set[int]] = {}
    for name, a in zip(names, plan.territory.tolist(), strict=True):
        where.setdefault(name, set()).add(a)
    assert all(len(found) == 1 for name, found in where.items() if name)
    assert len(held.alone) == 3
    assert held.units.loads.sum(axis=0) == pytest.approx(units.loads.sum(axis=0))
    loads = np.zeros((k, 2))
    np.add.at(loads, plan.territory, units.loads)
    assert loads == pytest.approx(plan.loads)
    middle = np.average(units.points, axis=0, weights=units.loads[:, 0])
    gathered = np.average(held.units.points, axis=0, weights=held.units.loads[:, 0])
    assert gathered == pytest.approx(middle, rel=1e-6)


def test_a_container_above_every_territory_is_named_and_taken_apart_when_told_to():
    units = made_units(80, 1)
    names = ["big" if i < 50 else f"small {i}" for i in range(80)]
    request = Request(4, (0.1,))
    whole = gather(units, request, names)
    assert (whole.heavy, whole.split, len(whole.units.ids)) == (("big",), (), 31)
    apart = gather(units, request, names, may_split=True)
    assert (apart.split, len(apart.units.ids)) == (("big",), 80)
    plan = expanded(apart, design(apart.units, apart.request, np.random.default_rng(0)), units)
    assert plan.certificate.met
    assert any("taken apart" in message for message, __ in plan.notes)


def test_given_borders_are_followed_also_to_the_accounts_of_a_container_taken_apart():
    units = made_units(60, 2)
    order = np.argsort(units.points[:, 0])
    names = [""] * 60
    for rank, i in enumerate(order):
        names[i] = f"s{rank // 10}"
    edges = [(f"s{i}", f"s{i + 1}") for i in range(5)]
    held = gather(units, Request(6, (0.9,)), names, edges, may_split=True)
    plan = design(held.units, held.request, np.random.default_rng(0))
    assert plan.figures.cut_off == 0
    split = gather(units, Request(12, (0.05,)), names, edges, may_split=True)
    assert split.split
    assert design(split.units, split.request, np.random.default_rng(0)).figures.cut_off == 0
    with pytest.raises(Invalid, match="nowhere"):
        gather(units, Request(2, (0.5,)), names, [("s0", "nowhere")])


def test_locks_and_rules_that_contradict_each_other_in_a_container_name_it():
    units, names = made_units(20, 3), ["Lyon"] * 10 + ["Paris"] * 10
    locked = np.full(20, -1, np.int32)
    locked[:2] = (0, 1)
    with pytest.raises(Invalid, match="Lyon"):
        gather(units, Request(2, (0.5,), locked=locked), names)
    with pytest.raises(Invalid, match="Paris"):
        gather(units, Request(2, (0.5,), apart=((10, 11),)), names)
    allowed = np.array([[True, False], [False, True]])
    groups = replace(units, group=np.arange(20, dtype=np.int32) % 2)
    with pytest.raises(Invalid, match="Lyon"):
        gather(groups, Request(2, (0.5,), allowed=allowed), names)
    held = gather(units, Request(2, (0.5,), locked=np.where(locked == 1, -1, locked)), names)
    assert held.request.locked is not None
    assert held.request.locked.tolist() == [0, -1]


def test_a_container_is_held_by_whoever_holds_most_of_it():
    units = replace(made_units(9, 4), owner=np.array([0, 0, 1, 1, 1, 1, -1, -1, 2], np.int32),
                    loads=np.ones((9, 1)))  # fmt: skip
    held = gather(units, Request(3, (0.5,)), ["a"] * 3 + ["b"] * 3 + ["c"] * 2 + ["d"])
    assert held.units.owner is not None
    assert held.units.moving_cost is not None
    assert held.units.owner.tolist() == [0, 1, -1, 2]
    assert held.units.moving_cost.tolist() == [2, 3, 0, 1]


@LAW
@given(
    cuts=st.lists(st.floats(0.05, 9.95), min_size=2, max_size=6, unique=True),
    seed=st.integers(0, 10**6),
)
def test_areas_side_by_side_leave_no_point_out_and_none_in_two(cuts, seed):
    edges = np.array([0.0, *sorted(cuts), 10.0])
    slant = np.random.default_rng(seed).uniform(-1, 1, len(edges))
    slant[[0, -1]] = 0
    strips = [
        Area(str(at), (_strip(west, east, s, t),))
        for at, (west, east, s, t) in enumerate(
            zip(edges, edges[1:], slant, slant[1:], strict=False)
        )
        if east + t > west + s
    ]  # fmt: skip
    if len(strips) < len(edges) - 1:
        return
    rng = np.random.default_rng(seed)
    points = rng.uniform(0, 9.999, (200, 2))
    on_border = np.column_stack([edges[1:-1], np.zeros(len(edges) - 2)])
    found, several = inside(np.concatenate([points, on_border]), strips)
    assert not several
    assert (found >= 0).all()
    assert borders(strips) == tuple((at, at + 1) for at in range(len(strips) - 1))


def test_a_hole_is_outside_and_a_second_part_inside():
    ring = np.array([[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]], float)
    hole = ring / 4 + 1.5
    island = ring / 4 + [6, 0]
    found, __ = inside(
        np.array([[0.5, 0.5], [2, 2], [6.5, 0.5], [5, 0.5]]), [Area("land", (ring, hole, island))]
    )
    assert found.tolist() == [0, -1, 0, -1]


def test_a_corner_is_no_border_and_a_longer_edge_beside_two_shorter_ones_is():
    corner = [square("a", 0, 0), square("b", 1, 1)]
    assert borders(corner) == ()
    beside = [square("wide", 0, 0, 2), square("low", 2, 0), square("high", 2, 1)]
    assert borders(beside) == ((0, 1), (0, 2), (1, 2))


def test_areas_on_top_of_each_other_are_said():
    found, several = inside(np.array([[0.5, 0.5]]), [square("a", 0, 0), square("b", 0, 0, 2)])
    assert found.tolist() == [0]
    assert several == {0: (0, 1)}
