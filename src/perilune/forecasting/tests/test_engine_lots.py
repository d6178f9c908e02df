"""Drawing: deals and arrivals against closed forms, the luck of a deal, samples of every level."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perilune.forecasting.contracts import By
from perilune.forecasting.engine import Draw, Seats, Unit, simulate, simulation
from perilune.forecasting.engine.sampling import Lots, Shared, draw_lots
from perilune.forecasting.engine.spread import Spread

pytestmark = pytest.mark.engine

ONE = np.ones(1)
SIZES = -np.log(1 - (np.arange(64) + 0.5) / 64)  # of variation one
SIZES = SIZES / SIZES.mean()
PATHS = 20_000


def draw_of(deals: Any = (), new: Any = (), ratios: Any = ONE, sizes: Any = ONE) -> Draw:
    """Make a draw of deals (seat, key, value, chance) and streams (seat, key, value, wins)."""
    deal = np.array(sorted(deals), float).reshape(-1, 4)
    stream = np.array(new, float).reshape(-1, 4)
    return Draw(
        deal[:, 0].astype(np.int64), deal[:, 1].astype(np.int64), deal[:, 2], deal[:, 3],
        stream[:, 0].astype(np.int64), stream[:, 1].astype(np.int64), stream[:, 2], stream[:, 3],
        np.zeros(len(stream), np.int64), np.asarray(ratios), np.asarray(sizes)[None],
        np.asarray(sizes),
    )  # fmt: skip


def within(found: float, expected: float, error: float) -> bool:
    """Tell whether a figure lies within five standard errors: chance breaks it once in 10^6."""
    return abs(found - expected) <= 5 * error + 1e-9


@settings(max_examples=20, deadline=None)
@given(st.floats(0.0, 1.0), st.integers(0, 2**40), st.integers(0, 2**31))
def test_a_deal_is_won_on_its_share_of_the_paths(chance: float, key: int, seed: int) -> None:
    found = simulate(draw_of([(0, key, 700.0, chance)]), 1, PATHS, seed)[0]
    assert set(np.unique(found)) <= {0.0, 700.0}
    deviation = 700 * np.sqrt(chance * (1 - chance) / PATHS)
    assert within(found.mean(), 700 * chance, deviation + 700 / PATHS)


@settings(max_examples=30, deadline=None)
@given(st.floats(0.001, 40.0), st.integers(0, 2**40), st.integers(0, 2**31))
def test_new_wins_arrive_as_a_compound_poisson_number(wins: float, key: int, seed: int) -> None:
    found = simulate(draw_of(new=[(0, key, 100.0, wins)], sizes=SIZES), 1, PATHS, seed)[0]
    square = float(np.mean(SIZES**2))
    variance = wins * 100**2 * square
    assert within(found.mean(), 100 * wins, np.sqrt(variance / PATHS))
    fourth = wins * 100**4 * float(np.mean(SIZES**4))
    assert within(found.var(), variance, np.sqrt((fourth + 2 * variance**2) / PATHS))


def test_mean_and_variance_of_a_book_are_those_of_the_closed_form() -> None:
    rng = np.random.default_rng(8)
    chance, value = rng.uniform(0, 1, 60), rng.uniform(100, 900, 60)
    ratios = np.array([0.5, 1.0, 1.5])
    deals = [(0, key, value[key], chance[key]) for key in range(60)]
    found = simulate(draw_of(deals, ratios=ratios), 1, PATHS, 3)[0]
    mean = float((chance * value).sum())
    variance = float((value**2 * (chance * np.mean(ratios**2) - chance**2)).sum())
    assert within(found.mean(), mean, np.sqrt(variance / PATHS))
    assert found.var() == pytest.approx(variance, rel=0.05)


def test_a_deal_that_is_sure_is_won_on_every_path_and_one_without_a_chance_on_none() -> None:
    found = simulate(draw_of([(0, 1, 5.0, 1.0), (1, 2, 5.0, 0.0)]), 2, 1000, 9)
    assert (found[0] == 5.0).all()
    assert (found[1] == 0.0).all()


DEALS = [(seat, 10 * seat + n, 100.0 + n, 0.1 * (n + 1)) for seat in range(4) for n in range(6)]
STREAMS = [(seat, 64 * seat, 300.0, 0.7) for seat in range(4)]


def test_the_same_key_has_the_same_luck_whatever_stands_around_it() -> None:
    whole = simulate(draw_of(DEALS, STREAMS), 4, 500, 7)
    alone = simulate(draw_of([deal for deal in DEALS if deal[0] == 2], STREAMS[2:3]), 4, 500, 7)
    assert np.array_equal(whole[2], alone[2])
    assert not alone[[0, 1, 3]].any()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, len(DEALS) - 1), st.floats(0, 1), st.floats(0, 10_000))
def test_a_changed_deal_changes_its_own_seat_only(at: int, chance: float, value: float) -> None:
    seat, key, *__ = DEALS[at]
    changed = [*DEALS[:at], (seat, key, value, chance), *DEALS[at + 1 :]]
    before = simulate(draw_of(DEALS, STREAMS), 4, 500, 7)
    after = simulate(draw_of(changed, STREAMS), 4, 500, 7)
    others = [row for row in range(4) if row != seat]
    assert np.array_equal(before[others], after[others])


def test_two_threads_draw_the_digits_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    streams = [(seat, 10 + row, 100.0, 1.0 + row) for row, seat in enumerate((0, 0, 1, 2, 2, 3))]
    alone = simulate(draw_of(DEALS, streams, sizes=SIZES), 4, 2000, 5)
    monkeypatch.setattr(simulation, "_WORTH_A_THREAD", 0)
    assert (simulate(draw_of(DEALS, streams, sizes=SIZES), 4, 2000, 5) == alone).all()
    backwards = simulate(draw_of(DEALS, streams[::-1], sizes=SIZES), 4, 2000, 5)
    assert backwards == pytest.approx(alone)


def test_a_better_chance_never_loses_a_path_it_had_within_its_power_of_two() -> None:
    low = simulate(draw_of([(0, 5, 1.0, 0.3)]), 1, 4096, 1)[0]
    high = simulate(draw_of([(0, 5, 1.0, 0.45)]), 1, 4096, 1)[0]
    assert (high >= low).all()
    assert high.sum() > low.sum()


def test_another_seed_is_another_luck() -> None:
    one = simulate(draw_of(DEALS), 4, 500, 1)
    assert not np.array_equal(one, simulate(draw_of(DEALS), 4, 500, 2))


# -- samples of every level ------------------------------------------------------------------------

SEATS = Seats(np.array([1, 2, 3, 4]), np.array([11, 11, 12, 12]), np.array([21, 21, 21, 21]))
NOTHING = Spread(0.0, 1.0)


def lots_of(mean: Any, spreads: dict[By, Spread] | None = None, **more: Any) -> Lots:
    asked = {"seed": 4, "paths": 4096, **more}
    draw = asked.pop("draw", draw_of(DEALS, STREAMS, sizes=SIZES))
    return draw_lots(np.asarray(mean, float), draw, 150.0, SEATS, spreads or {}, **asked)


def unit(by: By, *seats: int) -> Unit:
    return Unit("", "", by, None, seats)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.just(0.0) | st.floats(1, 1e6), min_size=4, max_size=4),
    st.lists(st.floats(0, 0.5), min_size=4, max_size=4),
    st.floats(0.5, 1.3),
)
def test_levels_sum_path_by_path_and_every_seat_keeps_its_mean(
    mean: list[float], extra: list[float], factor: float
) -> None:
    levels = (By.TOTAL, By.REGION, By.TEAM, By.REP)
    spreads = {by: Spread(part, factor) for by, part in zip(levels, extra, strict=True)}
    found = lots_of(mean, spreads, paths=1024)
    assert np.isfinite(found.samples).all()
    assert (found.samples >= 0).all()
    held = found.samples.mean(axis=1)
    drawn = found.samples.any(axis=1)
    assert held[drawn] == pytest.approx(np.array(mean)[drawn])
    assert (np.array(mean)[~drawn] < 20).all()  # under a thousandth of a win nothing may be drawn
    teams = found.of(unit(By.TEAM, 0, 1)) + found.of(unit(By.TEAM, 2, 3))
    assert teams == pytest.approx(found.of(unit(By.TOTAL)))
    low, mid, high = np.quantile(found.of(unit(By.TOTAL)), [0.1, 0.5, 0.9])
    assert 0 <= low <= mid <= high


def test_what_past_errors_ask_for_widens_the_level_that_asked() -> None:
    mean = [400.0, 500.0, 600.0, 700.0]
    plain, wide = lots_of(mean, {By.TOTAL: NOTHING}), lots_of(mean, {By.TOTAL: Spread(0.09, 1.0)})
    deviation = [
        np.log1p(lots.samples.sum(axis=0).var() / (2200 + 150) ** 2) for lots in (plain, wide)
    ]
    # 4,096 paths: a variance is known to sqrt(2 / 4096) = 2 %, a heavy tail makes it some per cent
    assert deviation[1] == pytest.approx(deviation[0] + 0.09, rel=0.1)


def test_luck_that_is_wider_than_past_errors_of_the_total_is_drawn_in() -> None:
    mean = [400.0, 500.0, 600.0, 700.0]
    plain = lots_of(mean, {By.TOTAL: NOTHING})
    narrow = lots_of(mean, {By.TOTAL: Spread(0.0, 0.5)})
    # nothing falls below zero, so the drawn-in total is held to half by some per cent
    assert narrow.samples.sum(axis=0).std() == pytest.approx(
        plain.samples.sum(axis=0).std() / 2, rel=0.1
    )
    assert narrow.samples.mean(axis=1) == pytest.approx(mean)


def test_what_the_deals_on_hand_cannot_bring_is_drawn_as_deals_of_its_own() -> None:
    book = draw_of([(0, 1, 100.0, 0.5)])
    found = lots_of([1000.0, 0.0, 0.0, 0.0], draw=book)
    # 3 x 50 is the furthest that the deal is stretched; the rest is new
    assert found.open[0] == pytest.approx(0.15)
    assert found.samples[0].mean() == pytest.approx(1000.0)
    assert not found.samples[1:].any()


def test_the_share_of_open_deals_is_theirs_of_the_mean() -> None:
    book = draw_of([(0, 1, 100.0, 0.5)], [(0, 2, 100.0, 1.5)])
    assert lots_of([200.0, 0, 0, 0], draw=book).open[0] == pytest.approx(0.25)
    assert lots_of([100.0, 0, 0, 0], draw=book).open[0] == pytest.approx(0.25)


def test_the_noise_of_one_seat_does_not_depend_on_another_seats_mean() -> None:
    one = lots_of([400.0, 500.0, 600.0, 700.0])
    two = lots_of([400.0, 500.0, 600.0, 900.0])
    assert np.array_equal(one.samples[:3], two.samples[:3])


def test_a_draw_is_only_read() -> None:
    draw = draw_of(DEALS, STREAMS)
    before = replace(draw, deal_value=draw.deal_value.copy())
    simulate(draw, 4, 100, 1)
    assert np.array_equal(draw.deal_value, before.deal_value)


def test_wins_that_change_hands_are_credited_to_their_heirs() -> None:
    kept = draw_of(DEALS)
    moved = replace(kept, moved=0.5, heirs=np.full(2048, 3))
    before, after = (simulate(draw, 4, 4096, 1) for draw in (kept, moved))
    assert after.sum() == pytest.approx(before.sum(), rel=0.02)
    assert after[3].sum() > before[3].sum()
    assert after.mean(axis=1) == pytest.approx(moved.means(4)[0], rel=0.1)
    outside = replace(kept, moved=0.5, heirs=np.full(2048, -1))
    assert simulate(outside, 4, 4096, 1).sum() < 0.6 * before.sum()


def test_a_unit_without_skill_inside_is_shared_out_path_by_path() -> None:
    mean, own = np.array([300.0, 300.0, 200.0, 200.0]), np.array([590.0, 10.0, 390.0, 10.0])
    found = lots_of(mean, shared=Shared(own, np.array([0, 0, 1, 1])), spreads={})
    alone = lots_of(own, spreads={})
    assert found.samples.mean(axis=1) == pytest.approx(mean)
    for seats in ([0, 1], [2, 3]):
        one, other = found.samples[seats].sum(axis=0), alone.samples[seats].sum(axis=0)
        assert np.corrcoef(one, other)[0, 1] > 0.97
