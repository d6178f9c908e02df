"""When a connection has been silent for longer than it ever is."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

ENOUGH = 5
"""Runs with news from which on the rhythm of a source is known."""

PATIENCE = 3.0
AT_LEAST_S = 86_400.0


def silence(news_s: Sequence[float], now_s: float) -> float | None:
    """Return for how long a source brought no news (seconds), where that is longer than ever.

    news_s: when runs brought news, in any order, in seconds. Longer than ever: three times its
    longest pause so far, and a day at least. None while its rhythm is not known, or is kept.

    Examples
    --------
    >>> day = 86_400.0
    >>> silence([0, day, 2 * day, 3 * day, 4 * day], 8 * day) / day
    4.0
    >>> silence([0, day, 2 * day, 3 * day, 4 * day], 7 * day) is None
    True
    """
    if len(news_s) < ENOUGH:
        return None
    times = sorted(news_s)
    longest = max(later - earlier for earlier, later in pairwise(times))
    quiet = now_s - times[-1]
    return quiet if quiet > max(AT_LEAST_S, PATIENCE * longest) else None
