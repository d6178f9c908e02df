"""When to hire whom and where: cheapest on expectation, then as much more as the chance asks for.

The expected worth of a head comes from its ramp, its survival and whoever fills the seat after; the
people who are there already count with the mean of their simulation. The programme's answer is
simulated; while the chance of the worst aim falls short of the one asked, the targets are raised by
what the paths lack at that chance.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from perilune.planning.contracts import (
    FOR_EVER,
    HiringPlan,
    HiringTask,
    Missing,
    PlanModel,
    Start,
)
from perilune.planning.contracts.tables import Floats, Ids
from perilune.planning.engine.choosing import Solved, solved
from perilune.planning.engine.lasting import seat
from perilune.planning.engine.simulating import draws

ROUNDS = 6
"""How often the margin is raised at most."""
SECONDS = 4.0
"""Time of one programme, of which there are seven at most: most need far less, the gap is shown."""
PATHS = 4_000
SMALLEST = 0.001
"""Share of the target by which the margin grows at least, twice as much each round."""
SOME_CENTS = 100.0


def advise(
    plan: PlanModel,
    task: HiringTask,
    seed: int,
    *,
    paths: int = PATHS,
    seconds: float = SECONDS,
    waiting: bool = True,
) -> HiringPlan:
    """Return the hiring advised, its cost with a proven bound, its chance, and what waiting costs.

    Where no allowed hiring meets the aims (with the margin that the chance asks for), the advice is
    the one that misses least, and `missing` says by how much on expectation.
    """
    base = draws(plan, seed, paths=paths).reached
    worth = worths(plan, task)
    made = attempt(plan, task, seed, base, worth, paths=paths, seconds=seconds)
    while not made.is_last:
        made = attempt(plan, task, seed, base, worth, last=made, paths=paths, seconds=seconds)
    return advice(plan, task, base, worth, made, seconds=seconds, waiting=waiting)


@dataclass(frozen=True)
class Attempt:
    """One answer of the programme and its simulation. turn: from 0. margin: on the targets.

    next_margin: that of the attempt after it. is_last: the chance is met, none is asked, the target
    is out of reach, or there were enough attempts.
    """

    turn: int
    margin: float
    made: Solved
    chance: float | None
    next_margin: float
    is_last: bool


def attempt(
    plan: PlanModel,
    task: HiringTask,
    seed: int,
    base: Floats,
    worth: Floats,
    *,
    last: Attempt | None = None,
    paths: int = PATHS,
    seconds: float = SECONDS,
) -> Attempt:
    """Return the next attempt. base: (P, A) what paths reach without hires. worth: of `worths`."""
    target = np.array([aim.minor for aim in plan.aims], dtype=np.float64)
    turn, margin = (0, 0.0) if last is None else (last.turn + 1, last.next_margin)
    need = target * (1 + margin) - base.mean(axis=0)
    hint = None if last is None else last.made.heads
    made = solved(task, worth, need, seconds=seconds, hint=hint)
    if task.wanted is None:
        return Attempt(turn, margin, made, None, margin, is_last=True)
    reached = draws(staffed(plan, task, made.heads), seed, paths=paths).reached
    met = (reached >= target).mean(axis=0)
    chance = float(met.min())
    is_last = chance >= task.wanted or bool(made.short.max() > SOME_CENTS) or turn + 1 >= ROUNDS
    worst = int(met.argmin())
    lacks = target[worst] - float(np.quantile(reached[:, worst], 1 - task.wanted))
    following = margin + max(lacks / target[worst], SMALLEST * 2**turn)
    return Attempt(turn, margin, made, chance, following, is_last)


def advice(
    plan: PlanModel,
    task: HiringTask,
    base: Floats,
    worth: Floats,
    last: Attempt,
    *,
    seconds: float = SECONDS,
    waiting: bool = True,
) -> HiringPlan:
    """Return what the last attempt advises, with what waiting a month costs."""
    expected = base.mean(axis=0) + np.tensordot(last.made.heads, worth, axes=3)
    need = needed(plan, base, last)
    later = solved(task, worth, need, wait=1, seconds=seconds) if waiting else None
    return _told(plan, last.made, (last.margin, last.chance), expected, later)


def needed(plan: PlanModel, base: Floats, last: Attempt) -> Floats:
    """Return (A,) what hires had to bring on expectation in an attempt, minor units."""
    target = np.array([aim.minor for aim in plan.aims], dtype=np.float64)
    return np.asarray(target * (1 + last.margin) - base.mean(axis=0))


def _told(
    plan: PlanModel,
    made: Solved,
    reached: tuple[float, float | None],
    expected: Floats,
    later: Solved | None,
) -> HiringPlan:
    missing = _missing(plan, made)
    late = () if later is None else _missing(plan, later)
    can_wait = later is not None and not late and not missing
    return HiringPlan(
        starts=tuple(
            Start(month, job, market, int(made.heads[month, job, market]))
            for month, job, market in zip(
                *(at.tolist() for at in np.nonzero(made.heads)), strict=True
            )
        ),
        cost=round(made.cost),
        bound=min(made.bound, made.cost),
        gap=made.gap,
        margin=reached[0],
        chance=reached[1],
        expected=expected,
        missing=missing,
        waiting=round(later.cost - made.cost) if can_wait and later is not None else None,
        waiting_missing=late,
        seconds_limit_hit=made.is_late,
    )


def _missing(plan: PlanModel, made: Solved) -> tuple[Missing, ...]:
    return tuple(
        Missing(aim.name, float(short))
        for aim, short in zip(plan.aims, made.short.tolist(), strict=True)
        if short > SOME_CENTS
    )


def firsts(plan: PlanModel, months: int) -> list[int]:
    """Return the first column of each month counted from the plan's first day."""
    day = plan.heads.first_day
    found = []
    for month in range(months):
        year, place = divmod(day.month - 1 + month, 12)
        found.append((date(day.year + year, place + 1, 1) - day).days if month else 0)
    return found


