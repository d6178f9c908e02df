"""What territories will hold: rules tried on their own past, intervals that cover, exits told."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perilune.kernel.errors import Invalid
from perilune.territories.contracts.outlooks import Rule
from perilune.territories.engine.outlook import ahead, first_out, project

WIDE = np.full(3, 0.1)


def grown(periods: int = 32, steps: tuple[float, ...] = (1.0, 1.0, 3.0)) -> np.ndarray:
    found: np.ndarray = 100.0 + np.arange(periods)[:, None] * np.array(steps)
    return found


def test_a_steady_growth_is_followed_and_the_exit_is_dated() -> None:
    # after 32 quarters: 131, 131, 193; mean 151.67, the third 27 % above, the others 13.6 % below
    found = project(grown(), np.full(3, 0.30), 8, 4)
    assert found.rule is Rule.DRIFT
    assert found.middle[0] == pytest.approx([132, 132, 196])
    naive = next(one for one in found.trials if one.rule is Rule.NAIVE)
    assert naive.mean > 0
    # (100 + 3 t) / (100 + 5 t / 3) - 1 is 30 % at t = 36 and above at 37, the sixth after t = 31
    assert first_out(found) == [None, None, 5]


def test_a_season_is_found() -> None:
    season = np.array([80.0, 100, 140, 90])
    history = np.outer(np.tile(season, 6) * 1.1 ** np.repeat(np.arange(6), 4), [1.0, 2.0, 1.5])
    found = project(history, WIDE, 4, 4)
    assert found.rule is Rule.SEASONAL_GROWTH
    assert found.middle[:, 0] == pytest.approx(season * 1.1**6)


def test_what_stays_as_it_is_is_left_to_the_naive_rule() -> None:
    found = project(np.full((24, 3), 50.0), WIDE, 4, 4)
    assert found.rule is Rule.NAIVE
    assert first_out(found) == [None] * 3
    assert found.low == pytest.approx(found.high)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), k=st.integers(1, 6), horizon=st.integers(1, 6))
def test_intervals_hold_the_middle_the_best_rule_has_least_error_and_units_do_not_matter(
    seed: int, k: int, horizon: int
) -> None:
    rng = np.random.default_rng(seed)
    history = np.cumsum(rng.gamma(2.0, 1.0, (30, k)), axis=0) + 5
    tolerance = np.full(k, 0.05)
    found = project(history, tolerance, horizon, 4)
    assert (found.low <= found.middle).all() and (found.middle <= found.high).all()
    assert (found.deviation_low <= found.deviation).all()
    assert ((found.leaves >= 0) & (found.leaves <= 1)).all()
    assert min(one.mean for one in found.trials) == next(
        one.mean for one in found.trials if one.rule is found.rule
    )
    other = project(history * 1000, tolerance, horizon, 4)
    assert other.deviation == pytest.approx(found.deviation)
    assert other.leaves == pytest.approx(found.leaves)
    turn = rng.permutation(k)
    assert project(history[:, turn], tolerance, horizon, 4).middle == pytest.approx(
        found.middle[:, turn]
    )


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), rule=st.sampled_from(list(Rule)))
def test_no_rule_sees_what_comes_after(seed: int, rule: Rule) -> None:
    rng = np.random.default_rng(seed)
    history = rng.gamma(2.0, 1.0, (20, 2))
    later = np.vstack([history, rng.gamma(9.0, 9.0, (4, 2))])
    assert (ahead(later[:20], rule, 3, 4) == ahead(history, rule, 3, 4)).all()


def test_eight_of_ten_fall_into_the_interval_of_eight_of_ten() -> None:
    rng = np.random.default_rng(7)
    inside = []
    for __ in range(60):
        history = np.cumsum(rng.gamma(2.0, 1.0, (48, 4)), axis=0) + 20
        found = project(history[:44], np.full(4, 0.1), 4, 4)
        inside.append(((found.low <= history[44:]) & (history[44:] <= found.high)).mean())
    assert 0.70 <= float(np.mean(inside)) <= 0.92


def test_a_short_history_and_bad_loads_are_refused() -> None:
    with pytest.raises(Invalid, match="needed"):
        project(grown(12), WIDE, 4, 4)
    with pytest.raises(Invalid):
        project(np.zeros((30, 3)), WIDE, 4, 4)
    assert project(grown(18), WIDE, 4, 4).is_thin
