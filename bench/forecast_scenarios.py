"""Scenario deltas beside the true effect: small demo companies that live on with and without.

The true effect is the mean over CONTINUATIONS of the generator's own course of the next quarter.
- hire: three sellers in one team. Truth: what all sellers would bring of deals created from now on
  if all were as new as the hired ones, per head.
- price: all prices rise by a tenth, but for deals in commit. Truth: a tenth of what they bring.
- region: all sellers of a region leave within a week. Truth: what the region brings without them
  less what it brings with them; renewals come back all the same, open deals go to the managers.
A company has ten sellers, two years of history and one seed; each seed is a process of its own.
"""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

SEEDS = 16
CONTINUATIONS = 240
NEXT_MONDAY = date(2026, 9, 28)
"""Nothing of this day is known; the quarter that is asked for begins on the Thursday after it."""
QUARTER = date(2026, 10, 1), date(2026, 12, 31)
HEADS, PRICE, RAMP_DAYS = 3, 1.1, 240


def truth_of() -> Any:
    """Return the truth of the small companies."""
    from perilune.demo.engine.truth import Truth

    return Truth(
        years=2.0, seats=(4, 0, 0, 3, 0, 3, 0), seats_at_start=1.0, accounts=500,
        activity_weeks=8, submission_weeks=4,
    )  # fmt: skip


class Future:
    """The company's course from next Monday to the end of the quarter, again and again."""

    def __init__(self, seed: int) -> None:
        from perilune.demo.engine.company import history_start, make_market, make_rates, make_staff
        from perilune.demo.engine.days import Streams, make_weeks
        from perilune.demo.engine.deals import World, _Walk
        from perilune.demo.engine.words import TEAM_REGION

        truth, streams = truth_of(), Streams(seed)
        start = history_start(NEXT_MONDAY, truth.years)
        weeks = make_weeks(start, QUARTER[1] + timedelta(days=3))
        staff = make_staff(truth, weeks, streams)
        market = make_market(truth, streams, staff.seat_team, np.array(TEAM_REGION))
        self.world = World(truth, weeks, streams, staff, market, make_rates(weeks, streams))
        self.now = int(np.flatnonzero(weeks.monday == NEXT_MONDAY.toordinal())[0])
        self.seed, self.walk = seed, _Walk(self.world)
        for week in range(self.now):
            self._week(self.walk, week, streams)
        self.open = self.walk.story.book.open_deals()

    def _week(self, walk: Any, week: int, streams: Any) -> None:
        rng = streams.of("deals", week)
        walk._hand_over(week, rng)
        walk._step(week, rng)
        walk.arrivals.week(week, walk.story.book, rng, walk.traits)

    def lives(self, change: Any = None) -> Any:
        """Give the book of each continuation; change: what is done to the copy before it begins."""
        from perilune.demo.engine.book import Book, Log
        from perilune.demo.engine.days import Streams
        from perilune.demo.engine.deals import Story

        for turn in range(CONTINUATIONS):
            walk = copy.copy(self.walk)
            book = Book(1)
            book.count = self.walk.story.book.count
            book._columns = {
                name: column.copy() for name, column in self.walk.story.book._columns.items()
            }
            walk.story, walk.traits = Story(book, Log()), copy.copy(self.walk.traits)
            walk.arrivals = copy.copy(self.walk.arrivals)
            walk.arrivals.customers = set(self.walk.arrivals.customers)
            walk.arrivals.staff = walk_staff = copy.copy(self.world.staff)
            walk.world = replace(self.world, staff=walk_staff)
            if change:
                change(walk)
            streams = Streams(10_000 * (self.seed + 1) + turn)
            for week in range(self.now, self.world.weeks.count):
                self._week(walk, week, streams)
            yield book

    def won(self, book: Any, chosen: Any) -> float:
        """Return what chosen deals brought in the quarter, euros."""
        from perilune.demo.engine.arrivals import _PER_EUR
        from perilune.demo.engine.book import WON

        rows = slice(0, book.count)
        day = book["close"][rows]
        inside = (book["status"][rows] == WON) & (book["excluded"][rows] == 0) & chosen
        inside &= (day >= QUARTER[0].toordinal()) & (day <= QUARTER[1].toordinal())
        return float((book["amount"][rows] / 100 / _PER_EUR[book["currency"][rows]])[inside].sum())

    def hire(self) -> float:
        """Return what HEADS new sellers bring."""
        from perilune.demo.engine.arrivals import RENEWAL

        curve = np.array(self.world.truth.ramp)
        since = np.maximum(np.arange(self.world.weeks.count) - self.now, 0) * 7 / 30.4375
        ramp = curve[np.clip(since, 0, len(curve) - 1).astype(np.int64)]
        staff = self.world.staff
        heads = (staff.holder[:, self.now] >= 0).sum()

        def renew(walk: Any) -> None:
            walk.arrivals.staff.ramp = np.broadcast_to(ramp, staff.ramp.shape)
            walk.traits.ramp = walk.traits.ramp.copy()
            walk.traits.ramp[: staff.sellers] = ramp

        brought = [
            self.won(book, (book["created_week"][: book.count] >= self.now)
                     & (book["type"][: book.count] != RENEWAL))
            for book in self.lives(renew)
        ]  # fmt: skip
        return float(np.mean(brought)) / heads * HEADS

    def price(self) -> float:
        """Return a share of what all but deals in commit bring."""
        from perilune.demo.engine.book import COMMIT
        from perilune.demo.engine.deals import LAST

        now = self.walk.story.book
        category, stage = now["category"][: now.count], now["stage"][: now.count]
        is_commit = (category == COMMIT) | ((category < 0) & (stage == LAST))
        brought = []
        for book in self.lives():
            reached = np.ones(book.count, bool)
            reached[: now.count] = ~is_commit
            brought.append(self.won(book, reached))
        return (PRICE - 1) * float(np.mean(brought))

    def region(self, region: int) -> float:
        """Return what a region brings without its sellers less what it brings with them."""
        from perilune.demo.engine.words import TEAM_REGION

        staff, week = self.world.staff, self.now + 1
        seats = np.flatnonzero(np.array(TEAM_REGION)[staff.seat_team] == region)
        sellers = np.unique(staff.holder[seats, self.now :])
        sellers = sellers[sellers >= 0]

        def leave(walk: Any) -> None:
            walk.traits.leave = walk.traits.leave.copy()
            walk.traits.leave[sellers] = np.minimum(walk.traits.leave[sellers], week)
            holder = staff.holder.copy()
            holder[seats, week:] = -1
            walk.arrivals.staff.holder = holder

        def mean(change: Any) -> float:
            return float(np.mean([
                self.won(book, book["region"][: book.count] == region)
                for book in self.lives(change)
            ]))  # fmt: skip

        return mean(leave) - mean(None)


