"""Why the range moved, on the Maven sales: the parts sum, members and deals are of the days."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.test import Client
from typer.testing import CliRunner

from perilune.forecasting import queries, service
from perilune.forecasting.cli import app
from perilune.forecasting.contracts import FIGURES, By, Cause, Move
from perilune.forecasting.testing import maven_company, maven_store
from perilune.forecasting.tests.test_web import signed_in
from perilune.insights.testing import learn_latest
from perilune.kernel.asof import AsOf
from perilune.kernel.errors import Invalid
from perilune.kernel.scope import Scope
from perilune.people.contracts import Role
from perilune.people.queries import company

pytestmark = [pytest.mark.django_db(databases=list(settings.DATABASES)), pytest.mark.once]


EARLY = ("2017-10-04", "2017-10-11")
# on which the open deals have a weight, of all deals and of those of reps 101 and 102
LATE = ("2017-11-15", "2017-11-22")
"""Too few origins for the gate: the simulation has its weight."""


ALL = 60


def at(text: str) -> AsOf:
    return AsOf.end_of(date.fromisoformat(text), ZoneInfo("UTC"))


@pytest.fixture(scope="module", autouse=True)
def maven(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), maven_store():
        yield


@pytest.fixture(autouse=True)
def home(maven: None) -> None:
    maven_company()


def move(since: str, until: str, period: str = "2017-Q4", scope: Scope | None = None) -> Move:
    asked = company().calendar.parse(period)
    return queries.move_for(asked, at(since), at(until), scope or Scope.company())


def value(found: Move, cause: Cause, figure: str = "mean") -> int:
    return sum(p.values[FIGURES.index(figure)] for p in found.parts if p.cause is cause)


@pytest.mark.parametrize("days", [EARLY, ("2017-10-10", "2017-11-15")])
def test_every_figure_is_explained_to_the_cent_with_open_deals_and_without(
    days: tuple[str, str],
) -> None:
    for is_learnt in (False, True):
        if is_learnt:
            assert learn_latest(at(days[1]), ALL) > 20
        found = move(*days)
        assert found.then is not None
        assert [found.residual(figure) for figure in FIGURES] == [0, 0, 0, 0]
        moved = found.won_now - found.won_then + sum(member.value for member in found.members)
        assert found.moved("mean") == pytest.approx(moved, abs=5)
        # the weighted members are the whole mean: nothing is left for a correction
        assert abs(value(found, Cause.ADJUSTED)) <= 1


def test_a_scope_is_explained_by_its_own_deals() -> None:
    assert learn_latest(at(LATE[1]), ALL) > 20
    whole = move(*LATE)
    mine = move(*LATE, scope=Scope("my deals", frozenset({101, 102})))
    deals = {part.cause: part.deals for part in whole.parts}
    own = {part.cause: part.deals for part in mine.parts}
    assert mine.scope_label == "my deals"
    assert {Cause.NEW, Cause.LOST, Cause.AGED} <= deals.keys() & own.keys()
    assert all((own[cause] or 0) < (deals[cause] or 0) for cause in own if deals.get(cause))
    assert 0 < (own[Cause.WON] or 0) < (deals[Cause.WON] or 0)
    assert [mine.residual(figure) for figure in FIGURES] == [0, 0, 0, 0]


def test_a_period_that_ended_in_between_moves_by_what_came_less_what_was_expected() -> None:
    found = move("2017-09-20", "2017-10-03", "2017-Q3")
    assert found.now is not None
    assert len(set(found.now)) == 1
    assert value(found, Cause.WEIGHTS) == value(found, Cause.RULES) == 0
    came = found.won_now - found.won_then
    expected = (found.then or (0, 0, 0, 0))[3] - found.won_then
    assert value(found, Cause.WON) + value(found, Cause.PASSED) == pytest.approx(
        came - expected, abs=2
    )


def test_a_run_on_record_is_where_the_move_starts() -> None:
    day, asked = at(LATE[0]), company().calendar.parse("2017-Q4")
    run = service.run_record(
        asked, By.TOTAL, day, Scope.company(), actor="lea", created_at=datetime.now(UTC)
    )
    kept = queries.run_info(run, Scope.company()).rows[0]
    # models learnt since make another forecast of that day
    assert learn_latest(at(LATE[1]), ALL) > 20
    found = move(*LATE)
    assert found.run_id == run
    assert found.then == tuple(kept[name] for name in FIGURES)
    assert value(found, Cause.RECORD) != 0
    assert [found.residual(figure) for figure in FIGURES] == [0, 0, 0, 0]


def test_the_same_day_twice_is_no_move_and_days_go_forward() -> None:
    found = move("2017-11-15", "2017-11-15")
    assert not [part for part in found.parts if any(part.values)]
    with pytest.raises(Invalid, match="second day"):
        move("2017-11-15", "2017-11-08")


def test_without_history_on_the_first_day_the_page_says_so() -> None:
    client = signed_in(Role.OPS_DIRECTOR)
    address = "/forecast/2017-Q4/moved/?from=2017-03-10&to=2017-11-15&as_of=2017-11-15"
    text = client.get(address).content.decode()
    assert "too little history for a range" in text
    assert move("2017-03-10", "2017-11-15").parts == ()


def test_the_page_shows_the_causes_and_the_forecast_page_asks_for_them() -> None:
    client = signed_in(Role.OPS_DIRECTOR)
    home = client.get("/forecast/2017-Q4/?as_of=2017-11-15").content.decode()
    assert 'hx-get="/forecast/2017-Q4/moved/"' in home
    part = client.get("/forecast/2017-Q4/moved/", headers={"HX-Request": "true"}).content.decode()
    assert "Days gone by" in part
    assert "<html" not in part
    page = client.get("/forecast/2017-Q4/moved/?figure=p10").content.decode()
    assert "Pessimistic (p10)" in page
    assert "Mean of the last 13 weeks" in page
    assert client.get("/forecast/2017-Q4/moved/?figure=p99").status_code == 400
    lines = csv_of(client)
    assert lines[0].startswith("Cause,Deals,p10")


def csv_of(client: Client) -> list[str]:
    answer = client.get("/forecast/2017-Q4/moved/export.csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return text.splitlines()


def test_the_command_prints_the_same_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("perilune.forecasting.cli.moved.learn_first", lambda _: None)
    asked = ["why", "--from", "2017-11-08", "--to", "2017-11-15", "--period", "2017-Q4"]
    shown = CliRunner().invoke(app, [*asked, "--json"])
    told = json.loads(shown.stdout)
    found = move("2017-11-08", "2017-11-15")
    assert told["residual"] == dict.fromkeys(FIGURES, "0.00")
    assert [cause["cause"] for cause in told["causes"]] == [part.cause for part in found.parts]
    assert "Days gone by" in CliRunner().invoke(app, asked).stdout
