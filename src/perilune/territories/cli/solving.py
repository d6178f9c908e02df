"""From what is read to a plan: containers, levels, map or table, straight lines or costs."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from django.utils import timezone

from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.territories.cli.areas import Contained, contained
from perilune.territories.cli.asking import Options, asked_of, seats_of
from perilune.territories.cli.reading import Accounts, Balance, units_of
from perilune.territories.cli.travel import Source, asked_of_server, matrix_of, write_matrix
from perilune.territories.contracts import (
    Effort,
    Needed,
    Plan,
    Rebalanced,
    Request,
    Units,
    Working,
)
from perilune.territories.contracts.containers import Gathered
from perilune.territories.engine import (
    LevelPlan,
    by_costs,
    design,
    expanded,
    fewest,
    gather,
    hands,
    nested,
    rebalance,
    share_out,
    travel_hours,
)
from perilune.territories.engine.costs import Travelled
from perilune.territories.engine.levels import as_plan

Tell = Callable[[float], None]


@dataclass(frozen=True)
class Solved:
    """A plan of accounts and what led to it. seconds: of the work, reading included."""

    read: Accounts
    units: Units
    plan: Plan
    seconds: float
    found: Rebalanced | None = None
    needed: Needed | None = None
    contained: Contained | None = None
    gathered: Gathered | None = None
    levels: tuple[LevelPlan, ...] = ()
    travelled: Travelled | None = None
    source: Source | None = None
    hours: tuple[float, ...] = ()
    """On the road a year, of each territory; empty without a matrix."""


def solve(read: Accounts, options: Options, tell: Tell) -> Solved:
    """Return the plan that the options ask for. Raises Invalid, NotFound, Unavailable."""
    started = time.perf_counter()
    _check(read, options)
    held = contained(read, options)
    read = held.read if held else read
    edges = None if held else options.adjacency
    units = units_of(read, options.balances, edges)
    seats = seats_of(options.territories, read) if options.territories else None
    k = options.k or (options.levels[-1].k if options.levels else 0)
    if not k and seats and not options.hours:
        k = len(seats.names)
    needed = None if k else _needed(read, units, options)
    k = len(needed.plan.names) if needed else k
    units, request = asked_of(read, units, options, k, seats)
    gathered = None
    if held:
        gathered = gather(units, request, held.container, held.edges, options.may_split)
    work, asked = (gathered.units, gathered.request) if gathered else (units, request)
    rng = np.random.default_rng(options.seed)
    made = Solved(read, units, _NO_PLAN, 0.0, None, needed, held, gathered)
    made = _found(made, work, asked, options, rng, tell)
    if options.matrix or options.server:
        made = _by_costs(made, work, asked, options, tell)
    made = _of_accounts(made, request)
    return replace(made, seconds=time.perf_counter() - started)


def _of_accounts(made: Solved, request: Request) -> Solved:
    """Return the plan, its notes and its moves in terms of accounts."""
    if made.gathered and not made.levels:
        made = replace(made, plan=expanded(made.gathered, made.plan, made.units))
    if made.contained:
        notes = (*made.plan.notes, *made.contained.notes)
        made = replace(made, plan=replace(made.plan, notes=notes))
    if made.found:
        told = hands(_flat(made.read, made.units), request, made.plan)
        made = replace(made, found=replace(made.found, plan=made.plan, hands=told))
    return made


_NO_PLAN: Plan = None  # type: ignore[assignment]  # filled in before anybody reads it


def _found(  # noqa: PLR0917  # one problem
    made: Solved,
    work: Units,
    asked: Request,
    options: Options,
    rng: np.random.Generator,
    tell: Tell,
) -> Solved:
    """Return the plan of the units on straight lines, or without a map."""
    if options.levels:
        return _levelled(made, work, asked, options, rng)
    if not made.read.is_placed:
        found = share_out(work, asked)
        return replace(made, plan=found.plan, found=None if work.owner is None else found)
    if work.owner is None:
        return replace(made, plan=design(work, asked, rng, tell))
    found = rebalance(work, asked, rng, tell, options.give_up)
    return replace(made, plan=found.plan, found=found)


def _flat(read: Accounts, units: Units) -> Units:
    return units if read.is_placed else replace(units, points=np.zeros((len(units.ids), 2)))


def _check(read: Accounts, options: Options) -> None:
    """Refuse what does not go together."""
    ruled = options.current or read.locks or options.territories
    if options.levels and (ruled or options.hours or options.matrix or options.server):
        raise Invalid(
            _(
                "--level goes with containers, pairs and neighbours, not with owners, locks,"
                " named territories, hours or a matrix."
            )
        )
    if options.levels and options.k and options.k != options.levels[-1].k:
        raise Invalid(_("--k and the lowest --level ask for different numbers of territories."))
    if not read.is_placed and (
        options.levels or options.hours or options.matrix or options.server or options.adjacency
    ):
        raise Invalid(_("--no-map knows no levels, neighbours, hours or ways."))
    if options.matrix and options.server:
        raise Invalid(_("Costs come from a file or from a server, not from both."))
    if options.server and not read.by_degrees:
        raise Invalid(_("A routing server needs latitude and longitude."))


def _needed(read: Accounts, units: Units, options: Options) -> Needed:
    """Seek the fewest territories whose hours a rep each can give. Raises Invalid."""
    if not options.hours:
        raise Invalid(_("Say how many territories (--k), or the hours of a rep (--hours)."))
    effort = effort_of(read, options)
    widths = tuple(one.tolerance for one in options.balances)

    def plan_of(k: int) -> Plan:
        return design(units, Request(k, widths), np.random.default_rng(options.seed))

    return fewest(units, effort, Working(options.hours), plan_of)


def effort_of(read: Accounts, options: Options) -> Effort:
    """Return visits and their length of each account. Raises Invalid for missing columns."""
    asked = [Balance(options.visits, 0.0), Balance(options.minutes, 0.0)]
    columns = units_of(read, asked, None).loads
    return Effort(np.nan_to_num(columns[:, 0]), np.nan_to_num(columns[:, 1]) / 60)


def _levelled(
    made: Solved, work: Units, asked: Request, options: Options, rng: np.random.Generator
) -> Solved:
    levels = nested(work, asked, options.levels, rng, even=options.even)
    if made.gathered:
        member = made.gathered.member
        levels = tuple(replace(one, territory=one.territory[member]) for one in levels)
    return replace(made, levels=levels, plan=as_plan(levels, made.units))


def _by_costs(made: Solved, work: Units, asked: Request, options: Options, tell: Tell) -> Solved:
    """Assign again by a matrix at the centres of the plan on straight lines."""
    plan = made.plan
    if options.server:
        where = _where(made)
        today = timezone.localdate()
        costs, source = asked_of_server(options.server, work, where, plan, today, tell)
    else:
        assert options.matrix is not None
        costs, source = matrix_of(options.matrix, work.ids), Source(str(options.matrix), None)
    stay = 0.0
    if made.found:
        # the penalty that was chosen, in km², as the same multiple of the mean way in minutes
        chosen = made.found.frontier[made.found.chosen]
        scale = max(made.found.frontier[0].inertia, 1e-12)
        known = costs.minutes[np.isfinite(costs.minutes)]
        near = np.where(np.isfinite(costs.minutes), costs.minutes, np.inf).min(axis=1)
        mean = near[np.isfinite(near)].mean() if len(known) else 0.0
        stay = float(chosen.stay / scale * mean)
    found = by_costs(work, asked, plan, costs, stay)
    if options.matrix_out:
        write_matrix(options.matrix_out, work, costs)
    hours = _hours(made, found, options)
    return replace(made, plan=found.plan, travelled=found, source=source, hours=hours)


def _hours(made: Solved, found: Travelled, options: Options) -> tuple[float, ...]:
    """Hours on the road a year; without a column of visits each account is seen once a year."""
    visits = np.ones(len(made.read.ids))
    if options.visits in made.read.rows[0]:
        column = units_of(made.read, [Balance(options.visits, 0.0)], None)
        visits = np.nan_to_num(column.loads[:, 0])
    units, spread = made.units, found
    if made.gathered:
        member = made.gathered.member
        spread = replace(
            found,
            plan=replace(found.plan, territory=found.plan.territory[member]),
            minutes=found.minutes[member],
        )
        # the centre is a container: its place is that of the first account in it
        first = {int(one): i for i, one in reversed(list(enumerate(member)))}
        spread = replace(spread, at=np.array([first[int(one)] for one in found.at], np.int32))
    effort = Effort(visits, np.zeros(len(visits)))
    return tuple(travel_hours(units, spread, effort, Working(options.hours or 1.0)).tolist())


def _where(made: Solved) -> np.ndarray:
    """Return latitude and longitude of the units: of a container the mean of its accounts."""
    if made.gathered is None:
        return made.read.where
    member = made.gathered.member
    count = np.maximum(np.bincount(member), 1)
    sums = [np.bincount(member, made.read.where[:, axis]) for axis in (0, 1)]
    return np.column_stack(sums) / count[:, None]
