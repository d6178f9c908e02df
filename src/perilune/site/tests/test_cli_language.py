"""The command line speaks --language, else the home's language, else the terminal's."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from perilune.site import cli

DEALS = (
    "Opportunity ID;Opportunity Name;Stage;Amount;Close Date;Created Date;Owner\n"
    "006A;Alpha;Open;12,5;01/12/2026;01/09/2026;Anne\n006A;Alpha;Open;12,5;01/12/2026;01/09/2026;Anne\n"
)


class Terminal:
    """A terminal with a home of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"

    def run(self, *words: str, lang: str = "C.UTF-8") -> tuple[int, str, str]:
        """Run `perilune --home HOME …`: (exit code, standard output, standard error)."""
        own = {"PATH", "PYTHONPATH", "HOME", "PERILUNE_SHARED_DATA"}
        env = {k: v for k, v in os.environ.items() if k in own}
        env |= {"LANG": lang, "COLUMNS": "200"}
        command = "import sys; from perilune.site.cli import main; sys.argv[0] = 'perilune'; main()"
        done = subprocess.run(
            [sys.executable, "-c", command, "--home", str(self.home), *words],
            env=env, capture_output=True, text=True, timeout=180, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout, done.stderr


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


ENGLISH = re.compile(r"\b(the|was|were|with|rows?|store|before|new|deal|there|is)\b", re.I)


@pytest.mark.timeout(500)
def test_a_french_home_is_spoken_to_in_french_on_an_english_terminal(terminal: Terminal) -> None:
    assert terminal.run("init", "--language", "fr")[0] == 0
    code, _out, told = terminal.run("init", "--language", "fr")
    assert code == cli.NOTHING_APPLIED and "Il y a déjà une entreprise" in told
    path = terminal.folder / "affaires.csv"
    path.write_text(DEALS)
    code, _out, told = terminal.run("import", str(path))
    assert code == 3
    assert "Appliqué" in told and "figure déjà plus haut dans le fichier" in told
    assert not ENGLISH.search(told.replace("new_", "")), told
    _code, said, _err = terminal.run("metrics", "--period", "2026-Q4")
    assert "Mesure" in said and "Entreprise" in said
    code, said, _err = terminal.run("imports", "list", "--language", "en")
    assert code == 0 and "Applied" in said


def test_an_unknown_language_is_a_usage_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["perilune", "--language", "de", "init"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == cli.USAGE and "en | fr" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "left", "language"),
    [
        (["--language", "fr", "import", "x"], ["import", "x"], "fr"),
        (["import", "x", "--language=fr"], ["import", "x"], "fr"),
        (["init", "--language", "fr"], ["init", "--language", "fr"], ""),
        (["--language", "en", "init", "--language", "fr"], ["init", "--language", "fr"], "en"),
        (["--home", "init", "--language", "fr", "store"], ["--home", "init", "store"], "fr"),
        (["user", "add", "a", "--language", "fr"], ["user", "add", "a", "--language", "fr"], ""),
    ],
)
def test_the_language_is_taken_where_it_is_meant_for_the_terminal(
    words: list[str], left: list[str], language: str
) -> None:
    arguments = ["perilune", *words]
    assert cli._choose_language(arguments) == language
    assert arguments == ["perilune", *left]


@pytest.mark.parametrize(
    ("given", "spoken"),
    [
        ({"LANG": "fr_FR.UTF-8"}, "fr"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "fr:en"}, "fr"),
        ({"LANG": "C", "LANGUAGE": "fr"}, "en"),
        ({"LANG": "fr_CA", "LC_ALL": "en_CA"}, "en"),
        ({"LANG": "de_DE", "LANGUAGE": "de:fr"}, "fr"),
        ({}, "en"),
    ],
)
def test_the_terminals_language_is_the_first_that_is_spoken(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], spoken: str
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert cli._terminal_language() == spoken
