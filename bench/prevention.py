"""The live check before a duplicate is made, in a home of a million made accounts.

Asked for: the index's build, its size, and how long a check takes: whole records in another
spelling, and names letter by letter. A check is found when a record of the same truth is among the
five that are shown, the record itself left out; the asked ones are drawn from those that have one.
The records' table is filled without a history: a check reads records as they stand.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ASKED = 1_000
"""Records that are asked about, and names that are typed."""


def run(count: int = 1_000_000) -> Iterator[dict[str, Any]]:
    """Give one row a measurement."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PERILUNE_HOME"] = folder
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "perilune.site.settings")
        yield from _in_home(count)


def _in_home(count: int) -> Iterator[dict[str, Any]]:
    import django

    django.setup()
    from django.core.management import call_command

    sys.path.insert(0, str(HERE))
    import made_accounts
    import numpy as np

    from perilune.crm.models import Account
    from perilune.hub.service.lookalikes import build, check, following

    call_command("migrate", verbosity=0)
    call_command("migrate", database="queue", verbosity=0)
    rows = list(made_accounts.rows(count, count))
    for at in range(0, count, 20_000):
        Account.objects.bulk_create(
            Account(
                id=number, name=row[1], street=row[2], postcode=row[3], city=row[4],
                phone=row[5], website=row[6],
            )
            for number, row in enumerate(rows[at : at + 20_000], at + 1)
        )  # fmt: skip
    truth = [row[7] for row in rows]
    wall, cpu = time.perf_counter(), time.process_time()
    build()
    yield {
        "data": f"made, {count} accounts", "what": "build", "cpu": round(time.process_time() - cpu),
        "seconds": round(time.perf_counter() - wall),
        "index_mb": following.path().stat().st_size >> 20,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }  # fmt: skip
    from perilune.kernel.scope import Scope

    rng = np.random.default_rng(1)
    several = _with_others(truth)
    drawn = rng.choice(several, min(ASKED, len(several)), replace=False).tolist()
    spent: list[tuple[float, float]] = []
    found = named = right = 0
    for at in drawn:
        values = dict(zip(made_accounts.COLUMNS[1:7], rows[at][1:7], strict=True))
        values["street"] = values.pop("address")
        begun = _clocks()
        looks = check("account", values, Scope.company(), record_id=at + 1)
        spent.append(_since(begun))
        same = [truth[one.id - 1] == truth[at] for one in looks.found]
        found += any(same)
        likely = [s for s, one in zip(same, looks.found, strict=True) if one.strength > 1]
        named, right = named + len(likely), right + sum(likely)
    yield {
        "data": f"made, {count} accounts", "what": "whole records", "asked": len(drawn),
        "found": round(found / len(drawn), 4), "likely_right": round(right / max(1, named), 4),
        **_times(spent), "aim": "p95 under 50 ms",
    }  # fmt: skip
    spent = []
    for at in drawn[: ASKED // 10]:
        name = rows[at][1]
        for end in range(3, len(name) + 1):
            begun = _clocks()
            check("account", {"name": name[:end]}, Scope.company(), is_typing=True)
            spent.append(_since(begun))
    yield {
        "data": f"made, {count} accounts", "what": "names, letter by letter",
        "asked": len(spent), **_times(spent), "aim": "p95 under 50 ms",
    }  # fmt: skip


def _with_others(truth: Sequence[str]) -> list[int]:
    seen: dict[str, int] = {}
    for one in truth:
        seen[one] = seen.get(one, 0) + 1
    return [at for at, one in enumerate(truth) if seen[one] > 1]


def _clocks() -> tuple[float, float]:
    return time.perf_counter(), time.thread_time()


def _since(begun: tuple[float, float]) -> tuple[float, float]:
    return time.perf_counter() - begun[0], time.thread_time() - begun[1]


def _times(spent: Sequence[tuple[float, float]]) -> dict[str, float]:
    """Return milliseconds by the clock, and of the processor: a busy machine shows in the first."""
    import numpy as np

    return {
        f"p{share}_{name}ms": round(float(np.quantile(times, share / 100)) * 1000, 1)
        for name, times in zip(("", "cpu_"), zip(*spent, strict=True), strict=True)
        for share in (50, 95, 99)
    }
