"""What the store hands over: local days of knowledge, credit, targets, sums like single rows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.forecasting.contracts import By
from perilune.forecasting.engine import FOREVER, history_of
from perilune.forecasting.queries import range_for, targets
from perilune.forecasting.queries.inputs import local_days
from perilune.forecasting.testing import maven_store, wins_of
from perilune.forecasting.tests.test_queries import CALENDAR, COMPANY, as_of
from perilune.kernel.scope import Scope
from perilune.store import queries as store

FIRST, LAST = date(2024, 1, 1), date(2026, 12, 31)
ZONES = ("Europe/Paris", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC")
MINUTES = (LAST - FIRST).days * 24 * 60


@given(st.sampled_from(ZONES), st.lists(st.integers(0, MINUTES), min_size=1, max_size=20))
def test_an_instant_is_known_on_its_local_day_summer_and_winter(
    zone: str, minutes: list[int]
) -> None:
    days = local_days(FIRST, LAST, zone)
    instants = [datetime(2024, 1, 1, 23) + timedelta(minutes=n) for n in minutes]

    def read(offset: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        local = [instant + timedelta(seconds=offset) for instant in instants]
        return np.array([(at.date() - FIRST).days for at in local], dtype=np.int64)

    found = days.known(read(days.low), read(days.high))
    expected = [
        (at.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date() - FIRST).days for at in instants
    ]
    assert found.tolist() == expected


def test_what_is_still_known_is_known_for_ever() -> None:
    never = np.array([-1])
    assert local_days(FIRST, LAST, "Europe/Paris").known(never, never).tolist() == [FOREVER]


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 900)), min_size=1, max_size=40))
def test_sums_by_day_give_the_history_that_single_deals_give(deals: list[tuple[int, int]]) -> None:
    one = wins_of([day for day, _ in deals], [amount for _, amount in deals])
    days = sorted({day for day, _ in deals})
    summed = wins_of(days, [sum(a for d, a in deals if d == day) for day in days])
    counts = np.array([sum(d == day for d, _ in deals) for day in days], dtype=float)
    other = type(one)(
        summed.day, summed.amount, summed.known_from, summed.known_to, summed.unit, counts
    )
    knowledge = np.array([10, 20, 30], dtype=np.int64)
    left, right = history_of(one, knowledge), history_of(other, knowledge)
    assert np.array_equal(left.daily, right.daily)
    assert left.amount == pytest.approx(right.amount)
    assert left.count == pytest.approx(right.count)


WON: dict[str, Any] = {"stage_id": 2, "close_date": date(2017, 11, 10), "currency": "USD"}
LATER = [
    # a deal that was handed over after its close, and one whose amount was restated
    {**WON, "id": 90_001, "owner_id": 101, "amount": 100, "valid_from": datetime(2017, 11, 10, 9)},
    {**WON, "id": 90_001, "owner_id": 102, "amount": 100, "valid_from": datetime(2017, 11, 20, 9)},
    {**WON, "id": 90_002, "owner_id": 102, "amount": 700, "valid_from": datetime(2017, 11, 10, 9)},
    {**WON, "id": 90_002, "owner_id": 102, "amount": 900, "valid_from": datetime(2017, 11, 20, 9)},
]
QUOTAS: list[dict[str, Any]] = [
    {"id": 1, "rep_id": 101, "amount": 5_000},
    {"id": 2, "rep_id": 102, "amount": 6_000},
    {"id": 3, "team_id": 1, "amount": 90_000},
]
for quota in QUOTAS:
    quota |= {"starts": date(2017, 10, 1), "ends": date(2017, 12, 31), "currency": "USD"}


def won_by_rep(day: str) -> dict[int | None, float]:
    rows = store.run(
        "forecasting.won",
        {"first_day": date(2017, 11, 10), "low": 0, "high": 0, "currency": "USD"},
        scope=Scope.company(),
        as_of=as_of(day),
    ).dicts()
    found: dict[int | None, float] = {}
    for row in rows:
        if row["day"] == 0 and row["to_low"] == -1:
            found[row["rep_id"]] = found.get(row["rep_id"], 0.0) + row["credit"] / 10_000
    return found


@pytest.mark.django_db
def test_credit_stays_with_who_held_the_deal_at_its_close_and_amounts_are_those_of_the_day() -> (
    None
):
    with maven_store(opportunity=LATER):
        before, after = won_by_rep("2017-11-15"), won_by_rep("2017-11-30")
    assert before == {101: 100, 102: 700}
    assert after == {101: 100, 102: 900}


@pytest.mark.django_db
def test_a_team_without_a_quota_has_the_sum_of_its_reps_and_teams_below() -> None:
    q4 = CALENDAR.parse("2017-Q4")
    with maven_store(quota=QUOTAS):
        found = targets(q4, as_of("2017-11-15"), Scope.company(), "USD")
        rows = range_for(q4, By.REGION, as_of("2017-11-15"), Scope.company(), company=COMPANY).rows
        seats = store.run(
            "forecasting.seats",
            {"until": date(2017, 11, 15)},
            scope=Scope.company(),
            as_of=as_of("2017-11-15"),
        ).dicts()
    team_of = {row["id"]: row["team_id"] for row in seats if row["kind"] == "rep"}
    assert found["team", 1] == 90_000
    assert found["rep", 101] == 5_000
    teams = {team_of[101], team_of[102]}
    assert sum(found["team", team] for team in teams) == 11_000
    assert ("total", 0) in found
    assert {row.unit_id for row in rows} == {None, 1, 2, 3}
