"""The scripted month of a fake Salesforce, played in a process of its own, with what goes wrong.

Thirty days of edits, and 24 kinds of mishap on the way: rows that commit late, a second change in
the second that was just read, records deleted, returned and merged, a merge that turns round, a
clock that jumps, a field of 100 MB, fields that come, go, change name and type, also in mid-run,
expired sessions, throttling, an unavailable service, cut, doubled and dropped pages over REST and
Bulk, an answer without an end, a used-up daily limit, access taken back, two syncs at once.
"""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

FAULTS = (
    ("expired", "data"), ("throttled", "data"), ("unavailable", "data"), ("truncated", "query"),
    ("dropped", "query"), ("short_page", "query/"), ("duplicate_page", "query/"),
    ("truncated", "results"), ("short_page", "results"), ("duplicate_page", "results"),
)  # fmt: skip
"""What passes by itself, one on every third day."""

STOPS = ((4, "endless answer"), (10, "used-up limit"), (16, "access taken back"))
"""What stops a run: the next one goes on."""

HUGE = 100_000_000


class Remote:
    """The org of another process: verbs of the script by name."""

    def __init__(self, pipe: Any, address: str, refresh: str) -> None:
        self._pipe, self.address, self.refresh = pipe, address, refresh

    def __call__(self, verb: str, *args: Any) -> Any:
        """Let the org do something and return what it answers."""
        self._pipe.send((verb, args))
        return self._pipe.recv()


@contextmanager
def org_of_its_own(deals: int, moves: int) -> Iterator[Remote]:
    """Serve an org from another process, so that its processor time is not ours."""
    import multiprocessing

    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    child = context.Process(target=_serve, args=(theirs, deals, moves), daemon=True)
    child.start()
    theirs.close()  # so that the end of the child is the end of the pipe
    address, refresh = ours.recv()
    try:
        yield Remote(ours, address, refresh)
    finally:
        ours.send(("stop", ()))
        child.join(10)


def _serve(pipe: Any, deals: int, moves: int) -> None:
    from tests.fakes.salesforce import serve
    from tests.fakes.salesforce.made import filled

    gc.disable()  # millions of rows without cycles
    begin = datetime.now(UTC).replace(microsecond=0) - timedelta(days=40)
    org = filled(deals, moves=moves, until=begin)
    gc.freeze()
    with serve(org) as serving:
        _access, refresh = serving.doors.session()
        script = Script(org, serving)
        pipe.send((serving.address, refresh))
        while True:
            verb, args = pipe.recv()
            if verb == "stop":
                return
            pipe.send(getattr(script, verb)(*args))


