"""What the chances of a plan are learnt from: the season, the ramp, the years of reps.

Each piece is the learnt one where there is enough to learn from, else the stated one with the
reason why; the page and the command line say which.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Grain, Period
from perilune.kernel.keeping import Kept as Memory
from perilune.kernel.scope import Scope
from perilune.people.queries import company, reps_as_of
from perilune.planning.contracts import (
    MONTH_DAYS,
    Capacity,
    Change,
    Content,
    Heads,
    Kept,
    Productivity,
    RampCurve,
    Rise,
    Season,
    Source,
)
from perilune.planning.contracts.tables import Floats
from perilune.planning.engine import producing, ramping, seasons
from perilune.planning.engine.capacity_learning import kept, stated_change
from perilune.planning.engine.presence import by_month
from perilune.planning.engine.staffing import capacity
from perilune.planning.queries.seats import changes
from perilune.planning.queries.staff import (
    STATED_RISE,
    booked,
    first_booked,
    heads_of,
    staff_units,
)
from perilune.store import service as store

SEED = 1
MOST_YEARS = 5
YEAR_MONTHS = 12
FEWEST_DOUBTED = 3
"""Years of reps whose level must be known before its steps are learnt: two steps."""
COMMON_DOUBT = 0.08
"""Stated: sd of the logarithm of a year's common productivity; two years teach nothing of it."""
TOO_FEW_YEARS = "fewer than three whole years"
TOO_FEW_REPS = "too few reps"
BEFORE, AFTER = 6, 3
"""Months before and after a change that are compared."""


def season_before(year: Period, at: AsOf) -> Season:
    """Return the company's season of whole years before a fiscal year, or the flat one and why.

    Shares of a year, no amounts: the same for whoever reads.
    """
    first = first_booked(at)
    if first is None:
        return seasons.flat(reason="fewer than two whole years")
    calendar = company().calendar
    months = len(calendar.months(int(year.name)))
    history: list[list[int]] = []
    for back in range(1, MOST_YEARS + 1):
        before = calendar.months(int(year.name) - back)
        if before[-1].end > at.day:
            continue  # of a plan that is made early: that year is not over
        if before[0].start < first or len(before) != months:
            break
        total = booked(before[0].start, before[-1].end, Scope.company(), at)
        history.insert(0, list(total.total([month.name for month in before]).values()))
    amounts = np.array(history, np.float64).reshape(len(history), months)
    return seasons.learnt(amounts, np.random.default_rng(SEED))


@dataclass(frozen=True)
class Spreads:
    """How reps and years differ. skill, luck: see `Productivity`. doubt: of the common level.

    spread_why, doubt_why: why they are stated, empty where learnt. reps, years: looked at.
    """

    skill: float
    luck: float
    doubt: float
    reps: int
    years: int
    spread_why: str = ""
    doubt_why: str = ""


def spreads(exposure: Floats, output: Floats) -> Spreads | None:
    """Return what (R, Y) ramped FTE-years and bookings teach; None where they teach no spread.

    The spread of reps needs five of them and two years; the doubt of the level two steps of it.
    """
    found = producing.learnt("", exposure, output) if exposure.shape[1] > 1 else None
    if found is None:
        return None
    law, doubt = found
    years = int((exposure.sum(axis=0) > 0).sum())
    known = years >= FEWEST_DOUBTED
    return Spreads(
        law.spread, law.luck, doubt if known else COMMON_DOUBT, law.reps, years,
        doubt_why="" if known else TOO_FEW_YEARS,
    )  # fmt: skip


@dataclass(frozen=True)
class RiseLaw:
    """How sellers come up to full productivity, each piece learnt, or stated and why.

    ramp: from their first day, as cohorts had it. changes: what a change of each sort keeps.
    """

    ramp: RampCurve
    changes: Mapping[Change, Kept]

    @property
    def rise(self) -> Rise:
        """What people are counted with: a learnt change is the mean of a quarter."""
        return Rise(self.ramp, {change: self._at_once(law) for change, law in self.changes.items()})

    def _at_once(self, law: Kept) -> float:
        if law.source is Source.LEARNT:
            return ramping.kept_at_once(self.ramp.share, law.share)
        return law.share


_rise_laws: Memory[RiseLaw] = Memory(32)


def rise_at(at: AsOf, year: Period | None = None) -> Rise:
    """Return what people of a fiscal year are counted with, by default of that of the day.

    The one law of ramps: chances, capacity, fairness, quotas and departures read it here.
    """
    season = season_before(year or company().calendar.find(at.day, Grain.YEAR), at)
    return rise_law(season, at).rise


def way_back(at: AsOf) -> tuple[int, float, bool]:
    """Return (days until full again, share missing at first, is learnt) of a change of seat."""
    season = season_before(company().calendar.find(at.day, Grain.YEAR), at)
    found = rise_law(season, at)
    days, missing = ramping.way_back(found.ramp.share, found.rise.after(Change.SEAT))
    return days, missing, found.changes[Change.SEAT].source is Source.LEARNT