def worths(plan: PlanModel, task: HiringTask) -> Floats:
    """Return (T, J, K, A) expected bookings in each aim of a head that starts in a month.

    A head starts late by the mean delay, or never; diminishing returns are taken at the margin of
    the unit's ramped FTE without any hire.
    """
    days = plan.heads.days
    column = firsts(plan, task.months)
    made = np.zeros((task.months, len(task.jobs), len(task.markets), len(plan.aims)))
    late = round(plan.delay.days)
    margin = _margins(plan)
    for job_at, job in enumerate(task.jobs):
        if not job.sells:
            continue
        path = seat(plan.ramps[job.ramp], plan.attrition[job.group], plan.backfill, days)
        path = path * (1 - plan.delay.missed)
        for month, first in enumerate(column):
            begin = first + late
            if begin >= days:
                continue
            brought = np.zeros(days)
            brought[begin:] = path[: days - begin]
            brought *= plan.season
            for at, aim in enumerate(plan.aims):
                worth = float(brought[aim.first : aim.last + 1].sum())
                for market_at, market in enumerate(task.markets):
                    if market.unit in aim.units:
                        law = plan.productivity[market.unit]
                        factor = law.minor * margin[market.unit] * market.yields[job_at]
                        made[month, job_at, market_at, at] = worth * factor
    return made


def _margins(plan: PlanModel) -> Floats:
    from perilune.planning.engine.staffing import capacity

    ramped = capacity(plan.heads, plan.ramps, plan.productivity, plan.season).ramped.mean(axis=1)
    found = np.ones(len(plan.productivity))
    for unit, law in enumerate(plan.productivity):
        e = law.returns.elasticity
        there = max(float(ramped[unit]) + law.returns.beside, 1.0)
        found[unit] = e * (there / law.returns.reference) ** (e - 1) if e != 1 else 1.0
    return found


def staffed(plan: PlanModel, task: HiringTask, heads: Ids) -> PlanModel:
    """Return the plan with the sellers of an answer (T, J, K) as planned hires."""
    column = firsts(plan, task.months)
    rows = [
        (column[month], job, market)
        for month, job, market in zip(*(at.tolist() for at in np.nonzero(heads)), strict=True)
        for _head in range(int(heads[month, job, market]))
        if task.jobs[job].sells
    ]
    if not rows:
        return plan
    start, job, market = (np.array(values, dtype=np.int64) for values in zip(*rows, strict=True))
    there, n = plan.heads, len(rows)
    least = min(int(there.rep.min(initial=0)), 0)
    yields = np.array([[own.yields[j] for j in range(len(task.jobs))] for own in task.markets])
    people = replace(
        there,
        rep=np.append(there.rep, least - 1 - np.arange(n)),
        unit=np.append(there.unit, np.array([own.unit for own in task.markets])[market]),
        ramp=np.append(there.ramp, np.array([own.ramp for own in task.jobs])[job]),
        group=np.append(there.group, np.array([own.group for own in task.jobs])[job]),
        start=np.append(there.start, start),
        last=np.append(there.last, np.full(n, FOR_EVER)),
        fte=np.append(there.fte, np.minimum(yields[market, job], 1.0)),
    )
    return replace(plan, heads=people)
