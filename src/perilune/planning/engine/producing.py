"""What a full rep brings in a year, how reps differ, how lucky years are, and how sure that is.

Method of moments on bookings by rep and year, each beside the ramped FTE-years that made them: the
level is a ratio of sums, skill what differs between reps beyond luck, luck what differs between the
years of one rep, doubt the steps of the level from year to year and the last level's own error.
"""

from __future__ import annotations

import numpy as np

from perilune.planning.contracts import Productivity, Returns, Source
from perilune.planning.contracts.tables import Floats

FEWEST_REPS, FEWEST_UNITS = 5, 8
LEAST_TIME = 0.25
"""FTE-years of a rep's year below which it says nothing about luck."""
PRIOR_STEP, PRIOR_STEPS = 0.05, 2.0
"""Level steps of 5 % a year weigh as much as two that were seen: a few years say little."""
Z80 = 1.2816


def learnt(name: str, exposure: Floats, output: Floats) -> tuple[Productivity, float] | None:
    """Return (productivity of the last year, sigma of the doubt a year), or None: no claim.

    exposure: (R, Y) ramped FTE-years. output: (R, Y) minor units. Nothing is claimed with fewer
    than five reps who were there for half a year together, or nothing brought in the last year.
    """
    time = exposure.sum(axis=0)
    seen = exposure.sum(axis=1) >= 0.5
    if int(seen.sum()) < FEWEST_REPS or time[-1] <= 0 or output[:, -1].sum() <= 0:
        return None
    there = time > 0
    level = output.sum(axis=0)[there] / time[there]
    exposed, brought = exposure[seen][:, there], output[seen][:, there] / level
    weight = exposed.sum(axis=1)
    rate = brought.sum(axis=1) / weight
    luck2 = _luck(exposed, brought, rate)
    between = float(np.average((rate - 1) ** 2, weights=weight)) - luck2 / float(
        np.average(weight, weights=weight)
    )
    skill2 = max(between, 0.0)
    error2 = (skill2 + luck2) / float(time[-1])
    steps = np.diff(np.log(level[level > 0]))
    own = np.maximum(steps**2 - 2 * error2, 0.0)
    step2 = (float(own.sum()) + PRIOR_STEPS * PRIOR_STEP**2) / (len(own) + PRIOR_STEPS)
    spread, luck = float(np.sqrt(skill2)), float(np.sqrt(luck2))
    made = Productivity(name, float(level[-1]), spread, luck, reps=int(seen.sum()))
    return made, float(np.sqrt(step2 + error2))


def _luck(exposed: Floats, brought: Floats, rate: Floats) -> float:
    """Return the variance of a full rep's year around the rep's own rate, relative to the level."""
    use = exposed > LEAST_TIME
    spare = np.maximum(use.sum(axis=1) - 1, 0)
    if not spare.any():
        return 0.0
    left = np.where(use, (brought - rate[:, None] * exposed) ** 2 / np.where(use, exposed, 1), 0)
    return float(left.sum() / spare.sum())


def beside(whole: Productivity, name: str, exposure: Floats, output: Floats) -> Productivity | None:
    """Return the law of a part of the work, whose luck a year is that of the whole; None: no claim.

    exposure, output: (R,) FTE-years that each rep spent in it, and what they brought. What differs
    between reps beyond luck is skill; under five reps, the whole's.
    """
    there = exposure > 0
    time, reps = float(exposure.sum()), int(there.sum())
    if time <= 0 or output.sum() <= 0:
        return None
    level = float(output.sum()) / time
    skill = whole.spread
    if reps >= FEWEST_REPS:
        rate = output[there] / exposure[there] / level
        between = float(np.average((rate - 1) ** 2, weights=exposure[there]))
        skill = float(np.sqrt(max(between - whole.luck**2 * reps / time, 0.0)))
    return Productivity(name, level, skill, whole.luck, reps=reps)


def returns(reps: Floats, output: Floats, reference: float) -> Returns:
    """Return how bookings of like units grow with their reps, per account or potential held equal.

    reps: (N,) ramped FTE of units for the same potential. output: (N,) what they brought. Slope of
    logarithms with White's interval, kept in 0..1; one rep brings what one brings (elasticity 1)
    where fewer than eight units, or an interval wider than 0.6, say nothing.
    """
    use = (reps > 0) & (output > 0)
    n = int(use.sum())
    if n < FEWEST_UNITS:
        return Returns(1.0, reference, reason="too few units")
    x, y = np.log(reps[use]), np.log(output[use])
    x = x - x.mean()
    spread = float((x**2).sum())
    if spread < n * 0.05**2:
        return Returns(1.0, reference, reps=n, reason="units of one size")
    slope = float((x * y).sum() / spread)
    left = y - y.mean() - slope * x
    error = float(np.sqrt((x**2 * left**2).sum() * n / (n - 2)) / spread)
    if 2 * Z80 * error > 0.6:
        return Returns(1.0, reference, reps=n, reason="too uncertain")
    low, middle, high = (float(np.clip(slope + at * error, 0.0, 1.0)) for at in (-Z80, 0.0, Z80))
    return Returns(middle, reference, low, high, Source.LEARNT, n)
