"""The annual plan: is the claimed chance to reach it true? And how long do the engines take?

    python bench/run.py plan

200 companies are drawn from a law that is stated here (`Law`), each with four years of history:
reps are hired, ramp, sell and leave. The engines see that history alone, learn ramp, attrition,
productivity with its spread and luck, and claim the chance to reach targets of the coming year;
then the year is drawn from the same law, day by day, by code of its own. Beside it stands the naive
sum: everybody planned comes on time, nobody leaves, and the plan is «reached» or «not».
"""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from perilune.demo.engine.truth import Truth
from perilune.planning.contracts import (
    FOR_EVER,
    NO_FLOOR,
    Aim,
    Attrition,
    Backfill,
    Band,
    Delay,
    Doubt,
    Heads,
    HiringTask,
    Job,
    Market,
    PlanModel,
    Productivity,
    RampCurve,
    Tree,
)
from perilune.planning.engine import (
    allocate,
    choosing,
    hiring,
    leaving,
    producing,
    ramping,
    simulating,
)

COMPANIES, YEARS, MONTH = 200, 4, 30.4375
HISTORY, YEAR = round(YEARS * 365.25), 365
FIRST = date(2027, 1, 1)
CLAIMS = (0.2, 0.5, 0.8)


@dataclass(frozen=True)
class Law:
    """The truth of one company, drawn anew for each; the engines never see it."""

    seats: int
    ramp: tuple[float, ...]
    hazard: tuple[float, float]
    settled: float
    skill: float
    luck: float
    shock: float
    vacancy: float
    late: float
    minor: float = 5e7

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> Law:
        months = int(rng.integers(5, 13))
        share = np.minimum(np.linspace(0, 1, months + 1) ** rng.uniform(0.7, 1.4), 1.0)
        return cls(
            seats=int(rng.integers(20, 80)),
            ramp=tuple(float(s) for s in share),
            hazard=(float(rng.uniform(0.012, 0.035)), float(rng.uniform(0.008, 0.02))),
            settled=365.25,
            skill=float(rng.uniform(0.15, 0.4)),
            luck=float(rng.uniform(0.2, 0.5)),
            shock=float(rng.uniform(0.02, 0.08)),
            vacancy=float(rng.uniform(40, 110)),
            late=float(rng.uniform(0, 45)),
        )

    @classmethod
    def demo(cls, rng: np.random.Generator) -> Law:
        """The people of the demo company: ramp, resignations, vacancies and skill of its truth."""
        truth = Truth()
        weeks = truth.vacancy_weeks
        return cls(
            seats=sum(truth.seats),
            ramp=truth.ramp,
            hazard=(0.0, float(-np.expm1(MONTH / 7 * np.log1p(-truth.leave_rate)))),
            settled=26 * 7,
            skill=float(np.sqrt(np.expm1(truth.skill_spread**2))),
            luck=float(rng.uniform(0.2, 0.5)),
            shock=float(rng.uniform(0.02, 0.08)),
            vacancy=3.5 * (weeks[0] + weeks[1]),
            late=float(rng.uniform(0, 45)),
        )


@dataclass
class Rep:
    start: int
    end: int
    skill: float
    left: bool = True


def lives(law: Law, rng: np.random.Generator, start: int, until: int) -> list[Rep]:
    """One seat from its first rep on: each stays by the hazard, then it is empty, then filled."""
    chain, begin = [], start
    while begin < until:
        early, late = (-np.log1p(-h) / MONTH for h in law.hazard)
        stay = rng.exponential(1 / early) if early > 0 else np.inf
        if stay > law.settled:
            stay = law.settled + rng.exponential(1 / late)
        sigma = np.sqrt(np.log1p(law.skill**2))
        skill = float(np.exp(sigma * rng.standard_normal() - sigma**2 / 2))
        chain.append(Rep(begin, begin + int(np.ceil(stay)), skill))
        begin = chain[-1].end + round(rng.gamma(4, law.vacancy / 4))
    return chain


