"""Amounts down a tree of units: inputs from below kept, the rest shared out, exact to the cent.

Two passes. Upwards, each unit learns between which amounts its own bounds and everything below it
can be met; downwards, each amount is split inside those. So a floor of an account is known at the
top, and where bounds contradict each other the gap is said at the unit where it arises.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from perilune.kernel.errors import Invalid, Problem
from perilune.kernel.messages import gettext_noop as _
from perilune.planning.contracts import NO_CAP, Allocation, Bound, Gap, Tree
from perilune.planning.contracts.quotas import Minor
from perilune.planning.contracts.tables import Floats, Ids
from perilune.planning.engine.splitting import least_moved, split

ROUGHEST = 1_000_000
"""Largest denominator of an over-assignment as an exact fraction: 1 / 0.85 is 20 / 17."""


@dataclass(frozen=True)
class _Shape:
    """Rows by depth: `children` of each unit that has any, from the leaves' parents up."""

    roots: Ids
    children: dict[int, Ids]
    downward: list[int]
    weight: Floats
    over: list[Fraction]


def allocate(tree: Tree, before: Minor | None = None) -> Allocation:
    """Return the amounts of a tree. Time O(N log N), 50,000 units well under two seconds.

    A root has its amount given, or all of its leaves have. Parts are in proportion to weights
    within bounds; with `before` (N,), the amounts of an earlier plan, the parts of each unit move
    as little as possible from them instead. Raises Invalid, naming every unit, for a circle, an
    unknown parent, an id used twice, negative amounts or weights, crossed bounds, an over-assign-
    ment of zero or less, a leaf without weight and a root without amount.
    """
    shape = _shape(tree)
    low, high = _bounds(tree, shape)
    amount = _roots(tree, shape, (low, high))
    parts = np.zeros(len(tree.id), np.int64)
    gaps = []
    for row in shape.downward:
        rows = shape.children[row]
        due = due_of(int(amount[row]), shape.over[row])
        if before is None:
            given, left = split(
                due, shape.weight[rows], floor=low[rows], cap=high[rows], key=tree.id[rows]
            )
        else:
            given, left = least_moved(
                due, before[rows], floor=low[rows], cap=high[rows], key=tree.id[rows]
            )
        amount[rows], parts[row] = given, int(given.sum())
        if left:
            gaps.append(_gap(tree, row, rows, left, (low, high)))
    return Allocation(_locked(amount), _locked(parts), tuple(gaps))


def due_of(amount: int, over: Fraction) -> int:
    """Return what the parts of an amount sum to: amount x over, halves rounded up, exactly."""
    return (2 * amount * over.numerator + over.denominator) // (2 * over.denominator)


def _shape(tree: Tree) -> _Shape:
    place = {int(unit): row for row, unit in enumerate(tree.id)}
    problems = _problems(tree, place)
    if problems:
        raise Invalid(_("The tree of targets cannot be shared out."), tuple(problems))
    order = np.lexsort((tree.id, tree.parent))
    parents, starts = np.unique(tree.parent[order], return_index=True)
    groups = dict(zip(parents.tolist(), np.split(order, starts[1:]), strict=True))
    roots = groups.pop(0, np.zeros(0, np.int64))
    children = {place[unit]: rows for unit, rows in groups.items()}
    downward, waiting, reached = [], roots.tolist(), len(roots)
    while waiting:
        row = waiting.pop()
        if row in children:
            downward.append(row)
            waiting += children[row].tolist()
            reached += len(children[row])
    if reached < len(tree.id):
        raise Invalid(
            _("The tree of targets cannot be shared out."), _circle(tree, children, roots)
        )
    weight = tree.weight.astype(np.float64).copy()
    for row in reversed(downward):
        if np.isnan(weight[row]):
            weight[row] = weight[children[row]].sum()
    nameless = [r for r in np.flatnonzero(np.isnan(weight)).tolist() if tree.parent[r]]
    if nameless:
        raise Invalid(
            _("The tree of targets cannot be shared out."),
            tuple(_problem(_("Unit %(unit)s has no weight."), tree.id[row]) for row in nameless),
        )
    over = [Fraction(value).limit_denominator(ROUGHEST) for value in tree.over.tolist()]
    return _Shape(roots, children, downward, np.nan_to_num(weight), over)


