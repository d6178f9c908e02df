"""The rolling origin on the company's own records: each origin sees what was known on its day."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date, timedelta

import numpy as np

from perilune.forecasting.contracts import OF_PARTS, By, ForecastRequest
from perilune.forecasting.contracts.backtests import (
    BacktestResult,
    BacktestRow,
    BacktestScore,
    Horizon,
)
from perilune.forecasting.engine import (
    COMBINATION,
    Answer,
    Question,
    Unit,
    Wins,
    forecast,
    history_of,
    knowledge_days,
)
from perilune.forecasting.engine.scoring import Scored, plain_samples, pooled, scored
from perilune.forecasting.engine.smoothing import AUTO_ETS, smoothed
from perilune.forecasting.engine.spread import errors
from perilune.forecasting.engine.windows import MOST_SCORED, Floats
from perilune.forecasting.queries.inputs import SEED, Inputs, first_of, read
from perilune.forecasting.queries.parts import with_parts
from perilune.insights.queries import Rolling
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import FiscalCalendar, Grain, Period
from perilune.kernel.scope import Scope
from perilune.people.contracts import Company

_WEEKS = {Horizon.WEEKS_4: 4, Horizon.WEEKS_13: 13, Horizon.WEEKS_26: 26, Horizon.WEEKS_52: 52}
_GRAINS = {Horizon.MONTH: Grain.MONTH, Horizon.QUARTER: Grain.QUARTER, Horizon.YEAR: Grain.YEAR}
LEAST_DAYS = {Horizon.MONTH: 3, Horizon.QUARTER: 7, Horizon.YEAR: 7}
"""Days to go below which the rest of a period is not asked for."""
Tell = Callable[[int, int], None]


def window_after(origin: date, horizon: Horizon, calendar: FiscalCalendar) -> Period | None:
    """Return the window that is forecast from an origin; None with too few days to go."""
    start = origin + timedelta(days=1)
    if horizon in _WEEKS:
        end = origin + timedelta(weeks=_WEEKS[horizon])
    else:
        end = calendar.find(origin, _GRAINS[horizon]).end
        if (end - origin).days < LEAST_DAYS[horizon]:
            return None
    return Period(start, end, f"{start.isoformat()}..{end.isoformat()}", Grain.WEEK, start.year)


def backtest(
    origins: Sequence[date],
    horizon: Horizon,
    levels: Collection[By],
    scope: Scope,
    company: Company,
    *,
    until: AsOf,
    with_ets: bool = True,
    tell: Tell | None = None,
) -> BacktestResult:
    """Return what would have been forecast at the end of each origin, against what came by `until`.

    levels: those that are scored beside the total. with_ets: score AutoETS too, but not
    of reps.

    Every origin's models are learnt where they are not on record, and every day's outlook is
    reckoned once. The plain members and AutoETS are spread log-normally by their own past errors,
    the combination by its samples.
    """
    rows: list[BacktestRow] = []
    scores: list[tuple[str, str, Scored]] = []
    left_out = 0
    came = _Came.read(levels, scope, company, until)
    known = _known(origins, until) if came is not None else []
    rolling = _rolling(known, company, until) if known else None
    for count, origin in enumerate(origins, 1):
        window = window_after(origin, horizon, company.calendar)
        found = None
        if window is not None and window.end <= until.day and origin in known:
            found = _asked(window, origin, levels, scope, company, rolling)
        if found is None or window is None or came is None:
            left_out += 1
        else:
            for unit, method, samples in _samples(*found, levels, with_ets=with_ets):
                score = scored(samples, came.amount(unit, window))
                scores.append((unit.by.value, method, score))
                rows.append(_row(origin, window, unit, method, score))
        if tell:
            tell(count, len(origins))
    return BacktestResult(
        horizon, company.currency, scope.label, tuple(rows), _scores(scores), left_out
    )


def _known(origins: Sequence[date], until: AsOf) -> list[date]:
    """Return the origins from the first day of data up to the day that is asked as of."""
    first_day = first_of(until).scalar()
    if not isinstance(first_day, date):
        return []
    return [origin for origin in origins if first_day <= origin <= until.day]


def _rolling(known: Sequence[date], company: Company, until: AsOf) -> Rolling:
    first_day = first_of(until).scalar()
    last = AsOf.parse(max(known).isoformat(), company.zone)
    return Rolling(first_day, min(known), last, company)


def _asked(  # noqa: PLR0917  # what an origin stands on, one each
    window: Period,
    origin: date,
    levels: Collection[By],
    scope: Scope,
    company: Company,
    rolling: Rolling | None,
) -> tuple[Inputs, Answer] | None:
    as_of = AsOf.parse(origin.isoformat(), company.zone)
    asked = ForecastRequest(window, By.REP, as_of)
    inputs = read(asked, scope, company, learn=True, rolling=rolling)
    if inputs is None:
        return None
    inputs = _with_parts(inputs, levels, as_of, scope, company)
    answer = forecast(inputs.question)
    return (inputs, answer) if answer.lots is not None else None


def _with_parts(
    inputs: Inputs, levels: Collection[By], as_of: AsOf, scope: Scope, company: Company
) -> Inputs:
    for by in levels:
        if by in OF_PARTS:
            inputs = with_parts(inputs, by, as_of, scope, company)
    return inputs


def _samples(
    inputs: Inputs, answer: Answer, levels: Collection[By], *, with_ets: bool
) -> Iterator[tuple[Unit, str, Floats]]:
    asked = inputs.question
    told: dict[By, tuple[Unit, ...]] = {By.TOTAL: (asked.total,)}
    told |= {by: tuple(asked.units[by]) for by in levels if by in asked.units}
    told |= {by: tuple(parts.units) for by, parts in asked.parts.items()}
    normal = np.random.default_rng([SEED, 1]).standard_normal(inputs.question.paths)
    for level, units in told.items():
        lots = answer.parts.get(level, answer.lots)
        for unit, row in zip(units, answer.rows[level], strict=True):
            if lots is not None:
                yield unit, COMBINATION, lots.of(unit)
            for member in row.members:
                if member.name != COMBINATION and member.remainder is not None:
                    errors = np.array(member.errors)
                    yield unit, member.name, plain_samples(member.remainder, errors, normal)
        if with_ets and level is not By.REP:
            wins = asked.parts[level].wins if level in asked.parts else asked.wins
            yield from _smoothed(asked, wins, units, normal)


def _smoothed(
    asked: Question, every: Wins, units: Sequence[Unit], normal: Floats
) -> Iterator[tuple[Unit, str, Floats]]:
    """Give the samples of AutoETS, a rule of the field that has no part in the combination."""
    days = knowledge_days(asked.target, 0)
    over = days <= asked.target.as_of - asked.target.lead - asked.target.length
    for unit in units:
        wins = every.rows(np.flatnonzero(np.isin(every.unit, unit.seats)))
        said = smoothed(wins, days, asked.target)
        history = history_of(wins, days)
        came = history.outcomes(asked.target.lead, asked.target.length)[-1]
        deal = history.amount[-1] / max(float(history.count[-1]), 1e-9)
        rows = np.flatnonzero(over & np.isfinite(said))[-MOST_SCORED:]
        if np.isfinite(said[-1]):
            past = errors(came[rows], said[rows], np.full(len(rows), max(float(deal), 1.0)))
            yield unit, AUTO_ETS, plain_samples(float(said[-1]), past, normal)


class _Came:
    """What was won on each day by each unit, as known at the end."""

    def __init__(self, inputs: Inputs) -> None:
        asked = inputs.question
        self._first = inputs.first_day
        self._asked = asked
        self._won = self._known(asked.wins)
        self._parts = {by: self._known(parts.wins) for by, parts in asked.parts.items()}
        self._part = {
            (by, unit.name): at
            for by, parts in asked.parts.items()
            for at, unit in enumerate(parts.units)
        }

    def _known(self, wins: Wins) -> Wins:
        at = self._asked.target.as_of
        return wins.rows(np.flatnonzero((wins.known_to > at) & (wins.known_from <= at)))

    @classmethod
    def read(
        cls, levels: Collection[By], scope: Scope, company: Company, until: AsOf
    ) -> _Came | None:
        """Return what came, None when nothing was closed."""
        day = Period(until.day, until.day, until.day.isoformat(), Grain.WEEK, until.day.year)
        inputs = read(ForecastRequest(day, By.REP, until), scope, company)
        return cls(_with_parts(inputs, levels, until, scope, company)) if inputs else None

    def amount(self, unit: Unit, window: Period) -> float:
        """Return what a unit won in a window."""
        won = self._parts.get(unit.by, self._won)
        inside = won.day >= (window.start - self._first).days
        inside &= won.day <= (window.end - self._first).days
        if unit.by in self._parts:
            # by name: what is known later may have more parts, and other numbers for them
            inside &= won.unit == self._part.get((unit.by, unit.name), -1)
        elif unit.by is not By.TOTAL:
            ids = self._asked.seats.ids(unit.by)[won.unit]
            inside &= ids == (-1 if unit.id is None else unit.id)
        return float(won.amount[inside].sum())


def _row(origin: date, window: Period, unit: Unit, method: str, score: Scored) -> BacktestRow:
    return BacktestRow(
        origin, window.end, unit.name, unit.label, method, score.actual, score.p10, score.p50,
        score.p90, score.mean, score.crps,
    )  # fmt: skip


def _scores(levels: Sequence[tuple[str, str, Scored]]) -> tuple[BacktestScore, ...]:
    groups: dict[tuple[str, str], list[Scored]] = {}
    for level, method, score in levels:
        groups.setdefault((level, method), []).append(score)
    found = []
    for (level, method), rows in groups.items():
        pool = pooled(rows)
        found.append(
            BacktestScore(
                level,
                method,
                pool.n,
                pool.wape,
                pool.bias,
                pool.ncrps,
                pool.coverage80,
                pool.width80,
            )
        )
    return tuple(sorted(found, key=lambda item: (item.level != "total", item.ncrps or 0.0)))
