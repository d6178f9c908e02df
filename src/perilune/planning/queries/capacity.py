"""The capacity of a plan by month, unit and count: every way of counting people, by its name.

For whoever is outside the plan's circle its hires and leavers are an unnamed reserve at the lowest
level of five reps or more (rule 24).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.errors import Invalid
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.planning.contracts import (
    SMALLEST_RESERVE,
    Content,
    Heads,
    Level,
    PlanHead,
    Productivity,
    Rise,
)
from perilune.planning.contracts.capacity import Count
from perilune.planning.contracts.tables import Floats
from perilune.planning.engine.capacity_rows import apart, by_month, up
from perilune.planning.engine.simulating import simulate
from perilune.planning.queries.capacity_model import SEED, Basis, basis, season_of
from perilune.planning.queries.capacity_people import landing, people, sizes_of
from perilune.planning.queries.chances import seats_of
from perilune.planning.queries.learning import rise_at
from perilune.planning.queries.staff import booked, heads_of

PATHS = 1_000


@dataclass(frozen=True)
class CapacityRow:
    """A rep, planned hire, or the reserve of a level (unit empty). at: the unit it counts in."""

    unit: str
    at: str

    @property
    def is_reserve(self) -> bool:
        """Whether nobody is named."""
        return not self.unit


@dataclass(frozen=True)
class Expected:
    """The company's sellers after departures and refilled seats, by simulation, in one month."""

    fte: float
    low: float
    middle: float
    high: float


@dataclass(frozen=True)
class PlanCapacity:
    """Capacity of a plan: U units top down, M fiscal months, R rows.

    parents: place of the unit above, -1 at the company. figures: (U, M) by count, people as counted
    or averaged, amounts in minor units. details: (R, M) of each row by count, where it has one.
    expected: by month name, months to come alone; empty where nothing can be simulated. booked:
    (M,) of the company in months that have begun, None after. reason: why there is no capacity.
    """

    as_of: AsOf
    year: Period
    months: tuple[Period, ...]
    units: tuple[str, ...]
    parents: tuple[int, ...]
    figures: Mapping[Count, Floats]
    rows: tuple[CapacityRow, ...]
    details: Mapping[Count, Floats]
    expected: Mapping[str, Expected]
    booked: tuple[int | None, ...]
    basis: Basis | None
    reason: Invalid | None
    is_circle: bool

    def year_of(self, count: Count, unit: str) -> float:
        """Return a unit's figure of the year: the sum of amounts, the mean of people."""
        row = self.figures[count][self.units.index(unit)]
        return float(row.sum() if count.is_money else row.mean())

    def level(self, unit: str) -> int:
        """Return how deep a unit stands, 0 for the company."""
        at, depth = self.units.index(unit), 0
        while self.parents[at] >= 0:
            at, depth = self.parents[at], depth + 1
        return depth


def plan_capacity(
    head: PlanHead, content: Content, scope: Scope, at: AsOf, *, is_circle: bool
) -> PlanCapacity:
    """Return the capacity of a whole plan as known at an instant.

    Where the laws are missing (no year of bookings, a year that is over) people are counted and
    `reason` says why there is no amount.
    """
    calendar = company().calendar
    year = calendar.year(head.year)
    months = tuple(calendar.months(head.year))
    units = [u for u, row in content.units.items() if row.kind in ("company", "team")]
    place = {unit: at_ for at_, unit in enumerate(units)}
    parents = [place.get(content.units[unit].parent, -1) for unit in units]
    found: Basis | None = None
    reason: Invalid | None = None
    try:
        found = basis(head, content, scope, at)
    except Invalid as error:
        reason = error
    rise = rise_at(at, year)
    full = _counted(content, year, months, found, rise, at)
    known = (
        full if is_circle
        else _counted(_without_people(content), year, months, found, rise, at)
    )  # fmt: skip
    rows, details = _rows(content, full, known)
    where = np.array([place.get(row.at, 0) for row in rows], np.int64)
    figures = {count: up(parents, where, values) for count, values in details.items()}
    figures[Count.PEOPLE] = up(parents, *people(content, place, months, at, is_circle=is_circle))
    figures[Count.TARGET] = _targets(content, units, len(months))
    return PlanCapacity(
        as_of=at,
        year=year,
        months=months,
        units=tuple(units),
        parents=tuple(parents),
        figures=figures,
        rows=rows,
        details=details,
        expected={} if found is None else _expected(found, months),
        booked=_booked(months, scope, at),
        basis=found,
        reason=reason,
        is_circle=is_circle,
    )


def company_ramped(head: PlanHead, content: Content, at: AsOf, *, is_circle: bool) -> float:
    """Return the company's mean ramped FTE of a plan's year, as `plan_capacity` counts it.

    Outside the circle without planned people where fewer than five sell (rule 24).
    """
    calendar = company().calendar
    sellers = sum(row.kind == "rep" and row.number > 0 for row in content.units.values())
    shown = content if is_circle or sellers >= SMALLEST_RESERVE else _without_people(content)
    months = tuple(calendar.months(head.year))
    year = calendar.year(head.year)
    found = _counted(shown, year, months, None, rise_at(at, year), at)
    return float(sum(figures[Count.RAMPED].mean() for figures in found.values()))


# -- rows ------------------------------------------------------------------------------------------

Figures = dict[Count, Floats]
"""(M,) by count, of one unit."""


