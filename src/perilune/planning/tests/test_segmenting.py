"""Segments and potential: rules as data, cuts where deals differ, the unknown stays unknown."""

from __future__ import annotations

import numpy as np
import pytest

from perilune.planning.contracts import Condition, Op, RuleSet, SegmentRule
from perilune.planning.engine import segmenting
from perilune.planning.engine.potential import by_segment, measured, potential
from perilune.planning.engine.segment_rules import neat, placed

pytestmark = pytest.mark.engine


def deals(rng, size: np.ndarray, edge: float | None = 200.0, n: int = 1500) -> segmenting.Deals:
    account = rng.integers(0, len(size), n)
    large = size[account] >= edge if edge is not None else np.zeros(n, bool)
    return segmenting.Deals(
        account,
        rng.random(n) < np.where(large, 0.15, 0.4),
        np.exp(rng.normal(10, 1, n)),
        rng.gamma(4, np.where(large, 45, 15)),
    )


def test_the_first_rule_that_fits_wins_and_the_unknown_fits_none() -> None:
    rules = RuleSet(
        1,
        (
            SegmentRule("named", (Condition("name", Op.IN, ("Airbus",)),)),
            SegmentRule("large", (Condition("size", Op.AT_LEAST, 200),)),
            SegmentRule("small", (Condition("size", Op.BELOW, 200),)),
            SegmentRule("to ask", (Condition("sector", Op.IS_UNKNOWN),)),
        ),
    )
    accounts = {
        "name": np.array(["Airbus", "A", "B", "C", "D"]),
        "size": np.array([5.0, 200, 199, np.nan, np.nan]),
        "sector": np.array(["x", "x", "x", "", "x"]),
    }
    assert segmenting.segment(accounts, rules).tolist() == [0, 1, 2, 3, -1]


def test_a_tree_finds_where_win_rate_and_cycle_change() -> None:
    rng = np.random.default_rng(1)
    size = rng.lognormal(5, 1.2, 800)
    made = segmenting.by_tree("size", {"size": size}, deals(rng, size), 1, count=2)
    assert made is not None
    (edge,) = {c.value for rule in made.rules.rules for c in rule.conditions}
    assert 150 < edge < 260
    small, large = made.evidence
    assert small.win_high is not None and large.win_high is not None and small.win_low is not None
    assert large.win_high < small.win_low
    assert small.cycle is not None and large.cycle is not None
    assert small.cycle < large.cycle


def test_no_cut_is_suggested_where_deals_do_not_differ() -> None:
    found = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        size = rng.lognormal(5, 1.2, 400)
        found.append(segmenting.by_tree("size", {"size": size}, deals(rng, size, None, 500), seed))
    assert sum(made is not None for made in found) <= 2


def test_quantiles_cut_into_like_numbers_and_keep_equal_values_together() -> None:
    rng = np.random.default_rng(3)
    size = np.concatenate([rng.lognormal(5, 1, 300), [np.nan] * 30])
    made = segmenting.by_quantiles("size", {"size": size}, deals(rng, np.nan_to_num(size)))
    assert [part.accounts for part in made.evidence] == [100, 100, 100]
    same = segmenting.by_quantiles("size", {"size": np.full(50, 7.0)}, deals(rng, np.full(50, 7.0)))
    assert [part.accounts for part in same.evidence] == [50]


def test_groups_of_accounts_are_told_as_bands_and_one_cloud_is_none() -> None:
    rng = np.random.default_rng(7)
    size = np.concatenate([rng.lognormal(3, 0.3, 200), rng.lognormal(7, 0.3, 200)])
    sites = np.concatenate([rng.lognormal(1, 0.3, 200), rng.lognormal(4, 0.3, 200)])
    accounts = {"size": size, "sites": sites}
    made = segmenting.by_clusters(("size", "sites"), accounts, deals(rng, size), 1)
    assert made is not None
    assert sorted(part.accounts for part in made.evidence) == [200, 200]
    assert (segmenting.segment(accounts, made.rules) >= 0).all()
    cloud = {"size": rng.lognormal(5, 1, 400), "sites": rng.lognormal(2, 1, 400)}
    wide = {name: rng.uniform(0, 1, 400) for name in "abcdef"}
    assert segmenting.by_clusters(tuple(wide), wide, deals(rng, cloud["size"]), 1) is None


