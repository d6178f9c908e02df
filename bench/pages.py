"""Pages with a million opportunities: cold and p95 warm, through Django's test client, on SQLite.

    .venv/bin/python bench/pages.py [opportunities] [--models SECONDS] [--home HOME]

The rows go straight into the store's files: what is timed is the reading of pages. Cold is twofold:
after a change of the store (five deals are edited, so every answer that is kept by the version of
the store is outdated), and emptied, as a new process would be but for its code.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from statistics import median, quantiles
from typing import Any

OPPORTUNITIES = 1_000_000
ROUNDS, COLD = 15, 3


def timed(ask: Callable[[], Any]) -> float:
    """Return the milliseconds of one call."""
    start = time.perf_counter()
    ask()
    return (time.perf_counter() - start) * 1000


def run(
    count: int = OPPORTUNITIES, models: float = 0, filled: str = ""
) -> Iterator[dict[str, Any]]:
    """Give one line a page: milliseconds after a change of the store, with nothing kept, and warm.

    models: seconds for which models of open deals are learnt before (none are on record without).
    filled: a home that an earlier run has left, instead of a new one.
    """
    import made  # the made company

    owner = made.home(filled)
    if not filled:
        made.record()
        made.fill(count)
    on_record = _learnt(models)
    from django.test import Client
    from django.urls import NoReverseMatch, reverse

    from perilune.kernel.keeping import forget_all
    from perilune.store import refreshing, sessions

    # the rows are in the store alone: a refresh would find the records empty and take them away
    refreshing.refresh = lambda *_, **__: 1
    client = Client(SERVER_NAME="localhost")
    client.force_login(owner)

    def empty() -> None:
        sessions.reader().close()
        forget_all()

    for name, route, arguments in PAGES:
        try:
            url = reverse(route, args=arguments)
        except NoReverseMatch:
            yield {"page": name, "skipped": f"{route} is not there"}
            continue

        def ask(url: str = url) -> None:
            answer = client.get(url)
            assert answer.status_code == 200, (url, answer.status_code)

        ask()  # imports and templates are loaded once in the life of a process
        changed = [_after(lambda: made.touch(5), ask) for _ in range(COLD)]
        emptied = [_after(empty, ask) for _ in range(1 if on_record else COLD)]
        warm = [timed(ask) for _ in range(ROUNDS)]
        yield {
            "bench": "pages",
            "page": name,
            "opportunities": count,
            "models": on_record,
            "changed_ms_max": round(max(one[0] for one in changed)),
            "changed_ms_best": round(min(one[0] for one in changed)),
            "changed_cpu_ms": round(median(one[1] for one in changed)),
            "emptied_ms_max": round(max(one[0] for one in emptied)),
            "emptied_cpu_ms": round(median(one[1] for one in emptied)),
            "warm_ms_p95": round(quantiles(warm, n=20)[-1]),
            "warm_ms_best": round(min(warm)),
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            "load": round(os.getloadavg()[0], 1),
        }
    yield {"page": "(check)", "opportunities": _seen(count)}


def _after(change: Callable[[], None], ask: Callable[[], None]) -> tuple[float, float]:
    """Return the milliseconds of one call after a change: by the clock, and of the processor."""
    change()
    started = time.process_time()
    return timed(ask), (time.process_time() - started) * 1000


def _learnt(seconds: float) -> int:
    """Learn models of open deals for about so long; return how many are on record."""
    from perilune.insights import service
    from perilune.insights.models import OutlookModel
    from perilune.people.queries import company

    if seconds:
        service.learn(company().today, seconds=seconds)
    return OutlookModel.objects.count()


def _seen(count: int) -> int:
    """Return how many opportunities the store still holds: the pages must have asked them all."""
    from perilune.kernel.asof import AsOf
    from perilune.kernel.scope import Scope
    from perilune.people.queries import company
    from perilune.store import queries

    end = AsOf.end_of(date(2025, 12, 31), company().zone)
    asked = "SELECT COUNT(*) AS n FROM opportunity"
    seen = int(queries.run_sql(asked, {}, scope=Scope.company(), as_of=end).scalar())
    assert seen > count * 0.9, f"only {seen} of {count} opportunities were asked"
    return seen


PAGES: tuple[tuple[str, str, tuple[Any, ...]], ...] = (
    ("cockpit", "metrics:cockpit", ()),
    ("cockpit: its range", "metrics:later", ("forecasting.range",)),
    ("cockpit: week bridge", "metrics:changes", ()),
    ("cockpit: risk list", "metrics:risks", ()),
    ("forecast of the quarter", "forecasting:period", ("2025-Q4",)),
    ("measures", "metrics:measures", ()),
    ("list", "crm:list", ("opportunity",)),
    ("record", "crm:record", ("opportunity", 1)),
    ("roll-up", "forecasting:rollup", ("2025-Q4",)),
)


def main() -> None:
    """Print one JSON line a page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("opportunities", nargs="?", type=int, default=OPPORTUNITIES)
    parser.add_argument("--models", type=float, default=0, help="seconds of learning before")
    parser.add_argument("--home", default="", help="a home that an earlier run has filled")
    asked = parser.parse_args()
    for line in run(asked.opportunities, asked.models, asked.home):
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))
    main()
