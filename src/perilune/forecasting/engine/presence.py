"""How much of each rep there is on the days ahead, as the records of a past day said it.

New business ends with the rep: what is created on a day on which nobody is there, is not created.
The law is that of a scenario's departure and absence (`planning/engine/people.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perilune.forecasting.engine.windows import Floats, Ints
from perilune.insights.contracts import HORIZON, RATE_DAYS, Outlook

EMPLOYED, ASSIGNED, AWAY = 0, 1, 2
DAYS = HORIZON + 1
"""Days ahead that a presence tells; column 0 is the day after."""


@dataclass(frozen=True, eq=False)
class Dated:
    """Spans of people as they were known over time, n of them; days are numbers.

    kind: EMPLOYED from hire to last day, ASSIGNED to a team, AWAY. since, until: both included.
    fte: of the assignment or absence. known_from, known_to: known at the end of a day from the
    first until the day before the second.
    """

    kind: Ints
    rep: Ints
    since: Ints
    until: Ints
    fte: Floats
    known_from: Ints
    known_to: Ints


@dataclass(frozen=True, eq=False)
class Presence:
    """Of whom there will be less than in the weeks that set the rate, as a day's records said.

    reps: (C,) ascending. share: (C, DAYS) against the mean of the `RATE_DAYS` behind, at most 1.
    gone: (C,) who is not there on the day itself.
    """

    reps: Ints
    share: Floats
    gone: NDArray[np.bool_]


def presence_on(dated: Dated, day: int) -> Presence:
    """Return whose share changes in the days after a day, from what was known at its end.

    On each day a rep counts with the FTE assigned (in full without an assignment in force) less
    that of the absences, between hire and last day: as `rep_day` counts. Who comes back brings no
    more than in the weeks behind.
    """
    first = day - RATE_DAYS + 1
    known = (dated.known_from <= day) & (dated.known_to > day)
    edges = (dated.since > first) & (dated.since <= day + DAYS)
    edges |= (dated.until >= first) & (dated.until < day + DAYS)
    reps = np.unique(dated.rep[known & edges])
    rows = np.flatnonzero(known & np.isin(dated.rep, reps))
    there = _there(dated, rows, reps, first)
    usual = there[:, :RATE_DAYS].mean(axis=1, keepdims=True)
    ahead = there[:, RATE_DAYS:]
    share = np.where(ahead >= usual, 1.0, ahead / np.maximum(usual, 1e-9))
    less = (share < 1).any(axis=1)
    return Presence(reps[less], share[less], there[less, RATE_DAYS - 1] == 0)


def _there(dated: Dated, rows: Ints, reps: Ints, first: int) -> Floats:
    """Return (C, RATE_DAYS + DAYS) how much of each rep is there, from a first day on."""
    width = RATE_DAYS + DAYS
    at = np.searchsorted(reps, dated.rep[rows])

    def summed(kind: int, weight: Floats) -> Floats:
        mine = dated.kind[rows] == kind
        found = np.zeros((len(reps), width + 1))
        since, until = dated.since[rows][mine], dated.until[rows][mine]
        low = np.clip(since - first, 0, width)
        high = np.maximum(np.clip(until - first + 1, 0, width), low)
        np.add.at(found, (at[mine], low), weight[mine])
        np.add.at(found, (at[mine], high), -weight[mine])
        return np.asarray(np.cumsum(found, axis=1)[:, :width])

    one, fte = np.ones(len(rows)), dated.fte[rows]
    listed = np.isin(reps, dated.rep[rows][dated.kind[rows] == EMPLOYED])
    employed = np.where(listed[:, None], summed(EMPLOYED, one) > 0, True)
    held = np.where(summed(ASSIGNED, one) > 0, summed(ASSIGNED, fte), 1.0)
    found = np.maximum(np.round(held - summed(AWAY, fte), 9), 0.0)
    return np.where(employed, found, 0.0)


def kept(outlook: Outlook, presence: Presence, low: int, high: int) -> Floats | None:
    """Return (R, K) what stays of each owner's new wins of a window; None where all of them do.

    The window is low < day ahead <= high. Each day of creation weighs what of it is won in the
    window, so what would be created late weighs little. Renewals come whoever is there.
    """
    at = np.searchsorted(outlook.owners, presence.reps)
    at = np.minimum(at, len(outlook.owners) - 1)
    mine = outlook.owners[at] == presence.reps
    if not mine.any():
        return None
    weight = arrival_weights(outlook.conversion, low, high)
    found = np.ones((len(outlook.owners), len(weight)))
    found[at[mine]] = np.round(presence.share[mine][:, :high] @ weight.T, 12)
    if len(outlook.is_renewal):
        found[:, outlook.is_renewal] = 1.0
    return np.minimum(found, 1.0)


def gone(outlook: Outlook, presence: Presence) -> NDArray[np.bool_]:
    """Return (R,) which owners were not there any more on the day itself."""
    return np.isin(outlook.owners, presence.reps[presence.gone])


def arrival_weights(conversion: Floats, low: int, high: int) -> Floats:
    """Return (K, high) how much of a window's wins come from deals created on each day ahead.

    conversion: (K, H + 1) wins by day h of one new deal a day. The window is low < day <= high.
    """
    by_age = np.diff(conversion, axis=1)  # chance to be won within so many days of creation
    day = np.arange(1, high + 1)
    early = np.where(day <= low, by_age[:, np.maximum(low - day, 0)], 0.0)
    weight = np.maximum(by_age[:, high - day] - early, 0.0)
    total = weight.sum(axis=1, keepdims=True)
    return np.where(total > 0, weight / np.maximum(total, 1e-300), 1.0 / high)
