"""Amounts over time: by season, ramp and presence, up to any day, changed in mid-year. To the cent.

A schedule is slices without gap; inside a slice the amount falls evenly on its days, and what has
fallen due up to a day is rounded once, so that the days of a slice sum to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction

import numpy as np

from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.planning.contracts import Line, Moved, Schedule, Slice
from perilune.planning.contracts.quotas import Minor
from perilune.planning.contracts.tables import Floats, Ids
from perilune.planning.engine.splitting import split

Span = tuple[date, date]
ONE_DAY = timedelta(days=1)
FINEST = 1_000_000
"""Largest denominator of an FTE or ramp share as an exact fraction."""


def seasonal(minor: int, spans: Sequence[Span], share: Floats) -> Schedule:
    """Return a year's amount by the shares (M,) of its spans (first, last day), exact in sum."""
    parts, left = split(minor, share)
    if left:
        raise Invalid(_("A season needs at least one month with a share."))
    return _joined(spans, parts.tolist())


def seasonal_table(
    year: Minor, month: Minor, spans: Sequence[Span], key: Ids | None = None
) -> tuple[Schedule, ...]:
    """Return a schedule for each unit: (N,) yearly amounts by (M,) amounts of the whole by month.

    Both margins hold to the cent and no cell lies a cent or more from year x month / total
    (controlled rounding, which always exists: Cox 1987, JASA 82; found here by min-cost flow).
    Raises Invalid when the margins do not sum to the same total.
    """
    total = int(year.sum())
    if total != int(month.sum()):
        raise Invalid(_("The months do not sum to what the units have together."))
    order = np.arange(len(year)) if key is None else np.argsort(key, kind="stable")
    cells = np.zeros((len(year), len(month)), np.int64)
    if total:
        cells[order] = _rounded_table(year[order], month, total)
    return tuple(_joined(spans, row) for row in cells.tolist())


def _rounded_table(year: Minor, month: Minor, total: int) -> Minor:
    from ortools.graph.python import min_cost_flow

    exact = year.astype(object)[:, None] * month.astype(object)[None, :]  # beyond 64 bits
    rest = exact % total
    cells: Minor = (exact // total).astype(np.int64)
    need_row = year - cells.sum(axis=1)
    need_column = month - cells.sum(axis=0)
    row, column = np.nonzero(rest)
    if not len(row):
        return cells
    cost = -(rest[row, column] * 1000 // total).astype(np.int64)
    flow = min_cost_flow.SimpleMinCostFlow()
    arcs = flow.add_arcs_with_capacity_and_unit_cost(
        row, len(year) + column, np.ones(len(row), np.int64), cost
    )
    flow.set_nodes_supplies(np.arange(len(year)), need_row)
    flow.set_nodes_supplies(len(year) + np.arange(len(month)), -need_column)
    status = flow.solve()
    if status != flow.OPTIMAL:  # cannot be: the remainders themselves are a flow
        raise AssertionError(status)
    np.add.at(cells, (row, column), flow.flows(arcs))
    return cells


def to_date(schedule: Schedule, day: date) -> int:
    """Return what has fallen due up to a day, the day included."""
    return sum(_until(part, day) for part in schedule)


def between(schedule: Schedule, first: date, last: date) -> int:
    """Return what falls due from one day to another, both included; neighbours sum exactly."""
    return to_date(schedule, last) - to_date(schedule, first - ONE_DAY)


def to_date_parts(whole: Schedule, parts: Sequence[Schedule], day: date) -> tuple[int, ...]:
    """Return what each part has due up to a day: they sum to what the whole has, to the cent.

    Each lies less than a cent from its own, unless parts and whole differ themselves.
    """
    own = [sum((_due(part, day) for part in schedule), Fraction(0)) for schedule in parts]
    floors = [int(value // 1) for value in own]
    left = to_date(whole, day) - sum(floors)
    order = sorted(range(len(own)), key=lambda at: (floors[at] - own[at], at))
    for at in order[: max(left, 0)]:
        floors[at] += 1
    return tuple(floors)


def cut(schedule: Schedule, day: date) -> tuple[Schedule, Schedule]:
    """Return a schedule up to the day before, and from the day on; their sum is the schedule's."""
    before, after = [], []
    for part in schedule:
        if part.ends < day:
            before.append(part)
        elif part.starts >= day:
            after.append(part)
        else:
            first = _until(part, day - ONE_DAY)
            before.append(Slice(part.starts, day - ONE_DAY, first))
            after.append(Slice(day, part.ends, part.minor - first))
    return tuple(before), tuple(after)


def changed(schedule: Schedule, day: date, by: int) -> Schedule:
    """Return a schedule whose rest, from a day on, is `by` larger (or smaller), by its own shape.

    What fell due before the day stands. Raises Invalid where the rest has no day, or less than is
    taken from it.
    """
    before, after = cut(schedule, day)
    rest = sum(part.minor for part in after)
    if not after:
        raise Invalid(_("Nothing of the schedule is left on %(day)s."), day=day.isoformat())
    if rest + by < 0:
        raise Invalid(_("More is taken away than is left from %(day)s on."), day=day.isoformat())
    shape = np.array([part.minor if rest else part.days for part in after], dtype=np.float64)
    amounts, _left = split(rest + by, shape)
    spans = [(part.starts, part.ends) for part in after]
    return (*before, *_joined(spans, amounts.tolist()))


def moved(giver: Schedule, taker: Schedule, day: date, minor: int) -> Moved:
    """Return both schedules after an amount went over from a day on; their sum is unchanged."""
    return Moved(changed(giver, day, -minor), changed(taker, day, minor), minor)


def ramped(schedule: Schedule, fte: Floats, ramp: Floats) -> tuple[Line, ...]:
    """Return a full rep's schedule as it is for this one: prorated by FTE and ramp of each day.

    fte, ramp: (D,) by day from the first day of the schedule; absence is in the FTE already. Slices
    are rounded one by one; what presence and ramp take off is stated to the cent.
    """
    first = schedule[0].starts
    lines = []
    for part in schedule:
        days = slice((part.starts - first).days, (part.ends - first).days + 1)
        there = _rounded(part.minor * _mean(fte[days]))
        left = _rounded(part.minor * _mean(fte[days], ramp[days]))
        off = part.minor - there
        lines.append(Line(part.starts, part.ends, part.minor, off, there - left, left))
    return tuple(lines)


def _mean(*factors: Floats) -> Fraction:
    """Return the exact mean over days of a product; equal days are worked once."""
    pairs, counts = np.unique(np.stack(factors, axis=1), axis=0, return_counts=True)
    total = Fraction(0)
    for values, count in zip(pairs.tolist(), counts.tolist(), strict=True):
        worth = Fraction(count)
        for value in values:
            worth *= Fraction(value).limit_denominator(FINEST)
        total += worth
    return total / len(factors[0])


def _joined(spans: Sequence[Span], amounts: Sequence[int]) -> Schedule:
    return tuple(Slice(*span, minor) for span, minor in zip(spans, amounts, strict=True))


def _due(part: Slice, day: date) -> Fraction:
    days = min(max((day - part.starts).days + 1, 0), part.days)
    return Fraction(part.minor * days, part.days)


def _until(part: Slice, day: date) -> int:
    return _rounded(_due(part, day))


def _rounded(value: Fraction) -> int:
    """Return the nearest whole number, halves upwards."""
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)
