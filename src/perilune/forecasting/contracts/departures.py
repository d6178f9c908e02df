"""Departure, long absence, change of team (rules 24, 25, 28, 30, 31): the terms and what follows.

All days are calendar days of the company; amounts are minor units of the company's currency.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from perilune.forecasting.contracts.scenarios import ScenarioResult
from perilune.kernel.calendar import Period
from perilune.kernel.errors import Problem
from perilune.kernel.messages import gettext_noop as _
from perilune.planning.contracts import STATED_KEPT


class Going(StrEnum):
    """What happens to a rep."""

    LEAVE = "leave"
    ABSENCE = "absence"
    MOVE = "move"


GOING_LABELS: Mapping[Going, str] = {
    Going.LEAVE: _("Leaves the company"),
    Going.ABSENCE: _("Long absence"),
    Going.MOVE: _("Changes team"),
}
"""English msgids."""


class Standing(StrEnum):
    """Where a departure stands."""

    DRAFT = "draft"  # in the guide: nothing is decided
    PLANNED = "planned"  # decided, private to its circle, nothing is written
    ACTIVE = "active"  # written, on its day
    OVER = "over"  # an absence whose interim holders have given back
    CANCELLED = "cancelled"


STANDING_LABELS: Mapping[Standing, str] = {
    Standing.DRAFT: _("Being prepared"),
    Standing.PLANNED: _("Planned"),
    Standing.ACTIVE: _("In force"),
    Standing.OVER: _("Over"),
    Standing.CANCELLED: _("Taken back"),
}
"""English msgids."""


class Rule(StrEnum):
    """Who takes the accounts and open deals."""

    TEAM = "team"
    NEAR = "near"
    HAND = "hand"
    STAY = "stay"


RULE_LABELS: Mapping[Rule, str] = {
    Rule.TEAM: _("The team: the largest first, each to whoever has least open"),
    Rule.NEAR: _("The nearest territory in force; the team where there is none"),
    Rule.HAND: _("By hand: the first line below that fits; the team for the rest"),
    Rule.STAY: _("They stay with the rep"),
}
"""English msgids."""

MOST_TAKERS = 3
"""Lines of «who takes what» that the guide offers."""
RAMP_DAYS, RAMP_LOSS = 90, 1 - STATED_KEPT
"""Of terms without their own: after a change of team so much is missing at first, for a quarter."""


@dataclass(frozen=True)
class Taker:
    """Whoever takes the accounts of a segment and a sector; both empty: all that is left."""

    rep_id: int
    segment: str = ""
    sector: str = ""


@dataclass(frozen=True)
class Terms:
    """What happens to a rep, and what is to follow.

    first_day: the first day of an absence or in the new team; last_day: the last day in the
    company, or of the absence (None: open). fte: the part of the rep's time that is away.
    keeps_commit: deals in commit stay until they close (rule 31). closes_access: the user account
    ends on the day after the last day. reports_to: who leads the rep's people from then on.
    product_family: what a mover sells from then on; None: as before, empty: all.
    """

    going: Going
    rep_id: int
    first_day: date | None = None
    last_day: date | None = None
    fte: float = 1.0
    team_id: int | None = None
    manager_id: int | None = None
    rule: Rule = Rule.TEAM
    takers: tuple[Taker, ...] = ()
    keeps_commit: bool = True
    gives_back: bool = True
    closes_access: bool = True
    reports_to: int | None = None
    prorates: bool = True
    ramp_days: int = RAMP_DAYS
    ramp_loss: float = RAMP_LOSS
    product_family: str | None = None

    @property
    def day(self) -> date | None:
        """The first day on which things are otherwise; None while it is not known."""
        if self.going is Going.LEAVE:
            return self.last_day + timedelta(days=1) if self.last_day else None
        return self.first_day

    @property
    def hands_over(self) -> bool:
        """Whether accounts and deals go to others at all."""
        return self.rule is not Rule.STAY

    def kept(self) -> dict[str, Any]:
        """Return the terms as JSON keeps them."""
        days = {
            name: value.isoformat() if value else None
            for name, value in (("first_day", self.first_day), ("last_day", self.last_day))
        }
        return asdict(self) | days | {"takers": [asdict(one) for one in self.takers]}

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Terms:
        """Return the terms that JSON kept."""
        found = dict(kept)
        for name in ("first_day", "last_day"):
            found[name] = date.fromisoformat(found[name]) if found.get(name) else None
        found["going"], found["rule"] = Going(found["going"]), Rule(found["rule"])
        found["takers"] = tuple(Taker(**one) for one in found.get("takers", ()))
        return cls(**found)

    def but(self, **changed: Any) -> Terms:
        """Return the terms with some of them otherwise."""
        return replace(self, **changed)


@dataclass(frozen=True)
class Departure:
    """A departure as its circle sees it. edition: grows with every change.

    change_set_id: what it wrote on its day; told_set_id: what it wrote when it was told to all.
    """

    id: int
    terms: Terms
    standing: Standing
    author: str
    shared_with: tuple[str, ...]
    edition: int
    rep: str
    change_set_id: int | None = None
    told_set_id: int | None = None

    def is_seen_by(self, username: str) -> bool:
        """Tell whether it is theirs or shared with them by name (rule 24)."""
        return username == self.author or username in self.shared_with

    @property
    def is_open(self) -> bool:
        """Whether its terms can still change."""
        return self.standing in (Standing.DRAFT, Standing.PLANNED)


@dataclass(frozen=True)
class Handed:
    """An account or a deal that goes to another, or stays: `to` None. to_name: in words."""

    id: int
    name: str
    value: int | None
    to: int | None
    to_name: str
    account: str = ""
    stage: str = ""
    close_date: date | None = None
    is_commit: bool = False


@dataclass(frozen=True)
class QuotaChange:
    """A quota of the rep that is prorated (rule 28): it needs a new letter."""

    id: int
    starts: date
    ends: date
    level: str
    currency: str
    before: int
    after: int


@dataclass(frozen=True)
class CapacityChange:
    """FTE of a team on average over a period, before and after."""

    team: str
    period: Period
    before: float
    after: float


@dataclass(frozen=True)
class Follows:
    """What follows from a departure, read within one scope.

    reports: names of those led by the rep. username: the account that ends, with its tokens.
    tasks: open tasks; mitigations, drafts: what waits on the rep's user, counted. forecasts: this
    period and the next, before and after, or none where a scenario is refused.
    """

    departure: Departure
    accounts: Sequence[Handed] = ()
    deals: Sequence[Handed] = ()
    tasks: int = 0
    quotas: Sequence[QuotaChange] = ()
    reports: Sequence[str] = ()
    reports_to: str = ""
    username: str = ""
    tokens: int = 0
    mitigations: int = 0
    drafts: int = 0
    capacity: Sequence[CapacityChange] = ()
    forecasts: Sequence[ScenarioResult] = ()
    refused: str = ""
    problems: Sequence[Problem] = ()
    scope_label: str = ""
