"""People as the plan's engines read them: who is there, ramps, who stays, what a rep brings.

Column 0 of a horizon is its first day; D columns. A start or last day may lie outside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from perilune.planning.contracts.tables import Floats, Ids

MONTH_DAYS = 30.4375
"""Days of a month of tenure or ramp."""
FOR_EVER = 10**6
"""The last column of somebody who has no last day."""
SMALLEST_GROUP = 5
"""Reps of a group below which attrition is neither estimated nor shown apart (rule 25)."""
FEWEST_RAMPED = 5
"""Reps below which a ramp is not learnt: the stated one stands."""
STATED_RAMP = (0.0, 0.1, 0.25, 0.4, 0.55, 0.7, 0.8, 0.9, 1.0)
"""Share of full productivity by month since start where nothing was stated or learnt."""
STATED_KEPT = 0.5
"""Share of the productivity reached that a change keeps if nothing is learnt."""


class Change(StrEnum):
    """What may change in a seller's work so that the ramp restarts in part."""

    SEAT = "seat"
    PRODUCT = "product"
    TERRITORY = "territory"


class Source(StrEnum):
    """Where a law comes from."""

    STATED = "stated"
    LEARNT = "learnt"


class Spell(NamedTuple):
    """An FTE between two columns, both included."""

    row: int
    first: int
    last: int
    fte: float


@dataclass(frozen=True)
class Heads:
    """Reps and planned hires of a horizon; R rows, one a rep, `first_day` being column 0.

    rep: (R,) rep ids, minus the id of its plan line for a planned hire; unique.
    unit, ramp, group: (R,) places in the units, ramp curves and hazard groups of the plan.
    start: (R,) column of the first day, below 0 for who is here already. last: (R,) column of a
    last day that is known, FOR_EVER without. fte: (R,) where no spell says otherwise.
    assigned: FTE by spell; where a rep has any, they alone count, at most 1 a day together.
    absent: FTE away by spell, taken off, never below 0.
    restarts: (row, column, kept): from that day the rep has `kept` of the productivity reached.
    """

    first_day: date
    days: int
    rep: Ids
    unit: Ids
    ramp: Ids
    group: Ids
    start: Ids
    last: Ids
    fte: Floats
    assigned: tuple[Spell, ...] = ()
    absent: tuple[Spell, ...] = ()
    restarts: tuple[tuple[int, int, float], ...] = ()

    @property
    def planned(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """(R,) whether a row is a hire to come: its start may be late."""
        return np.asarray(self.rep < 0)


@dataclass(frozen=True)
class RampCurve:
    """Share of full productivity by whole month since start; the last value holds from then on.

    share: for all hired, leavers until they left. low, high: 80 % interval by bootstrap over reps,
    equal to share when stated. here: the same for those still here. reps: how many it was learnt
    from. reason: why it is stated and not learnt, empty else.
    """

    name: str
    share: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    here: tuple[float, ...] | None = None
    source: Source = Source.STATED
    reps: int = 0
    reason: str = ""


@dataclass(frozen=True)
class Kept:
    """What changes of one sort keep of productivity in the quarter after them.

    share: what counts. low, high: 80 % interval of what was seen. changes: seen with enough before
    and after. reason: why it is stated, or why no loss is taken off; empty else.
    """

    share: float
    low: float
    high: float
    changes: int
    reason: str = ""
    source: Source = Source.LEARNT


@dataclass(frozen=True)
class Rise:
    """How sellers come up to full productivity: from their first day, and after a change.

    kept: share of the productivity reached that is left on the day of a change of each sort; 1, or
    a sort that is not named, restarts nothing.
    """

    curve: RampCurve
    kept: Mapping[Change, float] = field(default_factory=dict)

    def after(self, change: Change) -> float:
        """Return the share that is left on the day of a change."""
        return self.kept.get(change, 1.0)


@dataclass(frozen=True)
class Survival:
    """Kaplan-Meier of a group; T distinct times at which somebody left, in months of tenure.

    at_risk, leavers: (T,) counts. share: (T,) still here after that time. low, high: (T,) 95 %
    log-log interval with Greenwood's variance; error: (T,) Greenwood's standard error.
    median: months, None while more than half stay.
    """

    name: str
    reps: int
    time: Floats
    at_risk: Ids
    leavers: Ids
    share: Floats
    error: Floats
    low: Floats
    high: Floats
    median: float | None


class Band(NamedTuple):
    """A tenure band: months [first, last) (last None: for ever), exposure in rep-months counted.

    hazard: chance a month to leave, smoothed; low, high: its 80 % interval.
    """

    first: float
    last: float | None
    exposure: float
    leavers: int
    hazard: float
    low: float
    high: float


@dataclass(frozen=True)
class Attrition:
    """The hazard of a group by tenure band. sigma: spread of the log of its overall level.

    reps: rows it was learnt from, 0 when stated. pooled: the group was too small (rule 25) and
    shows all reps' law.
    """

    name: str
    bands: tuple[Band, ...]
    sigma: float
    reps: int = 0
    source: Source = Source.STATED
    is_pooled: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Returns:
    """Diminishing returns: what a unit brings grows with its ramped FTE ^ elasticity.

    At `reference` FTE a rep brings what Productivity says; elasticity 1 is no diminishing. beside:
    FTE of the same market that other units count: the unit brings what it adds to theirs.
    """

    elasticity: float = 1.0
    reference: float = 1.0
    low: float = 1.0
    high: float = 1.0
    source: Source = Source.STATED
    reps: int = 0
    reason: str = ""
    beside: float = 0.0


@dataclass(frozen=True)
class Productivity:
    """What one fully ramped FTE of a unit brings in a year.

    minor: mean, minor units. spread: sd over reps of the yearly figure, as a share of the mean,
    that lasts (skill). luck: sd of one rep's yearly figure from year to year, as a share of the
    mean. reps: measured on how many.
    """

    name: str
    minor: float
    spread: float = 0.0
    luck: float = 0.0
    returns: Returns = Returns()
    reps: int = 0


@dataclass(frozen=True)
class Capacity:
    """Capacity paths by unit and day, without chance: U units, D days.

    fte: there, absence deducted. ramped: times the ramp. minor: (U, D) what they bring, by season
    and diminishing returns. problems: what in the heads is wrong, as (code, rep id): `overlap`
    (more than 1 FTE on a day), `leaves_before_start`, `absent_more` (absence beyond what is there).
    """

    fte: Floats
    ramped: Floats
    minor: Floats
    problems: tuple[tuple[str, int], ...] = ()
