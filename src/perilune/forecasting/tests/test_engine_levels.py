"""Levels without skill of their own: shared out by a plain rule, and still the sum of the same."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perilune.forecasting.contracts import By
from perilune.forecasting.engine import Answer, Seats, Simulated, Target, Unit, forecast
from perilune.forecasting.engine.levels import _split
from perilune.forecasting.engine.rows import SHARED_OUT
from perilune.forecasting.engine.smoothing import smoothed
from perilune.forecasting.engine.windows import knowledge_days
from perilune.forecasting.testing import plain_calendar, question_of, wins_of

pytestmark = pytest.mark.engine
CALENDAR = plain_calendar(date(2024, 1, 1))
TARGET = Target(399, 400, 427)
SEATS = Seats(np.arange(4), np.array([7, 7, 8, 8]), np.array([1, 1, 1, 1]))


def team(id_: int, *seats: int) -> Unit:
    return Unit(f"team:{id_}", f"team {id_}", By.TEAM, id_, seats)


def asked(shares: Any, *, by_model: float = 1.0) -> Answer:
    """Ask for four reps who win alike; the model knows the total and gives the reps `shares`."""
    rng = np.random.default_rng(5)
    day = np.repeat(np.arange(400), 4)
    seat = np.tile(np.arange(4), 400)
    # what is won swings by month, which the model knows and no plain rule does
    level = np.exp(np.random.default_rng(8).normal(0, 0.4, 20))[day // 28]
    wins = wins_of(day, 1000 * level * rng.lognormal(0, 0.1, len(day)), unit=seat)
    days = knowledge_days(TARGET, 0)
    came = np.array([wins.amount[(day > o) & (day <= o + 28)].sum() for o in days])
    came[-4:] = came[-5]  # the last windows are not over: the model says what it likes
    told = by_model * came[:, None] * np.asarray(shares, float) / np.sum(shares)
    simulated = Simulated(told, np.zeros_like(told), np.maximum(told, 1.0) * 1000)
    units = {
        By.TEAM: (team(7, 0, 1), team(8, 2, 3)),
        By.REP: tuple(Unit(f"rep:{n}", f"rep {n}", By.REP, n, (n,)) for n in range(4)),
    }
    return forecast(
        question_of(
            wins, TARGET, CALENDAR, seats=SEATS, units=units, simulated=simulated, paths=2048
        )
    )


def test_a_model_that_knows_every_level_keeps_them_all() -> None:
    found = asked([1, 1, 1, 1])
    assert found.mix["simulation"] > 0.5
    assert set(found.rule.values()) == {""}
    assert not any(row.notes for row in found.rows[By.REP])


def test_a_level_that_the_model_gets_wrong_falls_back_and_says_so() -> None:
    # teams are right, inside each one rep is given nearly all: deals that change hands
    found = asked([19, 1, 19, 1])
    assert found.rule[By.TEAM] == ""
    assert found.rule[By.REP] == "mean_13_weeks"
    assert all(row.notes[0].message == SHARED_OUT for row in found.rows[By.REP])
    means = [row.range.mean for row in found.rows[By.REP] if row.range is not None]
    assert max(means) / min(means) == pytest.approx(1, abs=0.15), "reps win alike"
    assert found.mix["simulation"] > 0.3, "the total keeps what it knows"


def test_below_a_level_that_falls_back_every_level_does() -> None:
    found = asked([8, 8, 1, 1])
    assert found.rule[By.TEAM]
    assert found.rule[By.REP]


@pytest.mark.parametrize("shares", [[1, 1, 1, 1], [19, 1, 19, 1], [8, 8, 1, 1]])
def test_rows_sum_on_every_path_whoever_shares_them_out(shares: list[int]) -> None:
    found = asked(shares)
    assert found.lots is not None
    assert found.total.range is not None
    for rows in (found.rows[By.TEAM], found.rows[By.REP]):
        means = [row.range.mean for row in rows if row.range is not None]
        assert sum(means) == pytest.approx(found.total.range.mean)
    assert (found.lots.samples >= 0).all()


@settings(max_examples=40)
@given(st.integers(0, 10_000))
def test_what_is_shared_out_is_the_whole_again(seed: int) -> None:
    rng = np.random.default_rng(seed)
    cell = rng.integers(0, 3, 12)
    cell[:3] = range(3)
    inner = np.unique(np.stack([cell, rng.integers(0, 2, 12)], axis=1), axis=0, return_inverse=True)
    share = rng.random((5, 12)) * (rng.random((5, 12)) < 0.7)
    amount = rng.random((5, 3))
    found = _split(amount, cell, inner[1].ravel(), share)
    assert found.sum(axis=1) == pytest.approx(amount.sum(axis=1))
    assert (found >= 0).all()


def test_auto_ets_says_the_level_of_a_level_series_and_nothing_before_eight_weeks() -> None:
    wins = wins_of(np.arange(200), np.full(200, 10.0))
    said = smoothed(wins, np.array([40, 199]), Target(199, 203, 230))
    assert np.isnan(said[0])
    assert said[1] == pytest.approx(280, rel=0.01)
