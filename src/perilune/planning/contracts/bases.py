"""What quotas rest on: the mix of bases by rep, account targets, sums from below beside above."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from perilune.kernel.messages import gettext_noop as _


class QuotaBasis(StrEnum):
    """What a rep's share of their team's target can rest on."""

    HISTORY = "history"
    POTENTIAL = "potential"
    PIPELINE = "pipeline"
    """Open deals times the chance that their stage states."""
    PIPELINE_VALUE = "pipeline_value"
    ACCOUNTS = "accounts"


BASIS_LABELS: dict[QuotaBasis, str] = {
    QuotaBasis.HISTORY: _("History"),
    QuotaBasis.POTENTIAL: _("Potential of the accounts"),
    QuotaBasis.PIPELINE: _("Open deals, by chance"),
    QuotaBasis.PIPELINE_VALUE: _("Open deals, full value"),
    QuotaBasis.ACCOUNTS: _("Account targets"),
}
"""English msgids."""

Mix = Mapping[str, float]
"""Basis to its part, the parts above zero; empty is history alone."""
HISTORY_ALONE: Mix = {QuotaBasis.HISTORY.value: 1.0}


@dataclass(frozen=True)
class RepBases:
    """What a rep's share rests on.

    minor: by basis, None unknown. share: by basis, of what all reps have of it together, None
    unknown. mix: their share of all reps' shares as mixed, before presence and ramp. unknown:
    accounts held on the first day whose potential is unknown, of `accounts`. before, after: the
    year's street quota as it stands and as reconciled with the mix; fixed: months that were typed.
    """

    unit: str
    team: str
    minor: Mapping[str, int | None]
    share: Mapping[str, float | None]
    mix: float
    weight: float
    accounts: int
    unknown: int
    before: int | None
    after: int | None
    fixed: int


@dataclass(frozen=True)
class BottomUp:
    """A unit's operating year beside what its reps' accounts sum to; minor units, None unknown.

    targets: of accounts that have one, in the months in which its reps hold them. potential: of the
    accounts held on the first day; unknown: how many of those have none.
    """

    unit: str
    operating: int | None
    targets: int | None
    potential: int | None
    unknown: int

    @property
    def targets_gap(self) -> int | None:
        """Return account targets less the operating year."""
        return _less(self.targets, self.operating)

    @property
    def potential_gap(self) -> int | None:
        """Return potential less the operating year."""
        return _less(self.potential, self.operating)


@dataclass(frozen=True)
class AccountTarget:
    """An account of a plan, minor units of the year.

    rep: who holds it on the first day, 0 nobody. typed: the target entered, None where there is
    none. shared: what it carries once its holders' quotas are shared out over their accounts: the
    typed target, else a part of what is left; None where no holder has a quota.
    """

    account: int
    name: str
    rep: int
    typed: int | None
    shared: int | None
    potential: int | None
    booked: int

    @property
    def is_above(self) -> bool:
        """Tell whether the target lies above a known potential."""
        minor = self.typed if self.typed is not None else self.shared
        return self.potential is not None and minor is not None and minor > self.potential


def _less(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one - other
