"""`perilune store …`."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from perilune.store.cli import app
from perilune.store.testing import registered
from perilune.store.tests.worlds import World, day


def said(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == code, result.output
    return result.output if code else result.stdout


def test_the_store_is_built_looked_at_and_asked(world: World, tmp_path: Path) -> None:
    (tmp_path / "big.sql").write_text(
        "-- definition: x\nSELECT id, amount FROM deal"
        " WHERE amount >= :least AND id IN (:ids) ORDER BY id"
    )
    world.touch(1, [(day(1), 1, 5)])
    world.touch(2, [(day(40), 1, 9)])
    with registered([world.table()], {"crm": tmp_path}):
        assert json.loads(said("rebuild", "--json")) == {"version": 1}
        world.touch(1, [(day(1), 1, 7)])
        assert json.loads(said("status", "--json"))["waiting"] == ["deal_version"]
        assert "version 2" in said("refresh")
        assert json.loads(said("compact", "--all", "--json")) == {"version": 3}
        assert "deal_version" in said("status")
        ask = ("query", "crm.big", "--param", "least=6", "--param", "ids=1,2")
        rows = json.loads(said(*ask, "--as-of", "2024-01-20", "--json"))["rows"]
        assert rows == [{"id": 1, "amount": 7}]
        assert len(json.loads(said(*ask, "--json"))["rows"]) == 2
        assert "amount >= 6" in said(*ask, "--explain")
        assert "9" in said(*ask)
        assert "least" in said("query", "crm.big", code=4)
        assert "nothing" in said("query", "crm.nothing", code=4)
        assert "not a date" in said(*ask, "--as-of", "2024-13-01", code=4)
        said("query", "crm.big", "--param", "least", code=2)
