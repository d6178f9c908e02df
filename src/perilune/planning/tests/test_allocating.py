"""Amounts shared out: exact to the cent, within bounds, whatever the order of rows."""

from __future__ import annotations

from fractions import Fraction
from math import floor
from time import process_time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog, minimize

from perilune.kernel.errors import Invalid
from perilune.planning.contracts import NO_CAP, NO_FLOOR, Allocation, Bound, Tree
from perilune.planning.engine import allocate, least_moved, split

pytestmark = pytest.mark.engine

weights = st.lists(
    st.one_of(st.integers(0, 1000).map(float), st.floats(1e-6, 1e6)), min_size=1, max_size=12
)


@st.composite
def bounded(draw):
    """A total, weights, floors and caps, of which some bind."""
    by = np.array(draw(weights))
    n = len(by)
    floor = np.array(draw(st.lists(st.integers(0, 5000), min_size=n, max_size=n)))
    room = np.array(draw(st.lists(st.integers(0, 9000), min_size=n, max_size=n)))
    cap = np.where(
        np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n))), floor + room, NO_CAP
    )
    return draw(st.integers(0, 60_000)), by, floor, cap


def tree(rows, **columns) -> Tree:
    """A tree of (id, parent, weight); other columns by name, the rest binds nothing."""
    ids, parents, by = (np.array(column) for column in zip(*rows, strict=True))
    n = len(ids)
    amounts = columns.get("given", {})
    made = {
        "floor": np.full(n, NO_FLOOR),
        "cap": np.full(n, NO_CAP),
        "over": np.ones(n),
    }
    for name, column in made.items():
        for unit, value in columns.get(name, {}).items():
            column[ids == unit] = value
    given = np.array([amounts.get(unit, 0) for unit in ids.tolist()], dtype=np.int64)
    is_given = np.isin(ids, list(amounts))
    return Tree(
        ids, parents, by.astype(float), given, is_given, is_hidden=np.zeros(n, bool), **made
    )


COMPANY = [
    (1, 0, np.nan),
    (2, 1, np.nan),
    (3, 1, np.nan),
    (21, 2, 1),
    (22, 2, 2),
    (31, 3, 1),
    (32, 3, 1),
]


def lacking(company: Tree, made: Allocation) -> dict[int, int]:
    """What each unit with parts lacks of amount x over, halves up, worked in whole fractions."""
    found = {}
    for row, unit in enumerate(company.id.tolist()):
        below = company.parent == unit
        if below.any():
            over = Fraction(float(company.over[row])).limit_denominator(10**6)
            due = floor(int(made.amount[row]) * over + Fraction(1, 2))
            found[unit] = due - int(made.amount[below].sum())
    return found


@given(bounded())
def test_parts_and_what_is_left_are_the_total_and_keep_their_bounds(case) -> None:
    total, by, floor, cap = case
    parts, left = split(total, by, floor=floor, cap=cap)
    assert int(parts.sum()) + left == total
    assert (parts >= floor).all()
    assert (parts <= cap).all()
    if left > 0:
        assert (parts[by > 0] == cap[by > 0]).all()
    if left < 0:
        assert (parts == floor).all()


