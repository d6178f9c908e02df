"""A made company of a million opportunities: its home, its store, an edit; for benchmarks."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

REPS, TEAMS, ACCOUNTS = 240, 24, 50_000
TODAY = datetime(2025, 11, 25, 8)

_SQL = {
    "team": f"SELECT i AS id, 'Team ' || i AS name FROM range(1, {TEAMS + 1}) t(i)",
    "rep": f"""SELECT i AS id, 'Rep ' || i AS name, DATE '2022-01-03' AS hire_date
        FROM range(1, {REPS + 1}) t(i)""",
    "assignment": f"""SELECT i AS id, i AS rep_id, 1 + i % {TEAMS} AS team_id, 1.0 AS fte,
        35.0 AS weekly_hours, DATE '2022-01-03' AS effective_from FROM range(1, {REPS + 1}) t(i)""",
    "quota": f"""SELECT i * 100 + q AS id, i AS rep_id,
        (DATE '2023-01-01' + INTERVAL 3 MONTH * q)::DATE AS starts,
        (DATE '2023-01-01' + INTERVAL 3 MONTH * (q + 1) - INTERVAL 1 DAY)::DATE AS ends,
        300000000 AS amount, 'EUR' AS currency, 'operating' AS level
        FROM range(1, {REPS + 1}) t(i), range(0, 16) s(q)""",
    "pipeline": "SELECT 1 AS id, 'Sales' AS name",
    "stage": """SELECT * FROM (VALUES
        (1, 'Prospecting', 1, 1, 'open', 'pipeline', FALSE),
        (2, 'Qualified', 1, 2, 'open', 'best_case', TRUE),
        (3, 'Proposal', 1, 3, 'open', 'commit', FALSE),
        (4, 'Won', 1, 4, 'won', 'closed', FALSE),
        (5, 'Lost', 1, 5, 'lost', 'omitted', FALSE))
        v(id, name, pipeline_id, position, meaning, category, is_qualified)""",
    "product": """SELECT i AS id, 'Product ' || i AS name, i * 1000000 AS list_price,
        'EUR' AS currency FROM range(1, 9) t(i)""",
    "account": f"""SELECT i AS id, 'Account ' || i AS name, 1 + i % {REPS} AS owner_id,
        ['small', 'mid', 'large'][1 + i % 3] AS segment, 'Industry ' || (i % 9) AS industry
        FROM range(1, {ACCOUNTS + 1}) t(i)""",
    "activity": f"""SELECT i AS id, 'call' AS type, 'Call ' || i AS subject,
        1 + i % {REPS} AS owner_id, 1 + i % 1000000 AS opportunity_id,
        TIMESTAMP '2025-06-01' + INTERVAL 1 SECOND * (i * 104729 % 17000000) AS starts_at,
        20.0 AS minutes, TRUE AS is_done, TRUE AS is_selling FROM range(1, 500001) t(i)""",
}

_OPPORTUNITY = """
WITH made AS (
    SELECT i AS id, TIMESTAMP '2023-01-02' + INTERVAL 1 SECOND * (i * 1299709 % 90000000) AS born,
        20 + i * 7 % 160 AS life, hash(i) % 100 AS luck,
        (hash(i + 7) % 9000000 + 50000)::BIGINT AS amount
    FROM range(1, {count} + 1) t(i)
),
steps AS (
    SELECT *, s AS step, born + INTERVAL 1 DAY * (life * s // 2) AS since,
        CASE
            WHEN s < 2 THEN born + INTERVAL 1 DAY * (life * (s + 1) // 2)
            ELSE TIMESTAMP '9999-12-31'
        END AS until
    FROM made, range(0, 3) r(s)
)
SELECT id, since AS valid_from,
    CASE
        WHEN until > TIMESTAMP '2026-01-01' THEN TIMESTAMP '9999-12-31' ELSE until
    END AS valid_to,
    'Deal ' || id AS name, 1 + id % {accounts} AS account_id, 1 + id % {reps} AS owner_id,
    1 AS pipeline_id,
    CASE WHEN step < 2 THEN step + 1 WHEN luck < 15 THEN 3 WHEN luck < 50 THEN 4 ELSE 5 END
        AS stage_id,
    amount, 'EUR' AS currency,
    CASE WHEN step = 2 AND luck >= 15 THEN since::DATE
        ELSE (born + INTERVAL 1 DAY * (life + step * 9))::DATE
    END AS close_date,
    born::DATE AS created_date, 1 + id % 8 AS product_id
FROM steps WHERE since < TIMESTAMP '2026-01-01'
"""


def fill(count: int) -> None:
    """Put made rows into the store of this process, in its own layout."""
    import duckdb

    from perilune.kernel.wiring import STORE_TABLES
    from perilune.store import service
    from perilune.store.building import Builder
    from perilune.store.layout import TableFiles, with_table

    service.refresh()
    store = service.current()
    manifest = store.manifest()
    manifest = replace(manifest, version=manifest.version + 1)
    tables = {table.relation: table for table in STORE_TABLES}
    sql = dict(_SQL) | {
        "opportunity": _OPPORTUNITY.format(count=count, accounts=ACCOUNTS, reps=REPS)
    }
    with store.writing():
        builder = Builder(store, manifest.version)
        for relation, select in sql.items():
            table = tables[relation]
            path = store.work_folder() / f"{table.name}.parquet"
            with duckdb.connect() as connection:
                described = connection.execute(f"DESCRIBE {select}").fetchall()
                columns = [str(row[0]) for row in described]
                shown = ", ".join(
                    f"{_made(name, columns)}::{type_} AS {name}" for name, type_ in table.shape()
                )
                connection.execute(
                    f"COPY (SELECT {shown} FROM ({select})) TO '{path}' (FORMAT parquet)"
                )
            files = TableFiles(
                table.name,
                table.shape(),
                table.versioned,
                manifest.tables[table.name].cursor,
                manifest.version,
                base=(str(path),),
            )
            manifest = with_table(manifest, builder.compacted(files))
        builder.close()
        store.publish(replace(manifest, built_at=time.time()))


def touch(count: int, seed: int = 1) -> None:
    """Put the next version of the store there: some open deals are given another amount today.

    What an edit's refresh does: an overlay of the touched deals over the same base.
    """
    import duckdb

    from perilune.kernel.wiring import STORE_TABLES
    from perilune.store import service
    from perilune.store.building import Builder, physical_sql, scan_sql
    from perilune.store.layout import with_table

    store = service.current()
    table = next(each for each in STORE_TABLES if each.relation == "opportunity")
    with store.writing():
        manifest = store.manifest()
        files = manifest.tables[table.name]
        names = [name for name, __ in files.columns]
        now = f"TIMESTAMP '{TODAY}' + INTERVAL 1 SECOND * {manifest.version}"
        changed = {
            "valid_from": now,
            "valid_to": "TIMESTAMP '9999-12-31'",
            "amount": "amount + 100",
        }
        last = f"valid_to > TIMESTAMP '9999-01-01' AND valid_from < TIMESTAMP '{TODAY}'"
        with duckdb.connect() as connection:
            rows = physical_sql(files, lambda paths: scan_sql(store.path, paths))
            connection.execute(
                f"CREATE TABLE mine AS SELECT * FROM ({rows}) WHERE id IN (SELECT id FROM ({rows})"
                f" WHERE stage_id < 4 AND {last} ORDER BY hash(id + {seed}), id LIMIT {count})"
            )
            shown = ", ".join(f"{changed.get(name, name)} AS {name}" for name in names)
            connection.execute(f"CREATE TABLE added AS SELECT {shown} FROM mine WHERE {last}")
            connection.execute(f"UPDATE mine SET valid_to = {now} WHERE {last}")
            found = connection.execute(
                "SELECT * FROM mine UNION ALL SELECT * FROM added"
            ).fetchall()
        keys = sorted({row[0] for row in found})

        def of_keys(_keys: Any) -> Iterator[list[tuple[Any, ...]]]:
            yield found

        builder = Builder(store, manifest.version + 1)
        made = builder.overlay(
            replace(table, rows=of_keys), files, keys, files.cursor, lambda _rows: None
        )
        builder.close()
        after = with_table(manifest, made)
        store.publish(replace(after, version=manifest.version + 1, built_at=time.time()))


def _made(name: str, columns: list[str]) -> str:
    if name in columns:
        return name
    return {
        "valid_from": "TIMESTAMP '2022-01-01'",
        "valid_to": "TIMESTAMP '9999-12-31'",
    }.get(name, "NULL")


def home(filled: str = "") -> Any:
    """Make a temporary home with a company and an owner, or take one; return the owner."""
    os.environ["PERILUNE_HOME"] = filled or tempfile.mkdtemp(prefix="perilune-bench-")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "perilune.site.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    for alias in connections:
        call_command("migrate", database=alias, verbosity=0, interactive=False)
    from perilune.people import service as people
    from perilune.people.queries import home_owner

    if filled:
        return home_owner()
    people.company_init(name="Bench", currency="EUR", language="en")
    people.note_import(TODAY.date())
    people.user_add(username="owner", password="bench-of-pages", role="ops_director", is_owner=True)
    return home_owner()


def record() -> None:
    """Write one deal into the records: its page reads the history, not the store."""
    from datetime import UTC, datetime

    from perilune.history import service as history

    with history.change_set(
        actor="owner", title="Bench", known_at=datetime(2024, 1, 2, tzinfo=UTC)
    ) as written:
        account = written.create("account", {"name": "Account 1"})
        written.create("opportunity", {"name": "Deal 1", "account_id": account, "currency": "EUR"})
