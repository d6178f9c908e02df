"""A sales-ops analyst's day on the Maven export: begin, import, measure, forecast, edit, undo.

Expected figures are computed here from the CSV alone.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from typer.testing import CliRunner, Result

from perilune.history.queries import find_by_title
from perilune.hub import queries as imports
from perilune.site.commands import mount

SHARED = Path(
    os.environ.get("PERILUNE_SHARED_DATA", Path(__file__).parents[2].parent / "shared" / "data")
)
MAVEN = SHARED / "crm_maven"
PASSWORD = "perigee-over-mare-77"
AT_THE_END = "2017-12-31"

pytestmark = [
    pytest.mark.once,  # its import is asked on both in hub/tests/test_maven.py
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.skipif(
        not MAVEN.exists(), reason="the Maven data set is not beside the repository"
    ),
]
Perilune = Callable[..., Result]


@pytest.fixture
def perilune() -> Perilune:
    runner, app = CliRunner(), mount("")

    def run(*words: str, input: str | None = None) -> Result:
        result = runner.invoke(app, [*words], input=input)
        assert result.exit_code == 0, f"{words}: {result.output} {result.exception!r}"
        return result

    return run


def _pipeline() -> list[dict[str, str]]:
    with (MAVEN / "sales_pipeline.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _won_in_q3() -> list[dict[str, str]]:
    return [
        row
        for row in _pipeline()
        if row["deal_stage"] == "Won" and "2017-07-01" <= row["close_date"] <= "2017-09-30"
    ]


def _measures(perilune: Perilune) -> dict[str, dict[str, Any]]:
    words = ("metrics", "--as-of", AT_THE_END, "--period", "2017-Q3", "--json")
    told = json.loads(perilune(*words).stdout)
    assert (told["schema"], told["currency"]) == (1, "USD")
    return {row["measure"]: row for row in told["rows"] if row["unit"] == "total"}


def _won(perilune: Perilune) -> Decimal:
    return Decimal(_measures(perilune)["won_amount"]["value"])


def _corrected(folder: Path, deal: str, more: int) -> Path:
    """The export of the next day: one deal is worth more."""
    shutil.copytree(MAVEN, folder)
    rows = _pipeline()
    for row in rows:
        if row["opportunity_id"] == deal:
            row["close_value"] = str(int(row["close_value"]) + more)
    with (folder / "sales_pipeline.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return folder


def _id_of(deal: str) -> int:
    return find_by_title("opportunity", [deal])[deal.lower()]


def _signed_in() -> Client:
    client = Client()
    answer = client.post(
        reverse("account_login"), {"login": "anne", "password": PASSWORD}, follow=True
    )
    assert answer.status_code == 200
    assert answer.context["user"].username == "anne"
    return client


@pytest.mark.slow
def test_an_analyst_begins_imports_measures_edits_and_takes_back(
    perilune: Perilune, tmp_path: Path
) -> None:
    deals = _won_in_q3()
    expected = Decimal(sum(int(row["close_value"]) for row in deals))
    edited, corrected = deals[0], deals[1]

    perilune("init", "--currency", "USD", "--timezone", "UTC", "--name", "Maven")
    words = ("user", "add", "anne", "--role", "analyst", "--password-stdin")
    perilune(*words, input=PASSWORD + "\n")
    told = json.loads(perilune("import", str(MAVEN), "--source", "maven", "--json").stdout)
    assert told["records"]["opportunity"]["new"] == len(_pipeline()) == 8800

    found = _measures(perilune)
    assert Decimal(found["won_amount"]["value"]) == expected
    assert found["won_amount"]["n"] == len(deals) == 1257
    assert found["win_rate_closed"]["value"] == pytest.approx(0.614, abs=0.0005)
    words = ("forecast", "--as-of", "2017-10-01", "--period", "2017-Q4", "--json")
    total = json.loads(perilune(*words).stdout)["rows"][0]
    assert total["status"] == "thin"
    assert Decimal(total["p10"]) <= Decimal(total["p50"]) <= Decimal(total["p90"])

    client = _signed_in()
    for address in ("/", "/cockpit/", "/pipeline/", "/pipeline/board/", "/data/", "/journal/"):
        assert client.get(address).status_code == 200, address
    past = client.get("/cockpit/", {"as_of": "2017-10-01"})
    assert "bar-past" in past.content.decode()
    client.get("/cockpit/", {"as_of": ""})

    worth = int(edited["close_value"]) + 100
    field = reverse("crm:field", args=["opportunity", _id_of(edited["opportunity_id"]), "amount"])
    assert client.post(field, {"amount": str(worth)}).status_code == 302
    assert _won(perilune) == expected + 100

    folder = _corrected(tmp_path / "next", corrected["opportunity_id"], 1000)
    told = json.loads(perilune("import", str(folder), "--source", "maven", "--json").stdout)
    counts = told["records"]["opportunity"]
    assert (counts["new"], counts["changed"]) == (0, 1)
    assert _won(perilune) == expected + 1100, "the local edit must survive the import"

    latest = max(imports.runs(), key=lambda run: run.id)
    client.post(reverse("hub:rollback", args=[latest.id]))
    perilune("store", "rebuild")
    assert _won(perilune) == expected + 100
    journal = client.get("/journal/").content.decode()
    assert "Rolled back" in journal
