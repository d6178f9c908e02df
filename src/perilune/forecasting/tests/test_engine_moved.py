"""The causes of a move: they sum to it whatever happened, and each names what it should."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.forecasting.contracts import Cause
from perilune.forecasting.engine.moved import (
    LOST,
    OPEN,
    WON,
    Chances,
    Deals,
    Facts,
    Said,
    causes,
    reasons,
    whole,
)

MEMBERS = ("simulation", "quarter_back", "mean_13_weeks", "year_back")
LAST = 100


def facts(count: int, draw: np.random.Generator) -> Facts:
    return Facts(
        draw.random(count) < 0.9,
        draw.integers(0, 3, count),
        draw.integers(50, 150, count),
        draw.integers(0, 3, count),
        draw.integers(0, 3, count),
        draw.integers(0, 3, count),
    )


def chances(count: int, draw: np.random.Generator) -> Chances:
    drawn = draw.random(count) < 0.7
    chance = draw.random(count) * drawn
    return Chances(drawn, draw.random(count) * 1e6 * drawn, chance, chance * draw.random(count))


def said(draw: np.random.Generator, *, is_over: bool) -> Said:
    names = () if is_over else [name for name in MEMBERS if draw.random() < 0.8]
    weight = dict(zip(names, draw.dirichlet(np.ones(len(names))) if names else [], strict=True))
    amounts = {name: float(draw.random() * 1e8) for name in names}
    passed = {name: amounts[name] * float(draw.random()) for name in names}
    won, more = float(draw.random() * 1e8), float(draw.normal() * 1e4)
    mean = won + sum(weight[name] * amounts[name] for name in names) + more
    taken = {name: float(draw.random() * 1e6) for name in names if draw.random() < 0.5}
    return Said(
        won, mean, amounts, weight, passed, float(draw.random() * 1e7), 1e5, taken,
        {name: less * float(draw.random()) for name, less in taken.items()},
    )  # fmt: skip


@given(st.integers(0, 2**32), st.integers(0, 40), st.booleans())
def test_the_causes_sum_to_the_move_whatever_happened(seed: int, count: int, is_over: bool) -> None:
    draw = np.random.default_rng(seed)
    then, now = said(draw, is_over=False), said(draw, is_over=is_over)
    deals = Deals(
        LAST, facts(count, draw), facts(count, draw), chances(count, draw), chances(count, draw)
    )
    found = causes(then, now, deals, won_since=float(draw.random() * 1e7), wins=3)
    assert sum(found.value.values()) == pytest.approx(now.mean - then.mean, abs=1e-3)


@given(st.lists(st.floats(-1e9, 1e9), max_size=20), st.integers(-3, 3))
def test_whole_parts_sum_to_the_whole_total(values: list[float], off: int) -> None:
    total = round(sum(values)) + off if values else 0
    found = whole(values, total)
    assert sum(found) == total
    assert all(
        abs(part - value) <= 1 + abs(off) + 1e-3 for part, value in zip(found, values, strict=True)
    )


def one_deal(was: tuple[int, ...] | None, became: tuple[int, ...] | None, **more: float) -> Deals:
    """Return one deal: (meaning, due, stage, category, amount) on both days, None where absent."""

    def known(row: tuple[int, ...] | None) -> Facts:
        columns = [np.array([value]) for value in row or (-1,) * 5]
        return Facts(np.array([row is not None]), *columns)

    def drawn(row: tuple[int, ...] | None, value: float, chance: float, passed: float) -> Chances:
        is_open = row is not None and row[0] == OPEN
        columns = [np.array([float(each) * is_open]) for each in (value, chance, passed)]
        return Chances(np.array([is_open]), *columns)

    return Deals(
        LAST, known(was), known(became), drawn(was, 1000, 0.5, 0.1),
        drawn(became, more.get("value", 1000), more.get("chance", 0.5), 0),
    )  # fmt: skip


HERE = (OPEN, 90, 1, 4, 1000)


@pytest.mark.parametrize(
    ("was", "became", "cause"),
    [
        (HERE, (WON, 60, 9, 0, 1000), Cause.WON),
        (HERE, (LOST, 60, 9, 5, 0), Cause.LOST),
        (HERE, None, Cause.DELETED),
        (None, HERE, Cause.NEW),
        ((LOST, 20, 9, 5, 0), HERE, Cause.REOPENED),
        (HERE, (OPEN, 101, 1, 4, 1000), Cause.PUSHED),
        ((OPEN, 101, 1, 4, 1000), HERE, Cause.PULLED_IN),
        (HERE, (OPEN, 95, 2, 4, 1000), Cause.RESCHEDULED),
        (HERE, (OPEN, 90, 2, 3, 1000), Cause.STAGE),
        (HERE, (OPEN, 90, 1, 3, 1000), Cause.CATEGORY),
        (HERE, HERE, Cause.AGED),
    ],
)
def test_what_happened_to_a_deal_is_named_by_the_first_reason_that_holds(
    was: tuple[int, ...] | None, became: tuple[int, ...] | None, cause: Cause
) -> None:
    assert list(Cause)[reasons(one_deal(was, became))[0]] is cause


def test_a_deal_that_is_won_brings_its_amount_less_what_was_still_expected_of_it() -> None:
    alone = {"simulation": 1.0}
    then = Said(0.0, 500.0, {"simulation": 500.0}, alone, {"simulation": 100.0})
    now = Said(1000.0, 1000.0, {"simulation": 0.0}, alone)
    found = causes(then, now, one_deal(HERE, (WON, 60, 9, 0, 1000)), won_since=1000.0, wins=1).value
    # 500 were expected of it: 100 in the days that passed, 400 after them
    assert {cause.value: value for cause, value in found.items() if value} == {
        "passed": -100.0,
        "won": 600.0,
    }


def test_a_higher_amount_counts_at_the_chance_of_the_second_day() -> None:
    alone = {"simulation": 1.0}
    then = Said(0.0, 500.0, {"simulation": 500.0}, alone, {"simulation": 100.0})
    now = Said(0.0, 900.0, {"simulation": 900.0}, alone)
    deals = one_deal(HERE, (OPEN, 90, 1, 4, 1500), value=1500, chance=0.6)
    found = causes(then, now, deals, won_since=0.0, wins=0)
    # 500 more at 0.6; the chance went from the 0.4 that was left to 0.6, on 1000
    assert found.value[Cause.INCREASED] == pytest.approx(300.0)
    assert found.value[Cause.AGED] == pytest.approx(200.0)
    assert found.deals == {Cause.INCREASED: 1, Cause.AGED: 1}


def test_a_member_that_was_not_there_moves_the_weights_not_the_deals() -> None:
    then = Said(0.0, 800.0, {"mean_13_weeks": 800.0}, {"mean_13_weeks": 1.0})
    now = Said(
        0.0, 700.0, {"mean_13_weeks": 800.0, "simulation": 600.0},
        {"mean_13_weeks": 0.5, "simulation": 0.5},
    )  # fmt: skip
    found = causes(then, now, one_deal(None, HERE), won_since=0.0, wins=0)
    assert {cause: value for cause, value in found.value.items() if value} == {
        Cause.WEIGHTS: -100.0
    }
    assert not found.deals
