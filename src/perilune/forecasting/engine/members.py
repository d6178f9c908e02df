"""The plain members of the forecast: rules that tell what the window after a day will bring.

A member takes an `Ask` and returns (K,) amounts, one for each knowledge day, NaN where its history
does not reach back far enough. All are linear in the amounts, so those of units sum to the total's.
The simulation of deals is a member too; it comes from outside (`tree.Simulated`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from perilune.forecasting.engine.history import History
from perilune.forecasting.engine.windows import LEAST_DAYS, RECENT_DAYS, Calendar, Floats, Ints

QUARTER = 3
YEAR = 12
FIVE_QUARTERS = 15
"""Months of history from which the same window a year back is a member (rule 19)."""


@dataclass(frozen=True, eq=False)
class Ask:
    """What every member is asked: the window of `length` days that begins `lead` days ahead."""

    history: History
    calendar: Calendar
    lead: int
    length: int
    _pieces: dict[tuple[int, bool], list[_Piece]] = field(default_factory=dict)

    def about(self, history: History) -> Ask:
        """Return the same question about another history of the same knowledge days."""
        return replace(self, history=history)

    @property
    def rows(self) -> Ints:
        """(K,) the rows of the history."""
        return np.arange(len(self.history.days), dtype=np.int64)

    @property
    def now(self) -> Floats:
        """(K,) the boundary after each knowledge day."""
        return self.history.days.astype(float) + 1


def last_window(ask: Ask) -> Floats:
    """Return what the window of the same length that has just ended brought."""
    return _behind(ask, ask.length)


def mean_13_weeks(ask: Ask) -> Floats:
    """Return the mean daily amount of the last 91 days times the days of the window.

    In the first quarter of a history that of all its days, from the fourth week on.
    """
    days = np.minimum(RECENT_DAYS, ask.now - ask.history.start)
    found = ask.history.between(ask.rows, ask.now - days, ask.now)
    return np.where(days >= LEAST_DAYS, found / np.maximum(days, 1) * ask.length, np.nan)


def quarter_back(ask: Ask) -> Floats:
    """Return what the window of equal place in the previous quarter brought, per day.

    Place is counted in fiscal months and shares of a month, so that ends of months meet ends of
    months; days of the window that lie more than a quarter ahead look two, three ... quarters back.
    """
    return _same_place(ask, QUARTER, by_workday=False)


def quarters_back(ask: Ask) -> Floats:
    """Return the mean of what the windows of equal place in the last four quarters brought.

    The quarter just behind counts as in `quarter_back`; defined once two of them are known. Places
    of few days are noisy in one quarter: the mean knows the rush at the end of a month better.
    """
    found = np.stack([_same_place(ask, QUARTER * back, by_workday=False) for back in range(1, 5)])
    count = np.isfinite(found).sum(axis=0)
    return np.where(count >= 2, np.nansum(found, axis=0) / np.maximum(count, 1), np.nan)


def year_back(ask: Ask) -> Floats:
    """Return what the same window a year back brought, per working day, from five quarters on."""
    passed = ask.calendar.position(ask.now) - ask.calendar.position(
        np.full(len(ask.now), float(ask.history.start))
    )
    return np.where(passed >= FIVE_QUARTERS, _same_place(ask, YEAR, by_workday=True), np.nan)


@dataclass(frozen=True)
class Member:
    """A rule with its name; a standing member is one that an origin cannot count without."""

    name: str
    rule: Callable[[Ask], Floats]
    is_combined: bool
    is_standing: bool = False


MEMBERS: tuple[Member, ...] = (
    Member("quarter_back", quarter_back, is_combined=True),
    Member("mean_13_weeks", mean_13_weeks, is_combined=True, is_standing=True),
    Member("quarters_back", quarters_back, is_combined=True),
    Member("year_back", year_back, is_combined=True),
    Member("last_window", last_window, is_combined=False),
)
COMBINATION = "combination"
SIMULATION = "simulation"
"""The open deals and those to come, deal by deal: the member that `insights` and arrivals give."""
NAIVE = "quarter_back"
"""The seasonal naive that skill is measured against."""
COMBINED = (SIMULATION, *(member.name for member in MEMBERS if member.is_combined))
PLAIN = ("quarter_back", "mean_13_weeks")
"""The plain rules that the combination must beat."""
STANDING = tuple(member.name for member in MEMBERS if member.is_standing)


def ask_all(ask: Ask) -> dict[str, Floats]:
    """Return the (K,) forecasts of every plain member; below zero where more was taken back."""
    return {member.name: member.rule(ask) for member in MEMBERS}


def _behind(ask: Ask, days: int) -> Floats:
    lower = ask.now - days
    found = ask.history.between(ask.rows, lower, ask.now)
    return np.where(lower >= ask.history.start, found, np.nan)


def _same_place(ask: Ask, step: int, *, by_workday: bool) -> Floats:
    key = step, by_workday
    if key not in ask._pieces:
        ask._pieces[key] = list(_pieces(ask, step, by_workday=by_workday))
    total = np.zeros(len(ask.now))
    for piece in ask._pieces[key]:
        total = total + np.where(piece.is_wanted, piece.told(ask), 0.0)
    return total


@dataclass(frozen=True, eq=False)
class _Piece:
    """Part of a window, told by the days of equal place some months before; (K,) each.

    since, until: the boundaries of those days. wanted, seen: days of the part, and of those.
    is_wanted: whether it has any. is_behind: whether the calendar reaches back so far.
    """

    since: Floats
    until: Floats
    wanted: Floats
    seen: Floats
    is_wanted: NDArray[np.bool_]
    is_behind: NDArray[np.bool_]

    def told(self, ask: Ask) -> Floats:
        """Return what a history says of it."""
        is_known = self.is_behind & (self.since >= ask.history.start - 1e-9)
        won = ask.history.between(ask.rows, self.since, self.until)
        return np.where(is_known, won * self.wanted / self.seen, np.nan)


def _pieces(ask: Ask, step: int, *, by_workday: bool) -> Iterator[_Piece]:
    calendar, now = ask.calendar, ask.now
    here = calendar.position(now)
    first = calendar.position(now + ask.lead)
    last = calendar.position(now + ask.lead + ask.length)
    back = step
    while np.any(here + back - step < last):
        lower = np.maximum(first, here + back - step)
        upper = np.maximum(np.minimum(last, here + back), lower)
        yield _piece(calendar, lower, upper, back, by_workday)
        back += step


def _piece(calendar: Calendar, lower: Floats, upper: Floats, back: int, by_workday: bool) -> _Piece:
    """Return the places lower .. upper as told by those `back` months before."""
    to_lower, to_upper = calendar.boundary(lower), calendar.boundary(upper)
    from_lower, from_upper = calendar.boundary(lower - back), calendar.boundary(upper - back)
    wanted, seen = to_upper - to_lower, from_upper - from_lower
    if by_workday:
        workdays = calendar.workdays(to_lower, to_upper), calendar.workdays(from_lower, from_upper)
        is_usable = (workdays[0] > 0) & (workdays[1] > 0)
        wanted = np.where(is_usable, workdays[0], wanted)
        seen = np.where(is_usable, workdays[1], seen)
    seen = np.where(seen > 0, seen, 1.0)
    return _Piece(from_lower, from_upper, wanted, seen, upper > lower, lower >= back)
