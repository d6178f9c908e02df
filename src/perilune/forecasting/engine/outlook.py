"""The range of one unit: won to date plus what the rest of the period will bring."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from perilune.forecasting.contracts import (
    NONE_BELOW,
    THIN_BELOW,
    Backtest,
    ForecastRow,
    MemberRow,
    Note,
    Point,
    Status,
)
from perilune.forecasting.engine.backtest import Trial, score
from perilune.forecasting.engine.history import History, Wins, history_of
from perilune.forecasting.engine.members import (
    COMBINATION,
    FIVE_QUARTERS,
    MEMBERS,
    NAIVE,
    Ask,
    ask_all,
)
from perilune.forecasting.engine.spread import quantile
from perilune.forecasting.engine.windows import Calendar, Floats, Target, knowledge_days
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.ranges import Range

SEASON_UNKNOWN = _(
    "The season of the year is unknown: there are fewer than five quarters of history."
)
THIN = _(
    "Thin history: %(points)s past origins, separate windows: %(windows)s. "
    "The range is widened for it."
)
NO_HISTORY = _(
    "Past origins: %(points)s. That is too few to say how wrong this forecast usually is, "
    "so no range is shown."
)
PARTLY_BEFORE = _("The period began before the first day of data: what was won then is unknown.")
NOT_STARTED = _("The period has not begun yet.")
BEFORE_DATA = _("The period ended before the first day of data.")


@dataclass(frozen=True)
class Unit:
    """Who is forecast. start: first day number on which the unit existed, 0 at the earliest."""

    number: int
    name: str
    label: str
    id: int | None = None
    start: int = 0


def forecast(wins: Wins, unit: Unit, target: Target, calendar: Calendar) -> ForecastRow:
    """Return the forecast of a unit whose wins (already its own) are given.

    Pure: the same arrays give the same digits. See docs/methods/forecast-range.md.
    """
    if target.end < 0:
        return _row(unit, None, None, Status.UNKNOWN, (Note(BEFORE_DATA),))
    days = knowledge_days(target, unit.start)
    if days[-1] < 0:
        return _row(unit, None, None, Status.NO_HISTORY, (Note(NO_HISTORY, {"points": 0}),))
    history = history_of(wins, days, unit.start)
    won = won_to_date(history, target)
    if target.length == 0:
        notes = (Note(PARTLY_BEFORE),) if target.start < 0 else ()
        return _row(unit, won, Range(won, won, won, won), Status.FINISHED, notes)
    return _running(unit, history, target, calendar, won)


def won_to_date(history: History, target: Target) -> float:
    """Return what was won from the first day of the period to the as-of, as known at the as-of."""
    first, last = max(target.start, 0), min(target.end, target.as_of)
    return float(history.daily[-1, first : last + 1].sum()) if first <= last else 0.0


def _running(
    unit: Unit, history: History, target: Target, calendar: Calendar, won: float
) -> ForecastRow:
    said = ask_all(Ask(history, calendar, target.lead, target.length))
    came = history.outcomes(target.lead, target.length)
    trials = {name: Trial(history, target, point, came) for name, point in said.items()}
    points = trials[COMBINATION].points()
    members = _members(said, trials, points, target)
    backtest = members[0].backtest
    span = _range(trials[COMBINATION], won)
    status = _status(backtest.points, span)
    return _row(
        unit,
        won,
        span if status is not Status.NO_HISTORY else None,
        status,
        _notes(status, backtest, target, calendar),
        members=members,
        points=points,
        skill=_skill(members),
    )


def _members(
    said: dict[str, Floats],
    trials: dict[str, Trial],
    points: tuple[Point, ...],
    target: Target,
) -> tuple[MemberRow, ...]:
    combined = {member.name for member in MEMBERS if member.is_combined}
    counted = {point.origin for point in points}
    rows = []
    for name, trial in trials.items():
        # every rule is scored at the same origins, those at which the combination stood
        own = tuple(point for point in trial.points() if point.origin in counted)
        last = float(said[name][-1])
        rows.append(
            MemberRow(
                name,
                last if np.isfinite(last) else None,
                name in combined,
                score(own, target.length),
            )
        )
    return tuple(rows)


def _range(trial: Trial, won: float) -> Range | None:
    point, deal = float(trial.point[-1]), float(trial.history.deal[-1])
    half = trial.width_at(len(trial.history.days) - 1)
    if half is None or not np.isfinite(point):
        return None
    low, high = (quantile(point, deal, half, level) for level in (0.1, 0.9))
    return Range(low, point, max(high, point), point).shifted(won)


def _status(points: int, span: Range | None) -> Status:
    if points < NONE_BELOW or span is None:
        return Status.NO_HISTORY
    return Status.THIN if points < THIN_BELOW else Status.FULL


def _notes(
    status: Status, backtest: Backtest, target: Target, calendar: Calendar
) -> tuple[Note, ...]:
    counts = {"points": backtest.points, "windows": backtest.windows}
    notes = []
    if status is Status.THIN:
        notes.append(Note(THIN, counts))
    if status is Status.NO_HISTORY:
        notes.append(Note(NO_HISTORY, {"points": backtest.points}))
    if target.lead:
        notes.append(Note(NOT_STARTED))
    if target.start < 0:
        notes.append(Note(PARTLY_BEFORE))
    first, now = calendar.position(np.array([0.0, target.as_of + 1.0]))
    if now - first < FIVE_QUARTERS:
        notes.append(Note(SEASON_UNKNOWN))
    return tuple(notes)


def _skill(members: tuple[MemberRow, ...]) -> float | None:
    wape = {member.name: member.backtest.wape for member in members}
    own, naive = wape[COMBINATION], wape[NAIVE]
    return None if own is None or not naive else 1 - own / naive


def _row(
    unit: Unit,
    won: float | None,
    span: Range | None,
    status: Status,
    notes: tuple[Note, ...],
    *,
    members: tuple[MemberRow, ...] = (),
    points: tuple[Point, ...] = (),
    skill: float | None = None,
) -> ForecastRow:
    backtest = members[0].backtest if members else Backtest()
    return ForecastRow(
        unit.name, unit.id, unit.label, won, span, backtest, status, notes, members, points, skill
    )