def one(seed: int) -> list[dict[str, Any]]:
    """Build the company of a seed, ask the three scenarios, compare them with what is true."""
    import forecast_demo

    forecast_demo.home(f"scenario-{seed}")
    from perilune.demo.engine.words import TEAM_NAMES, TEAM_REGION
    from perilune.demo.service import demo_build
    from perilune.forecasting.queries.scenarios import scenario_results
    from perilune.kernel.asof import AsOf
    from perilune.kernel.scope import Scope
    from perilune.people.queries import company, company_or_none, reps_as_of, teams_as_of
    from perilune.planning.contracts import (
        Assumption,
        Hire,
        Leave,
        Price,
        Scenario,
        ScenarioHead,
    )

    if company_or_none() is None:
        demo_build(NEXT_MONDAY, seed, truth=truth_of(), recorded_weeks=0)
    found = company()
    as_of = AsOf.parse((NEXT_MONDAY - timedelta(days=1)).isoformat(), found.zone)
    future = Future(seed)
    staff = future.world.staff
    team_ids = {row["name"]: id_ for id_, row in teams_as_of(as_of).items()}
    rep_ids = {row["name"]: id_ for id_, row in reps_as_of(as_of).items()}
    region = TEAM_REGION[3]
    gone = [
        rep_ids[staff.reps[rep].name]
        for seat, rep in enumerate(staff.holder[:, future.now - 1])
        if rep >= 0 and TEAM_REGION[staff.seat_team[seat]] == region
    ]
    team = team_ids[TEAM_NAMES[0]]
    edits = {
        "hire": (Hire(team, NEXT_MONDAY, heads=HEADS, ramp_days=RAMP_DAYS),),
        "price": (Price(PRICE, NEXT_MONDAY),),
        "region": tuple(Leave(rep, NEXT_MONDAY + timedelta(days=6)) for rep in gone),
    }
    asked = [
        Scenario(
            ScenarioHead(0, name, "bench", "2026-Q4", (), 1, len(items)),
            tuple(Assumption(1 + at, edit) for at, edit in enumerate(items)),
        )
        for name, items in edits.items()
    ]
    period = found.calendar.parse("2026-Q4")
    answers = scenario_results(asked, period, as_of, Scope.company(), learn=True)
    true = {"hire": future.hire(), "price": future.price(), "region": future.region(region)}
    rows = []
    for answer in answers:
        delta, whole = answer.total.delta, true[answer.name]
        assert delta is not None, answer.unapplied
        low, high = delta.p10 / 100, delta.p90 / 100
        rows.append({
            "bench": "forecast-scenarios", "seed": seed, "scenario": answer.name,
            "true": round(whole), "p10": round(low), "p50": round(delta.p50 / 100),
            "p90": round(high), "mean": round(delta.mean / 100),
            "holds": bool(low <= whole <= high),
        })  # fmt: skip
    return rows


def scenarios() -> Iterator[dict[str, Any]]:
    """Give the rows of every seed, then the share that holds the true effect of each scenario."""
    rows: list[dict[str, Any]] = []
    for seed in range(1, SEEDS + 1):
        command = [sys.executable, str(Path(__file__).resolve()), str(seed)]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        found = [json.loads(line) for line in told.splitlines() if line.startswith("{")]
        rows += found
        yield from found
    for name in ("hire", "price", "region"):
        mine = [row for row in rows if row["scenario"] == name]
        true, mean = (sum(row[key] for row in mine) for key in ("true", "mean"))
        yield {
            "bench": "forecast-scenarios",
            "seed": "all",
            "scenario": name,
            "n": len(mine),
            "holds": round(sum(row["holds"] for row in mine) / len(mine), 3),
            "mean_over_true": round(mean / true, 2),
        }


if __name__ == "__main__":
    for line in one(int(sys.argv[1])):
        print(json.dumps(line), flush=True)