def test_the_interval_of_a_rate_is_wilsons() -> None:
    # 15 of 50: Wilson 95 % by his formula worked by hand, 0.1910 to 0.4375
    low, high = segmenting.wilson(15, 50)
    assert (round(low or 0, 4), round(high or 0, 4)) == (0.191, 0.4375)
    assert segmenting.wilson(0, 0) == (None, None)


def market(rng, n=600):
    sector, size = rng.integers(0, 4, n), rng.integers(0, 3, n)
    truth = np.exp(12 + 0.8 * sector + 0.6 * size + rng.normal(0, 0.5, n))
    return sector, size, truth


def test_potential_from_like_accounts_beats_the_plain_mean_and_knows_its_interval() -> None:
    rng = np.random.default_rng(5)
    sector, size, truth = market(rng)
    booked = np.where(np.arange(600) < 300, truth, np.nan)
    stated = np.full(600, np.nan)
    stated[:10] = 123.0
    made = potential(stated, booked, (sector, size), rng)
    assert made.error is not None and made.naive_error is not None
    assert made.error < 0.6 * made.naive_error
    assert (made.minor[:10] == 123).all()
    assert not made.is_estimated[:10].any()
    unseen = slice(300, 600)
    held = (made.low[unseen] <= truth[unseen]) & (truth[unseen] <= made.high[unseen])
    assert 0.72 < held.mean() < 0.88


def test_what_cannot_be_told_stays_unknown() -> None:
    rng = np.random.default_rng(6)
    sector, size, truth = market(rng)
    sector[5] = -1
    made = potential(np.full(600, np.nan), truth, (sector, size), rng)
    assert np.isnan(made.minor[5])
    few = potential(np.full(20, np.nan), truth[:20], (sector[:20],), rng)
    assert np.isnan(few.minor).all()
    assert few.reason == "too few accounts with bookings"
    noise = potential(
        np.full(600, np.nan), np.exp(rng.normal(12, 1, 600)), (rng.integers(0, 90, 600),), rng
    )
    assert np.isnan(noise.minor).all()
    assert noise.reason == "no better than the plain mean"


def test_the_likeness_that_tells_most_comes_first_whatever_its_order() -> None:
    rng = np.random.default_rng(8)
    size, noise = rng.integers(0, 3, 600), rng.integers(0, 12, 600)
    truth = np.exp(12 + 1.5 * size + rng.normal(0, 0.4, 600))
    made = potential(np.full(600, np.nan), truth, (noise, size), rng)
    assert made.nesting[0] == 1
    naive = by_segment(np.full(600, np.nan), truth, np.zeros(600, np.int64))
    here = np.ones(600, bool)
    like, median = measured("like", made, truth, here), measured("segment", naive, truth, here)
    assert like is not None
    assert median is not None
    assert like.factor < median.factor
    # a mean adds up, a median of lognormals does not
    assert abs(like.ratio - 1) < 0.1


def test_edges_are_told_as_people_write_them_with_the_same_accounts() -> None:
    rng = np.random.default_rng(1)
    size = np.rint(rng.lognormal(5, 1.2, 800))
    accounts = {"size": size}
    raw = segmenting.by_tree("size", accounts, deals(rng, size), 1, count=2)
    assert raw is not None
    made = neat(raw, accounts, deals(rng, size), {"size": True})
    (edge,) = {c.value for rule in made.rules.rules for c in rule.conditions}
    assert edge == int(edge)
    assert (placed(accounts, made.rules)[1] == placed(accounts, raw.rules)[1]).all()
