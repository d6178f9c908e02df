"""Syncs of a PostgreSQL: instants with zones, months counted there, read only, cut off and locked.

They ask the cluster of the second lane for a database of their own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection as records

from perilune.hub.contracts.sync import Mode
from perilune.hub.models import Connection, Proof
from perilune.hub.service import sync
from perilune.hub.service.sync.sql import opening, source
from perilune.hub.tests.syncing import synced
from perilune.hub.tests.syncing_sources import differing, let_in, read
from perilune.kernel.errors import Refused, Unavailable

pytestmark = [
    pytest.mark.skipif(
        not os.environ.get("DATABASE_URL", "").startswith("postgres"), reason="no PostgreSQL here"
    ),
    pytest.mark.usefixtures("company"),
]
NAME = "a_source"
TABLES = """
CREATE SCHEMA sales;
CREATE TABLE sales."Deals"(id uuid PRIMARY KEY, "Name" text, amount numeric(12,2), stage text,
  close_date date, created_at timestamptz, updated_at timestamptz, deleted_at timestamptz);
CREATE SEQUENCE sales.numbers;
"""
BEGAN = datetime(2026, 1, 5, 9, tzinfo=UTC)


class World:
    """A database of the cluster with deals of three months."""

    def __init__(self) -> None:
        told = records.settings_dict
        where = f"{told['HOST']}:{told['PORT']}"
        self.url = f"postgresql://{told['USER']}@{where}/{NAME}"
        self.admin = psycopg.connect(
            f"postgresql://{told['USER']}@{where}/postgres", autocommit=True
        )
        self.admin.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        self.admin.execute(f"CREATE DATABASE {NAME}")
        self.db = psycopg.connect(self.url, autocommit=True)
        self.db.execute(TABLES)
        for i in range(1, 31):
            at = BEGAN + timedelta(days=3 * i)
            self.db.execute(
                'INSERT INTO sales."Deals" VALUES (gen_random_uuid(), %s, %s, %s, %s, %s, %s)',
                (f"Affaire {i}", 100.5 * i, "Proposal", "2026-09-30", at, at),
            )

    def run(self, sql: str, *values: Any) -> None:
        self.db.execute(sql, values)

    def change(self, number: int, what: str = "amount = 9", at: str = "now()") -> None:
        self.run(f'UPDATE sales."Deals" SET {what}, updated_at = {at} WHERE "Name" = %s',
                 f"Affaire {number}")  # fmt: skip

    def rows(self) -> dict[str, Any]:
        rows = self.db.execute(
            'SELECT id::text, "Name", amount, stage, close_date::text FROM sales."Deals"'
            " WHERE deleted_at IS NULL"
        )
        return {
            "opportunity": {
                key: {"name": name, "amount": amount, "stage_id": stage, "close_date": day}
                for key, name, amount, stage, day in rows
            }
        }

    def close(self) -> None:
        self.db.close()
        self.admin.execute(f"DROP DATABASE {NAME} WITH (FORCE)")
        self.admin.close()


@pytest.fixture
def world() -> Iterator[World]:
    found = World()
    try:
        let_in("sql", found.url)
        read("deals", "opportunity", table="sales.Deals")
        yield found
    finally:
        found.close()


def _agree(world: World, mode: Mode = Mode.INCREMENTAL) -> Any:
    run = synced(mode=mode)
    assert (run.is_proved, differing(world.rows())) == (True, [])
    return run


def test_instants_and_months_are_the_database_s_own(world: World) -> None:
    told = Connection.objects.get().objects_read["deals"]["given"]
    assert [told[n] for n in ("key", "says", "born_says", "gone", "gone_says")] == [
        "id", "instant", "instant", "deleted_at", "time",
    ]  # fmt: skip
    _agree(world)
    assert [(p.month, p.there) for p in Proof.objects.order_by("month")] == [
        ("2026-01", 8), ("2026-02", 10), ("2026-03", 10), ("2026-04", 2),
    ]  # fmt: skip
    world.change(3)
    world.change(4, at="'2026-01-20 10:00+02'")  # committed long after its stamp
    world.change(5, "deleted_at = now()")
    world.run('DELETE FROM sales."Deals" WHERE "Name" = %s', "Affaire 6")
    assert _agree(world).counts["seen"]["deals"] == 2  # the rest is found by comparing
    written = _agree(world).counts["written"].get("opportunity", {})
    assert written.get("changed", 0) == 0  # what is read again in its second says nothing new


def test_nothing_can_be_written_and_nobody_waits_for_ever(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = source.Tables(world.url, {})
    for statement, says in (
        ("SELECT nextval('sales.numbers')", "read-only"),
        ('DELETE FROM sales."Deals"', "read-only"),
    ):
        with opened.database.opened() as found, pytest.raises(Exception, match=says):
            found.exec_driver_sql(statement)
    monkeypatch.setattr(opening, "SECONDS", 1)
    slow = {"name": "x", "kind": "lead", "table": "SELECT 1 AS id, pg_sleep(5)::text AS s"}
    with pytest.raises(Unavailable, match="longer than 1 seconds"):
        sync.object_probe("acme", slow)
    world.run("CREATE TABLE hub_syncrun(id int)")
    with pytest.raises(Refused, match="Perilune itself"):
        sync.source_test("sql", world.url, {})


def test_who_is_locked_out_or_calls_nobody_is_told_so(world: World) -> None:
    world.run("CREATE ROLE guest LOGIN")
    try:
        guest = world.url.replace(f"//{records.settings_dict['USER']}@", "//guest@")
        let_in("sql", guest, {"password": "s3cret"}, "guest")
        with pytest.raises(Refused, match="permission denied"):
            sync.object_probe("guest", {"name": "x", "kind": "lead",
                                        "table": 'SELECT * FROM sales."Deals"'})  # fmt: skip
        with pytest.raises(Refused, match='role "nobody" does not exist'):
            sync.source_test("sql", guest.replace("guest@", "nobody@"), {})
        with pytest.raises(Unavailable, match="does not answer"):
            sync.source_test("sql", "postgresql://a@127.0.0.1:1/b", {})
    finally:
        world.run("DROP ROLE guest")


def test_a_connection_that_is_lost_in_mid_answer_goes_on_behind_its_last_page(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "PAGE", 5)
    real, pages = source.Tables.page, []

    def cut(self: Any, ask: Any, token: str) -> Any:
        pages.append(token)
        if len(pages) in (3, 9):
            world.admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'perilune' AND datname = %s", (NAME,),
            )  # fmt: skip
        return real(self, ask, token)

    monkeypatch.setattr(source.Tables, "page", cut)
    _agree(world)
    assert len(pages) > 10
