"""Edits of the input tables: what each does, and the laws of their composition."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.planning import engine
from perilune.planning.contracts import (
    DAYS,
    HORIZON,
    Absence,
    Assumption,
    Edit,
    Hire,
    Index,
    Leave,
    Move,
    Price,
    Quota,
    Ramp,
    Shock,
    Tables,
    What,
)
from perilune.planning.testing import AS_OF, NORTH, SOUTH, assert_same, seen, small_tables

pytestmark = pytest.mark.engine

REPS = (11, 12, 13, 21, 22)
days = st.integers(-20, HORIZON + 20).map(lambda n: AS_OF + timedelta(days=n))
reps = st.sampled_from(REPS)
segments, sectors = st.sampled_from(("", "Large", "Small")), st.sampled_from(("", "Energy"))
factors = st.floats(0.2, 3.0)

hires = st.builds(
    Hire,
    team_id=st.sampled_from((NORTH, SOUTH, 9)),
    starts=days,
    heads=st.integers(1, 4),
    fte=st.sampled_from((0.5, 1.0)),
    ramp_days=st.none() | st.integers(0, 200),
)
leaves = st.builds(Leave, rep_id=reps, last_day=days, to_rep_id=st.none() | reps)
absences = st.builds(Absence, rep_id=reps, starts=days, fte=st.sampled_from((0.4, 1.0)))
ramps = st.builds(Ramp, starts=days, ramp_days=st.integers(1, 300), team_id=st.none() | st.just(1))
moves = st.builds(Move, to_rep_id=reps, starts=days, rep_id=reps, segment=segments, sector=sectors)
quotas = st.builds(
    Quota, unit=st.just("rep:11"), period=st.just("2026-Q3"), amount=st.integers(0, 10**9)
)
prices = st.builds(Price, factor=factors, starts=days, product_id=st.none() | st.just(1))
shocks = st.builds(
    Shock,
    what=st.sampled_from(What),
    factor=factors,
    starts=days,
    segment=segments,
    sector=sectors,
)
edits: st.SearchStrategy[Edit] = st.one_of(
    hires, leaves, absences, ramps, moves, quotas, prices, shocks
)
lists = st.lists(edits, max_size=6).map(
    lambda found: [Assumption(place + 1, edit) for place, edit in enumerate(found)]
)


def made(*several: Edit, start: Tables | None = None) -> Tables:
    listed = [Assumption(place + 1, edit) for place, edit in enumerate(several)]
    return engine.apply(start or small_tables(), listed)


def day(n: int) -> date:
    """Return the day of a column."""
    return AS_OF + timedelta(days=n + 1)


# -- laws ----------------------------------------------------------------------------------------


def test_the_empty_list_changes_nothing() -> None:
    start = small_tables()
    assert engine.apply(start, []) is start
    for name in ("arrival_factor", "amount_factor", "win_factor", "lose_factor"):
        assert (getattr(start, name) == 1).all()
    assert (start.share == 1).all()


@given(lists, lists)
def test_one_list_after_another_is_the_joined_list(first, second) -> None:
    second = [replace(item, id=item.id + 100) for item in second]
    step = engine.apply(engine.apply(small_tables(), first), second)
    assert_same(step, engine.apply(small_tables(), [*first, *second]))


@given(lists)
def test_an_edit_never_touches_the_tables_it_was_given(listed) -> None:
    start, kept = small_tables(), small_tables()
    engine.apply(start, listed)
    assert_same(start, kept)
    for item in fields(start):
        value = getattr(start, item.name)
        assert not isinstance(value, np.ndarray) or not value.flags.writeable, item.name


@given(lists)
def test_capacity_and_business_are_never_negative_and_moves_neither_make_nor_lose_any(
    listed,
) -> None:
    after = engine.apply(small_tables(), listed)
    assert (after.share >= 0).all() and (after.arrival_factor >= -1e-12).all()
    moving = [item for item in listed if isinstance(item.edit, Move)]
    moved = engine.apply(small_tables(), moving)
    np.testing.assert_allclose((moved.share * moved.arrival_factor).sum(axis=0), len(REPS))
    assert len(moved.deal_holders(HORIZON)) == len(moved.deal_id)


@given(
    st.tuples(absences, absences).filter(lambda two: two[0].rep_id != two[1].rep_id)
    | st.tuples(hires, absences)
    | st.tuples(quotas, shocks)
    | st.tuples(shocks, shocks)
    | st.tuples(prices, shocks)
    | st.tuples(hires, hires)
    | st.tuples(hires, ramps)
    | st.tuples(hires, moves)
    | st.tuples(shocks, moves)
    | st.tuples(absences, moves)
)
def test_edits_that_touch_different_things_commute(two) -> None:
    first, second = Assumption(1, two[0]), Assumption(2, two[1])
    start = small_tables()
    assert_same(engine.apply(start, [first, second]), engine.apply(start, [second, first]))


@given(hires, lists)
def test_a_hire_who_leaves_before_the_first_day_is_nothing(hire, listed) -> None:
    start = engine.apply(small_tables(), [replace(item, id=item.id + 10) for item in listed])
    if any(isinstance(item.edit, Ramp) for item in listed):
        return  # a ramp speaks of hires to come, too: that is its point
    both = [
        Assumption(1, hire),
        Assumption(2, Leave(-1, hire.starts - timedelta(days=1))),
    ]
    assert_same(engine.apply(start, both), start)


@given(moves)
def test_accounts_that_go_and_come_back_on_the_same_day_never_went(move) -> None:
    start = small_tables()
    gone = engine.apply(start, [Assumption(1, move)])
    items = np.unique(gone.account_moves.item)
    back = [
        Assumption(2 + n, Move(int(home), move.starts, accounts=tuple(ids.tolist())))
        for n, (home, ids) in enumerate(_by_home(start, items))
    ]
    assert_same(engine.apply(gone, back), start)


def _by_home(start: Tables, items):
    for home in np.unique(start.account_home[items]):
        yield home, start.account_id[items[start.account_home[items] == home]]


# -- each edit -----------------------------------------------------------------------------------


def test_a_hire_ramps_linearly_to_a_full_rep_of_the_team() -> None:
    after = made(Hire(NORTH, day(10), ramp_days=4, heads=2, fte=0.5))
    assert after.reps[-1] == -1 and after.like[-1] == -1 - NORTH and after.team[-1] == NORTH
    np.testing.assert_allclose(after.share[-1, 9:15], [0, 0.25, 0.5, 0.75, 1, 1])


def test_the_ramp_is_the_hires_own_else_the_last_that_fits_the_team() -> None:
    slow = Ramp(day(0), 100, NORTH)
    after = made(slow, Hire(NORTH, day(0)), Hire(SOUTH, day(0)), Hire(NORTH, day(0), ramp_days=7))
    assert after.ramp_days[-3:].tolist() == [100, 90, 7]
    assert_same(after, made_in_order(after, slow))
    later = made(Hire(NORTH, day(5)), Ramp(day(6), 300))
    assert later.ramp_days[-1] == 90


def made_in_order(after: Tables, slow: Ramp) -> Tables:
    """Return the same edits with the ramp last."""
    hired = [Hire(NORTH, day(0)), Hire(SOUTH, day(0)), Hire(NORTH, day(0), ramp_days=7)]
    listed = [Assumption(2 + place, edit) for place, edit in enumerate(hired)]
    return engine.apply(small_tables(), [*listed, Assumption(1, slow)])


def test_who_manages_brings_no_business() -> None:
    start = small_tables()
    assert engine.apply(start, [Assumption(1, Hire(NORTH, day(0), role="manager"))]) is start


def test_a_leaver_is_gone_the_day_after_and_the_deals_go_to_the_one_named() -> None:
    after = made(Leave(11, day(30), to_rep_id=21))
    assert after.share[0, 30] == 1 and (after.share[0, 31:] == 0).all()
    theirs = after.deal_rep == 11
    assert (after.deal_holders(30)[theirs] == 11).all()
    assert (after.deal_holders(31)[theirs] == 21).all(), "commit too: nobody is left to close them"


def test_deals_of_a_leaver_are_spread_over_the_team_by_value() -> None:
    after = made(Leave(11, day(30)))
    theirs = np.flatnonzero(after.deal_rep == 11)
    takers = after.deal_holders(31)[theirs]
    assert set(takers.tolist()) == {12, 13}
    load = [after.deal_value[theirs[takers == rep]].sum() for rep in (12, 13)]
    assert abs(load[0] - load[1]) <= after.deal_value[theirs].max()


def test_deals_go_to_the_company_where_the_team_is_gone_and_to_nobody_where_all_are() -> None:
    south = made(Leave(21, day(0)), Leave(22, day(0)))
    assert set(south.deal_holders(1).tolist()) == {11, 12, 13}
    all_gone = made(*(Leave(rep, day(0)) for rep in REPS))
    assert set(all_gone.deal_holders(1).tolist()) == {0}
    assert all_gone.deal_holders(0).tolist() == small_tables().deal_rep.tolist()


def test_a_successor_who_has_left_is_passed_over() -> None:
    after = made(Leave(21, day(0)), Leave(22, day(5), to_rep_id=21))
    assert 21 not in after.deal_holders(10).tolist()


def test_an_absence_takes_its_part_between_its_days() -> None:
    after = made(Absence(12, day(3), day(4), fte=0.25))
    np.testing.assert_allclose(after.share[1, 2:6], [1, 0.75, 0.75, 1])


def test_accounts_take_their_deals_along_but_not_those_in_commit() -> None:
    after = made(Move(22, day(20), rep_id=11))
    theirs = after.deal_rep == 11
    later = after.deal_holders(20)
    assert (after.deal_holders(19) == after.deal_rep).all()
    assert (later[theirs & after.deal_commit] == 11).all() and (theirs & after.deal_commit).any()
    assert (later[theirs & ~after.deal_commit] == 22).all()


def test_new_business_follows_the_accounts_and_the_rest_stays() -> None:
    after = made(Move(22, day(20), rep_id=11))
    taken = np.flatnonzero((after.reps == 22) & (after.like == 11))
    assert len(taken) == 1
    np.testing.assert_allclose(after.arrival_factor[taken[0], 18:22], [0, 0, 0.8, 0.8])
    np.testing.assert_allclose(after.arrival_factor[0, 18:22], [1, 1, 0.2, 0.2])


def test_an_absence_of_who_took_over_weighs_on_what_was_taken_over() -> None:
    after = made(Move(22, day(0), rep_id=11), Absence(22, day(50)))
    assert (after.share[after.reps == 22][:, 50:] == 0).all()


def test_a_later_edit_decides_from_its_day_on() -> None:
    after = made(Move(22, day(40), rep_id=11), Move(12, day(10), rep_id=11))
    assert set(after.account_moves.rep.tolist()) == {12}


def test_a_shock_reaches_the_deals_and_accounts_it_is_aimed_at() -> None:
    after = made(Shock(What.WIN_RATE, 0.5, day(5), day(6), sector="Energy"))
    hit = np.isin(after.deal_account, np.arange(100, 105))
    win = after.deal_effects.win[after.deal_pattern]
    assert (win[hit][:, 5:7] == 0.5).all() and (win[~hit] == 1).all() and (win[:, 7:] == 1).all()
    # each rep has one account of either sector at 0.4 and a rest of 0.2
    np.testing.assert_allclose(after.win_factor[0, 4:8], [1, 0.8, 0.8, 1])
    assert (after.arrival_factor == 1).all()


def test_arrivals_touch_no_open_deal_and_all_means_the_rest_too() -> None:
    after = made(Shock(What.ARRIVAL, 0.7, day(0)))
    assert after.deal_effects.is_neutral
    np.testing.assert_allclose(after.arrival_factor, 0.7)


def test_a_longer_cycle_slows_winning_and_losing_alike() -> None:
    after = made(Shock(What.CYCLE, 1.25, day(0)))
    np.testing.assert_allclose(after.deal_effects.win[after.deal_pattern], 0.8)
    np.testing.assert_allclose(after.deal_effects.lose[after.deal_pattern], 0.8)


def test_hires_feel_the_market_of_their_team() -> None:
    after = made(Hire(NORTH, day(0)), Shock(What.ARRIVAL, 0.5, day(0), sector="Health"))
    np.testing.assert_allclose(after.arrival_factor[-1], 0.8)


def test_a_price_of_a_product_counts_by_its_share_and_leaves_commit_alone() -> None:
    after = made(Price(1.1, day(0), product_id=1), Price(1.2, day(0), product_id=2))
    np.testing.assert_allclose(after.amount_factor, 1 + 0.6 * 0.1 + 0.3 * 0.2)
    amount = after.deal_effects.amount[after.deal_pattern][:, 0]
    expected = np.where(after.deal_commit, 1, np.where(after.deal_product == 1, 1.1, 1.2))
    np.testing.assert_allclose(amount, expected)


def test_an_index_moves_by_its_elasticity_against_the_level_of_today() -> None:
    series = ((date(2026, 6, 1), 100.0), (day(10), 81.0), (day(20), 144.0))
    after = made(Index("Industry", series, elasticity=0.5))
    np.testing.assert_allclose(after.arrival_factor[0, [0, 9, 10, 19, 20, 371]],
                               [1, 1, 0.9, 0.9, 1.2, 1.2])  # fmt: skip


def test_a_series_that_begins_later_starts_from_its_first_level() -> None:
    after = made(Index("Industry", ((day(10), 50.0), (day(11), 25.0))))
    np.testing.assert_allclose(after.arrival_factor[0, 9:12], [1, 1, 0.5])


def test_a_quota_is_replaced() -> None:
    after = made(Quota("rep:11", "2026-Q3", 300_000), Quota("team:1", "2026-Q3", 5))
    assert after.quotas[("rep", 11), "2026-Q3"] == 300_000
    assert after.quotas[("team", 1), "2026-Q3"] == 5


def test_edits_that_find_nothing_are_named() -> None:
    listed = [
        Assumption(1, Leave(99, day(0))),
        Assumption(2, Hire(NORTH, day(DAYS))),
        Assumption(3, Shock(What.AMOUNT, 1.0, day(0))),
        Assumption(4, Shock(What.AMOUNT, 0.9, day(0), segment="Unheard of")),
        Assumption(5, Absence(11, day(0))),
    ]
    assert engine.idle(small_tables(), listed) == (1, 2, 3, 4)
    assert "reps" in seen(small_tables())


def test_columns_of_days_are_cut_to_the_horizon() -> None:
    start = small_tables()
    assert [start.column(d) for d in (AS_OF, day(0), day(371), day(900))] == [0, 0, 371, DAYS]
    assert start.day(0) == AS_OF + timedelta(days=1)