def _problems(tree: Tree, place: dict[int, int]) -> list[Problem]:
    unit, counts = np.unique(tree.id, return_counts=True)
    wrong = (
        (_("Unit %(unit)s stands there twice."), unit[counts > 1]),
        (
            _("Unit %(unit)s hangs under a unit that is not there."),
            tree.id[(tree.parent != 0) & ~np.isin(tree.parent, tree.id)],
        ),
        (_("Unit %(unit)s has a negative target."), tree.id[tree.is_given & (tree.given < 0)]),
        (_("Unit %(unit)s has a negative weight."), tree.id[tree.weight < 0]),
        (_("Unit %(unit)s has a floor above its cap."), tree.id[tree.floor > tree.cap]),
        (_("Unit %(unit)s has a cap below zero."), tree.id[tree.cap < 0]),
        (
            _("The over-assignment of unit %(unit)s must be above zero."),
            tree.id[~(np.isfinite(tree.over) & (tree.over > 1 / ROUGHEST))],
        ),
    )
    return [_problem(message, unit) for message, units in wrong for unit in units.tolist()]


def _problem(message: str, unit: int) -> Problem:
    return Problem(message, {"unit": int(unit)})


def _circle(tree: Tree, children: dict[int, Ids], roots: Ids) -> tuple[Problem, ...]:
    seen = set(roots.tolist())
    waiting = roots.tolist()
    while waiting:
        below = children.get(waiting.pop(), np.zeros(0, np.int64)).tolist()
        seen.update(below)
        waiting += below
    lost = sorted(int(tree.id[row]) for row in range(len(tree.id)) if row not in seen)
    return tuple(_problem(_("Unit %(unit)s stands in a circle."), unit) for unit in lost)


def _bounds(tree: Tree, shape: _Shape) -> tuple[Minor, Minor]:
    """Return (N,) between which amounts each unit can meet all bounds at and below it."""
    low = np.where(tree.is_given, tree.given, np.maximum(tree.floor, 0)).astype(np.int64)
    high = np.where(tree.is_given, tree.given, np.minimum(tree.cap, NO_CAP)).astype(np.int64)
    for row in reversed(shape.downward):
        if tree.is_given[row]:
            continue
        rows, over = shape.children[row], shape.over[row]
        asked = sum(low[rows].tolist())
        held = min(sum(high[rows].tolist()), NO_CAP)
        least = -((1 - 2 * asked) * over.denominator // (2 * over.numerator))
        most = -(-(2 * held + 1) * over.denominator // (2 * over.numerator)) - 1
        # no whole amount x over may hit the sum of inputs: then the nearest, with a gap of a unit
        most = max(most, least)
        own = int(low[row]), int(high[row])
        low[row] = min(max(least, own[0]), own[1])
        high[row] = min(max(most, own[0]), own[1])
    return low, high


def _roots(tree: Tree, shape: _Shape, bounds: tuple[Minor, Minor]) -> Minor:
    low, high = bounds
    amount = np.zeros(len(tree.id), np.int64)
    open_ended = [row for row in shape.roots.tolist() if low[row] != high[row]]
    if open_ended:
        raise Invalid(
            _("The tree of targets cannot be shared out."),
            tuple(_problem(_("Unit %(unit)s has no target."), tree.id[row]) for row in open_ended),
        )
    amount[shape.roots] = low[shape.roots]
    return amount


def _gap(tree: Tree, row: int, rows: Ids, left: int, bounds: tuple[Minor, Minor]) -> Gap:
    """Say which of the parts' bounds stand in the way."""
    low, high = bounds
    binding = rows[low[rows] > 0] if left < 0 else rows[high[rows] < NO_CAP]
    given = binding[tree.is_given[binding]]
    own = Bound.FLOOR if left < 0 else Bound.CAP
    bound = Bound.GIVEN if len(given) and len(given) == len(binding) else own
    if left > 0 and len(binding) < len(rows):
        bound, binding = Bound.WEIGHT, rows[high[rows] == NO_CAP]
    return Gap(int(tree.id[row]), left, bound, tuple(sorted(tree.id[binding].tolist())))


def _locked(values: Minor) -> Minor:
    values.setflags(write=False)
    return values
