"""The bridge: each reason by hand, and the laws on random companies."""

from __future__ import annotations

from math import isnan
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perilune.forecasting.contracts.bridge import Component
from perilune.forecasting.engine.bridge import CLOSING, COMPONENTS, OPENING, bridge, summed
from perilune.forecasting.engine.journeys import LOST, NEVER, OPEN, UNKNOWN, WON, Shares, Window
from perilune.forecasting.tests.bridge_worlds import (
    AFTER,
    Event,
    State,
    World,
    random_world,
    told,
    unit_of,
)

C = Component
PERIOD = Window(40, 79)
"""Days of the period; the deals of `State()` are due on day 50."""
WAS = State()


def journey(
    *states: State | None, window: Window | None = PERIOD, rates: Any = None, by: str = "total"
) -> dict[Any, Any]:
    """Return the components of one deal from state to state, known at once."""
    events = [Event(10 * at, 10 * at, AFTER, state) for at, state in enumerate(states)]
    world = World([events], {0: [(0, 0)], 1: [(0, 1)]})
    world.rates |= rates or {}
    return lines(world, 5, 10 * (len(states) - 1), window, by)


def lines(
    world: World, since: int, until: int, window: Window | None, by: str = "total"
) -> dict[Any, Any]:
    """Return the components that are not empty: values of a total, (unit, component) of a level."""
    found = told(world, since, until, by)
    moves = bridge(found.journeys, found.credit, window)
    names = {number: unit for unit, number in found.units.items()}
    rows = [
        (names[unit], COMPONENTS[number], value)
        for unit, number, value in zip(*(column.tolist() for column in moves[1:]), strict=True)
        if number < OPENING
    ]
    return {(c if by == "total" else (unit, c)): value for unit, c, value in rows}


# -- each reason -----------------------------------------------------------------------------------

REASONS: list[tuple[str, State | None, State | None, dict[Component, int]]] = [
    ("nothing", WAS, WAS, {}),
    ("new", None, WAS, {C.NEW: 10_000}),
    ("new and won since", None, WAS._replace(meaning=WON), {C.NEW: 10_000, C.WON: -10_000}),
    ("new and lost since", None, WAS._replace(meaning=LOST), {C.NEW: 10_000, C.LOST: -10_000}),
    ("new, due elsewhere", None, WAS._replace(day=90), {}),
    ("new and omitted", None, WAS._replace(is_omitted=True), {}),
    ("pulled in", WAS._replace(day=90), WAS, {C.PULLED_IN: 10_000}),
    ("dated at last", WAS._replace(day=NEVER), WAS, {C.PULLED_IN: 10_000}),
    ("rolled in", WAS._replace(day=39), WAS, {C.ROLLED_IN: 10_000}),
    ("pushed", WAS, WAS._replace(day=80), {C.PUSHED: -10_000}),
    ("no date any more", WAS, WAS._replace(day=NEVER), {C.PUSHED: -10_000}),
    ("moved ahead", WAS, WAS._replace(day=39), {C.PULLED_OUT: -10_000}),
    ("moved within", WAS, WAS._replace(day=79), {}),
    ("increased", WAS, WAS._replace(amount=12_000), {C.INCREASED: 2_000}),
    ("decreased", WAS, WAS._replace(amount=7_000), {C.DECREASED: -3_000}),
    ("amount taken away", WAS, WAS._replace(amount=UNKNOWN), {C.DECREASED: -10_000}),
    ("omitted", WAS, WAS._replace(is_omitted=True), {C.OMITTED: -10_000}),
    ("back", WAS._replace(is_omitted=True), WAS, {C.UNOMITTED: 10_000}),
    ("left out", WAS, WAS._replace(is_inside=False), {C.SCOPE: -10_000}),
    ("let in", WAS._replace(is_inside=False), WAS, {C.SCOPE: 10_000}),
    ("reopened", WAS._replace(meaning=LOST), WAS, {C.REOPENED: 10_000}),
    (
        "reopened, whatever else came",
        WAS._replace(meaning=WON, day=20, amount=5, is_inside=False),
        WAS,
        {C.REOPENED: 10_000},
    ),
    ("won", WAS, WAS._replace(meaning=WON), {C.WON: -10_000}),
    (
        "won for more",
        WAS,
        WAS._replace(meaning=WON, amount=11_000),
        {C.INCREASED: 1_000, C.WON: -11_000},
    ),
    ("won, amount unknown", WAS, WAS._replace(meaning=WON, amount=UNKNOWN), {C.WON: -10_000}),
    (
        "won before it was due here",
        WAS._replace(day=90),
        WAS._replace(meaning=WON),
        {C.PULLED_IN: 10_000, C.WON: -10_000},
    ),
    ("won after the period", WAS, WAS._replace(meaning=WON, day=85), {C.PUSHED: -10_000}),
    ("lost for nothing", WAS, WAS._replace(meaning=LOST, amount=0, day=85), {C.LOST: -10_000}),
    ("lost elsewhere", WAS._replace(day=90), WAS._replace(meaning=LOST), {}),
    (
        "pushed for more",
        WAS,
        WAS._replace(day=90, amount=12_000),
        {C.INCREASED: 2_000, C.PUSHED: -12_000},
    ),
    (
        "pulled in for more",
        WAS._replace(day=90),
        WAS._replace(amount=12_000),
        {C.PULLED_IN: 12_000},
    ),
    ("in by date, out by category", WAS._replace(day=90), WAS._replace(is_omitted=True), {}),
    ("lost, then won", WAS._replace(meaning=LOST), WAS._replace(meaning=WON), {}),
]


