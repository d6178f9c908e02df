"""What the chances of a plan rest on: learnt where there is enough, else stated and why."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from perilune.history.queries import states_as_of
from perilune.history.service import change_set
from perilune.history.testing import made_once
from perilune.kernel.asof import AsOf
from perilune.kernel.ranges import Range
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.people.testing import login
from perilune.planning import queries, service
from perilune.planning.cli import app
from perilune.planning.contracts import Heads, Hire, RampCurve, Source
from perilune.planning.contracts.capacity import Count
from perilune.planning.engine import ramping
from perilune.planning.engine.landing import Deals, People, to_chances, to_forecast
from perilune.planning.engine.presence import linear_ramp, presence
from perilune.planning.engine.ramping import RAMP_DOUBT, ramp_doubt
from perilune.planning.engine.simulating import expectation
from perilune.planning.queries.capacity import plan_capacity
from perilune.planning.queries.capacity_model import basis
from perilune.planning.queries.chance_words import pieces
from perilune.planning.queries.chances import chances
from perilune.planning.queries.learning import COMMON_DOUBT, rise_at, spreads
from perilune.planning.queries.plans import loaded_plan
from perilune.planning.queries.staff import presence_of
from perilune.planning.queries.track_record import said
from perilune.store import service as store

pytestmark = pytest.mark.once

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


@pytest.mark.django_db
def test_planned_hires_ramp_as_all_sellers_unless_the_plan_types_it_and_the_circle_reads_which(
    plan, sold
) -> None:
    org, by = sold.organisation, BY
    for hire in (
        Hire(org.north, date(2025, 8, 1)),
        Hire(org.north, date(2025, 8, 1), ramp_days=90),
    ):
        service.people_add(plan, loaded_plan(plan).head.edition, hire, **by)
    found = loaded_plan(plan)
    told = chances(found.head, found.content, ALL, JUNE)
    assert told.hires == ((None, 1), (90, 1))
    model = basis(found.head, found.content, ALL, JUNE).model
    learnt, typed = (model.ramps[place] for place in model.heads.ramp[model.heads.rep < 0])
    assert learnt == told.basis.ramp and typed == linear_ramp(typed.name, 90)
    said = {one.key: one for one in pieces(told, "EUR", is_circle=True)}
    assert said["hires"].value == said["ramp"].value and "too few reps" in said["hires"].evidence
    assert "90" in said["hires-90"].value and "typed in the plan" in said["hires-90"].evidence
    assert not any(one.key.startswith("hires") for one in pieces(told, "EUR")), "rule 24"


@pytest.mark.django_db
def test_what_was_said_of_a_past_year_is_kept_for_every_process(sold) -> None:
    store.refresh()
    span = company().calendar.year(2025)
    asked: list[int] = []

    def reckon() -> Range:
        asked.append(1)
        return Range(1.0, 2.0, 3.0, 2.5)

    assert said(span, ALL, JUNE, reckon) == said(span, ALL, JUNE, reckon) == Range(1, 2, 3, 2.5)
    assert len(asked) == 1
    said(span, replace(ALL, owners=frozenset({sold.organisation.rita})), JUNE, reckon)
    assert len(asked) == 2, "another reader, another answer"
    _changed_team(sold.organisation.rita, sold.organisation.south, date(2026, 4, 1))
    store.refresh()
    said(span, ALL, JUNE, reckon)
    assert len(asked) == 3, "what changed since is not answered from before"


def _changed_team(rep: int, team: int, day: date) -> None:
    (now,) = [s for s in states_as_of("assignment", None).values() if s["rep_id"] == rep]
    known = datetime(2025, 12, 1, tzinfo=UTC)
    with change_set(actor="test", title="goes to another team", known_at=known) as write:
        write.change("assignment", now["id"], {"effective_to": day - timedelta(days=1)})
        write.create("assignment", {"rep_id": rep, "team_id": team, "role": "seller", "fte": 1.0,
                                    "effective_from": day})  # fmt: skip


@pytest.mark.django_db
def test_a_change_of_team_takes_ramp_off_capacity_chances_and_quotas_alike(sold) -> None:
    org, at = sold.organisation, company().today
    made = service.create_plan("2026", 2026, from_last_year=service.Proposal(0.1, 0.0, 0.0), **BY)
    service.reconcile(made, 1, **BY)

    def asked() -> tuple[Any, Any, Any]:
        store.refresh()
        found = loaded_plan(made)
        capacity = plan_capacity(found.head, found.content, ALL, at, is_circle=True)
        model = basis(found.head, found.content, ALL, at).model
        ramped = dict(zip([row.unit for row in capacity.rows], capacity.details[Count.RAMPED],
                          strict=True))  # fmt: skip
        return ramped, expectation(model)[0], presence_of(
            found.content, capacity.year, at, rise_at(at, capacity.year))  # fmt: skip

    before = asked()
    _changed_team(org.rita, org.south, date(2026, 4, 1))
    after = asked()
    rita, sara = f"rep:{org.rita}", f"rep:{org.sara}"
    # the even ramp of 180 days goes on from the first month that has half: 0.59, 0.76, 0.93
    lost = before[0][rita] - after[0][rita]
    assert lost[:3].max() == 0 and lost[6:].max() == 0
    curve = linear_ramp("", 180).share
    assert lost[3:6] == pytest.approx([1 - share for share in curve[3:6]], abs=0.02)
    assert after[0][sara] == pytest.approx(before[0][sara])
    assert after[1] < before[1], "the expected year of the chances loses it too"
    assert after[2][rita] == pytest.approx(after[0][rita]), "quotas weigh the same presence"
    view = queries.plan(made, ALL, "director")
    told = {one.key: one for one in pieces(chances(view.head, view.content, ALL, at), "EUR")}
    assert not told["change-seat"].is_learnt and told["change-seat"].evidence
    assert "50" in told["change-seat"].value


@pytest.mark.engine
@given(
    st.lists(st.floats(0, 1), min_size=2, max_size=12),
    st.floats(0, 1),
    st.integers(0, 900),
    st.integers(0, 364),
)
def test_a_change_of_seat_never_adds_ramp_and_touches_no_day_before_it(
    steps: list[float], kept: float, tenure: int, day: int
) -> None:
    share = (*sorted(steps), 1.0)
    rep, none, start, last = (np.array([value]) for value in (7, 0, -tenure, 10**6))
    one = Heads(date(2026, 1, 1), 365, rep, none, none, none, start, last, np.ones(1))
    curve = RampCurve("", share, share, share)
    at_once = ramping.kept_at_once(share, kept)
    plain, moved = (
        presence(replace(one, restarts=restarts), (curve,))
        for restarts in ((), ((0, day, at_once),))
    )
    assert (moved <= plain + 1e-9).all() and (moved[:, :day] == plain[:, :day]).all()
    days, missing = ramping.way_back(share, at_once)
    assert days >= 0 and 0 <= missing <= 1
