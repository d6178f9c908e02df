"""What pages show of a draft: its sheet, its points, what is compared, what is handed over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from perilune.kernel.messages import gettext_noop as _
from perilune.territories.contracts.drafts import Attribute


@dataclass(frozen=True)
class SheetRow:
    """A territory, a rep or a region with several, or the total.

    Money: minor units of the company's currency.

    values, deviation: of each attribute; deviation is a share of the target, 0.01 is 1 %, of a
    region of as many targets as it has territories, None for reps and the total.
    potential: of the accounts of which it is known, unknown: how many are not; room: it less
    their bookings, None where the potential is no money or there is none.
    road: km of one round of visits, an estimate. minutes: mean way from the centre, None where no
    routing server was asked. moved_in, moved_out: accounts that change hands.
    """

    number: int | None
    name: str
    rep_id: int | None
    rep: str
    accounts: int
    values: tuple[float, ...]
    deviation: tuple[float | None, ...]
    pipeline: int
    bookings: int
    quota: int | None
    road: float
    moved_in: int
    moved_out: int
    is_locked: bool = False
    colour: int = 0
    is_within: bool = True
    potential: float | None = None
    unknown: int = 0
    room: int | None = None
    region: str = ""
    minutes: float | None = None


@dataclass(frozen=True)
class QuotaSource:
    """Whose quotas a sheet shows.

    year: the fiscal year. plan: the annual plan, empty for quotas on record that no plan wrote.
    state: where a plan stands that is not in force, an English msgid.
    """

    year: str
    plan: str
    is_in_force: bool
    state: str = ""


@dataclass(frozen=True)
class Leaver:
    """A rep who leaves and has territories in a plan. from_start: gone when the plan begins."""

    rep_id: int
    rep: str
    territories: tuple[str, ...]
    last_day: date
    from_start: bool


@dataclass(frozen=True)
class Sheet:
    """A draft in figures. unassigned: accounts in no territory. is_partial: cut to what one sees.

    worst: largest deviation of each attribute; moved: accounts that change hands, moved_cost the
    share of all cost that moving them breaks (rule 31). potential: the field that stands for it.
    regions: sums of the territories seen, by region; none where the draft has none.
    quota_of: whose quotas these are, None where there is none.
    """

    edition: int
    currency: str
    attributes: tuple[str, ...]
    territories: tuple[SheetRow, ...]
    reps: tuple[SheetRow, ...]
    total: SheetRow
    unassigned: int
    moved: int
    moved_cost: float
    worst: tuple[float, ...]
    is_partial: bool = False
    potential: Attribute | None = None
    regions: tuple[SheetRow, ...] = ()
    quota_of: QuotaSource | None = None


class Reason(StrEnum):
    """Why an account changes hands."""

    UNHELD = "unheld"
    LEFT = "left"
    SAME_TERRITORY = "same_territory"
    NEW_TERRITORY = "new_territory"
    TOO_MUCH = "too_much"
    TOO_LITTLE = "too_little"
    CLOSER = "closer"
    BY_HAND = "by_hand"
    PASSED_ON = "passed_on"


REASON_LABELS: dict[Reason, str] = {
    Reason.UNHELD: _("nobody holds it"),
    Reason.LEFT: _("its holder has no territory in this plan"),
    Reason.SAME_TERRITORY: _("its territory gets another rep"),
    Reason.NEW_TERRITORY: _("goes to a new territory"),
    Reason.TOO_MUCH: _("its holder has too much"),
    Reason.TOO_LITTLE: _("its new holder has too little"),
    Reason.CLOSER: _("nearer to its new holder"),
    Reason.BY_HAND: _("moved by hand"),
    Reason.PASSED_ON: _("passed on so that balance is possible"),
}


@dataclass(frozen=True)
class HandOver:
    """One account that changes hands. cost: what moving it breaks, 1 for the mean account.

    stays: open deals that stay with whoever has them, by the plan's rule. suggested: the day.
    """

    account_id: int
    account: str
    from_rep: int | None
    from_name: str
    to_rep: int
    to_name: str
    territory: str
    reason: Reason
    open_deals: int
    stays: int
    pipeline: int
    bookings: int
    months: float
    cost: float
    suggested: date


@dataclass(frozen=True)
class Suggested:
    """Who would best take a territory, and why. Shares are 0 to 1; None: not known.

    rep_id None: nobody is left for it. kept: of its load that the rep holds today. ground: how near
    it lies to what the rep holds today, 1 where it lies in it. segment: share of the rep's bookings
    of twelve months that were won in its segments. country: share of its accounts in the rep's
    country of employment. breaks: share of what its accounts cost to move that this rep breaks
    (rule 31). best: the territory that would suit the rep best, given_up: what they lose by not
    having it, as a share of a mean territory.
    """

    territory: int
    name: str
    now_id: int | None
    now: str
    rep_id: int | None
    rep: str
    kept: float
    ground: float | None
    segment: float | None
    country: float | None
    breaks: float
    best: str
    given_up: float


@dataclass(frozen=True)
class ComparedRow:
    """A rep in two plans; None where a plan does not seat them."""

    rep_id: int
    rep: str
    one: SheetRow | None
    other: SheetRow | None


@dataclass(frozen=True)
class Compared:
    """Two plans side by side, and the accounts that are with another rep in the second."""

    one: Sheet
    other: Sheet
    reps: tuple[ComparedRow, ...]
    differing: tuple[tuple[int, str, str, str], ...]
    """(account id, name, rep in the first, rep in the second)."""


@dataclass(frozen=True)
class InForce:
    """A territory in force. reps: (rep id, name, role) in its seats.

    accounts: None for whoever sees aggregates only: a territory is one person's. type: `REGION` for
    one that is the parent of others and holds none itself.
    """

    id: int
    name: str
    code: str
    layer: str
    parent_id: int | None
    plan: str
    effective_from: date
    reps: tuple[tuple[int, str, str], ...]
    accounts: int | None
    type: str = ""


@dataclass(frozen=True)
class Held:
    """A territory that holds an account. since: the day it came in. reps: as of `InForce`."""

    territory_id: int
    territory: str
    layer: str
    since: date
    reps: tuple[tuple[int, str, str], ...]


@dataclass(frozen=True)
class Holding:
    """Who holds an account: its owner, None for nobody, and a territory of each layer."""

    account_id: int
    account: str
    owner_id: int | None
    owner: str
    territories: tuple[Held, ...]


@dataclass(frozen=True)
class Drifted:
    """A territory in force that has left the tolerance of its plan."""

    territory_id: int
    name: str
    attribute: str
    deviation: float
    tolerance: float


Points = Mapping[str, Any]
"""What the map reads: arrays by name, as JSON takes them; see `queries.points`."""


@dataclass(frozen=True)
class Activated:
    """What an activation wrote. kept: accounts that changed hands by hand meanwhile."""

    draft_id: int
    change_set_id: int
    accounts: int
    deals: int
    territories: int
    kept: tuple[int, ...]
