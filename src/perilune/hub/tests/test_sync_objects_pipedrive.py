"""Syncs of Pipedrive's objects beside deals: activities, leads, products."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from perilune.history import queries as history
from perilune.hub.models import Proof
from perilune.hub.service import sync
from perilune.hub.service.sync.pipedrive.goals import rows_of
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


def _quotas() -> list[tuple[Any, ...]]:
    found = history.states_as_of("quota", None).values()
    return sorted((str(q["starts"]), str(q["ends"]), q["amount"], q["currency"]) for q in found)


def test_goals_wait_until_somebody_chooses_them_and_only_a_persons_revenue_counts() -> None:
    account = more(filled(6, moves=1))
    goals: Any = account.goals
    goals["g1"]["is_active"] = False
    goals["g1"]["duration"]["start"] = "2026-02-15"  # of half a month nothing is told
    others: dict[str, dict[str, Any]] = {
        "team": {"assignee": {"type": "team", "id": 1}}, "calls": {"type": {"name": "activities"}},
        "one": {"type": {"name": "deals_won", "params": {"pipeline_id": [1]}}},
    }  # fmt: skip
    for key, change in others.items():
        goals[key] = {**goals["g0"], "id": key, **change}
    account.pass_time(hours=1)
    with connected(account):
        assert "goals" in str(synced().notices)
        assert history.identity_keys("acme", "quota") == {}
        sync.connection_choose("acme", "goals", {}, on=True)
        run = synced()
        assert (run.is_proved, _quotas()) == (True, [
            ("2026-01-01", "2026-01-31", 1_000_000, "EUR"),
            ("2026-02-01", "2026-02-28", 1_000_000, "EUR"),
            ("2026-03-01", "2026-03-31", 1_000_000, "EUR"),
            ("2026-03-01", "2026-03-31", 1_000_100, "EUR"),
        ])  # fmt: skip
        assert sum(one.refused for one in Proof.objects.filter(object="goals")) == 4
        goals["g0"]["expected_outcome"] = {**goals["g0"]["expected_outcome"], "target": 20_000}
        goals["g0"]["duration"] = {"start": "2026-02-01", "end": "2026-03-31"}
        del goals["g1"]
        account.pass_time(minutes=1)
        run = synced()
        assert (run.is_proved, _quotas()) == (True, [
            ("2026-02-01", "2026-02-28", 2_000_000, "EUR"),
            ("2026-03-01", "2026-03-31", 2_000_000, "EUR"),
        ])  # fmt: skip


@pytest.mark.parametrize(
    ("interval", "start", "end", "spans"),
    [
        ("quarterly", "2025-10-01", None, ["2025-10-01 2025-12-31", "2026-01-01 2026-03-31",
         "2026-04-01 2026-06-30", "2026-07-01 2026-09-30", "2026-10-01 2026-12-31"]),
        ("yearly", "2024-01-01", "2025-12-31", ["2024-01-01 2024-12-31", "2025-01-01 2025-12-31"]),
        ("weekly", "2026-01-01", "2026-01-20", ["2026-01-05 2026-01-11", "2026-01-12 2026-01-18"]),
        ("hourly", "2026-01-01", "2026-01-20", []),
    ],
)  # fmt: skip
def test_each_whole_interval_of_a_goal_is_a_quota(
    interval: str, start: str, end: str | None, spans: list[str]
) -> None:
    goal = {
        "id": "g", "interval": interval, "duration": {"start": start, "end": end},
        "type": {"name": "deals_won"}, "assignee": {"type": "person", "id": 1},
        "expected_outcome": {"target": 5, "tracking_metric": "sum", "currency_id": 2},
    }  # fmt: skip
    rows = list(rows_of(goal, {"2": "EUR"}, date(2026, 5, 1)))
    assert [f"{row['starts']} {row['ends']}" for row in rows if row["amount"]] == spans
