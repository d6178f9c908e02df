"""What is learnt of capacity beside the ramp: accounts or potential a rep, and changes of work.

No skill, no claim: a law stands only where it tells units left out better than their mean does, or
where its interval says something; else the reason stands in its place.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from perilune.planning.contracts import STATED_KEPT, Kept, Returns, Source
from perilune.planning.contracts.tables import Floats
from perilune.planning.engine import producing

FEWEST_CHANGES = 5
DRAWS = 400
BINS = 4
"""Groups of reps that a curve is shown with: none of fewer than five."""
SMALLEST_BIN = 5


@dataclass(frozen=True)
class Saturation:
    """What one ramped FTE books a year by what is held: booked ~ held ^ exponent.

    held: accounts, or their potential. low, high: 80 % interval of the exponent. held, booked:
    geometric means, through which the curve goes. skill: by how much it errs less than the mean
    when each rep is left out, share of the absolute error of logarithms. groups: (held, booked,
    reps) of reps in order of what they hold, at least five each. reason: why nothing is claimed,
    empty else.
    """

    exponent: float
    low: float
    high: float
    held: float
    booked: float
    skill: float
    reps: int
    groups: tuple[tuple[float, float, int], ...]
    reason: str = ""

    def at(self, held: float, exponent: float | None = None) -> float:
        """Return what one FTE books who holds so much."""
        power = self.exponent if exponent is None else exponent
        return float(self.booked * (held / self.held) ** power)


def saturation(holds: Floats, booked: Floats) -> Saturation:
    """Return how bookings per FTE grow with what a rep holds. Both (N,), per ramped FTE.

    Per account or potential, bookings grow with FTE per unit of it ^ elasticity
    (`producing.returns`); a rep then books held ^ (1 - elasticity). 1 would be no diminishing, 0
    that holding more brings nothing. Who holds or booked nothing, or NaN, is left out.
    """
    use = (holds > 0) & (booked > 0)
    held, made = holds[use], booked[use]
    n = len(held)
    middle = (float(np.exp(np.log(held).mean())), float(np.exp(np.log(made).mean()))) if n else (
        0.0, 0.0)  # fmt: skip
    groups = _groups(held, made)
    law = producing.returns(1.0 / held, made / held, 1.0) if n else Returns(reason="too few units")
    if law.source is not Source.LEARNT:
        return Saturation(0.0, 0.0, 0.0, *middle, 0.0, n, groups, law.reason or "too few units")
    skill = _skill(np.log(held), np.log(made))
    found = Saturation(1 - law.elasticity, 1 - law.high, 1 - law.low, *middle, skill, n, groups)
    is_claimed = skill > 0 and found.low > 0
    return found if is_claimed else replace(found, reason="no better than the mean")


def beside(one: Floats, other: Floats, booked: Floats) -> tuple[int, float, float]:
    """Return (reps, skill of one, skill of the other) on the reps of whom both are known.

    Skill as in `Saturation`; (N,) per ramped FTE, NaN unknown. Zeros under three reps.
    """
    use = (one > 0) & (other > 0) & (booked > 0)
    if int(use.sum()) < 3:
        return int(use.sum()), 0.0, 0.0
    made = np.log(booked[use])
    return int(use.sum()), _skill(np.log(one[use]), made), _skill(np.log(other[use]), made)


def _groups(held: Floats, made: Floats) -> tuple[tuple[float, float, int], ...]:
    bins = min(BINS, len(held) // SMALLEST_BIN)
    order = np.argsort(held, kind="stable")
    return tuple(
        (float(held[rows].mean()), float(made[rows].mean()), len(rows))
        for rows in (np.array_split(order, bins) if bins else ())
    )


def _skill(x: Floats, y: Floats) -> float:
    """Return by what share a line errs less than the mean when each point is left out."""
    n = len(x)
    ours = theirs = 0.0
    for at in range(n):
        rest = np.arange(n) != at
        a, b = x[rest], y[rest]
        spread = float(((a - a.mean()) ** 2).sum())
        slope = float(((a - a.mean()) * (b - b.mean())).sum()) / spread if spread > 0 else 0.0
        ours += abs(float(y[at]) - float(b.mean()) - slope * (float(x[at]) - float(a.mean())))
        theirs += abs(float(y[at]) - float(b.mean()))
    return 1 - ours / theirs if theirs > 0 else 0.0


def kept(before: Floats, after: Floats, rng: np.random.Generator) -> Kept:
    """Return what is left after a change: ratio of sums, bootstrap over changes.

    before, after: (N,) output a month per ramped FTE, less the season, in the half year before and
    the quarter after. Fewer than five changes, or an interval wider than half of full productivity,
    leave the stated share; where the interval holds 1 no loss is seen, and none is taken off.
    """
    n = len(before)
    if n < FEWEST_CHANGES or before.sum() <= 0:
        return stated_change(n)
    share = float(after.sum() / before.sum())
    rows = rng.integers(0, n, (DRAWS, n))
    below = before[rows].sum(axis=1)
    drawn = after[rows].sum(axis=1)[below > 0] / below[below > 0]
    low, high = (float(value) for value in np.percentile(drawn, (10, 90)))
    if high - low > 0.5:
        return replace(stated_change(n, "too uncertain"), low=low, high=high)
    if high >= 1:
        return Kept(1.0, low, high, n, "no loss is seen")
    return Kept(share, low, high, n)


def stated_change(changes: int = 0, reason: str = "too few changes") -> Kept:
    """Return what is assumed where nothing is learnt: half is missing at first."""
    return Kept(STATED_KEPT, STATED_KEPT, STATED_KEPT, changes, reason, Source.STATED)
