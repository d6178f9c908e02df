"""The roll-up of a period: the organisation by forecast category, and what stands beside it.

Amounts are whole minor units of the company's currency.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property

from perilune.forecasting.contracts.ranges import Status
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.messages import gettext_noop as _


class Category(StrEnum):
    """The forecast category of a deal, the surest first."""

    CLOSED = "closed"
    COMMIT = "commit"
    MOST_LIKELY = "most_likely"
    BEST_CASE = "best_case"
    PIPELINE = "pipeline"
    OMITTED = "omitted"


CATEGORY_LABELS: dict[Category, str] = {
    Category.CLOSED: _("Closed"),
    Category.COMMIT: _("Commit"),
    Category.MOST_LIKELY: _("Most likely"),
    Category.BEST_CASE: _("Best case"),
    Category.PIPELINE: _("Pipeline"),
    Category.OMITTED: _("Omitted"),
}

LADDER = (
    Category.CLOSED,
    Category.COMMIT,
    Category.MOST_LIKELY,
    Category.BEST_CASE,
    Category.PIPELINE,
)
"""Cumulative categories add up in this order (rule 21); what is omitted is in none."""
OPEN = LADDER[1:]
"""The categories of open deals that count."""
ADJUSTABLE = (Category.COMMIT, Category.MOST_LIKELY, Category.BEST_CASE)
"""The categories whose figure an owner or a manager may put another one beside."""


class View(StrEnum):
    """Whether a category's figure is its own or all that is at least as sure."""

    CUMULATIVE = "cumulative"
    SINGLE = "single"


def categories_of(category: Category, view: View) -> tuple[Category, ...]:
    """Return the categories whose deals make up a figure."""
    if view is View.SINGLE or category is Category.OMITTED:
        return (category,)
    return LADDER[: LADDER.index(category) + 1]


class NodeKind(StrEnum):
    """What a row stands for."""

    TOTAL = "total"
    TEAM = "team"
    REP = "rep"
    UNASSIGNED = "unassigned"
    OTHERS = "others"  # shares of visible deals that are credited to people the scope does not see


UnitKey = tuple[str, int]
"""(`total`, 0), (`team`, id) or (`rep`, id): whom a quota, a call or an override is for."""


@dataclass(frozen=True)
class Node:
    """A place in the tree of a roll-up.

    key: of the row, unique: a rep who changed teams within the period has a row in both.
    unit: whom the row is about; unit id 0 of a rep is «nobody»: a deal without an owner.
    team: of a rep's row the team it stands in. is_seat: the rep sits there at the as-of.
    """

    key: str
    kind: NodeKind
    unit: UnitKey
    parent: str = ""
    level: int = 0
    team: int | None = None
    is_seat: bool = True


@dataclass(frozen=True)
class Call:
    """The last figure that somebody submitted for a unit; category `call` unless only another."""

    amount: int
    made_on: date | None
    author: str
    category: str = "call"
    is_late: bool = False
    suggested: int | None = None
    known_at: datetime | None = None


@dataclass(frozen=True)
class Reach:
    """The model's range of a row; None without a history that carries one.

    is_shared: its level has no skill of its own, a plain rule shares the level above out to it.
    """

    p10: float | None
    p50: float | None
    p90: float | None
    status: Status
    is_shared: bool = False


@dataclass(frozen=True)
class Required:
    """What coverage past periods asked for at the same day: 1 / value conversion.

    periods: past periods it was measured on. of: key of the row whose history was taken, the row's
    own or the nearest above that has enough.
    """

    ratio: float
    periods: int
    of: str