def rise_law(season: Season, at: AsOf) -> RiseLaw:
    """Return the ramp of sellers and what changes keep of it, as known at an instant.

    Of the whole company, shares without amounts: the same for whoever reads.
    """
    key = (store.current().path, store.refresh(), season.share, at.at)
    return _rise_laws.get(key, lambda: _rise_law(season, at))


def _rise_law(season: Season, at: AsOf) -> RiseLaw:
    stated = STATED_RISE.curve.share
    past = _months_behind(season, at)
    if past is None:
        nothing = {change: stated_change() for change in Change}
        return RiseLaw(ramping.stated("", stated, TOO_FEW_REPS), nothing)
    drawn = np.random.default_rng(SEED)
    curve = ramping.learnt("", _tenures(past, at), drawn, otherwise=stated)
    return RiseLaw(curve, _changes(past, curve, at))


@dataclass(frozen=True)
class _Behind:
    """Complete months behind: R sellers, M months. fte: means. output: minor units less season."""

    months: list[Period]
    heads: Heads
    fte: Floats
    output: Floats


def _months_behind(season: Season, at: AsOf) -> _Behind | None:
    """Return what sellers brought by month, less the season; None under twelve months."""
    calendar, first = company().calendar, first_booked(at)
    months = [] if first is None else calendar.between(first, at.day, Grain.MONTH)
    months = [month for month in months if month.end <= at.day]
    if len(months) < YEAR_MONTHS:
        return None
    span = replace(months[0], end=months[-1].end)
    staff = Content(units=staff_units(span, (), at))
    heads, ramps = heads_of(staff, span, at, STATED_RISE)
    spans = [(month.start, month.end) for month in months]
    fte = by_month(_capacity(heads, ramps).fte, span.start, spans)
    came = booked(span.start, span.end, Scope.company(), at).by_rep
    raw = np.array(
        [[float(came.get(rep, {}).get(m.name, 0)) for m in months] for rep in heads.rep.tolist()]
    ).reshape(len(heads.rep), len(months))
    even, last = 1 / len(season.share), len(season.share)
    place = [min(int(month.name.rpartition("-")[2]), last) - 1 for month in months]
    usual = np.maximum(np.array(season.share)[place] / even, 0.05)
    return _Behind(months, heads, fte, raw / usual)


def _capacity(heads: Heads, ramps: Sequence[RampCurve]) -> Capacity:
    return capacity(heads, ramps, [Productivity("", 0.0)] * len(heads.rep), np.zeros(heads.days))


def _tenures(past: _Behind, at: AsOf) -> ramping.Tenures:
    """Return what sellers brought by month of tenure, per FTE and less the season."""
    known, rows = reps_as_of(at), []
    for row, rep in enumerate(past.heads.rep.tolist()):
        hired, left = (known.get(rep, {}).get(name) for name in ("hire_date", "leave_date"))
        if hired is None:
            continue
        for column, month in enumerate(past.months):
            fte = float(past.fte[row, column])
            middle = month.start + timedelta(days=month.days // 2)
            if fte < 0.5 or middle < hired:
                continue
            age = int((middle - hired).days / MONTH_DAYS)
            output = float(past.output[row, column]) / fte
            rows.append((rep, age, output, left is None or left > at.day))
    return ramping.Tenures(
        np.array([row[0] for row in rows], np.int64),
        np.array([row[1] for row in rows], np.int64),
        np.array([row[2] for row in rows], np.float64),
        np.array([row[3] for row in rows], np.bool_),
    )


def _changes(past: _Behind, curve: RampCurve, at: AsOf) -> dict[Change, Kept]:
    """Return what each sort of change keeps: the quarter after beside the half year before.

    Both per FTE ramped by tenure alone, so that what a change costs is not taken off twice.
    """
    spans = [(month.start, month.end) for month in past.months]
    first = past.heads.first_day
    ramped = by_month(_capacity(past.heads, (curve,)).ramped, first, spans)
    row_of = {rep: row for row, rep in enumerate(past.heads.rep.tolist())}
    seen: dict[Change, list[tuple[float, float]]] = {change: [] for change in Change}
    for rep, day, change in changes(at):
        column = next((i for i, m in enumerate(past.months) if m.start <= day <= m.end), None)
        if column is None or rep not in row_of or column < BEFORE:
            continue
        if column + AFTER >= len(past.months):
            continue
        row = row_of[rep]
        old, new = slice(column - BEFORE, column), slice(column + 1, column + 1 + AFTER)
        time = ramped[row, old].sum(), ramped[row, new].sum()
        if time[0] < BEFORE / 2 or time[1] < AFTER / 2:
            continue
        output = past.output[row, old].sum(), past.output[row, new].sum()
        seen[change].append((float(output[0] / time[0]), float(output[1] / time[1])))
    found = {}
    for change, pairs in seen.items():
        before, after = np.array(pairs).reshape(len(pairs), 2).T
        found[change] = kept(before, after, np.random.default_rng(SEED))
    return found
