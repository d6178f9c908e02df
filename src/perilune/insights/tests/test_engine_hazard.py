"""Hazards that are known come back from what was seen; chances are chances; poor data say so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perilune.insights.engine.hazard import Model, learn
from perilune.insights.engine.incidence import Open, newcomers, outlook, plain
from perilune.insights.engine.journeys import FOREVER, LOST, OPEN, RENEWAL, UNKNOWN, WON, Journeys
from perilune.insights.engine.learning import corrections, lesson_days, open_deals, teach
from perilune.insights.engine.reasons import reasons_of
from perilune.insights.queries.lessons import LEAST_WINS, of_day
from perilune.insights.queries.packing import packed, unpacked
from perilune.insights.testing import SEASON, company, journeys_of, known_at

pytestmark = pytest.mark.engine
BOUNDS = np.array([7, 28, 91], dtype=np.int64)


def closed_form(win: float, lose: float, bounds: Any = BOUNDS) -> np.ndarray[Any, Any]:
    """Return the chance of a win within each bound when both hazards stay as they are."""
    return win / (win + lose) * (1 - (1 - win - lose) ** np.asarray(bounds, float))


def chances(journeys: Journeys, day: int, model: Model | None = None) -> Open:
    found = learn(journeys, day, SEASON) if model is None else model
    return outlook(found, journeys, day, SEASON, BOUNDS, correction=plain())


# Tolerances below: what is recovered rests on drawn, weighted wins, so its relative error goes with
# 1 / sqrt(wins) and is larger for a stage that has only a share of them; the seed is fixed.
def test_constant_hazards_are_recovered() -> None:
    journeys = company(np.random.default_rng(1), 6000, 500, 0.012, 0.018)
    found = chances(journeys, 500)
    assert found.win.mean(axis=0) == pytest.approx(closed_form(0.012, 0.018), rel=0.12)
    assert found.lose.mean(axis=0) == pytest.approx(closed_form(0.018, 0.012), rel=0.12)


def test_the_hazards_of_each_stage_are_recovered() -> None:
    rng = np.random.default_rng(2)
    stage = rng.integers(0, 3, 9000)
    win = np.array([0.004, 0.012, 0.03])[stage]
    journeys = company(rng, 9000, 500, win, 0.01, stage=stage)
    found = chances(journeys, 500)
    level = journeys.codes["stage"][found.spell]
    for number, hazard in enumerate((0.004, 0.012, 0.03)):
        mean = found.win[level == number].mean(axis=0)
        assert mean == pytest.approx(closed_form(hazard, 0.01), rel=0.25)


def test_an_owners_own_record_is_told_apart_and_shrunk() -> None:
    rng = np.random.default_rng(3)
    owner = rng.integers(0, 5, 6000)
    journeys = company(rng, 6000, 500, np.where(owner == 4, 0.02, 0.01), 0.01, owner=owner)
    factor = {number: pair[0] for number, pair in learn(journeys, 500, SEASON).owner.items()}
    assert factor[4] == max(factor.values())
    assert 1.2 < factor[4] < 2.0
    assert all(factor[number] < 1 for number in range(4))


def test_deals_that_are_not_created_yet_convert_as_those_before_them() -> None:
    journeys = company(np.random.default_rng(4), 6000, 500, 0.012, 0.018, value=np.full(6000, 5.0))
    model = learn(journeys, 500, SEASON)
    born = newcomers(model, journeys, 500, SEASON, 91)
    weight = np.bincount(born.group)
    # created tomorrow: 90 days at risk by day 91; created on day 91: none
    assert np.average(born.win[:, 1, 91], weights=weight) == pytest.approx(
        closed_form(0.012, 0.018, [90])[0], rel=0.15
    )
    assert (born.win[:, 91, 91] == 0).all()
    assert (np.diff(born.win, axis=2) >= 0).all()


def test_renewals_to_come_are_classes_of_their_own() -> None:
    rng = np.random.default_rng(5)
    kind = np.where(rng.random(3000) < 0.2, RENEWAL, 0)
    journeys = company(rng, 3000, 400, np.where(kind == RENEWAL, 0.03, 0.01), 0.01)
    typed = replace(journeys, codes={**journeys.codes, "type": kind[journeys.deal]})
    born = newcomers(learn(typed, 400, SEASON), typed, 400, SEASON, 28)
    recent = np.flatnonzero((typed.created > 400 - 364) & (typed.created <= 400))
    assert len(born.group) == len(recent)
    assert (born.is_renewal[born.group] == (kind[recent] == RENEWAL)).all()
    assert born.is_renewal.any() and not born.is_renewal.all()
    untyped = newcomers(learn(journeys, 400, SEASON), journeys, 400, SEASON, 28)
    assert not untyped.is_renewal.any()


@st.composite
def small_companies(draw: st.DrawFn) -> Journeys:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    deals = draw(st.integers(1, 120))
    known = rng.random(deals) < draw(st.sampled_from([0.0, 0.5, 1.0]))
    value = np.where(known, rng.lognormal(8, draw(st.sampled_from([0.0, 2.0])), deals), np.nan)
    return company(
        rng, deals, 200, draw(st.sampled_from([0.0, 0.01, 0.4])),
        draw(st.sampled_from([0.0, 0.01, 0.4])), value=value, owner=rng.integers(-1, 4, deals),
        stage=rng.integers(0, draw(st.sampled_from([1, 3])), deals),
    )  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(small_companies(), st.sampled_from([1, 60, 199]))
def test_chances_of_winning_and_losing_rise_and_sum_to_one_at_most(
    journeys: Journeys, day: int
) -> None:
    model = learn(journeys, day, SEASON)
    found = open_deals(model, journeys, day, SEASON, plain(), bounds=(0, 7, 28, 91, 371))
    for table in (found.win, found.lose):
        assert np.isfinite(table).all()
        assert (table >= 0).all()
        assert (np.diff(table, axis=1) >= 0).all()
    assert (found.win + found.lose <= 1 + 1e-9).all()
    assert (found.win[:, 0] == 0).all()
    assert np.isfinite(found.value).all()
    assert (found.value >= 0).all()


@settings(max_examples=15, deadline=None)
@given(small_companies(), st.integers(30, 190))
def test_a_model_learns_nothing_from_what_came_to_be_known_after_its_day(
    journeys: Journeys, day: int
) -> None:
    then = known_at(journeys, day)
    one, two = learn(journeys, day, SEASON), learn(then, day, SEASON)
    assert one.columns.blocks() == two.columns.blocks()
    assert one.columns.features == two.columns.features
    assert np.array_equal(one.coef, two.coef)
    assert (one.owner, one.events) == (two.owner, two.events)


def _all_lost() -> Journeys:
    return company(np.random.default_rng(5), 300, 200, 0.0, 0.05)


def _late() -> Journeys:
    spells = [(deal, deal % 100, FOREVER, OPEN) for deal in range(200)]
    return journeys_of(sorted(spells), due=np.full(200, 30_000))  # the year 2099


POOR = {
    "no deals": lambda: journeys_of([]),
    "one deal, open": lambda: journeys_of([(0, 199, FOREVER, OPEN)]),
    "one deal, created today": lambda: journeys_of([(0, 200, FOREVER, OPEN)]),
    "all lost": _all_lost,
    "expected in 2099": _late,
    "zero amounts": lambda: company(
        np.random.default_rng(6), 300, 200, 0.001, 0.01, value=np.zeros(300)
    ),
    "one rep": lambda: company(
        np.random.default_rng(7), 30, 200, 0.01, 0.01, owner=np.full(30, 3), value=np.full(30, 9.0)
    ),
    "known before any data": lambda: journeys_of(
        [(0, -400, FOREVER, OPEN), (1, -400, -300, OPEN), (1, -300, FOREVER, WON)]
    ),
}


@pytest.mark.parametrize("name", POOR)
def test_poor_data_give_no_exception_and_no_chance_out_of_nothing(name: str) -> None:
    journeys = POOR[name]()
    lesson = teach(journeys, 200, SEASON)
    found = chances(journeys, 200, lesson.model)
    assert np.isfinite(found.win).all()
    assert np.isfinite(found.value).all()
    assert np.isfinite(lesson.expected).all()
    wins = int(((journeys.state == WON) & (journeys.start > 0)).sum())
    assert found.win.sum() <= 3 * max(wins, 1)
    # fewer than twenty wins: the model says nothing, and who asks is told so
    assert lesson.model.events[0] < LEAST_WINS
    assert of_day([lesson], 200) is None
    born = newcomers(lesson.model, journeys, 200, SEASON, 28)
    assert np.isfinite(born.win).all()
    assert np.isfinite(born.value).all()


def test_a_deal_of_which_nothing_is_known_but_that_it_is_open_has_the_chance_of_its_age() -> None:
    journeys = company(np.random.default_rng(8), 3000, 400, 0.012, 0.018)
    assert not np.isfinite(journeys.value).any()
    assert (journeys.owner == -1).all()
    assert (journeys.due == UNKNOWN).all()
    model = learn(journeys, 400, SEASON)
    assert model.columns.features == ()
    found = chances(journeys, 400, model)
    assert found.win.mean(axis=0) == pytest.approx(closed_form(0.012, 0.018), rel=0.15)
    assert (found.value == 0).all()


def test_corrections_move_towards_the_truth_when_the_world_drifts() -> None:
    drift, day = 420, 504
    journeys = company(
        np.random.default_rng(9),
        8000,
        day + 28,
        lambda at: 0.004 if at > drift else 0.016,
        0.01,
    )
    lessons = [teach(journeys, at, SEASON) for at in lesson_days(day, 14)]
    model = lessons[-1].model
    factor = corrections(journeys, day, lessons)
    assert (factor[0] < 0.8).all()  # wins: fewer came than were expected
    # losses go on as before; further ahead there are more of them, as wins leave more deals to lose
    assert factor[1, 0] == pytest.approx(1, abs=0.1)
    assert factor[1, 2] > 1
    bounds = np.array([28], dtype=np.int64)
    said = [
        outlook(model, journeys, day, SEASON, bounds, correction=by).win.sum()
        for by in (plain(), factor)
    ]
    deal, __ = journeys.open_at(day)
    when, how = journeys.exits(day + 28)
    came = float(((how[deal] == WON) & (when[deal] <= day + 28)).sum())
    assert abs(said[1] - came) < abs(said[0] - came)


def test_corrections_of_a_day_do_not_look_at_windows_that_are_not_over() -> None:
    journeys = company(np.random.default_rng(10), 800, 300, 0.01, 0.01)
    lessons = [teach(journeys, at, SEASON) for at in (180, 187, 194)]
    assert corrections(journeys, 194, []) == pytest.approx(plain())
    early = corrections(known_at(journeys, 194), 194, lessons)
    assert early == pytest.approx(corrections(journeys, 194, lessons))


def test_reasons_add_up_to_what_sets_a_deal_apart() -> None:
    rng = np.random.default_rng(11)
    stage = rng.integers(0, 2, 4000)
    journeys = company(rng, 4000, 400, np.where(stage == 1, 0.03, 0.005), 0.01, stage=stage)
    model = learn(journeys, 400, SEASON)
    found = chances(journeys, 400, model)
    rows = np.arange(len(found.deal))
    for row, reasons in zip(rows, reasons_of(model, journeys, found, 400, rows), strict=True):
        effects = {reason.feature: reason.effect for reason in reasons}
        is_late = journeys.codes["stage"][found.spell[row]] == 1
        assert (effects["Stage"] > 0) == is_late
        assert len(reasons) <= 4
        assert all(abs(reason.effect) >= 0.1 for reason in reasons)
        strength = [abs(reason.effect) for reason in reasons]
        assert strength == sorted(strength, reverse=True)


def test_a_lesson_is_the_same_after_packing() -> None:
    rng = np.random.default_rng(12)
    journeys = company(
        rng, 400, 200, 0.02, 0.02, value=rng.lognormal(8, 1, 400), owner=rng.integers(0, 5, 400),
        stage=rng.integers(0, 3, 400),
    )  # fmt: skip
    lesson = teach(journeys, 200, SEASON)
    found = unpacked(packed(lesson))
    assert found.day == lesson.day
    assert found.model.columns.features == lesson.model.columns.features
    assert found.model.columns.has_year == lesson.model.columns.has_year
    assert found.model.yard.log_median == lesson.model.yard.log_median
    assert np.array_equal(found.model.coef, lesson.model.coef)
    assert found.model.owner == lesson.model.owner
    assert found.model.events == lesson.model.events
    assert np.array_equal(found.expected, lesson.expected)
    assert np.array_equal(
        chances(journeys, 200, found.model).win, chances(journeys, 200, lesson.model).win
    )


def test_lessons_fall_on_one_day_of_the_week_and_begin_after_four_weeks() -> None:
    assert lesson_days(50, 99, phase=3) == [31, 38, 45]
    assert lesson_days(50, 2, phase=3) == [38, 45]
    assert lesson_days(20, 9) == []


def test_one_deal_that_was_lost_and_won_again_counts_as_it_is_known() -> None:
    journeys = journeys_of(
        [(0, 0, 10, OPEN), (0, 10, 20, LOST), (0, 20, 30, OPEN), (0, 30, FOREVER, WON)]
    )
    assert [int(journeys.exits(day)[1][0]) for day in (5, 15, 25, 35)] == [OPEN, LOST, OPEN, WON]
