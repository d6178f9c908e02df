"""Runs: recorded once, recomputed to the same digits; submissions; the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from perilune.forecasting import queries, service
from perilune.forecasting.cli import forecast_command
from perilune.forecasting.contracts import By, Submitted
from perilune.forecasting.models import ForecastRun, Submission
from perilune.forecasting.testing import maven_store
from perilune.history.queries import timeline
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import FiscalCalendar
from perilune.kernel.errors import Conflict, Invalid, NotFound
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.people.service import company_init
from perilune.store.service import current

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
Q4 = FiscalCalendar().parse("2017-Q4")
EVERYONE = Scope.company()


@pytest.fixture(scope="module", autouse=True)
def maven(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    # the shapes of the declared tables ask for custom fields; nothing is written
    with django_db_blocker.unblock(), maven_store():
        yield


@pytest.fixture(autouse=True)
def home() -> None:
    company_init(name="Maven", currency="USD", timezone="UTC", country="US")


def as_of(text: str) -> AsOf:
    return AsOf.end_of(date.fromisoformat(text), company().zone)


def recorded(day: str = "2017-11-15", by: By = By.REGION) -> int:
    return service.run_record(Q4, by, as_of(day), EVERYONE, actor="anne", created_at=NOW)


def test_a_run_keeps_its_figures_its_store_version_and_its_digest() -> None:
    result = queries.range_for(Q4, By.REGION, as_of("2017-11-15"), EVERYONE)
    run = queries.run_info(recorded(), EVERYONE)
    assert run.pinned == result.pinned
    assert run.rows[0]["p50"] == result.total.range.p50  # type: ignore[union-attr]
    assert (run.actor, run.created_at, run.scope_label) == ("anne", NOW, "company")
    assert run.pinned.store_version in current().pinned()


def test_the_same_inputs_are_recorded_once() -> None:
    assert recorded() == recorded()
    assert ForecastRun.objects.count() == 1
    assert recorded("2017-11-22") != recorded()


def test_a_past_run_recomputes_to_the_same_digits() -> None:
    run = queries.run_info(recorded(), EVERYONE)
    result = queries.recompute(run.id, EVERYONE)
    assert result.pinned == run.pinned
    assert [row.label for row in result.rows] == [row["label"] for row in run.rows]


def test_a_run_whose_figures_were_touched_does_not_pass() -> None:
    run = ForecastRun.objects.get(id=recorded())
    run.rows[0]["p50"] += 1
    run.save()
    with pytest.raises(Conflict):
        queries.recompute(run.id, EVERYONE)


def test_a_run_of_an_older_method_says_so() -> None:
    run = ForecastRun.objects.get(id=recorded())
    ForecastRun.objects.filter(id=run.id).update(method="range-0")
    with pytest.raises(Conflict, match="range-0"):
        queries.recompute(run.id, EVERYONE)


def test_a_run_is_found_only_by_who_sees_the_same_rows() -> None:
    run = recorded()
    with pytest.raises(NotFound):
        queries.run_info(run, Scope(label="mine", owners=frozenset({101})))


def test_runs_made_for_a_later_day_are_not_known_yet() -> None:
    first, second = recorded("2017-11-08"), recorded("2017-11-15")
    assert [run.id for run in queries.runs(Q4, EVERYONE)] == [second, first]
    assert [run.id for run in queries.runs(Q4, EVERYONE, until=as_of("2017-11-10"))] == [first]
    assert queries.latest_run(Q4, By.TEAM, EVERYONE) is None


def test_there_is_nothing_to_record_before_the_first_close() -> None:
    with pytest.raises(Conflict):
        recorded("2017-01-01")


def test_the_job_records_month_quarter_and_year_and_may_be_repeated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("perilune.store.service.refresh", lambda *_: 1)
    cursor: dict[str, Any] = {}
    for _ in By:
        step = service.JOB_KIND.step({"as_of": "2017-11-15"}, cursor)
        service.JOB_KIND.step({"as_of": "2017-11-15"}, cursor)  # delivered twice
        cursor = dict(step.cursor)
    assert step.is_done
    assert ForecastRun.objects.count() == 3 * len(By)
    assert set(ForecastRun.objects.values_list("period", flat=True)) == {
        "2017-11",
        "2017-Q4",
        "2017",
    }


def test_a_submission_is_a_tracked_record() -> None:
    said = Submitted(Q4, date(2017, 11, 1), 290_000_000, "USD", "Anne")
    made = service.submit(said, actor="anne")
    assert Submission.objects.get(id=made).amount == 290_000_000
    service.withdraw(made, actor="anne")
    assert not Submission.objects.filter(id=made).exists()
    assert len(timeline("submission", made)) == 2


def test_a_forecast_after_the_end_of_its_period_is_refused() -> None:
    with pytest.raises(Invalid):
        service.submit(Submitted(Q4, date(2018, 1, 1), 1, "USD", "A"), actor="a")


def test_the_command_line_prints_money_as_text_and_ratios_as_numbers() -> None:
    app = typer.Typer()
    app.command("forecast")(forecast_command)
    arguments = ["--as-of", "2017-12-01", "--period", "2017-12", "--by", "region", "--json"]
    found = CliRunner().invoke(app, arguments)
    assert found.exit_code == 0, found.output
    document = json.loads(found.stdout)
    head = {"schema": 1, "as_of": "2017-12-01", "period": "2017-12", "currency": "USD"}
    assert {name: document[name] for name in head} == head
    assert document["scope"] == "company"
    total = document["rows"][0]
    assert (total["unit"], total["status"], total["backtest"]["points"]) == ("total", "full", 22)
    assert total["won_to_date"] == "30421.00"
    assert isinstance(total["backtest"]["wape"], float)
    assert [row["unit"] for row in document["rows"][1:]] == ["Central", "East", "West"]
