"""Capacity and its chances: the loop counts the days that a plain sum counts, luck is as stated."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perilune.kernel.errors import Invalid
from perilune.planning.contracts import (
    FOR_EVER,
    STATED_RAMP,
    Aim,
    Attrition,
    Backfill,
    Band,
    Delay,
    Doubt,
    Driver,
    Heads,
    PlanModel,
    Productivity,
    RampCurve,
    Returns,
    Spell,
)
from perilune.planning.engine import driving, simulating, staffing

pytestmark = pytest.mark.engine

RAMP = RampCurve("seller", STATED_RAMP, STATED_RAMP, STATED_RAMP)
FIRST = date(2027, 1, 1)
YEAR = 365
COLUMNS = ("rep", "unit", "ramp", "group", "start", "last", "fte")


def heads(rows, days=YEAR, **more) -> Heads:
    """Reps of (id, unit, start, last, fte)."""
    rep, unit, start, last, fte = (np.array(column) for column in zip(*rows, strict=True))
    zeros = np.zeros(len(rep), np.int64)
    return Heads(FIRST, days, rep, unit, zeros, zeros, start, last, fte.astype(float), **more)


def attrition(hazard: float, sigma: float = 0.0) -> Attrition:
    return Attrition("all", (Band(0, None, 0, 0, hazard, hazard, hazard),), sigma)


def model(people: Heads, *, hazard=0.0, aims=(), units=1, law=None, **more) -> PlanModel:
    return PlanModel(
        people,
        (RAMP,),
        (attrition(hazard),),
        (law or Productivity("u", 1e8),) * units,
        np.full(people.days, 1 / YEAR),
        aims or (Aim("all", tuple(range(units)), 0, people.days - 1, 10**8),),
        **more,
    )


spells = st.tuples(
    st.integers(0, 3), st.integers(-50, 400), st.integers(0, 300),
    st.sampled_from([0.2, 0.5, 0.8, 1.0]),
)  # fmt: skip


@st.composite
def forces(draw):
    """Four reps of two units with spells, absences, restarts, known last days."""
    rows = []
    for row in range(4):
        start = draw(st.integers(-400, 380))
        last = draw(st.one_of(st.just(FOR_EVER), st.integers(start, start + 500)))
        rows.append((row + 1, row % 2, start, last, draw(st.sampled_from([0.5, 0.8, 1.0]))))
    made = [
        tuple(Spell(r, a, a + n, fte) for r, a, n, fte in draw(st.lists(spells, max_size=5)))
        for _ in range(2)
    ]
    restarts = draw(
        st.lists(
            st.tuples(st.integers(0, 3), st.integers(0, 360), st.sampled_from([0.0, 0.3, 0.7])),
            max_size=3,
            unique_by=lambda item: item[:2],
        )
    )
    return heads(rows, assigned=made[0], absent=made[1], restarts=tuple(restarts))


@given(forces(), st.integers(0, 300), st.integers(0, 64))
@settings(max_examples=60)
def test_without_chance_the_loop_is_the_sum_by_day(people, first, size) -> None:
    aims = (Aim("all", (0, 1), 0, 364, 1), Aim("some days of one", (1,), first, first + size, 1))
    plan = model(people, units=2, aims=aims)
    drawn = simulating.draws(plan, 7, paths=2)
    made = staffing.capacity(people, plan.ramps, plan.productivity, plan.season)
    assert np.allclose(drawn.reached, simulating.expectation(plan), rtol=1e-9, atol=1e-3)
    months = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]
    bands = simulating.simulate(plan, 7, paths=2).bands
    assert bands.first == tuple(months)
    by_month = np.add.reduceat(made.ramped.sum(0), months) / np.diff([*months, 365])
    assert np.allclose(bands.mean, by_month, atol=1e-9)
    present = np.add.reduceat(made.fte.sum(0), months) / np.diff([*months, 365])
    assert np.allclose(bands.fte_mean, present, atol=1e-9)


@given(forces())
def test_capacity_is_never_negative_and_a_rep_counts_once_a_day(people) -> None:
    law = (Productivity("u", 1e8),) * 4
    each = replace(people, unit=np.arange(4))
    made = staffing.capacity(each, (RAMP,), law, np.full(YEAR, 1 / YEAR))
    assert (made.fte >= 0).all()
    assert (made.fte <= 1).all()
    assert (made.ramped <= made.fte + 1e-12).all()
    assert (made.minor >= 0).all()


@given(forces(), st.floats(0.2, 1.0))
def test_one_more_rep_never_lowers_the_hours_nor_what_is_brought(people, elasticity) -> None:
    law = (Productivity("u", 1e8, returns=Returns(elasticity, 2.0)),) * 2
    season, work = np.full(YEAR, 1 / YEAR), (np.arange(YEAR) % 7 < 5).astype(float)
    fewer = replace(
        people,
        **{name: getattr(people, name)[:3] for name in COLUMNS},
        assigned=tuple(s for s in people.assigned if s.row < 3),
        absent=tuple(s for s in people.absent if s.row < 3),
        restarts=tuple(r for r in people.restarts if r[0] < 3),
    )
    with_, without = (staffing.capacity(h, (RAMP,), law, season) for h in (people, fewer))
    assert (staffing.hours(with_, work) >= staffing.hours(without, work) - 1e-9).all()
    assert (with_.minor >= without.minor - 1e-6).all()


def test_what_contradicts_itself_is_named() -> None:
    people = heads(
        [(1, 0, 10, 5, 1.0), (2, 0, -9, FOR_EVER, 1.0), (3, 0, -9, FOR_EVER, 0.5)],
        assigned=(Spell(1, 0, 50, 0.6), Spell(1, 40, 90, 0.6)),
        absent=(Spell(2, 5, 9, 0.8),),
    )
    found = staffing.problems(people)
    assert found == (("absent_more", 3), ("leaves_before_start", 1), ("overlap", 2))


def test_those_who_stay_are_those_of_the_hazard() -> None:
    people = heads([(row + 1, 0, -900, FOR_EVER, 1.0) for row in range(40)])
    plan = model(people, hazard=0.02, backfill=Backfill(share=0.0))
    drawn = simulating.draws(plan, 3, paths=4000)
    daily = -np.log(1 - 0.02) / 30.4375
    # who leaves in the course of day d was there on d: P(there on d) = exp(-daily x d)
    wanted = 40 * np.exp(-daily * np.arange(YEAR)).mean()
    found = (
        drawn.heads * np.diff([0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365])
    ).sum(1) / YEAR
    assert found.mean() == pytest.approx(wanted, abs=4 * found.std() / np.sqrt(4000))


def by_hand(plan: PlanModel, paths: int, rng) -> np.ndarray:
    """The same law walked day by day in plain Python: an independent second computation."""
    law, people, total = plan.productivity[0], plan.heads, np.zeros(paths)
    hazard = plan.attrition[0].bands[0].hazard
    daily = 1 - (1 - hazard) ** (1 / 30.4375)
    sigma = np.sqrt(np.log1p(law.spread**2))
    for path in range(paths):
        common = np.exp(plan.doubt.productivity * rng.normal() - plan.doubt.productivity**2 / 2)
        value, luck = 0.0, 0.0
        for row in range(len(people.rep)):
            start = int(people.start[row])
            if people.rep[row] < 0:
                start += round(rng.gamma(4, 45 / 4))
            skill = np.exp(sigma * rng.normal() - sigma**2 / 2)
            for day in range(people.days):
                if day < start:
                    continue
                share = STATED_RAMP[min(int((day - start) / 30.4375), len(STATED_RAMP) - 1)]
                value += share * skill / YEAR
                luck += share / YEAR
                if rng.random() < daily:  # left: the seat stands empty, then somebody new ramps
                    start = day + 1 + round(rng.gamma(4, 60 / 4))
                    skill = np.exp(sigma * rng.normal() - sigma**2 / 2)
        total[path] = law.minor * (value * common + law.luck * np.sqrt(luck) * rng.normal())
    return total


def test_mean_and_spread_are_those_of_a_walk_day_by_day() -> None:
    people = heads(
        [(row + 1, 0, -30 * row, FOR_EVER, 1.0) for row in range(6)] + [(-1, 0, 40, FOR_EVER, 1.0)]
    )
    plan = model(
        people,
        hazard=0.03,
        law=Productivity("u", 1e8, spread=0.3, luck=0.4),
        backfill=Backfill(1.0, 60, 30),
        delay=Delay(45, 22.5),
        doubt=Doubt(productivity=0.08),
    )
    ours = simulating.draws(plan, 11, paths=20_000).reached[:, 0]
    theirs = by_hand(plan, 1200, np.random.default_rng(5))
    error = theirs.std() / np.sqrt(len(theirs))
    assert ours.mean() == pytest.approx(theirs.mean(), abs=3.5 * error)
    assert ours.std() == pytest.approx(theirs.std(), rel=0.09)


def test_certain_days_of_delay_and_vacancy_are_those_stated() -> None:
    people = heads([(-1, 0, 10, FOR_EVER, 1.0)])
    calm = model(people, delay=Delay(20, 0), backfill=Backfill(1, 60, 30))
    drawn = simulating.draws(calm, 3, paths=50)
    later = model(heads([(1, 0, 30, FOR_EVER, 1.0)]))
    assert np.allclose(drawn.reached, simulating.expectation(later))


def test_the_answer_hangs_on_the_seed_alone() -> None:
    people = heads([(row + 1, row % 2, -90 * row, FOR_EVER, 1.0) for row in range(8)])
    law = Productivity("u", 1e8, 0.3, 0.3, Returns(0.7, 4))
    plan = model(people, units=2, hazard=0.02, law=law, doubt=Doubt(0.1, 0.2))
    one, two, three = (
        simulating.draws(plan, seed, paths=700, workers=workers).reached
        for seed, workers in ((4, 1), (4, 2), (5, 1))
    )
    assert (one == two).all()
    assert (one != three).any()
    fewer = simulating.draws(plan, 4, paths=512).reached
    assert (fewer == one[:512]).all()


def test_only_the_rest_of_the_year_is_simulated() -> None:
    people = heads([(1, 0, -900, FOR_EVER, 1.0)])
    aims = (Aim("all", (0,), 200, 364, 10**8, booked=10**8), Aim("more", (0,), 200, 364, 2 * 10**8))
    law = Productivity("u", 1e8, 0.3, 3.0)
    odds = simulating.simulate(model(people, aims=aims, law=law), 1, paths=500).odds
    assert odds[0].chance == 1.0
    assert odds[0].reached.p10 >= 10**8
    assert odds[1].chance < 0.2
    assert odds[1].short > 0


def test_what_matters_most_stands_first_and_attrition_hurts() -> None:
    people = heads([(row + 1, 0, -900, FOR_EVER, 1.0) for row in range(10)])
    aims = (Aim("all", (0,), 0, 364, round(9.2e8)),)
    law = Productivity("u", 1e8, 0.1, 0.1)
    plan = model(people, hazard=0.02, aims=aims, law=law, doubt=Doubt(productivity=0.1))
    found = driving.effects(plan, 2, paths=1500)
    by = {effect.driver: effect for effect in found}
    assert found[0].driver is Driver.PRODUCTIVITY
    assert [e.swing for e in found] == sorted((e.swing for e in found), reverse=True)
    assert by[Driver.ATTRITION].low < by[Driver.ATTRITION].high
    assert by[Driver.PRODUCTIVITY].weight > by[Driver.LUCK].weight
    assert Driver.HIRING not in by  # nobody is planned


def test_a_target_outside_the_days_is_named() -> None:
    people = heads([(1, 0, 0, FOR_EVER, 1.0)])
    with pytest.raises(Invalid) as caught:
        simulating.simulate(model(people, aims=(Aim("late", (0,), 300, 400, 1),)), 1)
    assert caught.value.problems[0].params == {"name": "late"}


def test_a_force_of_nobody_reaches_what_is_booked_already() -> None:
    nobody = np.zeros(0, np.int64)
    people = Heads(FIRST, YEAR, nobody, nobody, nobody, nobody, nobody, nobody, np.zeros(0))
    aims = (Aim("all", (0,), 0, 364, 5, booked=7), Aim("more", (0,), 0, 364, 9, booked=7))
    odds = simulating.simulate(model(people, aims=aims), 1, paths=10).odds
    assert [odd.chance for odd in odds] == [1.0, 0.0]
    assert odds[1].reached.mean == 7


def test_a_hire_who_never_comes_brings_nothing() -> None:
    people = heads([(-1, 0, 0, FOR_EVER, 1.0)])
    assert (
        simulating.draws(model(people, delay=Delay(0, 0, missed=1.0)), 1, paths=9).reached.max()
        == 0
    )
    half = simulating.draws(model(people, delay=Delay(0, 0, missed=0.5)), 1, paths=2000).reached
    assert (half == 0).mean() == pytest.approx(0.5, abs=0.05)


def test_the_luck_of_leaving_and_of_skill_are_strangers() -> None:
    # one seat a path, no successor: who leaves early must not sell better or worse a day
    people = heads([(1, 0, -900, FOR_EVER, 1.0)])
    law = Productivity("u", 1e8, spread=0.4)
    plan = model(people, hazard=0.08, law=law, backfill=Backfill(share=0.0))
    drawn = simulating.draws(plan, 6, paths=8000)
    days = np.diff([0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365])
    stayed = (drawn.heads * days).sum(axis=1)
    rate = drawn.reached[:, 0] / stayed
    assert abs(np.corrcoef(stayed, rate)[0, 1]) < 0.045
    assert rate.std() / rate.mean() == pytest.approx(0.4, abs=0.02)
