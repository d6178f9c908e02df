"""Record runs of the forecast, by hand and on a schedule."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from perilune.forecasting.contracts import By, ForecastResult
from perilune.forecasting.models import ForecastRun
from perilune.forecasting.queries import range_for
from perilune.forecasting.queries.runs import parameters_json, rows_json
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Grain, Period
from perilune.kernel.errors import Conflict
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import JobKind, StepResult
from perilune.people.queries import company
from perilune.store import service as store

JOB = "forecast.run"
_GRAINS = (Grain.MONTH, Grain.QUARTER, Grain.YEAR)
_CUTS = tuple(By)


def run_record(
    period: Period, by: By, as_of: AsOf, scope: Scope, *, actor: str, created_at: datetime
) -> int:
    """Record the forecast of a period for ever and return the run's id.

    The store version it was read from is pinned. Recording the same inputs again gives the id of
    the run that is there. Conflict when nothing was closed by the as-of.
    """
    result = range_for(period, by, as_of, scope)
    if not result.pinned.inputs_digest:
        raise Conflict(_("Nothing was won or lost by that day: there is no forecast to record."))
    with transaction.atomic():
        run, is_new = ForecastRun.objects.get_or_create(
            as_of_at=as_of.at,
            starts=period.start,
            ends=period.end,
            by=by.value,
            scope_digest=scope.digest(),
            inputs_digest=result.pinned.inputs_digest,
            method=result.pinned.method,
            defaults=_facts(result, actor, created_at),
        )
        if is_new:
            store.pin(result.pinned.store_version, f"forecast-{run.id}")
    return run.id


def _facts(result: ForecastResult, actor: str, created_at: datetime) -> dict[str, Any]:
    request = result.request
    return {
        "as_of_day": request.as_of.day,
        "period": request.period.name,
        "scope_label": result.scope_label,
        "currency": result.currency,
        "store_version": result.pinned.store_version,
        "created_at": created_at,
        "actor": actor,
        "rows": rows_json(result),
        "parameters": parameters_json(company(), request.period) | {"mix": dict(result.mix)},
    }


def current_runs(
    as_of: AsOf, scope: Scope, *, actor: str, created_at: datetime, cuts: tuple[By, ...] = _CUTS
) -> list[int]:
    """Record the month, quarter and year that hold the as-of, for every cut; return the run ids."""
    calendar = company().calendar
    periods = [calendar.find(as_of.day, grain) for grain in _GRAINS]
    return [
        run_record(period, by, as_of, scope, actor=actor, created_at=created_at)
        for period in periods
        for by in cuts
    ]


# -- the job ---------------------------------------------------------------------------------------


def _step(params: Mapping[str, Any], cursor: Mapping[str, Any]) -> StepResult:
    """Record one cut of the current periods a step; repeating a step records nothing twice."""
    found = company()
    text = cursor.get("as_of") or params.get("as_of")
    as_of = AsOf.parse(str(text), found.zone) if text else found.today
    at = int(cursor.get("at", 0))
    made = list(cursor.get("runs", []))
    if at == 0:
        store.refresh()
    try:
        made += current_runs(
            as_of,
            Scope.company(),
            actor=str(params.get("actor", "schedule")),
            created_at=datetime.now(UTC),
            cuts=(_CUTS[at],),
        )
    except Conflict as error:
        return StepResult({}, True, message=error.message)
    after = {"at": at + 1, "runs": made, "as_of": as_of.day.isoformat()}
    return StepResult(
        cursor=after,
        is_done=at + 1 == len(_CUTS),
        done=at + 1,
        total=len(_CUTS),
        message=_("Forecasts recorded: %(count)s"),
        message_params={"count": len(made)},
        result={"runs": made},
    )


JOB_KIND = JobKind(JOB, _("Record the forecast"), _step)
"""Records the month, quarter and year under way, by every cut; weekly on a schedule, or by hand."""
