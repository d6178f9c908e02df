"""What the bridge is told: the states of deals at the ends, who is credited, what is due."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

OPEN, WON, LOST = 0, 1, 2
NEVER = 2**40
"""The day of a deal without an expected close: later than any."""
UNKNOWN = -(2**60)
"""The amount of a deal without one."""
HERE, DELETED, MERGED, HANDED = 0, 1, 2, 3
"""Why a deal is not among the later states; HANDED: it is there, but no longer seen."""


@dataclass(frozen=True, eq=False)
class Side:
    """The states of N deals at one end; where `exists` is False the rest says nothing.

    is_inside: counted in the company's figures and of the type asked for. day: expected or actual
    close, a day number or NEVER. amount: (N,) minor units of its own currency, or UNKNOWN.
    factor: (N,) the company's minor units per own minor unit, NaN without a rate.
    """

    exists: Bools
    meaning: Ints
    is_omitted: Bools
    is_inside: Bools
    day: Ints
    amount: Ints
    factor: Floats

    def take(self, chosen: Ints | Bools) -> Side:
        """Return the states of some deals."""
        return Side(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


@dataclass(frozen=True, eq=False)
class Journeys:
    """N deals at the opening as known then, the same as known now, and at the closing.

    cross: (N,) the rate that the opening gives to the closing's currency. fate: (N,) HERE, or why
    a deal is not there at the closing.
    """

    before: Side
    restated: Side
    after: Side
    cross: Floats
    fate: Ints


@dataclass(frozen=True)
class Window:
    """The days that count as due, both included."""

    first: int
    last: int


class Shares(NamedTuple):
    """What part of its deal each of M rows is credited with: from low to high of whole."""

    low: Ints
    high: Ints
    whole: Ints

    @property
    def is_any(self) -> Bools:
        """Tell which rows are credited with something."""
        any_of: Bools = self.high > self.low
        return any_of

    def differs(self, other: Shares) -> Bools:
        """Tell which rows are credited with something else."""
        same: Bools = (self.low == other.low) & (self.high == other.high)
        same &= self.whole == other.whole
        return ~same & (self.is_any | other.is_any)

    def take(self, rows: Ints) -> Shares:
        """Return the shares of some rows."""
        return Shares(*(column[rows] for column in self))

    def of(self, value: Ints) -> Ints:
        """Return each row's part of (M,) values; the parts of a deal sum to its value exactly."""
        return _rounded_part(value, self.high, self.whole) - _rounded_part(
            value, self.low, self.whole
        )


@dataclass(frozen=True, eq=False)
class Credit:
    """Whose the deals are: one row per deal and rep that is credited with it at either end.

    deal: (M,) position among the journeys. Shares and units at the opening as known then, as known
    now, and at the closing; between: where the rep who holds it at the closing was at the opening.
    A row that has no part at an end, or is not seen there, has an empty share.
    """

    deal: Ints
    shares_before: Shares
    shares_restated: Shares
    shares_after: Shares
    unit_before: Ints
    unit_restated: Ints
    between: Ints
    unit_after: Ints


def whole_credit(before: Bools, restated: Bools, after: Bools) -> Credit:
    """Return one row per deal, all in unit 0: the credit of a total.

    before, restated, after: (N,) whether the deal belongs to the total then.
    """
    nothing, one = np.zeros(len(before), np.int64), np.ones(len(before), np.int64)
    a, b, c = (Shares(nothing, seen.astype(np.int64), one) for seen in (before, restated, after))
    return Credit(np.arange(len(before)), a, b, c, nothing, nothing, nothing, nothing)


def worth(amount: Ints, factor: Floats) -> Ints:
    """Return amounts in the company's currency, halves away from zero; 0 where one is unknown."""
    known = (amount != UNKNOWN) & ~np.isnan(factor)
    value = np.where(known, amount, 0) * np.where(known, factor, 0.0)
    rounded: Ints = (np.sign(value) * np.floor(np.abs(value) + 0.5)).astype(np.int64)
    return rounded


def is_due(side: Side, window: Window | None) -> Bools:
    """Tell which deals are in the pipeline: open, counted, not omitted, due in the window."""
    due: Bools = (
        side.exists
        & (side.meaning == OPEN)
        & ~side.is_omitted
        & side.is_inside
        & dated(side, window)
    )
    return due


def dated(side: Side, window: Window | None) -> Bools:
    """Tell which deals are expected in the window; all where there is none."""
    if window is None:
        return np.ones(len(side.day), bool)
    inside: Bools = (side.day >= window.first) & (side.day <= window.last)
    return inside


def _rounded_part(value: Ints, share: Ints, whole: Ints) -> Ints:
    # whole quotients: exact at any size, where value * share / whole in floats is not
    quotient, rest = value // whole, value % whole
    return quotient * share + (2 * rest * share + whole) // (2 * whole)
