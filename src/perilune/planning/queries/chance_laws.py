"""What a ramped FTE of a plan brings in a year, how reps and years differ, and why so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Grain, Period
from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.planning.contracts import Content, Doubt, Productivity, RampCurve, Rise, Season
from perilune.planning.contracts.tables import Floats
from perilune.planning.engine.ramping import ramp_doubt
from perilune.planning.queries.learning import (
    COMMON_DOUBT,
    TOO_FEW_REPS,
    TOO_FEW_YEARS,
    YEAR_MONTHS,
    RiseLaw,
    Spreads,
    rise_law,
    season_before,
    spreads,
)
from perilune.planning.queries.staff import booked, first_booked, presence_of, staff_units

MOST_YEARS = 4
"""Years of reps that are learnt from."""


@dataclass(frozen=True)
class Basis:
    """What the chances rest on, each learnt, or stated and why (rule 20).

    rate: of all sellers. season: learnt, else the plan's own months stand in its place. rises:
    ramp, and what a change of seat keeps of it. ramp_doubt: of the ramp's length.
    """

    rate: Productivity
    season: Season
    rises: RiseLaw
    ramp_doubt: float
    spreads: Spreads

    @property
    def ramp(self) -> RampCurve:
        """The ramp of sellers from their first day."""
        return self.rises.ramp

    @property
    def rise(self) -> Rise:
        """What people are counted with."""
        return self.rises.rise

    @property
    def doubt(self) -> Doubt:
        """The doubt of what all have in common."""
        return Doubt(self.spreads.doubt, self.ramp_doubt)


@dataclass(frozen=True)
class Laws:
    """What people bring, by team and of all sellers (the law of a team without a past).

    by_segment: what hires for a segment add in it.
    """

    by_team: Mapping[str, Productivity]
    whole: Productivity
    basis: Basis
    by_segment: Mapping[str, Productivity] = field(default_factory=dict)

    def of(self, team: str, segment: str = "") -> Productivity:
        """Return what a ramped FTE of a team brings, or of its hires for a segment."""
        return self.by_segment.get(segment) or self.by_team.get(team, self.whole)


def laws(at: AsOf, scope: Scope, year: Period | None = None) -> Laws:
    """Return what a ramped FTE brings in a year by team, its spread, and what that rests on.

    year: the plan's, for the season; by default the one of the day.
    """
    season = season_before(year or company().calendar.find(at.day, Grain.YEAR), at)
    rises = rise_law(season, at)
    past: list[_Past] = []
    for back in range(MOST_YEARS):
        found = _year_of(at, scope, back, rises.rise)
        if found is None:
            break
        past.append(found)
    if not past:
        raise Invalid(_("The chances need twelve complete months of bookings before the day."))
    now, known = past[0], _spreads(past)
    skill, luck = known.skill, known.luck
    whole = _rate(now.rates, now.there, "", skill, luck)
    teams: dict[str, list[str]] = {}
    for unit, team in now.teams.items():
        teams.setdefault(team, []).append(unit)
    by_team = {
        team: _rate({u: now.rates[u] for u in units}, now.there, team, skill, luck)
        for team, units in teams.items()
        if sum(now.there[u] for u in units) > 0
    }
    return Laws(by_team, whole, Basis(whole, season, rises, ramp_doubt(rises.ramp), known))


@dataclass(frozen=True)
class _Past:
    rates: Mapping[str, float]
    there: Mapping[str, float]
    teams: Mapping[str, str]


def _year_of(at: AsOf, scope: Scope, back: int, rise: Rise) -> _Past | None:
    """Return bookings and ramped FTE-years of each seller in twelve months, `back` years before."""
    calendar = company().calendar
    month = calendar.find(at.day, Grain.MONTH)
    month = month if month.end <= at.day else calendar.shift(month, -1)
    months = [calendar.shift(month, -YEAR_MONTHS * back - by) for by in range(YEAR_MONTHS)][::-1]
    first = first_booked(at)
    if first is None or months[0].start < first:
        return None
    found = booked(months[0].start, months[-1].end, scope, at)
    span = replace(months[0], end=months[-1].end)
    content = Content(units=staff_units(span, (), at))
    there: dict[str, float] = {}
    for name in sorted({calendar.year_of(each.start).name for each in months}):
        year = calendar.year(int(name))
        places = [int(m.name.rpartition("-")[2]) - 1 for m in months if m.start in year]
        for unit, by_month in presence_of(content, year, at, rise).items():
            there[unit] = there.get(unit, 0.0) + sum(by_month[p] for p in places) / YEAR_MONTHS
    rates = {
        row.unit: float(sum(found.by_rep.get(row.number, {}).values()))
        for row in content.units.values()
        if row.kind == "rep"
    }
    teams = {row.unit: row.parent for row in content.units.values() if row.kind == "rep"}
    return _Past(rates, {unit: there.get(unit, 0.0) for unit in rates}, teams)


def _rate(
    booked_: Mapping[str, float], there: Mapping[str, float], name: str, skill: float, luck: float
) -> Productivity:
    years = sum(there[unit] for unit in booked_)
    minor = sum(booked_.values()) / years if years > 0 else 0.0
    return Productivity(name, minor, skill, luck, reps=len(booked_))


def _spreads(past: Sequence[_Past]) -> Spreads:
    """Return how reps and years differ; `past`: the latest twelve months first.

    Where years of reps teach nothing, half of the variance of one year's shares is taken as skill.
    """
    units = sorted({unit for one in past for unit in one.rates})
    years = past[::-1]

    def table(column: str) -> Floats:
        found = [[getattr(one, column).get(unit, 0.0) for one in years] for unit in units]
        return np.array(found, np.float64).reshape(len(units), len(years))

    found = spreads(table("there"), table("rates"))
    if found is not None:
        return found
    now = past[0]
    rates = np.array([now.rates[u] / now.there[u] for u in now.rates if now.there[u] > 0.5])
    why = TOO_FEW_REPS if len(past) > 1 else "fewer than two whole years"
    if len(rates) < 3 or rates.mean() <= 0:
        return Spreads(0.0, 0.3, COMMON_DOUBT, len(rates), len(past), why, TOO_FEW_YEARS)
    each = float(np.sqrt(0.5 * np.var(rates / rates.mean(), ddof=1)))
    return Spreads(each, each, COMMON_DOUBT, len(rates), len(past), why, TOO_FEW_YEARS)
