"""The import in a terminal, in French: typography, words, and what its JSON says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.utils import translation

from perilune.hub import queries
from perilune.hub.cli import imports as cli
from perilune.hub.testing import write

pytestmark = pytest.mark.django_db(databases=["default", "queue"])
DEALS = (
    "Id,Name,StageName,Amount,CloseDate,CreatedDate\n"
    "1,A,Open,-5000,05/06/2026,01/02/2026\n2,B,Open,20,05/06/2026,01/02/2026\n"
)


@pytest.fixture(autouse=True)
def no_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "_refresh", lambda: None)


def _import(path: Path, *, as_json: bool = False) -> int:
    return cli._import(path, "crm", None, "", False, False, False, as_json)


def test_a_french_terminal_sets_its_signs_as_french_does(
    company: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with translation.override("fr"):
        assert _import(write(tmp_path, "ok.csv", DEALS)) == cli.DONE
        first = capsys.readouterr().err
        _import(write(tmp_path, "ok.csv", DEALS.replace(",20,", ",30,")))
        again = capsys.readouterr().err
    assert "ok.csv\u202f: Colonne" in first
    assert "1 ligne\u202f: " in first
    assert "→ «\u202f5\u202f000\u202f»" in first
    assert "Modifiées" in again and "Modification" not in again


def test_a_home_without_imports_says_so(company: None, capsys: pytest.CaptureFixture[str]) -> None:
    with translation.override("fr"):
        cli.list_command()
    assert "Rien n’a encore été importé" in capsys.readouterr().err


def test_json_speaks_the_language_of_the_home_beside_codes_that_stay(
    company: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with translation.override("fr"):
        _import(write(tmp_path, "ok.csv", DEALS), as_json=True)
        told = json.loads(capsys.readouterr().out)
        _import(write(tmp_path, "stuff.csv", "Colour,Weight\nred,1\n"))
        unknown = json.loads(capsys.readouterr().out)
    assert "alike" not in told["records"]["opportunity"]
    [problem] = told["problems"]
    assert problem["code"] == "negative_amount"
    assert "est négatif" in problem["message"]
    assert all("no date tells" not in n["message"] for n in told["notices"])
    assert any(n["message"].startswith("Colonne") for n in told["notices"])
    assert unknown["files"][0]["reason"] == "Ses colonnes ne sont celles d’aucune fiche connue."
    assert queries.run_info(told["run"]).counts["opportunity"]["new"] == 2
