"""Account potential as pages show it: by account, and how the method did a year before."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from perilune.kernel.messages import gettext_noop as _


class PotentialSource(StrEnum):
    """Where the potential of an account comes from."""

    STATED = "stated"
    LIKE = "like"
    SEGMENT = "segment"
    UNKNOWN = "unknown"


SOURCE_LABELS: dict[PotentialSource, str] = {
    PotentialSource.STATED: _("your column"),
    PotentialSource.LIKE: _("like accounts"),
    PotentialSource.SEGMENT: _("its segment"),
    PotentialSource.UNKNOWN: _("unknown"),
}


@dataclass(frozen=True)
class AccountPotential:
    """What an account could bring in a year, minor units of the company's currency.

    minor, low, high: None unknown; low and high are an 80 % interval, None of a stated figure.
    booked: of the twelve months before. like: accounts that the estimate rests on.
    """

    account: int
    name: str
    owner: int
    segment: str
    source: PotentialSource
    minor: int | None
    low: int | None
    high: int | None
    booked: int
    like: int

    @property
    def headroom(self) -> int | None:
        """Return what is left of the potential, never below zero; None where it is unknown."""
        return None if self.minor is None else max(self.minor - self.booked, 0)


@dataclass(frozen=True)
class PotentialTest:
    """How a method did: estimated a year before, against what accounts booked in the year after.

    accounts: that booked in that year and of which the method said something. factor: the typical
    error as a factor, exp of the mean of |log(actual / estimate)|. inside: share of accounts inside
    the 80 % interval, None without one. ratio: sum of the estimates to the sum booked.
    """

    method: str
    accounts: int
    factor: float
    inside: float | None
    ratio: float
