"""Segmentations: versions of bands and rules over accounts, and how each segment is sold to."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from perilune.kernel.messages import gettext_noop as _
from perilune.planning.contracts.views import RuleSet

MOST_RULES = 60
MOST_CONDITIONS = 4
MOST_VALUES = 200
LONGEST_SEGMENT = 80
CYCLE, BOOKINGS = "measure:cycle", "measure:bookings"
"""Numbers of an account that are measured, not typed: days to a win, bookings of twelve months."""


class SegmentState(StrEnum):
    """Where a version of the segmentation stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    ARCHIVED = "archived"


SEGMENT_STATE_LABELS: dict[SegmentState, str] = {
    SegmentState.DRAFT: _("draft"),
    SegmentState.SUBMITTED: _("submitted"),
    SegmentState.APPROVED: _("approved"),
    SegmentState.REJECTED: _("sent back"),
    SegmentState.ARCHIVED: _("archived"),
}
SEGMENT_EDITABLE = frozenset({SegmentState.DRAFT, SegmentState.REJECTED})


class Channel(StrEnum):
    """How a segment is sold to."""

    FIELD = "field"
    INSIDE = "inside"
    PARTNER = "partner"
    SELF_SERVICE = "self_service"


CHANNEL_LABELS: dict[Channel, str] = {
    Channel.FIELD: _("Field sales"),
    Channel.INSIDE: _("Inside sales"),
    Channel.PARTNER: _("Partners"),
    Channel.SELF_SERVICE: _("Self-service"),
}


class FieldKind(StrEnum):
    """What a rule can say of a field: one of some values, or at least and below a number."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    DAYS = "days"


@dataclass(frozen=True)
class SegmentField:
    """A field of accounts that rules may use. label: an English msgid, or the company's own word.

    is_whole: its numbers are integers. choices: value to label, of fields that have some.
    """

    name: str
    label: str
    kind: FieldKind
    is_whole: bool = False
    choices: tuple[tuple[str, str], ...] = ()

    @property
    def is_number(self) -> bool:
        """Whether rules compare it with numbers."""
        return self.kind is not FieldKind.TEXT


@dataclass(frozen=True)
class GoToMarket:
    """How a segment is sold to. accounts_per_rep: how many accounts one FTE of the role holds."""

    segment: str
    channel: Channel = Channel.FIELD
    role: str = "seller"
    accounts_per_rep: float | None = None


@dataclass(frozen=True)
class SegmentRun:
    """A version that was applied. changed: accounts whose segment it changed.

    unsegmented: accounts that no rule fitted. is_standing: it was not taken back.
    """

    id: int
    segmentation: int
    actor: str
    at: datetime
    day: date
    changed: int
    unsegmented: int
    change_set_id: int
    is_standing: bool


@dataclass(frozen=True)
class Segmentation:
    """A version: its rules in order, the go-to-market, who made and who approved it.

    number: of the version, 1 for the first. edition: grows with every change. run: when it was
    applied last, None if never or taken back since. is_in_force: no other one was applied later.
    """

    id: int
    number: int
    name: str
    state: SegmentState
    author: str
    edition: int
    made_at: datetime
    rules: RuleSet
    markets: tuple[GoToMarket, ...] = ()
    based_on: int | None = None
    submitted_by: str = ""
    submitted_at: datetime | None = None
    checked_by: str = ""
    checked_at: datetime | None = None
    is_self_approved: bool = False
    reason: str = ""
    run: SegmentRun | None = None
    is_in_force: bool = False

    @property
    def may_edit(self) -> bool:
        """Whether its rules may be changed."""
        return self.state in SEGMENT_EDITABLE

    @property
    def segments(self) -> tuple[str, ...]:
        """Return the names of its segments in the order of the rules, each once."""
        return tuple(dict.fromkeys(rule.segment for rule in self.rules.rules))

    def market(self, segment: str) -> GoToMarket:
        """Return how a segment is sold to; in the field without a ratio where nothing was said."""
        return next((one for one in self.markets if one.segment == segment), GoToMarket(segment))


@dataclass(frozen=True)
class SegmentShift:
    """Accounts that go from one segment to another, empty for none, with what goes along.

    pipeline, booked: open pipeline and bookings of the twelve months before, minor units.
    """

    before: str
    after: str
    accounts: int
    pipeline: int
    booked: int


@dataclass(frozen=True)
class SegmentPreview:
    """What applying a version would do. shifts: also those who stay, largest first."""

    accounts: int
    unsegmented: int
    shifts: tuple[SegmentShift, ...]

    @property
    def moved(self) -> tuple[SegmentShift, ...]:
        """Return those who change."""
        return tuple(one for one in self.shifts if one.before != one.after)

    @property
    def changed(self) -> int:
        """Return how many accounts change their segment."""
        return sum(one.accounts for one in self.moved)


@dataclass(frozen=True)
class Staffing:
    """How far today's staffing of a segment is from its ratio.

    accounts: of the segment. needed, there: FTE; needed is None without a ratio. A rep counts in
    each segment by the share of their accounts in it. unheld: accounts without an owner.
    """

    market: GoToMarket
    accounts: int
    there: float
    needed: float | None
    unheld: int

    @property
    def gap(self) -> float | None:
        """Return the FTE that lack (below zero: beyond what is needed)."""
        return None if self.needed is None else self.needed - self.there


@dataclass(frozen=True)
class SegmentFlow:
    """Moves of accounts between segments from one day to another, as they were recorded.

    shifts: accounts known on both days; come, gone: accounts by segment known on one of them only.
    """

    since: date
    until: date
    shifts: tuple[tuple[str, str, int], ...]
    come: dict[str, int] = field(default_factory=dict)
    gone: dict[str, int] = field(default_factory=dict)

    @property
    def moved(self) -> int:
        """Return how many accounts are in another segment than before."""
        return sum(count for before, after, count in self.shifts if before != after)
