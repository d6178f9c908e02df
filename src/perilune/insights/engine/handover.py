"""Deals that change hands before they are won: how often, how soon, and to whom.

A win is credited to whoever holds the deal when it closes. Of the wins of the last half-year it is
known who held each of them some days before: the share that somebody else held is what a holder
must expect to lose, and those who closed them are whom it goes to.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from perilune.insights.engine.journeys import OPEN, WON, Floats, Ints, Journeys

RECENT = 182
"""Days back of the closes that are looked at."""
SHRINK = 20.0
"""Wins as which the share of the nearer distance counts; nearest of all stands none."""
POINTS = (1, 7, 28, 91, 182)
"""Days before the close at which holders are compared; straight lines lie between."""


@dataclass(frozen=True, eq=False)
class Handover:
    """share: (H + 1,) of wins so many days ahead, the part that is credited to another holder.

    at_birth: the same for deals that are created from now on. heirs, part: (Q,) who closes what
    changed hands, and what part of it, summing to one; empty where nothing did.
    """

    share: Floats
    at_birth: float
    heirs: Ints
    part: Floats


def handover(journeys: Journeys, day: int, horizon: int) -> Handover:
    """Return how deals changed hands by a day, as known at its end."""
    deal, spell = journeys.known(day)
    closed = journeys.closed[spell]
    won = (journeys.state[spell] == WON) & (closed > day - RECENT) & (closed <= day)
    deal, spell, closed = deal[won], spell[won], closed[won]
    holder = journeys.owner[spell]
    shares, nearer = [0.0], 0.0
    for back in POINTS:
        nearer = _moved(journeys, deal, holder, closed - back, nearer)
        shares.append(nearer)
    first = np.maximum(journeys.created[deal], journeys.start[np.searchsorted(journeys.deal, deal)])
    at_birth = _moved(journeys, deal, holder, first, 0.0)
    then = _holder(journeys, deal, first)
    came = holder[(then >= -1) & (then != holder) & (holder >= 0)]
    heirs, count = np.unique(came, return_counts=True)
    ahead = np.arange(horizon + 1)
    share = np.interp(ahead, (0, *POINTS), shares)
    if not len(heirs):
        return Handover(np.zeros(horizon + 1), 0.0, heirs.astype(np.int64), np.zeros(0))
    return Handover(share, at_birth, heirs.astype(np.int64), count / count.sum())


def _holder(journeys: Journeys, deal: Ints, day: Ints) -> Ints:
    """Return who held each deal at the end of a day; -2 where it was not open then."""
    spell = journeys.on(deal, day)
    was_open = (spell >= 0) & (journeys.state[np.maximum(spell, 0)] == OPEN)
    was_open &= journeys.created[deal] <= day
    return np.where(was_open, journeys.owner[np.maximum(spell, 0)], -2)


def _moved(journeys: Journeys, deal: Ints, holder: Ints, day: Ints, nearer: float) -> float:
    then = _holder(journeys, deal, day)
    seen = then >= -1
    moved = float((seen & (then != holder)).sum())
    return (moved + SHRINK * nearer) / (float(seen.sum()) + SHRINK)


def passed_on(values: Floats, share: Floats, part: Floats) -> Floats:
    """Return (R, H + 1) cumulated amounts of holders as credited to those who will close.

    share: (H + 1,) what leaves them of what comes on each day; part: (R,) what reaches each.
    """
    step = np.diff(values, prepend=0.0, axis=1)
    leaves = step * share
    return np.asarray(np.cumsum(step - leaves + part[:, None] * leaves.sum(axis=0), axis=1))
