"""Season, long view and levers: truths found again, nothing claimed on little, sums by hand."""

from __future__ import annotations

import numpy as np
import pytest

from perilune.kernel.errors import Invalid
from perilune.planning.contracts import LongPath, Source, YearAssumption
from perilune.planning.engine import levers, outlook, seasons

pytestmark = pytest.mark.engine

TRUE = np.array([7.1, 7.3, 9.7, 7.2, 7.9, 9.9, 6.7, 4.3, 9.1, 8.6, 9.2, 13.4]) / 100.4


def history(rng, years: int, share=TRUE, noise=0.1) -> np.ndarray:
    growth = 1e8 * np.arange(1, years + 1)[:, None]
    made: np.ndarray = growth * share * rng.lognormal(0, noise, (years, len(share)))
    return made


def test_the_season_of_the_bookings_is_found_again() -> None:
    made = seasons.learnt(history(np.random.default_rng(1), 4), np.random.default_rng(2))
    assert (made.source, made.years) == (Source.LEARNT, 4)
    assert sum(made.share) == pytest.approx(1)
    assert np.abs(np.array(made.share) - TRUE).max() < 0.015
    assert made.better is not None
    assert made.better > 0.3


def test_the_interval_of_a_month_holds_the_truth_about_as_often_as_it_says() -> None:
    held = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        made = seasons.learnt(history(rng, 5), rng)
        held += [low <= t <= high for low, t, high in zip(made.low, TRUE, made.high, strict=True)]
    assert 0.65 < np.mean(held) < 0.95


def test_one_year_or_bookings_without_season_leave_the_flat_year_with_its_reason() -> None:
    rng = np.random.default_rng(3)
    one = seasons.learnt(history(rng, 1), rng)
    assert (one.source, one.reason) == (Source.STATED, "fewer than two whole years")
    even = [seasons.learnt(history(rng, 3, np.full(12, 1 / 12), 0.3), rng) for _ in range(40)]
    assert np.mean([season.source is Source.STATED for season in even]) > 0.6
    assert even[0].share[0] == pytest.approx(1 / 12, abs=0.03)


def test_days_of_a_year_carry_its_months() -> None:
    days = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    made = seasons.by_day(TRUE, days)
    assert len(made) == 365
    assert made[:31].sum() == pytest.approx(TRUE[0])
    assert made.sum() == pytest.approx(1)


YEAR = YearAssumption(retention=0.9, price=0.02, market_growth=0.05, heads=12, productivity=0.01)


def test_a_year_is_what_was_kept_and_what_was_won() -> None:
    first = outlook.first_slice(2027, 600.0, 400.0, 10_000.0, 10)
    made = outlook.outlook(first, LongPath("base", (YEAR,) * 4))
    assert made[0] is first
    second = made[1]
    assert second.kept == pytest.approx(1000 * 0.9 * 1.02)
    assert second.per_head == pytest.approx(40 * 1.01 * 1.02)
    assert second.new == pytest.approx(12 * 40 * 1.01 * 1.02)
    assert second.total == pytest.approx(second.kept + second.new)
    assert second.market == 10_500
    assert len(made) == 5
    assert outlook.heads_needed(first, YEAR, second.total) == pytest.approx(12)


def test_the_market_holds_no_more_than_there_is() -> None:
    first = outlook.first_slice(2027, 600.0, 400.0, 1_200.0, 10)
    made = outlook.outlook(first, LongPath("base", (YEAR,) * 5), most_share=0.8)
    assert all(year.total <= year.market * 0.8 + year.kept * 0.5 for year in made[1:])
    assert made[1].capped > 0
    assert made[1].new == pytest.approx(max(1260 * 0.8 - made[1].kept, 0))


def test_low_base_and_high_do_not_cross() -> None:
    first = outlook.first_slice(2027, 600.0, 400.0, 90_000.0, 10)
    by = (
        YearAssumption(-0.03, -0.01, -0.02, -0.1, -0.02),
        YearAssumption(0.03, 0.01, 0.02, 0.1, 0.02),
    )
    three = [
        outlook.outlook(first, path) for path in outlook.paths(LongPath("x", (YEAR,) * 6), *by)
    ]
    assert all(a.total <= b.total <= c.total for a, b, c in zip(*three, strict=True))
    low, base, high = (outlook.growth(years) for years in three)
    assert low is not None and base is not None and high is not None
    assert low < base < high


def test_eleven_years_and_a_price_below_nothing_are_refused() -> None:
    first = outlook.first_slice(2027, 1, 1, 1, 1)
    with pytest.raises(Invalid):
        outlook.outlook(first, LongPath("x", (YEAR,) * 10))
    with pytest.raises(Invalid):
        outlook.outlook(first, LongPath("x", (YearAssumption(0.9, -1.5, 0, 1, 0),)))


def test_pace_compares_with_what_the_season_expects_by_now() -> None:
    made = levers.pace(1_000, 270, 0.3)
    assert (made.attainment, made.pace, made.gap, made.due, made.projected) == (
        0.27,
        0.9,
        730,
        300,
        900,
    )
    assert levers.pace(0, 5, 0.0).pace is None


def test_a_measured_elasticity_is_the_one_that_made_the_bookings() -> None:
    rng = np.random.default_rng(4)
    reps = rng.uniform(20, 60, 40)
    made = levers.elasticity(reps, 1e6 * reps**0.7 * rng.lognormal(0, 0.05, 40))
    assert made is not None
    assert made[0] == pytest.approx(0.7, abs=0.08)
    assert made[1] < made[0] < made[2]
    assert levers.elasticity(reps[:8], reps[:8]) is None
    assert levers.elasticity(np.full(40, 30.0), reps) is None


def test_each_lever_alone_closes_the_gap() -> None:
    made = levers.levers(
        800,
        1000,
        {"reps": 40, "win_rate": 0.25, "deal_size": 10.0, "cycle": 90},
        {"reps": (0.5, 0.4, 0.6)},
    )
    by = {lever.name: lever for lever in made}
    assert by["deal_size"].wanted == pytest.approx(12.5)
    assert by["cycle"].wanted == pytest.approx(72)
    assert by["reps"].wanted == pytest.approx(40 * 1.25**2)
    assert made[0].name == "cycle"
    assert levers.levers(500, 1000, {"win_rate": 0.6})[0].needed is None
