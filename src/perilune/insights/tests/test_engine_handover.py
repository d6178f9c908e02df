"""Deals that change hands: learnt from who closed what, and credited to who will close."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.insights.engine.designs import Designs
from perilune.insights.engine.handover import SHRINK, handover, passed_on
from perilune.insights.engine.journeys import FOREVER, OPEN, WON, Journeys
from perilune.insights.engine.learning import outlook_of, teach
from perilune.insights.testing import SEASON, journeys_of

pytestmark = pytest.mark.engine


def handed(deals: int, every: int, *, life: int = 40, before: int = 10) -> Journeys:
    """Make deals of rep 1, won after `life` days; each `every`-th goes to rep 2 before."""
    spells, owners = [], []
    for deal in range(deals):
        born = deal % 150
        moves = every and deal % every == 0
        cuts = [born, *([born + life - before] if moves else []), born + life]
        for start, end in zip(cuts, [*cuts[1:], FOREVER], strict=True):
            spells.append((deal, start, end, WON if end == FOREVER else OPEN))
            owners.append(2 if moves and start > born else 1)
    return journeys_of(spells, owner=np.array(owners), value=np.full(len(spells), 100.0))


def test_where_nothing_changes_hands_nothing_is_passed_on() -> None:
    found = handover(handed(300, 0), 190, 91)
    assert found.share.tolist() == [0.0] * 92
    assert found.at_birth == 0
    assert len(found.heirs) == 0


def test_the_share_that_somebody_else_closes_is_learnt_with_its_distance_and_its_heir() -> None:
    found = handover(handed(600, 2), 190, 91)
    # ten days before the close the deal moved: nearer than that the closer holds it already
    assert found.share[7] == 0
    assert 0.3 < found.share[28] < 0.5
    assert found.heirs.tolist() == [2]
    assert found.at_birth == pytest.approx(300 / (600 + SHRINK))


def test_what_is_known_later_plays_no_part() -> None:
    journeys = handed(600, 2)
    early = handover(journeys, 60, 28)
    mine = [deal for deal in range(600) if deal % 150 + 40 <= 60]
    assert early.at_birth == pytest.approx(
        sum(deal % 2 == 0 for deal in mine) / (len(mine) + SHRINK)
    )


@given(st.integers(0, 10_000))
def test_what_leaves_one_reaches_another(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = np.cumsum(rng.random((4, 30)), axis=1)
    part = rng.dirichlet(np.ones(4))
    found = passed_on(values, rng.random(30), part)
    assert found.sum(axis=0) == pytest.approx(values.sum(axis=0))
    assert (np.diff(found, axis=1) >= -1e-12).all()


def test_the_outlook_credits_who_will_close() -> None:
    journeys = handed(1200, 2, life=60, before=10)
    day = 170
    lesson = teach(journeys, day, SEASON)
    moved = outlook_of(lesson.model, journeys, day, SEASON, np.ones((2, 4)), horizon=91)
    held = {int(owner): row for row, owner in enumerate(moved.owners)}
    assert moved.open_mean[held[2], 91] > 0.2 * moved.open_mean[:, 91].sum()
    assert (moved.open_square >= moved.open_sure - 1e-6).all()


@given(st.integers(0, 10_000))
def test_sums_of_designs_are_those_of_the_matrix(seed: int) -> None:
    rng = np.random.default_rng(seed)
    index: Any = np.stack([rng.permutation(9)[:3] for _ in range(20)]).astype(np.int32)
    matrix = np.zeros((20, 9))
    matrix[np.arange(20)[:, None], index] = 1
    designs, coef, values = Designs(index, 9), rng.normal(size=9), rng.normal(size=20)
    assert designs.times(coef) == pytest.approx(matrix @ coef)
    assert designs.turned_times(values) == pytest.approx(matrix.T @ values)
