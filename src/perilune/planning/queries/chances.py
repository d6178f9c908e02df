"""The chance to reach a plan: its inputs as known at an instant, the simulation, the track record.

People from the plan and the organisation, bookings of the twelve months before per ramped FTE and
year, attrition by team, of all sellers where a team is too small (rule 25).
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Grain, Period
from perilune.kernel.errors import Invalid
from perilune.kernel.keeping import Kept
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.ranges import Range
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.planning.contracts import (
    COMPANY,
    Aim,
    Content,
    Effect,
    Hire,
    Level,
    PlanHead,
    PlanModel,
    Productivity,
    Season,
    Simulation,
    Source,
)
from perilune.planning.contracts.tables import Floats, Ids
from perilune.planning.engine.capacity_rows import apart
from perilune.planning.engine.driving import effects
from perilune.planning.engine.simulating import simulate
from perilune.planning.engine.stored_plans import content_digest
from perilune.planning.queries.chance_laws import Basis, Laws
from perilune.planning.queries.chance_laws import laws as laws_of
from perilune.planning.queries.hiring_segments import planned_segments, segment_laws
from perilune.planning.queries.staff import (
    Booked,
    booked,
    first_booked,
    heads_of,
    staff_units,
)
from perilune.planning.queries.stays import Leaving, leaving
from perilune.planning.queries.track_record import said
from perilune.store import service as store

SEED, PATHS, TRACK_PATHS = 1, 4_000, 1_000
YEAR_MONTHS = 12
LEAST_ORIGINS = 4
"""Past years under which no track record is claimed (rule 20)."""
MOST_ORIGINS = 6


Seat = tuple[str, str]
"""A team, and the segment that its hires are to work; empty: what the team works."""
_kept: Kept[Chances] = Kept(8)


@dataclass(frozen=True)
class Origin:
    """One past year: what the same method said at its start, and what came."""

    start: date
    said: Range
    actual: int

    @property
    def is_inside(self) -> bool:
        """Whether what came lay between p10 and p90."""
        return self.said.p10 <= self.actual <= self.said.p90


@dataclass(frozen=True)
class Chances:
    """The answer: odds by target, capacity band, what matters most, and how it did before.

    aims: (level, unit, period name) of each of the odds. first: the first day of the horizon.
    units: of which team and for which segment each `productivity` is.
    leaving: who leaves, of all sellers and by team. origins: past years, the oldest first.
    share_to_come: of a year's bookings that its months leave for the days of the year to come.
    basis: what they were learnt from. hires: (days of ramp typed, people) of the planned hires who
    sell, None for those who ramp as learnt or assumed.
    """

    as_of: AsOf
    first: date
    aims: tuple[tuple[Level, str, str], ...]
    simulation: Simulation
    effects: tuple[Effect, ...]
    productivity: tuple[Productivity, ...]
    units: tuple[Seat, ...]
    leaving: Leaving
    origins: tuple[Origin, ...]
    share_to_come: float
    basis: Basis
    hires: tuple[tuple[int | None, int], ...] = ()

    @property
    def has_track(self) -> bool:
        """Whether there are enough past years for a claim."""
        return len(self.origins) >= LEAST_ORIGINS


def chances(head: PlanHead, content: Content, scope: Scope, at: AsOf) -> Chances:
    """Return the chance of each target of a plan, from what was known at an instant.

    Invalid where the plan has no targets, its year is over, or a year of bookings is missing.
    """
    stamp = store.stamp()
    key = (head.id, head.edition, content_digest(content), at.at, scope.digest(), stamp)
    return _kept.get(key, lambda: _chances(head, content, scope, at))


def _chances(head: PlanHead, content: Content, scope: Scope, at: AsOf) -> Chances:
    calendar = company().calendar
    year = calendar.year(head.year)
    if at.day >= year.end:
        raise Invalid(_("The year %(year)s is over: what it brought is known."), year=year.name)
    if content.year(Level.OPERATING, COMPANY) is None:
        raise Invalid(_("“%(name)s” has no targets yet."), name=head.name)
    law = laws_of(at, scope, year)
    by_segment = segment_laws(head, content, scope, at, law.whole)
    horizon = replace(year, start=at.day + timedelta(days=1))
    begun = booked(year.start, at.day, scope, at) if at.day >= year.start else Booked({}, 0)
    left = leaving(at, teams_of(content))
    law = replace(law, by_segment=by_segment)
    model, aims, _origins = model_of(content, (year, horizon), law, begun, left, at)
    return Chances(
        as_of=at,
        first=horizon.start,
        aims=aims,
        simulation=simulate(model, SEED, paths=PATHS),
        effects=effects(model, SEED, aim=0, paths=TRACK_PATHS),
        productivity=model.productivity,
        units=units_of(content, by_segment),
        leaving=left,
        origins=tuple(track(scope, at)),
        share_to_come=float(model.season[model.aims[0].first : model.aims[0].last + 1].sum()),
        basis=law.basis,
        hires=_hires(content),
    )


def _hires(content: Content) -> tuple[tuple[int | None, int], ...]:
    """Return the days of ramp typed for planned sellers, None first, and how many have each."""
    found: dict[int | None, int] = {}
    for item in content.people:
        edit = item.edit
        if isinstance(edit, Hire) and f"rep:{-item.id}" in content.units:
            found[edit.ramp_days] = found.get(edit.ramp_days, 0) + edit.heads
    return tuple(sorted(found.items(), key=lambda pair: -1 if pair[0] is None else pair[0]))


def track(scope: Scope, at: AsOf) -> list[Origin]:
    """Return what the method said at past quarter starts of the four quarters that followed."""
    here = company()
    calendar, first = here.calendar, first_booked(at)
    found: list[Origin] = []
    quarter = calendar.find(at.day, Grain.QUARTER)
    while first is not None and len(found) < MOST_ORIGINS:
        quarter = calendar.shift(quarter, -1)
        last = calendar.shift(quarter, 3)
        if last.end > at.day:
            continue
        eve = AsOf.end_of(quarter.start - timedelta(days=1), here.zone)
        if calendar.shift(quarter, -4).start < first:
            break
        span = replace(quarter, end=last.end)
        found.insert(0, _origin(span, scope, eve, at))
    return found


def _origin(span: Period, scope: Scope, eve: AsOf, at: AsOf) -> Origin:
    told = said(span, scope, eve, lambda: _said(span, scope, eve))
    came = booked(span.start, span.end, scope, at)
    return Origin(span.start, told, sum(sum(by.values()) for by in came.by_rep.values()))


def _said(span: Period, scope: Scope, eve: AsOf) -> Range:
    laws = laws_of(eve, scope)
    content = Content(units=staff_units(span, (), eve))
    heads, ramps = heads_of(content, span, eve, laws.basis.rise)
    model = PlanModel(
        heads=replace(heads, unit=np.zeros(len(heads.rep), np.int64)),
        ramps=ramps,
        attrition=(leaving(eve).whole,),
        productivity=(laws.whole,),
        season=np.full(span.days, 1 / span.days),
        aims=(Aim("", (0,), 0, span.days - 1, 1),),
        doubt=laws.basis.doubt,
    )
    return simulate(model, SEED, paths=TRACK_PATHS).odds[0].reached


def teams_of(content: Content) -> list[str]:
    """Return the units that hold reps, in the plan's order."""
    return list(dict.fromkeys(row.parent for row in content.units.values() if row.kind == "rep"))


