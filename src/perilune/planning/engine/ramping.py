"""Ramp: the share of full productivity by month since start, stated or learnt from cohorts.

The curve is the ratio of what reps brought in a month of tenure to what full reps bring, made to
rise (isotonic, weighted by reps), with an interval by bootstrap over reps. Leavers count until they
left.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from perilune.planning.contracts import (
    FEWEST_RAMPED,
    MONTH_DAYS,
    STATED_RAMP,
    RampCurve,
    Source,
)
from perilune.planning.contracts.tables import Flags, Floats, Ids

DRAWS = 400
"""Bootstrap samples: enough for a 10th and a 90th percentile."""
FULL_FROM = 18
"""Month of tenure from which a rep counts as full when a curve is learnt."""
INTERVAL = (10, 90)
Z80 = 1.2816
RAMP_DOUBT = 0.15
"""Stated: sd of the logarithm of the length of a ramp that was not learnt."""


@dataclass(frozen=True)
class Tenures:
    """What reps brought by month of tenure; N rows, one a rep and whole month.

    rep: (N,) ids. month: (N,) whole months since start, from 0. output: (N,) per FTE there, less
    the season, in any unit. is_here: (N,) whether the rep is still here.
    """

    rep: Ids
    month: Ids
    output: Floats
    is_here: Flags


def stated(name: str, share: tuple[float, ...] = STATED_RAMP, reason: str = "") -> RampCurve:
    """Return a curve that was set and not learnt."""
    return RampCurve(name, share, share, share, reason=reason)


def share_by_day(share: tuple[float, ...], since: Ids) -> Floats:
    """Return productivity by days since start (0 is the first day, below 0 is not there yet)."""
    curve = np.asarray(share, dtype=np.float64)
    month = np.floor(since / MONTH_DAYS).astype(np.int64)
    return np.where(since < 0, 0.0, curve[np.clip(month, 0, len(curve) - 1)])


def restarted(share: tuple[float, ...], since: int, kept: float) -> int:
    """Return the days since start that a change of role, product or territory puts a rep back to.

    The rep goes on from the first month in which the curve reaches `kept` x what the rep had, and
    is never put ahead. kept 1 changes nothing, 0 starts anew.
    """
    reached = float(share_by_day(share, np.array([since]))[0])
    month = int(np.argmax(np.asarray(share) >= kept * reached - 1e-12))
    return min(int(np.ceil(month * MONTH_DAYS)), since) if kept < 1 else since


def kept_at_once(share: tuple[float, ...], quarter: float) -> float:
    """Return what a change keeps on its day if it keeps `quarter` on average in the quarter after.

    The quarter is that which follows the month of the change, as `capacity_learning.kept` reads it.
    Of a rep at full productivity who goes on from a month of the curve: the month whose way back
    comes nearest to it.
    """
    if quarter >= 1:
        return 1.0
    days = np.arange(round(MONTH_DAYS / 2), round(MONTH_DAYS * 3.5))
    means = [
        float(share_by_day(share, days + round(month * MONTH_DAYS)).mean()) / share[-1]
        for month in range(len(share))
    ]
    nearest = int(np.argmin(np.abs(np.array(means) - quarter)))
    return share[nearest] / share[-1]


def way_back(curve: tuple[float, ...], kept: float) -> tuple[int, float]:
    """Return (days, share missing at first) of an even way back that loses what a restart does.

    kept: share left on the day of the change. Of a rep at full productivity; (0, 0) where a change
    costs nothing.
    """
    since = restarted(curve, round(len(curve) * MONTH_DAYS), kept)
    day = np.arange(since, round(len(curve) * MONTH_DAYS))
    lost = float((1 - share_by_day(curve, day) / curve[-1]).sum())
    missing = 1 - kept
    return (round(2 * lost / missing), missing) if missing > 0 and lost > 0 else (0, 0.0)


def ramp_doubt(curve: RampCurve) -> float:
    """Return the sd of the logarithm of a ramp's length: from its interval, else the stated."""
    if curve.source is not Source.LEARNT:
        return RAMP_DOUBT
    slow, quick = (max(ramp_days(share), MONTH_DAYS) for share in (curve.low, curve.high))
    return float(np.clip(np.log(slow / quick) / (2 * Z80), 0.0, 0.5))


