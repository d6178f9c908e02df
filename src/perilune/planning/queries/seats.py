"""Who changed team or role, and when: from then on the ramp restarts in part."""

from __future__ import annotations

from datetime import date, timedelta

from perilune.kernel.asof import AsOf
from perilune.people.contracts import Holding
from perilune.people.queries import assignments_as_of, reps_as_of, teams_as_of

SELLER = "seller"
_DAY = timedelta(days=1)


def changes(at: AsOf) -> list[tuple[int, date]]:
    """Return (rep, first day) of each change of team or role of somebody who sells after it.

    As known at an instant, those to come included. Who only takes a seat on beside the one held
    changes nothing, nor does who comes back to the last one after a gap.
    """
    teams, reps, by_rep = teams_as_of(at), reps_as_of(at), dict[int, list[Holding]]()
    for held in assignments_as_of(at):
        by_rep.setdefault(held.rep_id, []).append(held)
    found = []
    for rep, seats in by_rep.items():
        hired = (reps.get(rep) or {}).get("hire_date") or date.min
        for seat in seats:
            day = seat.since
            if day is None or day <= hired or seat.role != SELLER:
                continue
            before = _last_before(seats, day)
            keeps = any((one.until or date.max) >= day for one in before)
            same = any((one.team_id, one.role) == (seat.team_id, seat.role) for one in before)
            if before and not keeps and not same and seat.team_id in (None, *teams):
                found.append((rep, day))
    return sorted(set(found))


def _last_before(seats: list[Holding], day: date) -> list[Holding]:
    """Return what somebody held on the eve of a day; after a gap, what was held last."""
    earlier = [one for one in seats if (one.since or date.min) < day]
    if not earlier:
        return []
    last = min(max(one.until or date.max for one in earlier), day - _DAY)
    return [one for one in earlier if (one.until or date.max) >= last]
