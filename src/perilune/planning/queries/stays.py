"""Who stays, learnt from the sellers seen since the records began: the whole, and team by team."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from perilune.kernel.asof import AsOf
from perilune.people.queries import assignments_as_of, reps_as_of
from perilune.planning.contracts import COMPANY, MONTH_DAYS, Attrition
from perilune.planning.engine.leaving import Stays, attritions, yearly
from perilune.planning.queries.seats import SELLER
from perilune.planning.queries.staff import first_booked


@dataclass(frozen=True)
class Leaving:
    """The laws of who leaves. whole: of all sellers. by_team: in the order asked (rule 25)."""

    whole: Attrition
    by_team: tuple[Attrition, ...]

    @property
    def a_year(self) -> float:
        """The chance of a seller to leave in a year."""
        return yearly(self.whole)

    @property
    def leavers(self) -> int:
        """How many were seen to leave."""
        return sum(band.leavers for band in self.whole.bands)


def leaving(at: AsOf, teams: Sequence[str] = ()) -> Leaving:
    """Return the hazards to leave as known at an instant; teams: units whose law is wanted.

    A seller counts in the team of their last seat. Who left before the first month of bookings is
    not seen, and who was hired before it enters with the tenure reached by then.
    """
    code = {team: place for place, team in enumerate(teams)}
    seat = _teams(at)
    began = first_booked(at) or at.day
    rows = []
    for rep, state in reps_as_of(at).items():
        hired, left = state["hire_date"], state["leave_date"]
        if hired is None or rep not in seat:
            continue
        is_gone = left is not None and left <= at.day
        ended = _months(hired, left if is_gone else at.day)
        entered = max(_months(hired, began), 0.0)
        if ended > entered:
            rows.append((code.get(seat[rep], -1), entered, ended, is_gone))
    stays = Stays(
        np.array([row[0] for row in rows], np.int64),
        np.array([row[1] for row in rows]),
        np.array([row[2] for row in rows]),
        np.array([row[3] for row in rows], np.bool_),
    )
    together = Stays(np.zeros_like(stays.group), stays.entered, stays.ended, stays.left)
    return Leaving(attritions(together, [""])[0], attritions(stays, teams))


def _teams(at: AsOf) -> dict[int, str]:
    """Return the unit of each seller's last seat; a rep who never had a seat sells, unplaced."""
    found = dict.fromkeys(reps_as_of(at), COMPANY)
    held = sorted(assignments_as_of(at), key=lambda one: one.since or date.min)
    others = {one.rep_id for one in held if one.role != SELLER}
    sold = {one.rep_id for one in held if one.role == SELLER}
    for one in held:
        if one.role == SELLER:
            found[one.rep_id] = COMPANY if one.team_id is None else f"team:{one.team_id}"
    return {rep: unit for rep, unit in found.items() if rep not in others - sold}


def _months(first: date, last: date) -> float:
    return (last - first).days / MONTH_DAYS
