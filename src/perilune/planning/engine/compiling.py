"""A plan's people and laws as the plain arrays that the compiled loop reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from perilune.planning.contracts import MONTH_DAYS, Attrition, PlanModel, RampCurve
from perilune.planning.contracts.tables import Floats, Ids
from perilune.planning.engine.buckets import Buckets
from perilune.planning.engine.staffing import profiles, restarts_of

QUANTILES = 4096
"""Points of a law of chance: its mean holds exactly, its spread to a fifth of a per cent."""


@dataclass(frozen=True)
class Compiled:
    """What `kernels.lives` takes, but for the paths."""

    size: tuple[int, int]
    rows: tuple[Any, ...]
    laws: tuple[Any, ...]
    days: tuple[Any, ...]
    tables: tuple[Any, ...]
    shares: tuple[float, float]
    sigma: tuple[float, float]

    def lives(
        self, paths: Ids, seed: int, scales: tuple[Floats, Floats]
    ) -> tuple[Floats, Floats, Floats]:
        """Return value, heads (P, U, M) and present (P, M) of some paths.

        value: ramped FTE x skill x season. heads, present: means over days of ramped FTE and FTE.
        """
        from perilune.planning.engine.kernels.lives import lived

        units, buckets = self.size
        shape, flat = (len(paths), units, buckets + 1), (len(paths), buckets + 1)
        made = (*(np.zeros(shape) for _ in range(4)), np.zeros(flat), np.zeros(flat))
        lived(
            paths, np.uint64(seed), self.rows, self.laws, self.days, self.tables, self.shares,
            tuple(scale[paths] for scale in scales), made,
        )  # fmt: skip
        value, value_level, heads, heads_level, present, present_level = made
        weight, ones = self.days[3], np.ones(buckets)
        return (
            _summed(value, value_level, weight),
            _summed(heads, heads_level, ones),
            _summed(present, present_level, ones),
        )

    def scales(self, paths: int, seed: int) -> tuple[Floats, Floats]:
        """Return (paths,) factors on hazards and on the length of ramps, one draw a path."""
        drawn = np.random.default_rng([seed, 3]).standard_normal((paths, 2))
        hazard, ramp = self.sigma
        return np.exp(hazard * drawn[:, 0]), np.exp(ramp * drawn[:, 1])


def _summed(part: Floats, level: Floats, weight: Floats) -> Floats:
    return np.asarray(part[..., :-1] + np.cumsum(level, axis=-1)[..., :-1] * weight)


def compiled(plan: PlanModel, cut: Buckets) -> Compiled:
    """Return a plan's arrays. The spread of attrition's level is the widest of its groups."""
    from scipy import special

    heads = plan.heads
    fte = profiles(heads)
    again = restarts_of(heads, plan.ramps)
    restarts = [again.get(row, []) for row in range(len(heads.rep))]
    units = len(plan.productivity)
    middle = (np.arange(QUANTILES) + 0.5) / QUANTILES
    z = special.ndtri(middle)
    skill = np.stack([_lognormal(law.spread, z) for law in plan.productivity])
    return Compiled(
        size=(units, len(cut.weight)),
        rows=(
            heads.unit, heads.group, heads.ramp, heads.start, heads.last, heads.planned,
            np.minimum(heads.fte, 1.0),
            *_flat([at for at, _ in fte], np.int64),
            _joined([level for _, level in fte], np.float64),
            *_flat([np.array([day for day, _ in of]) for of in restarts], np.int64),
            _joined([np.array([since for _, since in of]) for of in restarts], np.int64),
        ),
        laws=(*_ramps(plan.ramps), *_hazards(plan.attrition)),
        days=(cut.of_day, cut.rest_value, cut.rest_heads, cut.weight),
        tables=(
            _gamma(plan.delay.days, plan.delay.spread, middle),
            _gamma(plan.backfill.days, plan.backfill.spread, middle),
            skill,
        ),
        shares=(plan.backfill.share, plan.delay.missed),
        sigma=(max((law.sigma for law in plan.attrition), default=0.0), plan.doubt.ramp),
    )  # fmt: skip


def _flat(parts: Sequence[Any], kind: type) -> tuple[Ids, Any]:
    sizes = np.array([0, *(len(part) for part in parts)], dtype=np.int64)
    return np.cumsum(sizes), _joined(parts, kind)


def _joined(parts: Sequence[Any], kind: type) -> Any:
    return np.concatenate([np.zeros(0, kind), *parts]).astype(kind)


def _ramps(ramps: Sequence[RampCurve]) -> tuple[Ids, Floats, Floats]:
    """Return pointers, days since start and shares, one entry for each step of a curve."""
    days, shares = [], []
    for curve in ramps:
        share = np.array(curve.share)
        steps = np.concatenate([[0], np.flatnonzero(np.diff(share)) + 1])
        days.append(steps * MONTH_DAYS)
        shares.append(share[steps])
    pointers, flat = _flat(days, np.float64)
    return pointers, flat, _joined(shares, np.float64)


def _hazards(laws: Sequence[Attrition]) -> tuple[Ids, Floats, Floats]:
    """Return pointers, first days of bands, hazards a day: h a month is -log(1 - h) of hazard."""
    edges = [np.array([0.0, *(band.first for band in law.bands[1:])]) * MONTH_DAYS for law in laws]
    rates = [
        -np.log1p(-np.minimum([band.hazard for band in law.bands], 1 - 1e-9)) / MONTH_DAYS
        for law in laws
    ]
    pointers, flat = _flat(edges, np.float64)
    return pointers, flat, _joined(rates, np.float64)


def _lognormal(sigma: float, z: Floats) -> Floats:
    """Return quantiles of mean exactly 1 whose standard deviation is `sigma` of the mean."""
    factor = np.exp(np.sqrt(np.log1p(sigma**2)) * z)
    return np.asarray(factor / factor.mean())


def _gamma(mean: float, spread: float, middle: Floats) -> Ids:
    """Return quantiles in whole days of a delay that is never negative."""
    from scipy import special  # not scipy.stats: loading it takes a second

    if mean <= 0 or spread <= 0:
        return np.full(1, round(max(mean, 0.0)), dtype=np.int64)
    shape = (mean / spread) ** 2
    found = special.gammaincinv(shape, middle) * mean / shape
    return np.asarray(np.rint(found), dtype=np.int64)
