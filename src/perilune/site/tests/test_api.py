"""The REST API: the documents of the command line for whoever holds a token, and nobody else."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import schemathesis
import typer
from django.core.cache import cache
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.core.result import Ok
from typer.testing import CliRunner

from perilune.forecasting import service as forecasting
from perilune.forecasting.cli import app as forecast_app
from perilune.forecasting.contracts import OF_SEATS, By
from perilune.forecasting.testing import maven_company, maven_store
from perilune.history.testing import made_once
from perilune.insights import service as learning
from perilune.kernel.asof import AsOf
from perilune.kernel.scope import Scope
from perilune.metrics.cli import metrics_command
from perilune.people.contracts import Role
from perilune.people.queries import company, tokens_of, user_named
from perilune.people.service import token_create, token_revoke, user_add, user_set_active
from perilune.site.web.api import api

pytestmark = [pytest.mark.django_db(databases=["default", "queue"]), pytest.mark.once]
NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
V1 = "/api/v1/"
DECEMBER = "as_of=2017-12-01&period=2017-12"


@pytest.fixture(scope="module")
def _store(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), maven_store():
        yield


@pytest.fixture(autouse=True)
def _company(db: None, _store: None) -> None:
    maven_company()
    cache.clear()  # the pace of the last test is no pace of this one


@made_once
def _learn() -> None:
    """Learn once what answers about December rest on; a command learns it by itself."""
    learning.learn(AsOf.parse("2017-12-01", company().zone))


@pytest.fixture
def learnt(_company: None) -> None:
    _learn()


def reader(role: Role = Role.ANALYST, rep_id: int | None = None) -> str:
    user_add(role.value, role, rep_id=rep_id)
    return token_create(role.value, "a test", NOW)


def get(path: str, token: str, language: str = "en") -> Any:
    return Client().get(
        V1 + path, headers={"Authorization": f"Bearer {token}", "Accept-Language": language}
    )


def typed(command: str, *words: str) -> Any:
    app = forecast_app
    if command == "metrics":
        app = typer.Typer()
        app.command()(metrics_command)
    ran = CliRunner().invoke(app, [*words, "--json"])
    assert ran.exit_code == 0, ran.output
    return json.loads(ran.stdout)


# -- figures ---------------------------------------------------------------------------------------


@pytest.mark.usefixtures("learnt")
@pytest.mark.parametrize("by", OF_SEATS)
def test_a_forecast_is_that_of_the_command_line_and_of_the_page(by: By) -> None:
    said = typed("forecast", "--as-of", "2017-12-01", "--period", "2017-12", "--by", by)
    token = reader()
    answer = get(f"forecast?{DECEMBER}&by={by}", token)
    assert answer.status_code == 200
    assert answer.json() == said
    client = Client()
    user = user_named(Role.ANALYST.value)
    assert user is not None
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    file = client.get(f"/forecast/2017-12/export.csv?by={by}&as_of=2017-12-01")
    lines = [line.split(",") for line in b"".join(file).decode("utf-8-sig").splitlines()]
    told = {line[0]: line for line in lines if len(line) > 10}
    for row in said["rows"][1:]:
        if row["unit"] in told:
            assert row["p50"] in told[row["unit"]], row["unit"]
    assert by is By.TOTAL or sum(row["unit"] in told for row in said["rows"][1:]) > 2


def test_a_range_whose_models_are_still_being_learnt_says_so() -> None:
    token = reader()
    before = get(f"forecast?{DECEMBER}", token).json()
    typed("forecast", "--as-of", "2017-12-01", "--period", "2017-12")
    after = get(f"forecast?{DECEMBER}", token).json()
    assert not before["complete"] and after["complete"]
    assert before["rows"][0]["p50"] != after["rows"][0]["p50"]


@pytest.mark.usefixtures("learnt")
def test_deals_are_those_of_the_command_line_page_by_page() -> None:
    said = typed("forecast", "deals", "--as-of", "2017-12-01", "--period", "2017-12")
    token = reader()
    first = get(f"forecast/deals?{DECEMBER}&limit=2", token).json()
    second = get(f"forecast/deals?{DECEMBER}&limit=2&offset=2", token).json()
    assert first["rows"] + second["rows"] == said["rows"][:4]
    assert first["count"] == len(said["rows"]) > 4


@pytest.mark.usefixtures("learnt")
@pytest.mark.parametrize("verb", ["risks", "bridge", "why"])
def test_what_the_meeting_reads_is_that_of_the_command_line(verb: str) -> None:
    until = "--to" if verb in {"bridge", "why"} else "--as-of"
    said = typed("forecast", verb, until, "2017-12-01", "--period", "2017-12")
    answer = get(f"forecast/{verb}?{DECEMBER}", reader())
    assert answer.status_code == 200
    assert answer.json() == said


def test_a_back_test_is_that_of_the_command_line() -> None:
    days = ("2017-10-01", "2017-10-08")
    said = typed("forecast", "backtest", "--from", days[0], "--to", days[1])
    answer = get(f"forecast/backtest?first={days[0]}&last={days[1]}", reader())
    assert answer.json() == said and len({row["origin"] for row in said["rows"]}) == 2


@pytest.mark.parametrize(
    "path",
    [
        "forecast/bridge?as_of=2017-10-01&since=2017-11-01",
        "forecast/backtest?first=2017-01-01&last=2027-01-01",
        "forecast/backtest?first=2017-02-01&last=2017-01-01",
        "forecast/backtest?first=2017-02-01",
        "forecast?by=planet",
        "forecast?period=2017-Q5",
        "forecast?as_of=yesterday",
    ],
)
def test_a_question_that_cannot_be_answered_is_told_so(path: str) -> None:
    answer = get(path, reader())
    assert answer.status_code == 400 and answer.json()["error"]


def test_measures_are_those_of_the_command_line() -> None:
    said = typed("metrics", "--as-of", "2017-12-31", "--period", "2017-Q4", "--by", "region")
    token = reader()
    for name in ("won_amount", "won_count"):
        answer = get(f"metrics/{name}?as_of=2017-12-31&period=2017-Q4&by=region", token).json()
        mine = [row for row in said["rows"] if row["measure"] == name]
        assert len(answer["rows"]) == len(mine) > 1
        for row, one in zip(answer["rows"], mine, strict=True):
            assert {key: row[key] for key in one} == one
    listed = {item["name"]: item for item in get("metrics", token).json()}
    assert listed["won_amount"]["definition"]


def test_a_run_on_record_is_listed_and_recomputes_to_the_same_digits() -> None:
    token = reader()
    at = AsOf.end_of(date(2017, 11, 15), company().zone)
    period = company().calendar.parse("2017-Q4")
    run = forecasting.run_record(
        period, By.REGION, at, Scope.company(), actor="analyst", created_at=NOW
    )
    [listed] = get("forecast/runs?period=2017-Q4", token).json()
    assert listed == get(f"forecast/runs/{run}", token).json()
    again = get(f"forecast/runs/{run}/replay", token).json()
    assert [row["p50"] for row in again["rows"]] == [row["p50"] for row in listed["rows"]]
    assert again["inputs_digest"] == listed["inputs_digest"]
    assert get("forecast/runs?as_of=2017-11-01", token).json() == []
    assert sum(listed["weights"].values()) == pytest.approx(1, abs=0.001)


# -- who may ask -----------------------------------------------------------------------------------


def test_without_a_token_in_force_nothing_is_said() -> None:
    token = reader()
    [info] = tokens_of(Role.ANALYST.value)
    assert get(f"forecast?{DECEMBER}", "plt_guessed").status_code == 401
    stranger = Client().get(V1 + "metrics")
    assert stranger.status_code == 401
    assert stranger["WWW-Authenticate"] == "Bearer"
    assert get("metrics", token).status_code == 200
    token_revoke(Role.ANALYST.value, info.id, NOW)
    assert get("metrics", token).status_code == 401


def test_a_session_opens_no_api_and_a_token_opens_no_page() -> None:
    token = reader()
    client = Client()
    user = user_named(Role.ANALYST.value)
    assert user is not None
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    assert client.get(V1 + "metrics").status_code == 401
    assert (
        Client().get("/forecast/", headers={"Authorization": f"Bearer {token}"}).status_code == 302
    )


def test_whose_access_is_closed_has_no_tokens_either() -> None:
    token = reader()
    user_set_active(Role.ANALYST.value, is_active=False)
    assert get("metrics", token).status_code == 401


def test_a_viewer_sees_no_reps_and_no_deals_as_on_the_pages() -> None:
    token = reader(Role.VIEWER)
    refused = get(f"forecast?{DECEMBER}&by=rep", token)
    assert refused.status_code == 403
    assert "groups, not single reps" in refused.json()["error"]
    assert get(f"forecast/deals?{DECEMBER}", token).status_code == 403
    assert get(f"forecast?{DECEMBER}&by=region", token).status_code == 200


def test_a_token_is_kept_as_a_digest_and_leaves_no_session() -> None:
    from django.apps import apps

    token = reader()
    kept = apps.get_model("people", "AccessToken").objects.values().get()
    assert token.startswith("plt_") and token not in json.dumps(kept, default=str)
    answer = get(f"forecast?{DECEMBER}", token)
    assert not answer.cookies
    assert tokens_of(Role.ANALYST.value)[0].used_on is not None


def test_a_program_that_asks_too_often_is_told_to_wait(monkeypatch: Any) -> None:
    token = reader()
    monkeypatch.setattr(api.throttle[0], "num_requests", 3)  # type: ignore[index]  # ninja types it as perhaps none
    codes = [get("metrics", token).status_code for _ in range(4)]
    assert codes == [200, 200, 200, 429]
    told = get("metrics", token, "fr")
    assert told.json()["error"] == "Trop de requêtes. Attendez une minute."
    assert int(told["Retry-After"]) <= 60


# -- words -----------------------------------------------------------------------------------------


def test_errors_and_notes_speak_the_language_that_is_accepted() -> None:
    token = reader()
    assert get("metrics/nonsense", token).status_code in {400, 404}
    english, french = (
        get("forecast?as_of=2017-10-01&period=2017-Q4", token, language).json()["rows"][0]["notes"]
        for language in ("en", "fr")
    )
    assert english[0].startswith("Thin history") and french[0].startswith("Historique")
    wrong = get("forecast?by=moon", token, "fr")
    assert wrong.status_code == 400
    assert wrong.json()["error"] == "La requête est illisible."
    assert get("forecast?as_of=soon", token).status_code == 400
    assert get("forecast/runs/99", token).status_code == 404


def test_the_document_of_the_api_names_every_answer() -> None:
    paths = api.get_openapi_schema()["paths"]
    assert {path.removeprefix("/api/v1") for path in paths} == {
        "/forecast", "/forecast/deals", "/forecast/runs", "/forecast/runs/{run_id}",
        "/forecast/runs/{run_id}/replay", "/metrics", "/metrics/{name}",
            "/forecast/bridge", "/forecast/why", "/forecast/risks", "/forecast/backtest",
        "/territories", "/territories/accounts/{account_id}", "/territories/place",
        "/territories/plans", "/territories/plans/{plan_id}",
        "/territories/plans/{plan_id}/handover", "/duplicates/check",
    }  # fmt: skip
    for verbs in paths.values():
        assert list(verbs) == ["get"], "programs read"
        assert "schema" in verbs["get"]["responses"][200]["content"]["application/json"]


@functools.cache
def operations() -> list[Any]:
    schema = schemathesis.openapi.from_dict(api.get_openapi_schema())
    found = [one.ok() for one in schema.get_all_operations() if isinstance(one, Ok)]
    assert len(found) == 18
    return found


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_whatever_is_asked_gets_an_answer_or_a_reason(data: st.DataObject) -> None:
    cache.clear()
    if user_named(Role.ANALYST.value) is None:
        reader()
    token = token_create(Role.ANALYST.value, "one example", NOW)
    case = data.draw(data.draw(st.sampled_from(operations())).as_strategy())
    answer = Client(headers={"Authorization": f"Bearer {token}"}).get(
        case.formatted_path, {key: str(value) for key, value in (case.query or {}).items()}
    )
    assert answer.status_code in {200, 400, 403, 404, 409}, answer.content
    assert answer.status_code == 200 or answer.json()["error"]
    token_revoke(Role.ANALYST.value, tokens_of(Role.ANALYST.value)[0].id, NOW)
