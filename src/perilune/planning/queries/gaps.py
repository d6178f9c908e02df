"""Plan against actual: attainment, pace and gap of each unit, each against a named level (rule 29).

Bookings count for whoever held the deal when it was won (rule 3). What should be booked by a day is
the season's share of the year; the season is learnt from whole years, else the plan's own months.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.planning.contracts import COMPANY, Level, Pace, PlanView, Season, Source
from perilune.planning.engine.levers import pace
from perilune.planning.queries.closing import Closing, closing
from perilune.planning.queries.learning import season_before
from perilune.planning.queries.staff import booked, first_booked


@dataclass(frozen=True)
class UnitPace:
    """Where one unit stands against one level."""

    unit: str
    level: Level
    pace: Pace


@dataclass(frozen=True)
class MonthPace:
    """One month, all sums from the first day of the year, minor units; unknown: None.

    planned: the first unit's level. actual: None for months that have not begun.
    """

    month: Period
    planned: int | None
    actual: int | None


@dataclass(frozen=True)
class PlanGap:
    """Plan against actual as known at an instant.

    rows: the company's three levels, teams, reps, as far as they are seen. share_due: of the year,
    by now. season: where that comes from. outside: booked by sellers who are not in the plan, None
    where the whole is not seen. months: of the first row. closing: what would close its gap.
    without_rate: deals that have no rate and are in no amount.
    """

    as_of: AsOf
    year: Period
    share_due: float
    season: Season
    rows: tuple[UnitPace, ...]
    months: tuple[MonthPace, ...]
    outside: int | None
    without_rate: int
    closing: Closing | None


def plan_gap(view: PlanView, scope: Scope, at: AsOf) -> PlanGap:
    """Return where a plan stands; Invalid before its year, without targets, or without bookings."""
    year = company().calendar.year(view.head.year)
    if at.day < year.start:
        raise Invalid(_("The year %(year)s has not begun: nothing is booked in it."),
                      year=year.name)  # fmt: skip
    first = first_booked(at)
    if first is None or first > year.start:
        raise Invalid(_("The bookings of %(year)s are not known from its first day on."),
                      year=year.name)  # fmt: skip
    until = min(at.day, year.end)
    found = booked(year.start, until, scope, at)
    actual = _actual(view, found.by_rep)
    season = season_before(year, at)
    rows, share = [], 0.0
    for unit, level in _places(view):
        target = view.content.year(level, unit) or 0
        due = _due(view, season, (unit, level), year, until)
        share = share or due
        rows.append(UnitPace(unit, level, pace(target, sum(actual.get(unit, {}).values()), due)))
    if not rows:
        raise Invalid(_("“%(name)s” has no targets yet."), name=view.head.name)
    lead = rows[0]
    is_company = lead.unit == COMPANY
    in_plan = {row.number for row in view.content.units.values() if row.kind == "rep"}
    others = sum(sum(by.values()) for rep, by in found.by_rep.items() if rep not in in_plan)
    is_open = is_company and until < year.end
    return PlanGap(
        as_of=at,
        year=year,
        share_due=share,
        season=season,
        rows=tuple(rows),
        months=tuple(_months(view, lead, actual.get(lead.unit, {}), until)),
        outside=others if is_company else None,
        without_rate=found.without_rate,
        closing=closing(lead.pace, first, scope, at) if is_open else None,
    )


def _places(view: PlanView) -> list[tuple[str, Level]]:
    """Return what is compared: each unit with its own level, the company with all three."""
    found = []
    for unit, row in view.content.units.items():
        if row.is_apart:
            continue
        levels = (Level.OPERATING, Level.BOARD, Level.STREET) if unit == COMPANY else (row.level,)
        found += [(unit, level) for level in levels if view.content.year(level, unit) is not None]
    return found


def _actual(view: PlanView, by_rep: Mapping[int, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    """Return bookings by unit and month: a team's are its reps', the company's everybody's."""
    content = view.content
    found: dict[str, dict[str, int]] = {}

    def add(unit: str, months: Mapping[str, int]) -> None:
        own = found.setdefault(unit, {})
        for month, minor in months.items():
            own[month] = own.get(month, 0) + minor

    for row in content.units.values():
        if row.kind != "rep":
            continue
        months, unit = by_rep.get(row.number, {}), row.unit
        add(unit, months)
        while (unit := content.units[unit].parent) in content.units and unit != COMPANY:
            add(unit, months)
    for months in by_rep.values():
        add(COMPANY, months)
    return found


def _due(
    view: PlanView, season: Season, place: tuple[str, Level], year: Period, until: date
) -> float:
    """Return the share of a year that is due at the end of a day, a month's evenly on its days."""
    months = company().calendar.months(int(year.name))
    if season.source is Source.LEARNT:
        shares: Sequence[float] = season.share
    else:
        unit, level = place
        minor = [view.content.amount(level, unit, at) or 0 for at in range(1, len(months) + 1)]
        shares = [one / (sum(minor) or 1) for one in minor]
    if until >= year.end:
        return 1.0
    return sum(
        share * min(max((until - month.start).days + 1, 0) / month.days, 1.0)
        for share, month in zip(shares, months, strict=True)
    )


def _months(
    view: PlanView, lead: UnitPace, actual: Mapping[str, int], until: date
) -> list[MonthPace]:
    planned, came, found = 0, 0, []
    for at, month in enumerate(company().calendar.months(view.head.year), 1):
        planned += view.content.amount(lead.level, lead.unit, at) or 0
        came += actual.get(month.name, 0)
        found.append(MonthPace(month, planned, came if month.start <= until else None))
    return found
