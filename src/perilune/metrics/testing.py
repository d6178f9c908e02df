"""Makers for tests: a company in the records and its store, and the Maven data set where it is."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from perilune.history import service as history
from perilune.history.contracts import Batch, Creation, Update, to_us
from perilune.people import service as people
from perilune.people.contracts import Company
from perilune.store import service as store
from perilune.store import sessions
from perilune.store.sessions import Reader

SHARED = Path(
    os.environ.get(
        "PERILUNE_SHARED_DATA", Path(__file__).resolve().parents[3].parent / "shared" / "data"
    )
)
MAVEN = SHARED / "crm_maven"
EXPORTED = date(2017, 12, 31)
STAGES = {"Prospecting": "open", "Engaging": "open", "Won": "won", "Lost": "lost"}


@contextmanager
def store_of_records(currency: str = "USD") -> Iterator[None]:
    """Build the analytical store of the records as they are, in a temporary place."""
    with (
        tempfile.TemporaryDirectory() as folder,
        sessions.using(
            Reader(store.open_store(Path(folder)), always=lambda: {"currency": currency})
        ),
    ):
        store.refresh()
        yield


def rows_of_file(name: str) -> list[dict[str, str]]:
    """Return the rows of one Maven file."""
    with (MAVEN / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def company_of_maven() -> Company:
    """Begin a company whose «today» is the day of the export."""
    people.company_init(name="Maven", currency="USD", timezone="UTC", country="US")
    people.note_import(EXPORTED)
    return people.company_change(name="Maven")


def load_maven() -> dict[str, dict[str, int]]:
    """Write the Maven data set with only what its dates prove; return ids by kind and name."""
    ids: dict[str, dict[str, int]] = {}
    at = at_day(date(2016, 1, 1))
    opened = history.bulk_open(
        source="maven", actor="test", purpose="import", title="Maven", known_at=at
    )
    teams = rows_of_file("sales_teams")
    regions = sorted({row["regional_office"] for row in teams})
    managers = sorted({(row["manager"], row["regional_office"]) for row in teams})
    ids["region"] = _made(opened, "team", {r: {"name": r, "level": "region"} for r in regions}, at)
    ids["team"] = _made(
        opened,
        "team",
        {m: {"name": m, "level": "team", "parent_id": ids["region"][r]} for m, r in managers},
        at,
    )
    ids["rep"] = _made(
        opened, "rep", {r["sales_agent"]: {"name": r["sales_agent"]} for r in teams}, at
    )
    ids["assignment"] = _made(
        opened,
        "assignment",
        {
            row["sales_agent"]: {
                "rep_id": ids["rep"][row["sales_agent"]],
                "team_id": ids["team"][row["manager"]],
                "effective_from": "2016-01-01",
            }
            for row in teams
        },
        at,
    )
    ids["account"] = _made(
        opened,
        "account",
        {
            row["account"]: {"name": row["account"], "industry": row["sector"]}
            for row in rows_of_file("accounts")
        },
        at,
    )
    ids["product"] = _made(
        opened,
        "product",
        {
            row["product"]: {
                "name": row["product"],
                "list_price": int(row["sales_price"]) * 10_000,
                "currency": "USD",
            }
            for row in rows_of_file("products")
        },
        at,
    )
    ids["pipeline"] = _made(opened, "pipeline", {"Sales": {"name": "Sales"}}, at)
    pipeline = ids["pipeline"]["Sales"]
    ids["stage"] = _made(
        opened,
        "stage",
        {
            name: {"name": name, "pipeline_id": pipeline, "position": n, "meaning": meaning}
            for n, (name, meaning) in enumerate(STAGES.items())
        },
        at,
    )
    ids["opportunity"] = _deals(opened, ids)
    history.bulk_complete(opened)
    return ids


def at_day(day: date) -> datetime:
    """Return noon of a day in UTC."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def _made(
    opened: int, kind: str, wanted: Mapping[str, Mapping[str, Any]], at: datetime
) -> dict[str, int]:
    numbers = history.reserve_ids(kind, len(wanted))
    pairs = list(zip(numbers, wanted.items(), strict=True))
    creations = [Creation(number, to_us(at), dict(values)) for number, (_name, values) in pairs]
    history.bulk_append(opened, Batch(kind, creations))
    return {name: number for number, (name, _values) in pairs}


def _deals(opened: int, ids: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    rows = rows_of_file("sales_pipeline")
    numbers = history.reserve_ids("opportunity", len(rows))
    made = [_deal(number, row, ids) for number, row in zip(numbers, rows, strict=True)]
    for start in range(0, len(made), 2000):
        part = made[start : start + 2000]
        history.bulk_append(
            opened,
            Batch("opportunity", [c for c, _ in part], [u for _, more in part for u in more]),
        )
    return {row["opportunity_id"]: number for number, row in zip(numbers, rows, strict=True)}


def _deal(
    number: int, row: Mapping[str, str], ids: Mapping[str, Mapping[str, int]]
) -> tuple[Creation, list[Update]]:
    engaged = row["engage_date"] and date.fromisoformat(row["engage_date"])
    closed = row["close_date"] and date.fromisoformat(row["close_date"])
    product = {"GTXPro": "GTX Pro"}.get(row["product"], row["product"])
    first: dict[str, Any] = {
        "name": row["opportunity_id"],
        "owner_id": ids["rep"][row["sales_agent"]],
        "pipeline_id": ids["pipeline"]["Sales"],
        "product_id": ids["product"][product],
        "stage_id": ids["stage"]["Engaging" if engaged else "Prospecting"],
        "currency": "USD",
    }
    if engaged:
        first["created_date"] = row["engage_date"]
    later = {
        "account_id": ids["account"].get(row["account"]),
        "stage_id": ids["stage"][row["deal_stage"]],
        "close_date": row["close_date"] or None,
        "amount": int(row["close_value"]) * 100 if row["close_value"] else None,
    }
    known = to_us(at_day(closed or EXPORTED))
    updates = [
        Update(number, known, name, first.get(name), value)
        for name, value in later.items()
        if value is not None and value != first.get(name)
    ]
    return Creation(number, to_us(at_day(engaged or EXPORTED)), first), updates
