"""Hiring advice as it is asked for and kept: plain values, so that it can be read years later."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any

from perilune.kernel.asof import AsOf
from perilune.kernel.messages import gettext_noop as _
from perilune.planning.contracts.plans import Level

SELLER, MANAGER = "seller", "manager"
ASSUMED_MOST = 3
"""New sellers of a team, until somebody says otherwise: what more a team can feed is not known."""
ASSUMED_MONTH, ASSUMED_ONCE = 8_000, 10_000
"""Major units of the plan's currency: what a seller costs until somebody says it."""
LIMIT_LABELS: Mapping[str, str] = {
    "budget": _("the budget"),
    "lead": _("the time that recruiting takes"),
    "pace": _("the starts allowed in a month"),
    "room": _("the most sellers that a team or segment may add"),
    "span": _("the sellers that a manager may lead"),
}
"""English msgids."""


@dataclass(frozen=True)
class HiringAsked:
    """What advice is asked for. Money in minor units of the plan's currency.

    level: of the company's target. wanted: chance, 0 to 1. budget: to the end of the year, None
    without limit. lead: months from the decision to the start. per_month: most starts, None without
    limit. span: sellers a manager may lead, None: not looked at. managers: may be hired too. teams:
    units that may add sellers, empty: all. segments: of the segmentation in force that may add
    sellers, each in the team that works it most; empty: teams as a whole. most: sellers that a
    team or segment may add, None without limit. twice: what twice the sellers of a segment bring,
    1 to 2 times, None: as learnt, and 2 where nothing is claimed.
    ramp_days: of new sellers, None: as the plan counts its hires, by the ramp
    learnt, else assumed. is_assumed: the costs are ours, nobody said them.
    """

    level: Level = Level.OPERATING
    wanted: float = 0.7
    budget: int | None = None
    lead: int = 3
    per_month: int | None = None
    span: int | None = None
    managers: bool = False
    teams: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    twice: float | None = None
    most: int | None = None
    ramp_days: int | None = None
    seller_month: int = 0
    seller_once: int = 0
    manager_month: int = 0
    manager_once: int = 0
    is_assumed: bool = False

    def earliest(self, day: date) -> date:
        """Return the day before which nobody starts: `lead` months after the day it is asked."""
        year, month = divmod(day.month - 1 + self.lead, 12)
        year, month = day.year + year, month + 1
        return date(year, month, min(day.day, monthrange(year, month)[1]))

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        lists = {"teams": list(self.teams), "segments": list(self.segments)}
        return asdict(self) | {"level": self.level.value, **lists}

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> HiringAsked:
        """Return what plain values say."""
        known = {item.name for item in fields(cls)}
        given = {name: value for name, value in values.items() if name in known}
        given["level"] = Level(given.get("level", Level.OPERATING.value))
        for name in ("teams", "segments"):
            given[name] = tuple(given.get(name, ()))
        return cls(**given)


@dataclass(frozen=True)
class AdvisedStart:
    """People of a role who start in a month in a team. month: its first day in the horizon.

    segment: which they are to work, empty: what the team works.
    """

    month: date
    role: str
    team: str
    heads: int
    segment: str = ""


@dataclass(frozen=True)
class SegmentUsed:
    """What a segment was taken to bring, minor units a year of a ramped FTE.

    team: that hires for it, as its sellers work the segment most. low, high: the tenth and the
    ninetieth seller of ten, None under five. fte: that work it today. twice: what twice as many
    bring. is_learnt: that was learnt from accounts per rep; is_set: somebody said it.
    """

    segment: str
    team: str
    minor: float
    low: float | None
    high: float | None
    reps: int
    fte: float
    twice: float
    is_learnt: bool = False
    is_set: bool = False


@dataclass(frozen=True)
class Chance:
    """A simulated chance: share of paths, its standard error, and what the paths reach (minor)."""

    chance: float
    error: float
    p10: float
    p50: float
    p90: float
    mean: float

    @property
    def interval(self) -> tuple[float, float]:
        """Return where the share of endless paths lies, four times in five."""
        wide = 1.2816 * self.error
        return max(self.chance - wide, 0.0), min(self.chance + wide, 1.0)


@dataclass(frozen=True)
class LimitLifted:
    """What is missing without one limit, and what that would cost, minor units."""

    limit: str
    missing: float
    cost: int


@dataclass(frozen=True)
class HiringAnswer:
    """The advice. Money in minor units.

    gap: relative distance of the cost to the bound proved. missing: of the worst case that the
    wanted chance asks for, 0 when in reach. waiting: what beginning a month later costs more, None
    where it is then out of reach (`waiting_missing`) or was before. limits: most helpful first.
    attempts: programmes solved and simulated. is_late: the solver ran out of time.
    segments: what each was taken to bring, where segments were asked for.
    """

    target: int
    starts: tuple[AdvisedStart, ...]
    cost: int
    gap: float
    before: Chance
    after: Chance
    missing: float
    waiting: int | None
    waiting_missing: float
    limits: tuple[LimitLifted, ...]
    attempts: int
    seconds: float
    is_late: bool
    segments: tuple[SegmentUsed, ...] = ()

    @property
    def heads(self) -> int:
        """How many people are advised."""
        return sum(start.heads for start in self.starts)

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        found = asdict(self)
        for start in found["starts"]:
            start["month"] = start["month"].isoformat()
        return found

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> HiringAnswer:
        """Return what plain values say."""
        given = dict(values)
        given["starts"] = tuple(
            AdvisedStart(**{**start, "month": date.fromisoformat(start["month"])})
            for start in given["starts"]
        )
        given["segments"] = tuple(SegmentUsed(**one) for one in given.get("segments", ()))
        given["limits"] = tuple(LimitLifted(**one) for one in given["limits"])
        given["before"], given["after"] = Chance(**given["before"]), Chance(**given["after"])
        return cls(**given)


@dataclass(frozen=True)
class HiringAdviceInfo:
    """Advice on record: what was asked of which edition, by whom, and what came out.

    answer: None while it is computed, or where it failed. taken_at: when its hires went into the
    plan.
    """

    id: int
    plan_id: int
    edition: int
    as_of: AsOf
    asked: HiringAsked
    answer: HiringAnswer | None
    actor: str
    made_at: datetime
    job_id: int | None
    taken_by: str
    taken_at: datetime | None
