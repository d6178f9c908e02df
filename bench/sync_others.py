"""The script of bench/sync.py for the other systems: a month in motion, with faults, and a cursor.

Each fake has its own stretch of days (tests/fakes/*/stretch.py): what connectors of that system
trip over. It is served by a process of its own on the loopback.
"""

from __future__ import annotations

import random
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

PEERS = {
    "hubspot": "the same month by search, `hs_lastmodifieddate > last`, without archived ones",
    "pipedrive": "the same month by `updated_since` the last one seen, without deleted ones",
}
COMPARED = 2_000


class _Remote:
    """The account of another process: verbs of its stretch by name."""

    def __init__(self, pipe: Any, address: str, token: str) -> None:
        self._pipe, self.address, self.token = pipe, address, token

    def __call__(self, verb: str, *args: Any) -> Any:
        self._pipe.send((verb, args))
        return self._pipe.recv()


@contextmanager
def _account(service: str, deals: int, moves: int) -> Iterator[_Remote]:
    import multiprocessing

    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    child = context.Process(target=_serve, args=(theirs, service, deals, moves), daemon=True)
    child.start()
    theirs.close()  # so that the end of the child is the end of the pipe
    address, token = ours.recv()
    try:
        yield _Remote(ours, address, token)
    finally:
        ours.send(("stop", ()))
        child.join(10)


def _serve(pipe: Any, service: str, deals: int, moves: int) -> None:
    from datetime import UTC, datetime, timedelta
    from importlib import import_module

    fake = import_module(f"tests.fakes.{service}")
    made = import_module(f"tests.fakes.{service}.made")
    stretch = import_module(f"tests.fakes.{service}.stretch")
    begin = datetime.now(UTC).replace(microsecond=0) - timedelta(days=40)
    account = made.filled(deals, moves=moves, until=begin)
    with fake.serve(account) as serving:
        serving.most = 10**9
        script = stretch.Stretch(account, serving)
        pipe.send((serving.address, serving.doors.session()[0]))
        while True:
            verb, args = pipe.recv()
            if verb == "stop":
                return
            pipe.send(getattr(script, verb)(*args))


def measured(service: str, deals: int, moves: int, days: int) -> Iterator[dict[str, Any]]:
    """Give the measured rows of a service: first sync, a month with faults, the naive cursor."""
    from importlib import import_module

    from bench.sync import synced_timed

    syncing = import_module(f"perilune.hub.tests.syncing_{service}")
    with _account(service, deals, moves) as account:
        syncing.let_in(account.address, account.token)
        theirs = account("cpu")
        run, wall, cpu = synced_timed()
        seen = sum(run.counts["seen"].values())
        counts = account("counts")
        yield {
            "name": f"first sync of {service}: {counts['deals']:,} deals,"
            f" {counts['history']:,} changes of their history",
            "rows": seen,
            "rows_a_second_cpu": round(seen / cpu),
            "rows_a_second_wall": round(seen / wall),
            "seconds_cpu": round(cpu, 1),
            "seconds_wall": round(wall, 1),
            "seconds_cpu_of_theirs": round(account("cpu") - theirs, 1),
            "memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
            "is_proved": run.is_proved,
        }
        if days:
            yield from _month(service, syncing, account, days)


class _Naive:
    """What a connector holds that reads after the last stamp that it saw."""

    def __init__(self, account: _Remote) -> None:
        self._account, self.held, self._last = account, {}, ""

    def read(self) -> None:
        """Read what was stamped after the last."""
        for key, amount, stamp in self._account("since", self._last):
            self.held[key] = amount
            self._last = max(self._last, stamp)


def _day(account: _Remote) -> tuple[Any, float, float, bool]:
    """Sync a day; a run that stops is gone on with once what stopped it is mended."""
    from bench.sync import synced_timed
    from perilune.kernel.errors import PeriluneError

    try:
        return *synced_timed(), False
    except PeriluneError:
        account("mend")
        return *synced_timed(), True


def _month(service: str, syncing: Any, account: _Remote, days: int) -> Iterator[dict[str, Any]]:
    from bench.sync import is_refused_beside_another
    from perilune.history.queries import identity_keys
    from perilune.hub.models import Proof

    naive = _Naive(account)
    naive.read()
    kinds: dict[str, int] = {"two syncs at once": 1} if is_refused_beside_another() else {}
    times, found, refused, stopped = [], 0, 0, 0
    for number in range(days):
        for kind in [*account("day", number), *account("halt", number)]:
            kinds[kind] = kinds.get(kind, 0) + 1
        naive.read()
        theirs = account("cpu")
        run, wall, cpu, is_stopped = _day(account)
        times.append((cpu, wall, account("cpu") - theirs))
        account("same_moment")
        stopped += is_stopped
        found += sum(run.counts.get("differing", {}).values())
        refused += not run.is_proved
    account("settle")
    naive.read()
    run, *_spent = _day(account)
    copy, live = account("copy"), account("live")
    some = random.Random(2).sample(sorted(live), min(COMPARED, len(live)))
    ids = identity_keys("acme", "opportunity")
    histories = [syncing.past(copy, key, ids=ids) for key in some]
    red = [p for p in Proof.objects.all() if (p.there, p.sum_there) != (p.here, p.sum_here)]
    middle = sorted(times)[len(times) // 2]
    yield {
        "name": f"a month of {days} days of {service} with {sum(kinds.values())} mishaps of"
        f" {len(kinds) + 1} kinds",
        "rows_that_differ": len(syncing.differing(copy)),
        "histories_that_differ": sum(there != here for there, here in histories),
        "histories_compared": len(histories),
        "months_compared": Proof.objects.count(),
        "months_red": len(red),
        "found_by_the_proof": found,
        "runs_not_proved": refused,
        "runs_stopped_and_gone_on": stopped,
        "is_proved": run.is_proved,
        "seconds_a_run_cpu": round(middle[0], 2),
        "seconds_a_run_wall": round(middle[1], 2),
        "seconds_a_run_cpu_of_theirs": round(middle[2], 2),
        "memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "kinds": kinds,
    }
    yield {
        "name": PEERS[service],
        "deals_lost_or_stale": sum(naive.held.get(k, "-") != amount for k, amount in live.items()),
        "deals_that_are_gone_and_kept": len(naive.held.keys() - live.keys()),
        "deals": len(live),
    }
