"""Targets and quotas as the allocating engine reads and gives them.

Money is whole minor units of one currency. A tree is columns of one length N;
its rows may come in any order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from perilune.planning.contracts.tables import Flags, Floats, Ids

Minor = NDArray[np.int64]

NO_FLOOR = -(2**52)
"""A floor that never binds."""
NO_CAP = 2**52
"""A cap that never binds."""
MOST_MINOR = 2**50
"""The largest amount that is split: beyond it a double no longer holds every cent."""


class Bound(StrEnum):
    """What keeps an amount from being placed."""

    CAP = "cap"
    FLOOR = "floor"
    GIVEN = "given"
    WEIGHT = "weight"


@dataclass(frozen=True)
class Tree:
    """Units that share out an amount: company, teams, reps, accounts; N rows.

    id: (N,) unique, above zero. parent: (N,) id of the unit above, 0 for a root.
    weight: (N,) by what a unit's part is measured; NaN: the sum of the weights below it.
    given, is_given: (N,) an input from below or by hand that is kept to the cent.
    floor, cap: (N,) bounds of a unit's amount (NO_FLOOR, NO_CAP where there are none).
    over: (N,) the parts of a unit together are its amount times this (1.25: assigned at 125 %).
    is_hidden: (N,) the parts' owners see their own amounts but not that they exceed the unit's.
    """

    id: Ids
    parent: Ids
    weight: Floats
    given: Minor
    is_given: Flags
    floor: Minor
    cap: Minor
    over: Floats
    is_hidden: Flags


@dataclass(frozen=True)
class Gap:
    """What could not be placed under a unit.

    by: minor units that its parts together lack (positive) or have too much (negative).
    bound: what stands in the way. parts: ids of the units whose bounds bind.
    """

    unit: int
    by: int
    bound: Bound
    parts: tuple[int, ...] = ()


@dataclass(frozen=True)
class Allocation:
    """The amounts of a tree, in the order of its rows.

    amount: (N,) each unit's. parts: (N,) the sum of the amounts right below, 0 without any.
    gaps: where a bound kept parts and amount x over apart; none: the sums hold to the cent.
    For every unit with parts: parts + gap = amount x over, halves rounded up.
    """

    amount: Minor
    parts: Minor
    gaps: tuple[Gap, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Tell whether every sum holds to the cent."""
        return not self.gaps


@dataclass(frozen=True)
class Slice:
    """A part of a schedule: both days included, amount in minor units."""

    starts: date
    ends: date
    minor: int

    @property
    def days(self) -> int:
        """The number of days."""
        return (self.ends - self.starts).days + 1


Schedule = tuple[Slice, ...]
"""Slices in order, without gap or overlap."""


@dataclass(frozen=True)
class Line:
    """A slice of a ramped schedule explained: full - ramp_off - leave_off = minor, to the cent.

    full: of a whole, fully ramped rep. leave_off: what FTE, absence, and days before the start or
    after the last day take off. ramp_off: what the ramp takes off the rest.
    """

    starts: date
    ends: date
    full: int
    leave_off: int
    ramp_off: int
    minor: int


@dataclass(frozen=True)
class Moved:
    """Two schedules after an amount went from one to the other from a day on."""

    giver: Schedule
    taker: Schedule
    minor: int


@dataclass(frozen=True)
class Credits:
    """The credit of one amount: direct parts sum to it to the cent, overlay stands apart (rule 8).

    direct, overlay: minor units by rep.
    """

    direct: Mapping[int, int]
    overlay: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Foreign:
    """An amount in minor units of its own currency, and the day whose budget rate it takes."""

    currency: str
    minor: int
    on: date


@dataclass(frozen=True)
class Converted:
    """A sum in the company's currency, and what had no rate and is not in it (rule 5).

    left_out: (currency, how many, their sum in its own minor units), by currency.
    """

    minor: int
    count: int
    left_out: tuple[tuple[str, int, int], ...] = ()


@dataclass(frozen=True)
class Fairness:
    """How evenly quotas lie on potential, and what is to be expected of them.

    ratio: (R,) quota to potential, NaN where potential is unknown. spread: its coefficient of
    variation. gini: of the ratio, 0 (even) to 1. attainment: (R,) expected bookings to quota, NaN
    without quota. over_full: share of reps expected over 100 %. unknown: reps without potential.
    """

    ratio: Floats
    spread: float | None
    gini: float | None
    attainment: Floats
    over_full: float | None
    unknown: int


@dataclass(frozen=True)
class Street:
    """Street quota against target: `factor` is target / street, `over` its inverse (rule 29)."""

    target: int
    street: int
    factor: Decimal | None
    over: Decimal | None
