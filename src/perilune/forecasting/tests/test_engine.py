"""The engine: laws on random histories, golden figures on the Maven sales."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perilune.forecasting.contracts import By, ForecastRow, Status
from perilune.forecasting.engine import (
    COMBINATION,
    SIMULATION,
    Answer,
    Target,
    Wins,
    forecast,
    history_of,
    knowledge_days,
    origins,
)
from perilune.forecasting.engine.members import Ask, ask_all
from perilune.forecasting.engine.windows import disjoint
from perilune.forecasting.testing import maven_sales, plain_calendar, question_of, wins_of

pytestmark = pytest.mark.engine

FIRST = date(2017, 3, 1)  # the first close in the Maven file
CALENDAR = plain_calendar(FIRST)


def day(text: str) -> int:
    return (date.fromisoformat(text) - FIRST).days


def answer(wins: Wins, target: Target, **more: Any) -> Answer:
    return forecast(question_of(wins, target, CALENDAR, **more))


def maven_answer(as_of: str, start: str, end: str) -> Answer:
    won = maven_sales()
    days = (won.close_date.dt.date - FIRST).map(lambda gap: gap.days)
    wins = wins_of(days, (won.close_value * 100).to_numpy())
    return answer(wins, Target(day(as_of), day(start), day(end)), units={}, paths=4096)


def maven_forecast(as_of: str, start: str, end: str) -> ForecastRow:
    return maven_answer(as_of, start, end).total


def every_row(found: Answer) -> list[ForecastRow]:
    return [row for rows in found.rows.values() for row in rows]


@st.composite
def histories(draw: st.DrawFn) -> tuple[Wins, Target]:
    size = draw(st.integers(20, 500))
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    count = draw(st.integers(0, 400))
    days = rng.integers(0, size, count)
    delay = rng.integers(0, draw(st.integers(1, 30)), count)
    amounts = np.round(rng.lognormal(8, draw(st.floats(0, 2)), count))
    as_of = draw(st.integers(0, size - 1))
    start = as_of + draw(st.integers(-60, 60))
    unit = rng.integers(0, 3, count)
    target = Target(as_of, start, start + draw(st.integers(0, 120)))
    return wins_of(days, amounts, days + delay, unit=unit), target


@settings(max_examples=60, deadline=None)
@given(histories())
def test_a_range_rises_and_never_lies_below_what_is_won(case: tuple[Wins, Target]) -> None:
    for row in every_row(answer(*case)):
        if row.range is None:
            assert row.status in (Status.NO_HISTORY, Status.UNKNOWN)
            continue
        assert row.won_to_date is not None
        assert row.won_to_date <= row.range.p10 <= row.range.p50 <= row.range.p90


@settings(max_examples=30, deadline=None)
@given(histories(), st.integers(1, 10_000))
def test_what_becomes_known_later_never_changes_a_forecast(
    case: tuple[Wins, Target], amount: int
) -> None:
    wins, target = case
    late = target.as_of + 1
    # deals that close later, and deals that closed earlier but were entered later
    more = wins_of(
        np.concatenate([wins.day, [late, late + 3, max(late - 40, 0)]]),
        np.concatenate([wins.amount, [amount] * 3]),
        np.concatenate([wins.known_from, [late, late + 3, late]]),
        np.concatenate([wins.known_to, [2**31] * 3]),
        np.concatenate([wins.unit, [0, 0, 0]]),
    )
    assert len(more.day) == len(wins.day) + 3
    assert every_row(answer(more, target)) == every_row(answer(wins, target))


@settings(max_examples=25, deadline=None)
@given(histories(), st.randoms())
def test_the_order_of_the_rows_changes_no_digest(case: tuple[Wins, Target], random: object) -> None:
    wins, _ = case
    order = np.arange(len(wins.day))
    random.shuffle(order)  # type: ignore[attr-defined]
    assert wins.rows(order).digest() == wins.digest()


@settings(max_examples=25, deadline=None)
@given(histories())
def test_the_same_arrays_give_the_same_digits(case: tuple[Wins, Target]) -> None:
    one, two = answer(*case), answer(*case)
    assert one.rows == two.rows
    assert (one.lots is None) == (two.lots is None)
    if one.lots is not None and two.lots is not None:
        assert np.array_equal(one.lots.samples, two.lots.samples)


@settings(max_examples=30, deadline=None)
@given(histories())
def test_means_and_contributions_of_the_rows_sum_to_those_of_the_total(
    case: tuple[Wins, Target],
) -> None:
    found = answer(*case)
    if found.lots is None or found.total.range is None:
        return
    rest = found.total.range.mean - (found.total.won_to_date or 0.0)
    assert found.lots.samples.sum(axis=0).mean() == pytest.approx(rest)
    for at, level in enumerate(
        (found.total.range.p10, found.total.range.p50, found.total.range.p90)
    ):
        near = [row.near[at] for row in found.rows[By.REP] if row.near is not None]
        if len(near) == len(found.rows[By.REP]) and rest > 1:
            assert sum(near) == pytest.approx(level)
    means = [row.range.mean for row in found.rows[By.REP] if row.range is not None]
    if len(means) == len(found.rows[By.REP]):
        assert sum(means) == pytest.approx(found.total.range.mean)


def test_means_of_three_reps_with_a_full_history_sum_to_the_mean_of_the_whole() -> None:
    rng = np.random.default_rng(5)
    wins = wins_of(
        rng.integers(0, 300, 900), rng.integers(100, 5000, 900), unit=rng.integers(0, 3, 900)
    )
    found = answer(wins, Target(299, 275, 333))
    means = [row.range.mean for row in found.rows[By.REP] if row.range is not None]
    assert len(means) == 3
    assert found.total.range is not None
    assert sum(means) == pytest.approx(found.total.range.mean)


def test_a_restated_deal_counts_as_it_was_known_at_each_origin() -> None:
    # 1,000 until day 20, 400 from then on
    wins = wins_of([10, 10], [1000, 400], [10, 20], [20, 2**31])
    history = history_of(wins, np.array([9, 15, 20]))
    assert history.daily.sum(axis=1).tolist() == [0, 1000, 400]


def test_the_quarter_back_meets_the_ends_of_months() -> None:
    # November is told by the whole of August, per day: 31 won on 31 days give 30 for 30
    august = [day(f"2017-08-{n:02d}") for n in range(1, 32)]
    wins = wins_of(august, [1.0] * 31)
    target = Target(day("2017-10-31"), day("2017-11-01"), day("2017-11-30"))
    history = history_of(wins, np.array([target.as_of]))
    said = ask_all(Ask(history, CALENDAR, target.lead, target.length))
    assert said["quarter_back"][-1] == pytest.approx(30.0)


def test_days_beyond_a_quarter_look_two_quarters_back() -> None:
    daily = wins_of(np.arange(200), np.ones(200))
    target = Target(199, 200, 399)
    said = ask_all(Ask(history_of(daily, np.array([199])), CALENDAR, 0, target.length))
    assert said["quarter_back"][-1] == pytest.approx(200.0)


def test_the_year_back_counts_working_days_from_five_quarters_on() -> None:
    calendar = plain_calendar(FIRST, workdays=True)
    workdays = np.flatnonzero(calendar.working[:500])
    history = history_of(wins_of(workdays, np.full(len(workdays), 7.0)), np.array([400, 499]))
    said = ask_all(Ask(history, calendar, 0, 31))["year_back"]
    assert np.isnan(said[0])
    assert said[1] == pytest.approx(7.0 * calendar.working[500:531].sum())


def test_origins_begin_on_the_28th_day_of_data() -> None:
    target = Target(300, 280, 320)
    assert 27 <= origins(target, 0)[0] < 34
    assert origins(target, 260).size == 0
    assert knowledge_days(target, 260).tolist() == [300]


@pytest.mark.parametrize(
    ("count", "length", "windows"), [(0, 30, 0), (1, 91, 1), (13, 91, 1), (14, 91, 2), (23, 30, 5)]
)
def test_windows_that_do_not_overlap_are_counted(count: int, length: int, windows: int) -> None:
    assert disjoint(count, length) == windows


def test_a_finished_period_is_what_was_won() -> None:
    row = answer(wins_of([5, 6], [100, 50]), Target(40, 0, 30)).total
    assert row.status is Status.FINISHED
    assert row.range is not None
    assert (row.won_to_date, row.range.p10, row.range.p90) == (150, 150, 150)


def test_a_period_before_the_first_day_of_data_is_unknown_not_zero() -> None:
    row = answer(wins_of([5], [100]), Target(40, -90, -1)).total
    assert (row.status, row.won_to_date, row.range) == (Status.UNKNOWN, None, None)


def test_maven_q4_as_of_its_first_day_is_thin_history() -> None:
    row = maven_forecast("2017-10-01", "2017-10-01", "2017-12-31")
    # 91 days to go and two members with 91 days behind them leave 2017-06-04 .. 07-02, weekly
    assert row.status is Status.THIN
    assert (row.backtest.points, row.backtest.windows, row.backtest.coverage80) == (5, 1, None)
    assert [point.origin for point in row.points] == [
        day(text) for text in ("2017-06-04", "2017-06-11", "2017-06-18", "2017-06-25", "2017-07-02")
    ]
    assert row.won_to_date == 18_768_00
    assert row.range is not None
    won = maven_sales()
    came = float(won[won.close_date >= "2017-10-01"].close_value.sum() * 100)
    assert came == 2_802_496_00
    assert row.range.p10 < came < row.range.p90


def test_maven_december_as_of_its_first_day_has_a_full_back_test() -> None:
    row = maven_forecast("2017-12-01", "2017-12-01", "2017-12-31")
    assert row.status is Status.FULL
    assert (row.backtest.points, row.backtest.windows, row.backtest.ranged) == (22, 5, 14)


def test_maven_members_equal_sums_over_the_file() -> None:
    won = maven_sales()

    def between(first: str, last: str) -> float:
        chosen = won[(won.close_date >= first) & (won.close_date <= last)]
        return float(chosen.close_value.sum() * 100)

    found = maven_answer("2017-12-01", "2017-12-01", "2017-12-31")
    members = {member.name: member.remainder for member in found.total.members}
    # from the end of December 1st places 1/31 .. 1 of the month are to go: 30/31 of September
    first_place = 30 / 31
    september = between("2017-09-02", "2017-09-30") + (1 - first_place) * between(
        "2017-09-01", "2017-09-01"
    )
    assert members["quarter_back"] == pytest.approx(september * 30 / (30 * first_place))
    assert members["mean_13_weeks"] == pytest.approx(between("2017-09-02", "2017-12-01") / 91 * 30)
    assert members["last_window"] == pytest.approx(between("2017-11-02", "2017-12-01"))
    assert members[SIMULATION] is None  # wins alone: no model of open deals was handed over
    weighted = sum(
        weight * (members[name] or 0.0) for name, weight in found.mix.items() if weight > 0
    )
    assert members[COMBINATION] == pytest.approx(weighted)


def test_maven_back_test_is_what_a_forecaster_would_have_said() -> None:
    row = maven_forecast("2017-12-01", "2017-12-01", "2017-12-31")
    point = row.points[-1]
    assert point.origin == day("2017-10-27")
    then = maven_forecast("2017-10-27", "2017-10-28", "2017-11-26")
    assert then.range is not None
    assert point.forecast == pytest.approx(then.range.mean)
    # the back-test's band is log-normal, the range of the day is drawn: about the same
    assert [point.p10, point.p90] == pytest.approx([then.range.p10, then.range.p90], rel=0.05)


def test_maven_a_week_later_the_past_origins_said_the_same() -> None:
    one = maven_forecast("2017-11-30", "2017-12-01", "2017-12-30")
    two = maven_forecast("2017-12-07", "2017-12-08", "2018-01-06")
    assert two.points[: len(one.points)] == one.points
    assert len(two.points) == len(one.points) + 1


def test_the_same_question_gives_the_same_digits() -> None:
    asked = ("2017-11-15", "2017-10-01", "2017-12-31")
    assert maven_forecast(*asked) == maven_forecast(*asked)
