"""Scores of chances: what a perfect, an honest and a boastful forecaster get."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.insights.engine.scoring import LEAST, scored

PAIRS = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=LEAST, max_size=200)


def test_log_loss_and_calibration_by_hand() -> None:
    chance = np.array([0.2] * 10 + [0.5] * 10)
    came = np.array([True] * 2 + [False] * 8 + [True] * 7 + [False] * 3)
    found = scored(chance, came)
    # -(2 ln 0.2 + 8 ln 0.8 + 10 ln 0.5) / 20, and half of the chances are off by 0.2
    by_hand = -(2 * np.log(0.2) + 8 * np.log(0.8) + 10 * np.log(0.5)) / 20
    assert found.log_loss == pytest.approx(by_hand)
    assert found.ece == pytest.approx(0.1)
    assert [(item.won, item.count) for item in found.bins] == [(2, 10), (7, 10)]
    assert found.like(0.1) is found.bins[0]
    assert found.like(0.9) is found.bins[1]


def test_under_eight_chances_nothing_is_claimed() -> None:
    found = scored(np.full(LEAST - 1, 0.5), np.ones(LEAST - 1, dtype=bool))
    assert (found.count, found.log_loss, found.ece, found.bins) == (7, None, None, ())
    assert found.like(0.5) is None


def test_outcomes_of_another_number_are_refused() -> None:
    with pytest.raises(ValueError, match="differ in number"):
        scored(np.zeros(9), np.zeros(8, dtype=bool))


@given(PAIRS)
def test_every_chance_stands_in_one_bin_and_scores_stay_in_their_bounds(
    pairs: list[tuple[float, bool]],
) -> None:
    chance = np.array([pair[0] for pair in pairs])
    came = np.array([pair[1] for pair in pairs])
    found = scored(chance, came)
    assert sum(item.count for item in found.bins) == len(pairs)
    assert sum(item.won for item in found.bins) == found.won == came.sum()
    assert found.ece is not None and 0 <= found.ece <= 1 + 1e-9
    assert found.log_loss is not None and found.plain_log_loss is not None
    assert found.log_loss >= 0
    lows = [item.low for item in found.bins]
    assert lows == sorted(lows)


@given(st.integers(20, 100), st.integers(0, 100))
def test_one_true_rate_for_all_is_perfectly_calibrated(count: int, share: int) -> None:
    won = count * share // 100
    came = np.arange(count) < won
    found = scored(np.full(count, won / count), came)
    assert found.ece == pytest.approx(0, abs=1e-9)
    assert found.log_loss == pytest.approx(found.plain_log_loss)
