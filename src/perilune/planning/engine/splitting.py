"""An integer shared out by weights between bounds, exact to the last unit.

The parts in proportion are x = clip(level x weight, floor, cap) with the one level at which they
sum to the total (water-filling): the answer of min sum (x - c w)^2 / w over the bounds, for any c.
Rounding is by largest remainder inside the bounds. Source: Hamilton's method; Patriksson (2008), A
survey on the continuous nonlinear resource allocation problem, EJOR 185.
"""

from __future__ import annotations

from math import fsum

import numpy as np

from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.planning.contracts import MOST_MINOR, NO_CAP
from perilune.planning.contracts.quotas import Minor
from perilune.planning.contracts.tables import Flags, Floats, Ids

HIGHEST = 1e300
"""A level that no water reaches: the cap of a weight of almost nothing."""


def split(
    total: int,
    weight: Floats,
    *,
    floor: Minor | None = None,
    cap: Minor | None = None,
    key: Ids | None = None,
) -> tuple[Minor, int]:
    """Return ((N,) parts, what could not be placed) of a total shared out by weights (N,) >= 0.

    Parts stay within floor (0 where left out) and cap; what cannot be placed is positive when caps
    or a lack of weight stop it, negative when floors ask for more. Ties go to the lower key (the
    row's place where left out): with keys, the order of rows does not matter. Time O(N log N).
    Raises Invalid for negative weights, crossed bounds and totals that a double cannot hold.
    """
    n = len(weight)
    low = np.zeros(n, np.int64) if floor is None else np.maximum(floor, 0)
    high = np.full(n, NO_CAP, np.int64) if cap is None else cap
    order = np.arange(n) if key is None else key
    _check(total, weight, low, high)
    if n == 0:
        return np.zeros(0, np.int64), total
    unweighted = weight == 0
    least, most = int(low.sum()), int(np.where(unweighted, low, high).astype(object).sum())
    if total <= least:
        return low.copy(), total - least
    if total >= most:
        return np.where(unweighted, low, high).astype(np.int64), total - most
    free, level = _level(total, weight, (low, high), order)
    wet = ~free & ~unweighted & (level * weight >= high)
    parts = np.where(wet, high, low).astype(np.int64)
    rest = total - int(parts[~free].sum())
    share = weight[free] * (rest / fsum(weight[free].tolist()))
    parts[free] = _rounded(rest, share, (low[free], high[free]), order[free])
    return parts, 0


def least_moved(
    total: int,
    before: Minor,
    *,
    floor: Minor | None = None,
    cap: Minor | None = None,
    key: Ids | None = None,
) -> tuple[Minor, int]:
    """Return ((N,) parts, what could not be placed) that move the fewest units from `before`.

    They solve the linear programme min sum |x - before| with sum x = total, floor <= x <= cap: each
    old amount first goes to its nearest bound, then only one direction is left to move in, and any
    spread of it costs the same; it is spread in proportion to the old amounts.
    """
    low = np.zeros(len(before), np.int64) if floor is None else np.maximum(floor, 0)
    high = np.full(len(before), NO_CAP, np.int64) if cap is None else cap
    kept = np.clip(before, low, high)
    change = total - int(kept.astype(object).sum())
    by = kept.astype(np.float64)
    if change >= 0:
        room = high - kept
        added, left = split(change, _or_even(by, room), cap=room, key=key)
        return kept + added, left
    room = kept - low
    taken, left = split(-change, _or_even(by, room), cap=room, key=key)
    return kept - taken, -left


def _or_even(weight: Floats, room: Minor) -> Floats:
    """Give those of no weight a share when nobody else has enough room."""
    enough = int(room[weight > 0].astype(object).sum())
    everybody = int(room.astype(object).sum())
    return weight if enough == everybody else weight + 1.0


def _level(
    total: int, weight: Floats, bounds: tuple[Minor, Minor], key: Ids
) -> tuple[Flags, float]:
    """Return who lies strictly between the bounds, and the level of the water."""
    low, high = bounds
    has = weight > 0
    with np.errstate(divide="ignore", over="ignore"):
        rises = np.where(has, low / np.where(has, weight, 1.0), np.inf)
        fills = np.where(has, high / np.where(has, weight, 1.0), np.inf)
    at = np.minimum(np.concatenate([rises[has], fills[has]]), HIGHEST)
    slope = np.concatenate([weight[has], -weight[has]])
    sort = np.lexsort((np.concatenate([key[has], key[has]]), at))
    at, slope = at[sort], np.cumsum(slope[sort])
    held = float(low.sum()) + np.concatenate([[0.0], np.cumsum(slope[:-1] * np.diff(at))])
    below = int(np.searchsorted(held, total, side="right")) - 1
    below = min(max(below, 0), len(at) - 1)
    steep = max(float(slope[below]), 0.0)
    level = at[below] if steep == 0 else at[below] + (total - held[below]) / steep
    free = has & (rises < level) & (level < fills)
    if not free.any():  # the total lies on a corner: somebody there takes the last units
        free = (
            has & (low < high) & (np.abs(level * weight - np.clip(level * weight, low, high)) < 1)
        )
    return free, float(level)


def _rounded(total: int, share: Floats, bounds: tuple[Minor, Minor], key: Ids) -> Minor:
    low, high = bounds
    whole = np.floor(share)
    parts = np.clip(whole.astype(np.int64), low, high)
    order = np.lexsort((key, whole - share))
    left = total - int(parts.sum())
    while left:
        step = 1 if left > 0 else -1
        may = parts[order] < high[order] if left > 0 else parts[order] > low[order]
        chosen = order[may] if left > 0 else order[may][::-1]
        chosen = chosen[: abs(left)]
        if not len(chosen):
            break
        parts[chosen] += step
        left -= step * len(chosen)
    return parts


def _check(total: int, weight: Floats, low: Minor, high: Minor) -> None:
    if not np.isfinite(weight).all() or (weight < 0).any():
        raise Invalid(_("Weights must be numbers from zero up."))
    if (low > high).any():
        raise Invalid(_("A floor lies above its cap."))
    if total < 0:
        raise Invalid(_("A negative amount cannot be shared out."))
    if total > MOST_MINOR:
        raise Invalid(_("The amount is too large to be shared out to the cent."))
