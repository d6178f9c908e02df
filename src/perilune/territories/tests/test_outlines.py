"""Outlines: every unit lies inside its own territory's, and in no other's."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from perilune.territories.engine import outlines, polygons
from perilune.territories.testing import made_units


def _winding(ring, point) -> float:
    """Return how often a ring goes around a point, anticlockwise."""
    away = ring - point
    turn = np.diff(np.unwrap(np.arctan2(away[:, 1], away[:, 0])))
    return float(turn.sum() / (2 * np.pi))


@settings(max_examples=30)
@given(n=st.integers(3, 60), k=st.integers(1, 5), seed=st.integers(0, 10_000))
def test_every_unit_is_inside_its_own_territorys_outline_and_no_others(n, k, seed) -> None:
    units = made_units(n, seed)
    territory = np.random.default_rng(seed).integers(0, k, n).astype(np.int32)
    drawn = outlines(units.points, territory)
    for i in range(n):
        for number in range(k):
            around = sum(_winding(r, units.points[i]) for t, r in drawn if t == number)
            assert round(around) == (1 if number == territory[i] else 0)


def test_units_at_one_place_and_on_a_line_are_drawn_too() -> None:
    points = np.array([[0.0, 0.0], [0.0, 0.0], [1.0, 0.0], [2.0, 0.0]])
    drawn = outlines(points, np.array([0, 0, 1, 1], np.int32))
    assert sorted({number for number, _ring in drawn}) == [0, 1]
    assert all((ring[0] == ring[-1]).all() for _number, ring in drawn)


@settings(max_examples=20)
@given(seed=st.integers(0, 10_000), apart=st.sampled_from([1e-2, 1e-5, 1e-9]))
def test_crowds_of_units_that_almost_coincide_are_drawn(seed, apart) -> None:
    rng = np.random.default_rng(seed)
    towns = rng.uniform(-5, 5, (12, 2))
    points = np.concatenate([town + rng.normal(0, apart, (40, 2)) for town in towns])
    territory = rng.integers(0, 8, len(points)).astype(np.int32)
    drawn = outlines(points, territory)
    found = {number for number, _ring in drawn}
    assert found == set(territory.tolist()) if apart > 1e-3 else found <= set(territory.tolist())
    assert all((ring[0] == ring[-1]).all() and len(ring) > 3 for _number, ring in drawn)


@settings(max_examples=30)
@given(n=st.integers(3, 60), seed=st.integers(0, 10_000))
def test_a_hole_belongs_to_the_piece_around_it(n, seed) -> None:
    units = made_units(n, seed)
    territory = np.random.default_rng(seed).integers(0, 2, n).astype(np.int32)
    drawn = outlines(units.points, territory)
    for number in range(2):
        rings = [ring for t, ring in drawn if t == number]
        pieces = polygons(rings)
        assert sum(len(piece) for piece in pieces) == len(rings)
        for unit in np.flatnonzero(territory == number):
            inside = [
                sum(round(_winding(ring, units.points[unit])) for ring in piece) for piece in pieces
            ]
            assert sorted(inside) == [0] * (len(pieces) - 1) + [1]
