"""What edits do to a draw: laws that hold on every path, and on the mean."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perilune.forecasting.engine import Draw, simulate
from perilune.forecasting.engine.expectation import CLASS_KEYS
from perilune.forecasting.engine.presence import arrival_weights
from perilune.forecasting.engine.scenario import (
    Deals,
    Seller,
    delta,
    delta_in_other_hands,
    edited,
    stretched,
)

pytestmark = pytest.mark.engine
KINDS, PATHS, SEED = 2, 1024, 7
REPS = (11, 12, 13)
"""Three reps in the seats 0, 1, 2, each with two open deals and a stream of either class."""


def draw_of(chances: list[float], wins: list[float]) -> Draw:
    owner = np.repeat(REPS, KINDS)
    kind = np.tile(np.arange(KINDS), len(REPS))
    return Draw(
        deal_seat=np.repeat(np.arange(3), 2),
        deal_key=np.arange(6) + 500,
        deal_value=np.linspace(1000, 6000, 6),
        deal_win=np.array(chances),
        new_seat=np.repeat(np.arange(3), KINDS),
        new_key=(owner + 1) * CLASS_KEYS + kind,
        new_value=np.where(kind == 0, 900.0, 4000.0),
        new_wins=np.array(wins),
        new_kind=kind,
        ratios=np.array([0.5, 1.5]),
        sizes=np.array([[0.8, 1.2], [0.3, 1.7]]),
        shape=np.ones(1),
    )


DRAWS = st.builds(
    draw_of,
    st.lists(st.floats(0.01, 0.95), min_size=6, max_size=6),
    st.lists(st.floats(0.01, 3.0), min_size=6, max_size=6),
)
FACTORS = st.floats(0.0, 1.0)


def same(draw: Draw, **changed: np.ndarray) -> Deals:
    ones = np.ones(len(draw.deal_key))
    facts = {"seat": draw.deal_seat, "win": ones, "value": ones, "load": ones}
    return Deals(**facts | {"handed": ones < 0} | changed)


def sellers(factor: float = 1.0) -> list[Seller]:
    return [Seller(at, (rep,), np.full(KINDS, factor)) for at, rep in enumerate(REPS)]


def difference(draw: Draw, other: Draw, seats: int = 3, paths: int = PATHS) -> np.ndarray:
    return delta(draw, other, seats, paths, SEED)


@given(DRAWS)
@settings(max_examples=30, deadline=None)
def test_nothing_edited_changes_nothing_on_any_path(draw: Draw) -> None:
    assert not difference(draw, edited(draw, same(draw), sellers())).any()
    assert not difference(draw, edited(draw, same(draw), [])).any()


@given(DRAWS, st.floats(0.05, 2.0))
@settings(max_examples=30, deadline=None)
def test_a_hire_adds_on_some_paths_and_takes_from_none(draw: Draw, heads: float) -> None:
    hire = Seller(3, REPS, np.full(KINDS, heads), key=2**32 + 1)
    other = edited(draw, same(draw), [*sellers(), hire])
    more = difference(draw, other, 4)
    assert (more >= 0).all() and not more[:3].any()
    # the mean of the reps it is like, by the heads
    mean = draw.means(3)[1].sum() / 3
    assert other.means(4)[1][3] == pytest.approx(heads * mean)


@given(DRAWS, FACTORS)
@settings(max_examples=30, deadline=None)
def test_whoever_leaves_takes_their_new_business_and_nobody_elses(draw: Draw, stays: float) -> None:
    left = [Seller(0, (11,), np.full(KINDS, stays)), *sellers()[1:]]
    other = edited(draw, same(draw), left)
    assert other.means(3)[1] == pytest.approx(draw.means(3)[1] * [stays, 1, 1], abs=1e-6)
    less = difference(draw, other)
    assert (less <= 1e-6).all() and not less[1:].any()
    gone = edited(draw, same(draw), [replace(left[0], wins=np.zeros(KINDS)), *left[1:]])
    assert (difference(draw, gone) <= 0).all()


@given(DRAWS, st.floats(0.2, 3.0))
@settings(max_examples=30, deadline=None)
def test_a_price_factor_multiplies_what_every_path_brings(draw: Draw, price: float) -> None:
    priced = [replace(seller, value=price) for seller in sellers()]
    other = edited(draw, same(draw, value=np.full(6, price)), priced)
    brought = simulate(draw, 3, PATHS, SEED)
    assert difference(draw, other) == pytest.approx(brought * (price - 1), abs=1e-6)


@given(DRAWS, FACTORS)
@settings(max_examples=30, deadline=None)
def test_what_moves_between_reps_is_neither_made_nor_lost_on_any_path(
    draw: Draw, moved: float
) -> None:
    seat = draw.deal_seat.copy()
    seat[0] = 2
    takes = Seller(2, (11,), np.full(KINDS, moved))
    parts = [replace(sellers()[0], wins=np.full(KINDS, 1 - moved)), *sellers()[1:], takes]
    more = difference(draw, edited(draw, same(draw, seat=seat), parts))
    assert more.sum(axis=0) == pytest.approx(np.zeros(PATHS), abs=1e-6)
    assert (more[0] <= 1e-6).all() and (more[2] >= -1e-6).all() and not more[1].any()


@given(DRAWS, st.floats(0.1, 4.0))
@settings(max_examples=30, deadline=None)
def test_a_factor_on_the_daily_chance_is_a_power_of_the_chance_to_stay_open(
    draw: Draw, power: float
) -> None:
    win = edited(draw, same(draw, win=np.full(6, power)), []).deal_win
    assert 1 - win == pytest.approx((1 - draw.deal_win) ** power)


@given(DRAWS, st.lists(st.floats(0, 2e4), min_size=3, max_size=3))
@settings(max_examples=30, deadline=None)
def test_the_draw_is_in_the_units_of_the_forecast(draw: Draw, wanted: list[float]) -> None:
    simulated = sum(draw.means(3))
    brought = sum(stretched(draw, np.array(wanted)).means(3))
    assert brought == pytest.approx(np.minimum(wanted, 3 * simulated))


def test_what_is_created_too_late_to_be_won_in_the_window_weighs_nothing() -> None:
    # every deal is won on the third day after its creation
    conversion = np.array([[0.0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7]])
    weight = arrival_weights(conversion, 4, 8)
    assert weight.tolist() == [[0, 0.25, 0.25, 0.25, 0.25, 0, 0, 0]]
    assert arrival_weights(np.zeros((1, 9)), 4, 8).tolist() == [[1 / 8] * 8]


@given(DRAWS, st.floats(1.0, 9.0), st.floats(0.2, 3.0))
def test_load_slows_deals_between_not_at_all_and_in_proportion(
    draw: Draw, load: float, hands: float
) -> None:
    handed = np.arange(6) < 3
    deals = same(draw, handed=handed, load=np.full(6, load))
    idle, full = deals.under(hands, 0.0).win, deals.under(hands, 1.0).win
    assert idle.tolist() == np.where(handed, hands, 1.0).tolist()
    assert full == pytest.approx(idle / load)


def test_a_departure_is_as_uncertain_as_what_load_does() -> None:
    draw = draw_of([0.5] * 6, [0.01] * 6)
    handed, light, heavy = np.arange(6) < 3, np.ones(6), np.full(6, 4.0)
    ratios = np.ones(16)
    spans = [
        delta_in_other_hands(
            draw, draw, same(draw, handed=handed, load=load), sellers(), ratios,
            seats=3, paths=512, seed=7,
        ).sum(axis=0)
        for load in (light, heavy)
    ]  # fmt: skip
    assert np.ptp(spans[0]) == 0 and spans[1].mean() < 0 and spans[1].max() <= 0
    assert len(np.unique(spans[1].round(6))) > 20
