"""Why a forecast moved between two days: what each cause adds to its mean, without a remainder.

The mean is won to date + the sum over members of weight x forecast. Between two days a member's
part changes by its own change at the mean of both weights, plus the change of its weight at the
mean of both forecasts: the value that Shapley gives to the two, so no order decides. The change of
the simulation is told deal by deal: first what was expected of the days that have passed leaves,
then what happened to the deal takes the rest. See docs/methods/forecast-range.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from perilune.forecasting.contracts import Cause
from perilune.forecasting.engine.members import SIMULATION
from perilune.forecasting.engine.windows import Floats, Ints

Bools = NDArray[np.bool_]
OPEN, WON, LOST = 0, 1, 2


@dataclass(frozen=True, eq=False)
class Said:
    """A forecast of one day. won, mean: to date, and of the whole; members: forecast and weight.

    passed: what each member expects of the days until the other day (of the first day only). new,
    new_passed: of the simulation, what deals bring that are not created yet. taken, taken_passed:
    what each member would say more if nobody on record left or was away.
    """

    won: float
    mean: float
    said: Mapping[str, float]
    weight: Mapping[str, float]
    passed: Mapping[str, float] = field(default_factory=dict)
    new: float = 0.0
    new_passed: float = 0.0
    taken: Mapping[str, float] = field(default_factory=dict)
    taken_passed: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Facts:
    """What is on record of N deals on one day.

    exists: (N,) whether they are there; meaning: OPEN, WON or LOST; due: the day of the expected
    close; stage, category: numbers; amount: minor units, -1 where unknown.
    """

    exists: Bools
    meaning: Ints
    due: Ints
    stage: Ints
    category: Ints
    amount: Ints


@dataclass(frozen=True, eq=False)
class Chances:
    """N deals in the simulation on one day: whether drawn, value of a win, and its chance.

    chance: (N,) to be won in the days to come. passed: (N,) in the days until the other day (of the
    first day only). Zero where a deal is not drawn.
    """

    drawn: Bools
    value: Floats
    chance: Floats
    passed: Floats


@dataclass(frozen=True, eq=False)
class Deals:
    """N deals on both days. last: the last day of the period, numbered as the days of `Facts`."""

    last: int

    facts_then: Facts
    facts_now: Facts
    then: Chances
    now: Chances


@dataclass(frozen=True)
class Causes:
    """What each cause adds to the mean, minor units, and how many deals stand behind it."""

    value: Mapping[Cause, float]
    deals: Mapping[Cause, int]


def causes(then: Said, now: Said, deals: Deals, *, won_since: float, wins: int) -> Causes:
    """Return the causes of a move of the mean; they sum to `now.mean - then.mean`.

    won_since: won on the days between, as known on the second; wins: by how many deals.
    """
    value = dict.fromkeys(Cause, 0.0)
    value[Cause.WON] = won_since
    value[Cause.RESTATED] = now.won - then.won - won_since
    for name in then.weight.keys() | now.weight.keys():
        _member(value, name, (then, now), deals)
    value[Cause.ADJUSTED] += _adjusted(now) - _adjusted(then)
    drawn = deals.then.drawn | deals.now.drawn
    if SIMULATION not in then.said or (now.said and SIMULATION not in now.said):
        return Causes(value, {Cause.WON: wins} if wins else {})
    count = np.bincount(reasons(deals)[drawn], minlength=len(_CAUSES))
    counted = {cause: int(n) for cause, n in zip(_CAUSES, count, strict=True) if n}
    size = _resized(deals)
    for cause, sign in ((Cause.INCREASED, 1), (Cause.DECREASED, -1)):
        if some := int((sign * size > 0).sum()):
            counted[cause] = some
    return Causes(value, counted | {Cause.WON: wins} if wins else counted)


def _member(value: dict[Cause, float], name: str, ends: tuple[Said, Said], deals: Deals) -> None:
    """Add what one member's part of the mean changes by."""
    then, now = ends
    weights = [end.weight.get(name, 0.0) for end in ends]
    if not now.said:  # the period is over: all that was expected has passed
        weights[1] = weights[0]
    elif name not in then.said or name not in now.said:
        parts = [
            weight * end.said.get(name, 0.0) for weight, end in zip(weights, ends, strict=True)
        ]
        value[Cause.WEIGHTS] += parts[1] - parts[0]
        return
    said = [end.said.get(name, 0.0) for end in ends]
    value[Cause.WEIGHTS] += (weights[1] - weights[0]) * sum(said) / 2
    weight, passed = sum(weights) / 2, then.passed.get(name, 0.0)
    value[Cause.PASSED] -= weight * passed
    still = then.taken.get(name, 0.0) - then.taken_passed.get(name, 0.0)
    away = now.taken.get(name, 0.0) - still
    value[Cause.PRESENCE] -= weight * away
    if name == SIMULATION:
        _simulated(value, weight, ends, deals)
        value[Cause.ARRIVALS] += weight * away
    else:
        value[Cause.RULES] += weight * (said[1] - (said[0] - passed) + away)


