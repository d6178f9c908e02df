"""Syncs of databases: a real SQLite file, whatever happens to it between two pages."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from perilune.history import queries as history
from perilune.hub.cli.sync import hub_app
from perilune.hub.contracts.sync import Mode
from perilune.hub.models import Connection, MissingAnswer, Proof, SyncRun
from perilune.hub.service import sync
from perilune.hub.service.sync.sql import source
from perilune.hub.tests.syncing import synced
from perilune.hub.tests.syncing_sources import differing, let_in, read
from perilune.kernel.errors import Invalid, Refused, Unavailable

pytestmark = [pytest.mark.usefixtures("company"), pytest.mark.once]

TABLES = """
CREATE TABLE company(id INTEGER PRIMARY KEY, name TEXT, city TEXT, updated_at TEXT);
CREATE TABLE deal(id INTEGER PRIMARY KEY, name TEXT, amount NUMERIC, stage TEXT, close_date TEXT,
  company_id INTEGER, created_at TEXT, updated_at TEXT, deleted INTEGER DEFAULT 0);
"""
BEGAN = datetime(2026, 1, 5, 9, tzinfo=UTC)


class World:
    """A database with deals of companies, and what they should be here."""

    def __init__(self, path: Path, deals: int = 30) -> None:
        self.path, self.now = path, BEGAN
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.row_factory = sqlite3.Row
        self.db.executescript(TABLES)
        for i in range(1, 6):
            self.run("INSERT INTO company VALUES (?, ?, 'Lyon', ?)", i, f"Firme {i}", self.stamp())
        for i in range(1, deals + 1):
            self.now += timedelta(hours=7)
            self.deal(i)

    def stamp(self) -> str:
        return self.now.isoformat().replace("+00:00", "Z")

    def run(self, sql: str, *values: Any) -> None:
        self.db.execute(sql, values)

    def deal(self, key: int, amount: Any = None) -> None:
        at = self.stamp()
        self.run(
            "INSERT INTO deal VALUES (?, ?, ?, 'Proposal', '2026-09-30', ?, ?, ?, 0)",
            key, f"Affaire {key}", 100.5 * key if amount is None else amount, key % 5 + 1, at, at,
        )  # fmt: skip

    def change(self, key: int, **values: Any) -> None:
        self.now += timedelta(minutes=3)
        values = {"updated_at": self.stamp(), **values}
        self.run(
            f"UPDATE deal SET {', '.join(f'{n} = ?' for n in values)} WHERE id = ?",
            *values.values(), key,
        )  # fmt: skip

    def rows(self) -> dict[str, Any]:
        deals = self.db.execute("SELECT * FROM deal WHERE NOT deleted")
        firms = self.db.execute("SELECT * FROM company")
        return {
            "opportunity": {
                str(r["id"]): {
                    "name": r["name"], "amount": r["amount"], "stage_id": r["stage"],
                    "close_date": r["close_date"], "account_id": str(r["company_id"]),
                }
                for r in deals
            },
            "account": {str(r["id"]): {"name": r["name"], "city": r["city"]} for r in firms},
        }  # fmt: skip


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    found = World(tmp_path / "crm.db")
    let_in("sql", f"sqlite:///{found.path}")
    read("companies", "account", table="company")
    read("deals", "opportunity", table="deal")
    yield found
    found.db.close()


def _agree(world: World, mode: Mode = Mode.INCREMENTAL) -> Any:
    run = synced(mode=mode)
    assert (run.is_proved, differing(world.rows())) == (True, [])
    return run


def test_tables_are_recognised_and_their_rows_become_records(world: World) -> None:
    kept = Connection.objects.get().objects_read
    assert list(kept) == ["deals", "companies"]  # what a row refers to is read after it
    told = kept["deals"]["given"]
    assert [told[n] for n in ("key", "stamp", "born", "gone", "says", "gone_says")] == [
        "id", "updated_at", "created_at", "deleted", "text", "number",
    ]  # fmt: skip
    run = _agree(world)
    assert run.counts["seen"] == {"deals": 30, "companies": 5}
    key = history.identity_keys("acme", "opportunity")["3"]
    born = datetime.fromisoformat(world.db.execute("SELECT created_at FROM deal WHERE id = 3")
                                  .fetchone()[0])  # fmt: skip
    assert history.state_as_of("opportunity", key, born - timedelta(seconds=1)) is None
    assert history.state_as_of("opportunity", key, born) is not None
    world.change(3, amount=9)
    world.deal(31)
    run = _agree(world)
    assert run.counts["written"]["opportunity"]["changed"] == 1
    assert _agree(world).import_ids == []  # nothing changed: nothing is written


def test_late_commits_deletions_and_marks_are_all_found(world: World) -> None:
    _agree(world)
    world.change(4, amount=77)
    _agree(world)
    world.change(5, amount=5, updated_at="2026-01-06T00:00:00Z")  # stamped long before its commit
    world.run("DELETE FROM deal WHERE id = 6")
    world.change(7, deleted=1)
    world.run("UPDATE deal SET updated_at = NULL, amount = 8 WHERE id = 8")
    _agree(world)
    world.run("UPDATE deal SET amount = 9 WHERE id = 8")  # without a stamp it is read each time
    world.change(7, deleted=0)
    world.deal(6)
    _agree(world)
    assert not MissingAnswer.objects.exists()
    world.run("DELETE FROM deal WHERE id > 5")
    assert not synced().is_proved  # so many at once are asked about, not ended
    assert MissingAnswer.objects.count() == 25


def test_without_a_stamp_the_whole_is_compared_and_only_news_is_written(world: World) -> None:
    _agree(world)
    sync.object_drop("acme", "deals")
    read("deals", "opportunity", table="deal", stamp="-", born="-")
    _agree(world)
    world.run("UPDATE deal SET amount = 3 WHERE id = 3")
    world.run("DELETE FROM deal WHERE id = 4")
    told = CliRunner().invoke(hub_app, ["test", "acme", "--json"])
    assert [one["rows"] for one in json.loads(told.stdout)] == [29, 5]
    run = _agree(world)
    assert run.counts["written"]["opportunity"]["changed"] == 2  # one changed, one ended
    world.run("ALTER TABLE company RENAME TO firm")
    told = CliRunner().invoke(hub_app, ["test", "acme"])
    assert (told.exit_code, "no table company" in told.stdout) == (1, True)
    assert [p.month for p in Proof.objects.filter(object="deals")] == ["1970-01"]


def test_a_growing_number_tells_what_is_new(world: World) -> None:
    world.run("ALTER TABLE deal ADD COLUMN version INTEGER")
    world.run("UPDATE deal SET version = 20000 + id")
    sync.object_drop("acme", "deals")
    probe = read("deals", "opportunity", table="SELECT * FROM deal -- all", stamp="version")
    assert (probe.given.says, probe.rows) == ("number", 30)
    _agree(world)
    assert Connection.objects.get().objects_read["deals"]["cursor_us"] == 20_030
    world.run("UPDATE deal SET amount = 1, version = 20031 WHERE id = 3")
    world.run("UPDATE deal SET amount = 2, version = 20029 WHERE id = 4")  # committed late
    world.run("DELETE FROM deal WHERE id = 5")
    assert _agree(world).counts["written"]["opportunity"]["changed"] == 3
    assert Connection.objects.get().objects_read["deals"]["cursor_us"] == 20_031


def test_columns_that_change_in_mid_run_are_followed_and_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _agree(world)
    monkeypatch.setattr(source, "PAGE", 7)
    run_id = sync.sync_start("acme", Mode.FULL)
    for _i in range(3):
        sync.sync_step(run_id, seconds=0)
    world.run("ALTER TABLE deal RENAME COLUMN amount TO worth")
    while not sync.sync_step(run_id, seconds=0).is_done:
        pass
    run = SyncRun.objects.get(id=run_id)
    assert [n["params"].get("field") for n in run.notices] == ["amount", "worth"]
    assert run.is_proved
    states = history.states_as_of("opportunity", None).values()
    assert {s["amount"] for s in states} == {10_050 * i for i in range(1, 31)}  # as it said last
    chosen = {c.column: c.field for c in sync.object_choice("acme", "deals").columns}
    sync.connection_choose("acme", "deals", chosen | {"worth": "amount"}, True)
    world.run("ALTER TABLE deal RENAME COLUMN worth TO amount")
    world.run("ALTER TABLE deal RENAME COLUMN name TO heading")
    with pytest.raises(Unavailable, match="field name, which names its records, is gone"):
        synced()
    with pytest.raises(Unavailable, match="field name, which names its records, is gone"):
        synced()
    chosen = {c.column: c.field for c in sync.object_choice("acme", "deals").columns}
    sync.connection_choose("acme", "deals", chosen | {"heading": "name", "amount": "amount"}, True)
    world.run("UPDATE deal SET heading = 'Autre' WHERE id = 2")
    synced()
    found = {(s["name"], s["amount"]) for s in history.states_as_of("opportunity", None).values()}
    assert {("Autre", 20_100), ("Affaire 3", 30_150)} < found
    world.run("ALTER TABLE deal RENAME COLUMN updated_at TO touched")
    with pytest.raises(Unavailable, match="no column updated_at any more"):
        synced()


def test_each_step_may_be_another_process_and_a_broken_file_goes_on_where_it_stopped(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "PAGE", 7)
    run_id, steps = sync.sync_start("acme"), 0
    while not sync.sync_step(run_id, seconds=0).is_done:
        steps += 1
        if steps == 4:
            moved = world.path.rename(world.path.with_suffix(".away"))
            with pytest.raises(Invalid, match="no file"):
                sync.sync_step(run_id, seconds=0)
            moved.rename(world.path)
            run_id = sync.sync_start("acme")
    assert steps > 10
    assert differing(world.rows()) == []


def test_values_of_the_wrong_kind_are_kept_out_or_named(world: World) -> None:
    _agree(world)
    world.change(3, amount="a lot", close_date="soon")
    run = synced()
    assert run.is_proved
    key = history.identity_keys("acme", "opportunity")["3"]
    assert history.states_as_of("opportunity", [key])[key]["name"] == "Affaire 3"
    world.change(4, updated_at="yesterday")
    with pytest.raises(Unavailable, match="deals 4: «yesterday» in updated_at"):
        synced()


@pytest.mark.parametrize(("table", "says"), [
    ("DELETE FROM deal", "Only a SELECT"),
    ("SELECT 1; DROP TABLE deal", "Only one SELECT"),
    ("WITH gone AS (DELETE FROM deal RETURNING *) SELECT * FROM gone", "write or lock"),
    ("SELECT * FROM deal FOR UPDATE", "write or lock"),
    ("SELECT * INTO other FROM deal", "write or lock"),
    ("SELECT * FROM", "cannot be read"),
    ("SELECT * FROM nowhere", "does not run: no such table"),
    ("nowhere", "no table nowhere"),
    ("SELECT city FROM company", "which column tells the key"),
    ("SELECT company_id AS id FROM deal", "rows share one"),
    ("SELECT NULL AS id FROM deal", "no key in id"),
])  # fmt: skip
def test_what_is_no_reading_of_rows_with_keys_is_refused_by_name(
    world: World, table: str, says: str
) -> None:
    with pytest.raises((Invalid, Unavailable), match=says):
        sync.object_probe("acme", {"name": "x", "kind": "contact", "table": table})
    assert world.db.execute("SELECT COUNT(*) FROM deal").fetchone()[0] == 30


def test_the_file_is_opened_to_read_alone_and_ours_not_at_all(
    world: World, settings: Any, tmp_path: Path
) -> None:
    opened = source.Tables(f"sqlite:///{world.path}", {})
    with opened.database.opened() as connection, pytest.raises(Exception, match="readonly"):
        connection.exec_driver_sql("DELETE FROM deal")
    for address, says in (
        (f"sqlite:///{tmp_path}/none.db", "no file"), ("sqlite://", "no file"),
        ("nosuch://x/y", "no kind of database"), ("what", "not an address"),
        ("postgresql://a@b/c?password=x", "own field"),
        ("oracle+oracledb://a@b/c", "driver oracledb"),
    ):  # fmt: skip
        with pytest.raises(Invalid, match=says):
            sync.source_test("sql", address, {})
    settings.PERILUNE_HOME = str(tmp_path)
    with pytest.raises(Refused, match="Perilune itself"):
        sync.source_test("sql", f"sqlite:///{world.path}", {})
    sync.source_add("b", "sql", "postgresql://me:s3cret@db.example/crm", {})
    found = Connection.objects.get(name="b")
    assert "s3cret" not in f"{found.address}{found.credentials}{found.objects_read}"
