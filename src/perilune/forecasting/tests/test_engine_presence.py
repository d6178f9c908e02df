"""Who will be there: laws of shares, and of the new business that goes with whoever leaves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perilune.forecasting.engine import FOREVER, Target
from perilune.forecasting.engine.expectation import expected
from perilune.forecasting.engine.presence import (
    ASSIGNED,
    AWAY,
    DAYS,
    EMPLOYED,
    Dated,
    Presence,
    presence_on,
)
from perilune.forecasting.tests.test_engine_width import outlook

pytestmark = pytest.mark.engine
TODAY, REP = 99, 4
BEFORE, NEVER = -10_000, 10**6
HIRED = (EMPLOYED, REP, BEFORE, NEVER, 1.0, 0, FOREVER)


def dated(*rows: tuple[Any, ...]) -> Dated:
    columns = list(zip(*rows, strict=True))
    kinds = [np.asarray(column, float if at == 4 else np.int64) for at, column in
             enumerate(columns)]  # fmt: skip
    return Dated(*kinds)


def share(*rows: tuple[Any, ...], day: int = TODAY) -> np.ndarray:
    found = presence_on(dated(*rows), day)
    return found.share[0] if len(found.reps) else np.ones(DAYS)


def test_a_last_day_ends_the_share_from_the_day_on_on_which_it_is_known() -> None:
    told = (EMPLOYED, REP, BEFORE, TODAY + 10, 1.0, 50, FOREVER)
    before = (EMPLOYED, REP, BEFORE, NEVER, 1.0, 0, 50)
    assert share(before, told).tolist() == [1.0] * 10 + [0.0] * (DAYS - 10)
    assert (share(before, told, day=49) == 1).all(), "nothing is known ahead of its time"


def test_an_absence_takes_its_part_of_its_days_and_no_more() -> None:
    found = share(HIRED, (AWAY, REP, TODAY + 3, TODAY + 5, 0.4, 0, FOREVER))
    assert found[:6] == pytest.approx([1, 1, 0.6, 0.6, 0.6, 1])


def test_half_a_seller_for_long_is_whom_the_weeks_behind_know_already() -> None:
    half = (AWAY, REP, TODAY - 100, NEVER, 0.5, 0, FOREVER)
    assert (share(HIRED, half) == 1).all()
    ends = (AWAY, REP, TODAY - 100, TODAY + 4, 0.5, 0, FOREVER)
    assert (share(HIRED, ends) == 1).all(), "who comes back brings no more than was seen"


def test_a_change_of_team_leaves_nobody_away_and_fewer_hours_take_a_part() -> None:
    one = (ASSIGNED, REP, BEFORE, TODAY + 7, 1.0, 0, FOREVER)
    other = (ASSIGNED, REP, TODAY + 8, NEVER, 1.0, 0, FOREVER)
    assert (share(HIRED, one, other) == 1).all()
    assert share(HIRED, one, (*other[:4], 0.8, *other[5:]))[8] == pytest.approx(0.8)


def told(presence: Presence | None, low: int = 0, length: int = 21) -> Any:
    one = outlook(TODAY, [80] * 60, [4] * 30 + [9] * 30, [0, 1] * 30)
    target = Target(TODAY, TODAY + 1 + low, TODAY + low + length)
    seats = np.array([-1, 0, 1])
    return expected([one], [np.ones(4)], [seats], 2, target, [presence])


SHARES = st.lists(st.floats(0.0, 1.0), min_size=28, max_size=28)


@given(SHARES, SHARES, st.integers(0, 7))
@settings(max_examples=40, deadline=None)
def test_less_presence_never_brings_the_seat_more_and_never_touches_another(
    more: list[float], less: list[float], low: int
) -> None:
    def of(values: list[float]) -> Presence:
        ahead = np.concatenate([values, np.ones(DAYS - 28)])
        return Presence(np.array([REP]), ahead[None], np.array([False]))

    lower = [min(pair) for pair in zip(more, less, strict=True)]
    whole, one, other = told(None, low), told(of(more), low), told(of(lower), low)
    for brought in ("new", "square"):
        seats = [getattr(found, brought)[0] for found in (whole, one, other)]
        assert seats[0][0] + 1e-9 >= seats[1][0] and seats[1][0] + 1e-9 >= seats[2][0] >= 0
        assert seats[0][1] == seats[1][1] == seats[2][1]
    assert one.new[0] + one.taken[0] == pytest.approx(whole.new[0])
    assert (one.kept >= other.kept - 1e-9).all() and (other.kept >= 0).all()


def test_whoever_stays_leaves_every_digit_as_it_was() -> None:
    here = Presence(np.array([REP]), np.ones((1, DAYS)), np.array([False]))
    whole, found = told(None), told(here)
    for name in ("open", "new", "square"):
        assert np.array_equal(getattr(whole, name), getattr(found, name))
    assert (found.kept == 1).all() and not found.taken.any()
