"""A real CRM over HTTP and by SQL: both doors bring the same rows, and all of them.

Run by `make test-peer`, which starts BottleCRM; left out where none was started.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

import psycopg
import pytest
import requests
from psycopg.rows import dict_row

from perilune.history import queries as history
from perilune.hub.testing import a_company
from perilune.hub.tests.syncing import synced
from perilune.hub.tests.syncing_sources import differing, let_in, read

PEER = os.environ.get("PERILUNE_PEER_ADDRESS", "")
TOKEN = os.environ.get("PERILUNE_PEER_TOKEN", "")
pytestmark = [
    pytest.mark.skipif(not PEER, reason="no CRM was started: make test-peer"),
    pytest.mark.usefixtures("db"),
]
LISTS: dict[str, dict[str, Any]] = {
    "account": {
        "path": "/api/accounts/",
        "rows": "active_accounts.open_accounts, closed_accounts.close_accounts",
        "total": "active_accounts.open_accounts_count, closed_accounts.close_accounts_count",
    },
    "contact": {"path": "/api/contacts/", "rows": "contact_obj_list", "total": "contacts_count"},
    "lead": {
        "path": "/api/leads/", "rows": "open_leads.open_leads, close_leads.close_leads",
        "total": "open_leads.leads_count, close_leads.leads_count",
    },
    "opportunity": {
        "path": "/api/opportunities/", "rows": "opportunities", "total": "opportunities_count",
    },
}  # fmt: skip
PAGES = {"paging": "offset", "page_name": "offset", "size_name": "limit", "size": 40}
TABLES = {
    "account": "accounts",
    "contact": "contacts",
    # leads that were converted are in no list of the interface
    "lead": "SELECT * FROM lead WHERE status <> 'converted'",
    "opportunity": "opportunity",
}
FIELDS = {
    "account": {"name": "name", "city": "city", "website": "website", "postcode": "postcode",
                "industry": "industry", "annual_revenue": "annual_revenue"},
    "contact": {"last_name": "last_name", "email": "email", "account_id": "account_id"},
    "lead": {"email": "email", "company": "company_name", "status": "status"},
    "opportunity": {"name": "name", "amount": "amount", "currency": "currency", "stage_id": "stage",
                    "close_date": "closed_on", "account_id": "account_id"},
}  # fmt: skip
"""Fields here, and the columns of its database that they must agree with."""


@pytest.fixture
def database() -> Iterator[psycopg.Connection[dict[str, Any]]]:
    url = os.environ["PERILUNE_PEER_DATABASE"]
    with psycopg.connect(url, row_factory=dict_row, autocommit=True) as found:
        yield found


def _truth(database: psycopg.Connection[dict[str, Any]]) -> dict[str, Any]:
    """Return what its database holds, by kind and key."""
    found: dict[str, Any] = {}
    for kind, table in TABLES.items():
        rows = database.execute(table if " " in table else f"SELECT * FROM {table}").fetchall()
        found[kind] = {
            str(row["id"]): {
                field: _text(field, row[column]) for field, column in FIELDS[kind].items()
            }
            for row in rows
        }
    return found


def _text(field: str, value: Any) -> Any:
    return value if value is None or field in ("amount", "annual_revenue") else str(value)


def _ours(name: str) -> Mapping[str, Any]:
    """Return what one door brought, by kind and key: references and stages as they are known."""
    found: dict[str, Any] = {}
    for kind in TABLES:
        states, keys = history.states_as_of(kind, None), history.identity_keys(name, kind)
        found[kind] = {
            key: {f: states[i][f] for f in FIELDS[kind] if not f.endswith("_id")}
            for key, i in keys.items() if i in states
        }  # fmt: skip
    return found


def _only(name: str, there: Mapping[str, Any]) -> list[str]:
    """Return what differs; records that the other door brought are no strays of this one."""
    return [one for one in differing(there, name) if not one.endswith(" extra")]


def test_both_doors_of_a_real_crm_bring_every_row_as_its_database_holds_it(
    database: psycopg.Connection[dict[str, Any]],
) -> None:
    a_company()
    let_in("rest", PEER, {"login": "token", "token": TOKEN}, "http")
    let_in("sql", os.environ["PERILUNE_PEER_DATABASE"], {}, "sql")
    for kind, told in LISTS.items():
        read(kind, kind, "http", **PAGES, **told)
        read(kind, kind, "sql", table=TABLES[kind])
    for part in ("all of it", "what changed"):
        runs = [synced("http"), synced("sql")]
        there = _truth(database)
        assert [run.is_proved for run in runs] == [True, True]
        assert (_only("http", there), _only("sql", there)) == ([], [])
        assert {k: len(rows) for k, rows in _ours("http").items()} == {
            k: len(rows) for k, rows in there.items()
        }
        assert _ours("http") == _ours("sql")
        if part == "all of it":
            _change(database)


def _change(database: psycopg.Connection[dict[str, Any]]) -> None:
    """Change some rows: one made over HTTP, others behind its back; one goes."""
    made = requests.post(
        f"{PEER}/api/leads/", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=60,
        json={"title": "Signal", "first_name": "Ada", "last_name": "Nouvelle", "status": "assigned",
              "email": "ada.nouvelle@peer.example", "company_name": "Orbite"},
    )  # fmt: skip
    assert made.status_code < 300, made.text[:300]
    change = (
        "UPDATE {} SET {}, updated_at = now() WHERE id = (SELECT id FROM {} ORDER BY id LIMIT 1)"
    )
    database.execute(change.format("opportunity", "amount = 123456.78", "opportunity"))
    database.execute(change.format("contacts", "email = 'moved@peer.example'", "contacts"))
    database.execute(change.format("accounts", "is_active = false, city = 'Lyon'", "accounts"))
    database.execute(
        "UPDATE lead SET status = 'converted', updated_at = now()"
        " WHERE id = (SELECT id FROM lead WHERE status <> 'converted' ORDER BY id LIMIT 1)"
    )