class Script:
    """What happens in the org, a day at a time."""

    def __init__(self, org: Any, serving: Any) -> None:
        self.org, self.serving = org, serving
        self.chance = random.Random(11)
        self.waiting: list[Any] = []
        self.huge = self.dead = ""
        serving.rest_page = 500  # Salesforce gives fewer rows a page where they are wide

    def cpu(self) -> float:
        """Return the seconds of processor that this process has used."""
        return time.process_time()

    def counts(self) -> dict[str, int]:
        """Return how many rows each object has."""
        return {name: len(rows) for name, rows in self.org.rows.items()}

    def changes(self, count: int) -> None:
        """Change so many deals over some hours."""
        from tests.fakes.salesforce.made import move

        org, chance = self.org, self.chance
        deals, users = list(org.rows["Opportunity"]), list(org.rows["User"])
        for _i in range(count):
            org.pass_time(seconds=chance.randrange(1, 20))
            move(org, chance, chance.choice(deals), users, 2)
        org.pass_time(hours=2)

    def day(self, number: int) -> list[str]:
        """Let a day pass and return what happened that connectors trip over."""
        from tests.fakes.salesforce.made import move

        org, chance, told = self.org, self.chance, []
        for commit in self.waiting:
            commit()
            told.append("late commit")
        self.waiting = []
        told += self._struck()
        deals = [k for k, row in org.rows["Opportunity"].items() if not row["IsDeleted"]]
        users, accounts = list(org.rows["User"]), [
            k for k, row in org.rows["Account"].items() if not row["IsDeleted"]
        ]  # fmt: skip
        for _i in range(max(10, len(deals) // 100)):
            org.pass_time(seconds=chance.randrange(1, 60))
            move(org, chance, chance.choice(deals), users, 2)
        for _i in range(5):
            org.create(
                "Opportunity", Name=f"New {number}", StageName="Prospecting", Amount=500.0,
                CloseDate="2027-01-31", AccountId=chance.choice(accounts),
                OwnerId=chance.choice(users),
            )  # fmt: skip
        with org.late() as commit:  # stamped now, seen tomorrow
            org.create("Opportunity", Name=f"Late {number}", StageName="Prospecting",
                       CloseDate="2027-01-31", OwnerId=users[0])  # fmt: skip
            org.update("Opportunity", deals[number], Amount=float(7_000 + number))
        self.waiting.append(commit)
        self._beside(accounts, users)
        told += self._ends(number, deals, accounts)
        told += self._shapes(number)
        told += self._odd(number, deals)
        twice = deals[-1 - number]
        org.pass_time(hours=2)
        org.update("Opportunity", twice, Amount=1.0 + number)  # and once more while it is read
        self.twice = (twice, number)
        return told + self._faults(number)

    def _beside(self, accounts: list[str], users: list[str]) -> None:
        """Give accounts to others and contacts a title: both objects keep a history."""
        org, chance = self.org, self.chance
        contacts = [k for k, row in org.rows["Contact"].items() if not row["IsDeleted"]]
        for _i in range(5):
            org.update("Account", chance.choice(accounts[2:]), OwnerId=chance.choice(users))
            org.update("Contact", chance.choice(contacts), Title=f"Buyer {chance.randrange(99)}")

    def _ends(self, number: int, deals: list[str], accounts: list[str]) -> list[str]:
        org, told = self.org, []
        if number % 4 == 1:
            org.merge("Account", accounts[0], accounts[1])
            self.merged = (accounts[0], accounts[1])
            told.append("merge")
        if number == 14:  # what was merged away comes back and takes its heir in
            master, loser = self.merged
            org.undelete("Account", loser)
            org.pass_time(minutes=1)
            org.merge("Account", loser, master)
            told.append("merge that turns round")
        if number % 3 == 1:
            org.delete("Opportunity", deals[3])
            self.dead = deals[3]
            told.append("delete")
        if number % 6 == 5:
            org.undelete("Opportunity", self.dead)
            told.append("return from the bin")
        return told

    def _shapes(self, number: int) -> list[str]:
        org, told = self.org, []
        if number == 12:
            org.field_rename("Opportunity", "NextStep", "Next_Step_2__c")
            told.append("renamed field")
        if number == 15:
            org.field_add("Account", "Extra__c")
            told.append("new field")
        if number == 18:
            org.field_retype("Opportunity", "Region__c", "picklist")
            told.append("retyped field")
        if number == 21:
            org.field_remove("Account", "Legacy_Id__c")
            told.append("removed field")
        if number == 26:  # while the run is reading
            self.serving.faults.plan(
                "call", where="query", after=1,
                then=lambda: org.field_rename("Opportunity", "Next_Step_2__c", "Next_Step_3__c"),
            )  # fmt: skip
            told.append("shape change in mid-run")
        return told

    def _odd(self, number: int, deals: list[str]) -> list[str]:
        org = self.org
        if number == 8:
            self.huge = deals[7]
            org.update("Opportunity", self.huge, NextStep="x" * HUGE)
            return ["field of 100 MB"]
        if number == 9:
            org.update("Opportunity", self.huge, NextStep="short again")
        if number % 10 == 7:  # ten minutes ahead for an edit, then set right
            now = org.clock()
            org.pass_time(minutes=10)
            org.update("Opportunity", deals[11], Amount=5.0 + number)
            org.at(now + timedelta(seconds=5))
            org.update("Opportunity", deals[12], Amount=6.0 + number)
            return ["clock skew"]
        return []

    def _struck(self) -> list[str]:
        """Return what went wrong since the last day; what found no occasion still waits for one."""
        planned = self.serving.faults.planned
        struck = [f"{f.kind} ({f.where.strip('/')})" for f in planned if f.struck]
        self.serving.faults.planned = [f for f in planned if not f.struck]
        return [name for name in struck if not name.startswith(("call", "endless", "limit"))]

    def _faults(self, number: int) -> list[str]:
        stop = dict(STOPS).get(number, "")
        if stop == "endless answer":
            self.serving.faults.plan("endless", where="query/", times=0)
        elif stop == "used-up limit":
            self.serving.faults.plan("limit", where="query", after=3)
        elif stop == "access taken back":
            self.serving.doors.revoke()
        if stop:
            return [stop]
        if number % 3 or number // 3 >= len(FAULTS):
            return []
        kind, where = FAULTS[number // 3]
        self.serving.faults.plan(kind, where=where, after=1, times=1)
        return []

    def mend(self) -> str:
        """Let everything go right again and return a token that is good."""
        self.serving.faults.clear()
        return str(self.serving.doors.session()[1])

    def same_second(self) -> None:
        """Change a row again in the second in which it was just read."""
        key, number = self.twice
        before = self.org.clock()
        self.org.at(datetime.fromisoformat(self.org.rows["Opportunity"][key]["SystemModstamp"]))
        self.org.update("Opportunity", key, Amount=2.0 + number)
        self.org.at(before)

    def settle(self) -> list[str]:
        """Commit what is still open; nothing goes wrong any more. Returns what went wrong last."""
        for commit in self.waiting:
            commit()
        self.waiting = []
        told = self._struck()
        self.serving.faults.clear()
        self.org.pass_time(hours=2)
        return told

    def rows(self, name: str) -> dict[str, Any]:
        """Return every row of an object as it stands."""
        return dict(self.org.rows[name])

    def snapshots(self, most: int) -> dict[str, dict[str, Any]]:
        """Return the snapshots of some live deals, by deal and id."""
        live = sorted(k for k, row in self.org.rows["Opportunity"].items() if not row["IsDeleted"])
        chosen = random.Random(2).sample(live, min(most, len(live)))
        found: dict[str, dict[str, Any]] = {key: {} for key in chosen}
        for key, row in self.org.rows["OpportunityHistory"].items():
            if row["OpportunityId"] in found:
                found[row["OpportunityId"]][key] = row
        return found

    def since(self, last: str) -> list[tuple[str, Any, str]]:
        """Answer the naive cursor: live deals stamped after its last (id, amount, stamp)."""
        return [
            (k, row["Amount"], row["SystemModstamp"])
            for k, row in self.org.rows["Opportunity"].items()
            if row["SystemModstamp"] > last and not row["IsDeleted"]
        ]
