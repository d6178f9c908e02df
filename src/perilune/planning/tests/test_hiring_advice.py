"""Hiring advice on a plan: asked, computed in steps, in words, taken in as one change."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from perilune.history.queries import states_as_of
from perilune.history.service import change_set
from perilune.jobs import service as jobs
from perilune.jobs.contracts import State
from perilune.kernel.asof import AsOf
from perilune.kernel.errors import Invalid, Refused
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import JOB_KINDS
from perilune.people.queries import company
from perilune.people.testing import Cast, login
from perilune.planning import queries, service
from perilune.planning.cli import app
from perilune.planning.contracts import (
    Hire,
    HiringTask,
    Job,
    Level,
    Market,
    Productivity,
    Returns,
)
from perilune.planning.contracts.capacity import Count
from perilune.planning.contracts.hiring_advice import HiringAnswer, HiringAsked
from perilune.planning.engine.choosing import solved
from perilune.planning.engine.hiring_binding import lifted
from perilune.planning.engine.simulating import draws
from perilune.planning.engine.staffing import returned
from perilune.planning.queries.capacity import plan_capacity
from perilune.planning.queries.capacity_model import basis
from perilune.planning.queries.chance_words import pieces
from perilune.planning.queries.chances import chances
from perilune.planning.queries.fairness import quota_fairness
from perilune.planning.queries.hiring import advice, months_of, question, teams_to_hire
from perilune.planning.web.plan_shown import label_of
from perilune.store import service as store

pytestmark = [pytest.mark.django_db(databases=["default", "queue"]), pytest.mark.once]
ALL = Scope.company()
BY: dict[str, Any] = {"actor": "director", "scope": ALL}
CHEAP = HiringAsked(wanted=0.6, lead=1, ramp_days=30, seller_month=300_000, seller_once=100_000)


@pytest.fixture
def plan_id(sold: Cast) -> int:
    _place_deals(sold)
    if HIRING not in JOB_KINDS:
        JOB_KINDS.add(HIRING, service.HIRING_JOB)
    made = service.create_plan(
        "Plan 2026", 2026, from_last_year=service.Proposal(0.35, 0.0, 0.05), **BY
    )
    service.reconcile(made, _edition(made), **BY)
    return made


HIRING = service.HIRING_JOB.name


def _place_deals(who: Cast) -> None:
    """Give the north's deals to an account of segment Small, the south's to one of Large."""
    org = who.organisation
    known = datetime(2023, 1, 1, tzinfo=UTC)
    with change_set(actor="test", title="accounts", known_at=known) as w:
        of = {
            rep: w.create("account", {"name": name, "segment": name, "owner_id": rep})
            for rep, name in ((org.rita, "Small"), (org.sara, "Large"))
        }
    of[org.rolf] = of[org.rita]
    deals = states_as_of("opportunity", None)
    known = datetime(2025, 12, 14, tzinfo=UTC)
    with change_set(actor="test", title="their accounts", known_at=known) as w:
        for deal, state in deals.items():
            w.change("opportunity", deal, {"account_id": of[state["owner_id"]]})
    store.refresh()


def _edition(plan_id: int) -> int:
    return queries.loaded_plan(plan_id).head.edition


def _answered(plan_id: int, asked: HiringAsked) -> tuple[int, HiringAnswer]:
    made = service.ask_hiring(plan_id, asked, **BY)
    job = jobs.run_here(HIRING, {"advice": made}, actor="director")
    assert job.state is State.DONE, job.error
    answer = advice(made).answer
    assert answer is not None
    return made, answer


def test_advice_reaches_the_wanted_chance_and_its_hires_enter_as_one_change_that_is_taken_back(
    plan_id: int,
) -> None:
    made, answer = _answered(plan_id, CHEAP)
    assert answer.before.chance < 0.6 <= answer.after.chance
    assert answer.heads > 0 and answer.gap <= 0.01 and not answer.limits
    # asked on 15 December: a month of recruiting ends on 15 January
    assert all(start.month >= date(2026, 2, 1) for start in answer.starts)
    assert answer.waiting is not None or answer.waiting_missing > 0
    edition = _edition(plan_id)
    assert service.take_hiring(made, edition, **BY) == answer.heads
    people = queries.loaded_plan(plan_id).content.people
    assert len([item for item in people if isinstance(item.edit, Hire)]) == answer.heads
    assert _edition(plan_id) == edition + 1
    after = _model_chance(plan_id)
    assert after == pytest.approx(answer.after.chance, abs=0.03), "what was promised is then there"
    service.undo_plan(plan_id, _edition(plan_id), **BY)
    assert not queries.loaded_plan(plan_id).content.people
    with pytest.raises(Invalid, match="ask anew"):
        service.take_hiring(made, _edition(plan_id), **BY)


@pytest.mark.parametrize("lead", range(5))
def test_nobody_starts_before_the_day_asked_and_the_months_of_recruiting(
    plan_id: int, lead: int
) -> None:
    november = AsOf.end_of(date(2025, 11, 26), company().zone)
    loaded = queries.loaded_plan(plan_id)
    found = basis(loaded.head, loaded.content, ALL, november)
    asked = replace(CHEAP, lead=lead)
    _model, task = question(found, asked, november)
    months, first = months_of(found), task.jobs[0].lead
    earliest = asked.earliest(november.day)
    assert months[first] >= earliest, "the first start that may be advised"
    assert first == 0 or months[first - 1] < earliest, "and no later than it must be"


@pytest.mark.engine
def test_recruiting_from_the_end_of_a_long_month_ends_with_the_short_one() -> None:
    assert HiringAsked(lead=3).earliest(date(2026, 11, 26)) == date(2027, 2, 26)
    assert HiringAsked(lead=3).earliest(date(2026, 11, 30)) == date(2027, 2, 28)


def test_a_region_with_a_planned_hire_is_no_team_to_hire_for(plan_id: int, sold: Cast) -> None:
    org, at = sold.organisation, company().today
    hire = Hire(org.south_region, date(2026, 3, 1))
    service.people_add(plan_id, _edition(plan_id), hire, **BY)
    loaded = queries.loaded_plan(plan_id)
    found = basis(loaded.head, loaded.content, ALL, at)
    region = f"team:{org.south_region}"
    assert region in found.teams, "the hire counts where the plan has it"
    assert set(teams_to_hire(found)) == {f"team:{org.north}", f"team:{org.south}"}
    with pytest.raises(Invalid, match="may hire"):
        question(found, replace(CHEAP, teams=(region,)), at)


def test_who_types_no_ramp_has_hires_that_ramp_as_the_plan_counts_them(plan_id: int) -> None:
    loaded, at = queries.loaded_plan(plan_id), company().today
    found = basis(loaded.head, loaded.content, ALL, at)
    model, task = question(found, replace(CHEAP, ramp_days=None), at)
    assert model.ramps[task.jobs[0].ramp] is found.model.ramps[0]
    made, answer = _answered(plan_id, replace(CHEAP, ramp_days=None))
    assert service.take_hiring(made, _edition(plan_id), **BY) == answer.heads > 0
    people = queries.loaded_plan(plan_id).content.people
    assert {item.edit.ramp_days for item in people if isinstance(item.edit, Hire)} == {None}


def _model_chance(plan_id: int) -> float:
    loaded = queries.loaded_plan(plan_id)
    at = company().today
    model, _task = question(basis(loaded.head, loaded.content, ALL, at), CHEAP, at)
    reached = draws(model, 7, paths=4_000).reached[:, 0]
    return float((reached >= model.aims[0].minor).mean())


def test_a_target_out_of_reach_says_by_how_much_and_which_limit_binds(plan_id: int) -> None:
    asked = replace(CHEAP, wanted=0.9, budget=2_000_000)
    made, answer = _answered(plan_id, asked)
    assert answer.after.chance < 0.9 and answer.missing > 0 and answer.cost <= 2_000_000
    best = answer.limits[0]
    assert best.limit == "budget" and best.missing < 1 and best.cost > 2_000_000
    again = HiringAnswer.of(json.loads(json.dumps(answer.as_json())))
    assert again == answer and advice(made).asked == asked


def test_a_budget_of_nothing_hires_nobody_and_changes_no_chance(plan_id: int) -> None:
    _made, answer = _answered(plan_id, replace(CHEAP, budget=0))
    assert not answer.starts and answer.cost == 0
    assert answer.after == answer.before


def test_only_the_circle_asks_and_wrong_questions_are_named(plan_id: int) -> None:
    service.submit_plan(plan_id, _edition(plan_id), **BY)
    with pytest.raises(Refused):
        service.ask_hiring(plan_id, CHEAP, actor="ops_manager", scope=ALL)
    for wrong, field in (
        (replace(CHEAP, wanted=1.0), "wanted"),
        (replace(CHEAP, lead=99), "lead"),
        (replace(CHEAP, managers=True), "span"),
        (replace(CHEAP, seller_month=-1), "budget"),
    ):
        with pytest.raises(Invalid) as caught:
            service.ask_hiring(plan_id, wrong, **BY)
        assert [problem.field for problem in caught.value.problems] == [field]
    with pytest.raises(Invalid, match="team that may hire"):
        service.ask_hiring(plan_id, replace(CHEAP, teams=("team:99",)), **BY)


def test_the_page_asks_waits_and_tells_the_answer(plan_id: int, client: Client) -> None:
    login(client, "director")
    address = f"/plan/{plan_id}/hiring/"
    assert "assumptions until you say yours" in _text(client.get(address))
    units = queries.loaded_plan(plan_id).content.units.values()
    team = next(row.parent for row in units if row.kind == "rep")
    given = {"level": "operating", "wanted": "60", "lead": "1", "seller_month": "3000",
             "seller_once": "1000", "ramp_days": "30", "teams": [team]}  # fmt: skip
    assert client.post(address, {**given, "wanted": "0"}).status_code == 422
    sent = client.post(address, given)
    assert sent.status_code == 302
    made = int(sent["Location"].rpartition("=")[2])
    waiting = client.get(f"{address}{made}/progress/")
    assert waiting.status_code == 200 and "HX-Redirect" not in waiting
    found = advice(made)
    jobs.step(found.job_id or 0, 0)
    for number in range(1, 9):
        jobs.step(found.job_id or 0, number)
    assert client.get(f"{address}{made}/progress/")["HX-Redirect"].endswith(f"advice={made}")
    shown = _text(client.get(sent["Location"]))
    assert "Who starts when and where" in shown and "Waiting a month costs" in shown
    other = Client()
    login(other, "analyst")
    assert other.get(address).status_code == 404
    assert other.get(f"{address}{made}/progress/").status_code == 404


def test_the_command_gives_the_document_of_the_page(plan_id: int) -> None:
    result = CliRunner().invoke(
        app, ["hire", "--plan", "Plan 2026", "--probability", "60", "--lead", "1", "--seller-month",
              "3000", "--seller-once", "1000", "--json"],
        env={"PERILUNE_AS": "director"},
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    document = json.loads(result.output)
    assert document["heads"] == sum(one["heads"] for one in document["hires"])
    assert document["said"] and document["before"]["chance"] <= document["after"]["chance"]


def test_segments_hire_where_their_sellers_are_by_what_they_bring_there(plan_id: int) -> None:
    reps = {row.unit: row for row in queries.loaded_plan(plan_id).content.units.values()}
    names = queries.plan(plan_id, ALL, "director").names
    north, south = (next(row.parent for unit, row in reps.items() if names.get(unit) == name)
                    for name in ("Rita", "Sara"))  # fmt: skip
    asked = replace(CHEAP, segments=("Large", "Small"), most=4)
    _made, answer = _answered(plan_id, asked)
    used = {one.segment: one for one in answer.segments}
    assert list(used) == ["Large", "Small"]
    assert (used["Large"].team, used["Small"].team) == (south, north)
    # Sara books 390,000 a year in Large; Rita and Rolf 390,000 together in Small
    assert used["Large"].minor == pytest.approx(390_000_00, rel=0.01)
    assert used["Small"].minor == pytest.approx(195_000_00, rel=0.01)
    assert all(one.low is None and one.twice == 2 for one in answer.segments), "nothing is claimed"
    assert {(one.team, one.segment) for one in answer.starts} == {(south, "Large")}
    less = _answered(plan_id, replace(asked, twice=1.2))[1]
    assert all(one.is_set for one in less.segments)
    assert less.before == answer.before
    assert less.heads > answer.heads, "each further seller brings less: it takes more of them"
    assert HiringAnswer.of(json.loads(json.dumps(less.as_json()))) == less
    with pytest.raises(Invalid, match="no such segment"):
        service.ask_hiring(plan_id, replace(CHEAP, segments=("Nowhere",)), **BY)


def test_a_hire_for_a_segment_counts_as_a_seller_of_it_and_not_of_the_team(
    plan_id: int, sold: Cast
) -> None:
    """Golden: a ramped FTE brings 20,000 a month on average, of Small 15,000, of Large 30,000."""
    north, starts = sold.organisation.north, date(2026, 1, 1)
    for segment in ("", "Large", "Nowhere"):
        hire = Hire(north, starts, ramp_days=0, segment=segment)
        if segment == "Nowhere":
            with pytest.raises(Invalid, match="No account has this"):
                service.people_add(plan_id, _edition(plan_id), hire, **BY)
        else:
            service.people_add(plan_id, _edition(plan_id), hire, **BY)
    loaded = queries.loaded_plan(plan_id)
    own, large = (loaded.content.units[f"rep:-{number}"] for number in (1, 2))
    assert large.parent == own.parent == f"team:{north}"
    assert large.weight / own.weight == pytest.approx(30_000 / 20_000, rel=0.01)
    counted = plan_capacity(loaded.head, loaded.content, ALL, company().today, is_circle=True)
    rows = [row.unit for row in counted.rows]
    brings = {unit: counted.details[Count.CAPACITY][at].sum() for at, unit in enumerate(rows)}
    assert brings["rep:-2"] / brings["rep:-1"] == pytest.approx(30_000 / 15_000, rel=0.01)
    found = chances(loaded.head, loaded.content, ALL, company().today)
    assert (f"team:{north}", "Large") in found.units and len(found.aims) == len(
        found.simulation.odds
    )
    told = {piece.key: piece.label for piece in pieces(found, "EUR", is_circle=True)}
    assert "Large" in told["segment-Large"]
    assert not any("segment" in piece.key for piece in pieces(found, "EUR"))
    service.reconcile(plan_id, _edition(plan_id), **BY)
    content = queries.loaded_plan(plan_id).content
    quota = {at: content.year(Level.STREET, f"rep:-{at}") or 0 for at in (1, 2)}
    assert quota[2] / quota[1] == pytest.approx(1.5, rel=0.01), "quotas follow"
    fair = quota_fairness(queries.plan(plan_id, ALL, "director"), ALL, company().today)
    assert fair.spread_out is not None and not fair.untold
    row = queries.plan(plan_id, ALL, "director").content.units["rep:-2"]
    label = label_of(queries.plan(plan_id, ALL, "director"), row)
    assert label.startswith("1 × seller, Large, from Jan")


def test_advice_for_segments_enters_with_them_and_keeps_its_promise(plan_id: int) -> None:
    asked = replace(CHEAP, segments=("Large",), most=4)
    made, answer = _answered(plan_id, asked)
    service.take_hiring(made, _edition(plan_id), **BY)
    people = queries.loaded_plan(plan_id).content.people
    hired = [item.edit for item in people if isinstance(item.edit, Hire)]
    assert {edit.segment for edit in hired if edit.role == "seller"} == {"Large"}
    assert _model_chance(plan_id) == pytest.approx(answer.after.chance, abs=0.03)


@pytest.mark.engine
@given(st.floats(0, 1), st.floats(0.5, 50), st.lists(st.floats(0, 20), min_size=2, max_size=2))
def test_what_a_segment_adds_grows_with_its_sellers_and_each_further_one_adds_less(
    elasticity: float, beside: float, more: list[float]
) -> None:
    law = Productivity("", 1.0, returns=Returns(elasticity, beside, beside=beside))
    few, many = sorted(more)
    none, first, second = (float(returned(law, np.array(n))) for n in (0.0, few, many))
    assert none == pytest.approx(0.0, abs=1e-9) and none <= first + 1e-9 <= second + 2e-9
    assert first * many >= second * few - 1e-6, "on average a seller of many adds no more"
    # twice the sellers bring 2 ^ elasticity times as much
    whole = float(returned(law, np.array(beside))) + beside
    assert whole == pytest.approx(beside * 2**elasticity)


@pytest.mark.engine
def test_lifting_a_limit_never_leaves_more_missing() -> None:
    job = Job("seller", cost_month=100, cost_hire=10, lead=2, per_month=1)
    task = HiringTask(6, (job,), (Market(0, (1.0,), most=3),), budget=900, wanted=None)
    worth = np.linspace(60, 10, 6).reshape(6, 1, 1, 1)
    need = np.array([400.0])
    missing = float(solved(task, worth, need, seconds=2).short.max())
    found = lifted(task, worth, need)
    assert {one.limit for one in found} == {"budget", "lead", "pace", "room"}
    assert all(one.missing <= missing + 1e-6 for one in found)
    assert found[0].missing == min(one.missing for one in found)


def _text(response: Any) -> str:
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())
