"""One entry moves everything: what a list of assumptions does, over the Maven sales."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import typer
from django.conf import settings
from typer.testing import CliRunner

from perilune.forecasting.cli.together import plan_scenario_command
from perilune.forecasting.contracts import By, ForecastRequest
from perilune.forecasting.contracts.departures import Departure, Going, Standing, Terms
from perilune.forecasting.contracts.together import Together
from perilune.forecasting.engine import Answer
from perilune.forecasting.queries import answers, card, foretold, kept_answers
from perilune.forecasting.queries.documents import together_document
from perilune.forecasting.queries.kept_inputs import inputs_of
from perilune.forecasting.queries.risks import risks_of
from perilune.forecasting.queries.together import together
from perilune.forecasting.testing import maven_company, maven_store
from perilune.forecasting.web import together_shown
from perilune.insights.testing import learn_latest
from perilune.kernel.asof import AsOf
from perilune.kernel.keeping import forget_all
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.planning.contracts import (
    Assumption,
    Edit,
    Hire,
    Leave,
    Scenario,
    ScenarioHead,
    Shock,
    What,
)
from perilune.ui import formats

pytestmark = [pytest.mark.django_db(databases=list(settings.DATABASES)), pytest.mark.once]

DAY = date(2017, 11, 15)
AS_OF = AsOf.end_of(DAY, ZoneInfo("UTC"))
TEAM, REP = 11, 101


@pytest.fixture(scope="module", autouse=True)
def maven(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), maven_store():
        yield


@pytest.fixture(autouse=True)
def home(maven: None) -> None:
    maven_company()


def given(*edits: Edit) -> Together:
    assert learn_latest(AS_OF, 999) > 20
    listed = tuple(Assumption(at, edit) for at, edit in enumerate(edits, 1))
    found = Scenario(ScenarioHead(0, "", "", "", (), 0, len(edits)), listed)
    period = company().calendar.parse("2017-Q4")
    return together(found, period, AS_OF, Scope.company(), company())


LEAVES = Leave(REP, DAY)


def test_a_departure_moves_capacity_forecast_load_and_risks_in_one_answer() -> None:
    found = given(LEAVES)
    total = found.capacity[0]
    assert total.team_id is None and total.fte.before - total.fte.after == pytest.approx(1.0)
    assert found.forecast.total.delta is not None and found.forecast.total.delta.mean < 0
    mine = next(row for row in found.loads if not row.deals.after and row.deals.before)
    assert mine.fte.before > mine.fte.after == 0
    taken = [row for row in found.loads if row.deals.after > row.deals.before]
    assert sum(row.deals.after - row.deals.before for row in taken) == mine.deals.before
    assert found.risks.handed_deals == mine.deals.before and found.risks.nobody == 0


def test_each_side_is_that_of_its_page_to_the_digit() -> None:
    """One entry, many pages: the figures before are theirs, and those after follow from them."""
    found = given(LEAVES)
    period = company().calendar.parse("2017-Q4")
    asked = (period, AS_OF, Scope.company())
    page = card(*asked).total.range
    assert page is not None
    assert found.forecast.total.base == page
    risks = risks_of(*asked, target=found.cover.target.before)
    assert (found.risks.deals, found.risks.revenue) == (len(risks.deals), risks.revenue)
    told = foretold(*asked)
    assert told is not None
    assert told.won + (told.open_deals or 0.0) + told.new == pytest.approx(told.range.mean)
    # without the entry both sides are one, by every unit
    same = given(Shock(What.WIN_RATE, 0.5, date(2019, 1, 1)))
    assert [row.fte.before for row in same.capacity] == [row.fte.before for row in found.capacity]
    assert [row.value.before for row in same.loads] == [row.value.before for row in found.loads]
    assert same.forecast.total.base == same.forecast.total.scenario == page


def test_a_new_process_says_the_same_from_what_is_on_the_shelf(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = together_document(given(LEAVES))

    def never(*_asked: object) -> Answer:
        raise AssertionError("the forecast without edits is on the shelf")

    monkeypatch.setattr(kept_answers, "forecast", never)
    forget_all()
    assert together_document(given(LEAVES)) == first


def test_what_is_kept_of_a_forecast_stands_on_all_that_it_is_handed() -> None:
    assert learn_latest(AS_OF, 999) > 20
    request = ForecastRequest(company().calendar.parse("2017-Q4"), By.TEAM, AS_OF)
    inputs = inputs_of(request, Scope.company(), company())
    assert inputs is not None and inputs.question.draw is not None
    asked, draw = inputs.question, inputs.question.draw
    renamed = {
        by: [replace(unit, label="?") for unit in units] for by, units in asked.units.items()
    }
    others = (
        replace(asked, paths=2048),
        replace(asked, units=renamed),
        # sums and rounded figures are the same, the streams are not
        replace(asked, draw=replace(draw, new_wins=draw.new_wins[::-1].copy())),
        replace(asked, seats=replace(asked.seats, rep=asked.seats.rep + 1)),
    )
    keys = [kept_answers.key_of(replace(inputs, question=each)) for each in (asked, *others)]
    assert len(set(keys)) == len(keys) and keys[0] == kept_answers.key_of(inputs)


def test_what_is_open_is_conserved_whoever_holds_it() -> None:
    found = given(LEAVES, Hire(TEAM, date(2017, 11, 20), heads=2))
    for part in ("accounts", "deals", "value"):
        sides = [getattr(row, part) for row in found.loads]
        assert sum(side.before for side in sides) == pytest.approx(
            sum(side.after for side in sides)
        )
    assert found.cover.without == 1


def test_no_assumption_changes_nothing() -> None:
    found = given(Shock(What.WIN_RATE, 0.5, date(2019, 1, 1)))
    assert all(row.fte.before == row.fte.after for row in found.capacity)
    assert not any(row.is_changed for row in found.loads)
    assert found.forecast.unapplied


def test_the_command_prints_both_sides_and_its_seconds(tmp_path: Path) -> None:
    assert learn_latest(AS_OF, 999) > 20
    file = tmp_path / "slump.json"
    slump = {"type": "shock", "what": "win_rate", "factor": 0.5, "starts": "2017-11-16"}
    file.write_text(json.dumps({"period": "2017-Q4", "assumptions": [slump]}))
    app = typer.Typer()
    app.command()(plan_scenario_command)
    asked = [str(file), "--as-of", DAY.isoformat()]
    answer = CliRunner().invoke(app, [*asked, "--json"])
    assert answer.exit_code == 0, answer.output
    told = json.loads(answer.stdout)
    assert set(told) >= {"capacity", "quota_coverage", "forecast", "load", "risks", "seconds"}
    assert told["forecast"]["total"]["base"]["p50"] != told["forecast"]["total"]["scenario"]["p50"]
    assert "p50" in CliRunner().invoke(app, asked).stdout


def test_one_departure_answers_alike_in_the_guide_and_in_a_scenario_and_pages_show_all_of_it() -> (
    None
):
    assert learn_latest(AS_OF, 999) > 20
    terms = Terms(Going.LEAVE, REP, last_day=DAY)
    scope = Scope.company()
    planned = Departure(0, terms, Standing.DRAFT, "analyst", (), 0, "Rep")
    guide = {one.forecast.period.name: one for one in answers(planned, AS_OF, scope)}
    found, guided = given(LEAVES), guide["2017-Q4"]
    assert guided.capacity == found.capacity and guided.cover == found.cover
    assert guided.loads == found.loads and guided.risks == found.risks
    assert guided.forecast.total == found.forecast.total
    shown = together_shown.facts(guided)
    before = f"before: {formats.number(found.capacity[0].fte.before, 2)}"
    assert shown["kpis"][0].detail == before
    assert shown["kpis"][0].value == found.capacity[0].fte.after
    changed = {one.name: one for one in found.loads if one.is_changed}
    assert [row.cells[0] for row in shown["loads"].rows] == list(changed)
    for row in shown["loads"].rows:
        one = changed[row.id]
        assert row.cells[1] == one.fte.after
        difference = one.value.after - one.value.before
        assert row.cells[-3:] == (one.deals.before, one.deals.after, difference)
    calm = together_shown.facts(given(Shock(What.WIN_RATE, 0.5, date(2019, 1, 1))))
    assert calm["loads"] is None and calm["teams"] is None
