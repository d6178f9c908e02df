"""What the chances of a plan rest on: learnt where there is enough, else stated and why."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from perilune.history.testing import made_once
from perilune.kernel.asof import AsOf
from perilune.kernel.scope import Scope
from perilune.people.testing import login
from perilune.planning import queries, service
from perilune.planning.cli import app
from perilune.planning.contracts import RampCurve, Source
from perilune.planning.engine.landing import Deals, People, to_chances, to_forecast
from perilune.planning.queries.chance_words import pieces
from perilune.planning.queries.chances import chances
from perilune.planning.queries.learning import COMMON_DOUBT, RAMP_DOUBT, ramp_doubt, spreads
from perilune.planning.queries.plans import loaded_plan

ALL = Scope.company()
BY: dict[str, Any] = {"actor": "director", "scope": ALL}
JUNE = AsOf(datetime(2025, 6, 30, 21, 59, tzinfo=UTC), date(2025, 6, 30))
SUMS = st.floats(-1e12, 1e12)


def drawn(reps: int, years: int, skill: float, luck: float, step: float) -> Any:
    """Return (exposure, output) of reps whose spread, luck and common level are known."""
    rng = np.random.default_rng(7)
    level = 6e7 * np.exp(np.cumsum(rng.normal(0, step, years)))
    own = np.maximum(1 + skill * rng.standard_normal((reps, 1)), 0.1)
    year = own + luck * rng.standard_normal((reps, years))
    return np.ones((reps, years)), level * year


def test_reps_and_years_that_were_drawn_are_found_again() -> None:
    found = spreads(*drawn(400, 4, 0.3, 0.2, 0.0))
    assert found is not None
    assert found.skill == pytest.approx(0.3, abs=0.04)
    assert found.luck == pytest.approx(0.2, abs=0.02)
    assert (found.reps, found.years, found.spread_why, found.doubt_why) == (400, 4, "", "")
    # a level that steps is doubted more than one that stands still
    moved = spreads(*drawn(400, 4, 0.3, 0.2, 0.3))
    assert moved is not None
    assert moved.doubt > 2 * found.doubt


def test_few_reps_teach_no_spread_and_two_years_no_doubt() -> None:
    assert spreads(*drawn(4, 4, 0.3, 0.2, 0.1)) is None
    assert spreads(*drawn(40, 1, 0.3, 0.2, 0.1)) is None
    found = spreads(*drawn(40, 2, 0.3, 0.2, 0.1))
    assert found is not None
    assert (found.doubt, found.doubt_why) == (COMMON_DOUBT, "fewer than three whole years")


def test_the_doubt_of_a_ramp_is_that_of_its_interval() -> None:
    share, low, high = (0.2, 0.6, 1.0), (0.0, 0.4, 1.0), (0.5, 0.7, 1.0)
    learnt = RampCurve("", share, low, high, source=Source.LEARNT, reps=30)
    # 1.6 and 0.8 months lost: an 80 % interval of a factor two in length
    assert ramp_doubt(learnt) == pytest.approx(np.log(2) / (2 * 1.2816))
    assert ramp_doubt(RampCurve("", share, share, share)) == RAMP_DOUBT


@given(st.tuples(SUMS, SUMS, st.floats(0, 1), SUMS, SUMS, SUMS, st.none() | SUMS, SUMS, SUMS))
@settings(max_examples=60)
def test_each_walk_sums_to_the_cent(sums: Any) -> None:
    booked, pace, share, expected, middle, won, open_deals, new, p50 = sums
    people, deals = People(expected, middle, share), Deals(won, open_deals, new, p50)
    there = to_chances(round(booked), round(pace), people)
    assert round(pace) + sum(step.minor for step in there) == round(middle)
    back = to_forecast(round(booked), people, deals)
    assert round(middle) + sum(step.minor for step in back) == round(p50)


@pytest.fixture
@made_once
def plan(sold) -> int:
    made = service.create_plan("2025", 2025, from_last_year=service.Proposal(0.1, 0.0, 0.0), **BY)
    service.reconcile(made, 1, **BY)
    return made


@pytest.mark.django_db
def test_the_season_is_learnt_and_what_three_reps_cannot_teach_is_stated(plan) -> None:
    head = queries.plan(plan, ALL, "director").head
    found = chances(head, loaded_plan(plan).content, ALL, JUNE)
    basis = found.basis
    assert basis is not None
    assert (basis.season.source, basis.season.years) == (Source.LEARNT, 2)
    # December weighs two of the year's thirteen: what is to come is what the pace says is not due
    assert found.share_to_come == pytest.approx(7 / 13)
    assert (basis.ramp.source, basis.ramp.reason) == (Source.STATED, "too few reps")
    assert basis.ramp_doubt == RAMP_DOUBT
    told = {one.key: one for one in pieces(found, "EUR")}
    assert {key for key, one in told.items() if one.is_learnt} >= {"rate", "season"}
    for key in ("ramp", "ramp_doubt", "skill", "luck", "doubt"):
        assert not told[key].is_learnt
        assert told[key].evidence, key


@pytest.mark.django_db
def test_page_and_command_say_which_piece_is_learnt(plan, client, cast) -> None:
    login(client, cast.director)
    html = client.get(f"/plan/{plan}/chances/?as_of=2025-06-30").content.decode()
    assert "What the chances rest on" in html
    assert "learnt" in html and "stated" in html and "2 whole years" in html
    words = ["simulate", "--plan", "2025", "--as-of", "2025-06-30", "--json"]
    told = json.loads(CliRunner().invoke(app, words, catch_exceptions=False).stdout)
    sources = {one["piece"]: one["source"] for one in told["basis"]}
    assert (sources["season"], sources["ramp"]) == ("learnt", "stated")
