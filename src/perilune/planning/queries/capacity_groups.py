"""People of a plan's capacity in groups: who leaves, other roles, changes of seat (rule 25)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from perilune.kernel.asof import AsOf
from perilune.people.queries import assignments_as_of, reps_as_of
from perilune.planning.contracts import COMPANY, Attrition, Change
from perilune.planning.queries.seats import changes
from perilune.planning.queries.stays import Leaving

LIKELY = 1.2816
"""Standard deviations from the middle to the 10th and the 90th percentile."""


@dataclass(frozen=True)
class Leavers:
    """A group's hazard: chance to leave in a year with its 80 % interval. reps: seen in all."""

    unit: str
    a_year: float
    low: float
    high: float
    leavers: int
    law: Attrition


def leavers(law: Attrition) -> Leavers:
    """Return a group's hazard as a chance in a year, with its interval of 80 %."""
    months = np.array([band.exposure for band in law.bands])
    hazard = np.array([band.hazard for band in law.bands])
    mean = float(np.average(hazard, weights=months if months.sum() > 0 else None))
    wide = float(np.exp(LIKELY * law.sigma))
    a_year, low, high = (1 - (1 - min(m, 1.0)) ** 12 for m in (mean, mean / wide, mean * wide))
    return Leavers(law.name, a_year, low, high, sum(b.leavers for b in law.bands), law)


def whole_group(found: Leaving) -> Leavers:
    """Return the hazard of all sellers as one group."""
    return replace(leavers(found.whole), unit=COMPANY)


def others(at: AsOf) -> tuple[tuple[str, int], ...]:
    """Return how many people hold each role that brings no bookings of its own."""
    reps = reps_as_of(at)
    found: dict[str, set[int]] = {}
    for held in assignments_as_of(at):
        now = (held.since or date.min) <= at.day <= (held.until or date.max)
        left = (reps.get(held.rep_id) or {}).get("leave_date")
        if now and held.role != "seller" and (left is None or left >= at.day):
            found.setdefault(held.role, set()).add(held.rep_id)
    return tuple((role, len(ids)) for role, ids in sorted(found.items()))


def changes_by_month(at: AsOf) -> tuple[tuple[date, Mapping[Change, int]], ...]:
    """Return (first day of the month, people by sort) of changes of the two years before."""
    since = at.day - timedelta(days=730)
    found: dict[date, Counter[Change]] = {}
    for _rep, day, change in changes(at):
        if since <= day <= at.day:
            found.setdefault(day.replace(day=1), Counter())[change] += 1
    return tuple(sorted(found.items()))
