"""Our forecast range beside its peers, in one run: 28 and 91 days, month and quarter to go.

Protocol, peers and metrics are those of ../shared/peers/forecasting/backtest_forecast.py and, for
the chances of open deals, of ../shared/peers/scoring/open_deal_scoring.py. The engine is that of
the product: each cut-off learns from what was known on it. It was developed on these sales, so what
comes out is reachable, not blind; blind are the figures of the BPI 2012 log (bench/README.md).

Run: python bench/forecast.py [--quick]            accuracy
     python bench/forecast.py --deals              chances of open deals within 28 and 91 days
     python bench/forecast.py --luck            how often a perfect range would hold the aim
     python bench/forecast.py --scale              simulation of 10,000 to 1,000,000 open deals
     python bench/forecast.py --demo [4w ...]   ranges on the demo company, whose truth is known
     python bench/forecast.py --scenarios       scenario deltas beside the true effect
     python bench/forecast.py --speed [1000000]    page of a quarter over so many opportunities, ms
"""

from __future__ import annotations

import csv
import os
import resource
import subprocess
import sys
import tempfile
import time
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from perilune.forecasting.contracts import By
from perilune.forecasting.engine import (
    FOREVER,
    Answer,
    Calendar,
    Draw,
    Question,
    Seats,
    Target,
    Unit,
    Wins,
    arrivals,
    expectation,
    knowledge_days,
    simulate,
)
from perilune.forecasting.engine import forecast as forecast_tree
from perilune.insights.engine import journeys as j
from perilune.insights.engine import learning
from perilune.insights.engine.design import Season

SHARED = Path(os.environ.get("PERILUNE_SHARED", Path(__file__).resolve().parents[2] / "shared"))
PEERS = SHARED / "peers" / "forecasting"
QUICK = ["--targets", "h4", "--first", "2017-09-03", "--last", "2017-09-24"]
SEED, PATHS = 20_170_301, 4096


def forecast(known: pd.DataFrame, cutoff: pd.Timestamp, days: int, agents: list[str]) -> Any:
    """Return samples of what `agents` win in the `days` after the cut-off (the peers' door)."""
    world = _world(cutoff, _Table(known))
    answer, reps = world.answer(days)
    rows = [at for at, name in enumerate(reps) if name in set(agents)]
    assert answer.lots is not None
    return answer.lots.samples[rows].sum(axis=0)


