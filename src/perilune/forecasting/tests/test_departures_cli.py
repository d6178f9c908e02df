"""`perilune rep`: the preview writes nothing, --plan decides, take-back undoes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.conf import settings
from typer.testing import CliRunner

from perilune.forecasting.cli import rep_app
from perilune.forecasting.contracts.departures import Standing
from perilune.forecasting.models import PlannedDeparture
from perilune.forecasting.tests.conftest import Quarter
from perilune.kernel.errors import Refused

pytestmark = pytest.mark.django_db(databases=list(settings.DATABASES))


def run(*words: str) -> Any:
    return CliRunner().invoke(rep_app, list(words), catch_exceptions=False)


def test_the_command_previews_plans_and_takes_back(
    quarter: Quarter, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ("leave", "Rita", "--last-day", "2026-07-15", "--to", "Sara", "--json")
    told = json.loads(run(*asked).stdout)
    assert told["day"] == "2026-07-16" and told["access_closed"] == "rep"
    # nobody will be there to close them: deals in commit go along unless one says otherwise
    assert {deal["to"] for deal in told["deals"]} == {quarter.who.sara}
    stays = json.loads(run(*asked, "--commit-stays").stdout)["deals"]
    assert {deal["name"] for deal in stays if deal["to"] is None} == {"Alpha", "Rita commit"}
    assert {row["period"]: row["fte_before"] for row in told["capacity"]} == {
        "2026-Q2": 3.0, "2026-Q3": 3.0,
    }  # fmt: skip
    assert not PlannedDeparture.objects.exists()
    run(*asked, "--plan")
    row = PlannedDeparture.objects.get()
    assert (row.standing, row.author) == (Standing.PLANNED, "director")
    assert "Rita" in run("planned").stdout
    monkeypatch.setenv("PERILUNE_AS", "ops_manager")
    assert "Rita" not in run("planned").stdout  # rule 24: to nobody else
    monkeypatch.setenv("PERILUNE_AS", "analyst")
    with pytest.raises(Refused):
        run(*asked)
    monkeypatch.delenv("PERILUNE_AS")
    run("take-back", str(row.pk))
    assert PlannedDeparture.objects.get().standing == Standing.CANCELLED


def test_an_absence_and_a_move_are_previewed_too(quarter: Quarter) -> None:
    away = json.loads(
        run("absence", "Rita", "--first-day", "2026-07-16", "--fte", "0.5", "--json").stdout
    )
    assert away["going"] == "absence" and away["access_closed"] is None
    moved = json.loads(
        run("move", "Rita", "--first-day", "2026-07-16", "--team", "South", "--by", "stay",
            "--json").stdout
    )  # fmt: skip
    assert {row["team"] for row in moved["capacity"]} == {"North", "South"}
    assert all(deal["to"] is None for deal in moved["deals"])
    text = run("absence", "Rita", "--first-day", "2026-07-16").stdout
    assert "Rita" in text and not PlannedDeparture.objects.exists()
