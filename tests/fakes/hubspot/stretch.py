"""A scripted stretch of days in the fake account, with what connectors trip over."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tests.fakes.common.stretch import Days
from tests.fakes.hubspot.made import move
from tests.fakes.hubspot.portal import Portal
from tests.fakes.hubspot.server import Serving

FAULTS = (
    ("throttled", "crm"), ("unavailable", "objects"), ("truncated", "objects"),
    ("dropped", "search"), ("short_page", "deals/search"), ("duplicate_page", "deals/search"),
    ("short_page", "deals$"), ("duplicate_page", "deals$"), ("truncated", "associations"),
    ("dropped", "owners"),
)  # fmt: skip


class Stretch(Days):
    """What happens in the account, a day at a time."""

    serving: Serving

    def __init__(self, portal: Portal, serving: Serving) -> None:
        super().__init__(portal, serving)
        self.portal = portal
        portal.lag = 60.0

    def counts(self) -> dict[str, int]:
        """Return how many records and how many versions of deals there are."""
        deals = self.portal.rows["deals"].values()
        return {"deals": len(deals),
                "history": sum(len(v) for one in deals for v in one.versions.values())}  # fmt: skip

    def _live(self, kind: str) -> list[str]:
        return [k for k, one in self.portal.rows[kind].items() if not one.archived_at]

    def day(self, number: int) -> list[str]:
        """Let a day pass and return what happened that connectors trip over."""
        portal, chance, told = self.portal, self.chance, []
        portal.lag = 3 * 3600.0 if number % 5 == 4 else 60.0
        told += ["an index hours behind"] if number % 5 == 4 else []
        told += self.commit()
        deals = self._live("deals")
        for _i in range(max(10, len(deals) // 300)):
            portal.pass_time(minutes=chance.randrange(1, 9))
            move(portal, chance, chance.choice(deals), 2)
        companies = self._live("companies")
        for _i in range(5):
            key = portal.create("deals", dealname=f"New {number}", dealstage="qualifiedtobuy",
                                pipeline="default", amount=500,
                                closedate="2027-01-31T09:00:00Z")  # fmt: skip
            portal.link("deals", key, "companies", chance.choice(companies))
        portal.pass_time(minutes=1)  # of one stamp and two states no listing can tell the second
        with portal.late() as commit:  # stamped now, seen tomorrow
            portal.create("deals", dealname=f"Late {number}", dealstage="qualifiedtobuy",
                          pipeline="default", closedate="2027-01-31T09:00:00Z")  # fmt: skip
            portal.update("deals", deals[number], amount=7_000 + number)
        self.waiting = [commit]
        told += self._ends(number, deals, companies)
        told += self._shapes(number)
        portal.pass_time(hours=2)
        self.twice = deals[-1 - number]
        portal.update("deals", self.twice, amount=1 + number)
        told += self.struck(number, FAULTS)
        return told

    def _ends(self, number: int, deals: list[str], companies: list[str]) -> list[str]:
        portal, told = self.portal, []
        if number % 2:
            portal.link("deals", deals[20], "companies", companies[number % len(companies)])
            told.append("association without a stamp")
        if number % 4 == 1:
            portal.merge("companies", companies[0], companies[1])
            told.append("merge under a new id")
        if number % 7 == 2:
            portal.merge("deals", deals[50], deals[51])
            told.append("merge of deals")
        if number % 3 == 1:
            self.dead = deals[60]
            portal.archive("deals", self.dead)
            told.append("archived")
        if number % 6 == 5 and self.dead:
            portal.restore("deals", self.dead)
            told.append("return without a stamp")
        return told

    def _shapes(self, number: int) -> list[str]:
        portal = self.portal
        if number == 9:
            portal.property_add("deals", "extra", "Extra")
            return ["new property"]
        if number == 12:
            portal.pipelines["deals"][0]["stages"][1]["label"] = "Qualified"
            return ["renamed stage"]
        if number == 15:
            portal.property_remove("companies", "numberofemployees")
            return ["removed property"]
        if number == 18:
            owner = next(iter(portal.owners.values()))
            owner |= {"archived": True, "updatedAt": owner["updatedAt"]}
            return ["owner who left"]
        return []

    def same_moment(self) -> None:
        """Change a record again in the very millisecond in which it was just read."""
        if self.twice in self.portal.rows["deals"]:
            self.portal.update("deals", self.twice, amount=2)

    def since(self, last: str) -> list[tuple[str, Any, str]]:
        """Answer the naive cursor: what search gives after its last, and no more than it gives."""
        found = sorted(
            (one.updated, one.id, one.properties.get("amount"))
            for one in self.portal.searched("deals")
            if one.updated > last
        )
        return [(key, amount, stamp) for stamp, key, amount in found[: self.serving.most_found]]

    def live(self) -> dict[str, Any]:
        """Return the amounts of the live deals."""
        rows = self.portal.rows["deals"]
        return {k: rows[k].properties.get("amount") for k in self._live("deals")}

    def copy(self) -> SimpleNamespace:
        """Return the account as it stands, for those who compare."""
        portal = self.portal
        return SimpleNamespace(rows=portal.rows, links=portal.links, owners=portal.owners)
