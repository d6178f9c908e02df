"""Who takes over, proration and what a scenario is told: laws, and cases worked by hand."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.forecasting.contracts.departures import Going, Rule, Taker, Terms
from perilune.forecasting.engine.parting import (
    Around,
    Book,
    by_hand,
    deal_takers,
    edits_of,
    nearest,
    prorated,
    ramp_again,
    spread,
    takers_of,
)
from perilune.planning.contracts import Absence, Leave, Move

Q3 = (date(2026, 7, 1), date(2026, 9, 30))
NOTHING = np.zeros(0)


def book(values: list[float], segments: list[str] | None = None) -> Book:
    count = len(values)
    return Book(
        np.arange(1, count + 1), np.array(values, float), segments or [""] * count, [""] * count,
        np.full(count, np.nan), np.full(count, np.nan),
    )  # fmt: skip


def peers(*load: float) -> Around:
    ids = np.arange(101, 101 + len(load))
    return Around(ids, np.array(load), NOTHING.astype(int), NOTHING, NOTHING)


def test_the_largest_goes_first_to_whoever_has_least_open() -> None:
    takers = spread(np.array([1, 2, 3]), np.array([10.0, 50.0, 30.0]), np.array([7, 8]),
                    np.array([0.0, 25.0]))  # fmt: skip
    assert takers.tolist() == [7, 7, 8]  # 50 to 7; 30 to 8 (25 < 50); 10 to 7 (50 < 55)


@given(
    st.lists(st.integers(0, 10**9), max_size=30), st.lists(st.integers(0, 10**9), max_size=6),
    st.sampled_from(list(Rule)),
)  # fmt: skip
def test_everything_is_taken_once_by_somebody_who_may_and_never_worse_than_the_largest_thing(
    values: list[int], load: list[int], rule: Rule
) -> None:
    terms = Terms(Going.LEAVE, 5, rule=rule)
    found = takers_of(terms, book([float(v) for v in values]), peers(*map(float, load)))
    allowed = set(range(101, 101 + len(load))) if terms.hands_over and load else {0}
    assert set(found.tolist()) <= allowed and len(found) == len(values)
    if terms.hands_over and load and values:
        held = np.array(load, float)
        for taker, value in zip(found.tolist(), values, strict=True):
            held[taker - 101] += value
        # list scheduling: no more than the least loaded plus the largest, where work was given
        given_to = {taker - 101 for taker in found.tolist()}
        assert all(held[at] <= held.min() + max(values) + 1e-6 for at in given_to)


def test_lines_by_hand_are_tried_in_order_and_the_team_takes_the_rest() -> None:
    terms = Terms(Going.LEAVE, 5, rule=Rule.HAND, takers=(Taker(9, "Large"),))
    accounts = book([1.0, 2.0], ["Large", "Small"])
    assert by_hand(accounts, terms.takers).tolist() == [9, 0]
    assert takers_of(terms, accounts, peers(0.0)).tolist() == [9, 101]


def test_the_nearest_centre_is_found_across_the_date_line_and_without_a_place_there_is_none() -> (
    None
):
    accounts = Book(np.array([1, 2]), np.ones(2), ["", ""], ["", ""],
                    np.array([-17.0, np.nan]), np.array([179.5, 0.0]))  # fmt: skip
    around = Around(NOTHING.astype(int), NOTHING, np.array([7, 8]), np.array([-17.0, -17.0]),
                    np.array([-179.0, 170.0]))  # fmt: skip
    assert nearest(accounts, around).tolist() == [7, 0]


def test_deals_follow_their_account_and_those_in_commit_stay() -> None:
    account, commit = np.array([1, 1, 2, 0]), np.array([False, True, False, False])
    stays = deal_takers(account, commit, {1: 7, 2: 8}, keeps_commit=True, other=9)
    assert stays.tolist() == [7, 0, 8, 9]
    goes = deal_takers(account, commit, {1: 7, 2: 8}, keeps_commit=False, other=9)
    assert goes.tolist() == [7, 7, 8, 9]


@pytest.mark.parametrize(
    ("away", "share", "left"),
    [
        ((date(2026, 7, 16), None), 1.0, 15_000),  # 15 of 92 days of 92,000
        ((date(2026, 7, 1), None), 1.0, 0),
        ((date(2026, 10, 1), None), 1.0, 92_000),  # away after the quarter
        ((date(2026, 8, 1), date(2026, 8, 31)), 0.5, 92_000 - 15_500),  # half of 31 days
        ((date(2026, 9, 30), date(2027, 3, 1)), 1.0, 91_000),
    ],
)
def test_a_quota_is_prorated_by_calendar_days_rule_28(
    away: tuple[date, date | None], share: float, left: int
) -> None:
    assert prorated(92_000, *Q3, away, share) == left


@given(
    st.integers(0, 10**12), st.integers(-40, 140), st.integers(0, 120),
    st.floats(0.01, 1.0), st.integers(0, 60),
)  # fmt: skip
def test_proration_never_leaves_the_quota_and_more_absence_never_leaves_more(
    minor: int, begins: int, length: int, share: float, more: int
) -> None:
    first = Q3[0] + timedelta(days=begins)
    last = first + timedelta(days=length)
    left = prorated(minor, *Q3, (first, last), share)
    assert 0 <= left <= minor
    assert prorated(minor, *Q3, (first, last + timedelta(days=more)), share) <= left
    halves = [
        minor - prorated(minor, *Q3, span, share)
        for span in ((first, first + timedelta(days=length // 2)),
                     (first + timedelta(days=length // 2 + 1), last))
    ]  # fmt: skip
    if length >= 1:
        assert abs(minor - left - sum(halves)) <= 1  # parts sum to the whole but for one rounding


def test_a_scenario_is_told_what_it_can_hold() -> None:
    day = date(2027, 3, 16)
    leave = Terms(Going.LEAVE, 5, last_day=date(2027, 3, 15))
    assert edits_of(leave, day) == (Leave(5, date(2027, 3, 15), None),)
    one = leave.but(rule=Rule.HAND, takers=(Taker(7),))
    assert edits_of(one, day) == (Leave(5, date(2027, 3, 15), 7),)
    absence = Terms(Going.ABSENCE, 5, first_day=day, last_day=date(2027, 6, 30), fte=0.4)
    assert edits_of(absence, day) == (Absence(5, day, date(2027, 6, 30), 0.4),)
    move = Terms(Going.MOVE, 5, first_day=day, team_id=2, ramp_days=0)
    assert edits_of(move, day, {1: 7, 2: 8, 3: 7, 4: 0}) == (
        Move(7, day, 5, (1, 3)), Move(8, day, 5, (2,)),
    )  # fmt: skip


def test_the_ramp_after_a_change_of_team_misses_what_a_straight_line_misses() -> None:
    terms = Terms(Going.MOVE, 5, first_day=date(2027, 1, 1), ramp_days=90, ramp_loss=0.5)
    steps = ramp_again(terms, date(2027, 1, 1))
    assert [step.fte for step in steps] == [0.4167, 0.25, 0.0833]
    days = [((step.ends or step.starts) - step.starts).days + 1 for step in steps]
    assert days == [30, 30, 30] and steps[-1].ends == date(2027, 3, 31)
    missing = sum(step.fte * count for step, count in zip(steps, days, strict=True))
    assert missing == pytest.approx(0.5 * 90 / 2, abs=0.01)


def test_terms_come_back_from_json_as_they_were() -> None:
    line = Taker(7, "Large", "Energy")
    terms = Terms(Going.ABSENCE, 5, date(2027, 1, 1), None, 0.5, rule=Rule.HAND, takers=(line,))
    assert Terms.read(terms.kept()) == terms
