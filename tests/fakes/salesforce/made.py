"""An org with something in it, the same for the same seed."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from tests.fakes.salesforce.org import Org
from tests.fakes.salesforce.schema import STAGES

OPEN = [name for name, _c, _p, is_closed, _w in STAGES if not is_closed]
CLOSED = [name for name, _c, _p, is_closed, _w in STAGES if is_closed]
INDUSTRIES = ("Energy", "Retail", "Media", "Biotechnology", "Banking")


def filled(
    deals: int = 200, *, moves: int = 3, seed: int = 7, until: datetime | None = None
) -> Org:
    """Return an org whose deals were made and moved over the two years before `until`."""
    chance = random.Random(seed)
    until = until or datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
    begin = until - timedelta(days=730)
    org = Org()
    org.at(begin)
    top = org.create("UserRole", Name="VP Sales")
    roles = [org.create("UserRole", Name=f"Team {n}", ParentRoleId=top) for n in "AB"]
    boss = org.create(
        "User", Name="Ada Boss", Email="ada@acme.example", UserRoleId=top, IsActive=True
    )
    users = [
        org.create(
            "User", Name=f"Rep {i}", Email=f"rep{i}@acme.example", IsActive=True,
            UserRoleId=roles[i % 2], ManagerId=boss,
        )
        for i in range(6)
    ]  # fmt: skip
    accounts = [
        org.create(
            "Account", Name=f"Company {i:05d}", Industry=chance.choice(INDUSTRIES),
            AnnualRevenue=chance.randrange(1, 900) * 10_000, 
            NumberOfEmployees=chance.randrange(1, 9_000),
            BillingCity="Lyon", BillingCountry="France", OwnerId=chance.choice(users),
            Website=f"https://c{i}.example", Legacy_Id__c=f"L{i}",
        )
        for i in range(max(3, deals // 5))
    ]  # fmt: skip
    for i, account in enumerate(accounts):
        org.create(
            "Contact", FirstName="Jo", LastName=f"Person {i:05d}", AccountId=account,
            Email=f"jo{i}@c{i}.example", Title="Buyer", OwnerId=chance.choice(users),
        )  # fmt: skip
    born = sorted(chance.random() for _ in range(deals))
    for i, share in enumerate(born):
        at = begin + (until - begin) * share
        at = at.replace(microsecond=0)
        org.at(at)
        deal = org.create(
            "Opportunity", Name=f"Deal {i:06d}", AccountId=chance.choice(accounts),
            StageName=OPEN[0], Amount=float(chance.randrange(1, 500) * 100),
            CloseDate=str((at + timedelta(days=chance.randrange(20, 200))).date()),
            OwnerId=chance.choice(users), Type=chance.choice(("New Customer", None)),
            LeadSource="Web",
        )  # fmt: skip
        for step in range(moves):
            at += (until - at) * chance.random() * 0.3
            at = at.replace(microsecond=0)
            org.at(at)
            move(org, chance, deal, users, step)
    org.at(until)
    return org


def move(org: Org, chance: random.Random, deal: str, users: list[str], step: int = 1) -> None:
    """Change a deal somehow, as sellers do."""
    what = chance.random()
    if what < 0.55:
        closes = step > 1 and chance.random() < 0.5
        stage = chance.choice(CLOSED if closes else OPEN)
        day = org.clock().date()
        org.update(
            "Opportunity", deal, {"StageName": stage} | ({"CloseDate": str(day)} if closes else {})
        )
    elif what < 0.8:
        org.update("Opportunity", deal, Amount=float(chance.randrange(1, 900) * 100))
    elif what < 0.9:
        org.update("Opportunity", deal, OwnerId=chance.choice(users))
    else:
        note = next(name for name in org.kinds["Opportunity"].fields if name.startswith("Next"))
        org.update("Opportunity", deal, {note: f"Call back {chance.randrange(99)}"})
