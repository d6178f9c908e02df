"""Territories on the demo company: several loads at once, and staying where reps share towns.

    python bench/territories_demo.py HOME      # a home made by `perilune --home HOME demo`

Each row is a design of sixty territories for its accounts, as the studio asks for it: connection of
accounts (near 0) or of places, seconds of the processor. Kernels are compiled before.
"""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

os.environ.setdefault("OMP_NUM_THREADS", "1")
LOADS = ("accounts", "pipeline", "bookings")
NEAR, STAYS = (0.0, 3.0, 8.0), (1.0, 4.0, 20.0, 100.0)
K = 60


def units() -> Any:
    """Return the accounts that have a place, with their present owners."""
    import numpy as np

    from perilune.kernel.asof import AsOf
    from perilune.kernel.scope import Scope
    from perilune.territories.contracts import Attribute, Units
    from perilune.territories.queries.snapshots import snapshot

    now = AsOf.instant(datetime.now(UTC), ZoneInfo("Europe/Paris"))
    read = snapshot(Scope.company(), now, [Attribute(key) for key in LOADS]).accounts
    at = np.flatnonzero(read.placed)
    return Units(
        tuple(map(str, read.ids[at])), read.points[at], read.loads[at], LOADS,
        owner=read.holder[at].astype(np.int32),
    )  # fmt: skip


def row(name: str, work: float, plan: Any, **words: Any) -> None:
    figures = plan.figures
    found = {
        "row": name, **words, "deviation_pct": [round(100 * one, 1) for one in figures.deviation],
        "met": plan.certificate.met, "inertia": round(figures.inertia), "cut": figures.cut_off,
        "gap_pct": round(100 * plan.certificate.gap, 1), "moved_pct": round(100 * figures.moved, 1),
        "floor_pct": round(100 * plan.certificate.floor, 1), "cpu": round(work, 1),
    }  # fmt: skip
    print(json.dumps(found), flush=True)


def run(home: str) -> None:
    """Print the rows."""
    os.environ["PERILUNE_HOME"] = home
    os.environ["DJANGO_SETTINGS_MODULE"] = "perilune.site.settings"
    import django

    django.setup()
    import numpy as np

    from perilune.territories.contracts import Request
    from perilune.territories.engine import design, grow, seek

    accounts = units()
    cases = (
        ((0.1, 0.1), 2), ((0.1, 0.3), 2), ((0.1, 0.1, 0.1), 3),
    )  # fmt: skip
    few = replace(accounts, owner=None)
    tiny = replace(few, loads=few.loads[:, :2].copy(), names=LOADS[:2])
    for near in (0.0, 8.0):  # compile
        design(tiny, Request(K, (0.9, 0.9), near=near), np.random.default_rng(0))
    for near in (0.0, 8.0):
        for widths, count in cases:
            some = replace(few, loads=few.loads[:, :count].copy(), names=LOADS[:count])
            started = time.process_time()
            plan = design(some, Request(K, widths, near=near), np.random.default_rng(0))
            row("design", time.process_time() - started, plan, near=near, widths=widths)
    one = replace(accounts, loads=accounts.loads[:, :1].copy(), names=LOADS[:1])
    for near in NEAR:
        asked = Request(K, (0.1,), near=near)
        centres, price = seek(one, asked, np.random.default_rng(0))
        scratch = grow(one, asked, centres, price)
        row("stay", 0.0, scratch, near=near, stay=0.0)
        for stay in STAYS:
            started = time.process_time()
            dear = replace(asked, stay=stay * scratch.figures.inertia)
            plan = grow(one, dear, scratch.centres, np.zeros(K))
            row("stay", time.process_time() - started, plan, near=near, stay=stay)


if __name__ == "__main__":
    run(sys.argv[1])
