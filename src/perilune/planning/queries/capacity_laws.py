"""What a plan's capacity rests on: ramps, who leaves, bookings per FTE, what a rep holds.

Every law says how many people it was learnt from, and why nothing is claimed where it claims
nothing. People appear in groups only (rule 25).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Grain, Period
from perilune.kernel.keeping import Kept as Memory
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.planning.contracts import (
    COMPANY,
    DEFAULT_RAMP_DAYS,
    SMALLEST_GROUP,
    Change,
    Content,
    PlanHead,
    Productivity,
    RampCurve,
    Rise,
    Source,
)
from perilune.planning.contracts.tables import Floats, Ids
from perilune.planning.engine import producing
from perilune.planning.engine.ramping import ramp_days
from perilune.planning.engine.staffing import capacity
from perilune.planning.queries.capacity_groups import Leavers, changes_by_month, leavers, others
from perilune.planning.queries.capacity_returns import Returns, returns_choice, returns_of
from perilune.planning.queries.learning import RiseLaw, rise_law, season_before
from perilune.planning.queries.seats import changes, told
from perilune.planning.queries.staff import Booked, booked, first_booked, heads_of, staff_units
from perilune.planning.queries.stays import Leaving, leaving
from perilune.store import queries as store
from perilune.store import service as store_service

YEAR_MONTHS = 12

_kept: Memory[Laws] = Memory(4)


@dataclass(frozen=True)
class UnitRate:
    """Bookings per ramped FTE of a team or segment in the twelve months before, minor units.

    years: ramped FTE-years that brought them. low, high: the tenth and ninetieth rep of ten, None
    under five reps. law: skill, luck and level apart, None where nothing is claimed. teams: of a
    segment, whose sellers spent how much of `years` in it, the most first.
    """

    unit: str
    minor: float | None
    booked: int
    years: float
    reps: int
    low: float | None = None
    high: float | None = None
    law: Productivity | None = None
    teams: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Laws:
    """What capacity rests on, as known at an instant.

    rises: the ramp of sellers and what changes keep of it, learnt or stated: what the plan counts
    with. restarted: its sellers for whom that begins again in its year, by sort of change; told:
    the sorts that records tell. roles: people of each selling role who bring no bookings of their
    own, from which no ramp is learnt. changes: (first day, people by sort) of those of the last two
    years by month. first: of the months looked at.
    """

    as_of: AsOf
    first: date | None
    rises: RiseLaw
    restarted: Mapping[Change, int]
    told: frozenset[Change]
    roles: tuple[tuple[str, int], ...]
    leaving: Leaving
    groups: tuple[Leavers, ...]
    teams: tuple[UnitRate, ...]
    segments: tuple[UnitRate, ...]
    returns: Returns
    changes: tuple[tuple[date, Mapping[Change, int]], ...]

    @property
    def ramp_days(self) -> int:
        """Days of the even ramp that loses as much as the learnt curve; the plan's without one."""
        return round(ramp_days(self.ramp.share)) if self.is_learnt else DEFAULT_RAMP_DAYS

    @property
    def ramp(self) -> RampCurve:
        """The ramp of sellers from their first day."""
        return self.rises.ramp

    @property
    def is_learnt(self) -> bool:
        """Whether the ramp was learnt."""
        return self.ramp.source is Source.LEARNT


def laws(head: PlanHead, content: Content, scope: Scope, at: AsOf) -> Laws:
    """Return what the capacity of a plan rests on, as known at an instant."""
    stamp = store_service.stamp()
    teams = tuple(dict.fromkeys(row.parent for row in content.units.values() if row.kind == "rep"))
    sellers = tuple(row.number for row in content.units.values() if row.kind == "rep")
    key = (head.id, head.year, teams, sellers, at.at, scope.digest(), stamp, returns_choice())
    year = company().calendar.year(head.year)
    return _kept.get(key, lambda: _laws(year, teams, sellers, scope, at))


def _laws(
    year: Period, teams: tuple[str, ...], sellers: tuple[int, ...], scope: Scope, at: AsOf
) -> Laws:
    rises = rise_law(season_before(year, at), at)
    left = leaving(at, teams)
    past = _past(rises.rise, scope, at)
    found = Laws(
        as_of=at,
        first=past.months[0].start if past else None,
        rises=rises,
        restarted=Counter(
            change for rep, day, change in changes(at) if rep in sellers and day in year
        ),
        told=told(at),
        roles=others(at),
        leaving=left,
        groups=tuple(leavers(law) for law in left.by_team),
        teams=(),
        segments=(),
        returns=Returns(returns_choice()),
        changes=changes_by_month(at),
    )
    if past is None:
        return found
    teams_ = _by_team(past)
    return replace(
        found,
        teams=teams_,
        segments=_by_segment(past, teams_[0].law, scope, at),
        returns=returns_of(
            past.reps,
            past.ramped[:, -YEAR_MONTHS:].sum(axis=1) / YEAR_MONTHS,
            past.raw[:, -YEAR_MONTHS:].sum(axis=1),
            past.fte[:, -1] > 0,
            scope,
            at,
        ),
    )


# -- the months behind -----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Past:
    """Complete months behind: R sellers, M months. raw: (R, M) minor units booked."""

    months: list[Period]
    reps: Ids
    teams: list[str | None]
    fte: Floats
    ramped: Floats
    raw: Floats


