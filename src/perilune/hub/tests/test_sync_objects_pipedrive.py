"""Syncs of Pipedrive's objects beside deals: activities, leads, products."""

from __future__ import annotations

import pytest

from perilune.hub.models import Proof
from perilune.hub.tests.objects_compared import live, minor, unlike
from perilune.hub.tests.syncing import synced
from perilune.hub.tests.syncing_pipedrive import connected, differing
from perilune.kernel.money import UNIT_PRICE_SCALE
from tests.fakes.pipedrive import Account
from tests.fakes.pipedrive.made import filled
from tests.fakes.pipedrive.more import more

pytestmark = [pytest.mark.usefixtures("company"), pytest.mark.once]

_TO = {
    "owner_id": "rep", "opportunity_id": "opportunity", "contact_id": "contact",
    "account_id": "account", "lead_id": "lead", "product_id": "product",
}  # fmt: skip
_KINDS = {
    "activity": ("activities", (
        ("subject", "subject"), ("owner_id", "owner_id"), ("opportunity_id", "deal_id"),
        ("contact_id", "person_id"), ("account_id", "org_id"), ("lead_id", "lead_id"),
        ("type", lambda row: "meeting" if row["type"] == "lunch" else row["type"]),
        ("minutes", lambda row: 90.0 if row["duration"] else None))),
    "lead": ("leads", (
        ("name", "title"), ("owner_id", "owner_id"), ("contact_id", "person_id"),
        ("account_id", "organization_id"),
        ("status", lambda row: "archived" if row["is_archived"] else "open"))),
    "opportunity_line": ("dealProducts", (
        ("opportunity_id", "deal_id"), ("product_id", "product_id"),
        ("amount", lambda row: minor(row["sum"])))),
    "product": ("products", (
        ("name", "name"), ("code", "code"), ("currency", lambda row: row["prices"][0]["currency"]),
        ("list_price", lambda row: minor(row["prices"][0]["price"], UNIT_PRICE_SCALE)))),
}  # fmt: skip


def _unlike(account: Account) -> list[str]:
    found = []
    for kind, (name, columns) in _KINDS.items():
        there = account.rows[name]
        if name == "dealProducts":
            there = {f"{row['deal_id']}:{key}": row for key, row in there.items()}
        rows = live(there, "is_deleted", columns)
        found += unlike(kind, rows, {field: _TO.get(field, "") for field, _of in columns})
    return found + differing(account)


def test_what_pipedrive_shows_beside_deals_is_read_kept_up_and_proved() -> None:
    account = more(filled(6, moves=1))
    account.pass_time(hours=1)  # what changes in the second of a run is left to the next one
    with connected(account) as serving:
        serving.faults.plan("throttled", where="activities", after=0)
        run = synced()
        assert (run.is_proved, _unlike(account)) == (True, [])
        proved = set(Proof.objects.values_list("object", flat=True))
        assert {"activities", "leads", "products", "dealProducts"} <= proved
        account.pass_time(hours=2)
        activities, leads = list(account.rows["activities"]), list(account.rows["leads"])
        account.delete("activities", activities[0])
        account.update("activities", activities[1], subject="Dinner")
        account.delete("leads", leads[0])
        account.update("leads", leads[1], is_archived=False)
        lines = list(account.rows["dealProducts"])
        account.delete("dealProducts", lines[0])
        account.update("dealProducts", lines[1], quantity=4, sum=38)
        account.delete("products", next(iter(account.rows["products"])))
        people = list(account.rows["persons"])
        account.merge("persons", people[0], people[1])  # what hangs on it moves without a stamp
        serving.faults.plan("truncated", where="leads", after=0)
        run = synced()
        assert (run.is_proved, _unlike(account)) == (True, [])
