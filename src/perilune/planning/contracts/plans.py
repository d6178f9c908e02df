"""The annual plan as others see it: where it stands, what it holds, how its levels sum."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple

from perilune.kernel.asof import AsOf
from perilune.kernel.messages import gettext_noop as _
from perilune.planning.contracts.edits import Assumption

MOST_UNITS = 20_000
MOST_ACCOUNTS = 100_000
MOST_PEOPLE = 500
"""Planned hires, departures and absences of one plan."""
COMPANY = "company"
BASIS_POINTS = 10_000


class PlanState(StrEnum):
    """Where a plan stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    REJECTED = "rejected"
    ARCHIVED = "archived"


PLAN_STATE_LABELS: dict[PlanState, str] = {
    PlanState.DRAFT: _("draft"),
    PlanState.SUBMITTED: _("submitted"),
    PlanState.APPROVED: _("approved"),
    PlanState.PUBLISHED: _("published"),
    PlanState.SUPERSEDED: _("superseded"),
    PlanState.REJECTED: _("sent back"),
    PlanState.ARCHIVED: _("archived"),
}

PLAN_EDITABLE = frozenset({PlanState.DRAFT, PlanState.REJECTED})
"""States in which a plan may be changed."""


class Level(StrEnum):
    """The three named levels of rule 29."""

    BOARD = "board"
    OPERATING = "operating"
    STREET = "street"


class PlanEditKind(StrEnum):
    """What a change of a plan did."""

    TARGETS = "targets"
    QUOTAS = "quotas"
    RULES = "rules"
    BASES = "bases"
    ACCOUNTS = "accounts"
    PEOPLE = "people"
    LAST_YEAR = "last_year"
    RECONCILE = "reconcile"
    IMPORT = "import"
    SCENARIO = "scenario"
    SETTINGS = "settings"
    UNDO = "undo"
    REDO = "redo"
    STATE = "state"


PLAN_EDIT_LABELS: dict[PlanEditKind, str] = {
    PlanEditKind.TARGETS: _("changed targets"),
    PlanEditKind.QUOTAS: _("changed quotas"),
    PlanEditKind.RULES: _("changed the rules of a unit"),
    PlanEditKind.BASES: _("changed what quotas rest on"),
    PlanEditKind.ACCOUNTS: _("changed account targets"),
    PlanEditKind.PEOPLE: _("changed hires or leavers"),
    PlanEditKind.LAST_YEAR: _("proposed from last year"),
    PlanEditKind.RECONCILE: _("reconciled the quotas"),
    PlanEditKind.IMPORT: _("took in returned workbooks"),
    PlanEditKind.SCENARIO: _("took in events of a scenario"),
    PlanEditKind.SETTINGS: _("changed the settings"),
    PlanEditKind.UNDO: _("took a change back"),
    PlanEditKind.REDO: _("made a change again"),
    PlanEditKind.STATE: _("moved the plan on"),
}

PLAN_UNDOABLE = frozenset(PlanEditKind) - {
    PlanEditKind.UNDO, PlanEditKind.REDO, PlanEditKind.STATE, PlanEditKind.SETTINGS,
}  # fmt: skip


class Place(NamedTuple):
    """Where an amount stands. month: 1 for the first fiscal month of the year."""

    level: Level
    unit: str
    month: int

    @property
    def key(self) -> str:
        """The place as a text: «street|rep:7|3»."""
        return f"{self.level.value}|{self.unit}|{self.month}"

    @classmethod
    def of(cls, key: str) -> Place | None:
        """Return the place of a text, None if it names none."""
        level, _sep, rest = key.partition("|")
        unit, _sep, month = rest.rpartition("|")
        if level not in {each.value for each in Level} or not unit or not month.isdecimal():
            return None
        return cls(Level(level), unit, int(month))


class Cell(NamedTuple):
    """An amount in minor units of the plan's currency. is_fixed: typed, so reconciling keeps it."""

    minor: int
    is_fixed: bool = False


@dataclass(frozen=True)
class UnitRow:
    """A unit of the plan and the rules of its share.

    unit: «company», «team:3», «rep:7» (below zero: a planned hire, minus the id of its edit),
    «overlay:7», a rep whose credit stands apart (rule 8), «segment:Enterprise». parent: the unit
    above, empty for company, overlays and segments. weight: its
    share beside its siblings when fully there, in any unit. history: what it booked in the year
    before, minor units, None unknown. floor, cap: of its year, minor units. over: basis points that
    the units below together get more than this one. is_over_shown: also to whoever sees a part of
    the plan alone; never in letters (rule 28).
    """

    unit: str
    parent: str = ""
    weight: float = 0.0
    history: int | None = None
    floor: int | None = None
    cap: int | None = None
    over: int = 0
    is_over_shown: bool = False

    @property
    def kind(self) -> str:
        """«company», «team», «rep», «overlay» or «segment»."""
        return self.unit.partition(":")[0]

    @property
    def number(self) -> int:
        """The id of its record; 0 for the company and for segments."""
        kind, _sep, text = self.unit.partition(":")
        return int(text) if kind in ("team", "rep", "overlay") else 0

    @property
    def is_apart(self) -> bool:
        """Tell whether it stands beside the tree: its amounts enter no sum of team or company."""
        return self.kind in ("overlay", "segment")

    @property
    def level(self) -> Level:
        """At which level its quota stands: reps carry street quotas, all others operating ones."""
        return Level.STREET if self.kind in ("rep", "overlay") else Level.OPERATING