@pytest.mark.parametrize(
    ("before", "after", "expected"), [r[1:] for r in REASONS], ids=[r[0] for r in REASONS]
)
def test_each_reason_takes_what_the_method_says(
    before: State | None, after: State | None, expected: dict[Component, int]
) -> None:
    assert journey(before, after) == expected


def test_without_a_period_dates_move_nothing() -> None:
    assert journey(WAS, WAS._replace(day=NEVER), window=None) == {}


def test_amount_counts_at_the_old_rate_and_the_rest_is_currency() -> None:
    rates = {1: [2.0] * 10 + [2.5] * 91}
    was, now = WAS._replace(currency=1), WAS._replace(currency=1, amount=12_000)
    assert journey(was, now, rates=rates) == {C.INCREASED: 4_000, C.CURRENCY: 6_000}


def test_another_currency_is_another_amount_at_the_old_rates() -> None:
    rates = {1: [2.0] * 10 + [2.5] * 91}
    assert journey(WAS, WAS._replace(currency=1), rates=rates) == {
        C.INCREASED: 10_000,
        C.CURRENCY: 5_000,
    }


def test_a_rate_that_comes_at_last_is_a_currency_effect() -> None:
    rates = {1: [float("nan")] * 10 + [2.0] * 91}
    was = WAS._replace(currency=1)
    assert journey(was, was, rates=rates) == {C.CURRENCY: 20_000}


def test_a_double_that_was_merged_is_told_from_a_deal_that_was_deleted() -> None:
    for is_merge, component in ((True, C.MERGED), (False, C.DELETED)):
        world = World([[Event(0, 0, AFTER, WAS), Event(10, 10, AFTER, None, is_merge)]])
        assert lines(world, 5, 15, PERIOD) == {component: -10_000}


def test_a_handed_deal_leaves_one_owner_for_another_before_it_grows() -> None:
    got = journey(WAS, WAS._replace(owner=1, amount=12_000), by="rep")
    assert got == {(0, C.OWNER_OUT): -10_000, (1, C.OWNER_IN): 10_000, (1, C.INCREASED): 2_000}


def test_a_rep_who_changes_team_takes_the_deals_along() -> None:
    world = World([[Event(0, 0, AFTER, WAS)]], {0: [(0, 0), (10, 1)]})
    assert lines(world, 5, 15, PERIOD, "team") == {
        (0, C.REORGANISED): -10_000,
        (1, C.REORGANISED): 10_000,
    }
    assert lines(world, 5, 15, PERIOD, "region") == {}
    assert lines(world, 5, 15, PERIOD) == {}


def test_a_deal_handed_to_somebody_hired_since_is_an_owner_move_not_a_re_organisation() -> None:
    world = World(
        [[Event(0, 0, AFTER, WAS), Event(10, 10, AFTER, WAS._replace(owner=2))]],
        {0: [(0, 0)], 2: [(8, 1)]},
    )
    assert lines(world, 5, 15, PERIOD, "team") == {
        (0, C.OWNER_OUT): -10_000,
        (1, C.OWNER_IN): 10_000,
    }


def test_what_is_recorded_late_or_taken_back_is_restated() -> None:
    late = World([[Event(0, 10, AFTER, WAS)]])
    assert lines(late, 5, 15, PERIOD) == {C.RESTATED: 10_000}
    taken_back = World([[Event(0, 0, 10, WAS)]])
    assert lines(taken_back, 5, 15, PERIOD) == {C.RESTATED: -10_000}
    corrected = World([[Event(0, 0, AFTER, WAS), Event(3, 10, AFTER, WAS._replace(amount=9_000))]])
    assert lines(corrected, 5, 15, PERIOD) == {C.RESTATED: -1_000}


def test_parts_of_a_split_deal_sum_to_it_to_the_cent() -> None:
    split = Shares(np.array([0, 1, 2]), np.array([1, 2, 3]), np.array([3, 3, 3]))
    parts = split.of(np.array([100, 100, 100]))
    assert parts.tolist() == [33, 34, 33]
    huge = split.of(np.full(3, 10**15 + 1))
    assert sum(huge.tolist()) == 10**15 + 1


# -- laws ------------------------------------------------------------------------------------------

seeds = st.integers(0, 2**32 - 1)
days = st.tuples(st.integers(0, 100), st.integers(0, 100), st.integers(0, 100)).map(sorted)
LEVELS = ("total", "region", "team", "rep")
MOVED = {C.OWNER_IN, C.OWNER_OUT, C.REORGANISED}


