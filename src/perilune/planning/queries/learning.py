"""What the chances of a plan are learnt from: the season, the ramp, the years of reps.

Each piece is the learnt one where there is enough to learn from, else the stated one with the
reason why; the page and the command line say which.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Grain, Period
from perilune.kernel.keeping import Kept
from perilune.kernel.scope import Scope
from perilune.people.queries import company, reps_as_of
from perilune.planning.contracts import (
    DEFAULT_RAMP_DAYS,
    MONTH_DAYS,
    Content,
    Productivity,
    RampCurve,
    Season,
    Source,
)
from perilune.planning.contracts.tables import Floats
from perilune.planning.engine import producing, ramping, seasons
from perilune.planning.engine.presence import linear_ramp
from perilune.planning.engine.staffing import capacity
from perilune.planning.queries.staff import booked, first_booked, heads_of, staff_units
from perilune.store import service as store

SEED = 1
MOST_YEARS = 5
YEAR_MONTHS = 12
FEWEST_DOUBTED = 3
"""Years of reps whose level must be known before its steps are learnt: two steps."""
RAMP_DOUBT = 0.15
"""Stated: sd of the logarithm of the length of a ramp that was not learnt."""
COMMON_DOUBT = 0.08
"""Stated: sd of the logarithm of a year's common productivity; two years teach nothing of it."""
TOO_FEW_YEARS = "fewer than three whole years"
TOO_FEW_REPS = "too few reps"
Z80 = 1.2816


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


_ramps: Kept[RampCurve] = Kept(32)


def ramp_of(season: Season, scope: Scope, at: AsOf) -> RampCurve:
    """Return the ramp of sellers as cohorts had it by an instant, else the stated one and why."""
    key = (store.current().path, store.refresh(), season.share, scope.digest(), at.at)
    return _ramps.get(key, lambda: _ramp(season, scope, at))


def _ramp(season: Season, scope: Scope, at: AsOf) -> RampCurve:
    stated = linear_ramp("", DEFAULT_RAMP_DAYS).share
    tenures = _tenures(season, scope, at)
    if tenures is None:
        return ramping.stated("", stated, TOO_FEW_REPS)
    return ramping.learnt("", tenures, np.random.default_rng(SEED), otherwise=stated)


def ramp_doubt(curve: RampCurve) -> float:
    """Return the sd of the logarithm of a ramp's length: from its interval, else the stated."""
    if curve.source is not Source.LEARNT:
        return RAMP_DOUBT
    slow, quick = (max(ramp_days(share), MONTH_DAYS) for share in (curve.low, curve.high))
    return float(np.clip(np.log(slow / quick) / (2 * Z80), 0.0, 0.5))


def ramp_days(share: tuple[float, ...]) -> float:
    """Return the days of the even ramp that loses as much as a curve does."""
    return 2 * sum(1 - value for value in share) * MONTH_DAYS


def _tenures(season: Season, scope: Scope, at: AsOf) -> ramping.Tenures | None:
    """Return what sellers brought by month of tenure, per FTE and less the season."""
    calendar, first = company().calendar, first_booked(at)
    months = [] if first is None else calendar.between(first, at.day, Grain.MONTH)
    months = [month for month in months if month.end <= at.day]
    if len(months) < YEAR_MONTHS:
        return None
    span = replace(months[0], end=months[-1].end)
    staff = Content(units=staff_units(span, (), at))
    heads, ramps = heads_of(staff, span, at)
    plain = [Productivity("", 0.0)] * len(heads.rep)
    there = capacity(heads, ramps, plain, np.zeros(span.days)).fte
    came = booked(span.start, span.end, scope, at).by_rep
    even, known, rows = 1 / len(season.share), reps_as_of(at), []
    for row, rep in enumerate(heads.rep.tolist()):
        hired, left = (known.get(rep, {}).get(name) for name in ("hire_date", "leave_date"))
        if hired is None:
            continue
        for month in months:
            begin = (month.start - span.start).days
            fte = float(there[row, begin : begin + month.days].mean())
            middle = month.start + timedelta(days=month.days // 2)
            if fte < 0.5 or middle < hired:
                continue
            place = min(int(month.name.rpartition("-")[2]), len(season.share)) - 1
            usual = max(season.share[place] / even, 0.05)
            output = came.get(rep, {}).get(month.name, 0) / fte / usual
            age = int((middle - hired).days / MONTH_DAYS)
            rows.append((rep, age, output, left is None or left > at.day))
    return ramping.Tenures(
        np.array([row[0] for row in rows], np.int64),
        np.array([row[1] for row in rows], np.int64),
        np.array([row[2] for row in rows], np.float64),
        np.array([row[3] for row in rows], np.bool_),
    )
