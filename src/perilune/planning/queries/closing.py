"""What would close a gap: one lever at a time, its elasticity measured over the months before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Grain, Period
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.planning.contracts import Content, Lever, Pace
from perilune.planning.contracts.tables import Floats
from perilune.planning.engine.levers import elasticity, levers
from perilune.planning.queries.learning import rise_at
from perilune.planning.queries.staff import presence_of, staff_units
from perilune.store import queries as store

YEAR_MONTHS = 12
MOST_MONTHS = 36


@dataclass(frozen=True)
class Closing:
    """Levers on the rest of a year, those that need the smallest change first.

    A lever of source STATED was not measured: nothing is claimed of it, its figures are those of
    the definition alone. months: complete months that were looked at. rest, wanted: what is to come
    at this pace and what is needed, minor units.
    """

    levers: tuple[Lever, ...]
    months: int
    rest: int
    wanted: int


def closing(found: Pace, first: date, scope: Scope, at: AsOf) -> Closing | None:
    """Return what would close the gap of the company between its pace and its target.

    What is booked stays: a lever moves the rest of the year alone. None without a pace, or without
    twelve complete months of deals.
    """
    months = _complete(first, at)
    if found.projected is None or len(months) < YEAR_MONTHS:
        return None
    series, bookings = _series(months, scope, at)
    known = {name: elasticity(values, bookings) for name, values in series.items()}
    rest, wanted = found.projected - found.booked, max(found.gap, 0)
    return Closing(
        levers=levers(
            rest,
            wanted,
            {name: float(np.mean(values[-YEAR_MONTHS:])) for name, values in series.items()},
            {name: law for name, law in known.items() if law is not None},
        ),
        months=len(months),
        rest=rest,
        wanted=wanted,
    )


def _complete(first: date, at: AsOf) -> list[Period]:
    """Return the complete months up to a day since bookings are known, the latest 36."""
    calendar = company().calendar
    month = calendar.find(at.day, Grain.MONTH)
    month = month if month.end <= at.day else calendar.shift(month, -1)
    found: list[Period] = []
    while len(found) < MOST_MONTHS and month.start >= first:
        found.insert(0, month)
        month = calendar.shift(month, -1)
    return found


def _series(months: list[Period], scope: Scope, at: AsOf) -> tuple[dict[str, Floats], Floats]:
    """Return (lever to (M,) values, (M,) bookings); a month without deals has zeros, not used."""
    params = {"starts": months[0].start, "ends": months[-1].end}
    result = store.run("planning.closed_by_month", params, scope=scope, as_of=at)
    by_month = {row["month"]: row for row in result.dicts()}
    rows = [by_month.get(month.name, {}) for month in months]

    def column(name: str) -> Floats:
        return np.array([float(row.get(name) or 0.0) for row in rows])

    won, lost, bookings = column("won"), column("lost"), column("booked")
    found = {
        "reps": _fte(months, at),
        "win_rate": np.divide(won, won + lost, out=np.zeros_like(won), where=won + lost > 0),
        "deal_size": np.divide(bookings, won, out=np.zeros_like(won), where=won > 0),
        "cycle": column("cycle"),
    }
    return found, bookings


def _fte(months: list[Period], at: AsOf) -> Floats:
    """Return the ramped FTE of all sellers by month."""
    calendar = company().calendar
    found: dict[date, float] = {}
    rise = rise_at(at)
    for name in sorted({calendar.year_of(month.start).name for month in months}):
        year = calendar.year(int(name))
        there = presence_of(Content(units=staff_units(year, (), at)), year, at, rise)
        for place, month in enumerate(calendar.months(int(name))):
            found[month.start] = sum(by_month[place] for by_month in there.values())
    return np.array([found[month.start] for month in months])