def pipeline_value(world: World, deal: int, day: int, recorded: int) -> int:
    """Say in plain words what a deal adds to the pipeline of the period."""
    event = world.known(deal, day, recorded)
    if event is None or event.state is None:
        return 0
    state, rate = event.state, world.rate(event.state.currency, day)
    if state.meaning != OPEN or state.is_omitted or not state.is_inside:
        return 0
    if not PERIOD.first <= state.day <= PERIOD.last or state.amount == UNKNOWN or isnan(rate):
        return 0
    value = state.amount * rate
    return int(value + 0.5) if value >= 0 else -int(-value + 0.5)


def sums(
    world: World, since: int, until: int, by: str, seen: frozenset[int] | None = None
) -> dict[int | None, list[int]]:
    found = told(world, since, until, by, seen)
    values, _ = summed(bridge(found.journeys, found.credit, PERIOD), len(found.units))
    return {unit: values[number].tolist() for unit, number in found.units.items()}


@settings(max_examples=1000, deadline=None)
@given(seeds, days)
def test_a_bridge_leaves_nothing_over_at_any_level(seed: int, when: list[int]) -> None:
    since, _, until = when
    world = random_world(seed)
    deals = range(len(world.deals))
    opening = sum(pipeline_value(world, deal, since, since) for deal in deals)
    closing = sum(pipeline_value(world, deal, until, until) for deal in deals)
    total = sums(world, since, until, "total")[None]
    assert (total[OPENING], total[CLOSING]) == (opening, closing)
    for by in LEVELS:
        rows = sums(world, since, until, by).values()
        for row in rows:
            assert row[OPENING] + sum(row[:OPENING]) - row[CLOSING] == 0
        for number, whole in enumerate(total):
            if number >= OPENING or COMPONENTS[number] not in MOVED:
                assert sum(row[number] for row in rows) == whole
        assert sum(sum(row[number] for number in range(1, 4)) for row in rows) == 0


@settings(max_examples=200, deadline=None)
@given(seeds, days, st.frozensets(st.integers(0, 4), max_size=4))
def test_it_leaves_nothing_over_for_who_sees_some_owners_only(
    seed: int, when: list[int], seen: frozenset[int]
) -> None:
    world = random_world(seed)
    for by in LEVELS:
        rows = sums(world, when[0], when[2], by, seen).values()
        assert all(row[OPENING] + sum(row[:OPENING]) == row[CLOSING] for row in rows)


@settings(max_examples=200, deadline=None)
@given(seeds, days, st.sampled_from(LEVELS))
def test_one_bridge_begins_where_the_other_ends(seed: int, when: list[int], by: str) -> None:
    first, middle, last = when
    world = random_world(seed)
    ends = {unit: row[CLOSING] for unit, row in sums(world, first, middle, by).items()}
    starts = {unit: row[OPENING] for unit, row in sums(world, middle, last, by).items()}
    for unit in ends.keys() | starts.keys():
        assert ends.get(unit, 0) == starts.get(unit, 0)


@settings(max_examples=200, deadline=None)
@given(seeds, st.integers(0, 100), st.sampled_from(LEVELS))
def test_from_a_day_to_itself_nothing_happens(seed: int, day: int, by: str) -> None:
    for row in sums(random_world(seed), day, day, by).values():
        assert row[OPENING] == row[CLOSING]
        assert not any(row[:OPENING])


@settings(max_examples=200, deadline=None)
@given(seeds, days)
def test_won_ties_with_what_was_won_of_what_was_not_closed_before(
    seed: int, when: list[int]
) -> None:
    since, _, until = when
    world, won = random_world(seed), 0
    for deal in range(len(world.deals)):
        was, now = world.known(deal, since, until), world.known(deal, until, until)
        if now is None or now.state is None or now.state.meaning != WON or not now.state.is_inside:
            continue
        if was and was.state and was.state.meaning != OPEN:
            continue
        if PERIOD.first <= now.state.day <= PERIOD.last:
            known = now.state if now.state.amount != UNKNOWN else was and was.state
            rate = (
                world.rate(known.currency, until if known is now.state else since) if known else 0
            )
            if known and known.amount != UNKNOWN and not isnan(rate):
                value = known.amount * rate
                won += int(value + 0.5) if value >= 0 else -int(-value + 0.5)
    assert sums(world, since, until, "total")[None][COMPONENTS.index(C.WON)] == -won


@settings(max_examples=100, deadline=None)
@given(seeds, days)
def test_every_level_shows_a_deal_under_its_reps_unit_of_each_day(
    seed: int, when: list[int]
) -> None:
    since, _, until = when
    world = random_world(seed)
    for deal, by in ((deal, by) for deal in range(len(world.deals)) for by in ("team", "rep")):
        alone = World([world.deals[deal]], world.seats, world.rates)
        event = alone.known(0, since, since)
        if event is None or event.state is None or event.state.split:
            continue
        value = pipeline_value(alone, 0, since, since)
        unit = unit_of(world, event.state.owner, since, by)
        assert sums(alone, since, until, by)[unit][OPENING] == value