def _counted(  # noqa: PLR0917 - what is known, one thing each
    content: Content,
    year: Period,
    months: tuple[Period, ...],
    found: Basis | None,
    rise: Rise,
    at: AsOf,
) -> dict[str, Figures]:
    """Return the figures by month of each rep and planned hire."""
    rows = [row for row in content.units.values() if row.kind == "rep"]
    if not rows:
        return {}
    whole, ramps = heads_of(content, year, at, rise)
    heads, origin = apart(whole)
    seats = seats_of(content, found.known.by_segment if found else ())
    units = list(dict.fromkeys(seats.values()))
    seat = np.array([units.index(seats[row.unit]) for row in rows], np.int64)[origin]
    heads = replace(heads, unit=seat)
    laws = [found.law_of(*unit) for unit in units] if found else None
    spans = [(month.start, month.end) for month in months]
    season = season_of(content, year)
    if laws is None:
        laws = [Productivity(team, 0.0) for team, _segment in units]
    made = by_month(heads, ramps, laws, season, spans)
    never = by_month(replace(heads, absent=()), ramps, laws, season, spans)
    there = _there(heads, [(month.end - year.start).days for month in months])
    result: dict[str, Figures] = {}
    for at_, row in enumerate(rows):
        own = origin == at_
        street = np.array(
            [content.amount(Level.STREET, row.unit, m) or 0 for m in range(1, len(months) + 1)],
            np.float64,
        )
        heads_there = there[own].sum(axis=0)
        result[row.unit] = {
            Count.SELLERS: heads_there,
            Count.CARRIERS: np.where(street > 0, np.maximum(heads_there, 1.0), 0.0),
            Count.FTE: made.fte[own].sum(axis=0),
            Count.AWAY: (never.fte - made.fte)[own].sum(axis=0),
            Count.RAMPED: made.ramped[own].sum(axis=0),
            Count.CAPACITY: made.minor[own].sum(axis=0),
            Count.STREET: street,
        }
    return result


def _there(heads: Heads, columns: list[int]) -> Floats:
    """Return (R, M) whether each row holds a seat on each column."""
    day = np.array(columns)
    found = (heads.start[:, None] <= day) & (day <= heads.last[:, None])
    seated = np.zeros(found.shape, np.bool_)
    has = np.zeros(len(heads.rep), np.bool_)
    for spell in heads.assigned:
        has[spell.row] = True
        seated[spell.row] |= (spell.first <= day) & (day <= spell.last)
    return np.asarray(found & (seated | ~has[:, None]), np.float64)


def _rows(
    content: Content, full: Mapping[str, Figures], known: Mapping[str, Figures]
) -> tuple[tuple[CapacityRow, ...], dict[Count, Floats]]:
    """Return the rows: those known by name, and what differs as unnamed reserves by level."""
    rows = [CapacityRow(unit, content.units[unit].parent) for unit in known]
    values = [known[unit] for unit in known]
    if full is not known:
        sizes = sizes_of(content, known)
        reserve: dict[str, Figures] = {}
        for unit, figures in full.items():
            own = known.get(unit)
            diff = {c: v - own[c] if own else v for c, v in figures.items()}
            if not any(np.abs(value).max(initial=0) > 1e-9 for value in diff.values()):
                continue
            level = landing(content.units[unit].parent, sizes)
            if level is None:
                continue
            held = reserve.setdefault(level, {c: np.zeros_like(v) for c, v in diff.items()})
            for count, value in diff.items():
                held[count] = held[count] + value
        rows += [CapacityRow("", level) for level in reserve]
        values += list(reserve.values())
    counts = (Count.SELLERS, Count.CARRIERS, Count.FTE, Count.AWAY, Count.RAMPED, Count.CAPACITY,
              Count.STREET)  # fmt: skip
    width = len(values[0][Count.FTE]) if values else 0
    shape = (len(values), width)
    return tuple(rows), {
        count: np.array([each[count] for each in values]).reshape(shape) for count in counts
    }


def _without_people(content: Content) -> Content:
    units = {u: row for u, row in content.units.items() if row.kind != "rep" or row.number > 0}
    return replace(content, units=units, people=())


def _targets(content: Content, units: list[str], count: int) -> Floats:
    return np.array(
        [[content.amount(Level.OPERATING, unit, m) or 0 for m in range(1, count + 1)]
         for unit in units], np.float64,
    ).reshape(len(units), count)  # fmt: skip


def _expected(found: Basis, months: tuple[Period, ...]) -> dict[str, Expected]:
    """Return the months to come after departures: a month under way counts from tomorrow on."""
    if not found.model.aims or not len(found.model.heads.rep):
        return {}
    bands = simulate(found.model, SEED, paths=PATHS).bands
    result: dict[str, Expected] = {}
    for at_, column in enumerate(bands.first):
        day = found.horizon.start + timedelta(days=int(column))
        month = next((m for m in months if m.start <= day <= m.end), None)
        if month is not None and month.name not in result:
            result[month.name] = Expected(
                float(bands.fte_mean[at_]), float(bands.p10[at_]), float(bands.p50[at_]),
                float(bands.p90[at_]),
            )  # fmt: skip
    return result


def _booked(months: tuple[Period, ...], scope: Scope, at: AsOf) -> tuple[int | None, ...]:
    if at.day < months[0].start:
        return (None,) * len(months)
    found = booked(months[0].start, min(at.day, months[-1].end), scope, at)
    total = found.total([month.name for month in months])
    return tuple(total[m.name] if m.start <= at.day else None for m in months)
