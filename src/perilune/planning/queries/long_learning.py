"""What history says to the long view: business kept, bookings per FTE, growth, past years told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Grain, Period
from perilune.kernel.keeping import Kept
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.planning.contracts import Content, Productivity
from perilune.planning.engine.long_view import PastYear, Tried, tried
from perilune.planning.engine.staffing import capacity
from perilune.planning.queries.learning import rise_at
from perilune.planning.queries.staff import first_booked, heads_of, staff_units
from perilune.store import queries as store
from perilune.store import service as store_service

YEAR_MONTHS = 12
MOST_WINDOWS = 8
LEAST_WINDOWS = 4
"""Past years under which nothing is claimed of a method or of how years differ (rule 20)."""

_kept: Kept[Learnt] = Kept(8)


@dataclass(frozen=True)
class Start:
    """A value to begin with: what it is, where it comes from (English msgid), how sure it is.

    low, high: what low and high add, None stated. windows: past years it was learnt from, 0 stated.
    """

    name: str
    value: float
    source: str
    windows: int = 0
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Learnt:
    """What history says. growth: of the last twelve months on the twelve before, None unknown.

    booked: of the last twelve complete months, minor units.
    """

    starts: tuple[Start, ...]
    growth: float | None
    booked: int
    tried: Tried

    def start(self, name: str) -> Start:
        """Return the value to begin with of an assumption."""
        return next(one for one in self.starts if one.name == name)


def learnt(scope: Scope, at: AsOf) -> Learnt:
    """Return what history says of retention, bookings per FTE and growth, and how it told years."""
    stamp = store_service.stamp()
    key = (at.at, scope.digest(), stamp)
    return _kept.get(key, lambda: _learnt(scope, at))


def _learnt(scope: Scope, at: AsOf) -> Learnt:
    windows = _windows(at)
    heads = _heads(windows, at)
    past = [_window(window, heads, scope, at) for window in windows]
    kept = [one.retention for one in past]
    per_head = [
        (one.last / one.heads) / (one.before / one.before_heads) - 1
        for one in past
        if min(one.before, one.heads, one.before_heads) > 0
    ]
    newest = past[0] if past else None
    rise = newest.last / newest.before - 1 if newest and newest.before > 0 else None
    return Learnt(
        starts=(
            _start("retention", kept, 1.0, _("bookings of accounts that had booked the year before"
                                             " over what they booked then")),
            _start("productivity", per_head, 0.0, _("bookings per ramped FTE, year on year")),
            Start("price", 0.0, _("stated: no history of prices is learnt from")),
            Start("market_growth", 0.0, _("stated: nothing in the data tells it")),
            Start("heads", 0.0, _("the plan's mean ramped FTE, carried on")),
        ),
        growth=rise,
        booked=round(newest.last) if newest else 0,
        tried=tried(_pairs(past)),
    )  # fmt: skip


def _start(name: str, values: list[float], otherwise: float, source: str) -> Start:
    """Return the latest year's value, and the spread of the years that do not overlap with it."""
    if not values:
        return Start(name, otherwise, _("stated: fewer than two years of bookings"))
    apart = values[::4]
    if len(apart) < LEAST_WINDOWS:  # too few years apart to say how they differ
        return Start(name, values[0], source, len(apart))
    return Start(name, values[0], source, len(apart), min(apart) - values[0],
                 max(apart) - values[0])  # fmt: skip


@dataclass(frozen=True)
class _Window:
    """Twelve months and the twelve before them: bookings, ramped FTE-years, what was kept."""

    before: float
    last: float
    retention: float
    before_heads: float
    heads: float


def _windows(at: AsOf) -> list[tuple[Period, Period, Period]]:
    """Return (first month before, first month, last month), newest first, a quarter apart."""
    calendar, first = company().calendar, first_booked(at)
    if first is None:
        return []
    month = calendar.find(at.day, Grain.MONTH)
    last = month if month.end <= at.day else calendar.shift(month, -1)
    found: list[tuple[Period, Period, Period]] = []
    while len(found) < MOST_WINDOWS:
        begins, middle = (calendar.shift(last, by) for by in (1 - 2 * YEAR_MONTHS, 1 - YEAR_MONTHS))
        if begins.start < first:
            break
        found.append((begins, middle, last))
        last = calendar.shift(last, -3)
    return found


def _window(
    window: tuple[Period, Period, Period], heads: Mapping[date, float], scope: Scope, at: AsOf
) -> _Window:
    begins, middle, last = window
    params = {"starts": begins.start, "middle": middle.start, "ends": last.end}
    row = next(iter(store.run("planning.retained_by_account", params, scope=scope,
                              as_of=at).dicts()))  # fmt: skip
    before = float(row["before_booked"])
    retention = float(row["kept"]) / before if before > 0 else 0.0
    months = [(day, there) for day, there in heads.items() if begins.start <= day <= last.start]
    old = sum(there for day, there in months if day < middle.start)
    new = sum(there for day, there in months if day >= middle.start)
    return _Window(
        before, float(row["after_booked"]), retention, old / YEAR_MONTHS, new / YEAR_MONTHS
    )


def _heads(windows: list[tuple[Period, Period, Period]], at: AsOf) -> dict[date, float]:
    """Return the ramped FTE of all sellers by first day of each month of the windows."""
    if not windows:
        return {}
    calendar = company().calendar
    first, last = windows[-1][0].start, windows[0][2].end
    span = replace(windows[0][2], start=first)
    staff = Content(units=staff_units(span, (), at))
    heads, ramps = heads_of(staff, span, at, rise_at(at))
    heads = replace(heads, unit=np.zeros(len(heads.rep), np.int64))
    there = capacity(heads, ramps, (Productivity("", 0.0),), np.zeros(span.days)).ramped[0]
    return {
        month.start: float(there[(month.start - first).days : (month.end - first).days + 1].mean())
        for month in calendar.between(first, last, Grain.MONTH)
    }


def _pairs(past: list[_Window]) -> list[PastYear]:
    """Return years said a year before: a window four quarters older says the newer one."""
    return [
        PastYear(older.before, older.last, newer.last, older.retention, older.heads, newer.heads)
        for newer, older in zip(past, past[4:], strict=False)
    ]
