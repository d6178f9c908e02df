"""A month of a Salesforce in motion, synced with faults; beside it the cursor that connectors use.

The fake org (tests/fakes/salesforce) is served by a process of its own on the loopback, and its
script (bench/sync_script.py) plays there. Ours syncs it whole, then a thousand changes, then a day
at a time through the scripted month. At the end every live row of the org is compared with the
records, value by value, and every instant of 2,000 histories. The peer reads the same days by
`WHERE SystemModstamp > last`, as the verified Salesforce source of dlt does (commit of 2026-07-03),
without deletes, and counts what it holds wrong.

Run: python bench/sync.py [--deals 10000] [--moves 9] [--days 30] [--service hubspot]. Seconds are
of processor (ours, and the org's apart) and of the wall clock, the org's work within it.
"""

from __future__ import annotations

import importlib.util
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DEALS, MOVES, DAYS = 10_000, 9, 30
CHANGES = 1_000


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
        with _script().org_of_its_own(deals, moves) as org:
            yield _first(org)
            yield _changes(org)
            if days:
                yield from _month(org, days)


def _script() -> ModuleType:
    path = Path(__file__).with_name("sync_script.py")
    spec = importlib.util.spec_from_file_location("bench_sync_script", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


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


def _admit(refresh: str) -> None:
    """Let the connection in with a token, as somebody does who connects again."""
    from perilune.hub.models import Connection
    from perilune.hub.service.sync import secrets
    from tests.fakes.salesforce import CLIENT, SECRET

    keys = {"client_id": CLIENT, "client_secret": SECRET, "refresh_token": refresh}
    Connection.objects.update(credentials=secrets.sealed(keys), is_connected=True)


class _Copy:
    """The org's rows, for `differing` and `past`, which ask an org."""

    def __init__(self, rows: dict[str, dict[str, Any]]) -> None:
        self.rows = rows


# -- measuring ---------------------------------------------------------------------------------


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _memory() -> int:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def synced_timed() -> tuple[Any, float, float]:
    """Run a sync and return it with its seconds of the wall clock and of the processor."""
    from perilune.hub.tests.syncing import synced

    wall, cpu = time.perf_counter(), _cpu()
    run = synced()
    return run, time.perf_counter() - wall, _cpu() - cpu


def _synced(org: Any) -> tuple[Any, dict[str, float]]:
    theirs = org("cpu")
    run, wall, cpu = synced_timed()
    took = {
        "seconds_cpu": round(cpu, 2),
        "seconds_wall": round(wall, 2),
        "seconds_cpu_of_the_org": round(org("cpu") - theirs, 2),
    }
    return run, took


def _first(org: Any) -> dict[str, Any]:
    from perilune.hub.service import sync
    from tests.fakes.salesforce import CLIENT, SECRET

    sync.connection_add("acme", org.address, CLIENT, SECRET)
    _admit(org.refresh)
    run, took = _synced(org)
    seen = sum(run.counts["seen"].values())
    counts = org("counts")
    return {
        "name": f"first sync: {counts['Opportunity']:,} deals,"
        f" {counts['OpportunityHistory'] + counts['OpportunityFieldHistory']:,} history rows",
        "rows": seen,
        "rows_a_second_cpu": round(seen / took["seconds_cpu"]),
        "rows_a_second_wall": round(seen / took["seconds_wall"]),
        **took,
        "memory_mb": _memory(),
        "is_proved": run.is_proved,
    }


def _changes(org: Any) -> dict[str, Any]:
    """Sync a thousand changes, three times; the median by processor."""
    found = []
    for _round in range(3):
        org("changes", CHANGES)
        run, took = _synced(org)
        found.append((took["seconds_cpu"], took, run))
    _seconds, took, run = sorted(found, key=lambda row: row[0])[1]
    return {
        "name": f"{CHANGES:,} changes",
        "rows": sum(run.counts["seen"].values()),
        **took,
        "memory_mb": _memory(),
        "are_proved": all(one.is_proved for _s, _t, one in found),
    }


def _day(org: Any) -> tuple[Any, dict[str, float], bool]:
    """Sync a day; a run that stops is gone on with once what stopped it is mended."""
    from perilune.kernel.errors import PeriluneError

    try:
        return *_synced(org), False
    except PeriluneError:
        _admit(org("mend"))
        return *_synced(org), True


def is_refused_beside_another() -> bool:
    """Tell whether a second sync of a connection is refused while one runs."""
    from perilune.hub.models import SyncRun
    from perilune.hub.service import sync
    from perilune.kernel.errors import Conflict

    run_id = sync.sync_start("acme", actor="first")
    try:
        sync.sync_start("acme", actor="second")
    except Conflict:
        return True
    finally:
        SyncRun.objects.filter(id=run_id).delete()
    return False


def _month(org: Any, days: int) -> list[dict[str, Any]]:
    from perilune.hub.models import Proof

    naive = {k: amount for k, amount, _s in org("since", "")}
    last = max(stamp for _k, _a, stamp in org("since", ""))
    kinds: dict[str, int] = {"second change in one second": days}
    took, found, refused, stopped = [], 0, 0, 0
    if is_refused_beside_another():
        kinds["two syncs at once"] = 1
    for number in range(days):
        for kind in org("day", number):
            kinds[kind] = kinds.get(kind, 0) + 1
        for key, amount, stamp in sorted(org("since", last), key=lambda row: row[2]):
            naive[key], last = amount, max(last, stamp)
        run, seconds, is_stopped = _day(org)
        org("same_second")
        took.append(seconds)
        stopped += is_stopped
        found += sum(run.counts.get("differing", {}).values())
        refused += not run.is_proved
    for kind in org("settle"):
        kinds[kind] = kinds.get(kind, 0) + 1
    for key, amount, _stamp in org("since", last):
        naive[key] = amount
    run, _seconds = _synced(org)
    memory = _memory()
    differing, live = _differing(org)
    histories = _pasts(org)
    red = [p for p in Proof.objects.all() if (p.there, p.sum_there) != (p.here, p.sum_here)]
    wrong = sum(naive.get(k) != amount or k not in naive for k, amount in live.items())
    return [
        {
            "name": f"a month of {days} days with {sum(kinds.values())} mishaps of"
            f" {len(kinds)} kinds",
            "rows_that_differ": differing,
            "histories_that_differ": sum(there != here for there, here in histories),
            "histories_compared": len(histories),
            "months_compared": Proof.objects.count(),
            "months_red": len(red),
            "found_by_the_proof": found,
            "runs_not_proved": refused,
            "runs_stopped_and_gone_on": stopped,
            "is_proved": run.is_proved,
            **{f"{name}_a_run": sorted(t[name] for t in took)[len(took) // 2] for name in took[0]},
            "memory_mb": memory,
            "kinds": kinds,
        },
        {
            "name": "the same month by `SystemModstamp > last`, without deletes",
            "deals_lost_or_stale": wrong,
            "deals_that_are_gone_and_kept": len(naive.keys() - live.keys()),
            "deals": len(live),
        },
    ]


def _differing(org: Any) -> tuple[int, dict[str, Any]]:
    """Return how many rows differ, value by value, and the amounts of the live deals."""
    from perilune.hub.tests.syncing import differing

    names = ("Opportunity", "Account", "Contact", "User", "UserRole")
    copy: Any = _Copy({name: org("rows", name) for name in names})
    deals = copy.rows["Opportunity"]
    live = {k: row["Amount"] for k, row in deals.items() if not row["IsDeleted"]}
    found = differing(copy)
    for line in found[:5]:
        sys.stderr.write(line[:200] + "\n")
    return len(found), live


def _pasts(org: Any) -> list[tuple[Any, Any]]:
    from perilune.hub.tests.syncing import pasts

    return pasts(org("snapshots", 2_000))


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
