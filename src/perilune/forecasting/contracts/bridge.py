"""The pipeline bridge: how the open value of one day became that of another.

Amounts are integer minor units of the company's currency; they sum without a residual.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from perilune.forecasting.contracts.ranges import By
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.rates import RateSet


class Component(StrEnum):
    """Why open value changed; in the order in which a journey is told and a table shown."""

    RESTATED = "restated"
    OWNER_IN = "owner_in"
    OWNER_OUT = "owner_out"
    REORGANISED = "reorganised"
    NEW = "new"
    REOPENED = "reopened"
    PULLED_IN = "pulled_in"
    ROLLED_IN = "rolled_in"
    UNOMITTED = "unomitted"
    INCREASED = "increased"
    DECREASED = "decreased"
    CURRENCY = "currency"
    SCOPE = "scope"
    OMITTED = "omitted"
    PUSHED = "pushed"
    PULLED_OUT = "pulled_out"
    MERGED = "merged"
    DELETED = "deleted"
    LOST = "lost"
    WON = "won"


COMPONENT_LABELS: dict[Component, str] = {
    Component.RESTATED: _("Restated"),
    Component.OWNER_IN: _("Owner in"),
    Component.OWNER_OUT: _("Owner out"),
    Component.REORGANISED: _("Re-organised"),
    Component.NEW: _("New"),
    Component.REOPENED: _("Reopened"),
    Component.PULLED_IN: _("Pulled in"),
    Component.ROLLED_IN: _("Rolled in"),
    Component.UNOMITTED: _("No longer omitted"),
    Component.INCREASED: _("Increased"),
    Component.DECREASED: _("Decreased"),
    Component.CURRENCY: _("Currency effect"),
    Component.SCOPE: _("Type or scope changed"),
    Component.OMITTED: _("Omitted"),
    Component.PUSHED: _("Pushed"),
    Component.PULLED_OUT: _("Pulled ahead"),
    Component.MERGED: _("Merged doubles"),
    Component.DELETED: _("Removed"),
    Component.LOST: _("Lost"),
    Component.WON: _("Won"),
}

COMPONENT_MEANINGS: dict[Component, str] = {
    Component.RESTATED: _("True at the opening, but recorded, corrected or taken back after it."),
    Component.OWNER_IN: _("Came from an owner outside of the row."),
    Component.OWNER_OUT: _("Went to an owner outside of the row."),
    Component.REORGANISED: _("Moved with its rep, who changed team."),
    Component.NEW: _("Not there at the opening; also what was won or lost since."),
    Component.REOPENED: _("Closed at the opening, open again."),
    Component.PULLED_IN: _("Expected later than the period, or without a date; now in it."),
    Component.ROLLED_IN: _("Expected before the period; now in it."),
    Component.UNOMITTED: _("In the category Omitted at the opening."),
    Component.INCREASED: _("A higher amount, at the rate of the opening."),
    Component.DECREASED: _("A lower amount, at the rate of the opening."),
    Component.CURRENCY: _("The same amount at another rate."),
    Component.SCOPE: _("Another type, or left out of all figures or no longer."),
    Component.OMITTED: _("Now in the category Omitted."),
    Component.PUSHED: _("Now expected later than the period, or without a date."),
    Component.PULLED_OUT: _("Now expected before the period."),
    Component.MERGED: _("A double, merged into another deal."),
    Component.DELETED: _("No longer there."),
    Component.LOST: _("Lost; leaves with the value that it had."),
    Component.WON: _("Won with a close date in the period; leaves with what was won."),
}


@dataclass(frozen=True)
class BridgeRequest:
    """What is asked.

    period: whose pipeline, or None for the whole open pipeline. deal_type: only deals of that type.
    rates: BUDGET, or SPOT for actual rates. is_todays: both ends in the organisation of the closing
    (re-organisation then vanishes).
    """

    since: AsOf
    until: AsOf
    period: Period | None = None
    by: By = By.TOTAL
    rates: RateSet = RateSet.BUDGET
    deal_type: str = ""
    is_todays: bool = False


@dataclass(frozen=True)
class BridgeLine:
    """One reason: its value and the deals that it touched."""

    component: Component
    value: int
    count: int


@dataclass(frozen=True)
class BridgeRow:
    """The bridge of one unit; lines hold what is not empty, in the order of `Component`.

    is_withheld: about too few people to be shown; every figure is then zero.
    """

    unit: str
    unit_id: int | None
    label: str
    opening: int
    opening_count: int
    closing: int
    closing_count: int
    lines: tuple[BridgeLine, ...] = ()
    is_withheld: bool = False

    def value(self, component: Component) -> int:
        """Return what a reason brought; 0 where nothing happened."""
        return next((line.value for line in self.lines if line.component is component), 0)

    @property
    def residual(self) -> int:
        """Return what the lines leave unexplained: always zero."""
        return self.closing - self.opening - sum(line.value for line in self.lines)


@dataclass(frozen=True)
class RateGap:
    """What actual rates make of the same pipeline: minor units at budget rates, and the others."""

    opening_budget: int
    closing_budget: int
    opening_difference: int
    closing_difference: int


@dataclass(frozen=True)
class Bridge:
    """The answer: the scope's row first, then those of `by`.

    counted_from: where this installation holds no record of the opening's day, the day of its first
    record; both ends then are what is known now of those days. unrated: deals left out of an end
    because the rate of their currency is missing.
    """

    request: BridgeRequest
    scope_label: str
    currency: str
    rows: tuple[BridgeRow, ...]
    store_version: int
    gap: RateGap | None = None
    unrated: int = 0
    counted_from: date | None = None

    @property
    def total(self) -> BridgeRow:
        """The row of everything in scope."""
        return self.rows[0]


@dataclass(frozen=True)
class BridgeDeal:
    """A deal's part in a component of a row, with what it was and what it is.

    before, after: facts by name (owner, stage, category, close_date, amount, currency, type), empty
    where it was not there or is not seen.
    """

    id: int
    name: str
    component: Component
    value: int
    before: Mapping[str, object] = field(default_factory=dict)
    after: Mapping[str, object] = field(default_factory=dict)
