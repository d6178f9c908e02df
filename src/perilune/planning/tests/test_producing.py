"""What a rep brings, learnt: the law of the bookings is found again, little claims nothing."""

from __future__ import annotations

import numpy as np
import pytest

from perilune.planning.contracts import Source
from perilune.planning.engine import producing

pytestmark = pytest.mark.engine


def bookings(rng, reps: int, years: int = 4, skill=0.3, luck=0.4) -> tuple[np.ndarray, np.ndarray]:
    time = rng.uniform(0.3, 1.0, (reps, years))
    sigma = np.sqrt(np.log1p(skill**2))
    own = rng.lognormal(-(sigma**2) / 2, sigma, (reps, 1))
    return time, 5e7 * (time * own + luck * np.sqrt(time) * rng.standard_normal((reps, years)))


def test_level_skill_and_luck_are_found_again() -> None:
    found = [
        producing.learnt("all", *bookings(np.random.default_rng(seed), 60)) for seed in range(40)
    ]
    made = [pair[0] for pair in found if pair is not None]
    assert len(made) == 40
    assert np.mean([law.minor for law in made]) == pytest.approx(5e7, rel=0.03)
    assert np.mean([law.spread for law in made]) == pytest.approx(0.3, rel=0.15)
    assert np.mean([law.luck for law in made]) == pytest.approx(0.4, rel=0.1)


def test_four_reps_claim_nothing() -> None:
    assert producing.learnt("all", *bookings(np.random.default_rng(1), 4)) is None


def test_diminishing_returns_are_found_again_and_not_claimed_on_little() -> None:
    rng = np.random.default_rng(2)
    reps = rng.uniform(3, 20, 60)
    made = producing.returns(reps, 1e7 * reps**0.6 * rng.lognormal(0, 0.15, 60), 8.0)
    assert made.source is Source.LEARNT
    assert made.elasticity == pytest.approx(0.6, abs=0.1)
    assert made.low < made.elasticity < made.high
    few = producing.returns(reps[:7], reps[:7], 8.0)
    assert (few.elasticity, few.reason) == (1.0, "too few units")
    wild = producing.returns(reps[:9], rng.lognormal(0, 2, 9), 8.0)
    assert (wild.elasticity, wild.reason) == (1.0, "too uncertain")
