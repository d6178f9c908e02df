"""The hiring plan: what may be hired, what it costs and brings, and what is advised."""

from __future__ import annotations

from dataclasses import dataclass

from perilune.planning.contracts.tables import Floats


@dataclass(frozen=True)
class Job:
    """A role that may be hired.

    ramp, group: places in the plan's ramps and hazard groups. sells: brings bookings itself.
    leads: how many sellers one of them may lead (a manager), 0 for who leads nobody.
    cost_month: minor units a month, all in. cost_hire: once. lead: the first
    month of the horizon in which one may start, from 0.
    per_month: most starts a month, None without limit.
    """

    name: str
    ramp: int = 0
    group: int = 0
    sells: bool = True
    leads: int = 0
    cost_month: int = 0
    cost_hire: int = 0
    lead: int = 3
    per_month: int | None = None


@dataclass(frozen=True)
class Market:
    """A unit that may be hired for. yields: (J,) factor on the unit's productivity by job, 0 none.

    most: most sellers to be added, None without limit. under: the team whose managers lead here;
    markets of one team share the room under them. None: a market of its own.
    """

    unit: int
    yields: tuple[float, ...]
    most: int | None = None
    under: int | None = None


@dataclass(frozen=True)
class HiringTask:
    """When to hire whom and where. T months of the plan's horizon, from its first day.

    wanted: chance at which every aim is to be reached, None: on expectation only.
    budget: minor units over the horizon, None without limit. per_month: most starts a month.
    room: sellers more that the managers there may lead, by market; the same in markets of a team.
    """

    months: int
    jobs: tuple[Job, ...]
    markets: tuple[Market, ...]
    budget: int | None = None
    per_month: int | None = None
    wanted: float | None = 0.8
    room: tuple[int, ...] = ()


@dataclass(frozen=True)
class Start:
    """Heads of a job that start in a month (0 the first) for a unit."""

    month: int
    job: int
    unit: int
    heads: int


@dataclass(frozen=True)
class Missing:
    """What no allowed hiring closes: expected shortfall of an aim, minor units."""

    aim: str
    minor: float


@dataclass(frozen=True)
class HiringPlan:
    """The advice.

    cost: minor units. bound: proven lower bound of the cost of meeting the same task. gap: their
    relative distance. margin: share added to the targets so that the chance is met. chance: the
    worst aim's chance by simulation, None when not asked. waiting: what it costs to begin a month
    later, None if it cannot be reached then: `waiting_missing` says by how much. missing: not empty
    when the target is out of reach. expected: (aims,) bookings of everybody on expectation.
    """

    starts: tuple[Start, ...]
    cost: int
    bound: float
    gap: float
    margin: float
    chance: float | None
    expected: Floats
    missing: tuple[Missing, ...] = ()
    waiting: int | None = None
    waiting_missing: tuple[Missing, ...] = ()
    seconds_limit_hit: bool = False
