"""Which risks hold for which deals, and what each puts at stake: numpy alone.

Revenue at risk of a deal's risk is what a win brings times the chance that is missing: the mean
chance of open deals of like stage and age without that risk, less the deal's own. Like deals are in
the same stage and between half and twice as old (ages counted from a week, so that fresh deals meet
fresh deals). Under `PEERS` of them there is no figure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perilune.forecasting.contracts.risk_kinds import (
    PEERS,
    PUSHES,
    SILENT_DAYS,
    SINGLE_DAYS,
    RiskKind,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Holds = Mapping[RiskKind, Bools]

LIKE_AGE = 2.0
"""Like deals are at most so many times older or younger."""
WEEK = 7.0
LEAST_SHARE = 0.0001
"""Under this share of what all open deals are expected to bring, nothing is at risk."""
LEAST_GAP = 0.005
"""Under this difference of chances, half a point, like deals do no better."""


@dataclass(frozen=True, eq=False)
class RiskFacts:
    """What is known of N open deals; every array is (N,), NaN is unknown.

    stage: number of the stage. age, overdue, silent, stage_days: days since the creation, past the
    expected close (negative before it), since two-way activity, in the stage. pushes: moves to a
    later quarter. contacts: known people. stage_limit, amount_limit: the limits of the won deals.
    value: minor units.
    """

    stage: Ints
    age: Floats
    overdue: Floats
    pushes: Floats
    silent: Floats
    stage_days: Floats
    stage_limit: Floats
    contacts: Floats
    value: Floats
    amount_limit: Floats
    has_next_step: Bools


@dataclass(frozen=True, eq=False)
class Stakes:
    """What one kind puts at stake; (N,), NaN where it does not hold or has no figure.

    revenue: minor units, never negative. without: mean chance of like deals. peers: how many.
    """

    revenue: Floats
    without: Floats
    peers: Ints


def holds(facts: RiskFacts) -> dict[RiskKind, Bools]:
    """Return which risks hold, (N,) each; what is unknown does not hold."""
    with np.errstate(invalid="ignore"):
        return {
            RiskKind.OVERDUE: facts.overdue > 0,
            RiskKind.PUSHED: facts.pushes >= PUSHES,
            RiskKind.SILENT: facts.silent > SILENT_DAYS,
            RiskKind.OLD_STAGE: facts.stage_days > facts.stage_limit,
            RiskKind.SINGLE_THREADED: (facts.contacts <= 1) & (facts.age > SINGLE_DAYS),
            RiskKind.FAR_AMOUNT: facts.value > facts.amount_limit,
            RiskKind.NO_NEXT_STEP: ~facts.has_next_step,
        }


def stakes(found: Bools, stage: Ints, age: Floats, chances: tuple[Floats, Floats]) -> Stakes:
    """Return what one kind puts at stake.

    found: (N,) where the risk holds. chances: (N,) chance of a win in the period and what a win
    brings, NaN where unknown. Deals without age or chance have no figure and are nobody's peers.
    """
    win, value = chances
    size = len(found)
    without, peers = np.full(size, np.nan), np.zeros(size, np.int64)
    is_known = np.isfinite(win) & np.isfinite(age)
    for number in np.unique(stage[found & is_known]):
        here = is_known & (stage == number)
        clean, asked = np.flatnonzero(here & ~found), np.flatnonzero(here & found)
        order = clean[np.argsort(age[clean], kind="stable")]
        ages, total = age[order] + WEEK, np.concatenate(([0.0], np.cumsum(win[order])))
        first = np.searchsorted(ages, (age[asked] + WEEK) / LIKE_AGE, side="left")
        last = np.searchsorted(ages, (age[asked] + WEEK) * LIKE_AGE, side="right")
        count = last - first
        peers[asked] = count
        mean = (total[last] - total[first]) / np.maximum(count, 1)
        without[asked] = np.where(count >= PEERS, mean, np.nan)
    revenue = np.maximum(without - win, 0.0) * value
    return Stakes(revenue, without, peers)


def is_material(revenue: float, gap: float, expected: float) -> bool:
    """Tell whether what a risk puts at stake is enough to be one.

    revenue: at stake; expected: what all open deals are expected to bring, both in minor units.
    gap: chance of like deals less the own. A deal that nobody expects to win is no risk.
    """
    return gap >= LEAST_GAP and revenue > 0 and revenue >= LEAST_SHARE * expected


def half_of(expected: Floats) -> Ints:
    """Return the fewest places that bring half of the sum, largest first; none where it is zero."""
    order = np.argsort(-expected, kind="stable")
    total = float(expected.sum())
    if total <= 0:
        return np.zeros(0, np.int64)
    reached = np.cumsum(expected[order])
    count = int(np.searchsorted(reached, total / 2 * (1 - 1e-12), side="left")) + 1
    return order[:count].astype(np.int64)


def largest_group(expected: Floats, group: Ints) -> tuple[int, float] | None:
    """Return the group (-1 is none and never it) that brings most, and its share of the whole."""
    total, named = float(expected.sum()), group >= 0
    if total <= 0 or not named.any():
        return None
    keys, place = np.unique(group[named], return_inverse=True)
    sums = np.bincount(place, weights=expected[named])
    best = int(np.argmax(sums))
    return int(keys[best]), float(sums[best]) / total
