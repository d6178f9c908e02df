"""A month of a Salesforce in motion, synced with faults; beside it the cursor that connectors use.

The fake org (tests/fakes/salesforce) is served by a process of its own on the loopback. Ours syncs
it whole, then a day at a time through a scripted month: edits, late commits, merges, deletes,
returns, renamed fields, and on the way expired sessions, throttling, cut and doubled pages. At the
end every live row of the org is compared with the records, value by value, and every instant of the
histories. The peer reads the same days by `WHERE SystemModstamp > last`, as the verified Salesforce
source of dlt does (commit of 2026-07-03), without deletes, and counts what it holds wrong.

Run: python bench/sync.py [--deals 10000] [--moves 9] [--days 30] [--service hubspot]. Seconds are
of processor (ours alone, the org apart) and of the wall clock.
"""

from __future__ import annotations

import json
import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DEALS, MOVES, DAYS = 10_000, 9, 30


def run(deals: int = DEALS, moves: int = MOVES, days: int = DAYS) -> list[dict[str, Any]]:
    """Return the measured rows: first sync, a month with faults, the naive cursor beside it."""
    return list(_measured(deals, moves, days))


def _measured(
    deals: int, moves: int, days: int, service: str = "salesforce"
) -> Iterator[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as home:
        _home(home)
        if service != "salesforce":
            from bench.sync_others import measured

            yield from measured(service, deals, moves, days)
            return
        with _org(deals, moves) as org:
            yield _first(org)
            if days:
                yield from _month(org, days)


def _home(home: str) -> None:
    os.environ["PERILUNE_HOME"] = home
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    sys.path[:0] = [str(ROOT), str(ROOT / "src")]
    from perilune.site.home import Home

    Home(Path(home)).prepare()
    os.environ["DJANGO_SETTINGS_MODULE"] = "perilune.site.settings"
    import django

    django.setup()
    from django.core.management import call_command

    from perilune.hub.testing import a_company
    from perilune.kernel.wiring import ON_COMMITTED

    for alias in ("default", "queue"):
        call_command("migrate", database=alias, verbosity=0)
    ON_COMMITTED.clear()
    a_company()


# -- the org in a process of its own -----------------------------------------------------------


class _Remote:
    """The org of another process: verbs of the script by name, its rows as they stand."""

    def __init__(self, pipe: Any, address: str, refresh: str) -> None:
        self._pipe, self.address, self.refresh = pipe, address, refresh

    def __call__(self, verb: str, *args: Any) -> Any:
        self._pipe.send((verb, args))
        return self._pipe.recv()


@contextmanager
def _org(deals: int, moves: int) -> Iterator[_Remote]:
    import multiprocessing

    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    child = context.Process(target=_serve, args=(theirs, deals, moves), daemon=True)
    child.start()
    theirs.close()  # so that the end of the child is the end of the pipe
    address, refresh = ours.recv()
    try:
        yield _Remote(ours, address, refresh)
    finally:
        ours.send(("stop", ()))
        child.join(10)


def _serve(pipe: Any, deals: int, moves: int) -> None:
    from datetime import UTC, datetime, timedelta

    from tests.fakes.salesforce import serve
    from tests.fakes.salesforce.made import filled

    begin = datetime.now(UTC).replace(microsecond=0) - timedelta(days=40)
    org = filled(deals, moves=moves, until=begin)
    with serve(org) as serving:
        _access, refresh = serving.doors.session()
        script = _Script(org, serving)
        pipe.send((serving.address, refresh))
        while True:
            verb, args = pipe.recv()
            if verb == "stop":
                return
            pipe.send(getattr(script, verb)(*args))


FAULTS = (
    ("expired", "data"), ("throttled", "data"), ("unavailable", "data"), ("truncated", "query"),
    ("dropped", "query"), ("short_page", "query/"), ("duplicate_page", "query/"),
    ("truncated", "results"), ("short_page", "results"), ("duplicate_page", "results"),
)  # fmt: skip


class _Script:
    """What happens in the org, a day at a time."""

    def __init__(self, org: Any, serving: Any) -> None:
        self.org, self.serving = org, serving
        self.chance = random.Random(11)
        self.waiting: list[Any] = []

    def counts(self) -> dict[str, int]:
        """Return how many rows each object has."""
        return {name: len(rows) for name, rows in self.org.rows.items()}

    def day(self, number: int) -> list[str]:
        """Let a day pass and return what happened that connectors trip over."""
        from tests.fakes.salesforce.made import move

        org, chance, told = self.org, self.chance, []
        for commit in self.waiting:
            commit()
            told.append("late commit")
        self.waiting = []
        deals = [k for k, row in org.rows["Opportunity"].items() if not row["IsDeleted"]]
        users, accounts = list(org.rows["User"]), [
            k for k, row in org.rows["Account"].items() if not row["IsDeleted"]
        ]  # fmt: skip
        for _i in range(max(10, len(deals) // 300)):
            org.pass_time(minutes=chance.randrange(1, 9))
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
        told += self._ends(number, deals, accounts)
        twice = deals[-1 - number]
        org.pass_time(hours=2)
        org.update("Opportunity", twice, Amount=1.0 + number)  # and once more while it is read
        self.twice = (twice, number)
        if number % 3 == 0 and number // 3 < len(FAULTS):
            kind, where = FAULTS[number // 3]
            self.serving.faults.clear()
            self.serving.faults.plan(kind, where=where, after=2, times=1)
            told.append(kind)
        return told

    def _ends(self, number: int, deals: list[str], accounts: list[str]) -> list[str]:
        org, told = self.org, []
        if number % 4 == 1:
            org.merge("Account", accounts[0], accounts[1])
            told.append("merge")
        if number % 3 == 1:
            org.delete("Opportunity", deals[3])
            self.dead = deals[3]
            told.append("delete")
        if number % 6 == 5:
            org.undelete("Opportunity", self.dead)
            told.append("return from the bin")
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
        return told

    def same_second(self) -> None:
        """Change a row again in the second in which it was just read."""
        key, number = self.twice
        before = self.org.clock()
        from datetime import datetime

        self.org.at(datetime.fromisoformat(self.org.rows["Opportunity"][key]["SystemModstamp"]))
        self.org.update("Opportunity", key, Amount=2.0 + number)
        self.org.at(before)

    def settle(self) -> None:
        """Commit what is still open; nothing goes wrong any more."""
        for commit in self.waiting:
            commit()
        self.waiting = []
        self.serving.faults.clear()
        self.org.pass_time(hours=2)

    def rows(self) -> dict[str, dict[str, Any]]:
        """Return every row as it stands."""
        return {name: dict(rows) for name, rows in self.org.rows.items()}

    def since(self, last: str) -> list[tuple[str, Any]]:
        """Answer the naive cursor: live deals stamped after its last (id, amount, stamp)."""
        return [
            (k, row["Amount"], row["SystemModstamp"])
            for k, row in self.org.rows["Opportunity"].items()
            if row["SystemModstamp"] > last and not row["IsDeleted"]
        ]


class _Copy:
    """The org's rows, for `differing` and `past`, which ask an org."""

    def __init__(self, rows: dict[str, dict[str, Any]]) -> None:
        self.rows = rows


# -- measuring ---------------------------------------------------------------------------------


def _connect(org: _Remote) -> None:
    from perilune.hub.models import Connection
    from perilune.hub.service import sync
    from perilune.hub.service.sync import secrets
    from tests.fakes.salesforce import CLIENT, SECRET

    sync.connection_add("acme", org.address, CLIENT, SECRET)
    keys = {"client_id": CLIENT, "client_secret": SECRET, "refresh_token": org.refresh}
    Connection.objects.update(credentials=secrets.sealed(keys), is_connected=True)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def synced_timed() -> tuple[Any, float, float]:
    """Run a sync and return it with its seconds of the wall clock and of the processor."""
    from perilune.hub.tests.syncing import synced

    wall, cpu = time.perf_counter(), _cpu()
    run = synced()
    return run, time.perf_counter() - wall, _cpu() - cpu


def _first(org: _Remote) -> dict[str, Any]:
    _connect(org)
    run, wall, cpu = synced_timed()
    seen = sum(run.counts["seen"].values())
    counts = org("counts")
    return {
        "name": f"first sync: {counts['Opportunity']:,} deals,"
        f" {counts['OpportunityHistory'] + counts['OpportunityFieldHistory']:,} history rows",
        "rows": seen,
        "rows_a_second_cpu": round(seen / cpu),
        "rows_a_second_wall": round(seen / wall),
        "seconds_cpu": round(cpu, 1),
        "seconds_wall": round(wall, 1),
        "memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "is_proved": run.is_proved,
    }


def _month(org: _Remote, days: int) -> list[dict[str, Any]]:
    from perilune.hub.models import Proof
    from perilune.hub.tests.syncing import differing, past

    naive = {k: amount for k, amount, _s in org("since", "")}
    last = max(stamp for _k, _a, stamp in org("since", ""))
    kinds: dict[str, int] = {}
    walls, cpus, found, refused = [], [], 0, 0
    for number in range(days):
        for kind in org("day", number):
            kinds[kind] = kinds.get(kind, 0) + 1
        for key, amount, stamp in sorted(org("since", last), key=lambda row: row[2]):
            naive[key], last = amount, max(last, stamp)
        run, wall, cpu = synced_timed()
        org("same_second")
        walls.append(wall)
        cpus.append(cpu)
        found += sum(run.counts.get("differing", {}).values())
        refused += not run.is_proved
    org("settle")
    for key, amount, _stamp in org("since", last):
        naive[key] = amount
    run, _wall, _cpu_seconds = synced_timed()
    copy: Any = _Copy(org("rows"))
    live = {k: r for k, r in copy.rows["Opportunity"].items() if not r["IsDeleted"]}
    histories = [
        past(copy, k) for k in random.Random(2).sample(sorted(live), min(2_000, len(live)))
    ]
    red = [p for p in Proof.objects.all() if (p.there, p.sum_there) != (p.here, p.sum_here)]
    wrong = sum(naive.get(k) != r["Amount"] or k not in naive for k, r in live.items())
    return [
        {
            "name": f"a month of {days} days with {sum(kinds.values())} mishaps of"
            f" {len(kinds) + 1} kinds",
            "rows_that_differ": len(differing(copy)),
            "histories_that_differ": sum(there != here for there, here in histories),
            "histories_compared": len(histories),
            "months_compared": Proof.objects.count(),
            "months_red": len(red),
            "found_by_the_proof": found,
            "runs_not_proved": refused,
            "is_proved": run.is_proved,
            "seconds_a_run_cpu": round(sorted(cpus)[len(cpus) // 2], 2),
            "seconds_a_run_wall": round(sorted(walls)[len(walls) // 2], 2),
            "kinds": kinds,
        },
        {
            "name": "the same month by `SystemModstamp > last`, without deletes",
            "deals_lost_or_stale": wrong,
            "deals_that_are_gone_and_kept": len(naive.keys() - live.keys()),
            "deals": len(live),
        },
    ]


def main() -> None:
    """Run and print a line of JSON a row."""
    import argparse

    options = argparse.ArgumentParser()
    options.add_argument("--deals", type=int, default=DEALS)
    options.add_argument("--moves", type=int, default=MOVES)
    options.add_argument("--days", type=int, default=DAYS)
    options.add_argument("--service", default="salesforce")
    given = options.parse_args()
    for row in _measured(given.deals, given.moves, given.days, given.service):
        sys.stdout.write(json.dumps(row) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
