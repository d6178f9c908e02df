"""Territories for programs: the documents of the command line, cut to what a token may see."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils.translation import override
from typer.testing import CliRunner

from perilune.history.testing import made_once
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.people.service import token_create
from perilune.territories import service
from perilune.territories.cli import app
from perilune.territories.contracts import Attribute
from perilune.territories.queries.loading import loaded
from perilune.territories.testing import Ground, make_ground

pytestmark = pytest.mark.django_db(databases=["default", "queue"])
ALL = Scope.company()
NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)


@pytest.fixture
def ground() -> Ground:
    cache.clear()
    return make_ground(12)


@pytest.fixture
@made_once
def plan(ground: Ground) -> int:
    """A plan in force since today: the first account went from Rita to Rolf."""
    by: Any = {"actor": "ops_manager", "scope": ALL}
    made = service.create_draft("Autumn", [Attribute("accounts", 0.9)], **by)
    number = loaded(made).accounts.ids.tolist().index(ground.accounts[0])
    service.move_units(made, 1, [number], 1, **by)
    service.submit(made, 2, **by)
    service.approve(made, 3, actor="director", scope=ALL)
    service.publish(made, 4, company().today.day, actor="director", scope=ALL)
    assert service.activate_due(actor="director")
    return made


def token(user: Any) -> str:
    return token_create(user.username, "a test", NOW)


def get(path: str, secret: str = "", language: str = "en") -> Any:
    headers = {"Accept-Language": language} | (
        {"Authorization": f"Bearer {secret}"} if secret else {}
    )
    return Client().get(f"/api/v1/territories{path}", headers=headers)


def typed(*words: str | int) -> Any:
    ran = CliRunner().invoke(app, [*map(str, words), "--json"], catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    return json.loads(ran.stdout)


def test_each_answer_is_the_document_of_the_command_line(ground: Ground, plan: int) -> None:
    secret = token(ground.cast.director)
    pairs = [
        ("", ("in-force",)),
        (f"/accounts/{ground.accounts[0]}", ("holder", ground.accounts[0])),
        ("/plans", ("plans",)),
        (f"/plans/{plan}", ("sheet", plan)),
        (f"/plans/{plan}/handover", ("handover", plan)),
    ]
    for path, words in pairs:
        answer = get(path, secret)
        assert answer.status_code == 200, (path, answer.content)
        assert answer.json() == typed(*words)
        lines = CliRunner().invoke(app, [*map(str, words)], catch_exceptions=False)
        assert lines.exit_code == 0 and lines.stdout.strip()


def test_who_holds_an_account_is_told_as_of_a_day(ground: Ground, plan: int) -> None:
    secret, one = token(ground.cast.director), ground.accounts[0]
    now = get(f"/accounts/{one}", secret).json()
    assert now["owner"]["name"] == "Rolf"
    assert [t["name"] for t in now["territories"]] == ["Rolf"]
    assert [r["name"] for r in now["territories"][0]["reps"]] == ["Rolf"]
    yesterday = company().today.day - timedelta(days=1)
    before = get(f"/accounts/{one}?as_of={yesterday}", secret).json()
    assert before["owner"]["name"] == "Rita"
    assert before["territories"] == []
    assert get(f"?as_of={yesterday}", secret).json()["territories"] == []
    assert len(get("", secret).json()["territories"]) == 3


def test_a_reader_gets_what_their_scope_sees_and_the_right_is_asked_for(
    ground: Ground, plan: int
) -> None:
    manager, viewer = token(ground.cast.sales_manager), token(ground.cast.viewer)
    mine = get("", manager).json()["territories"]
    assert {t["name"] for t in mine} == {"Rita", "Rolf"}
    assert get(f"/accounts/{ground.accounts[0]}", manager).status_code == 200
    assert get(f"/accounts/{ground.accounts[-1]}", manager).status_code == 404
    sheet = get(f"/plans/{plan}", manager).json()
    assert sheet["is_partial"]
    assert {row["name"] for row in sheet["territories"]} <= {"Rita", "Rolf"}
    assert get("/place?postcode=75001", manager).status_code == 403
    assert all(
        t["reps"] == [] and t["accounts"] is None for t in get("", viewer).json()["territories"]
    )
    for path in (f"/accounts/{ground.accounts[0]}", "/plans", f"/plans/{plan}/handover"):
        assert get(path, viewer).status_code == 403
    for path in ("", "/plans", f"/accounts/{ground.accounts[0]}"):
        assert get(path).status_code == 401


def test_a_new_account_goes_where_its_neighbours_postcodes_are(ground: Ground, plan: int) -> None:
    from perilune.history.service import change_set
    from perilune.store import service as store

    secret = token(ground.cast.director)
    with change_set(actor="test", title="", known_at=NOW) as w:
        for at, one in enumerate(ground.accounts):
            code = f"{('59', '75', '13')[min(at * 3 // 12, 2)]}{at:03}"
            w.change("account", one, {"postcode": code, "country": "FR"})
    store.refresh()
    told = get("/place?postcode=13999&country=FR", secret)
    assert told.json()["territory"] == "Sara"
    assert told.json() == typed("place", "--postcode", "13999", "--country", "FR")
    assert get("/place?postcode=99000&country=FR", secret).json()["territory"] is None
    assert get("/place?postcode=13999&country=DE", secret).json()["territory"] is None


def test_what_is_not_there_is_said_in_both_languages(ground: Ground) -> None:
    secret = token(ground.cast.director)
    asked = {
        "/accounts/999999": 404, "/plans/999999": 404, "/place?postcode=1": 404, "/place": 400,
        "/accounts/x": 400,
    }  # fmt: skip
    for path, status in asked.items():
        texts = [get(path, secret, language).json()["error"] for language in ("en", "fr")]
        assert get(path, secret).status_code == status, path
        assert texts[0] != texts[1]


def test_the_day_of_a_document_is_that_which_was_asked(ground: Ground) -> None:
    with override("fr"):
        told = typed("in-force", "--as-of", "2026-02-01")
    assert told["as_of"] == date(2026, 2, 1).isoformat()