@dataclass(frozen=True)
class RollupRow:
    """One row: a unit's amounts by category, and what stands beside them.

    amounts: by single category; empty where withheld. managers, leads: names and rep ids of who
    leads the team.
    quota_level: which of the named levels the quota is of (rule 29): a rep's is the street quota
    where the operating plan goes no further than teams.
    is_part: the reader sees only some of the team's people; quota, call and range are then left
    out, for they speak of all. speaks_for: the unit whose they are, None for none.
    people: reps behind the row. carried: what was learnt after the close of earlier periods and
    counts here (rule 9); it is in attainment and gap, not among the deals of the period.
    """

    node: Node
    label: str
    amounts: Mapping[Category, int] = field(default_factory=dict)
    managers: tuple[str, ...] = ()
    leads: tuple[int, ...] = ()
    quota: int | None = None
    quota_level: str = ""
    won_of_record: int | None = None
    carried: int = 0
    call: Call | None = None
    reach: Reach | None = None
    required: Required | None = None
    is_part: bool = False
    is_withheld: bool = False
    people: int = 0
    speaks_for: UnitKey | None = None

    @property
    def is_speaking(self) -> bool:
        """Whether quota, call, range and overrides of a unit stand on this row."""
        return self.speaks_for is not None

    def value(self, category: Category, view: View) -> int | None:
        """Return the figure of a category; cumulative ones hold all that is at least as sure."""
        if self.is_withheld:
            return None
        return sum(self.amounts.get(name, 0) for name in categories_of(category, view))

    @property
    def closed(self) -> int | None:
        """Won in the period up to the as-of: of record once the period is closed, else live."""
        if self.won_of_record is not None:
            return self.won_of_record
        return self.value(Category.CLOSED, View.SINGLE)

    @property
    def open_value(self) -> int | None:
        """Open deals expected in the period, all categories but omitted."""
        if self.is_withheld:
            return None
        return sum(self.amounts.get(name, 0) for name in OPEN)

    @property
    def attainment(self) -> float | None:
        """Closed over quota."""
        if not self.quota or self.closed is None:
            return None
        return (self.closed + self.carried) / self.quota

    @property
    def gap(self) -> int | None:
        """Closed less quota: below zero is still to be won."""
        if self.quota is None or self.closed is None:
            return None
        return self.closed + self.carried - self.quota

    @property
    def coverage(self) -> float | None:
        """Open value over what is still to be won; None once the quota is reached."""
        if self.gap is None or self.gap >= 0 or self.open_value is None:
            return None
        return self.open_value / -self.gap


@dataclass(frozen=True)
class LeftOut:
    """Open deals that are in no row: (number, value) by reason."""

    undated: tuple[int, int] = (0, 0)
    overdue: tuple[int, int] = (0, 0)
    without_rate: int = 0


@dataclass(frozen=True)
class Carried:
    """What was learnt after the close of an earlier period: number of deals, minor units."""

    period: str
    deals: int
    amount: int


@dataclass(frozen=True)
class Rollup:
    """The answer: rows depth first, the total first, and what they stand on.

    closed_on: the day on which the period was frozen; its figures are then of record (rule 9).
    """

    period: Period
    as_of: AsOf
    scope_label: str
    currency: str
    rows: tuple[RollupRow, ...]
    store_version: int
    sql: str
    left_out: LeftOut = field(default_factory=LeftOut)
    closed_on: date | None = None
    carried: tuple[Carried, ...] = ()

    @property
    def total(self) -> RollupRow:
        """The row of everything in scope."""
        return self.rows[0]

    def row(self, key: str) -> RollupRow | None:
        """Return a row by its key, None when there is none."""
        return self._by_key.get(key)

    @cached_property
    def _by_key(self) -> dict[str, RollupRow]:
        return {row.node.key: row for row in self.rows}


@dataclass(frozen=True)
class DealShare:
    """A deal behind a cell: credited value of a rep in minor units, and the share in 1/10,000."""

    id: int
    name: str
    rep_id: int | None
    rep: str
    category: Category
    close_date: date
    stage: str
    value: int | None
    share: int


@dataclass(frozen=True)
class CellDeals:
    """What stands behind one cell: its deals, largest first, and how many there are in all."""

    deals: tuple[DealShare, ...]
    count: int
    value: int
    sql: str
    is_withheld: bool = False
