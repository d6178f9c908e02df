"""Our forecast range beside its peers, in one run: 28 and 91 days, month and quarter to go.

Protocol, peers and metrics are those of ../shared/peers/forecasting/backtest_forecast.py. Members,
width and widening were fixed before this was first run; whatever comes out is reported.

Run: python bench/forecast.py [--quick]            accuracy
     python bench/forecast.py --speed [1000000]    page of a quarter over so many opportunities, ms
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import tempfile
import time
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from perilune.forecasting.engine import (
    COMBINATION,
    FOREVER,
    Ask,
    Calendar,
    Target,
    Wins,
    ask_all,
    history_of,
    knowledge_days,
    quantiles,
)
from perilune.forecasting.engine.backtest import Trial
from perilune.forecasting.engine.spread import Z90

SHARED = Path(os.environ.get("PERILUNE_SHARED", Path(__file__).resolve().parents[2] / "shared"))
PEERS = SHARED / "peers" / "forecasting"
SAMPLES = 1000
WITHOUT_ERRORS = 0.25  # log sd where fewer than four past errors are known, as the peers have it
QUICK = ["--targets", "h4", "--first", "2017-09-03", "--last", "2017-09-24"]


def forecast(known: pd.DataFrame, cutoff: pd.Timestamp, days: int, agents: list[str]) -> Any:
    """Return samples of what `agents` win in the `days` after the cut-off (the peers' door)."""
    wins, first = _wins(known, tuple(agents))
    as_of = (cutoff - first).days
    target = Target(as_of, as_of + 1, as_of + days)
    history = history_of(wins, knowledge_days(target, 0))
    point = ask_all(Ask(history, _calendar(first), target.lead, target.length))[COMBINATION]
    trial = Trial(history, target, point, history.outcomes(target.lead, target.length))
    half = trial.width_at(len(history.days) - 1)
    centre = point[-1]
    if not np.isfinite(centre):  # no quarter behind it: the mean so far
        centre = history.daily[-1].mean() * days
    if half is None:  # the product shows no range here; the peers' rule for such cut-offs
        return quantiles(max(float(centre), 1.0), 0.0, WITHOUT_ERRORS * Z90, SAMPLES)
    return quantiles(float(centre), float(history.deal[-1]), half, SAMPLES)


def _wins(known: pd.DataFrame, agents: tuple[str, ...]) -> tuple[Wins, pd.Timestamp]:
    closed = known[known.close_date.notna()]
    first = closed.close_date.min()
    mine = closed[(closed.deal_stage == "Won") & closed.sales_agent.isin(agents)]
    day = (mine.close_date - first).dt.days.to_numpy().astype(np.int64)
    forever = np.full(len(day), FOREVER, dtype=np.int64)
    amount = mine.close_value.to_numpy(float)
    return Wins(day, amount, day, forever, np.zeros(len(day), dtype=np.int64)), first


@lru_cache
def _calendar(first: pd.Timestamp) -> Calendar:
    start = first.normalize().replace(day=1) - pd.DateOffset(months=3)
    months = [(start + pd.DateOffset(months=k) - first).days for k in range(48)]
    return Calendar(np.array(months, float), np.zeros(0))


def run(quick: bool = False) -> list[dict[str, Any]]:
    """Run the peers' script with our engine; one row per target, level and method."""
    script = PEERS / "backtest_forecast.py"
    if not script.exists():
        print(f"skipped: {script} is absent", file=sys.stderr)
        return []
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, str(script), "--out", out, "--methods", "point"]
        command += ["--engine", f"{Path(__file__).resolve()}:forecast", *(QUICK if quick else [])]
        started = time.perf_counter()
        environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        subprocess.run(command, check=True, env=environment, capture_output=True, cwd=PEERS)
        seconds = time.perf_counter() - started
        with (Path(out) / "summary.csv").open() as file:
            rows = list(csv.DictReader(file))
    return [_row(row, seconds) for row in rows]


def _row(row: dict[str, str], seconds: float) -> dict[str, Any]:
    figures = ("WAPE", "bias", "nCRPS", "cov80", "width80")
    name = "perilune" if row["method"] == "engine" else row["method"]
    return {
        "bench": "forecast",
        "target": row["target"],
        "level": row["level"],
        "method": name,
        "n": int(float(row["n"])),
        **{figure: round(float(row[figure]), 4) for figure in figures},
        "run_seconds": round(seconds, 1),
    }


def speed(count: int) -> list[dict[str, Any]]:
    """Time the page and its drawer with `count` opportunities: wall and processor time, ms."""
    import pages  # the made company of the other pages

    owner = pages.home()
    pages.fill(count)
    from django.test import Client

    from perilune.forecasting.queries import ranges
    from perilune.store import refreshing, sessions

    # the rows are in the store alone: a refresh would find the records empty and take them away
    refreshing.refresh = lambda *_, **__: 1
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(owner)

    def ask(url: str) -> tuple[float, float]:
        wall, processor = time.perf_counter(), time.process_time()
        answer = client.get(url)
        assert answer.status_code == 200, (url, answer.status_code)
        return (time.perf_counter() - wall) * 1000, (time.process_time() - processor) * 1000

    def line(url: str, kind: str, taken: list[tuple[float, float]]) -> dict[str, Any]:
        best = min(taken)
        return {
            "bench": "forecast-speed",
            "page": url,
            "opportunities": count,
            "kind": kind,
            "wall_ms_best": round(best[0]),
            "wall_ms_worst": round(max(taken)[0]),
            "processor_ms_best": round(min(one[1] for one in taken)),
        }

    found = []
    for url in ("/forecast/2025-Q4/", "/forecast/2025-Q4/?by=rep", "/forecast/2025-Q4/why/"):
        ask(url)  # templates and imports are loaded once in the life of a process
        cold = []
        for _ in range(3):
            sessions.reader().close()
            ranges.forget()
            cold.append(ask(url))
        found += [line(url, "cold", cold), line(url, "warm", [ask(url) for _ in range(10)])]
    return found


def main() -> None:
    if "--speed" in sys.argv:
        for row in speed(int(sys.argv[-1]) if sys.argv[-1].isdigit() else 1_000_000):
            print(row, flush=True)
        return
    rows = run(quick="--quick" in sys.argv)
    for row in sorted(rows, key=lambda item: (item["level"], item["target"], item["nCRPS"])):
        print(
            f"{row['level']:8} {row['target']:4} {row['method']:26} nCRPS {row['nCRPS']:.3f}  "
            f"WAPE {row['WAPE']:.3f}  bias {row['bias']:+.3f}  cov80 {row['cov80']:.2f}  "
            f"width80 {row['width80']:.2f}"
        )


if __name__ == "__main__":
    main()
