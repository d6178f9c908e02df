"""How wide, how weighted: the spread of past errors, the combination and its gate, arrivals."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perilune.forecasting.engine import COMBINED, Target, Unit
from perilune.forecasting.engine.arrivals import corrections, distance, new_wins, rates
from perilune.forecasting.engine.combination import mix_of
from perilune.forecasting.engine.members import PLAIN
from perilune.forecasting.engine.panel import Panel
from perilune.forecasting.engine.spread import (
    COMMON,
    NARROWEST,
    OWN,
    WIDEST,
    Z90,
    Spread,
    assumed,
    band,
    chance,
    errors,
    spread,
    thin_factor,
)
from perilune.insights.contracts import Outlook, births

pytestmark = pytest.mark.engine


# -- spread ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("by_chance", "unknown"), [(0.0, 0.3), (0.2, 0.3), (0.3, 0.0), (0.5, 0.1)])
def test_eight_in_ten_new_errors_lie_inside_what_past_ones_asked_for(
    by_chance: float, unknown: float
) -> None:
    rng = np.random.default_rng(12)
    deviation = np.hypot(by_chance, unknown)
    alone = np.full(3000, by_chance**2)
    found = spread(rng.normal(0, deviation, 3000), alone, np.zeros(3000), origins=104, length=7)
    new = rng.normal(0, deviation, 20_000)
    inside = np.abs(new) <= Z90 * found.deviation(np.array(by_chance**2))
    assert inside.mean() == pytest.approx(0.8, abs=0.025)


def test_luck_that_is_wider_than_the_errors_is_narrowed_by_a_factor() -> None:
    rng = np.random.default_rng(3)
    found = spread(
        rng.normal(0, 0.2, 2000), np.full(2000, 0.3**2), np.zeros(2000), origins=104, length=91
    )
    assert found.factor < 0.85
    far = spread(
        rng.normal(0, 0.02, 2000), np.full(2000, 0.9**2), np.zeros(2000), origins=104, length=7
    )
    assert far.factor == pytest.approx(NARROWEST, abs=0.02)


def test_an_error_of_long_ago_widens_less_than_one_of_late() -> None:
    past = np.where(np.arange(100) < 40, 0.8, 0.1)
    late, long_ago = (
        spread(past, np.full(100, 0.04), back, origins=52, length=7).factor
        for back in (np.zeros(100), np.where(np.arange(100) < 40, 728.0, 0.0))
    )
    assert long_ago < late


def test_the_assumed_width_grows_as_windows_shrink() -> None:
    found = [assumed(length) for length in (3, 7, 28, 91, 365)]
    assert found == sorted(found, reverse=True)
    assert found[-1] == pytest.approx(COMMON**2, rel=0.01)


def test_the_assumed_width_grows_from_the_total_down_to_reps() -> None:
    found = [assumed(28, depth) for depth in range(4)]
    assert np.diff(found) == pytest.approx(np.full(3, OWN**2))


def test_under_four_origins_the_assumption_stands() -> None:
    for origins in range(4):
        assert spread(np.full(9, 0.7), np.zeros(9), np.zeros(9), origins, 30) == Spread(
            assumed(30), 1.0
        )
    nothing = np.zeros(0)
    assert spread(nothing, nothing, nothing, 9, 30) == Spread(assumed(30), 1.0)


def test_fewer_origins_widen_a_range_and_eight_do_not() -> None:
    factors = [thin_factor(n) for n in range(4, 12)]
    assert factors == sorted(factors, reverse=True)
    assert factors[0] == pytest.approx(np.sqrt(1.5))
    assert factors[4:] == [1.0] * 4


@given(
    st.lists(st.floats(-3, 3), min_size=0, max_size=60),
    st.floats(0, 2),
    st.integers(0, 60),
    st.integers(1, 120),
)
def test_a_spread_is_a_number_that_is_not_negative(
    past: list[float], by_chance: float, origins: int, length: int
) -> None:
    alone = np.full(len(past), by_chance)
    found = spread(np.array(past), alone, np.zeros(len(past)), origins, length)
    assert np.isfinite(found.extra)
    assert found.extra >= 0
    assert NARROWEST <= found.factor <= WIDEST * 1.23


@given(st.floats(0, 1e9), st.floats(1, 1e6), st.floats(0, 3))
def test_a_band_holds_its_point_and_is_never_below_zero(
    point: float, deal: float, deviation: float
) -> None:
    low, high = band(np.array(point), np.array(deal), np.array(deviation))
    assert 0 <= low <= point + 1e-6 * (point + deal)
    assert high >= point - 1e-6 * (point + deal)


def test_errors_are_logs_and_an_outcome_of_nothing_is_one_too() -> None:
    found = errors(np.array([0.0, 300.0, -50.0]), np.array([100.0] * 3), np.array([100.0] * 3))
    assert found == pytest.approx(np.log([0.5, 2.0, 0.5]))
    assert chance(np.array(0.0), np.array(1.0), np.array(1.0)) == 0


# -- combination -----------------------------------------------------------------------------------

TARGET = Target(700, 701, 730)
DAYS = np.arange(700 - 7 * 60, 701, 7)


def panel(said: dict[str, Any], came: Any) -> Panel:
    """Make a panel of the total: what each member said at every knowledge day, and what came."""
    rows = len(DAYS)
    table = {name: np.full((rows, 1), np.nan) for name in COMBINED}
    for name, values in said.items():
        table[name][:, 0] = values
    known = np.broadcast_to(np.asarray(came, float), (rows,))
    return Panel(
        [Unit("total", "total")], DAYS, TARGET, table, np.tile(known[None, :, None], (rows, 1, 1)),
        np.ones((rows, 1)), np.full((rows, 1), np.nan), np.ones((rows, 1), np.bool_), np.zeros(1),
        np.zeros((1, 701)), np.zeros(1, np.int64),
    )  # fmt: skip


def noisy(seed: int, size: float, came: float = 100.0) -> Any:
    return came * np.exp(np.random.default_rng(seed).normal(0, size, len(DAYS)))


def test_without_an_origin_that_is_over_the_members_that_speak_weigh_the_same() -> None:
    first = {
        name: weight[0]
        for name, weight in mix_of(panel({n: 5.0 for n in PLAIN}, 1), None).weights.items()
    }
    assert first == {name: 0.5 if name in PLAIN else 0.0 for name in COMBINED}


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.floats(0.01, 1.0), min_size=len(COMBINED), max_size=len(COMBINED)),
    st.integers(0, 999),
)
def test_weights_sum_to_one_on_every_day(sizes: list[float], seed: int) -> None:
    said = {
        name: noisy(seed + at, size)
        for at, (name, size) in enumerate(zip(COMBINED, sizes, strict=True))
    }
    mix = mix_of(panel(said, 100.0), None)
    total = sum(mix.weights.values())
    assert total == pytest.approx(np.ones(len(DAYS)))
    assert all((weight >= 0).all() for weight in mix.weights.values())


def test_the_member_that_erred_least_weighs_most() -> None:
    said = {
        "simulation": noisy(1, 0.05),
        "quarter_back": noisy(2, 0.2),
        "mean_13_weeks": noisy(3, 0.4),
    }
    mix = mix_of(panel(said, 100.0), None)
    last = {name: weight[-1] for name, weight in mix.weights.items()}
    assert (
        last["simulation"] > last["quarter_back"] > last["mean_13_weeks"] > last["year_back"] == 0
    )
    assert mix.gated[-1] == ""


def test_a_combination_that_is_no_better_than_a_plain_rule_falls_back_to_it() -> None:
    said = {
        "simulation": noisy(1, 0.9),
        "quarter_back": noisy(2, 0.02),
        "mean_13_weeks": noisy(3, 0.9),
    }
    mix = mix_of(panel(said, 100.0), None)
    assert mix.gated[-1] == "quarter_back"
    assert {name: weight[-1] for name, weight in mix.weights.items() if weight[-1]} == {
        "quarter_back": 1
    }
    assert not mix.gated[0], "no claim is judged before eight origins are over"
    whole = mix.point(panel(said, 100.0).said)
    assert whole[-1, 0] == said["quarter_back"][-1]


def test_the_choice_of_a_day_rests_on_windows_that_were_over_by_it() -> None:
    said = {
        "simulation": noisy(1, 0.3),
        "quarter_back": noisy(2, 0.2),
        "mean_13_weeks": noisy(3, 0.4),
    }
    came = np.full(len(DAYS), 100.0)
    changed = came.copy()
    changed[40:] = 900.0  # windows of these origins are over after the day of origin 44 only
    one, two = (mix_of(panel(said, values), None) for values in (came, changed))
    for name in COMBINED:
        assert one.weights[name][:44] == pytest.approx(two.weights[name][:44])
    assert any(one.weights[name][-1] != pytest.approx(two.weights[name][-1]) for name in COMBINED)


def test_without_the_standing_members_there_is_no_combination() -> None:
    mix = mix_of(panel({"simulation": 5.0}, 1.0), None)
    assert np.isnan(mix.point(panel({"simulation": 5.0}, 1.0).said)).all()


# -- arrivals --------------------------------------------------------------------------------------


def outlook(day: int, born: Any, owner: Any, group: Any, horizon: int = 28) -> Outlook:
    """Make the outlook of a day of three reps and two kinds of deals, 2 % and 1 % won a day."""
    owners = np.array([-1, 4, 9])
    ahead = np.arange(horizon + 1.0)
    conversion = np.array([0.02, 0.01])[:, None] * ahead * (ahead - 1) / 2
    none = np.zeros((3, horizon + 1))
    day_of, rep, kind = (np.asarray(column, np.int64) for column in (born, owner, group))
    return Outlook(
        day, day, owners, none, none, none, conversion, np.array([100.0, 900.0]), np.ones((2, 4)),
        births(day_of, rep, kind, day, shape=(owners, 2)),
        np.ones(3), np.ones(1), np.ones(4), np.ones(4),
    )  # fmt: skip


@given(
    st.lists(
        st.tuples(st.integers(44, 99), st.sampled_from([-1, 4, 9]), st.integers(0, 1)), max_size=80
    )
)
def test_rates_conserve_the_number_of_deals(deals: list[tuple[int, int, int]]) -> None:
    born, owner, group = (
        (list(column) for column in zip(*deals, strict=True)) if deals else ([], [], [])
    )
    found = rates(outlook(99, born, owner, group))
    assert (found >= 0).all()
    assert found.sum() * 56 == pytest.approx(len(deals))


def test_who_brought_few_is_drawn_to_the_mean_and_who_brought_none_brings_none() -> None:
    found = rates(outlook(99, [80] * 42, [4] * 2 + [9] * 40, [0] * 42)).sum(axis=1) * 56
    assert found[0] == 0
    assert 2 < found[1] < 21 < found[2] < 40


def test_deals_of_long_ago_set_no_rate() -> None:
    assert rates(outlook(99, [10, 20, 43], [4, 4, 9], [0, 0, 1])).sum() == 0


def test_new_wins_are_rate_times_conversion_and_a_factor_holds_for_its_distance_only() -> None:
    one = outlook(99, [80] * 56, [4] * 56, [0] * 56)
    plain, doubled = new_wins(one, np.ones(4)), new_wins(one, np.array([1.0, 2.0, 1.0, 1.0]))
    assert plain[1, 0] == pytest.approx(one.conversion[0])
    assert doubled[1, 0, :8] == pytest.approx(plain[1, 0, :8])
    assert doubled[1, 0, 28] - doubled[1, 0, 7] == pytest.approx(
        2 * (plain[1, 0, 28] - plain[1, 0, 7])
    )


def test_new_wins_that_change_hands_are_neither_made_nor_lost() -> None:
    one = replace(outlook(99, [80] * 56, [4] * 56, [0] * 56), owner_factor=np.array([1.0, 0.5, 2]))
    moved = replace(one, moved_new=0.75, heirs=np.array([0.0, 0.0, 1.0]))
    before, after = new_wins(one, np.ones(4)), new_wins(moved, np.ones(4))
    assert after.sum(axis=0) == pytest.approx(before.sum(axis=0))
    assert after[2] == pytest.approx(0.75 * before.sum(axis=0))


def test_a_day_ahead_lies_in_the_first_distance_that_holds_it() -> None:
    assert distance(np.array([1, 7, 8, 28, 29, 91, 92, 371])).tolist() == [0, 0, 1, 1, 2, 2, 3, 3]


def test_corrections_of_new_wins_move_towards_what_came() -> None:
    # outlooks of thirteen weeks, each of 56 deals a day of the first kind for one rep
    days = range(100, 191, 7)
    told = [outlook(day, [day] * 3136, [4] * 3136, [0] * 3136) for day in days]
    expected = 56 * 0.02 * 7 * 6 / 2  # wins within a week of an outlook
    rng = np.random.default_rng(2)
    for share in (0.5, 1.0, 2.0):
        born = np.concatenate([np.full(int(share * expected), day + 1) for day in days])
        won = born + rng.integers(0, 6, len(born))
        found = corrections(told, born, won, 220)
        assert found[0] == pytest.approx(share, abs=0.12 + 0.3 * (share > 1))
    assert corrections([], np.zeros(0, np.int64), np.zeros(0, np.int64), 220) == pytest.approx(
        np.ones(4)
    )


def test_outlooks_whose_window_is_not_over_correct_nothing() -> None:
    told = [outlook(218, [218] * 500, [4] * 500, [0] * 500)]
    nobody = np.zeros(0, np.int64)
    assert corrections(told, nobody, nobody, 220) == pytest.approx(np.ones(4))
