"""Drafts of territory plans: a move of 1,000 accounts, the map's points, putting a plan in force.

    python bench/territory_drafts.py [ACCOUNTS TERRITORIES]

No peer: what counts is the second that a person waits. Seconds beside the database leave out the
statements themselves.
"""

from __future__ import annotations

import gzip
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

os.environ.setdefault("OMP_NUM_THREADS", "1")
MOVES, AT_ONCE = 12, 1_000


class Statements:
    """How long the database took."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self, execute: Any, *words: Any) -> Any:
        started = time.perf_counter()
        try:
            return execute(*words)
        finally:
            self.seconds += time.perf_counter() - started


def made(count: int, k: int) -> Any:
    """Put accounts around sixty towns into an empty home, each with the nearest of k reps."""
    from datetime import UTC, datetime

    from scipy.spatial import cKDTree

    from perilune.history.contracts import Batch, Creation, to_us
    from perilune.history.service import bulk_append, bulk_complete, bulk_open, reserve_ids
    from perilune.people.testing import make_company, make_rep
    from perilune.store import service as store

    make_company()
    reps = [make_rep(f"Rep {at}") for at in range(k)]
    rng = np.random.default_rng(0)
    towns = rng.uniform([-1, 44], [7, 50], (60, 2))
    places = towns[rng.integers(0, 60, count)] + rng.normal(0, 0.4, (count, 2))
    holder = cKDTree(places[rng.choice(count, k, replace=False)]).query(places)[1]
    worth = (1e5 * rng.lognormal(size=count)).astype(int)
    at = datetime(2026, 1, 5, tzinfo=UTC)
    opened = bulk_open(source="bench", actor="bench", purpose="import", title="", known_at=at)
    ids = reserve_ids("account", count)
    rows = [
        Creation(
            ids[i], to_us(at),
            {"name": f"Account {i}", "owner_id": reps[holder[i]], "currency": "EUR",
             "longitude": float(places[i, 0]), "latitude": float(places[i, 1]),
             "annual_revenue": int(worth[i])},
        )
        for i in range(count)
    ]  # fmt: skip
    for start in range(0, count, 5_000):
        bulk_append(opened, Batch("account", rows[start : start + 5_000]))
    bulk_complete(opened)
    store.rebuild()
    return places


def run(count: int = 100_000, k: int = 200) -> Iterator[dict[str, Any]]:
    """Give the rows of this benchmark."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PERILUNE_HOME"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "perilune.site.settings"
        Path(folder, "static").mkdir()
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connections

        for alias in connections:
            call_command("migrate", database=alias, verbosity=0, interactive=False)
        yield from _measured(count, k)


def _measured(count: int, k: int) -> Iterator[dict[str, Any]]:
    from django.db import connection

    from perilune.kernel.scope import Scope
    from perilune.people.queries import company
    from perilune.territories import queries, service
    from perilune.territories.contracts import Attribute

    places = made(count, k)
    maker: dict[str, Any] = {"actor": "maker", "scope": Scope.company()}
    checker: dict[str, Any] = {"actor": "checker", "scope": Scope.company()}
    size = f"{count:,} accounts, {k} territories"
    started = time.perf_counter()
    by = [Attribute("field:annual_revenue", 0.05), Attribute("accounts", 0.2)]
    draft = service.create_draft("Bench", by, **maker)
    yield _row("begin a draft", size, time.perf_counter() - started)

    rng = np.random.default_rng(1)
    whole, beside, edition = [], [], 1
    for __ in range(MOVES):
        middle = places[rng.integers(count)]
        near = np.argsort(((places - middle) ** 2).sum(axis=1))[:AT_ONCE]
        statements, started = Statements(), time.perf_counter()
        with connection.execute_wrapper(statements):
            moved = service.move_units(draft, edition, near.tolist(), int(rng.integers(k)), **maker)
        taken, edition = time.perf_counter() - started, moved.edition
        whole.append(taken)
        beside.append(taken - statements.seconds)
    # the first reads the snapshot, which the process keeps from then on
    what = f"move {AT_ONCE:,} accounts and score anew"
    yield _row(what, size, statistics.median(whole[1:])) | {
        "beside the database": round(statistics.median(beside[1:]), 4),
        "first": round(whole[0], 4),
        "aim": 0.05,
    }

    started = time.perf_counter()
    shown = queries.points(draft, Scope.company(), "maker")
    taken, text = time.perf_counter() - started, json.dumps(shown).encode()
    yield _row("points of the map", size, taken) | {
        "MB": round(len(text) / 1e6, 2),
        "MB gzip": round(len(gzip.compress(text, 1)) / 1e6, 2),
        "aim": "10 MB",
    }

    service.submit(draft, edition, **maker)
    service.approve(draft, edition + 1, **checker)
    service.publish(draft, edition + 2, company().today.day, **checker)
    started = time.perf_counter()
    (done,) = service.activate_due()
    yield _row("put in force", size, time.perf_counter() - started) | {"moved": done.accounts}
    started = time.perf_counter()
    service.take_back(draft, edition + 3, **checker)
    yield _row("take back", size, time.perf_counter() - started)


def _row(what: str, size: str, seconds: float) -> dict[str, Any]:
    return {"what": what, "size": size, "seconds": round(seconds, 4)}


if __name__ == "__main__":
    for row in run(*map(int, sys.argv[1:3])):
        print(json.dumps(row), flush=True)