def _simulated(
    value: dict[Cause, float], weight: float, ends: tuple[Said, Said], deals: Deals
) -> None:
    then, now = ends
    was = deals.then.value * (deals.then.chance - deals.then.passed)
    change = deals.now.value * deals.now.chance - was
    size = _resized(deals)
    rest = np.bincount(reasons(deals), change - size, len(_CAUSES))
    for cause, part in zip(_CAUSES, rest, strict=True):
        value[cause] += weight * float(part)
    value[Cause.INCREASED] += weight * float(size[size > 0].sum())
    value[Cause.DECREASED] += weight * float(size[size < 0].sum())
    arrivals = now.new - (then.new - then.new_passed)
    value[Cause.ARRIVALS] += weight * arrivals
    # sums by owner and by deal round their chances apart: a thousandth at most, told with the deals
    moved = now.said.get(SIMULATION, 0.0) - then.said.get(SIMULATION, 0.0)
    moved += then.passed.get(SIMULATION, 0.0)
    value[Cause.AGED] += weight * (moved - float(change.sum()) - arrivals)


def _resized(deals: Deals) -> Floats:
    """Return (N,) what another value of a win does, of deals open on both days."""
    both = deals.then.drawn & deals.now.drawn
    both &= deals.facts_then.amount != deals.facts_now.amount
    return np.where(both, (deals.now.value - deals.then.value) * deals.now.chance, 0.0)


def reasons(deals: Deals) -> Ints:
    """Return (N,) the place in `Cause` of what happened to each deal: the first that holds."""
    last = deals.last
    was, became = deals.facts_then, deals.facts_now
    left = deals.then.drawn & ~deals.now.drawn
    came = ~deals.then.drawn & deals.now.drawn
    held: Sequence[tuple[Cause, Bools]] = (
        (Cause.WON, left & became.exists & (became.meaning == WON)),
        (Cause.LOST, left & became.exists & (became.meaning == LOST)),
        (Cause.OWNER_OUT, left & became.exists),
        (Cause.DELETED, left),
        (Cause.NEW, came & ~was.exists),
        (Cause.REOPENED, came & (was.meaning != OPEN)),
        (Cause.OWNER_IN, came),
        (Cause.PUSHED, (was.due <= last) & (became.due > last)),
        (Cause.PULLED_IN, (was.due > last) & (became.due <= last)),
        (Cause.RESCHEDULED, became.due != was.due),
        (Cause.STAGE, became.stage != was.stage),
        (Cause.CATEGORY, became.category != was.category),
    )
    codes = [_CAUSES.index(cause) for cause, _ in held]
    return np.select([mask for _, mask in held], codes, _CAUSES.index(Cause.AGED)).astype(np.int64)


_CAUSES = list(Cause)


def _adjusted(end: Said) -> float:
    """Return what the mean holds beside what is won and the weighted members."""
    weighted = sum(weight * end.said.get(name, 0.0) for name, weight in end.weight.items())
    return end.mean - end.won - weighted


def whole(values: Sequence[float], total: int) -> list[int]:
    """Return amounts in whole units that sum to a whole total, each within one unit of its own.

    values: (n,) amounts that sum to the total but for rounding.
    """
    ends = np.round(np.cumsum(values)) if len(values) else np.zeros(0)
    found = np.diff(ends, prepend=0.0).astype(np.int64).tolist()
    if found:
        largest = max(range(len(found)), key=lambda at: abs(found[at]))
        found[largest] += total - int(ends[-1])
    return found