class _Table:
    """A table that hashes by identity, so that one cut-off is prepared once."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame

    def __hash__(self) -> int:
        return 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Table)


@lru_cache(maxsize=2)
def _world(cutoff: pd.Timestamp, table: _Table) -> World:
    return World(table.frame, cutoff)


_LESSONS: dict[int, learning.Lesson] = {}
"""Models by the day they were learnt on: later knowledge plays no part in them."""


class World:
    """What is known at a cut-off, as the engine reads it."""

    def __init__(self, known: pd.DataFrame, cutoff: pd.Timestamp) -> None:
        self.first = known.close_date.min()
        self.day = (cutoff - self.first).days
        self.reps = sorted(known.sales_agent.unique())
        self.journeys = _journeys(known, self.first)
        self.season = _season(self.first)
        phase = (6 - self.first.weekday()) % 7
        for day in learning.lesson_days(self.day, 80, phase):
            if day not in _LESSONS:
                _LESSONS[day] = learning.teach(self.journeys, day, self.season)
        self.lessons = [_LESSONS[day] for day in sorted(_LESSONS) if day <= self.day]
        team = known.drop_duplicates("sales_agent").set_index("sales_agent")
        regions = sorted(known.regional_office.unique())
        managers = sorted(known.manager.unique())
        self.seats = Seats(
            np.arange(len(self.reps)),
            np.array([managers.index(team.manager[name]) for name in self.reps]),
            np.array([regions.index(team.regional_office[name]) for name in self.reps]),
        )
        self.units = {by: _units(by, self.seats.ids(by)) for by in (By.REGION, By.TEAM)}
        won = known[(known.deal_stage == "Won") & known.close_date.notna()]
        at = (won.close_date - self.first).dt.days.to_numpy().astype(np.int64)
        seat = np.searchsorted(self.reps, won.sales_agent.to_numpy())
        self.wins = Wins(at, won.close_value.to_numpy(float), at, np.full(len(at), FOREVER), seat)
        self.won_born = (won.engage_date - self.first).dt.days.to_numpy()
        self._answers: dict[int, Answer] = {}
        self._outlooks: dict[tuple[int, int], Any] = {}

    def outlook(self, day: int, horizon: int) -> Any:
        """Return the outlook of a day, None without a model of the fortnight before it."""
        models = [item for item in self.lessons if day - 13 <= item.day <= day]
        if not models:
            return None
        if (day, horizon) not in self._outlooks:
            correction = learning.corrections(self.journeys, day, self.lessons)
            self._outlooks[day, horizon] = learning.outlook_of(
                models[-1].model, self.journeys, day, self.season, correction, horizon=horizon
            )
        return self._outlooks[day, horizon]

    def answer(self, days: int) -> tuple[Answer, list[str]]:
        """Return the forecast of the next days, and the names of the seats."""
        if days not in self._answers:
            target = Target(self.day, self.day + 1, self.day + days)
            self._answers[days] = forecast_tree(self.question(target))
        return self._answers[days], self.reps

    def question(self, target: Target) -> Question:
        """Return what the engine is asked of a window, with what each origin knew."""
        from perilune.insights.contracts import horizon_for

        asked = [int(day) for day in knowledge_days(target, 0)]
        earlier = [asked[0] - 7 * back for back in range(arrivals.MEMORY + 1, 0, -1)]
        horizon = horizon_for(target.length)
        outlooks = {day: self.outlook(day, horizon) for day in (*earlier, *asked) if day >= 0}
        factors: dict[int, Any] = {}
        past: list[Any] = []
        for day, found in outlooks.items():
            if found is None:
                continue
            seen = self.wins.day <= day
            factors[day] = arrivals.corrections(past, self.won_born[seen], self.wins.day[seen], day)
            past.append(found)
        rows = [outlooks.get(day) for day in asked]
        seats = [row.owners if row is not None else np.zeros(0, np.int64) for row in rows]
        simulated = expectation.expected(
            rows, [factors.get(day, np.ones(4)) for day in asked], seats, len(self.reps), target
        )
        now = outlooks[self.day]
        draw = None
        if now is not None:
            correction = learning.corrections(self.journeys, self.day, self.lessons)
            model = [item for item in self.lessons if item.day <= self.day][-1].model
            deals = learning.open_deals(
                model, self.journeys, self.day, self.season, correction, bounds=(0, target.length)
            )
            draw = expectation.draw_of(
                now, factors[self.day], deals, deals.owner, now.owners, target
            )
        everyone = Unit("total", "total", seats=tuple(range(len(self.reps))))
        return Question(
            self.wins, self.seats, self.units, target, _calendar(self.first), everyone,
            simulated, draw, SEED, PATHS,
        )  # fmt: skip


def _units(by: By, ids: Any) -> tuple[Unit, ...]:
    return tuple(
        Unit(f"{by.value}:{id_}", str(id_), by, int(id_), tuple(np.flatnonzero(ids == id_)))
        for id_ in np.unique(ids)
    )


def _journeys(known: pd.DataFrame, first: pd.Timestamp) -> j.Journeys:
    """Return the deals: open with the list price from the engage date on, then closed."""
    count = len(known)
    created = (known.engage_date - first).dt.days.to_numpy().astype(np.int64)
    has = known.close_date.notna().to_numpy()
    close = (known.close_date - first).dt.days.fillna(j.UNKNOWN).to_numpy().astype(np.int64)
    won = (known.deal_stage == "Won").to_numpy()
    deal = np.concatenate([np.arange(count), np.flatnonzero(has)])
    order = np.argsort(deal, kind="stable")

    def both(before: Any, after: Any) -> Any:
        return np.concatenate([before, after])[order]

    def same(column: Any) -> Any:
        return both(column, column[has]).astype(np.int64)

    forever = np.full(count, j.FOREVER)
    products = sorted(known["product"].unique())
    managers = sorted(known.manager.unique())
    return j.Journeys(
        deal=deal[order],
        start=both(created, close[has]),
        end=both(np.where(has, close, j.FOREVER), forever[has]),
        state=both(np.zeros(count, np.int64), np.where(won[has], j.WON, j.LOST)),
        closed=both(np.full(count, j.UNKNOWN), close[has]),
        due=np.full(len(deal), j.UNKNOWN),
        value=both(
            known.sales_price.to_numpy(float), known.close_value.fillna(0).to_numpy(float)[has]
        ),
        owner=same(np.searchsorted(sorted(known.sales_agent.unique()), known.sales_agent)),
        pushes=np.zeros(len(deal), np.int64),
        created=created,
        key=known.index.to_numpy().astype(np.int64),
        codes={
            "product": same(np.searchsorted(products, known["product"])),
            "team": same(np.searchsorted(managers, known.manager)),
        },
        levels={"product": tuple(products), "team": tuple(managers)},
    )


@lru_cache
def _season(first: pd.Timestamp) -> Season:
    days = first + pd.to_timedelta(np.arange(-800, 1600), "D")
    quarter = pd.PeriodIndex(days, freq="Q").start_time
    week = np.minimum(((days - quarter).days // 7).to_numpy(), 12).astype(np.int64)
    return Season(week, (days.month - 1).to_numpy().astype(np.int64), 800)


@lru_cache
def _calendar(first: pd.Timestamp) -> Calendar:
    start = first.normalize().replace(day=1) - pd.DateOffset(months=3)
    months = [(start + pd.DateOffset(months=k) - first).days for k in range(48)]
    return Calendar(np.array(months, float), np.zeros(0))


def deals() -> list[dict[str, Any]]:
    """Score the chance of every open deal at weekly cut-offs, as the peers are scored."""
    sys.path[:0] = [str(PEERS), str(PEERS.parent / "scoring")]
    from deals import Pipeline
    from open_deal_scoring import metrics

    pipeline = Pipeline()
    world = World(pipeline.known_at(pipeline.n_days - 1), pipeline.end)
    found = []
    for window in (28, 91):
        tables = []
        for cutoff in pd.date_range("2017-06-04", pipeline.end, freq="W-SUN"):
            day = pipeline.day(cutoff)
            if day + window >= pipeline.n_days:
                continue
            model = [item for item in world.lessons if item.day <= day][-1].model
            correction = learning.corrections(world.journeys, day, world.lessons)
            seen = learning.open_deals(
                model, world.journeys, day, world.season, correction, bounds=(0, window)
            )
            won = pipeline.won[seen.key] & (pipeline.close[seen.key] <= day + window)
            tables.append(
                pd.DataFrame({"y": won.astype(int), "day": day, "perilune": seen.win[:, 1]})
            )
        found.append({"H": window, **metrics(pd.concat(tables), "perilune")})
    return found


def scale() -> list[dict[str, Any]]:
    """Time 10,000 paths over made deals: 500 reps, chances and values as in a real pipeline."""
    rng = np.random.default_rng(1)
    found = []
    for count in (10_000, 100_000, 1_000_000):
        seats = 500
        seat = np.sort(rng.integers(0, seats, count))
        draw = Draw(
            deal_seat=seat,
            deal_key=np.arange(count),
            deal_value=rng.lognormal(10, 1, count),
            deal_win=rng.beta(0.6, 4, count),
            new_seat=np.arange(seats),
            new_key=np.arange(seats),
            new_value=np.full(seats, 30_000.0),
            new_wins=np.full(seats, 3.0),
            new_kind=np.zeros(seats, dtype=np.int64),
            ratios=np.ones(32),
            sizes=np.ones((1, 64)),
            shape=np.ones(64),
        )
        simulate(draw, seats, 16, 1)  # compiled and cached before it is timed
        wall, processor = time.perf_counter(), time.process_time()
        samples = simulate(draw, seats, 10_000, SEED)
        taken = time.perf_counter() - wall, time.process_time() - processor
        one = draw.deal_seat == seat[0]
        alone = Draw(
            draw.deal_seat[one], draw.deal_key[one], draw.deal_value[one], draw.deal_win[one],
            draw.new_seat[:1], draw.new_key[:1], draw.new_value[:1], draw.new_wins[:1],
            draw.new_kind[:1], draw.ratios, draw.sizes, draw.shape,
        )  # fmt: skip
        again = time.perf_counter()
        simulate(alone, 1, 10_000, SEED)
        found.append(
            {
                "bench": "forecast-scale",
                "open_deals": count,
                "reps": seats,
                "paths": 10_000,
                "wall_s": round(taken[0], 2),
                "cpu_s": round(taken[1], 2),
                "one_seat_again_s": round(time.perf_counter() - again, 4),
                "samples_mb": round(samples.nbytes / 2**20),
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
        )
    return found


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
    import made  # the made company of the other pages

    owner = made.home()
    made.fill(count)
    from django.test import Client

    from perilune.kernel.keeping import forget_all
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
            forget_all()
            cold.append(ask(url))
        found += [line(url, "cold", cold), line(url, "warm", [ask(url) for _ in range(10)])]
    return found


def main() -> None:
    import forecast_demo
    import forecast_luck
    import forecast_scenarios

    jobs = {
        "--deals": deals,
        "--scale": scale,
        "--luck": lambda: forecast_luck.luck(PEERS),
        "--demo": forecast_demo.coverage,
        "--scenarios": forecast_scenarios.scenarios,
    }
    for flag in jobs.keys() & set(sys.argv):
        for row in jobs[flag]():
            print(row, flush=True)
        return
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
