"""How much of a rep is there: FTE by day, absence deducted, and its sums over a span."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from perilune.people.contracts import Holding
from perilune.people.engine.hierarchy import is_in_force


@dataclass(frozen=True)
class Away:
    """An absence: both days included, `until` None is open-ended, `fte` None is wholly away."""

    since: date
    until: date | None = None
    fte: float | None = None


@dataclass(frozen=True)
class Employment:
    """What is known of one rep's time: hire and last day, assignments, absences."""

    hired: date | None
    left: date | None
    holdings: Sequence[Holding] = ()
    absences: Sequence[Away] = ()


def fte_on(rep: Employment, day: date) -> float:
    """Return the FTE of a rep on a day, in 0..; absence deducted, never below zero.

    Outside hire and last day it is 0. Employed without an assignment in force it is 1: the rep is
    there but unassigned. A rep whose hire date is unknown and who has assignments is there only
    while one is in force.
    """
    if (rep.hired and day < rep.hired) or (rep.left and day > rep.left):
        return 0.0
    held = [h.fte for h in rep.holdings if is_in_force(h, day)]
    unassigned = 1.0 if rep.hired or not rep.holdings else 0.0
    present = sum(held) if held else unassigned
    away = sum(
        present if a.fte is None else a.fte
        for a in rep.absences
        if a.since <= day and (a.until is None or day <= a.until)
    )
    return max(0.0, present - away)


def fte_days(rep: Employment, first: date, last: date) -> Iterator[tuple[date, float]]:
    """Give (day, FTE) for each day of a span, both ends included."""
    day = first
    while day <= last:
        yield day, fte_on(rep, day)
        day += timedelta(days=1)


def fte_total(reps: Iterable[Employment], first: date, last: date) -> float:
    """Return the average FTE over a span: FTE-days divided by calendar days.

    Times the months of the span this is FTE-months.
    """
    days = (last - first).days + 1
    return sum(fte for rep in reps for _, fte in fte_days(rep, first, last)) / days
