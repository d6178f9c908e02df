"""The hiring plan: cheapest, within its limits, checked by simulation, honest when out of reach."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from perilune.planning.contracts import (
    FOR_EVER,
    Aim,
    Attrition,
    Backfill,
    Band,
    Delay,
    Heads,
    HiringTask,
    Job,
    Market,
    PlanModel,
    Productivity,
    RampCurve,
)
from perilune.planning.engine import choosing, hiring, lasting, simulating
from perilune.planning.tests.test_simulating import FIRST

pytestmark = pytest.mark.engine

RAMP = RampCurve("r", (0.2, 0.5, 0.8, 1.0), (0.2, 0.5, 0.8, 1.0), (0.2, 0.5, 0.8, 1.0))
LAW = Attrition("a", (Band(0, None, 0, 0, 0.015, 0.015, 0.015),), 0.1)
SELLER = Job("seller", cost_month=800_000, cost_hire=500_000, lead=2)
MANAGER = Job("manager", sells=False, leads=4, cost_month=1_100_000, lead=1)


def plan(reps=8, target=9.0, days=730) -> PlanModel:
    zeros = np.zeros(reps, np.int64)
    people = Heads(
        FIRST, days, np.arange(1, reps + 1), zeros, zeros, zeros, np.full(reps, -900),
        np.full(reps, FOR_EVER), np.ones(reps),
    )  # fmt: skip
    aims = (Aim("second year", (0,), 365, 729, round(target * 1e8)),)
    law = (Productivity("u", 1e8, 0.2, 0.2),)
    return PlanModel(
        people,
        (RAMP,),
        (LAW,),
        law,
        np.full(days, 1 / 365),
        aims,
        Backfill(1, 60, 20),
        Delay(20, 10),
    )


def task(**more) -> HiringTask:
    return HiringTask(24, (SELLER, MANAGER), (Market(0, (1.0, 0.0)),), **more)


def test_what_a_seat_is_expected_to_bring_is_the_mean_of_its_paths() -> None:
    one = plan(1, days=400)
    heads = replace(one.heads, start=np.zeros(1, np.int64))
    alone = replace(
        one, heads=heads, aims=(Aim("all", (0,), 0, 399, 1),), backfill=Backfill(1, 60, 0)
    )
    calm = replace(alone, attrition=(replace(LAW, sigma=0.0),))
    drawn = simulating.draws(calm, 1, paths=20_000).reached[:, 0]
    wanted = 1e8 / 365 * lasting.seat(RAMP, LAW, calm.backfill, 400).sum()
    assert drawn.mean() == pytest.approx(wanted, abs=4 * drawn.std() / np.sqrt(20_000))


def test_the_advice_reaches_the_chance_asked_for_and_its_gap_is_small() -> None:
    made = hiring.advise(plan(), task(wanted=0.8), 3, paths=1500)
    assert not made.missing
    assert made.chance is not None
    assert made.chance >= 0.8
    assert made.gap <= 0.01
    assert made.bound <= made.cost
    assert all(start.month >= 2 for start in made.starts if start.job == 0)
    expectation = hiring.advise(plan(), task(wanted=None), 3, paths=1500)
    assert expectation.cost < made.cost
    assert made.margin > 0


def test_no_cheaper_hiring_of_a_small_case_exists() -> None:
    jobs = (
        Job("s", cost_month=10, cost_hire=5, lead=0),
        Job("t", cost_month=14, cost_hire=1, lead=1),
    )
    small = HiringTask(3, jobs, (Market(0, (1, 1)),), per_month=2, budget=200)
    worth = np.array([[[[7.0]], [[9.0]]], [[[4.0]], [[6.0]]], [[[2.0]], [[2.5]]]])
    need = np.array([17.0])
    made = choosing.solved(small, worth, need, seconds=5)
    price = choosing.costs(small)
    best = min(
        (np.array(x).reshape(3, 2) * price).sum()
        for x in product(range(3), repeat=6)
        if (np.array(x).reshape(3, 2) * worth[:, :, 0, 0]).sum() >= 17
        and np.array(x).reshape(3, 2).sum(1).max() <= 2
        and x[1] == 0
        and (np.array(x).reshape(3, 2) * price).sum() <= 200
    )
    assert made.cost == pytest.approx(best)


def test_sellers_find_room_under_managers() -> None:
    made = hiring.advise(plan(target=14.0), task(wanted=None, room=(1,)), 3, paths=500)
    sellers = sum(start.heads for start in made.starts if start.job == 0)
    managers = sum(start.heads for start in made.starts if start.job == 1)
    assert sellers > 1
    assert sellers <= 1 + 4 * managers


def test_a_target_out_of_reach_says_by_how_much() -> None:
    poor = task(wanted=None, budget=20_000_000)
    made = hiring.advise(plan(target=14.0), poor, 3, paths=500)
    assert made.cost <= 20_000_000
    (missing,) = made.missing
    assert missing.aim == "second year"
    assert missing.minor == pytest.approx(14e8 - made.expected[0], rel=1e-6)
    assert made.waiting is None


def test_waiting_a_month_costs_something_when_time_is_short() -> None:
    limited = task(wanted=None, per_month=1)
    made = hiring.advise(plan(target=20.5), limited, 3, paths=500)
    assert not made.missing
    assert (made.waiting is not None and made.waiting != 0) or made.waiting_missing
    by_month = {month: 0 for month in range(24)}
    for start in made.starts:
        by_month[start.month] += start.heads
    assert max(by_month.values()) <= 1
