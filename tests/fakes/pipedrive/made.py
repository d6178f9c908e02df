"""An account with something in it, the same for the same seed."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from tests.fakes.pipedrive.account import Account


def filled(
    deals: int = 200, *, moves: int = 3, seed: int = 7, until: datetime | None = None
) -> Account:
    """Return an account whose deals were made and moved over the two years before `until`."""
    chance = random.Random(seed)
    until = until or datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
    begin = until - timedelta(days=730)
    account = Account()
    account.at(begin)
    users = [account.user(f"Rep {i}") for i in range(6)]
    orgs = [
        int(account.create(
            "organizations", name=f"Company {i:05d}", owner_id=chance.choice(users),
            website=f"https://c{i}.example", employee_count=chance.randrange(1, 9_000),
            address={"value": "1 rue X, Lyon", "route": "rue X", "street_number": "1",
                     "locality": "Lyon", "postal_code": "69001", "country": "France"},
        ))
        for i in range(max(3, deals // 5))
    ]  # fmt: skip
    people = [
        int(account.create(
            "persons", name=f"Jo Person {i:05d}", first_name="Jo", last_name=f"Person {i:05d}",
            emails=[{"value": f"jo{i}@c{i}.example", "primary": True, "label": "work"}],
            phones=[], org_id=org, owner_id=chance.choice(users), job_title="Buyer",
        ))
        for i, org in enumerate(orgs)
    ]  # fmt: skip
    for i, share in enumerate(sorted(chance.random() for _ in range(deals))):
        at = (begin + (until - begin) * share).replace(microsecond=0)
        account.at(at)
        number = chance.randrange(len(orgs))
        deal = account.create(
            "deals", title=f"Deal {i:06d}", value=chance.randrange(1, 500) * 100, currency="USD",
            stage_id=5 if chance.random() < 0.2 else 1, owner_id=chance.choice(users),
            org_id=orgs[number], person_id=people[number],
            expected_close_date=str((at + timedelta(days=chance.randrange(20, 200))).date()),
        )  # fmt: skip
        for step in range(moves):
            at = (at + (until - at) * chance.random() * 0.3).replace(microsecond=0)
            account.at(at)
            move(account, chance, deal, step)
    account.at(until)
    return account


def move(account: Account, chance: random.Random, deal: str, step: int = 1) -> None:
    """Change a deal somehow, as sellers do."""
    what, row = chance.random(), account.rows["deals"][deal]
    if what < 0.2 and step > 1:
        status = chance.choice(("won", "lost", "open"))
        more = {"lost_reason": "Price"} if status == "lost" else {}
        account.update("deals", deal, status=status, **more)
    elif what < 0.55:
        mine = [s["id"] for s in account.stages if s["pipeline_id"] == row["pipeline_id"]]
        account.update("deals", deal, stage_id=chance.choice(mine))
    elif what < 0.8:
        account.update("deals", deal, value=chance.randrange(1, 900) * 100)
    elif what < 0.9:
        user = chance.choice(list(account.users.values()))
        account.update("deals", deal, owner_id=user["id"])
    else:
        day = account.clock().date() + timedelta(days=chance.randrange(9, 90))
        account.update("deals", deal, expected_close_date=str(day))
