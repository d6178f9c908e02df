"""What can be proved about a plan, and how it measures up."""

from __future__ import annotations

import numpy as np

from perilune.kernel.messages import gettext_noop as _
from perilune.territories.contracts import Certificate, Figures, Request, Units
from perilune.territories.engine import kernels
from perilune.territories.engine.checks import blocking
from perilune.territories.engine.ground import FloatArray, IntArray
from perilune.territories.engine.problem import Ready
from perilune.territories.engine.search import relaxed

CLOSE = 1e-9
"""Relative rounding that counts as within bounds."""


def floor_of(units: Units, upper: FloatArray) -> float:
    """Return the share of the first attribute held today that must move whatever the map.

    A holder who has more than the most must give the difference away. upper (k, m).
    """
    if units.owner is None:
        return 0.0
    held = units.owner >= 0
    if not held.any() or units.loads[held, 0].sum() <= 0:
        return 0.0
    load = np.bincount(units.owner[held], units.loads[held, 0], len(upper))
    known = load[: len(upper)]
    over = np.maximum(known - upper[: len(known), 0], 0).sum() + load[len(upper) :].sum()
    return float(over / units.loads[held, 0].sum())


def certificate(  # noqa: PLR0917  # a plan is these six things
    units: Units,
    request: Request,
    ready: Ready,
    centres: FloatArray,
    prices: FloatArray,
    owner: IntArray,
) -> Certificate:
    """Return the proof for a plan of the ground (in its order) at its own centres.

    The bound is that of the linear programme with tolerance at these centres, from the transport's
    dual prices: any prices give a valid bound, these give the best. prices is changed in place.
    """
    ground = ready.ground
    relaxed(ready, centres, prices)
    bound = float(kernels.offers.bound_at(ground, centres, prices, ready.lower, ready.upper))
    cost = kernels.ground.plan_cost(ground, centres, owner)
    total = np.zeros(ready.target.shape)
    np.add.at(total, owner, ground.load)
    met = _within(total, ready.asked.lower, ready.asked.upper, ready.asked.target)
    reason, params = "", tuple[tuple[str, str], ...]()
    if not met:
        found = blocking(units, request, ready.asked.upper, ready.asked.lower, ready.asked.target)
        reason, params = found or (
            _("No plan within the tolerance was found; nothing proves that there is none."),
            (),
        )
    gap = cost / bound - 1 if bound > 0 else 0.0
    if not _within(total, ready.lower, ready.upper, ready.target):
        gap = np.nan  # the bound is for plans within the tolerance: this one may cost less
    return Certificate(cost, bound, gap, met, floor_of(units, ready.asked.upper), reason, params)


def _within(total: FloatArray, lower: FloatArray, upper: FloatArray, target: FloatArray) -> bool:
    edge = CLOSE * target
    return bool(((total <= upper + edge) & (total >= lower - edge)).all())


def figures(
    units: Units, ready: Ready, centres: FloatArray, owner: IntArray, territory: IntArray
) -> Figures:
    """Return the figures of a plan; owner in the order of the ground, territory in the units'."""
    k, ground = ready.k, ready.ground
    total = np.zeros(ready.target.shape)
    np.add.at(total, owner, ground.load)
    off = np.abs(total / ready.asked.target - 1)
    squared = ((units.points - centres[territory]) ** 2).sum(axis=1)
    weight = units.loads[:, 0]
    outside = kernels.connected.cut_off(ground, owner, k)
    moved, moved_units = 0.0, 0
    if units.owner is not None:
        held = units.owner >= 0
        changes = held & (territory != units.owner)
        moved_units = int(changes.sum())
        if held.any():
            moved = float(weight[changes].sum() / max(weight[held].sum(), 1e-300))
    return Figures(
        deviation=tuple(off.max(axis=0).tolist()),
        mean_deviation=tuple(off.mean(axis=0).tolist()),
        inertia=float(np.average(squared, weights=weight)),
        distance=float(np.average(np.sqrt(squared), weights=weight)),
        cut_off=float(outside[ready.piece].mean()),
        empty=int((np.bincount(territory, minlength=k) == 0).sum()),
        moved=moved,
        moved_units=moved_units,
    )
