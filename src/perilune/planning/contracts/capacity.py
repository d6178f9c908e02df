"""The ways of counting people and amounts of a plan's capacity, each by its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from perilune.kernel.messages import gettext_noop as _


class Count(StrEnum):
    """What is counted or summed of a unit in a month."""

    PEOPLE = "people"
    SELLERS = "sellers"
    CARRIERS = "carriers"
    FTE = "fte"
    AWAY = "away"
    RAMPED = "ramped"
    CAPACITY = "capacity"
    TARGET = "target"
    STREET = "street"

    @property
    def is_money(self) -> bool:
        """Amounts are summed over the year, people are averaged."""
        return self in (Count.CAPACITY, Count.TARGET, Count.STREET)


class Abscissa(StrEnum):
    """By what a rep's diminishing returns are learnt."""

    ACCOUNTS = "accounts"
    POTENTIAL = "potential"


@dataclass(frozen=True)
class ReturnsChoice:
    """How diminishing returns are counted, as somebody said.

    by: None for the better of the two. twice: what twice the sellers bring, 1 to 2, instead of what
    is learnt. actor: who said so, empty where nobody did.
    """

    by: Abscissa | None = None
    twice: float | None = None
    actor: str = ""
    at: datetime | None = None


COUNT_LABELS: Mapping[Count, str] = {
    Count.PEOPLE: _("People, all roles"),
    Count.SELLERS: _("Sellers"),
    Count.CARRIERS: _("Sellers with a quota"),
    Count.FTE: _("Sellers' FTE"),
    Count.AWAY: _("FTE absent"),
    Count.RAMPED: _("Ramped FTE"),
    Count.CAPACITY: _("Capacity"),
    Count.TARGET: _("Operating target"),
    Count.STREET: _("Street quotas"),
}
"""English msgids."""
COUNT_DEFINITIONS: Mapping[Count, str] = {
    Count.PEOPLE: _("Everybody employed on the last day of the month, whatever their role: sellers,"
                    " managers, overlay, sales development; the plan's hires and leavers counted."),
    Count.SELLERS: _("Those of them who hold a selling seat on the last day of the month, absent or"
                     " not; each planned hire from the first day on."),
    Count.CARRIERS: _("Sellers and planned hires who have a street quota above zero in the month."),
    Count.FTE: _("The sellers' time: the mean of the month's days of their FTE, absence taken off."
                 " Somebody who leaves or begins within the month counts for the days there."),
    Count.AWAY: _("What absences take off the sellers' FTE, the mean of the month's days."),
    Count.RAMPED: _("Sellers' FTE times the share of full productivity reached by tenure: somebody"
                    " in the first months, or after a change of work, counts for a part."),
    Count.CAPACITY: _("Ramped FTE of each day, times what one ramped FTE of the team booked in the"
                      " last twelve complete months, times the season's share of the day. Nobody"
                      " leaves who is not known to: a single sum, not a chance."),
    Count.TARGET: _("The operating target of the unit in this plan."),
    Count.STREET: _("The sum of the quotas of the unit's sellers and planned hires in this plan."),
}  # fmt: skip