def units_of(content: Content, by_segment: Container[str]) -> tuple[Seat, ...]:
    """Return the units that bring differently: each team, then its hires for a segment.

    by_segment: the segments of which something is known.
    """
    teams = [(team, "") for team in teams_of(content)]
    seats = seats_of(content, by_segment)
    return tuple(dict.fromkeys([*teams, *seats.values()]))


def seats_of(content: Content, by_segment: Container[str]) -> dict[str, Seat]:
    """Return the team of each rep of a plan, and for which segment a hire brings; empty: none."""
    hired = planned_segments(content)
    found: dict[str, Seat] = {}
    for row in content.units.values():
        if row.kind == "rep":
            segment = hired.get(row.number, "")
            found[row.unit] = (row.parent, segment if segment in by_segment else "")
    return found


def model_of(  # noqa: PLR0917 - what is known, one thing each
    content: Content,
    spans: tuple[Period, Period],
    law: Laws,
    begun: Booked,
    left: Leaving,
    at: AsOf,
) -> tuple[PlanModel, tuple[tuple[Level, str, str], ...], Ids]:
    """Return the model, whose each aim is which, and the plan's rep of each row of the heads.

    A line of several planned people is as many rows: they come and leave one by one.
    """
    year, horizon = spans
    heads, ramps = heads_of(content, horizon, at, law.basis.rise)
    reps = [row for row in content.units.values() if row.kind == "rep"]
    teams = teams_of(content)
    place = {team: at_ for at_, team in enumerate(teams)}
    seat = np.array([place[row.parent] for row in reps], np.int64)
    units = units_of(content, law.by_segment)
    seats = seats_of(content, law.by_segment)
    unit = np.array([units.index(seats[row.unit]) for row in reps], np.int64)
    heads, origin = apart(replace(heads, unit=unit, group=seat))
    paid = {row.unit: sum(begun.by_rep.get(row.number, {}).values()) for row in reps}
    of_team = {team: sum(paid[row.unit] for row in reps if row.parent == team) for team in teams}
    total = sum(sum(by.values()) for by in begun.by_rep.values())
    named, aims = [], []
    first = max((year.start - horizon.start).days, 0)
    last = horizon.days - 1
    for level in (Level.OPERATING, Level.BOARD, Level.STREET):
        minor = content.year(level, COMPANY)
        if minor:
            named.append((level, COMPANY, year.name))
            aims.append(Aim(level.value, tuple(range(len(units))), first, last, minor, total))
    for team in teams:
        minor = content.year(Level.OPERATING, team)
        if minor and team != COMPANY:
            named.append((Level.OPERATING, team, year.name))
            own = tuple(at_ for at_, each in enumerate(units) if each[0] == team)
            aims.append(Aim(team, own, first, last, minor, of_team[team]))
    model = PlanModel(
        heads=heads,
        ramps=ramps,
        attrition=left.by_team,
        productivity=tuple(law.of(*each) for each in units),
        season=season_shares(content, horizon, law.basis.season),
        aims=tuple(aims),
        doubt=law.basis.doubt,
    )
    return model, tuple(named), origin


def season_shares(content: Content, horizon: Period, season: Season | None = None) -> Floats:
    """Return the share of a year of each day: its month's share over the days of the month.

    season: the learnt one; without it, or where it is not learnt, the plan's own months.
    """
    calendar = company().calendar
    is_learnt = season is not None and season.source is Source.LEARNT
    months = season.share if season is not None and is_learnt else content.season
    shares = np.zeros(horizon.days)
    for month in calendar.between(horizon.start, horizon.end, Grain.MONTH):
        at = int(month.name.rpartition("-")[2]) - 1
        share = months[min(at, len(months) - 1)] if months else 1 / YEAR_MONTHS
        begin = max((month.start - horizon.start).days, 0)
        end = (month.end - horizon.start).days + 1
        shares[begin : min(end, horizon.days)] = share / month.days
    return shares


def months_of(found: Chances) -> Sequence[date]:
    """Return the first day of each month of the capacity band."""
    return [found.first + timedelta(days=int(at)) for at in found.simulation.bands.first]


__all__ = ["Chances", "Origin", "chances", "months_of", "track"]
