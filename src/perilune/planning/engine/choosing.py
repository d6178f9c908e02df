"""The hiring task as a mixed-integer programme: whole heads by month, job and unit.

minimise cost, such that every aim's expected bookings are met and budget, starts a month, room in
a market and the span of managers hold; where no answer exists, what misses least.
Solved by SCIP in OR-Tools with one thread; the gap is what the solver proves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from perilune.kernel.errors import Unavailable
from perilune.kernel.messages import gettext_noop as _
from perilune.planning.contracts import HiringTask
from perilune.planning.contracts.tables import Floats, Ids

Heads = dict[tuple[int, ...], Any]
"""The variable of each (month, job, market) that is allowed."""
Row = list[tuple[Any, float]]
"""Variables and their factors in a constraint."""
GAP = 0.005
"""Relative distance to the bound at which the search stops."""


@dataclass(frozen=True)
class Solved:
    """heads: (T, J, K) starts. short: (A,) minor units missing of each aim.

    bound: of cost and penalty together, the penalty being what shortfalls cost in the search.
    """

    heads: Ids
    cost: float
    bound: float
    short: Floats
    penalty: float
    is_late: bool

    @property
    def gap(self) -> float:
        """Relative distance to the proven bound, shortfalls at their price in the search."""
        total = self.cost + self.penalty
        return max(total - self.bound, 0.0) / total if total > 0 else 0.0


def costs(task: HiringTask) -> Floats:
    """Return (T, J) what a head that starts in a month costs to the end of the horizon."""
    left = task.months - np.arange(task.months)
    return np.stack([job.cost_hire + job.cost_month * left for job in task.jobs], axis=1).astype(
        np.float64
    )


def solved(
    task: HiringTask,
    worth: Floats,
    need: Floats,
    *,
    wait: int = 0,
    seconds: float,
    hint: Ids | None = None,
) -> Solved:
    """Return the cheapest hiring. worth: (T, J, K, A) expected bookings of a head; need: (A,).

    wait: months by which nothing may start yet, beside each job's lead. hint: (T, J, K) an answer
    to begin from. A shortfall costs a hundred times what the best head would close it for, so that
    one is left only where no allowed hiring meets the need. Raises Unavailable when the time is
    over before any answer.
    """
    from ortools.linear_solver import pywraplp

    solver = pywraplp.Solver.CreateSolver("SCIP")
    price = costs(task)
    heads = _heads(solver, task, wait)
    goal, unit = solver.Objective(), max(float(price.max(initial=1.0)), 1.0)
    goal.SetMinimization()
    for (month, job, _market), head in heads.items():
        goal.SetCoefficient(head, float(price[month, job]) / unit)
    dear = []
    for at, wanted in enumerate(np.maximum(need, 1.0).tolist()):
        best = max(float(worth[..., at].max(initial=0.0)), 1.0)
        dear.append(100.0 * max(wanted / best, 1.0))
        missed = solver.NumVar(0.0, 1.0, "")
        goal.SetCoefficient(missed, dear[-1])
        row = solver.RowConstraint(1.0 if need[at] > 0 else 0.0, solver.infinity(), "")
        row.SetCoefficient(missed, 1.0)
        for place, head in heads.items():
            if worth[(*place, at)] > 0:
                row.SetCoefficient(head, float(worth[(*place, at)]) / wanted)
    _limits(solver, task, heads, price)
    if hint is not None:
        solver.SetHint(list(heads.values()), [float(hint[place]) for place in heads])
    solver.SetTimeLimit(int(seconds * 1000))
    parameters = pywraplp.MPSolverParameters()
    parameters.SetDoubleParam(parameters.RELATIVE_MIP_GAP, GAP)
    status = solver.Solve(parameters)
    if status not in (solver.OPTIMAL, solver.FEASIBLE):
        raise Unavailable(_("The hiring plan was not found in the time given."))
    starts = np.zeros(worth.shape[:3], np.int64)
    for place, head in heads.items():
        starts[place] = round(head.solution_value())
    short = np.maximum(need - np.tensordot(starts, worth, axes=3), 0.0)
    return Solved(
        heads=starts,
        cost=float((starts.sum(axis=2) * price).sum()),
        bound=min(goal.BestBound(), goal.Value()) * unit,
        short=short,
        penalty=float(np.dot(dear, short / np.maximum(need, 1.0))) * unit,
        is_late=status != solver.OPTIMAL,
    )


def _heads(solver: Any, task: HiringTask, wait: int) -> Heads:
    """Return a whole number of starts for each (month, job, market) that is allowed."""
    found = {}
    for place in np.ndindex(task.months, len(task.jobs), len(task.markets)):
        job, market = task.jobs[place[1]], task.markets[place[2]]
        if place[0] < job.lead + wait:
            continue
        if job.sells and not job.leads and market.yields[place[1]] <= 0:
            continue
        most = job.per_month if job.per_month is not None else task.per_month
        found[place] = solver.IntVar(0, solver.infinity() if most is None else most, "")
    return found


def _limits(solver: Any, task: HiringTask, heads: Heads, price: Floats) -> None:
    """Budget, starts a month in all and by job, sellers by market, span of managers."""
    _at_most(solver, task.per_month, _by(heads, lambda month, _job, _market: month))
    for at, job in enumerate(task.jobs):
        own = {place: head for place, head in heads.items() if place[1] == at}
        _at_most(solver, job.per_month, _by(own, lambda month, _job, _market: month))
    for at, market in enumerate(task.markets):
        own = {p: head for p, head in heads.items() if p[2] == at and task.jobs[p[1]].sells}
        _at_most(solver, market.most, [[(head, 1.0) for head in own.values()]])
    if task.budget is not None:
        unit = max(float(task.budget), 1.0)
        spent = [(head, float(price[p[0], p[1]]) / unit) for p, head in heads.items()]
        _at_most(solver, task.budget / unit, [spent])
    if task.room:
        _spans(solver, task, heads)


def _by(heads: Heads, key: Callable[..., int]) -> list[Row]:
    """Return the heads of each key as rows of (head, 1)."""
    rows: dict[int, Row] = {}
    for place, head in heads.items():
        rows.setdefault(key(*place), []).append((head, 1.0))
    return list(rows.values())


def _at_most(solver: Any, most: float | None, rows: list[Row]) -> None:
    """Bound each row of (head, factor), unless there is no limit."""
    for terms in rows if most is not None else ():
        made = solver.RowConstraint(-solver.infinity(), most, "")
        for head, factor in terms:
            made.SetCoefficient(head, factor)


def _spans(solver: Any, task: HiringTask, heads: Heads) -> None:
    """Sellers added so far find room under the managers there and added so far, month by month."""
    teams: dict[tuple[bool, int], list[int]] = {}
    for at, market in enumerate(task.markets):
        key = (False, at) if market.under is None else (True, market.under)
        teams.setdefault(key, []).append(at)
    for markets in teams.values():
        at = markets[0]
        load = solver.NumVar(-solver.infinity(), 0.0, "")
        load.SetBounds(-float(task.room[at]), -float(task.room[at]))
        for month in range(task.months):
            now = solver.NumVar(-solver.infinity(), 0.0, "")
            step = solver.RowConstraint(0.0, 0.0, "")  # now = load + sellers - leads
            step.SetCoefficient(now, -1.0)
            step.SetCoefficient(load, 1.0)
            for job_at, job in enumerate(task.jobs):
                for market_at in markets:
                    head = heads.get((month, job_at, market_at))
                    if head is not None:
                        step.SetCoefficient(head, float(job.sells) - job.leads)
            load = now