@dataclass(frozen=True)
class Content:
    """What a plan says.

    cells: amounts by place; a place without one is unknown, never zero. people: planned hires,
    departures and absences, the same edits as those of scenarios. accounts: targets of accounts for
    the year, minor units. season: weights of the months as learnt, empty unknown. mix: what quotas
    rest on, parts by basis; empty is history alone.
    """

    units: Mapping[str, UnitRow] = field(default_factory=dict)
    cells: Mapping[Place, Cell] = field(default_factory=dict)
    people: tuple[Assumption, ...] = ()
    accounts: Mapping[int, int] = field(default_factory=dict)
    season: tuple[float, ...] = ()
    mix: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def children(self) -> Mapping[str, tuple[str, ...]]:
        """The units below each, in order."""
        found: dict[str, list[str]] = {}
        for row in self.units.values():
            found.setdefault(row.parent, []).append(row.unit)
        return {parent: tuple(units) for parent, units in found.items()}

    def amount(self, level: Level, unit: str, month: int) -> int | None:
        """Return an amount, None where there is none."""
        cell = self.cells.get(Place(level, unit, month))
        return None if cell is None else cell.minor

    def year(self, level: Level, unit: str) -> int | None:
        """Return the sum of a unit's months; None where none of them has an amount."""
        found = self.years.get((level, unit))
        return found

    @cached_property
    def years(self) -> Mapping[tuple[Level, str], int]:
        """The sum of the months by level and unit."""
        found: dict[tuple[Level, str], int] = {}
        for place, cell in self.cells.items():
            key = (place.level, place.unit)
            found[key] = found.get(key, 0) + cell.minor
        return found


@dataclass(frozen=True)
class PlanHead:
    """A plan without its content. See `models.Plan`."""

    id: int
    name: str
    year: int
    currency: str
    state: PlanState
    author: str
    edition: int
    as_of: AsOf
    made_at: datetime
    is_in_force: bool = False
    effective_from: date | None = None
    based_on: int | None = None
    replaced: int | None = None
    submitted_by: str = ""
    submitted_at: datetime | None = None
    checked_by: str = ""
    checked_at: datetime | None = None
    published_by: str = ""
    published_at: datetime | None = None
    is_self_approved: bool = False
    reason: str = ""
    change_set_id: int | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def may_edit(self) -> bool:
        """Tell whether the state lets it be changed."""
        return self.state in PLAN_EDITABLE

    @property
    def shared_with(self) -> tuple[str, ...]:
        """Whom its author named: they see it as the author does (rule 24)."""
        return tuple(self.settings.get("shared_with", ()))

    @property
    def scenarios(self) -> tuple[int, ...]:
        """The scenarios that events of it were taken from."""
        return tuple(self.settings.get("scenarios", ()))

    @property
    def lock_on(self) -> date | None:
        """The last day on which returned workbooks are taken, None for no such day."""
        text = self.settings.get("lock_on")
        return date.fromisoformat(text) if text else None

    def is_of_circle(self, username: str) -> bool:
        """Tell whether somebody made it or was named: they see its people events."""
        return username == self.author or username in self.shared_with


@dataclass(frozen=True)
class LoadedPlan:
    """A plan with all that it holds, as those see it who may see its whole."""

    head: PlanHead
    content: Content


@dataclass(frozen=True)
class PlanEditInfo:
    """A change of a plan. is_undone: it was taken back.

    stood, stands: its state before and after, of a change of state that noted them.
    """

    number: int
    kind: PlanEditKind
    actor: str
    at: datetime
    count: int
    is_undone: bool
    stood: PlanState | None = None
    stands: PlanState | None = None


@dataclass(frozen=True)
class PlanCommentInfo:
    """What somebody said of a plan, or of one of its units."""

    actor: str
    at: datetime
    text: str
    unit: str


@dataclass(frozen=True)
class PlanTaskInfo:
    """A line of the check-list of a planning season."""

    id: int
    title: str
    owner: str
    due: date | None
    done_by: str
    done_at: datetime | None


@dataclass(frozen=True)
class PlanView:
    """A plan as a person sees it.

    seen: units that they may see and change; is_whole: they see all of it. is_circle: they see its
    people events. names: of units.
    """

    head: PlanHead
    content: Content
    seen: frozenset[str]
    is_whole: bool
    is_circle: bool
    names: Mapping[str, str]
    can_undo: bool = False
    can_redo: bool = False
    edits: tuple[PlanEditInfo, ...] = ()
    comments: tuple[PlanCommentInfo, ...] = ()
    tasks: tuple[PlanTaskInfo, ...] = ()


@dataclass(frozen=True)
class SumCheck:
    """One line of the proof that a level sums: a unit and month with the units below it.

    minor: of the unit. over: what over-assignment adds to it. parts: the sum of the units below.
    level: that of the unit; parts_level: that of the units below.
    """

    level: Level
    unit: str
    month: int
    minor: int
    over: int
    parts: int
    parts_level: Level

    @property
    def difference(self) -> int:
        """What does not fit, minor units; 0 when it sums to the cent."""
        return self.parts - self.minor - self.over


@dataclass(frozen=True)
class PlanPublished:
    """What a plan wrote on its day."""

    plan_id: int
    change_set_id: int
    quotas: int
    outside: tuple[str, ...] = ()
