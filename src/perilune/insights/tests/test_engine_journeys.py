"""Journeys: what was known on a day, and digests that tell states of knowledge apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perilune.insights.engine.design import Yardstick, features_of, levels_at
from perilune.insights.engine.digesting import Trail
from perilune.insights.engine.journeys import (
    DAYS,
    FOREVER,
    GONE,
    LOST,
    OPEN,
    UNKNOWN,
    WON,
    Journeys,
)
from perilune.insights.testing import journeys_of, known_at

pytestmark = pytest.mark.engine
LAST = 120


def digests(journeys: Journeys, days: list[int]) -> list[str]:
    found = Trail().digests(journeys, days)
    return [found[day] for day in days]


@st.composite
def knowledge(draw: st.DrawFn) -> Journeys:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    spells = []
    for deal in range(draw(st.integers(0, 12))):
        cuts = np.unique(rng.integers(0, LAST, rng.integers(1, 6)))
        ends = [*cuts[1:], FOREVER if rng.random() < 0.8 else int(cuts[-1]) + 5]
        for start, end in zip(cuts, ends, strict=True):
            spells.append((deal, start, end, rng.choice([OPEN, OPEN, OPEN, WON, LOST, GONE])))
    count = len(spells)
    deals = len({spell[0] for spell in spells})
    acts = np.sort(rng.integers(0, max(deals, 1), 10) * DAYS + rng.integers(0, LAST, 10))
    return journeys_of(
        spells,
        value=np.where(rng.random(count) < 0.3, np.nan, rng.integers(1, 9, count) * 100.0),
        due=np.where(rng.random(count) < 0.3, UNKNOWN, rng.integers(0, 200, count)),
        owner=rng.integers(-1, 3, count),
        pushes=rng.integers(0, 5, count),
        codes={"stage": rng.integers(0, 3, count), "stage_since": rng.integers(0, 9, count)},
        levels={"stage": ("0", "1", "2")},
        acts=acts if deals else acts[:0],
    )


def test_the_spell_of_a_day_is_the_one_that_held_at_its_end() -> None:
    journeys = journeys_of(
        [(0, 5, 9, OPEN), (0, 9, FOREVER, WON), (1, 3, 7, OPEN)]  # the second deal was deleted
    )
    days = np.array([4, 5, 8, 9, 500])
    assert journeys.on(np.zeros(5, np.int64), days).tolist() == [-1, 0, 0, 1, 1]
    assert journeys.on(np.ones(5, np.int64), np.array([2, 3, 6, 7, 8])).tolist() == [
        -1,
        2,
        2,
        -1,
        -1,
    ]


def test_a_deal_leaves_when_it_is_won_or_lost_or_gone_as_known_on_the_day() -> None:
    journeys = journeys_of(
        [(0, 5, 9, OPEN), (0, 9, FOREVER, WON), (1, 3, 7, OPEN), (2, 4, FOREVER, OPEN)]
    )
    when, how = journeys.exits(8)
    assert when.tolist() == [FOREVER, 7, FOREVER]
    assert how.tolist() == [OPEN, GONE, OPEN]
    when, how = journeys.exits(9)
    assert (when[0], how[0]) == (9, WON)
    when, how = journeys.exits(4)
    assert how.tolist() == [GONE, OPEN, OPEN]
    assert when[0] == UNKNOWN


@settings(max_examples=80, deadline=None)
@given(knowledge(), st.integers(0, LAST))
def test_what_begins_after_a_day_plays_no_part_in_it(journeys: Journeys, day: int) -> None:
    then = known_at(journeys, day)
    deal, spell = journeys.known(day)
    alone, own = then.known(day)
    assert journeys.key[deal].tolist() == then.key[alone].tolist()
    assert journeys.state[spell].tolist() == then.state[own].tolist()
    assert features_of(journeys, day) == features_of(then, day)
    features, yard = features_of(then, day), Yardstick.of(then, day)
    assert yard.log_median == Yardstick.of(journeys, day).log_median
    days = np.full(len(deal), day, dtype=np.int64)
    assert np.array_equal(
        levels_at(journeys, features, deal, spell, days, yard=yard),
        levels_at(then, features, alone, own, days, yard=yard),
    )
    assert digests(journeys, [day]) == digests(then, [day])


@settings(max_examples=60, deadline=None)
@given(knowledge(), st.lists(st.integers(0, LAST), min_size=1, max_size=6, unique=True))
def test_the_digest_of_a_day_does_not_depend_on_the_days_asked_with_it(
    journeys: Journeys, days: list[int]
) -> None:
    asked = sorted(days)
    assert digests(journeys, asked) == [digests(journeys, [day])[0] for day in asked]
    assert len(set(digests(journeys, asked))) == len(asked)


@settings(max_examples=100, deadline=None)
@given(knowledge(), st.integers(0, LAST), st.data())
def test_a_fact_changes_the_digest_of_the_days_that_knew_it_and_of_no_other(
    journeys: Journeys, day: int, data: st.DataObject
) -> None:
    if not len(journeys.deal):
        return
    row = data.draw(st.integers(0, len(journeys.deal) - 1))
    name = data.draw(st.sampled_from(["state", "closed", "due", "value", "owner", "pushes"]))
    column = getattr(journeys, name).copy()
    column[row] = 7 if name != "state" else (column[row] + 1) % 4
    if np.array_equal(column, getattr(journeys, name), equal_nan=name == "value"):
        return
    changed = replace(journeys, **{name: column})
    is_same = digests(changed, [day]) == digests(journeys, [day])
    assert is_same == (journeys.start[row] > day)


def test_which_deal_was_deleted_and_which_was_called_are_told_apart() -> None:
    spells = [(0, 1, FOREVER, OPEN), (1, 1, FOREVER, OPEN)]
    first = journeys_of([(0, 1, 5, OPEN), spells[1]])
    second = journeys_of([spells[0], (1, 1, 5, OPEN)])
    assert digests(first, [4]) == digests(second, [4])
    assert digests(first, [5]) != digests(second, [5])
    one = journeys_of(spells, acts=np.array([0 * DAYS + 3]))
    two = journeys_of(spells, acts=np.array([1 * DAYS + 3]))
    assert digests(one, [2]) == digests(two, [2])
    assert digests(one, [3]) != digests(two, [3])


def test_a_feature_that_says_nothing_is_left_out_until_it_does() -> None:
    journeys = journeys_of(
        [(0, 1, 20, OPEN), (0, 20, FOREVER, OPEN)],
        due=np.array([UNKNOWN, 40]),
        value=np.array([np.nan, 5.0]),
    )
    assert features_of(journeys, 19) == ()
    assert [item.name for item in features_of(journeys, 20)] == ["due", "pushes", "size"]


def test_levels_say_how_long_ago_how_soon_how_large() -> None:
    journeys = journeys_of(
        [(0, 0, FOREVER, OPEN), (1, 0, FOREVER, OPEN), (2, 0, FOREVER, OPEN)],
        due=np.array([30, UNKNOWN, 27_000]),  # the last one in the year 2091
        value=np.array([100.0, 400.0, np.nan]),
        acts=np.array([0 * DAYS + 10]),
    )
    features = features_of(journeys, 20)
    at = np.arange(3, dtype=np.int64)
    levels = levels_at(
        journeys, features, at, at, np.full(3, 20), yard=Yardstick(float(np.log(200)))
    )
    words = {
        item.name: [item.levels[level] for level in row]
        for item, row in zip(features, levels, strict=True)
    }
    assert words["due"] == ["7 – 14", "?", "≥ 91"]
    assert words["size"] == ["0.5 – 1", "2 – 4", "?"]
    assert words["silence"] == ["8 – 15", "?", "?"]
    assert words["activity"] == ["1 – 3", "< 1", "< 1"]
