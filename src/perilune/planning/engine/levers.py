"""Plan against actual: attainment, pace, the gap, and what would close it, one lever at a time.

Bookings = reps x deals a rep closes x win rate x deal size, and deals closed go with 1 / cycle: the
elasticities that follow from the definition are 1, 1, 1 and -1. Where history says otherwise (reps
have diminishing returns, discounts move the win rate) the measured one is used, with its interval.
"""

from __future__ import annotations

import numpy as np

from perilune.planning.contracts import Lever, Pace, Source
from perilune.planning.contracts.tables import Floats

FEWEST = 12
"""Periods below which an elasticity is not measured."""
BY_DEFINITION = {"reps": 1.0, "win_rate": 1.0, "deal_size": 1.0, "cycle": -1.0}
Z80 = 1.2816


def pace(target: int, booked: int, share_due: float) -> Pace:
    """Return where a target stands. share_due: of it that the season expects by now, 0 to 1."""
    due = round(target * share_due)
    return Pace(
        target=target,
        booked=booked,
        due=due,
        attainment=booked / target if target else None,
        pace=booked / due if due else None,
        gap=target - booked,
        projected=round(booked / share_due) if share_due > 0 else None,
    )


def elasticity(lever: Floats, bookings: Floats) -> tuple[float, float, float] | None:
    """Return (estimate, low, high) of the slope of log bookings on log lever, 80 % interval.

    Periods (N,) with both above zero; None with fewer than twelve, a lever that hardly moved, or an
    interval wider than 1.5: then nothing is claimed.
    """
    use = (lever > 0) & (bookings > 0)
    n = int(use.sum())
    if n < FEWEST:
        return None
    x, y = np.log(lever[use]), np.log(bookings[use])
    x = x - x.mean()
    spread = float((x**2).sum())
    if spread < n * 0.01**2:
        return None
    slope = float((x * y).sum() / spread)
    left = y - y.mean() - slope * x
    error = float(np.sqrt((x**2 * left**2).sum() * n / (n - 2)) / spread)  # White (1980)
    low, high = slope - Z80 * error, slope + Z80 * error
    return None if high - low > 1.5 else (slope, low, high)


def levers(
    projected: float,
    target: float,
    values: dict[str, float],
    measured: dict[str, tuple[float, float, float]] | None = None,
    most: dict[str, float] | None = None,
) -> tuple[Lever, ...]:
    """Return by how much each lever alone closes the gap between what is projected and the target.

    needed: (target / projected) ** (1 / elasticity) - 1. most: the largest value that a lever can
    have (a win rate ends at 1); what asks for more cannot close the gap. Those that need the
    smallest change stand first.
    """
    found = []
    limits = {"win_rate": 1.0} | (most or {})
    for name, value in values.items():
        known = (measured or {}).get(name)
        slope, low, high = known or (BY_DEFINITION.get(name, 1.0),) * 3
        source = Source.LEARNT if known else Source.STATED
        needed = _needed(projected, target, slope)
        wanted = None if needed is None else value * (1 + needed)
        if wanted is None or wanted > limits.get(name, float("inf")):
            needed, wanted = None, None
        found.append(Lever(name, slope, low, high, source, value, needed, wanted))
    return tuple(
        sorted(
            found, key=lambda lever: (lever.needed is None, abs(lever.needed or 0.0), lever.name)
        )
    )


def _needed(projected: float, target: float, slope: float) -> float | None:
    if projected >= target:
        return 0.0
    if projected <= 0 or abs(slope) < 0.05:
        return None
    return float((target / projected) ** (1 / slope) - 1)
