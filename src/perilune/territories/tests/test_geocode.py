"""`perilune territories geocode`: a preview, one change set, its undo, and who may."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from perilune.crm.service import edit_undo
from perilune.crm.testing import make_record
from perilune.history.queries import states_as_of
from perilune.history.testing import made_once
from perilune.kernel.errors import Invalid, NotFound, Refused
from perilune.people.testing import Cast, cast
from perilune.territories.cli import app

pytestmark = pytest.mark.django_db(databases=["default", "queue"])


@pytest.fixture
def people(db: None) -> Cast:
    return cast()


@pytest.fixture
@made_once
def accounts(people: Cast) -> dict[str, int]:
    rows: dict[str, dict[str, Any]] = {
        "Lyonnaise": {"country": "FR", "city": "LYON CEDEX 03", "postcode": "69421"},
        "Posée": {"country": "FR", "city": "Lille", "latitude": 1.5, "longitude": -2.25},
        "À moitié": {"country": "FR", "city": "Lille", "latitude": 50.6},
        "Corse": {"country": "France", "city": "Ajaccio", "postcode": "20000"},
        "Sans pays": {"city": "Nantes"},
        "=Perdue": {"country": "FR", "city": "Nulle-Part"},
        "Springfield Inc": {"country": "US", "city": "Springfield"},
    }
    return {name: make_record("account", {"name": name, **row}) for name, row in rows.items()}


def run(*words: str | Path) -> Any:
    answer = CliRunner().invoke(app, ["geocode", *map(str, words)])
    if answer.exception and not isinstance(answer.exception, SystemExit):
        raise answer.exception
    return answer


def places() -> dict[str, tuple[Any, Any]]:
    states = states_as_of("account", None).values()
    return {s["name"]: (s["latitude"], s["longitude"]) for s in states}


def test_a_preview_tells_and_writes_nothing(accounts: dict[str, int]) -> None:
    before = places()
    said = json.loads(run("--json").stdout)
    assert places() == before
    assert (said["applied"], said["change_set"], said["given"]) == (False, None, 1)
    placed = {one["name"]: one for one in said["placed"]}
    assert set(placed) == {"Lyonnaise", "Corse", "Springfield Inc"}
    assert placed["Corse"]["part"] == "corsica"
    assert placed["Lyonnaise"]["precision"] == "town"
    assert placed["Springfield Inc"]["rivals"] > 0
    assert {one["name"]: one["reason"] for one in said["unplaced"]} == {
        "À moitié": "half",
        "Sans pays": "no_country",
        "=Perdue": "unknown_town",
    }


def test_applied_coordinates_are_one_change_set_and_its_undo_leaves_nothing(
    accounts: dict[str, int],
) -> None:
    before = places()
    said = json.loads(run("--apply", "--country", "France", "--json").stdout)
    after = places()
    assert after["Lyonnaise"] == (45.7485, 4.8467)
    assert after["Sans pays"] == pytest.approx((47.217, -1.553), abs=0.01)
    assert {name for name in after if after[name] != before[name]} == {
        "Lyonnaise",
        "Corse",
        "Sans pays",
        "Springfield Inc",
    }
    again = json.loads(run("--apply", "--country", "FR", "--json").stdout)
    assert (again["change_set"], again["placed"]) == (None, [])
    undone = edit_undo(said["change_set"], actor="nobody", may_undo_others=True)
    assert undone.conflicts == ()
    assert places() == before


def test_a_table_of_postcodes_is_more_exact_than_towns(
    accounts: dict[str, int], tmp_path: Path
) -> None:
    table = tmp_path / "postcodes.csv"
    table.write_text(
        "Code postal;Code INSEE;Commune;Latitude;Longitude\n"
        "20000;2A004;Ajaccio;41,935;8,7013\n69003;69383;Lyon 03;45,7534;4,8697\n;;;;\n20100;;X;;\n",
        "utf-8",
    )
    said = json.loads(run("--table", table, "--json").stdout)
    placed = {one["name"]: one for one in said["placed"]}
    assert placed["Corse"]["precision"] == "postcode"
    assert (placed["Corse"]["latitude"], placed["Corse"]["longitude"]) == (41.935, 8.7013)
    assert placed["Lyonnaise"]["latitude"] == 45.7534
    assert said["table_rows_left_out"] == 1


def test_those_without_a_place_are_shown_and_listed_as_a_safe_csv(
    accounts: dict[str, int], tmp_path: Path
) -> None:
    out = tmp_path / "unplaced.csv"
    told = run("--unplaced", out).stdout
    assert "Nothing was written" in told
    assert "the town is not known" in " ".join(told.split())
    assert "GeoNames" in told
    lines = out.read_text("utf-8-sig").splitlines()
    assert len(lines) == 4
    assert any("'=Perdue" in line for line in lines)


def test_only_who_sees_and_changes_all_accounts_may(
    accounts: dict[str, int], people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERILUNE_AS", people.rep.username)
    with pytest.raises(Refused, match="see and change all accounts"):
        run("--apply")
    monkeypatch.setenv("PERILUNE_AS", "nobody-of-that-name")
    with pytest.raises(NotFound):
        run("--apply")
    assert places()["Lyonnaise"] == (None, None)


def test_a_wrong_country_or_table_is_told(accounts: dict[str, int], tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="no country"):
        run("--country", "Atlantis")
    with pytest.raises(NotFound):
        run("--table", tmp_path / "none.csv")
