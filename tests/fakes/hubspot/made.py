"""An account with something in it, the same for the same seed."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from tests.fakes.hubspot.portal import Portal

DEFAULT = ("appointmentscheduled", "qualifiedtobuy", "presentationscheduled", "contractsent")
CLOSED = ("closedwon", "closedlost")
RENEWAL = ("75311", "75312", "75313")


def filled(
    deals: int = 200, *, moves: int = 3, seed: int = 7, until: datetime | None = None
) -> Portal:
    """Return an account whose deals were made and moved over the two years before `until`."""
    chance = random.Random(seed)
    until = until or datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
    begin = until - timedelta(days=730)
    portal = Portal()
    portal.at(begin)
    owners = [portal.owner(f"Rep{i}", "Seller", f"Team {'AB'[i % 2]}") for i in range(6)]
    companies = [
        portal.create(
            "companies", name=f"Company {i:05d}", domain=f"c{i}.example", industry="RETAIL",
            annualrevenue=chance.randrange(1, 900) * 10_000, city="Lyon", country="France",
            numberofemployees=chance.randrange(1, 9_000), hubspot_owner_id=chance.choice(owners),
        )
        for i in range(max(3, deals // 5))
    ]  # fmt: skip
    contacts = []
    for i, company in enumerate(companies):
        contact = portal.create(
            "contacts", firstname="Jo", lastname=f"Person {i:05d}", email=f"jo{i}@c{i}.example",
            jobtitle="Buyer", hubspot_owner_id=chance.choice(owners),
        )  # fmt: skip
        portal.link("contacts", contact, "companies", company)
        contacts.append(contact)
    for i, share in enumerate(sorted(chance.random() for _ in range(deals))):
        at = (begin + (until - begin) * share).replace(microsecond=chance.randrange(1000) * 1000)
        portal.at(at)
        is_renewal = chance.random() < 0.2
        deal = portal.create(
            "deals", dealname=f"Deal {i:06d}", amount=chance.randrange(1, 500) * 100,
            dealstage=RENEWAL[0] if is_renewal else DEFAULT[0],
            pipeline="75310" if is_renewal else "default",
            closedate=f"{(at + timedelta(days=chance.randrange(20, 200))).date()}T10:00:00Z",
            hubspot_owner_id=chance.choice(owners),
            dealtype=chance.choice(("newbusiness", None)),
        )  # fmt: skip
        number = chance.randrange(len(companies))
        portal.link("deals", deal, "companies", companies[number])
        portal.link("deals", deal, "contacts", contacts[number])
        for step in range(moves):
            at += (until - at) * chance.random() * 0.3
            at = at.replace(microsecond=at.microsecond // 1000 * 1000)
            portal.at(at)
            move(portal, chance, deal, step)
    portal.at(until)
    return portal


def move(portal: Portal, chance: random.Random, deal: str, step: int = 1) -> None:
    """Change a deal somehow, as sellers do."""
    what = chance.random()
    if what < 0.55:
        closes = step > 1 and chance.random() < 0.5
        is_renewal = portal.rows["deals"][deal].properties["pipeline"] == "75310"
        open_, closed = (RENEWAL[:1], RENEWAL[1:]) if is_renewal else (DEFAULT, CLOSED)
        values = {"dealstage": chance.choice(closed if closes else open_)}
        if closes:
            values["closedate"] = f"{portal.clock().date()}T09:00:00Z"
        portal.update("deals", deal, **values)
    elif what < 0.8:
        portal.update("deals", deal, amount=chance.randrange(1, 900) * 100)
    elif what < 0.9:
        portal.update("deals", deal, hubspot_owner_id=chance.choice(list(portal.owners)))
    else:
        portal.update("deals", deal, hs_next_step=f"Call back {chance.randrange(99)}")