def ramp_days(share: tuple[float, ...]) -> float:
    """Return the days of the even ramp that loses as much as a curve does."""
    return 2 * sum(1 - value for value in share) * MONTH_DAYS


def learnt(
    name: str,
    tenures: Tenures,
    rng: np.random.Generator,
    *,
    otherwise: tuple[float, ...] = STATED_RAMP,
    fewest: int = FEWEST_RAMPED,
) -> RampCurve:
    """Return the curve of a role's reps, or the stated one with the reason why nothing is claimed.

    Nothing is claimed with fewer than `fewest` reps seen in their first half year or seen full, or
    when the interval of the first quarter's share is wider than half of full productivity.
    """
    new = np.unique(tenures.rep[tenures.month < 6])
    full = np.unique(tenures.rep[tenures.month >= FULL_FROM])
    if len(new) < fewest or len(full) < fewest:
        return stated(name, otherwise, "too few reps")
    sums = _sums(tenures)
    share = _curve(*sums)
    if share is None:
        return stated(name, otherwise, "nothing brought by full reps")
    drawn = _bootstrap(sums, rng)
    low, high = np.percentile(drawn, INTERVAL, axis=0)
    if float((high - low)[:3].mean()) > 0.5:
        return stated(name, otherwise, "too uncertain")
    kept = _of(tenures, tenures.is_here)
    here = _curve(*_sums(kept)) if len(np.unique(kept.rep)) >= fewest else None
    return RampCurve(
        name,
        _tuple(share),
        _tuple(np.minimum(low, share)),
        _tuple(np.maximum(high, share)),
        None if here is None else _tuple(here),
        Source.LEARNT,
        len(new),
    )


def _of(tenures: Tenures, rows: Flags) -> Tenures:
    return Tenures(
        tenures.rep[rows], tenures.month[rows], tenures.output[rows], tenures.is_here[rows]
    )


def _sums(tenures: Tenures) -> tuple[Floats, Floats]:
    """Return (reps, FULL_FROM + 1) output and months by month of tenure; the last is full."""
    _ids, row = np.unique(tenures.rep, return_inverse=True)
    column = np.minimum(tenures.month, FULL_FROM)
    shape = (int(row.max()) + 1 if len(row) else 0, FULL_FROM + 1)
    output, months = np.zeros(shape), np.zeros(shape)
    np.add.at(output, (row, column), tenures.output)
    np.add.at(months, (row, column), 1.0)
    return output, months


def _curve(output: Floats, months: Floats) -> Floats | None:
    """Return the rising share of full by month; None without a full rep who brings something."""
    total, count = output.sum(axis=0), months.sum(axis=0)
    if count[-1] == 0 or total[-1] <= 0:
        return None
    share = np.divide(total, count, out=np.zeros_like(total), where=count > 0)
    return np.minimum(_rising(share / share[-1], count), 1.0)


def _rising(values: Floats, weights: Floats) -> Floats:
    """Return the weighted isotonic fit (pool adjacent violators); months not seen have no say."""
    from scipy.optimize import isotonic_regression

    seen = weights > 0
    fitted = isotonic_regression(values[seen], weights=weights[seen]).x
    return np.asarray(np.interp(np.arange(len(values)), np.flatnonzero(seen), fitted))


def _bootstrap(sums: tuple[Floats, Floats], rng: np.random.Generator) -> Floats:
    """Return (draws, months) curves of reps drawn anew; again where no full rep was among them."""
    output, months = sums
    drawn: list[Floats] = []
    for _attempt in range(4 * DRAWS):
        chosen = rng.integers(0, len(output), len(output))
        curve = _curve(output[chosen], months[chosen])
        if curve is not None:
            drawn.append(curve)
        if len(drawn) == DRAWS:
            break
    return np.stack(drawn)


def _tuple(values: Floats) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
