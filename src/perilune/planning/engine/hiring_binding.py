"""Which limit keeps a target out of reach: each is lifted alone, and what is then left is told."""

from __future__ import annotations

from dataclasses import dataclass, replace

from perilune.planning.contracts import HiringTask
from perilune.planning.contracts.tables import Floats
from perilune.planning.engine.choosing import solved

SECONDS = 2.0
"""Time of one programme, of which there are five at most."""
LIMITS = ("budget", "lead", "pace", "room", "span")


@dataclass(frozen=True)
class Lifted:
    """What is left without one limit. missing: minor units of the worst aim. cost: of that answer.

    limit: «budget», «lead» (time of recruiting), «pace» (starts a month), «room» (most sellers of a
    team), «span» (sellers a manager leads).
    """

    limit: str
    missing: float
    cost: int


def lifted(
    task: HiringTask, worth: Floats, need: Floats, *, seconds: float = SECONDS
) -> tuple[Lifted, ...]:
    """Return what lifting each limit that the task has leaves, the most helpful first.

    worth: (T, J, K, A) of `hiring.worths`. need: (A,) minor units.
    """
    found = []
    for limit in LIMITS:
        free = without(task, limit)
        if free is None:
            continue
        made = solved(free, worth, need, seconds=seconds)
        found.append(Lifted(limit, float(made.short.max()), round(made.cost)))
    return tuple(sorted(found, key=lambda one: (one.missing, one.cost)))


def without(task: HiringTask, limit: str) -> HiringTask | None:
    """Return the task without a limit, None where it has none of it."""
    if limit == "budget":
        return None if task.budget is None else replace(task, budget=None)
    if limit == "lead":
        jobs = tuple(replace(job, lead=0) for job in task.jobs)
        return replace(task, jobs=jobs) if any(job.lead for job in task.jobs) else None
    if limit == "pace":
        jobs = tuple(replace(job, per_month=None) for job in task.jobs)
        free = replace(task, per_month=None, jobs=jobs)
    elif limit == "room":
        free = replace(task, markets=tuple(replace(one, most=None) for one in task.markets))
    else:
        free = replace(task, room=())
    return None if free == task else free
