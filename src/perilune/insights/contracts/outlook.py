"""The outlook of a day: what its open deals, and those that are not created yet, may well do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

HORIZON = 371
"""Days ahead that an outlook reaches: 53 weeks."""
RATE_DAYS = 56
"""Days whose new deals set the rate at which more will come: eight weeks."""
DISTANCES = (7, 28, 91)
"""Bounds of the distances, days ahead, whose past errors are corrected apart."""


@dataclass(frozen=True, eq=False)
class Outlook:
    """What a day's knowledge says of the days ahead: H its horizon, R owners, K kinds of new deals.

    day, model_day: numbers of the day and of the day the model was learnt on. owners: (R,) numbers
    of reps, -1 for none, ascending. open_mean: (R, H + 1) what open deals are expected to bring by
    the end of each day ahead, minor units; open_square: the sum of chance x value^2; open_sure:
    that of chance^2 x value^2, so that their difference is the variance. conversion: (K, H + 1)
    wins by day h ahead of one new deal a day in a class. value: (K,) what such a win brings; sizes:
    (K, Q) evenly spaced quantiles of its amount over that. born: (R, K) how many deals of a class
    each owner had created in the `RATE_DAYS` up to the day. is_renewal: (K,) classes of renewals;
    empty where the types of deals are not known.
    owner_factor: (R,) factor of the owners' own records. ratios, shape: evenly spaced quantiles of
    won amounts over expectation, and of a win's amount over the mean win.
    open_factor: (D,) corrections that were applied (see `engine/learning.py`).
    moved: (H + 1,) of what open deals bring on each day ahead, the share that another one closes;
    moved_new: the same of new deals; heirs: (R,) what part of it each owner closes. The amounts of
    open deals above are already those of who will close them.
    """

    day: int
    model_day: int
    owners: Ints
    open_mean: Floats
    open_square: Floats
    open_sure: Floats
    conversion: Floats
    value: Floats
    sizes: Floats
    born: Floats
    owner_factor: Floats
    ratios: Floats
    shape: Floats
    open_factor: Floats
    moved: Floats = field(default_factory=lambda: np.zeros(1))
    moved_new: float = 0.0
    heirs: Floats = field(default_factory=lambda: np.zeros(0))
    is_renewal: Bools = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))

    @property
    def nbytes(self) -> int:
        """Bytes of its arrays."""
        return sum(
            getattr(self, each.name).nbytes for each in fields(self) if each.type == "Floats"
        )

    @property
    def horizon(self) -> int:
        """Days ahead that it reaches, at most HORIZON."""
        return int(self.conversion.shape[1]) - 1


def horizon_for(days: int) -> int:
    """Return the bound of the distance that days ahead lie in: what an outlook is asked for."""
    return next((bound for bound in (*DISTANCES, HORIZON) if bound >= days), HORIZON)


def births(created: Ints, owner: Ints, group: Ints, day: int, *, shape: tuple[Ints, int]) -> Floats:
    """Return (R, K) how many deals each owner created by class in the `RATE_DAYS` up to a day.

    created, owner, group: (k,) day, owner and class of deals. shape: (R,) owners, ascending, and K.
    """
    owners, kinds = shape
    recent = created > day - RATE_DAYS
    at = np.searchsorted(owners, owner[recent]) * kinds + group[recent]
    found = np.bincount(at, minlength=len(owners) * kinds)
    return found.reshape(len(owners), kinds).astype(float)


@dataclass(frozen=True, eq=False)
class OpenDeals:
    """The open deals of a day, r of them. key, owner: (r,) ids of deals and reps, -1 for no rep.

    value: (r,) what a win is expected to bring, minor units. bounds: (B,) days ahead. win, lose:
    (r, B) chances that the deal is won (lost) by the end of each bound.
    """

    key: Ints
    owner: Ints
    value: Floats
    bounds: Ints
    win: Floats
    lose: Floats


@dataclass(frozen=True)
class Reason:
    """One thing that moves a deal's chance: label and level (msgids or words), and by how much.

    effect: log hazard ratio of winning against the average open deal; positive is good.
    """

    feature: str
    level: str
    effect: float


@dataclass(frozen=True)
class DealChance:
    """What is likely to become of one open deal in a period.

    win, lose, slip: chances that it is won, lost in the period, or is still open after it; they sum
    to one. ever: that it is won within a year. close: the median day of a win, None where a win
    within a year is unlikely (under 1 in 50). value: what a win is expected to bring, minor units.
    """

    id: int
    owner_id: int | None
    value: float
    win: float
    lose: float
    slip: float
    ever: float
    close: date | None
    reasons: tuple[Reason, ...] = ()
    facts: Mapping[str, str] | None = None