def _past(rise: Rise, scope: Scope, at: AsOf) -> _Past | None:
    calendar, first = company().calendar, first_booked(at)
    if first is None:
        return None
    months = [m for m in calendar.between(first, at.day, Grain.MONTH) if m.end <= at.day]
    if len(months) < YEAR_MONTHS:
        return None
    span = replace(months[0], end=months[-1].end)
    staff = Content(units=staff_units(span, (), at))
    rows = [row for row in staff.units.values() if row.kind == "rep"]
    heads, ramps = heads_of(staff, span, at, rise)
    # a rep counts in the team of the last twelve months, as in the plan's chances
    year = staff_units(replace(months[-YEAR_MONTHS], end=months[-1].end), (), at)
    seats = {unit: row.parent for unit, row in year.items() if row.kind == "rep"}
    plain = [Productivity("", 0.0)] * len(rows)
    there = capacity(heads, ramps, plain, np.zeros(span.days))
    spans = [slice((m.start - span.start).days, (m.end - span.start).days + 1) for m in months]
    fte, ramped = (
        np.stack([values[:, cut].mean(axis=1) for cut in spans], axis=1)
        for values in (there.fte, there.ramped)
    )
    came = booked(span.start, span.end, scope, at)
    raw = _table(came, [row.number for row in rows], months)
    return _Past(months, heads.rep, [seats.get(row.unit) for row in rows], fte, ramped, raw)


def _table(came: Booked, reps: list[int], months: list[Period]) -> Floats:
    return np.array(
        [[float(came.by_rep.get(rep, {}).get(m.name, 0)) for m in months] for rep in reps]
    ).reshape(len(reps), len(months))


# -- bookings per FTE ------------------------------------------------------------------------------


def _by_team(past: _Past) -> tuple[UnitRate, ...]:
    """Return the rate of all sellers and of each team in the last twelve months."""
    found = []
    for team in dict.fromkeys(team for team in past.teams if team is not None):
        rows = np.array([own == team for own in past.teams])
        found.append(_rate(team, past.raw[rows], past.ramped[rows]))
    whole = _rate(COMPANY, past.raw, past.ramped)
    return (whole, *(one for one in found if one.years > 0))


def _rate(unit: str, raw: Floats, ramped: Floats) -> UnitRate:
    last = slice(-YEAR_MONTHS, None)
    brought, years = raw[:, last].sum(axis=1), ramped[:, last].sum(axis=1) / YEAR_MONTHS
    there = years >= 0.5
    total = float(years.sum())
    low = high = None
    if int(there.sum()) >= SMALLEST_GROUP:
        low, high = (float(v) for v in np.percentile(brought[there] / years[there], (10, 90)))
    whole = raw.shape[1] // YEAR_MONTHS
    cut = whole * YEAR_MONTHS
    yearly_out = raw[:, -cut:].reshape(len(raw), whole, YEAR_MONTHS).sum(axis=2)
    yearly_in = ramped[:, -cut:].reshape(len(raw), whole, YEAR_MONTHS).sum(axis=2) / YEAR_MONTHS
    law = producing.learnt(unit, yearly_in, yearly_out) if len(raw) else None
    return UnitRate(
        unit, float(brought.sum()) / total if total > 0 else None, round(float(brought.sum())),
        total, int((years > 0).sum()), low, high, law[0] if law else None,
    )  # fmt: skip


def _by_segment(
    past: _Past, whole: Productivity | None, scope: Scope, at: AsOf
) -> tuple[UnitRate, ...]:
    """Return each segment's rate: a seller's year is shared out by the deals closed in each."""
    window = past.months[-YEAR_MONTHS:]
    params = {"starts": window[0].start, "ends": window[-1].end}
    result = store.run("planning.closed_by_segment", params, scope=scope, as_of=at)
    years = dict(zip(past.reps.tolist(), past.ramped[:, -YEAR_MONTHS:].sum(axis=1) / YEAR_MONTHS,
                     strict=True))  # fmt: skip
    closed: dict[int, float] = {}
    lines = list(result.dicts())
    for row in lines:
        closed[row["rep_id"]] = closed.get(row["rep_id"], 0.0) + float(row["closed"])
    by_segment: dict[str, list[tuple[float, float]]] = {}
    by_team: dict[str, dict[str, float]] = {}
    team_of = dict(zip(past.reps.tolist(), past.teams, strict=True))
    for row in lines:
        rep = row["rep_id"]
        share = float(row["closed"]) / closed[rep] if closed[rep] else 0.0
        time = share * float(years.get(rep, 0.0))
        by_segment.setdefault(row["segment"], []).append((time, float(row["booked"])))
        team = team_of.get(rep)
        if team is not None and time > 0:
            spent_by = by_team.setdefault(row["segment"], {})
            spent_by[team] = spent_by.get(team, 0.0) + time
    found = []
    for segment, pairs in sorted(by_segment.items()):
        table = np.array(pairs)
        spent, earned = table[:, 0], table[:, 1]
        total, there = float(spent.sum()), spent >= 0.1
        low = high = None
        if int(there.sum()) >= SMALLEST_GROUP:
            low, high = (float(v) for v in np.percentile(earned[there] / spent[there], (10, 90)))
        teams = sorted(by_team.get(segment, {}).items(), key=lambda pair: (-pair[1], pair[0]))
        law = producing.beside(whole, segment, spent, earned) if whole else None
        found.append(
            UnitRate(segment, float(earned.sum()) / total if total > 0 else None,
                     round(float(earned.sum())), total, int((spent > 0).sum()), low, high, law,
                     tuple(teams))
        )  # fmt: skip
    return tuple(found)
