"""Objects beside deals that an account may show: activities, leads (by v1 alone), products."""

from __future__ import annotations

from tests.fakes.common import Answer, answered
from tests.fakes.pipedrive.account import Account, Record
from tests.fakes.pipedrive.words import refused


def more(account: Account, count: int = 2) -> Account:
    """Show the objects in an account, with `count` records of each; return the account."""
    account.show("activities", (
        "subject", "type", "owner_id", "deal_id", "lead_id", "person_id", "org_id", "due_date",
        "due_time", "duration", "done", "note"))  # fmt: skip
    account.show(
        "leads", ("title", "owner_id", "person_id", "organization_id", "source_name", "is_archived")
    )
    account.show("dealProducts", (
        "deal_id", "product_id", "quantity", "item_price", "sum", "currency"))  # fmt: skip
    account.show("products", ("name", "code", "prices", "owner_id"))
    owner = next(iter(account.users.values()))["id"]
    account.goals = {f"g{i}": _goal(f"g{i}", owner, 10_000 + i) for i in range(count)}
    for i in range(count):
        person = int(list(account.rows["persons"])[i])
        org = int(list(account.rows["organizations"])[i])
        product = account.create(
            "products",
            name=f"Product {i}",
            code=f"P{i}",
            prices=[{"price": 9.5 + i, "currency": "EUR"}],
        )
        account.create(
            "dealProducts",
            deal_id=int(list(account.rows["deals"])[i]),
            product_id=int(product),
            quantity=2,
            item_price=9.5,
            sum=19,
            currency="EUR",
        )
        lead = account.create("leads", title=f"Lead {i}", owner_id=owner, person_id=person,
                              organization_id=org, is_archived=bool(i))  # fmt: skip
        account.create(
            "activities", subject="Call", type="call", owner_id=owner, due_date="2026-02-03",
            deal_id=int(list(account.rows["deals"])[i]), person_id=person, org_id=org,
            due_time="09:00:00", duration="01:30", done=True,
        )  # fmt: skip
        account.create("activities", subject="Lunch", type="lunch", owner_id=owner, lead_id=lead,
                       due_date="2026-02-04")  # fmt: skip
    return account


def _goal(key: str, owner: int, target: int) -> Record:
    """Return a goal of won revenue, month by month of a quarter."""
    return {
        "id": key, "owner_id": owner, "title": "Revenue", "interval": "monthly", "is_active": True,
        "type": {"name": "deals_won", "params": {"pipeline_id": None}}, "report_ids": [],
        "assignee": {"type": "person", "id": owner},
        "duration": {"start": "2026-01-01", "end": "2026-03-31"},
        "expected_outcome": {"target": target, "tracking_metric": "sum", "currency_id": 2},
    }  # fmt: skip


def goals(account: Account, path: str, query: dict[str, str]) -> Answer:
    """Answer with goals, which are found by whether they are active, or with currencies."""
    if account.goals is None:
        return refused(403, "Scope and URL mismatch")
    if path.endswith("currencies"):
        data = [{"id": i, "code": code} for i, code in enumerate(("USD", "EUR"), start=1)]
        return answered({"success": True, "data": data})
    is_active = query.get("is_active", "true") == "true"
    some = [goal for goal in account.goals.values() if goal["is_active"] == is_active]
    return answered({"success": True, "data": {"goals": some}})


def lines(account: Account, query: dict[str, str]) -> list[Record]:
    """Return the lines of some deals."""
    deals = query["deal_ids"].split(",")
    return [row for row in account.rows["dealProducts"].values()
            if str(row["deal_id"]) in deals and not row["is_deleted"]]  # fmt: skip


def leads(account: Account, path: str, query: dict[str, str], fault: str) -> Answer:
    """Answer a question of v1 about leads: a page by place, or one."""
    last = path.rpartition("/")[2]
    rows = account.rows["leads"]
    if last not in ("leads", "archived"):
        row = rows.get(last)
        if row is None or row["is_deleted"]:
            return refused(404, "Lead not found")
        return answered({"success": True, "data": row})
    some = [
        row
        for row in rows.values()
        if not row["is_deleted"] and bool(row["is_archived"]) == (last == "archived")
    ]
    at, limit = int(query.get("start") or 0), int(query.get("limit") or 100)
    page = some[at : at + limit]
    if fault == "short_page":
        page = page[: len(page) // 2]
    place = {"start": at, "limit": limit, "more_items_in_collection": at + limit < len(some)}
    if place["more_items_in_collection"]:
        place["next_start"] = at + limit
    return answered({"success": True, "data": page, "additional_data": {"pagination": place}})
