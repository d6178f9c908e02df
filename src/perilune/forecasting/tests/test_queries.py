"""The range through the store, against sums that are computed straight from the file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from perilune.forecasting.contracts import By, ForecastResult, Status
from perilune.forecasting.queries import calls, range_for
from perilune.forecasting.testing import maven_sales, maven_store
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import FiscalCalendar
from perilune.kernel.errors import Refused
from perilune.kernel.scope import Scope
from perilune.people.contracts import Company

pytestmark = pytest.mark.django_db

CALENDAR = FiscalCalendar()
ZONE = ZoneInfo("UTC")
COMPANY = Company(
    "Maven", "USD", ZONE, CALENDAR, "en", False, AsOf.end_of(date(2017, 12, 31), ZONE), country="US"
)
SUBMITTED: list[dict[str, Any]] = [
    {"id": 1, "made_on": date(2017, 10, 1), "category": "call", "amount": 300_000_000},
    {"id": 2, "made_on": date(2017, 11, 1), "category": "call", "amount": 280_000_000},
    {"id": 3, "made_on": date(2017, 10, 1), "category": "commit", "amount": 5},
    {"id": 4, "made_on": date(2017, 10, 1), "category": "call", "amount": 7, "rep_id": 101},
    {"id": 5, "made_on": date(2017, 10, 2), "category": "call", "amount": 9, "currency": "EUR"},
]
for submitted in SUBMITTED:
    submitted |= {"period_start": date(2017, 10, 1), "period_end": date(2017, 12, 31)}


@pytest.fixture(scope="module", autouse=True)
def maven(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    # the shapes of the declared tables ask for custom fields; nothing is written
    with django_db_blocker.unblock(), maven_store(submission=SUBMITTED):
        yield


def as_of(text: str) -> AsOf:
    return AsOf.end_of(date.fromisoformat(text), ZONE)


def asked(day: str, period: str, by: By = By.TOTAL, scope: Scope | None = None) -> ForecastResult:
    return range_for(
        CALENDAR.parse(period), by, as_of(day), scope or Scope.company(), company=COMPANY
    )


def won_in_file(first: str, last: str) -> int:
    won = maven_sales()
    chosen = won[(won.close_date >= first) & (won.close_date <= last)]
    return int(chosen.close_value.sum()) * 100


def test_q4_as_of_its_first_day_is_thin_with_five_origins() -> None:
    row = asked("2017-10-01", "2017-Q4").total
    assert (row.status, row.backtest.points, row.backtest.windows) == (Status.THIN, 5, 1)
    assert row.won_to_date == won_in_file("2017-10-01", "2017-10-01")
    messages = [note.message for note in row.notes]
    assert any("Thin history" in message for message in messages)
    assert any("season of the year is unknown" in message for message in messages)


def test_december_as_of_its_first_day_has_a_full_back_test() -> None:
    row = asked("2017-12-01", "2017-12").total
    assert (row.status, row.backtest.points) == (Status.FULL, 22)
    assert {m.name for m in row.members} >= {"quarter_back", "mean_13_weeks", "last_window"}


def test_a_finished_period_equals_a_sum_over_the_file() -> None:
    result = asked("2017-12-31", "2017-Q3", By.REGION)
    assert result.total.range is not None
    assert (
        result.total.range.p10 == result.total.range.p90 == won_in_file("2017-07-01", "2017-09-30")
    )
    assert sum(row.won_to_date or 0 for row in result.rows[1:]) == result.total.won_to_date
    assert [row.label for row in result.rows[1:]] == ["Central", "East", "West"]


def test_the_later_file_changes_nothing_of_an_earlier_as_of() -> None:
    # the store holds the whole year; a forecast as of November uses what November knew
    row = asked("2017-11-15", "2017-Q4").total
    assert row.won_to_date == won_in_file("2017-10-01", "2017-11-15")
    assert row.backtest.points == 18


def test_means_by_region_sum_to_the_mean_of_the_total() -> None:
    result = asked("2017-11-15", "2017-Q4", By.REGION)
    means = [row.range.mean for row in result.rows if row.range is not None]
    assert sum(means[1:]) == pytest.approx(means[0], abs=3)
    p90 = [row.range.p90 for row in result.rows if row.range is not None]
    assert sum(p90[1:]) > p90[0]


def test_every_rep_has_a_row_and_their_won_sums_to_the_total() -> None:
    result = asked("2017-11-15", "2017-11", By.REP)
    assert len(result.rows) == 1 + 30  # thirty agents closed a deal
    assert sum(row.won_to_date or 0 for row in result.rows[1:]) == result.total.won_to_date


def test_a_scope_sees_its_own_reps_and_is_named() -> None:
    mine = Scope(label="mine", owners=frozenset({101}))
    result = asked("2017-11-15", "2017-11", By.REP, mine)
    assert result.scope_label == "mine"
    assert [row.unit_id for row in result.rows] == [None, 101]
    assert result.rows[0].won_to_date == result.rows[1].won_to_date


def test_a_viewer_sees_groups_and_never_single_reps() -> None:
    viewer = Scope(label="company", aggregates_only=True, smallest_group=3)
    with pytest.raises(Refused):
        asked("2017-11-15", "2017-11", By.REP, viewer)
    teams = asked("2017-11-15", "2017-11", By.TEAM, viewer)
    assert all(row.won_to_date is not None for row in teams.rows)
    few = Scope(label="company", aggregates_only=True, smallest_group=40)
    assert all(
        row.won_to_date is None for row in asked("2017-11-15", "2017-11", By.TEAM, few).rows[1:]
    )


def test_before_the_first_day_of_data_there_is_nothing_to_say() -> None:
    nothing = asked("2017-02-01", "2017-Q1")
    assert (nothing.first_day, nothing.total.status) == (None, Status.NO_HISTORY)
    early = asked("2017-12-31", "2016-Q4").total
    assert (early.status, early.won_to_date) == (Status.UNKNOWN, None)


def test_a_period_that_has_not_begun_has_nothing_won() -> None:
    row = asked("2017-11-20", "2017-12").total
    assert row.won_to_date == 0
    assert row.range is not None
    assert row.range.p10 > 0


def test_the_latest_call_of_each_is_kept_apart_from_the_range() -> None:
    q4 = CALENDAR.parse("2017-Q4")
    found = calls(q4, as_of("2017-12-01"), Scope.company(), "USD")
    assert found == {("total", 0): 280_000_000, ("rep", 101): 7}
    before = calls(q4, as_of("2017-10-15"), Scope.company(), "USD")
    assert before[("total", 0)] == 300_000_000


def test_the_digest_tells_the_inputs_apart() -> None:
    one, two = asked("2017-11-15", "2017-Q4"), asked("2017-11-16", "2017-Q4")
    assert one.pinned.inputs_digest != two.pinned.inputs_digest
    assert one.pinned == asked("2017-11-15", "2017-Q4").pinned


def test_on_every_day_of_the_quarter_the_range_stands_on_what_is_won() -> None:
    for day in ("2017-10-01", "2017-10-31", "2017-11-15", "2017-12-14", "2017-12-30"):
        for row in asked(day, "2017-Q4", By.TEAM).rows:
            if row.range is not None:
                assert row.won_to_date is not None
                assert row.won_to_date <= row.range.p10 <= row.range.p50 <= row.range.p90


def test_rows_of_a_level_give_contributions_that_sum_to_the_totals_three_figures() -> None:
    result = asked("2017-11-15", "2017-Q4", By.TEAM)
    assert result.total.range is not None
    near = [row.near for row in result.rows[1:] if row.near is not None]
    assert len(near) == len(result.rows) - 1
    for at, value in enumerate(
        (result.total.range.p10, result.total.range.p50, result.total.range.p90)
    ):
        assert sum(part[at] for part in near) == pytest.approx(value, abs=len(near))


def test_the_total_is_the_same_under_every_cut() -> None:
    totals = [asked("2017-11-15", "2017-Q4", by).total for by in By]
    assert all(total == totals[0] for total in totals)
