"""Which quotas stand out and why, and how attainment would spread: pure, minor units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from perilune.planning.contracts.fairness import (
    AttainmentBand,
    Attainments,
    OutlierKind,
    QuotaRow,
)
from perilune.planning.contracts.tables import Floats

EDGES = np.array([0.0, 0.5, 0.75, 1.0, 1.25, 1.5])
"""Bands of attainment; the last one is open above."""
FAR, FAR_BOOKED = 1.5, 2.0
"""A quota stands out from these factors of the middle ratio on, up or down; on bookings later, as
one year of bookings is half luck."""
FEWEST = 4
"""Reps below which there is no middle to stand out from."""
SMALLEST = 5
"""Reps below which no distribution of a team is shown (rule 26)."""


def stand_out(rows: Sequence[QuotaRow]) -> list[QuotaRow]:
    """Return the rows with why each stands out: from the middle of the others, or by itself.

    A ratio to potential stands out beyond `FAR` times the median of the rows (or below its
    inverse), one to bookings beyond `FAR_BOOKED` times; reps with less than a year behind them are
    not held against their bookings (`QuotaRow.is_whole_year`).
    """
    on_potential = _middle([row.on_potential for row in rows])
    on_booked = _middle([row.on_booked for row in rows])
    found = []
    for row in rows:
        why: list[OutlierKind] = []
        if not row.quota:
            why.append(OutlierKind.NO_QUOTA)
        elif row.potential is None and not row.is_planned:
            why.append(OutlierKind.NO_POTENTIAL)
        if row.on_potential is not None and row.on_potential > 1:
            why.append(OutlierKind.BEYOND)
        why += _far(row.on_potential, on_potential, FAR, OutlierKind.HIGH_ON_POTENTIAL,
                    OutlierKind.LOW_ON_POTENTIAL)  # fmt: skip
        why += _far(row.on_booked, on_booked, FAR_BOOKED, OutlierKind.HIGH_ON_BOOKED,
                    OutlierKind.LOW_ON_BOOKED)  # fmt: skip
        found.append(replace(row, outliers=tuple(why)))
    return found


def middle_of(ratios: Sequence[float | None]) -> float | None:
    """Return the median of the known ratios, None of none."""
    known = [ratio for ratio in ratios if ratio is not None]
    return float(np.median(known)) if known else None


def _middle(ratios: Sequence[float | None]) -> float | None:
    known = [ratio for ratio in ratios if ratio is not None]
    return float(np.median(known)) if len(known) >= FEWEST else None


def _far(
    ratio: float | None, middle: float | None, far: float, high: OutlierKind, low: OutlierKind
) -> list[OutlierKind]:
    if ratio is None or not middle:
        return []
    if ratio > middle * far:
        return [high]
    return [low] if ratio < middle / far else []


def leant(own: Floats, there: Floats, rate: Floats, skill: Floats, luck: Floats) -> Floats:
    """Return (R,) the yearly bookings of a ramped FTE to expect of each rep.

    own: booked in a year. there: (R,) ramped FTE-years it took. rate, skill, luck: (R,) of the
    rep's team; skill and luck are spreads as shares of the rate. What a rep booked counts by how
    much of a year's spread lasts: skill^2 / (skill^2 + luck^2 / there), the best linear prediction
    (Efron and Morris 1975).
    """
    seen = (there > 0.25) & (rate > 0)
    ratio = np.divide(own, there * rate, out=np.ones(len(own)), where=seen)
    noise = np.divide(luck**2, there, out=np.full(len(own), np.inf), where=there > 0)
    total = skill**2 + noise
    weight = np.divide(skill**2, total, out=np.zeros(len(own)), where=total > 0)
    weight = np.where(seen, weight, 0.0)
    return np.asarray(rate * (1 + weight * (ratio - 1)))


def spread_left(skill: Floats, luck: Floats, there: Floats) -> Floats:
    """Return (R,) the spread of skill that remains once a rep's own year is known."""
    noise = np.divide(luck**2, there, out=np.full(len(skill), np.inf), where=there > 0)
    total = skill**2 + noise
    weight = np.divide(skill**2, total, out=np.zeros(len(skill)), where=np.isfinite(total))
    return np.asarray(skill * np.sqrt(1 - np.where(total > 0, weight, 0.0)))


def attainments(
    reached: Floats, quota: Floats, units: Sequence[str], teams: Sequence[str]
) -> Attainments | None:
    """Return how attainment spreads: reached (P, R) of P paths, quota (R,) above zero.

    None below `SMALLEST` reps: a distribution of fewer would be about persons.
    """
    if len(units) < SMALLEST:
        return None
    ratio = reached / quota
    counts = np.histogram(np.minimum(ratio, EDGES[-1] + 1), [*EDGES, EDGES[-1] + 2])[0]
    over = (ratio >= 1).mean(axis=0)
    of_team = np.array(teams)
    bands = [
        _band(team, ratio[:, of_team == team])
        for team in dict.fromkeys(teams)
        if int((of_team == team).sum()) >= SMALLEST
    ]
    return Attainments(
        EDGES,
        counts / counts.sum(),
        _band("", ratio),
        tuple(bands),
        dict(zip(units, over.tolist(), strict=True)),
        len(reached),
    )


def _band(unit: str, ratio: Floats) -> AttainmentBand:
    low, middle, high = (float(one) for one in np.percentile(ratio, (10, 50, 90)))
    return AttainmentBand(unit, ratio.shape[1], low, middle, high, float((ratio >= 1).mean()))
