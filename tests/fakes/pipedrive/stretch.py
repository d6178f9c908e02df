"""A scripted stretch of days in the fake account, with what connectors trip over."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tests.fakes.common.stretch import Days
from tests.fakes.pipedrive.account import Account
from tests.fakes.pipedrive.made import move
from tests.fakes.pipedrive.server import Serving

FAULTS = (
    ("throttled", "api"), ("unavailable", "v2"), ("truncated", "v2"), ("dropped", "changelog"),
    ("short_page", "deals$"), ("duplicate_page", "deals$"), ("truncated", "changelog"),
    ("short_page", "persons$"), ("duplicate_page", "organizations$"), ("dropped", "users"),
)  # fmt: skip


class Stretch(Days):
    """What happens in the account, a day at a time."""

    def __init__(self, account: Account, serving: Serving) -> None:
        super().__init__(account, serving)
        self.account = account
        self.own = account.field_add("deals", "Concurrent", ("Vexa", "Norra"))

    def counts(self) -> dict[str, int]:
        """Return how many deals there are, and changes of deals."""
        return {"deals": len(self.account.rows["deals"]),
                "history": sum(map(len, self.account.changes.values()))}  # fmt: skip

    def _live(self, kind: str) -> list[str]:
        return [k for k, row in self.account.rows[kind].items() if not row["is_deleted"]]

    def day(self, number: int) -> list[str]:
        """Let a day pass and return what happened that connectors trip over."""
        account, chance, told = self.account, self.chance, []
        told += self.commit()
        deals, orgs = self._live("deals"), self._live("organizations")
        users = [user["id"] for user in account.users.values()]
        for _i in range(max(10, len(deals) // 300)):
            account.pass_time(minutes=chance.randrange(1, 9))
            move(account, chance, chance.choice(deals), 2)
        for _i in range(5):
            account.create(
                "deals", title=f"New {number}", value=500, currency="USD", stage_id=2,
                org_id=int(chance.choice(orgs)), owner_id=chance.choice(users),
                expected_close_date="2027-01-31",
            )  # fmt: skip
        account.pass_time(minutes=1)  # of one stamp and two states no listing can tell the second
        with account.late() as commit:  # stamped now, seen tomorrow
            account.create("deals", title=f"Late {number}", stage_id=2, currency="USD",
                           owner_id=users[0], expected_close_date="2027-01-31")  # fmt: skip
            account.update("deals", deals[number], value=7_000 + number)
        self.waiting = [commit]
        account.update("deals", deals[30], **{self.own: 1 + number % 2})
        told += self._ends(number, deals, orgs)
        told += self._shapes(number)
        account.pass_time(hours=2)
        self.twice = deals[-1 - number]
        account.update("deals", self.twice, value=1 + number)
        told += self.struck(number, FAULTS)
        return told

    def _ends(self, number: int, deals: list[str], orgs: list[str]) -> list[str]:
        account, told = self.account, []
        people = self._live("persons")
        if number % 4 == 1:
            account.merge("organizations", orgs[0], orgs[1])
            told.append("merge; deals moved without a stamp")
        if number % 5 == 2:
            account.merge("persons", people[0], people[1])
            told.append("merge of persons")
        if number % 7 == 3:
            account.merge("deals", deals[50], deals[51])
            told.append("merge of deals")
        if number % 3 == 1:
            self.dead = deals[60]
            account.delete("deals", self.dead)
            account.delete("persons", people[-1])
            told.append("deleted")
        if number % 6 == 5 and self.dead:
            account.restore("deals", self.dead)
            told.append("return from the bin")
        if number % 4 == 2:
            account.archive(deals[40 + number])
            told.append("archived deal")
        return told

    def _shapes(self, number: int) -> list[str]:
        account = self.account
        if number == 9:
            account.field_add("persons", "Extra")
            return ["new field"]
        if number == 12:
            account.stages[1]["name"] = "In touch"
            return ["renamed stage"]
        if number == 15:
            account.field_remove("deals", self.own)
            self.own = account.field_add("deals", "Rival", ("Vexa", "Norra"))
            return ["removed field"]
        if number == 18:
            next(iter(account.users.values()))["active_flag"] = False
            return ["user who left"]
        return []

    def same_moment(self) -> None:
        """Change a record again in the very second in which it was just read."""
        if self.twice in self._live("deals"):
            self.account.update("deals", self.twice, value=2)

    def since(self, last: str) -> list[tuple[str, Any, str]]:
        """Answer the naive cursor: deals listed as updated after its last."""
        return sorted(
            (
                (key, row["value"], row["update_time"])
                for key, row in self.account.rows["deals"].items()
                if row["update_time"] > last and not row["is_deleted"] and not row["is_archived"]
            ),
            key=lambda row: row[2],
        )

    def live(self) -> dict[str, Any]:
        """Return the values of the live deals."""
        return {k: self.account.rows["deals"][k]["value"] for k in self._live("deals")}

    def copy(self) -> SimpleNamespace:
        """Return the account as it stands, for those who compare."""
        account = self.account
        return SimpleNamespace(
            rows=account.rows, users=account.users, changes=account.changes, stages=account.stages
        )