@given(bounded(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(case, random) -> None:
    total, by, floor, cap = case
    order = list(range(len(by)))
    random.shuffle(order)
    key = np.arange(len(by))
    straight, _ = split(total, by, floor=floor, cap=cap, key=key)
    mixed, _ = split(total, by[order], floor=floor[order], cap=cap[order], key=key[order])
    assert (straight[order] == mixed).all()


@given(bounded())
def test_between_the_bounds_all_stand_at_one_level_to_the_cent(case) -> None:
    total, by, floor, cap = case
    parts, left = split(total, by, floor=floor, cap=cap)
    inside = (by > 0) & (parts > floor) & (parts < cap)
    if left or not inside.any():
        return
    some = by > 0
    parts, by, floor, cap, inside = (column[some] for column in (parts, by, floor, cap, inside))
    slack = 1e-9 * total / by
    lowest = ((parts - 1) / by - slack)[inside].max()
    highest = ((parts + 1) / by + slack)[inside].min()
    assert lowest <= highest
    at_cap, at_floor = parts == cap, parts == floor
    assert (highest >= ((cap - 1) / by)[at_cap & ~at_floor]).all()
    assert (lowest <= ((floor + 1) / by)[at_floor & ~at_cap]).all()


def test_water_filling_is_the_least_weighted_square_change() -> None:
    by, floor, cap = (
        np.array([1.0, 2, 3, 4]),
        np.array([0, 300, 0, 0]),
        np.array([500, 900, 200, 900]),
    )
    parts, left = split(1000, by, floor=floor, cap=cap)
    wanted = 1000 * by / by.sum()
    solved = minimize(
        lambda x: ((x - wanted) ** 2 / by).sum(),
        wanted,
        bounds=list(zip(floor, cap, strict=True)),
        constraints={"type": "eq", "fun": lambda x: x.sum() - 1000},
    )
    assert left == 0
    assert np.abs(parts - solved.x).max() < 1


@given(bounded())
@settings(max_examples=60)
def test_the_least_change_is_that_of_the_linear_programme(case) -> None:
    total, by, floor, cap = case
    before = (by % 5000).astype(np.int64)
    parts, left = least_moved(total, before, floor=floor, cap=cap)
    assert int(parts.sum()) + left == total
    if left:
        return
    n = len(by)
    solved = linprog(
        np.ones(2 * n),
        A_eq=np.hstack([np.ones((1, n)), -np.ones((1, n))]),
        b_eq=[total - before.sum()],
        A_ub=np.vstack([np.hstack([np.eye(n), -np.eye(n)]), np.hstack([-np.eye(n), np.eye(n)])]),
        b_ub=np.concatenate([np.minimum(cap, 10**7) - before, before - floor]),
    )
    assert int(np.abs(parts - before).sum()) == round(solved.fun)


def test_a_company_is_shared_out_by_the_weights_of_its_leaves() -> None:
    made = allocate(tree(COMPANY, given={1: 1_000_01}))
    assert made.amount.tolist() == [100001, 60001, 40000, 20000, 40001, 20000, 20000]
    assert made.is_whole


def test_what_came_from_below_is_kept_and_the_rest_shared_out_again() -> None:
    made = allocate(tree(COMPANY, given={1: 1000, 21: 500, 3: 300}))
    assert dict(zip([1, 2, 3, 21, 22, 31, 32], made.amount.tolist(), strict=True)) == {
        1: 1000, 2: 700, 3: 300, 21: 500, 22: 200, 31: 150, 32: 150,
    }  # fmt: skip


def test_a_floor_deep_below_is_known_at_the_top() -> None:
    made = allocate(tree(COMPANY, given={1: 1000}, floor={31: 600}))
    assert made.is_whole
    assert made.amount[2] >= 600
    assert made.amount[5] == 600


def test_a_team_is_assigned_more_than_it_has_itself() -> None:
    made = allocate(tree(COMPANY, given={1: 1000}, over={2: 1.25}))
    assert made.amount[:3].tolist() == [1000, 600, 400]
    assert made.parts.tolist()[:3] == [1000, 750, 400]
    assert set(lacking(tree(COMPANY, given={1: 1000}, over={2: 1.25}), made).values()) == {0}


def test_caps_that_hold_too_little_say_by_how_much() -> None:
    made = allocate(tree(COMPANY, given={1: 1000}, cap={21: 100, 22: 100, 3: 300}))
    (gap,) = made.gaps
    assert (gap.unit, gap.by, gap.bound, gap.parts) == (1, 500, Bound.CAP, (2, 3))
    assert made.amount.tolist() == [1000, 200, 300, 100, 100, 150, 150]


def test_inputs_that_ask_for_more_than_there_is_say_by_how_much() -> None:
    made = allocate(tree(COMPANY, given={1: 1000, 2: 800, 3: 300}))
    (gap,) = made.gaps
    assert (gap.unit, gap.by, gap.bound, gap.parts) == (1, -100, Bound.GIVEN, (2, 3))


def test_parts_without_any_weight_get_nothing_and_are_named() -> None:
    made = allocate(tree([(1, 0, 1), (2, 1, 0), (3, 1, 0)], given={1: 10}))
    (gap,) = made.gaps
    assert (gap.by, gap.bound, gap.parts) == (10, Bound.WEIGHT, (2, 3))


def test_a_plan_changed_in_mid_year_moves_as_little_as_it_can() -> None:
    before = np.array([1000, 600, 400, 200, 400, 200, 200])
    made = allocate(tree(COMPANY, given={1: 1100}, cap={22: 390}), before)
    assert made.is_whole
    assert made.amount[4] == 390
    assert np.abs(made.amount[3:] - before[3:]).sum() == 10 + 110


@pytest.mark.parametrize(
    ("rows", "columns", "message"),
    [
        ([(1, 0, 1), (2, 3, 1), (3, 2, 1)], {"given": {1: 5}}, " stands in a circle."),
        ([(1, 0, 1), (2, 9, 1)], {"given": {1: 5}}, " hangs under a unit that is not there."),
        ([(1, 0, 1), (2, 1, 1), (2, 1, 1)], {"given": {1: 5}}, " stands there twice."),
        ([(1, 0, 1), (2, 1, 1)], {"given": {1: -5}}, " has a negative target."),
        ([(1, 0, 1), (2, 1, -1)], {"given": {1: 5}}, " has a negative weight."),
        ([(1, 0, 1), (2, 1, np.nan)], {"given": {1: 5}}, " has no weight."),
        ([(1, 0, 1), (2, 1, 1)], {}, " has no target."),
        ([(1, 0, 1), (2, 1, 1)], {"given": {1: 5},
         "over": {1: 0}}, "must be above zero."),
    ],
)  # fmt: skip
def test_a_tree_that_is_wrong_is_refused_by_name(rows, columns, message) -> None:
    with pytest.raises(Invalid) as caught:
        allocate(tree(rows, **columns))
    assert caught.value.problems[0].message.endswith(message)


@st.composite
def trees(draw):
    """A company of teams, reps and accounts with inputs, bounds and over-assignment."""
    rows, given_, floor, cap, over, unit = (
        [(1, 0, np.nan)],
        {1: draw(st.integers(0, 10**9))},
        {},
        {},
        {},
        1,
    )
    above = [1]
    for _ in range(draw(st.integers(1, 3))):
        below = []
        for parent in above:
            for _ in range(draw(st.integers(1, 4))):
                unit += 1
                rows.append((unit, parent, draw(st.integers(0, 50))))
                below.append(unit)
                fate = draw(st.integers(0, 9))
                if fate == 0:
                    given_[unit] = draw(st.integers(0, 10**6))
                elif fate == 1:
                    floor[unit] = draw(st.integers(0, 10**6))
                elif fate == 2:
                    cap[unit] = draw(st.integers(0, 10**8))
                elif fate == 3:
                    over[unit] = draw(st.sampled_from([0.8, 1.05, 1.25, 1 / 0.85]))
        above = below
    return tree(rows, given=given_, floor=floor, cap=cap, over=over)


@given(trees())
def test_every_level_sums_to_the_cent_or_says_what_is_missing(company) -> None:
    made = allocate(company)
    missing = {gap.unit: gap.by for gap in made.gaps}
    assert {unit: by for unit, by in lacking(company, made).items() if by} == missing
    kept = company.is_given
    assert (made.amount[kept] == company.given[kept]).all()
    assert (made.amount >= np.where(kept, 0, np.maximum(company.floor, 0)))[
        company.parent != 0
    ].all()
    assert (made.amount <= np.where(kept, NO_CAP, company.cap))[company.parent != 0].all()


@given(trees(), st.randoms(use_true_random=False))
def test_a_shuffled_tree_gives_the_same_amounts(company, random) -> None:
    order = list(range(len(company.id)))
    random.shuffle(order)
    mixed = Tree(**{name: getattr(company, name)[order] for name in company.__dataclass_fields__})
    assert (allocate(company).amount[order] == allocate(mixed).amount).all()


def test_fifty_thousand_account_targets_take_less_than_two_seconds() -> None:
    rng = np.random.default_rng(5)
    reps, accounts = np.arange(2, 1002), np.arange(2000, 52_000)
    n = 1 + len(reps) + len(accounts)
    ids = np.concatenate([[1], reps, accounts])
    parent = np.concatenate([[0], np.ones(1000, int), rng.choice(reps, len(accounts))])
    by = np.concatenate([[np.nan], np.full(1000, np.nan), rng.lognormal(0, 1, len(accounts))])
    given_ = np.zeros(n, np.int64)
    given_[0] = 5 * 10**11
    is_given = np.arange(n) == 0
    inputs = rng.choice(np.arange(1001, n), 10_000, replace=False)
    given_[inputs], is_given[inputs] = rng.integers(0, 10**7, 10_000), True
    company = Tree(
        ids, parent, by, given_, is_given, np.full(n, NO_FLOOR), np.full(n, 10**12),
        np.ones(n), np.zeros(n, bool),
    )  # fmt: skip
    began = process_time()
    made = allocate(company)
    assert process_time() - began < 2
    assert made.is_whole
