"""The forecast on companies whose truth is known: do ranges hold, do scenarios hold the truth?

Called by `bench/forecast.py --demo` and `--scenarios`. No parameter of the engine was chosen here.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

TODAY = date(2026, 11, 25)
ORIGINS, STEP = 13, 4
"""Every fourth Sunday of a year, the last one 13 weeks before today."""
HORIZONS = ("4w", "month-to-go", "quarter-to-go", "13w")


def home(name: str) -> None:
    """Name a home and load Django; PERILUNE_BENCH_HOME keeps what was built from run to run."""
    kept = os.environ.get("PERILUNE_BENCH_HOME")
    where = Path(kept) / name if kept else Path(tempfile.mkdtemp(prefix="perilune-demo-"))
    os.environ["PERILUNE_HOME"] = str(where)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "perilune.site.settings")
    from perilune.site.home import Home

    Home.from_environment().prepare()
    import django
    from django.core.management import call_command
    from django.db import connections

    django.setup()
    for alias in connections:
        call_command("migrate", database=alias, verbosity=0, interactive=False)


def coverage() -> Iterator[dict[str, Any]]:
    """Give one row per horizon, level and method of the rolling origin on the demo company."""
    home("demo")
    from perilune.demo.service import demo_build
    from perilune.forecasting.contracts import By
    from perilune.forecasting.contracts.backtests import Horizon
    from perilune.forecasting.queries.backtesting import backtest
    from perilune.insights.service import learn
    from perilune.kernel.asof import AsOf
    from perilune.kernel.scope import Scope
    from perilune.people.queries import company, company_or_none

    if company_or_none() is None:
        demo_build(TODAY, recorded_weeks=0)
    found = company()
    last = TODAY - timedelta(days=91 + (TODAY - timedelta(days=91)).weekday() + 1)
    origins = [last - timedelta(weeks=STEP * back) for back in range(ORIGINS)][::-1]
    until = AsOf.parse(TODAY.isoformat(), found.zone)
    started = time.perf_counter()
    learn(AsOf.parse(last.isoformat(), found.zone), earlier=STEP * ORIGINS)
    learnt = time.perf_counter() - started
    for name in [name for name in HORIZONS if name in sys.argv] or HORIZONS:
        horizon = Horizon(name)
        started = time.perf_counter()
        result = backtest(
            origins,
            horizon,
            (By.REGION, By.TEAM, By.REP),
            Scope.company(),
            found,
            until=until,
            with_ets=False,
        )
        seconds = time.perf_counter() - started
        yield from (
            {
                "bench": "forecast-demo", "horizon": horizon.value, "level": item.level,
                "method": item.method, "n": item.n, "nCRPS": item.ncrps, "WAPE": item.wape,
                "bias": item.bias, "cov80": item.coverage80, "width80": item.width80,
                "left_out": result.left_out, "learn_seconds": round(learnt),
                "seconds": round(seconds),
            }
            for item in result.scores
        )  # fmt: skip
