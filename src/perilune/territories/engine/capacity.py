"""How many territories the hours of reps call for: the road depends on the plan, so it is sought.

The road of a territory by Daganzo, The distance traveled to visit N points with a maximum of C
stops per vehicle, Transportation Science 18 (1984) 331: tours of C stops out from the centre and
back, 2 r N / C, and the way from stop to stop, 0.57 sqrt(A N), for each round of visits. It is an
estimate on straight lines: the centre stands for the rep's home, the hull for the area.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.territories.contracts import Effort, Needed, Plan, Units, Working
from perilune.territories.engine.ground import FloatArray

BETWEEN = 0.57
"""Way from stop to stop over sqrt(area x stops), for tours much larger than their stops."""


def road_hours(units: Units, plan: Plan, effort: Effort, working: Working) -> FloatArray:
    """Return (k,) hours a year on the road in each territory."""
    k = len(plan.names)
    found = np.zeros(k)
    for a in range(k):
        mine = np.flatnonzero((plan.territory == a) & (effort.visits > 0))
        if not len(mine):
            continue
        visits = effort.visits[mine]
        away = np.hypot(*(units.points[mine] - plan.centres[a]).T)
        rounds = visits.sum() / len(mine)
        out = 2 * float(away @ visits) / working.stops
        between = BETWEEN * math.sqrt(hull_area(units.points[mine]) * len(mine)) * rounds
        found[a] = working.detour * (out + between) / working.speed
    return found


def fewest(
    units: Units, effort: Effort, working: Working, plan_of: Callable[[int], Plan]
) -> Needed:
    """Return the plan of the fewest territories whose mean hours do not exceed a rep's.

    plan_of: makes the plan of so many territories. More territories mean less road, so the answer
    is bracketed by the visits alone and by the road of that first plan, and bisected. Raises
    Invalid, naming the account, where one alone asks for more than a rep has.
    """
    tried: dict[int, tuple[Plan, float]] = {}

    def road(k: int) -> float:
        if k not in tried:
            plan = plan_of(k)
            tried[k] = plan, float(road_hours(units, plan, effort, working).sum())
        return tried[k][1]

    k = count_needed(units, effort, working, road)
    visits = float((effort.visits * effort.hours).sum())
    plan, on_road = tried[k][0], road(k)
    return Needed(plan, visits, on_road, tuple((k, visits + tried[k][1]) for k in sorted(tried)))


def count_needed(
    units: Units, effort: Effort, working: Working, road: Callable[[int], float]
) -> int:
    """Return the fewest territories whose mean hours do not exceed a rep's.

    road: hours on the road of a plan of so many territories, asked for a few numbers only; the
    same answers lead the same way, so a caller may break off and begin again. Raises as `fewest`.
    """
    alone = effort.visits * effort.hours
    heaviest = int(alone.argmax())
    if working.hours <= 0 or alone[heaviest] > working.hours:
        raise Invalid(
            _("Account %(id)s alone asks for %(hours)s hours a year, a rep has %(have)s."),
            id=units.ids[heaviest],
            hours=round(float(alone[heaviest])),
            have=round(working.hours),
        )
    visits = float(alone.sum())

    def holds(k: int) -> bool:
        return visits + road(k) <= k * working.hours

    most = len(units.ids)
    low = high = min(max(math.ceil(visits / working.hours), 1), most)
    if not holds(low):
        high = min(math.ceil((visits + road(low)) / working.hours), most)
        while high < most and not holds(high):
            low, high = high, high + 1
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if holds(middle) else (middle, high)
    else:
        road(high)
    return high


def round_km(points: FloatArray, centre: FloatArray, working: Working) -> float:
    """Return km on the road to see each of n places (n, 2) once from a centre (2,): as the road."""
    if not len(points):
        return 0.0
    out = 2 * float(np.hypot(*(points - centre).T).sum()) / working.stops
    return working.detour * (out + BETWEEN * math.sqrt(hull_area(points) * len(points)))


def hull_area(points: FloatArray) -> float:
    """Return the area of the hull, km²; 0 for points on a line."""
    if len(points) < 3:
        return 0.0
    from scipy.spatial import ConvexHull, QhullError  # heavy, and only designs need it

    try:
        return float(ConvexHull(points).volume)  # of two dimensions the volume is the area
    except QhullError:
        return 0.0
