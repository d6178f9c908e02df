"""Territories by what the way costs: a plan found on straight lines, assigned again by a matrix.

Centres come from the plan; each is put at the candidate nearest to it. Then transport, connection
and trade run again on the matrix, so that balance and every rule hold; where the matrix has more
candidates than territories, each territory takes the candidate from which all of it costs least,
and so in turn while that gains.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.territories.contracts import Effort, Plan, Request, Units, Working
from perilune.territories.contracts.units import FloatArray, IntArray
from perilune.territories.engine.capacity import BETWEEN, hull_area
from perilune.territories.engine.designing import from_west, planned
from perilune.territories.engine.problem import Ready, ready
from perilune.territories.engine.staying import over_shared_towns, with_stay

ROUNDS = 6
FAR = 10.0
"""What a pair without a way costs, over the dearest pair that has one."""


@dataclass(frozen=True)
class Costs:
    """minutes: (n, c) from each candidate to each unit, inf where there is no way.

    at: (c,) the unit that each candidate is at.
    """

    minutes: FloatArray
    at: IntArray


@dataclass(frozen=True)
class Travelled:
    """A plan by a matrix. The certificate's cost and bound are sums of load times minutes.

    minutes: (n, k) to each territory's centre. at: (k,) the unit of each centre. mean: minutes to
    the own centre, weighted by load; before: the same for the plan of straight lines at the same
    first centres. cut: units with no way from their centre; nowhere: with none from any candidate.
    """

    plan: Plan
    minutes: FloatArray
    at: IntArray
    mean: float
    before: float
    cut: tuple[int, ...]
    nowhere: tuple[int, ...]


def nearest_candidates(centres: FloatArray, places: FloatArray) -> IntArray:
    """Return (k,) a candidate of its own for each centre, all together the nearest.

    centres (k, 2), places (c, 2) km. Raises Invalid for fewer candidates than centres.
    """
    from scipy.optimize import linear_sum_assignment

    if len(places) < len(centres):
        message = _("The matrix has %(count)s candidates for a centre, and %(k)s are needed.")
        raise Invalid(message, count=len(places), k=len(centres))
    gap = ((centres[:, None] - places[None]) ** 2).sum(axis=2)
    return np.asarray(linear_sum_assignment(gap)[1], np.int32)


def by_costs(
    units: Units, request: Request, plan: Plan, costs: Costs, stay: float = 0.0
) -> Travelled:
    """Return the plan of least cost on the matrix within the tolerances, connected.

    plan: of straight lines for the same units and request. stay: minutes that a unit of load may
    be farther so that it stays with its holder. Raises Invalid for a matrix that cannot be taken.
    """
    _check(units, costs)
    place = np.lexsort((units.points[:, 1], units.points[:, 0])).astype(np.int32)
    asked = replace(request, names=plan.names, stay=stay)
    sorted_units, asked, back = from_west(units, asked, place)
    minutes = costs.minutes[place]
    known = minutes[np.isfinite(minutes)]
    far = FAR * max(float(known.max(initial=0.0)), 1.0)
    priced = np.where(np.isfinite(minutes), minutes, far)
    made = ready(sorted_units, asked)
    if stay > 0 and units.owner is not None:
        made = over_shared_towns(sorted_units, asked, made)
        made = with_stay(sorted_units, asked, made, stay)
    load = sorted_units.loads[:, 0]
    which = nearest_candidates(plan.centres, units.points[costs.at])
    before = _mean(minutes, which, plan.territory[place], load)
    best: tuple[tuple[float, float], Plan, IntArray] | None = None
    for _turn in range(ROUNDS):
        centres = units.points[costs.at[which]].astype(float)
        tabled = _tabled(made, priced[:, which], load)
        found = planned(sorted_units, asked, tabled, centres, np.zeros(made.k))
        out = np.maximum(found.loads - made.upper, 0) + np.maximum(made.lower - found.loads, 0)
        rank = (round(float((out / made.target).sum()), 9), found.certificate.cost)
        if best is not None and rank >= best[0]:
            break
        best = (rank, found, which)
        moved = _recentred(priced, which, found.territory, load, made)
        if (moved == which).all():
            break
        which = moved
    assert best is not None
    found, which = best[1:]
    territory = found.territory[back]
    own = costs.minutes[:, which]
    reached = np.isfinite(costs.minutes).any(axis=1)
    cut = np.flatnonzero(~np.isfinite(own[np.arange(len(territory)), territory]))
    return Travelled(
        plan=replace(found, territory=territory),
        minutes=own,
        at=costs.at[which],
        mean=_mean(costs.minutes, which, territory, units.loads[:, 0]),
        before=before,
        cut=tuple(cut.tolist()),
        nowhere=tuple(np.flatnonzero(~reached).tolist()),
    )


def _check(units: Units, costs: Costs) -> None:
    n, c = costs.minutes.shape
    if n != len(units.ids) or c != len(costs.at):
        raise Invalid(_("The matrix has %(rows)s rows for %(n)s units."), rows=n, n=len(units.ids))
    if (costs.minutes < 0).any():
        at = int(np.argwhere(costs.minutes < 0)[0][0])
        raise Invalid(_("The matrix has a cost below zero for %(id)s."), id=units.ids[at])
    if not np.isfinite(costs.minutes).any():
        raise Invalid(_("The matrix knows no way at all."))


def _tabled(made: Ready, priced: FloatArray, load: FloatArray) -> Ready:
    """Return the problem with the cost of every unit in every territory, weighted by its load."""
    table = np.zeros((len(made.ground.mass), made.k))
    least = 1e-6 * load.sum() / max(len(load), 1)
    np.add.at(table, made.piece, np.maximum(load, least)[:, None] * priced)
    return replace(made, ground=made.ground._replace(table=np.ascontiguousarray(table)))


def _recentred(
    priced: FloatArray, which: IntArray, territory: IntArray, load: FloatArray, made: Ready
) -> IntArray:
    """Return (k,) the candidate from which each territory costs least; pinned ones stay."""
    moved = which.copy()
    taken = set(which.tolist())
    for a in range(len(which)):
        inside = np.flatnonzero(territory == a)
        if made.fixed[a] or not len(inside):
            continue
        total = load[inside] @ priced[inside]
        for at in np.argsort(total, kind="stable").tolist():
            if at == moved[a] or at not in taken:
                taken.discard(int(moved[a]))
                taken.add(at)
                moved[a] = at
                break
    return moved


def _mean(minutes: FloatArray, which: IntArray, territory: IntArray, load: FloatArray) -> float:
    own = minutes[np.arange(len(territory)), which[territory]]
    known = np.isfinite(own)
    return float((own[known] * load[known]).sum() / max(load[known].sum(), 1e-300))


def travel_hours(units: Units, found: Travelled, effort: Effort, working: Working) -> FloatArray:
    """Return (k,) hours a year on the road in each territory, by the matrix.

    Daganzo's tours as in `capacity`: out and back by the matrix, from stop to stop on straight
    lines at the pace that the matrix shows in the territory (straight km over hours from the
    centre). What has no way from its centre is left out.
    """
    k = len(found.plan.names)
    hours = np.zeros(k)
    territory = found.plan.territory
    for a in range(k):
        own = found.minutes[:, a] / 60
        mine = np.flatnonzero((territory == a) & (effort.visits > 0) & np.isfinite(own))
        if not len(mine):
            continue
        visits = effort.visits[mine]
        out = 2 * float(own[mine] @ visits) / working.stops
        straight = np.hypot(*(units.points[mine] - units.points[found.at[a]]).T)
        time = float(own[mine].sum())
        pace = float(straight.sum()) / time if time > 0 and straight.sum() > 0 else working.speed
        between = BETWEEN * np.sqrt(hull_area(units.points[mine]) * len(mine)) / pace
        hours[a] = out + between * visits.sum() / len(mine)
    return hours
