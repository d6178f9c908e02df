"""The chance to reach the plan: paths of who leaves, comes late, ramps slower, sells more or less.

Seats live day by day in a compiled loop (`kernels.lives`); sums are kept by bucket, the months of
the horizon cut at the aims' days, so that an aim counts its own days exactly. Closed forms stand
for the rest: the common productivity is one lognormal walk a path, luck is normal with the variance
of independent months, diminishing returns act on a unit's mean ramped FTE of a bucket.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from perilune.kernel.errors import Invalid, Problem
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.ranges import Range
from perilune.planning.contracts import Bands, Odds, PlanModel, Simulation
from perilune.planning.contracts.tables import Floats, Ids
from perilune.planning.engine.buckets import Buckets, buckets_of
from perilune.planning.engine.compiling import compiled
from perilune.planning.engine.staffing import capacity, returned

PATHS = 10_000
CHUNK = 256
"""Paths made at once: bounds memory, never the answer."""


@dataclass(frozen=True)
class Drawn:
    """All paths: reached (P, A) by aim in minor units; heads (P, M) ramped, present (P, M) FTE."""

    reached: Floats
    heads: Floats
    present: Floats


def simulate(plan: PlanModel, seed: int, *, paths: int = PATHS, workers: int = 1) -> Simulation:
    """Return the odds of each aim and the bands of the capacity.

    The same seed gives the same answer with any number of workers. Raises Invalid for an aim
    outside the horizon, an unknown unit, or heads with a ramp, group or unit that is not there.
    """
    _check(plan)
    drawn = draws(plan, seed, paths=paths, workers=workers)
    expected = expectation(plan)
    odds = tuple(
        _odds(plan, at, drawn.reached[:, at], float(expected[at])) for at in range(len(plan.aims))
    )
    return Simulation(odds, _bands(plan, drawn), paths, seed)


def draws(plan: PlanModel, seed: int, *, paths: int = PATHS, workers: int = 1) -> Drawn:
    """Return what every path reaches. Memory O(paths x (aims + months)), chunk by chunk."""
    cut = buckets_of(plan.heads.first_day, plan.heads.days, plan.season, plan.aims)
    code = compiled(plan, cut)
    common, scales = _common(plan, seed, paths, cut), code.scales(paths, seed)
    chunks = [np.arange(at, min(at + CHUNK, paths)) for at in range(0, paths, CHUNK)]

    def made(chunk: Ids) -> tuple[Floats, Floats, Floats]:
        value, heads, present = code.lives(chunk, seed, scales)
        luck = np.random.default_rng([seed, 2, int(chunk[0])])
        reached = _reached(plan, cut, (value, heads), common[:, chunk], luck)
        return reached, heads.sum(axis=1), present

    parts: Iterator[tuple[Floats, Floats, Floats]]
    if workers > 1:
        with ThreadPoolExecutor(workers) as pool:
            parts = iter(list(pool.map(made, chunks)))
    else:
        parts = map(made, chunks)
    reached, heads, present = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Drawn(reached, heads, present)


def expectation(plan: PlanModel) -> Floats:
    """Return (A,) the naive single sum: everybody planned comes, nobody leaves by chance."""
    found = capacity(plan.heads, plan.ramps, plan.productivity, plan.season)
    return np.array(
        [
            aim.booked + found.minor[list(aim.units), aim.first : aim.last + 1].sum()
            for aim in plan.aims
        ]
    )


def _common(plan: PlanModel, seed: int, paths: int, cut: Buckets) -> Floats:
    """Return (M, P) the common factor of productivity by bucket, mean 1: a walk year by year."""
    rng = np.random.default_rng([seed, 1])
    sigma = plan.doubt.productivity
    years = np.arange(int(cut.year.max()) + 1) + 1.0
    walk = np.cumsum(rng.standard_normal((len(years), paths)), axis=0)
    factor = np.exp(sigma * walk - sigma**2 * years[:, None] / 2)
    return np.asarray(factor[cut.year])


def _reached(
    plan: PlanModel,
    cut: Buckets,
    lived: tuple[Floats, Floats],
    common: Floats,
    luck: np.random.Generator,
) -> Floats:
    """Return (P, A) from value and heads (P, U, M) of a chunk, and its (M, P) common factors."""
    value, heads = lived
    minor = np.empty_like(value)
    for unit, law in enumerate(plan.productivity):
        there = np.maximum(heads[:, unit], 0.0)
        if law.returns.elasticity != 1:
            kept = np.divide(returned(law, there), there, out=np.ones_like(there), where=there > 0)
            minor[:, unit] = law.minor * value[:, unit] * kept
        else:
            minor[:, unit] = law.minor * value[:, unit]
        minor[:, unit] *= common.T
        if law.luck:
            noise = luck.standard_normal(there.shape)
            minor[:, unit] += law.minor * law.luck * np.sqrt(cut.weight * there) * noise
    reached = np.empty((len(value), len(plan.aims)))
    for at, aim in enumerate(plan.aims):
        inside = slice(cut.place(aim.first), cut.place(aim.last + 1))
        reached[:, at] = aim.booked + np.maximum(minor[:, list(aim.units), inside].sum((1, 2)), 0.0)
    return reached


def _odds(plan: PlanModel, at: int, reached: Floats, expected: float) -> Odds:
    aim = plan.aims[at]
    is_met = reached >= aim.minor
    chance = float(is_met.mean())
    low, middle, high = (float(value) for value in np.percentile(reached, (10, 50, 90)))
    missed = reached[~is_met]
    return Odds(
        aim=aim,
        chance=chance,
        error=float(np.sqrt(max(chance * (1 - chance), 0.25 / len(reached)) / len(reached))),
        expected=expected,
        reached=Range(low, middle, high, float(reached.mean())),
        short=float((aim.minor - missed).mean()) if len(missed) else 0.0,
    )


def _bands(plan: PlanModel, drawn: Drawn) -> Bands:
    cut = buckets_of(plan.heads.first_day, plan.heads.days, plan.season, plan.aims)
    heads, present = cut.by_month(drawn.heads), cut.by_month(drawn.present)
    low, middle, high = np.percentile(heads, (10, 50, 90), axis=0)
    return Bands(cut.months, low, middle, high, heads.mean(axis=0), present.mean(axis=0))


def _check(plan: PlanModel) -> None:
    heads, units = plan.heads, len(plan.productivity)
    wrong = [
        Problem(_("Target %(name)s lies outside the plan's days."), {"name": aim.name})
        for aim in plan.aims
        if not 0 <= aim.first <= aim.last < heads.days
    ]
    wrong += [
        Problem(_("Target %(name)s names a unit that is not there."), {"name": aim.name})
        for aim in plan.aims
        if not aim.units or min(aim.units) < 0 or max(aim.units) >= units
    ]
    places = (
        (heads.unit, units),
        (heads.ramp, len(plan.ramps)),
        (heads.group, len(plan.attrition)),
    )
    for column, size in places:
        bad = heads.rep[(column < 0) | (column >= size)]
        wrong += [
            Problem(_("Rep %(rep)s names a unit, ramp or group that is not there."), {"rep": rep})
            for rep in bad.tolist()
        ]
    if wrong:
        raise Invalid(_("The plan cannot be simulated."), tuple(wrong))
