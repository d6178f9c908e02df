"""Contingencies: private, the distance to the trigger, one notice when it fires (rules 23, 24)."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from typer.testing import CliRunner

from perilune.crm.testing import Book, make_book, make_record
from perilune.kernel.errors import Invalid, NotFound, Refused
from perilune.people.queries import company
from perilune.people.testing import Cast, cast, login
from perilune.planning.service import scenario_create, scenario_share
from perilune.site import alerts
from perilune.site import contingencies as model
from perilune.site.contingency_cli import contingencies_command
from perilune.site.contingency_demo import make_contingency
from perilune.site.models import Contingency, Notice
from perilune.store import service as store

pytestmark = pytest.mark.django_db(databases=list(settings.DATABASES))

NOW = datetime(2026, 6, 30, 18, tzinfo=UTC)


@pytest.fixture
def people(db: None) -> Cast:
    return cast()


@pytest.fixture
def book(people: Cast) -> Book:
    return make_book(people)


def prepared(author: str = "analyst", **values: Any) -> int:
    given = {
        "name": "A hard summer",
        "scenario_id": scenario_create("Winter", "2026-Q3", actor=author),
        "figure": "won_amount",
        "comparison": model.BELOW,
        "threshold": 50_000.0,
        "period": "2026-Q2",
        "until": None,
        "owner": author,
        "first_actions": "Call the ten largest accounts.",
        "shared_with": (),
    }
    return model.save(None, {**given, **values}, actor=author)


def test_the_distance_is_that_of_the_measure_to_the_threshold(book: Book) -> None:
    prepared()
    prepared(name="Too good", comparison=model.ABOVE, threshold=75_000.0)
    found = {one.row.name: one for one in model.contingencies("analyst", company().today)}
    # 700 euros won in the quarter: 200 above the one threshold, 50 below the other
    assert found["A hard summer"].distance == 20_000
    assert found["Too good"].distance == 5_000 and found["Too good"].is_near
    assert [one.row.name for one in model.contingencies("analyst", company().today)] == [
        "Too good", "A hard summer",
    ]  # fmt: skip


def test_what_is_reached_is_said_before_the_alerts_have_run(people: Cast, book: Book) -> None:
    id_ = prepared(threshold=80_000.0)
    assert model.contingencies("analyst", company().today)[0].is_reached
    client = Client()
    login(client, "analyst")
    for address in ("/contingencies/", f"/contingencies/{id_}/"):
        assert "Reached" in client.get(address).content.decode()
    assert "Triggered: A hard summer." in client.get("/contingencies/").content.decode()


def test_it_shows_to_author_owner_and_those_named_and_to_nobody_else(
    people: Cast, book: Book, client: Client
) -> None:
    number = prepared(owner="ops_manager", shared_with=("sales_manager",))
    for name, sees in (
        ("analyst", True), ("ops_manager", True), ("sales_manager", True), ("director", False),
        ("sales_leader", False), ("rep", False), ("viewer", False), ("ops_rep", False),
    ):  # fmt: skip
        login(client, name)
        assert (client.get(f"/contingencies/{number}/").status_code == 200) is sees, name
        text = client.get("/forecast/2026-Q2/risks/").content.decode()
        assert ("A hard summer" in text) is sees, name
        found = model.contingencies(name, company().today)
        assert bool(found) is sees
    # another scope than the owner's: the state, and not the company's figure
    login(client, "sales_manager")
    (shown,) = model.contingencies("sales_manager", company().today)
    assert shown.is_hidden and shown.value is None
    with pytest.raises(Refused):
        model.switch(number, actor="sales_manager")
    with pytest.raises(NotFound):
        model.contingency(number, "director")


def test_a_trigger_fires_once_with_its_day_and_the_owner_has_one_notice(
    book: Book, client: Client
) -> None:
    number = prepared(threshold=80_000.0)
    today = company().today
    notice = alerts.call("analyst", today, NOW)
    assert notice is not None and notice.params == {"count": 1}
    row = Contingency.objects.get(id=number)
    assert (row.state, row.fired_on, row.fired_value) == (model.FIRED, today.day, 70_000.0)
    assert alerts.call("analyst", today, NOW) is None
    assert alerts.call("analyst", today, NOW + timedelta(days=1)) is None
    assert Notice.objects.filter(topic=alerts.CALLED).count() == 1
    login(client, "analyst")
    text = client.get("/notices/").content.decode()
    assert "A hard summer is triggered" in text and "Call the ten largest accounts" in text
    gone = client.get(f"/notices/{notice.id}/line/0/")
    assert gone["Location"] == f"/contingencies/{number}/"


def test_without_budget_it_is_on_record_and_told_when_there_is_room_rule_23(book: Book) -> None:
    number = prepared(threshold=80_000.0)
    alerts.set_budget("analyst", "0")
    assert alerts.call("analyst", company().today, NOW) is None
    assert Contingency.objects.get(id=number).state == model.FIRED
    alerts.set_budget("analyst", "3")
    assert alerts.call("analyst", company().today, NOW) is not None


def test_after_its_last_day_it_is_over_and_stopped_ones_do_not_fire(book: Book) -> None:
    late = prepared(until=date(2026, 6, 1))
    stopped = prepared(name="Stopped", threshold=80_000.0)
    model.switch(stopped, actor="analyst")
    assert model.check(company().today, "analyst") == []
    states = dict(Contingency.objects.values_list("id", "state"))
    assert states == {late: model.OVER, stopped: model.STOPPED}


def test_the_forecast_can_be_the_trigger_and_what_is_unknown_never_fires(book: Book) -> None:
    number = prepared(figure="forecast:p90", period="2029-Q4", threshold=10.0**12)
    assert model.check(company().today, "analyst") == []
    (found,) = model.contingencies("analyst", company().today)
    assert found.value is None and found.distance is None
    assert Contingency.objects.get(id=number).state == model.WATCHING


def test_what_cannot_be_is_named_at_its_field(book: Book) -> None:
    for field, values in (
        ("figure", {"figure": "moon"}),
        ("owner", {"owner": "rep"}),
        ("first_actions", {"first_actions": " "}),
        ("period", {"period": "someday"}),
        ("scenario_id", {"scenario_id": 10**6}),
    ):
        with pytest.raises(Invalid) as said:
            prepared(**values)
        assert [problem.field for problem in said.value.problems] == [field]


def test_the_form_prepares_one_in_whole_euros_and_the_command_lists_it(
    book: Book, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    login(client, "analyst")
    number = scenario_create("Winter", "2026-Q3", actor="analyst")
    page = client.get(f"/contingencies/new/?scenario={number}")
    assert page.status_code == 200
    form = {
        "name": "Less than planned", "scenario_id": number, "figure": "won_amount",
        "period": "2026-Q2", "comparison": "below", "threshold": "500,50", "owner": "analyst",
        "first_actions": "Meet on Monday",
    }  # fmt: skip
    assert client.post("/contingencies/new/", form | {"threshold": "x"}).status_code == 422
    made = client.post("/contingencies/new/", form)
    assert made.status_code == 302 and Contingency.objects.get().threshold == 50_050
    assert "Less than planned" in client.get("/contingencies/").content.decode()
    import typer

    monkeypatch.setenv("PERILUNE_AS", "analyst")
    app = typer.Typer()
    app.command()(contingencies_command)
    told = json.loads(CliRunner().invoke(app, ["--json"]).stdout)
    assert told["contingencies"][0]["distance"] == 19_950


def test_winning_more_moves_the_distance(people: Cast, book: Book) -> None:
    prepared()
    make_record("opportunity", {
        "name": "More", "owner_id": people.organisation.sara, "amount": 30_000, "currency": "EUR",
        "stage_id": book.won_stage, "pipeline_id": book.pipeline, "close_date": date(2026, 6, 1),
        "created_date": date(2026, 1, 2),
    })  # fmt: skip
    store.refresh()
    (found,) = model.contingencies("analyst", company().today)
    assert found.distance == 50_000


def test_the_demo_s_contingency_is_the_wave_at_nine_tenths_of_the_forecast(
    people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_contingency()
    assert not Contingency.objects.exists(), "no forecast and no wave: nothing is prepared"
    wave = scenario_create("Wave", "2026-Q3", actor="director")
    scenario_share(wave, ["sales_leader"], actor="director")
    monkeypatch.setattr(model, "value_of", lambda *_args: 1_234_567.0)
    make_contingency()
    (made,) = Contingency.objects.all()
    assert (made.author, made.owner, made.scenario_id) == ("director", "sales_leader", wave)
    assert (made.figure, made.comparison, made.threshold) == ("forecast:p50", "below", 1_100_000.0)
    assert made.state == model.WATCHING
