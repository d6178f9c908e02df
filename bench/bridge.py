"""The pipeline bridge over a quarter with a hundred thousand open deals, cold and warm, by level.

    python bench/bridge.py [opportunities]

The rows go straight into the store's files, as for the pages. Cold: the store's reader is closed
and nothing that was computed is left.
"""

from __future__ import annotations

import sys
import time
from datetime import date
from typing import Any

OPPORTUNITIES = 440_000
"""Of which a hundred thousand are open on any day."""


def run(count: int = OPPORTUNITIES) -> list[dict[str, Any]]:
    """Return one row per period and level: open deals, seconds cold (best, worst of 3) and warm."""
    import made  # the made company of the pages

    made.home()
    made.fill(count)
    from perilune.forecasting.contracts import BridgeRequest, By
    from perilune.forecasting.queries import bridge_for
    from perilune.forecasting.queries.bridge import forget
    from perilune.kernel.asof import AsOf
    from perilune.kernel.scope import Scope
    from perilune.people.queries import company
    from perilune.store import sessions

    found = company()
    since, until = (AsOf.end_of(day, found.zone) for day in (date(2025, 9, 30), date(2025, 12, 31)))
    rows = []
    for period in (None, found.calendar.parse("2026-Q1")):
        for by in By:
            asked = BridgeRequest(since, until, period, by)
            cold, processor = [], []
            for _ in range(3):
                sessions.reader().close()
                forget()
                started, worked = time.perf_counter(), time.process_time()
                bridge = bridge_for(asked, Scope.company())
                cold.append(time.perf_counter() - started)
                processor.append(time.process_time() - worked)
            started = time.perf_counter()
            bridge_for(asked, Scope.company())
            assert all(row.residual == 0 for row in bridge.rows)
            rows.append(
                {
                    "bench": "bridge",
                    "opportunities": count,
                    "period": period.name if period else "all",
                    "by": by.value,
                    "open_before": bridge.total.opening_count,
                    "open_after": bridge.total.closing_count,
                    "cold_best": round(min(cold), 3),
                    "cold_worst": round(max(cold), 3),
                    "processor_best": round(min(processor), 3),
                    "warm": round(time.perf_counter() - started, 4),
                }
            )
    return rows


def main() -> None:
    for row in run(int(sys.argv[1]) if len(sys.argv) > 1 else OPPORTUNITIES):
        print(row, flush=True)


if __name__ == "__main__":
    main()
