"""Regions, then areas in them: level by level from the top, each connected and proved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from perilune.kernel.errors import Invalid, Problem
from perilune.kernel.messages import gettext_noop as _
from perilune.territories.contracts import Certificate, Figures, Plan, Request, Units
from perilune.territories.contracts.units import FloatArray, IntArray
from perilune.territories.engine.designing import design
from perilune.territories.engine.graph import neighbours

DesignOf = Callable[[Units, Request, np.random.Generator], Plan]


@dataclass(frozen=True)
class Level:
    """What is asked of one level. tolerances: m shares, against the mean of the same parent."""

    name: str
    k: int
    tolerances: tuple[float, ...]


@dataclass(frozen=True)
class LevelPlan:
    """One level of a hierarchy.

    territory: (n,) of each unit, 0..k-1 over the whole level. parent: (k,) territory of the level
    above, -1 at the top. names: as 2 at the top, 2.1 below. within: largest share off the mean of
    the same parent, over: off the mean of the whole level, both (m,). cost, bound, gap: summed over
    the parents, each for its own centres.
    """

    name: str
    territory: IntArray
    parent: IntArray
    names: tuple[str, ...]
    centres: FloatArray
    loads: FloatArray
    within: tuple[float, ...]
    over: tuple[float, ...]
    cut_off: float
    inertia: float
    cost: float
    bound: float
    gap: float
    is_met: bool
    blocking: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...]
    """(parent's name, message, placeholders) where the tolerance is not met."""


def shared_out(loads: np.ndarray[Any, np.dtype[Any]], k: int) -> IntArray:
    """Return (r,) how many of k areas each region gets, by its load: the largest remainder.

    Each gets one at least. loads (r,). Source: Balinski, Young, Fair Representation (1982), 17.
    """
    count = len(loads)
    if k < count:
        raise ValueError("fewer areas than regions")
    spare = k - count
    # one each is set aside first, so that no region goes without; the rest by what is still due
    due = np.maximum(loads / loads.sum() * k - 1, 0.0)
    due = due / due.sum() * spare if due.sum() > 0 else np.full(count, spare / count)
    found = np.floor(due + 1e-12).astype(np.int64)
    rest = due - found
    for at in np.lexsort((np.arange(count), -rest))[: spare - found.sum()]:
        found[at] += 1
    return (found + 1).astype(np.int32)


def nested(  # noqa: PLR0917  # one question
    units: Units,
    request: Request,
    levels: tuple[Level, ...],
    rng: np.random.Generator,
    design_of: DesignOf = design,
    even: bool = False,
) -> tuple[LevelPlan, ...]:
    """Return the levels from the top, each within the territories of the one above.

    request: pairs required together hold on every level, pairs forbidden on the lowest; its k,
    tolerances and names are not read. even: the lowest territories shall be equal over the whole,
    so those above get load by how many of them they hold; else all of a level are equal, and the
    lowest follow the load. Neighbours are those of the whole, so that what is connected
    is so on the one map. Raises Invalid like `design`, and for levels that do not grow.
    """
    _check(levels, len(units.ids))
    starts, links, __ = neighbours(units.points, units.edges)
    left = np.repeat(np.arange(len(units.ids)), np.diff(starts))
    edges = np.column_stack([left, links])[left < links].astype(np.int32)
    whole = replace(units, edges=edges, owner=None)
    above = np.zeros(len(units.ids), np.int32)
    names: tuple[str, ...] = ("",)
    found: list[LevelPlan] = []
    due = np.array([levels[-1].k], np.int32) if even else None
    for at, level in enumerate(levels):
        lowest = at == len(levels) - 1
        asked = replace(request, apart=request.apart if lowest else ())
        counts, due = _counts(units, above, len(names), level, due, lowest)
        made = _level(whole, asked, level, above, names, counts, due, rng, design_of)
        if not found:
            made = replace(made, parent=np.full(level.k, -1, np.int32))
        found.append(made)
        above, names = made.territory, made.names
    return tuple(found)


def as_plan(levels: tuple[LevelPlan, ...], units: Units) -> Plan:
    """Return the lowest level as a plan. Its targets are the means of each parent's territories.

    The tolerance is met where that of every level is.
    """
    low = levels[-1]
    k, size = low.loads.shape
    parents = np.maximum(low.parent, 0)
    count = np.bincount(parents)
    sums = np.zeros((len(count), size))
    np.add.at(sums, parents, low.loads)
    targets = (sums / count[:, None])[parents]
    off = np.abs(low.loads / targets - 1)
    away = ((units.points - low.centres[low.territory]) ** 2).sum(axis=1)
    weight = units.loads[:, 0]
    missed = [(one.name, *told) for one in levels for told in one.blocking]
    notes: list[tuple[str, tuple[tuple[str, str], ...]]] = [
        (message, (*params,)) for __, __, message, params in missed if message
    ]
    return Plan(
        territory=low.territory,
        names=low.names,
        centres=low.centres,
        loads=low.loads,
        targets=targets,
        figures=Figures(
            deviation=tuple(off.max(axis=0).tolist()),
            mean_deviation=tuple(off.mean(axis=0).tolist()),
            inertia=float(np.average(away, weights=weight)),
            distance=float(np.average(np.sqrt(away), weights=weight)),
            cut_off=max(one.cut_off for one in levels),
            empty=int((np.bincount(low.territory, minlength=k) == 0).sum()),
            moved=0.0,
            moved_units=0,
        ),
        certificate=Certificate(
            low.cost, low.bound, low.gap, all(one.is_met for one in levels), 0.0
        ),
        notes=tuple(dict.fromkeys(notes)),
    )


def _check(levels: tuple[Level, ...], n: int) -> None:
    problems = []
    for above, below in pairwise(levels):
        if below.k < above.k:
            message = _("“%(below)s” has fewer territories (%(few)s) than “%(above)s” (%(many)s).")
            told = {"below": below.name, "few": below.k, "above": above.name, "many": above.k}
            problems.append(Problem(message, told))
    twice = {one.name for one in levels if sum(one.name == two.name for two in levels) > 1}
    problems += [
        Problem(_("Two levels have the name “%(name)s”."), {"name": name}) for name in sorted(twice)
    ]
    if levels[-1].k > n:
        message = _("There are fewer accounts (%(n)s) than territories (%(k)s).")
        problems.append(Problem(message, {"n": n, "k": levels[-1].k}))
    if problems:
        raise Invalid(_("No plan can be made of this."), problems=tuple(problems))


def _counts(  # noqa: PLR0917  # one step down the tree
    units: Units,
    above: IntArray,
    parents: int,
    level: Level,
    due: IntArray | None,
    is_lowest: bool,
) -> tuple[IntArray, IntArray | None]:
    """Return how many territories each parent gets, and how many of the lowest each of them."""
    if due is None:
        return shared_out(np.bincount(above, units.loads[:, 0], parents), level.k), None
    counts = due if is_lowest else shared_out(due, level.k)
    each = [shared_out(np.ones(c), int(d)) for c, d in zip(counts, due, strict=True)]
    return counts, np.concatenate(each)


def _level(  # noqa: PLR0913, PLR0917  # one step down the tree
    units: Units,
    request: Request,
    level: Level,
    above: IntArray,
    names: tuple[str, ...],
    counts: IntArray,
    due: IntArray | None,
    rng: np.random.Generator,
    design_of: DesignOf,
) -> LevelPlan:
    """Design every territory of the level above; above (n,), names of theirs."""
    parents = len(names)
    _check_room(counts, above, names, level)
    territory = np.empty(len(above), np.int32)
    plans, first = [], 0
    for parent in range(parents):
        mine = np.flatnonzero(above == parent)
        part, asked = _part(units, request, mine)
        wanted = replace(asked, k=int(counts[parent]), tolerances=level.tolerances, names=())
        if due is not None:
            theirs = due[first : first + int(counts[parent])].astype(float)
            wanted = replace(wanted, shares=theirs if np.ptp(theirs) else None)
        plan = design_of(part, wanted, rng)
        territory[mine] = plan.territory + first
        first += int(counts[parent])
        plans.append((parent, len(mine), plan))
    loads = np.concatenate([plan.loads for __, __, plan in plans])
    cost = sum(plan.certificate.cost for __, __, plan in plans)
    bound = sum(plan.certificate.bound for __, __, plan in plans)
    centres = np.concatenate([plan.centres for __, __, plan in plans])
    away = ((units.points - centres[territory]) ** 2).sum(axis=1)
    missed = [(parent, plan) for parent, __, plan in plans if not plan.certificate.met]
    return LevelPlan(
        name=level.name,
        territory=territory,
        parent=np.repeat(np.arange(parents), counts).astype(np.int32),
        names=tuple(
            f"{names[parent]}.{a + 1}" if names[parent] else str(a + 1)
            for parent in range(parents)
            for a in range(counts[parent])
        ),
        centres=centres,
        loads=loads,
        within=tuple(np.array([plan.figures.deviation for __, __, plan in plans]).max(axis=0)),
        over=tuple(np.abs(loads / loads.mean(axis=0) - 1).max(axis=0)),
        cut_off=sum(size * plan.figures.cut_off for __, size, plan in plans) / len(above),
        inertia=float(np.average(away, weights=units.loads[:, 0])),
        cost=float(cost),
        bound=float(bound),
        gap=np.nan if missed else float(cost / bound - 1) if bound > 0 else 0.0,
        is_met=not missed,
        blocking=tuple(
            (names[parent], plan.certificate.blocking, plan.certificate.blocking_params)
            for parent, plan in missed
        ),
    )


def _check_room(counts: IntArray, above: IntArray, names: tuple[str, ...], level: Level) -> None:
    held = np.bincount(above, minlength=len(counts))
    short = [
        Problem(
            _("“%(parent)s” is to get %(k)s territories of “%(level)s” and has %(n)s accounts."),
            {"parent": names[at], "k": int(counts[at]), "level": level.name, "n": int(held[at])},
        )
        for at in np.flatnonzero(held < counts)
    ]
    if short:
        raise Invalid(_("No plan can be made of this."), problems=tuple(short))


def _part(
    units: Units, request: Request, mine: np.ndarray[Any, np.dtype[Any]]
) -> tuple[Units, Request]:
    """Return the units of one territory as a problem of their own."""
    number = np.full(len(units.ids), -1, np.int64)
    number[mine] = np.arange(len(mine))
    assert units.edges is not None
    edges = number[units.edges]
    edges = edges[(edges >= 0).all(axis=1)]

    def pairs(asked: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
        made = [(int(number[a]), int(number[b])) for a, b in asked]
        return tuple(pair for pair in made if min(pair) >= 0)

    part = Units(
        tuple(units.ids[i] for i in mine), units.points[mine], units.loads[mine], units.names,
        edges=edges.astype(np.int32),
    )  # fmt: skip
    return part, Request(
        1, (), together=pairs(request.together), apart=pairs(request.apart), quick=request.quick
    )
