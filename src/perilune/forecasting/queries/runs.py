"""Recorded runs: what was forecast when, and the proof that it recomputes to the same digits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date
from typing import Any
from zoneinfo import ZoneInfo

from perilune.forecasting.contracts import (
    EVERYBODY_STAYS,
    METHOD,
    Backtest,
    By,
    ForecastResult,
    ForecastRow,
    MemberRow,
    Pinned,
    RunInfo,
)
from perilune.forecasting.models import ForecastRun
from perilune.forecasting.queries.ranges import range_for
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import FiscalCalendar, Grain, Pattern, Period
from perilune.kernel.errors import Conflict, NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.contracts import Company
from perilune.people.queries import company as current_company


def runs(
    period: Period | None, scope: Scope, *, until: AsOf | None = None, limit: int = 60
) -> list[RunInfo]:
    """Return the recorded runs of a period (None: of all) that this scope may see, latest first.

    A run is seen by whoever sees exactly the rows it was made of; until: as of then, later ones are
    not known yet.
    """
    found = ForecastRun.objects.filter(scope_digest=scope.digest())
    if period is not None:
        found = found.filter(starts=period.start, ends=period.end)
    if until is not None:
        found = found.filter(as_of_at__lte=until.at)
    return [_info(run) for run in found.order_by("-as_of_at", "-id")[:limit]]


def latest_run(
    period: Period, by: By, scope: Scope, *, until: AsOf | None = None
) -> RunInfo | None:
    """Return the last recorded run of a period and cut, None when there is none."""
    return next((run for run in runs(period, scope, until=until) if run.by is by), None)


def run_info(run_id: int, scope: Scope) -> RunInfo:
    """Return one recorded run; NotFound when there is none that this scope may see."""
    return _info(_find(run_id, scope))


def recompute(run_id: int, scope: Scope) -> ForecastResult:
    """Compute a recorded run again from its pinned store version.

    Conflict when the inputs or the method are no longer those of the run, or the digits differ.
    """
    run = _find(run_id, scope)
    if run.method not in {METHOD, EVERYBODY_STAYS}:
        raise Conflict(
            _("Run %(id)s was made with method %(method)s, which is no longer here."),
            id=run.id,
            method=run.method,
        )
    period = Period(
        run.starts, run.ends, run.period, Grain(run.parameters["grain"]), run.starts.year
    )
    zone = ZoneInfo(run.parameters["zone"])
    company = replace(
        current_company(),
        currency=run.currency,
        zone=zone,
        calendar=_calendar(run.parameters["calendar"]),
    )
    result = range_for(
        period,
        By(run.by),
        AsOf(run.as_of_at.astimezone(UTC), run.as_of_day),
        replace(scope, label=run.scope_label),
        company=company,
        version=run.store_version,
        method=run.method,
    )
    is_same = result.pinned.inputs_digest == run.inputs_digest and rows_json(result) == run.rows
    # runs that were recorded before weights were kept have none to compare
    if not is_same or run.parameters.get("mix", dict(result.mix)) != dict(result.mix):
        raise Conflict(_("Run %(id)s does not recompute to the same digits."), id=run.id)
    return result


def _find(run_id: int, scope: Scope) -> ForecastRun:
    run = ForecastRun.objects.filter(id=run_id, scope_digest=scope.digest()).first()
    if run is None:
        raise NotFound(_("There is no forecast run %(id)s."), id=run_id)
    return run


def _info(run: ForecastRun) -> RunInfo:
    return RunInfo(
        id=run.id,
        as_of=AsOf(run.as_of_at.astimezone(UTC), run.as_of_day),
        period=run.period,
        starts=run.starts,
        ends=run.ends,
        by=By(run.by),
        scope_label=run.scope_label,
        currency=run.currency,
        created_at=run.created_at,
        actor=run.actor,
        pinned=Pinned(run.store_version, run.inputs_digest, run.method),
        rows=tuple(run.rows),
        mix=run.parameters.get("mix", {}),
    )


# -- as JSON: amounts in whole minor units ---------------------------------------------------------


def rows_json(result: ForecastResult) -> list[dict[str, Any]]:
    """Return the rows as a run keeps them."""
    return [_row_json(row) for row in result.rows]


def _row_json(row: ForecastRow) -> dict[str, Any]:
    return {
        "unit": row.unit,
        "unit_id": row.unit_id,
        "label": row.label,
        "won_to_date": _whole(row.won_to_date),
        "p10": _whole(row.p10),
        "p50": _whole(row.p50),
        "p90": _whole(row.p90),
        "mean": _whole(row.mean),
        "backtest": backtest_json(row.backtest),
        "status": row.status.value,
        "skill": row.skill,
        "members": [_member_json(member) for member in row.members],
    }


def backtest_json(backtest: Backtest) -> dict[str, Any]:
    """Return points, windows, wape, bias and coverage80 of a back-test."""
    return {
        "points": backtest.points,
        "windows": backtest.windows,
        "wape": backtest.wape,
        "bias": backtest.bias,
        "coverage80": backtest.coverage80,
    }


def _member_json(member: MemberRow) -> dict[str, Any]:
    return {
        "name": member.name,
        "remainder": _whole(member.remainder),
        "is_combined": member.is_combined,
        "backtest": backtest_json(member.backtest),
    }


def _whole(amount: float | None) -> int | None:
    return None if amount is None else round(amount)


def calendar_json(calendar: FiscalCalendar) -> dict[str, Any]:
    """Return the fiscal settings as a run keeps them."""
    return {
        "start_month": calendar.start_month,
        "pattern": calendar.pattern.value,
        "named_by_end": calendar.named_by_end,
        "week_start": calendar.week_start,
        "short_years": [
            [name, first.isoformat(), last.isoformat()]
            for name, first, last in calendar.short_years
        ],
    }


def _calendar(facts: Mapping[str, Any]) -> FiscalCalendar:
    return FiscalCalendar(
        facts["start_month"],
        Pattern(facts["pattern"]),
        facts["named_by_end"],
        facts["week_start"],
        tuple(
            (name, date.fromisoformat(first), date.fromisoformat(last))
            for name, first, last in facts["short_years"]
        ),
    )


def parameters_json(company: Company, period: Period) -> dict[str, Any]:
    """Return what else a run depends on."""
    return {
        "grain": period.grain.value,
        "zone": str(company.zone),
        "calendar": calendar_json(company.calendar),
        "country": company.country,
    }
