"""Who stays: survival of reps in groups, and the chance a month to leave by tenure.

Groups only, never a person, and never fewer than five reps (rule 25). Tenure is in months; whoever
was here before the records began enters at the tenure reached then. Sources: Kaplan and Meier
(1958), JASA 53; Greenwood (1926); Kalbfleisch and Prentice (2002), section 1.4, for the log-log
interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from perilune.planning.contracts import SMALLEST_GROUP, Attrition, Band, Source, Survival
from perilune.planning.contracts.tables import Flags, Floats, Ids

EDGES = (0.0, 6.0, 12.0, 24.0, 48.0)
"""Where tenure bands begin, in months."""
PRIOR_LEAVERS = 2.0
"""How many leavers the law above weighs against a band's or group's own."""
STATED_HAZARD = 0.015
"""A month's chance where nothing is known: about 17 % a year."""
STATED_SIGMA = 0.3
"""How uncertain that is: from 0.68 to 1.47 times as many, four times out of five."""
Z95 = 1.959964


@dataclass(frozen=True)
class Stays:
    """Spells of employment; N rows, one a rep.

    group: (N,) codes. entered, ended: (N,) months of tenure when observation begins and ends.
    left: (N,) True for leavers, False for those still here then.
    """

    group: Ids
    entered: Floats
    ended: Floats
    left: Flags

    def of(self, group: int) -> Stays:
        """Return the spells of one group."""
        rows = self.group == group
        return Stays(self.group[rows], self.entered[rows], self.ended[rows], self.left[rows])


def survivals(stays: Stays, names: Sequence[str]) -> tuple[Survival, ...]:
    """Return Kaplan-Meier curves by group, those with fewer than five reps left out (rule 25)."""
    found = ((name, stays.of(code)) for code, name in enumerate(names))
    return tuple(survival(name, own) for name, own in found if len(own.left) >= SMALLEST_GROUP)


def survival(name: str, stays: Stays) -> Survival:
    """Return the Kaplan-Meier estimate of spells that may be censored and entered late."""
    time, leavers = np.unique(stays.ended[stays.left], return_counts=True)
    at_risk = np.array(
        [((stays.entered < t) & (stays.ended >= t)).sum() for t in time.tolist()], dtype=np.int64
    )
    share = np.cumprod(1 - leavers / np.maximum(at_risk, 1)).astype(np.float64)
    stay = at_risk - leavers
    terms = np.divide(leavers, at_risk * stay, out=np.full(len(time), np.inf), where=stay > 0)
    variance: Floats = np.cumsum(terms)
    inside = (share > 0) & (share < 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        width = np.exp(Z95 * np.sqrt(variance) / np.abs(np.log(share)))
        low = np.where(inside, share**width, share)
        high = np.where(inside, share ** (1 / width), share)
        error = np.where(share > 0, share * np.sqrt(variance), 0.0)
    under = np.flatnonzero(share <= 0.5)
    return Survival(
        name,
        len(stays.left),
        time,
        at_risk,
        leavers.astype(np.int64),
        share,
        error,
        low,
        high,
        float(time[under[0]]) if len(under) else None,
    )


def attritions(
    stays: Stays, names: Sequence[str], edges: Sequence[float] = EDGES
) -> tuple[Attrition, ...]:
    """Return the hazard of each group by tenure band, all reps' law where a group is too small.

    A gamma law around the level above (all reps for a group, the group for a band) weighs as much
    as two leavers; so a band with few months leans on its group, one with many stands for itself.
    """
    from scipy import special

    if len(stays.left) < SMALLEST_GROUP:
        return tuple(stated(name, "too few reps") for name in names)
    exposure, leavers = _counted(stays, edges)
    overall = (leavers.sum() + 0.5) / max(float(exposure.sum()), 1.0)
    whole = _bands((exposure, leavers), edges, overall)
    found = []
    for code, name in enumerate(names):
        own = stays.of(code)
        if len(own.left) < SMALLEST_GROUP:
            sigma = float(np.sqrt(special.polygamma(1, leavers.sum() + 0.5)))
            found.append(
                Attrition(name, whole, sigma, len(stays.left), Source.LEARNT, True, "small group")
            )
            continue
        months, gone = _counted(own, edges)
        level = (gone.sum() + PRIOR_LEAVERS) / (months.sum() + PRIOR_LEAVERS / overall)
        sigma = float(np.sqrt(special.polygamma(1, gone.sum() + PRIOR_LEAVERS)))
        bands = _bands((months, gone), edges, float(level))
        found.append(Attrition(name, bands, sigma, len(own.left), Source.LEARNT))
    return tuple(found)


def stated(name: str, reason: str = "", hazard: float = STATED_HAZARD) -> Attrition:
    """Return a hazard that was set and not learnt."""
    wide = np.exp(1.2816 * STATED_SIGMA)
    band = Band(0.0, None, 0.0, 0, hazard, hazard / wide, min(hazard * wide, 1.0))
    return Attrition(name, (band,), STATED_SIGMA, reason=reason)


def yearly(law: Attrition) -> float:
    """Return the chance to leave in a year: the bands' hazards, each by the months seen in it."""
    months = np.array([band.exposure for band in law.bands])
    hazard = np.array([band.hazard for band in law.bands])
    mean = float(np.average(hazard, weights=months if months.sum() > 0 else None))
    return 1 - (1 - mean) ** 12


def _counted(stays: Stays, edges: Sequence[float]) -> tuple[Floats, Ids]:
    """Return rep-months and leavers by band."""
    first = np.array(edges)
    last = np.append(first[1:], np.inf)
    months = np.minimum(stays.ended[:, None], last) - np.maximum(stays.entered[:, None], first)
    band = np.searchsorted(first, stays.ended[stays.left], side="right") - 1
    leavers = np.bincount(np.maximum(band, 0), minlength=len(first))
    return np.maximum(months, 0.0).sum(axis=0), leavers.astype(np.int64)


def _bands(counted: tuple[Floats, Ids], edges: Sequence[float], level: float) -> tuple[Band, ...]:
    from scipy import special  # not scipy.stats: loading it takes a second

    bands = []
    ends = (*edges[1:], None)
    for first, last, months, gone in zip(edges, ends, *counted, strict=True):
        shape, rate = gone + PRIOR_LEAVERS, months + PRIOR_LEAVERS / level
        low, high = (float(special.gammaincinv(shape, q) / rate) for q in (0.1, 0.9))
        bands.append(
            Band(
                first, last, float(months), int(gone),
                *(float(-np.expm1(-value)) for value in (shape / rate, low, high)),
            )
        )  # fmt: skip
    return tuple(bands)
