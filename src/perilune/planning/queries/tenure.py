"""How much of twelve months a rep held a selling seat: a part of a year is not compared."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import numpy as np

from perilune.kernel.asof import AsOf
from perilune.people.queries import assignments_as_of, reps_as_of
from perilune.planning.contracts import UnitRow
from perilune.planning.contracts.fairness import WHOLE_YEAR
from perilune.planning.queries.seats import SELLER
from perilune.planning.queries.segment_fields import years_before


def year_behind(at: AsOf) -> tuple[date, date]:
    """Return the first and last of the twelve months up to a day."""
    return years_before(at.day, 1) + timedelta(days=1), at.day


def tenures(first: date, last: date, at: AsOf) -> dict[int, float]:
    """Return the share of the days of a span on which each rep held a selling seat, 0 to 1.

    An absence keeps the seat. A rep who never had an assignment sells from the day of hire, as in
    `staff_units`; without a day of hire, since ever.
    """
    spells: dict[int, list[tuple[date, date]]] = {}
    seated = set()
    for held in assignments_as_of(at):
        seated.add(held.rep_id)
        if held.role == SELLER:
            spell = (held.since or date.min, held.until or date.max)
            spells.setdefault(held.rep_id, []).append(spell)
    days = (last - first).days + 1
    found = {}
    for rep, state in reps_as_of(at).items():
        there = np.zeros(days, np.bool_)
        hired, left = state["hire_date"] or date.min, state["leave_date"] or date.max
        for since, until in spells.get(rep, [] if rep in seated else [(date.min, date.max)]):
            begin, end = max(since, hired, first), min(until, left, last)
            if begin <= end:
                there[(begin - first).days : (end - first).days + 1] = True
        found[rep] = float(there.mean())
    return found


def newcomers(rows: Iterable[UnitRow], at: AsOf) -> frozenset[str]:
    """Return the reps of a plan with less than a year behind them on a day."""
    known = tenures(*year_behind(at), at)
    return frozenset(
        row.unit
        for row in rows
        if row.kind == "rep" and row.number > 0 and known.get(row.number, 0.0) < WHOLE_YEAR
    )
