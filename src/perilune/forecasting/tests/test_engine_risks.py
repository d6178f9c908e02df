"""Risks as pure functions: what holds, what it puts at stake, what rests on few, what is noise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perilune.forecasting.contracts.risk_kinds import PEERS, RiskKind
from perilune.forecasting.engine.judging import chance_below, difference_of_shares, wilson
from perilune.forecasting.engine.risks import (
    LIKE_AGE,
    WEEK,
    RiskFacts,
    half_of,
    holds,
    largest_group,
    stakes,
)

NAN = float("nan")


def facts_of(size: int = 1, **given_: Any) -> RiskFacts:
    """Return deals against which nothing speaks, but for what is given."""
    plain: dict[str, Any] = {
        "stage": np.ones(size, np.int64), "age": np.full(size, 20.0),
        "overdue": np.full(size, -5.0), "pushes": np.zeros(size), "silent": np.zeros(size),
        "stage_days": np.zeros(size), "stage_limit": np.full(size, 40.0),
        "contacts": np.full(size, 2.0), "value": np.full(size, 100.0),
        "amount_limit": np.full(size, 900.0), "has_next_step": np.ones(size, bool),
    }  # fmt: skip
    return RiskFacts(**plain | {name: np.asarray(value) for name, value in given_.items()})


def held(**given_: Any) -> set[RiskKind]:
    return {kind for kind, where in holds(facts_of(**given_)).items() if where[0]}


@pytest.mark.parametrize(
    ("given_", "kind"),
    [
        ({"overdue": [1.0]}, RiskKind.OVERDUE),
        ({"pushes": [2.0]}, RiskKind.PUSHED),
        ({"silent": [31.0]}, RiskKind.SILENT),
        ({"stage_days": [41.0]}, RiskKind.OLD_STAGE),
        ({"contacts": [1.0], "age": [31.0]}, RiskKind.SINGLE_THREADED),
        ({"value": [901.0]}, RiskKind.FAR_AMOUNT),
        ({"has_next_step": [False]}, RiskKind.NO_NEXT_STEP),
    ],
)
def test_each_risk_holds_past_its_limit_alone(given_: dict[str, Any], kind: RiskKind) -> None:
    assert held(**given_) == {kind}


def test_at_the_limit_nothing_holds() -> None:
    assert not held(
        overdue=[0.0], pushes=[1.0], silent=[30.0], stage_days=[40.0], value=[900.0],
        contacts=[1.0], age=[30.0],
    )  # fmt: skip


def test_what_is_unknown_does_not_hold() -> None:
    assert not held(
        overdue=[NAN], silent=[NAN], stage_limit=[NAN], contacts=[NAN], amount_limit=[NAN],
        stage_days=[9999.0], value=[9e9], age=[999.0],
    )  # fmt: skip


def test_revenue_at_risk_is_the_value_times_the_chance_that_is_missing() -> None:
    # twenty like deals at 40 %, one with the risk at 15 %, worth 1,000: 1,000 x (0.40 - 0.15)
    found = np.array([False] * PEERS + [True])
    win = np.array([0.4] * PEERS + [0.15])
    made = stakes(found, np.ones(21, np.int64), np.full(21, 30.0), (win, np.full(21, 1000.0)))
    assert made.revenue[-1] == pytest.approx(250.0)
    assert made.without[-1] == pytest.approx(0.4)
    assert made.peers[-1] == PEERS
    assert np.isnan(made.revenue[:-1]).all()


def test_under_twenty_like_deals_there_is_no_figure() -> None:
    found = np.array([False] * (PEERS - 1) + [True])
    size = len(found)
    chances = (np.full(size, 0.4), np.full(size, 1000.0))
    made = stakes(found, np.ones(size, np.int64), np.full(size, 30.0), chances)
    assert np.isnan(made.revenue[-1])
    assert made.peers[-1] == PEERS - 1


def test_deals_of_another_stage_or_more_than_twice_as_old_are_no_peers() -> None:
    found = np.array([False] * 40 + [True])
    stage = np.array([2] * 20 + [1] * 20 + [1])
    age = np.array([30.0] * 20 + [30.0 * LIKE_AGE + WEEK + 1] * 20 + [30.0])
    made = stakes(found, stage, age, (np.full(41, 0.5), np.full(41, 10.0)))
    assert made.peers[-1] == 0


def test_a_better_chance_than_its_peers_puts_nothing_at_stake() -> None:
    found = np.array([False] * PEERS + [True])
    win = np.array([0.1] * PEERS + [0.9])
    made = stakes(found, np.ones(21, np.int64), np.full(21, 30.0), (win, np.full(21, 1000.0)))
    assert made.revenue[-1] == 0.0


DEALS = st.lists(
    st.tuples(
        st.booleans(),
        st.integers(1, 2),
        st.integers(0, 120),
        st.one_of(st.floats(0, 1), st.just(NAN)),
        st.floats(0, 1e7),
    ),
    min_size=1,
    max_size=90,
)


@settings(deadline=None, max_examples=60)
@given(DEALS)
def test_stakes_are_those_of_every_pair_compared_and_never_more_than_the_value(
    deals: list[tuple[bool, int, int, float, float]],
) -> None:
    found = np.array([deal[0] for deal in deals])
    stage = np.array([deal[1] for deal in deals], np.int64)
    age = np.array([deal[2] for deal in deals], float)
    win, value = np.array([d[3] for d in deals]), np.array([d[4] for d in deals])
    made = stakes(found, stage, age, (win, value))
    for at in range(len(deals)):
        like = [
            win[k]
            for k in range(len(deals))
            if not found[k] and stage[k] == stage[at] and np.isfinite(win[k])
            and (age[at] + WEEK) / LIKE_AGE <= age[k] + WEEK <= (age[at] + WEEK) * LIKE_AGE
        ]  # fmt: skip
        if not found[at] or not np.isfinite(win[at]) or len(like) < PEERS:
            assert np.isnan(made.revenue[at])
            continue
        expected = max(float(np.mean(like)) - win[at], 0.0) * value[at]
        assert made.revenue[at] == pytest.approx(expected, abs=1e-3)
        assert 0 <= made.revenue[at] <= value[at]


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=50))
def test_half_of_is_the_fewest_that_reach_half(expected: list[int]) -> None:
    values = np.array(expected, dtype=float)
    chosen = half_of(values)
    if values.sum() <= 0:
        assert len(chosen) == 0
        return
    part, whole = values[chosen].sum(), values.sum()
    assert part >= whole / 2 * (1 - 1e-9)
    assert part - values[chosen].min() < whole / 2 * (1 + 1e-9)


def test_the_largest_group_is_never_the_unnamed_one() -> None:
    assert largest_group(np.array([9.0, 1.0, 2.0]), np.array([-1, 4, 5])) == (5, 2 / 12)
    assert largest_group(np.array([9.0]), np.array([-1])) is None
    assert largest_group(np.zeros(2), np.array([1, 2])) is None


def test_the_interval_of_a_difference_is_newcombes() -> None:
    # Newcombe 1998, Statistics in Medicine 17, table II, contrast (a) 56/70 - 48/80, method 10
    low, high = difference_of_shares((56, 70), (48, 80))
    assert (round(low, 4), round(high, 4)) == (0.0524, 0.3339)


def test_the_interval_of_a_share_is_wilsons() -> None:
    # Newcombe 1998, Statistics in Medicine 17, 857-872, table I, method 3: 81/263
    low, high = wilson(81, 263)
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)


@given(st.floats(0, 100), st.floats(0.1, 50), st.floats(0.1, 50))
def test_an_outcome_at_a_percentile_has_its_chance(p50: float, below: float, above: float) -> None:
    p10, p90 = p50 - below, p50 + above
    assert chance_below(p10, p10, p50, p90) == pytest.approx(0.1)
    assert chance_below(p50, p10, p50, p90) == pytest.approx(0.5)
    assert chance_below(p90, p10, p50, p90) == pytest.approx(0.9)


def test_a_range_without_width_is_no_division_by_zero() -> None:
    assert [chance_below(x, 5, 5, 5) for x in (4, 5, 6)] == [0.0, 0.5, 1.0]
