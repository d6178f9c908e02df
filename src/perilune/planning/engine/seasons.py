"""The season of the year: each month's share of a year, learnt from whole years or flat.

A share is leant towards the flat year by as much as years differ from each other (a normal law with
its variance estimated, Efron and Morris 1975), so that little history claims little.
"""

from __future__ import annotations

import numpy as np

from perilune.planning.contracts import Season, Source
from perilune.planning.contracts.tables import Floats

FEWEST_YEARS = 2
DRAWS = 1_000
"""Bootstrap samples of years."""


def flat(months: int = 12, reason: str = "") -> Season:
    """Return the year without a season."""
    share = (1.0 / months,) * months
    return Season(share, share, share, 0, Source.STATED, reason=reason)


def learnt(history: Floats, rng: np.random.Generator, days: Floats | None = None) -> Season:
    """Return the season of (Y, M) amounts by whole year and month, else the flat year and why.

    days: (Y, M) working days, where the season beyond them is wanted. The flat year stands with
    fewer than two whole years, a year of nothing, and when leaving a year out shows that the
    season learnt from the others errs more than the flat year does.
    """
    years, months = history.shape if history.ndim == 2 else (0, 12)
    if years < FEWEST_YEARS:
        return flat(months, "fewer than two whole years")
    amounts = history / days if days is not None else history
    total = amounts.sum(axis=1, keepdims=True)
    if not (np.isfinite(amounts).all() and (total > 0).all()):
        return flat(months, "a year without bookings")
    shares = amounts / total
    better = _better(shares)
    if better <= 0:
        return flat(months, "no better than the flat year")
    share = _leant(shares)
    drawn = np.stack(
        [_leant(shares[rng.integers(0, years, years)], shares) for _draw in range(DRAWS)]
    )
    low, high = np.percentile(drawn, (10, 90), axis=0)
    # few years drawn anew differ too little: n / (n - 1) mends the variance
    wide = np.sqrt(years / (years - 1))
    low = share - wide * np.maximum(share - low, 0)
    high = share + wide * np.maximum(high - share, 0)
    return Season(
        _tuple(share), _tuple(np.maximum(low, 0.0)), _tuple(high), years, Source.LEARNT, better
    )


def _leant(shares: Floats, spread: Floats | None = None) -> Floats:
    """Return mean shares leant to the flat year by their own noise; they sum to 1."""
    years, months = shares.shape
    mean, even = shares.mean(axis=0), 1.0 / months
    noise = float((spread if spread is not None else shares).var(axis=0, ddof=1).mean()) / years
    signal = float(((mean - even) ** 2).mean())
    kept = max(1.0 - noise / signal, 0.0) if signal > 0 else 0.0
    return np.asarray(even + kept * (mean - even))


def _better(shares: Floats) -> float:
    """Return by what share the season errs less than the flat year when each year is left out."""
    ours = theirs = 0.0
    even = 1.0 / shares.shape[1]
    for year in range(len(shares)):
        others = np.delete(shares, year, axis=0)
        learnt_ = _leant(others) if len(others) > 1 else (others[0] + even) / 2
        ours += float(np.abs(shares[year] - learnt_).sum())
        theirs += float(np.abs(shares[year] - even).sum())
    return 1.0 - ours / theirs if theirs > 0 else 0.0


def by_day(share: Floats, days: Floats) -> Floats:
    """Return (D,) shares of the year by day: each month's, evenly on its days; days: (M,)."""
    size = days.astype(np.int64)
    return np.repeat(share / size, size)


def _tuple(values: Floats) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
