"""The edits of a scenario: typed, effective-dated, each readable as one sentence.

`starts` is the first day an edit holds, `ends` the last (None: for good). Factors multiply.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum
from typing import ClassVar

from perilune.kernel.messages import gettext_noop as _


class What(StrEnum):
    """What a shock or an index acts upon."""

    ARRIVAL = "arrival"  # the number of new deals
    WIN_RATE = "win_rate"  # the daily chance of an open deal to be won
    CYCLE = "cycle"  # the length of the cycle: 1.25 slows winning and losing by a quarter
    AMOUNT = "amount"  # what a deal brings when it is won


WHAT_LABELS: dict[What, str] = {
    What.ARRIVAL: _("New deals"),
    What.WIN_RATE: _("Win rate"),
    What.CYCLE: _("Sales cycle"),
    What.AMOUNT: _("Deal size"),
}
"""English msgids."""

SPREAD = None
"""The successor of a leaver whose deals are spread over the team."""


@dataclass(frozen=True)
class Edit:
    """What every edit has in common: the name of its type."""

    TYPE: ClassVar[str] = ""


@dataclass(frozen=True)
class Hire(Edit):
    """So many heads of one role join a team; ramp_days None takes the ramp of the team.

    Only sellers bring business. fte is that of each head. segment: which they are to work, empty:
    what the team works.
    """

    TYPE: ClassVar[str] = "hire"
    team_id: int
    starts: date
    role: str = "seller"
    heads: int = 1
    fte: float = 1.0
    ramp_days: int | None = None
    segment: str = ""


@dataclass(frozen=True)
class Leave(Edit):
    """A rep's last day; to_rep_id takes the open deals over, SPREAD gives them to the team."""

    TYPE: ClassVar[str] = "leave"
    rep_id: int
    last_day: date
    to_rep_id: int | None = SPREAD


@dataclass(frozen=True)
class Absence(Edit):
    """A rep is away for a part of their time (fte 1: wholly). Never a reason (rule 25)."""

    TYPE: ClassVar[str] = "absence"
    rep_id: int
    starts: date
    ends: date | None = None
    fte: float = 1.0


@dataclass(frozen=True)
class Ramp(Edit):
    """Hires of a team (None: of every team) from a day on take so long to full productivity.

    It holds for hires of the same scenario that state no ramp of their own.
    """

    TYPE: ClassVar[str] = "ramp"
    starts: date
    ramp_days: int
    team_id: int | None = None


@dataclass(frozen=True)
class Move(Edit):
    """Accounts go to another rep, with their open deals but those in commit (rule 31).

    accounts: those meant; empty: all that `rep_id` holds on the day, cut to segment and sector.
    """

    TYPE: ClassVar[str] = "move"
    to_rep_id: int
    starts: date
    rep_id: int | None = None
    accounts: tuple[int, ...] = ()
    segment: str = ""
    sector: str = ""


@dataclass(frozen=True)
class Quota(Edit):
    """The quota of a unit («company», «team:3», «rep:7») in a period becomes an amount.

    amount: minor units of `currency`, the company's.
    """

    TYPE: ClassVar[str] = "quota"
    unit: str
    period: str
    amount: int
    currency: str = ""


@dataclass(frozen=True)
class Price(Edit):
    """Prices of a product, else of a segment's accounts, else all, change by a factor.

    New deals from that day on, and open deals that close from then on and are not in commit.
    """

    TYPE: ClassVar[str] = "price"
    factor: float
    starts: date
    product_id: int | None = None
    segment: str = ""


@dataclass(frozen=True)
class Shock(Edit):
    """Something of the market changes by a factor, for a segment, a sector, both, or all."""

    TYPE: ClassVar[str] = "shock"
    what: What
    factor: float
    starts: date
    ends: date | None = None
    segment: str = ""
    sector: str = ""


@dataclass(frozen=True)
class Index(Edit):
    """A series moves the accounts of a sector (empty: all), with an elasticity.

    series: (day, level > 0) in order; a level holds until the next. The factor of a day is
    (level / level at the as-of) ** elasticity; before the first level it is 1.
    """

    TYPE: ClassVar[str] = "index"
    title: str
    series: tuple[tuple[date, float], ...]
    elasticity: float = 1.0
    sector: str = ""
    what: What = What.ARRIVAL


EDITS: Mapping[str, type[Edit]] = {
    kind.TYPE: kind for kind in (Hire, Leave, Absence, Ramp, Move, Quota, Price, Shock, Index)
}
"""The types of edit by name, in the order in which forms offer them."""

EDIT_LABELS: Mapping[str, str] = {
    "hire": _("Hire"),
    "leave": _("Departure"),
    "absence": _("Absence"),
    "ramp": _("Ramp of hires"),
    "move": _("Move of accounts"),
    "quota": _("Quota"),
    "price": _("Price change"),
    "shock": _("Market shock"),
    "index": _("Economic index"),
}
"""English msgids."""


@dataclass(frozen=True)
class Assumption:
    """One edit of a scenario or plan: its record and its place in the list. A hire's rep id is -id.

    source: of a plan's event, the scenario and the edit of it that it was taken from.
    """

    id: int
    edit: Edit
    source: tuple[int, int] | None = field(default=None, compare=False, repr=False)


def field_names(kind: type[Edit]) -> tuple[str, ...]:
    """Return the names of an edit's fields, in order."""
    return tuple(item.name for item in fields(kind))