def brought(law: Law, rep: Rep, span: tuple[int, int], factor: np.ndarray, rng) -> np.ndarray:
    """Bookings by day of [first, last): ramp x skill x the year's factor, and luck."""
    day = np.arange(*span)
    served = day - rep.start
    month = np.clip((served // MONTH).astype(int), 0, len(law.ramp) - 1)
    there = (served >= 0) & (day < rep.end)
    level = np.where(there, np.array(law.ramp)[month], 0.0)
    noise = law.luck * np.sqrt(level / 365.25) * rng.standard_normal(len(day))
    return law.minor * (level * rep.skill * factor / 365.25 + noise)


def company(
    seed: int, is_demo: bool
) -> tuple[Law, list[Rep], list[np.ndarray], np.random.Generator, np.ndarray]:
    """History of a company: reps with their daily bookings over four years."""
    rng = np.random.default_rng([20271, seed])
    law = Law.demo(rng) if is_demo else Law.drawn(rng)
    walk = np.exp(np.cumsum(law.shock * rng.standard_normal(YEARS + 1)))
    factor = np.repeat(walk, 366)[: HISTORY + YEAR + 9]
    reps = [
        rep
        for _seat in range(law.seats)
        for rep in lives(law, rng, -int(rng.integers(30, 1500)), HISTORY)
        if rep.end > 0
    ]
    made = [brought(law, rep, (0, HISTORY), factor[:HISTORY], rng) for rep in reps]
    return law, reps, made, rng, factor


def learnt(
    reps: list[Rep], made: list[np.ndarray], rng: np.random.Generator
) -> tuple[RampCurve, Attrition, Productivity, Doubt]:
    """What the engines learn from history."""
    rows: list[tuple[int, int, float, bool]] = []
    for number, (rep, value) in enumerate(zip(reps, made, strict=True)):
        month = max(int(np.ceil(-rep.start / MONTH)), 0)
        while rep.start + np.ceil((month + 1) * MONTH) <= min(rep.end, HISTORY):
            first, last = (rep.start + int(np.ceil(m * MONTH)) for m in (month, month + 1))
            daily = float(value[max(first, 0) : last].sum() / (last - first))
            rows.append((number, month, daily, rep.end > HISTORY))
            month += 1
    rep_of, month_of, output, here = (np.array(column) for column in zip(*rows, strict=True))
    curve = ramping.learnt("all", ramping.Tenures(rep_of, month_of, output, here), rng)
    stays = leaving.Stays(
        np.zeros(len(reps), np.int64),
        np.array([max(-rep.start, 0) / MONTH for rep in reps]),
        np.array([(min(rep.end, HISTORY) - rep.start) / MONTH for rep in reps]),
        np.array([rep.end <= HISTORY for rep in reps]),
    )
    (law,) = leaving.attritions(stays, ("all",), (0.0, 12.0))
    return curve, law, *productivity(curve, reps, made)


def productivity(
    curve: RampCurve, reps: list[Rep], made: list[np.ndarray]
) -> tuple[Productivity, Doubt]:
    """Bookings by rep and year beside the ramped time that made them."""
    exposure, output = np.zeros((len(reps), YEARS)), np.zeros((len(reps), YEARS))
    day = np.arange(HISTORY)
    year = np.minimum((day / 365.25).astype(int), YEARS - 1)
    for row, (rep, value) in enumerate(zip(reps, made, strict=True)):
        there = (day >= rep.start) & (day < rep.end)
        level = ramping.share_by_day(curve.share, day - rep.start) * there
        exposure[row] = np.bincount(year, level, YEARS) / 365.25
        output[row] = np.bincount(year, value, YEARS)
    found = producing.learnt("all", exposure, output)
    assert found is not None
    return found[0], Doubt(productivity=found[1], ramp=ramping.ramp_doubt(curve))


def trial(seed: int, is_demo: bool = False) -> tuple[np.ndarray, float, float, float]:
    """Claimed paths of the coming year, the naive sum, what came true, and the ramp's error."""
    law, reps, made, rng, factor = company(seed, is_demo)
    waits = rng.gamma(4, law.vacancy / 4, 40)  # vacancies are on record
    lates = rng.gamma(4, law.late / 4 + 1e-9, 20)
    curve, hazard, product, doubt = learnt(reps, made, np.random.default_rng(seed))
    here = [rep for rep in reps if rep.end > HISTORY]
    hires = rng.integers(0, 200, max(law.seats // 10, 2))
    open_ = [(int(w), False) for w in rng.integers(0, 80, max(law.seats - len(here), 0))]
    planned = [*open_, *((int(h), True) for h in hires)]
    n = len(here) + len(planned)
    heads = Heads(
        FIRST, YEAR, np.concatenate([np.arange(1, len(here) + 1), -np.arange(1, len(planned) + 1)]),
        np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(n, np.int64),
        np.array([rep.start - HISTORY for rep in here] + [start for start, _ in planned]),
        np.full(n, FOR_EVER), np.ones(n),
    )  # fmt: skip
    plan = PlanModel(
        heads, (curve,), (hazard,), (product,), np.full(YEAR, 1 / 365.25),
        (Aim("year", (0,), 0, YEAR - 1, 1),),
        Backfill(1.0, float(waits.mean()), float(waits.std())),
        Delay(float(lates.mean()), float(lates.std())), doubt,
    )  # fmt: skip
    claimed = simulating.draws(plan, seed, paths=4000).reached[:, 0]
    naive = float(simulating.expectation(plan)[0])
    total = 0.0
    coming, year = (HISTORY, HISTORY + YEAR), factor[HISTORY : HISTORY + YEAR]
    for rep in here:
        total += brought(law, rep, coming, year, rng).sum()
        if rep.end < HISTORY + YEAR:
            begin = rep.end + round(rng.gamma(4, law.vacancy / 4))
            for later in lives(law, rng, begin, HISTORY + YEAR):
                total += brought(law, later, coming, year, rng).sum()
    for start, _is_hire in planned:
        begin = HISTORY + start + round(rng.gamma(4, law.late / 4 + 1e-9))
        for later in lives(law, rng, begin, HISTORY + YEAR):
            total += brought(law, later, coming, year, rng).sum()
    truth = np.array(law.ramp)
    length = max(len(truth), len(curve.share))
    both = [np.pad(np.array(c), (0, length - len(c)), mode="edge") for c in (truth, curve.share)]
    return claimed, naive, total, float(np.abs(both[0] - both[1])[:12].mean())


def calibration(is_demo: bool = False) -> Iterator[dict[str, Any]]:
    """Claims of 10 to 90 %: the target is put where the paths claim it; how often it is reached."""
    trials = [trial(seed, is_demo) for seed in range(COMPANIES)]
    curve = {}
    for percent in range(10, 100, 10):
        claim = percent / 100
        came = np.mean([total >= np.quantile(paths, 1 - claim) for paths, _n, total, _r in trials])
        curve[f"{percent} %"] = round(100 * float(came), 1)
    worst = max(abs(curve[f"{round(100 * c)} %"] - 100 * c) for c in CLAIMS)
    naive = np.array([n for _p, n, _t, _r in trials])
    total = np.array([t for _p, _n, t, _r in trials])
    mean = np.array([p.mean() for p, *_rest in trials])
    kind = "the demo's people" if is_demo else "laws drawn anew"
    yield {
        "what": f"claims that come true, {COMPANIES} companies, {kind}",
        "ours": curve,
        "off at 20, 50, 80 %": round(worst, 1),
        "aim": "8 points",
    }
    yield {
        "what": "the naive sum taken as the target: how often it is reached",
        "ours": round(100 * float(np.mean([(p >= n).mean() for p, n, *_r in trials])), 1),
        "truth": round(100 * float((total >= naive).mean()), 1),
        "peer": "the naive sum says 100",
    }
    yield {
        "what": "mean error of the expected year, per cent",
        "ours": round(100 * float(np.abs(mean / total - 1).mean()), 2),
        "bias": round(100 * float((mean / total - 1).mean()), 2),
        "peer": round(100 * float(np.abs(naive / total - 1).mean()), 2),
        "peer's bias": round(100 * float((naive / total - 1).mean()), 2),
        "ramp: mean error of a month's share": round(float(np.mean([r for *_x, r in trials])), 3),
    }


def force(reps: int, units: int, days: int) -> PlanModel:
    rng = np.random.default_rng(7)
    zeros = np.zeros(reps, np.int64)
    heads = Heads(
        FIRST, days, np.arange(1, reps + 1), rng.integers(0, units, reps), zeros, zeros,
        -rng.integers(0, 2500, reps), np.full(reps, FOR_EVER), np.ones(reps),
    )  # fmt: skip
    bands = (
        Band(0, 12, 0, 0, 0.02, 0.02, 0.02), Band(12, 36, 0, 0, 0.016, 0.016, 0.016),
        Band(36, None, 0, 0, 0.01, 0.01, 0.01),
    )  # fmt: skip
    aims = tuple(
        Aim(f"unit {u}", (u,), days - 365, days - 1, round((heads.unit == u).sum() * 6e7 * 1.1))
        for u in range(units)
    )
    return PlanModel(
        heads, (ramping.stated("seller"),), (Attrition("all", bands, 0.15),),
        (Productivity("u", 6e7, 0.3, 0.4),) * units, np.full(days, 1 / 365.25), aims,
        Backfill(), Delay(), Doubt(0.05, 0.1),
    )  # fmt: skip


def timed(what: str, aim: str, do) -> dict[str, Any]:
    clock, processor = time.perf_counter(), time.process_time()
    more = do()
    return {
        "what": what,
        "clock s": round(time.perf_counter() - clock, 2),
        "processor s": round(time.process_time() - processor, 2),
        "peak MB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000),
        "aim": aim,
    } | (more or {})


def paths_row(workers: int) -> dict[str, Any]:
    plan = force(5000, 20, 1826)

    def do() -> None:
        simulating.simulate(plan, 1, paths=10_000, workers=workers)

    what = f"5,000 reps, 20 units, 1,826 days, 10,000 paths, {workers} thread"
    return timed(what + "s" * (workers > 1), "10 s, 2 GB", do)


def targets_row() -> dict[str, Any]:
    rng = np.random.default_rng(5)
    reps, accounts = np.arange(2, 1002), np.arange(2000, 52_000)
    n = 1 + len(reps) + len(accounts)
    given, is_given = np.zeros(n, np.int64), np.arange(n) == 0
    given[0] = 5 * 10**11
    inputs = rng.choice(np.arange(1001, n), 10_000, replace=False)
    given[inputs], is_given[inputs] = rng.integers(0, 10**7, 10_000), True
    floor = np.where(np.arange(n) % 7 == 3, 10**6, NO_FLOOR)
    tree = Tree(
        np.concatenate([[1], reps, accounts]),
        np.concatenate([[0], np.ones(1000, int), rng.choice(reps, len(accounts))]),
        np.concatenate([np.full(1001, np.nan), rng.lognormal(0, 1, len(accounts))]),
        given, is_given, floor, np.full(n, 10**12), np.ones(n), np.zeros(n, bool),
    )  # fmt: skip
    return timed(
        "50,000 account targets, 10,000 inputs kept, floors and caps", "2 s",
        lambda: {"whole": allocate(tree).is_whole},
    )  # fmt: skip


def hiring_row(seconds: float = 25.0) -> dict[str, Any]:
    plan = force(400, 10, 730)
    jobs = tuple(
        Job(
            f"j{j}",
            cost_month=700_000 + 60_000 * j,
            cost_hire=300_000 + j * 50_000,
            lead=1 + j % 4,
            per_month=5,
        )
        for j in range(9)
    )
    jobs = (*jobs, Job("manager", sells=False, leads=7, cost_month=1_100_000, lead=2))
    rng = np.random.default_rng(1)
    markets = tuple(Market(k, (*rng.uniform(0.5, 1.1, 9), 0.0)) for k in range(10))
    task = HiringTask(24, jobs, markets, budget=4 * 10**9, per_month=12, room=(3,) * 10)
    base = simulating.draws(plan, 1, paths=1000).reached.mean(0)
    need = np.array([aim.minor for aim in plan.aims]) * 1.02 - base
    worth = hiring.worths(plan, task)

    def do() -> dict[str, Any]:
        made = choosing.solved(task, worth, need, seconds=seconds)
        heads, short = int(made.heads.sum()), float(made.short.max())
        return {"gap": round(made.gap, 4), "heads": heads, "short": short}

    return timed("hiring, 24 months x 10 roles x 10 segments", "30 s", do)


def run() -> Iterator[dict[str, Any]]:
    simulating.simulate(force(10, 2, 400), 1, paths=10)  # compile once, as a server does
    yield paths_row(1)
    yield paths_row(2)
    yield targets_row()
    yield hiring_row()
    yield from calibration()
    yield from calibration(is_demo=True)
