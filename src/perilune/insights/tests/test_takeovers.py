"""Deals that changed hands tell how deals do in other hands; few of them tell little."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.insights.contracts import TakenOver
from perilune.insights.engine.hazard import learn
from perilune.insights.engine.journeys import FOREVER, LOST, OPEN, UNKNOWN, WON, Journeys
from perilune.insights.engine.takeovers import taken_over
from perilune.insights.testing import SEASON, journeys_of

pytestmark = pytest.mark.engine
LAST = 500


def handed_on(rng: np.random.Generator, after: float) -> Journeys:
    """Make 4,000 deals; a third changes hands, from then on won `after` times as often."""
    rows, created = [], np.sort(rng.integers(0, LAST, 4000))
    for deal, first in enumerate(created.tolist()):
        change = first + int(rng.integers(5, 60)) if rng.random() < 0.33 else FOREVER
        day, state = first, OPEN
        while state == OPEN and day < LAST:
            day += 1
            luck, win = rng.random(), 0.01 * (after if day > change else 1.0)
            state = WON if luck < win else LOST if luck < win + 0.01 else OPEN
        owner = int(rng.integers(0, 8))
        end = day if state != OPEN else FOREVER
        if change < min(end, LAST):
            rows.append((deal, first, change, OPEN, owner))
            rows.append((deal, change, end, OPEN, (owner + 1) % 8))
        else:
            rows.append((deal, first, end, OPEN, owner))
        if state != OPEN:
            rows.append((deal, day, FOREVER, state, rows[-1][4]))
    table = np.array(rows, dtype=np.int64)
    closed = np.where(table[:, 3] == OPEN, UNKNOWN, table[:, 1])
    return journeys_of(table[:, :4], created=created, owner=table[:, 4], closed=closed)


def told(after: float) -> TakenOver:
    journeys = handed_on(np.random.default_rng(7), after)
    return taken_over(learn(journeys, LAST, SEASON), journeys, LAST, SEASON)


def test_deals_that_do_as_well_in_other_hands_are_won_as_often_as_like_deals() -> None:
    found = told(1.0)
    assert found.deals > 500 and found.wins > 100
    assert found.ratio == pytest.approx(1.0, abs=0.15)  # 2 standard errors of so many wins


def test_deals_that_lose_by_a_change_of_hands_are_won_less_often() -> None:
    assert told(0.3).ratio < 0.6


def test_nothing_seen_is_a_ratio_of_one_and_a_wide_one() -> None:
    nothing = TakenOver(0, 0.0, 0.0)
    low, *_, high = nothing.likely(10)
    assert nothing.ratio == 1
    assert low < 0.6 and high > 1.5


@given(st.floats(0, 1e4), st.floats(0, 1e4), st.integers(1, 64))
def test_what_is_likely_rises_and_has_the_ratio_as_its_mean(
    wins: float, expected: float, count: int
) -> None:
    found = TakenOver(1, wins, expected)
    likely = found.likely(count)
    assert (np.diff(likely) >= 0).all() and (likely >= 0).all()
    assert likely.mean() == pytest.approx(found.ratio)
