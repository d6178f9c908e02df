"""`territories project`: dated rows in, what comes and when a territory leaves tolerance out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import gettext, override
from typer.testing import CliRunner

from perilune.kernel.errors import Invalid, NotFound
from perilune.territories.cli import app


def run(*words: str | Path) -> Any:
    return CliRunner().invoke(app, ["project", *map(str, words)])


def opened(path: Path, quarters: int = 32) -> Path:
    """North opens one a quarter, South three, from ten each at the start."""
    lines = ["id,opened,area,latitude,longitude"]
    lines += [f"n{i},1990-01-01,North,50,2" for i in range(10)]
    lines += [f"s{i},1990-01-01,South,43,2" for i in range(10)]
    for q in range(1, quarters):
        day = f"{1990 + q // 4}-{1 + q % 4 * 3:02}-15"
        lines.append(f"N{q},{day},North,50.1,2")
        lines += [f"S{q}-{i},{day},South,43.1,2" for i in range(3)]
    lines.append(f"x,{1990 + quarters // 4}-01-02,North,50,2")  # a period that is not whole
    path.write_text("\n".join(lines))
    return path


def test_growth_is_projected_and_the_naive_rule_stands_in_the_table(tmp_path: Path) -> None:
    path = opened(tmp_path / "a.csv")
    answer = run(path, "--date", "opened", "--territory", "area", "--tolerance", "45%", "--json")
    assert answer.exit_code == 0, (answer.output, answer.exception)
    told = json.loads(answer.stdout)
    assert told["last_period"] == "1997-Q4"
    assert told["rule"] == "drift"
    assert {one["rule"] for one in told["trials"]} == {"naive", "drift", "shared"}
    north, south = told["territories"]
    assert (north["last"], south["last"]) == (41, 103)
    assert [p["middle"] for p in south["periods"]] == [106, 109, 112, 115]
    assert south["periods"][0]["period"] == "1998-Q1"
    # 103 of a mean of 72 is 43.1 % above; (103 + 3 h) / (72 + 2 h) passes 45 % at h = 14
    assert south["leaves_tolerance"] is None
    longer = run(path, "--date", "opened", "--territory", "area", "--tolerance", "43.1%", "--json",
                 "--ahead", "8")  # fmt: skip
    assert json.loads(longer.stdout)["territories"][1]["leaves_tolerance"] == "1998-Q1"
    text = run(path, "--date", "opened", "--territory", "area", "--tolerance", "45%")
    assert "naive" in text.stdout


def test_a_plan_gives_territories_by_id_and_those_opened_later_to_the_nearest(
    tmp_path: Path,
) -> None:
    path, plan = opened(tmp_path / "a.csv"), tmp_path / "plan.geojson"
    points = (("n0", 50, "Up"), ("s0", 43, "Down"))
    plan.write_text(json.dumps({"features": [
        {"id": one, "geometry": {"type": "Point", "coordinates": [2, north]},
         "properties": {"territory": name}} for one, north, name in points
    ]}))  # fmt: skip
    told = json.loads(run(path, "--date", "opened", "--plan", plan, "--json").stdout)
    assert {t["territory"]: t["last"] for t in told["territories"]} == {"Up": 41, "Down": 103}


def test_what_closes_is_there_no_longer_and_flows_have_seasons(tmp_path: Path) -> None:
    path = tmp_path / "b.csv"
    lines = ["id,day,end,area,worth"]
    for year in range(1990, 1998):
        for quarter, worth in enumerate((5, 10, 30, 10)):
            day = f"{15}/{1 + quarter * 3:02}/{year}"
            lines += [f"{year}{quarter}{a},{day},,{a},{worth * (1 + (a == 'B'))}" for a in "AB"]
    lines += ["gone,1990-01-01,1991-01-01,A,1000", "last,1997-12-31,,A,0"]
    path.write_text("\n".join(lines))
    flow = ("--date", "day", "--territory", "area", "--load", "worth", "--json")
    told = json.loads(run(path, *flow, "--kind", "flow").stdout)
    assert told["rule"].startswith("seasonal")
    assert [p["middle"] for p in told["territories"][1]["periods"]] == pytest.approx(
        [10, 20, 60, 20]
    )
    stock = json.loads(run(path, *flow, "--closed", "end").stdout)
    assert stock["territories"][0]["last"] == 8 * 55


@pytest.mark.parametrize(
    ("change", "words", "kind", "word"),
    [
        (("1990-01-01,South", "soon,South"), (), Invalid, "12"),
        (("", ""), ("--until", "never"), Invalid, "never"),
        (("", ""), ("--until", "1991-01-01"), Invalid, "4"),
        (("", ""), ("--load", "worth"), Invalid, "worth"),
        (("", ""), ("--plan", "no.geojson"), Invalid, "--plan"),
    ],
)
def test_bad_input_is_named_in_both_languages(
    tmp_path: Path, change: tuple[str, str], words: tuple[str, ...], kind: type, word: str
) -> None:
    path = opened(tmp_path / "a.csv")
    path.write_text(path.read_text().replace(*change, 1) if change[0] else path.read_text())
    texts = []
    for language in ("en", "fr"):
        with override(language):
            answer = run(path, "--date", "opened", "--territory", "area", *words)
            assert isinstance(answer.exception, kind), answer.output
            told: Any = answer.exception
            texts.append(gettext(told.message) % told.params)
    assert texts[0] != texts[1]
    assert all(word in text for text in texts)


def test_a_plan_that_is_none_is_refused(tmp_path: Path) -> None:
    path, plan = opened(tmp_path / "a.csv"), tmp_path / "plan.geojson"
    answer = run(path, "--date", "opened", "--plan", plan)
    assert isinstance(answer.exception, NotFound)
    plan.write_text("[]")
    answer = run(path, "--date", "opened", "--plan", plan)
    assert isinstance(answer.exception, Invalid)
