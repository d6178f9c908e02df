"""The track record: every recorded run whose period is over, against what came."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from math import nan
from typing import Any

from perilune.forecasting.contracts import By, RunInfo, UnitKey
from perilune.forecasting.contracts.track import (
    CALLED,
    LEADS,
    SHOWN,
    LevelScore,
    Recorded,
    RuleScore,
    Score,
    TrackRecord,
)
from perilune.forecasting.engine.track import scored
from perilune.forecasting.queries.ranges import range_for
from perilune.forecasting.queries.runs import runs
from perilune.forecasting.queries.submitted import PREFERRED, submissions
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Grain, Period
from perilune.kernel.scope import Scope
from perilune.people.queries import company as current_company

MOST = 4_000
"""Recorded runs that are read, latest first: 19 years of a weekly schedule of one cut."""


def track_record(grain: Grain, as_of: AsOf, scope: Scope) -> TrackRecord:
    """Return how the recorded forecasts of months, quarters or years did, as known at the as-of.

    A run is seen by whoever sees exactly the rows it was made of. What came is what is won in the
    period as known at the as-of, credited as the forecast credits it. Of several runs of one day
    the latest counts. Outcomes of rows that may not be told (`smallest_group`) are left out.
    """
    company = current_company()
    found = _latest(runs(None, scope, until=as_of, limit=MOST), company.currency)
    of_grain = [
        (run, period)
        for run in found
        if (period := _period(run, company.calendar.parse)).grain is grain
    ]
    over = [(run, period) for run, period in of_grain if period.end < as_of.day]
    points = [
        point
        for period in sorted({period for _run, period in over})
        for point in _points([run for run, each in over if each == period], period, as_of, scope)
    ]
    totals = {
        (point.period, point.day): point for point in points if point.by is By.TOTAL
    }  # every cut keeps the same total
    rows = [*totals.values(), *(point for point in points if point.by is not By.TOTAL)]
    return TrackRecord(
        grain,
        company.currency,
        scope.label,
        tuple(sorted(totals.values(), key=lambda each: (each.day, each.ends))),
        tuple(_rules(list(totals.values()))),
        tuple(_levels(rows)),
        under_way=sum(period.end >= as_of.day for _run, period in of_grain),
        period=company.calendar.find(as_of.day, grain),
    )


def _latest(found: Iterable[RunInfo], currency: str) -> list[RunInfo]:
    """Return the latest run of each day, period and cut, in the company's currency."""
    kept: dict[tuple[date, date, date, By], RunInfo] = {}
    for run in found:
        if run.currency == currency:
            kept.setdefault((run.as_of.day, run.starts, run.ends, run.by), run)
    return [run for run in kept.values() if run.as_of.day <= run.ends]


def _period(run: RunInfo, parse: Any) -> Period:
    found: Period = parse(run.period)
    if (found.start, found.end) == (run.starts, run.ends):
        return found
    # recorded under another fiscal calendar: its own days count
    return Period(run.starts, run.ends, run.period, found.grain, run.starts.year)


def _points(
    found: Sequence[RunInfo], period: Period, as_of: AsOf, scope: Scope
) -> Iterable[Recorded]:
    calls = submissions(period, as_of, scope)
    came: dict[By, dict[tuple[str, int | None], float]] = {}
    for run in found:
        if run.by not in came:
            rows = range_for(period, run.by, as_of, scope).rows
            came[run.by] = {
                (row.unit, row.unit_id): row.won_to_date
                for row in rows
                if row.won_to_date is not None
            }
        said = _called(calls, run.as_of.day, run.currency)
        for at, row in enumerate(run.rows):
            actual = came[run.by].get((row["unit"], row["unit_id"]))
            if actual is None or row["p50"] is None:
                continue
            by = By.TOTAL if at == 0 else run.by
            yield _recorded((run, period), by, row, came=round(actual), calls=said)


def _recorded(
    made: tuple[RunInfo, Period],
    by: By,
    row: Mapping[str, Any],
    *,
    came: int,
    calls: Mapping[UnitKey, int],
) -> Recorded:
    run, period = made
    said = {SHOWN: row["p50"]}
    for member in row.get("members", ()):
        if member["remainder"] is not None:
            said[member["name"]] = row["won_to_date"] + member["remainder"]
    kind = {By.REGION: "team"}.get(by, by.value)
    key = (kind, row["unit_id"] or 0)
    if key in calls:
        said[CALLED] = calls[key]
    return Recorded(
        run.id, run.period, period.grain, run.starts, run.ends, run.as_of.day, by, row["unit"],
        row["unit_id"], row["p10"], row["p50"], row["p90"], came, said,
    )  # fmt: skip


def _called(rows: Sequence[Mapping[str, Any]], day: date, currency: str) -> dict[UnitKey, int]:
    """Return the latest call of each unit by a day; rows come latest first."""
    best: dict[UnitKey, tuple[int, int]] = {}
    for row in rows:
        category = row["category"] or PREFERRED[0]
        made = row["made_on"]
        if category not in PREFERRED or made is None or made > day:
            continue
        if (row["currency"] or currency) != currency:
            continue
        key = ("total", 0)
        if row["rep_id"] is not None:
            key = ("rep", row["rep_id"])
        elif row["team_id"] is not None:
            key = ("team", row["team_id"])
        rank = PREFERRED.index(category)
        if key not in best or rank < best[key][0]:
            best[key] = (rank, row["amount"])
    return {key: amount for key, (_rank, amount) in best.items()}


# -- scores ----------------------------------------------------------------------------------------


def score_of(points: Sequence[Recorded], rule: str = SHOWN) -> Score:
    """Return how a rule did at the points where it said something; only the range has ranges."""
    told = [point for point in points if rule in point.said]
    is_range = rule == SHOWN
    return scored(
        [point.said[rule] for point in told],
        [point.came for point in told],
        [_or_nan(point.p10) if is_range else nan for point in told],
        [_or_nan(point.p90) if is_range else nan for point in told],
        len({(point.period, point.unit, point.unit_id) for point in told}),
    )


def _or_nan(amount: int | None) -> float:
    return nan if amount is None else float(amount)


def _rules(points: Sequence[Recorded]) -> Iterable[RuleScore]:
    names = dict.fromkeys([SHOWN, CALLED, *(name for point in points for name in point.said)])
    for name in names:
        told = [point for point in points if name in point.said]
        yield RuleScore(name, score_of(told, name), score_of(told).wape)


def _levels(points: Sequence[Recorded]) -> Iterable[LevelScore]:
    for by in By:
        of_level = [point for point in points if point.by is by]
        if not of_level:
            continue
        yield LevelScore(by, None, score_of(of_level))
        for lead in range(len(LEADS) + 1):
            at_lead = [point for point in of_level if point.lead == lead]
            if at_lead:
                yield LevelScore(by, lead, score_of(at_lead))
