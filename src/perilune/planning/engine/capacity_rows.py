"""Capacity by row and month: heads of several people taken apart, days to months, rows up a tree.

A row is a rep or a planned head. Pure sums of what `staffing` counts by day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from perilune.planning.contracts import Heads, Productivity, RampCurve
from perilune.planning.contracts.tables import Floats, Ids
from perilune.planning.engine.staffing import capacity


@dataclass(frozen=True)
class RowMonths:
    """R rows by M months. fte, ramped: means over the month's days. minor: what they bring."""

    fte: Floats
    ramped: Floats
    minor: Floats


def apart(heads: Heads) -> tuple[Heads, Ids]:
    """Return heads of at most one FTE each, and the row that each came from.

    A line that plans several people is one row; a rep counts at most once a day, so that such a
    row would count as one. Its copies get ids of their own, below every other.
    """
    many = np.maximum(np.ceil(heads.fte - 1e-9), 1).astype(np.int64)
    origin = np.repeat(np.arange(len(heads.rep)), many)
    if len(origin) == len(heads.rep):
        return heads, origin
    place = np.arange(len(origin)) - np.repeat(np.cumsum(many) - many, many)
    rep = heads.rep[origin].copy()
    copies = place > 0
    rep[copies] = min(int(heads.rep.min()), 0) - 1 - np.arange(int(copies.sum()))
    first = np.cumsum(many) - many
    made = replace(
        heads,
        rep=rep,
        **{name: getattr(heads, name)[origin] for name in ("unit", "ramp", "group", "start",
                                                            "last")},
        fte=np.clip(heads.fte[origin] - place, 0.0, 1.0),
        assigned=tuple(spell._replace(row=int(first[spell.row])) for spell in heads.assigned),
        absent=tuple(spell._replace(row=int(first[spell.row])) for spell in heads.absent),
        restarts=tuple((int(first[row]), column, kept) for row, column, kept in heads.restarts),
    )  # fmt: skip
    return made, origin


def by_month(
    heads: Heads,
    ramps: Sequence[RampCurve],
    laws: Sequence[Productivity],
    season: Floats,
    months: Sequence[tuple[date, date]],
) -> RowMonths:
    """Return each row's FTE, ramped FTE and bookings by month, nobody leaving by chance.

    laws: by unit of the heads; diminishing returns of a unit are left out, so that rows sum.
    season: (D,) share of a year's bookings that falls on each day. months: both days included.
    """
    alone = replace(heads, unit=np.arange(len(heads.rep)))
    plain = [Productivity(laws[unit].name, laws[unit].minor) for unit in heads.unit.tolist()]
    found = capacity(alone, ramps, plain, season)
    spans = [
        slice((first - heads.first_day).days, (last - heads.first_day).days + 1)
        for first, last in months
    ]
    shape = (len(heads.rep), len(spans))
    fte, ramped, minor = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for at, span in enumerate(spans):
        fte[:, at] = found.fte[:, span].mean(axis=1)
        ramped[:, at] = found.ramped[:, span].mean(axis=1)
        minor[:, at] = found.minor[:, span].sum(axis=1)
    return RowMonths(fte, ramped, minor)


def up(parents: Sequence[int], unit: Ids, values: Floats) -> Floats:
    """Return (U, M) sums of the rows of each unit and of all below it.

    parents: the place of the unit above, -1 at the root; a unit stands after the one above it.
    """
    found = np.zeros((len(parents), values.shape[1] if values.ndim == 2 else 0))
    np.add.at(found, unit, values)
    for at in range(len(parents) - 1, 0, -1):
        if parents[at] >= 0:
            found[parents[at]] += found[at]
    return found
