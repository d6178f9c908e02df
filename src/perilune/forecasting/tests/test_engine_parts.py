"""Products cut the samples of all seats: path by path they are the total again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perilune.forecasting.contracts import By
from perilune.forecasting.engine import Answer, Draw, Lots, Target, Unit, Wins, forecast, simulate
from perilune.forecasting.engine.parts import Parts, cut, learnt_mix
from perilune.forecasting.testing import plain_calendar, question_of, wins_of

pytestmark = pytest.mark.engine
PATHS = 512
ONE = np.ones(1)


def parts_of(count: int, **more: Any) -> Parts:
    none = np.zeros(0, np.int64)
    units = tuple(Unit(f"product:{n}", f"p{n}", By.PRODUCT, n, (n,)) for n in range(count))
    facts: dict[str, Any] = {
        "units": units, "wins": wins_of(none, []), "mix": np.ones((1, count)) / count,
        "deal_key": none, "deal_part": none, "deal_share": np.zeros(0),
    }  # fmt: skip
    return Parts(**facts | more)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 5), st.integers(1, 4), st.sampled_from([0.0, 0.4]))
def test_samples_of_products_sum_to_the_total_on_every_path(
    seed: int, seats: int, count: int, moved: float
) -> None:
    rng = np.random.default_rng(seed)
    deals = int(rng.integers(0, 40))
    seat = np.sort(rng.integers(0, seats, deals))
    streams = np.arange(seats)
    draw = Draw(
        seat, np.arange(deals) + 7, rng.lognormal(5, 1, deals), rng.uniform(0, 1, deals),
        streams, streams + 1000, np.full(seats, 90.0), rng.uniform(0, 2, seats), streams * 0,
        np.array([0.5, 1.5]), ONE[None], ONE, moved, rng.integers(-1, seats, 2048),
    )  # fmt: skip
    samples = simulate(draw, seats, PATHS, 3) * rng.lognormal(0, 0.3, (seats, PATHS)) + 5
    lots = Lots(samples, np.zeros(seats), np.ones(PATHS))
    parts = rng.dirichlet(np.ones(count), deals)
    mine = parts_of(
        count, mix=rng.dirichlet(np.ones(count), seats),
        deal_key=np.repeat(np.arange(deals) + 7, count),
        deal_part=np.tile(np.arange(count), deals), deal_share=parts.ravel(),
    )  # fmt: skip
    found, opened = cut(lots, mine, draw, seed=3, paths=PATHS)
    assert found.sum(axis=0) == pytest.approx(samples.sum(axis=0), rel=1e-9)
    assert found.min() > -1e-6 and opened.min() >= 0 and opened.max() <= 1
    without, _none = cut(lots, mine, None, seed=3, paths=PATHS)
    assert without.sum(axis=0) == pytest.approx(samples.sum(axis=0), rel=1e-9)


def test_a_product_wins_on_the_paths_on_which_its_own_deals_are_won() -> None:
    none, empty = np.zeros(0, np.int64), np.zeros(0)
    draw = Draw(
        np.zeros(2, np.int64), np.array([11, 12]), np.array([100.0, 40.0]), np.array([0.5, 0.5]),
        none, none, empty, empty, none, ONE, ONE[None], ONE,
    )  # fmt: skip
    samples = simulate(draw, 1, PATHS, 9)
    lots = Lots(samples, np.ones(1), np.ones(PATHS))
    mine = parts_of(
        2, deal_key=np.array([11, 12]), deal_part=np.array([0, 1]), deal_share=np.ones(2)
    )
    (first, second), opened = cut(lots, mine, draw, seed=9, paths=PATHS)
    assert set(first.round(6)) == {0.0, 100.0} and set(second.round(6)) == {0.0, 40.0}
    assert opened.tolist() == [1.0, 1.0]


def test_what_a_seat_sells_is_learnt_from_its_own_wins_and_shrunk_to_the_companys() -> None:
    day = np.arange(400)
    wins = wins_of(day, np.full(400, 10.0), unit=(day % 2))
    mix = learnt_mix(np.array([1, 2, 3]), wins, np.where(day % 2 == 0, 1, 2), 399, 2)
    assert mix.sum(axis=1) == pytest.approx(np.ones(3))
    assert mix[0, 0] > 0.95 and mix[1, 1] > 0.95, "who sold one product sells it again"
    assert mix[2].tolist() == pytest.approx([0.5, 0.5], abs=0.01), "who is new sells as all do"
    nothing = learnt_mix(np.array([1]), wins.rows(np.zeros(0, np.int64)), np.zeros(0, int), 9, 4)
    assert nothing.tolist() == [[0.25] * 4]


def company(shares: tuple[float, ...]) -> Answer:
    """Ask for 28 days of a company that wins daily, in fixed shares of products."""
    day = np.repeat(np.arange(400), len(shares))
    product = np.tile(np.arange(len(shares)), 400)
    amount = 1000 * np.array(shares)[product] * np.random.default_rng(4).lognormal(0, 0.2, len(day))
    sold: Wins = wins_of(day, amount, unit=product)
    whole = wins_of(day, amount, unit=np.zeros(len(day), np.int64))
    asked = question_of(whole, Target(399, 400, 427), plain_calendar(date(2024, 1, 1)), paths=2048)
    mine = parts_of(len(shares), wins=sold, mix=np.array([shares]) / sum(shares))
    return forecast(replace(asked, parts={By.PRODUCT: mine}), (By.PRODUCT,))


def test_rows_by_product_sum_in_mean_and_contributions_and_have_a_track_record() -> None:
    found = company((5.0, 3.0, 2.0))
    total, rows = found.total, found.rows[By.PRODUCT]
    assert total.range is not None and total.near is not None
    means = [row.range.mean for row in rows if row.range]
    assert sum(means) == pytest.approx(total.range.mean, rel=1e-9)
    assert [mean / sum(means) for mean in means] == pytest.approx([0.5, 0.3, 0.2], abs=0.03)
    for at in range(3):
        assert sum(row.near[at] for row in rows if row.near) == pytest.approx(total.near[at])
    assert all(row.backtest.points == total.backtest.points > 8 for row in rows)
    assert all((row.backtest.wape or 1) < 0.1 for row in rows)
    assert all(row.range.p10 <= row.range.p50 <= row.range.p90 for row in rows if row.range)
