"""The forecast for programs: the documents of the command line, through the gate of pages."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest
from django.utils.translation import gettext
from ninja import Router
from ninja.params.functions import Path, Query

from perilune.forecasting import queries
from perilune.forecasting.contracts import By
from perilune.forecasting.queries.documents import as_document, deals_document, run_document
from perilune.forecasting.web.api_shapes import DealsOut, ForecastOut, RunOut
from perilune.insights import queries as insights
from perilune.kernel.calendar import Grain, Period
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, require

router = Router(tags=["forecast"], by_alias=True)
AS_OF = Query("", description="A day or an instant that is asked about; today by default.")
RUN = Path(..., ge=1, le=2**31)
BY = Query(By.TOTAL, description="Rows below the total.")
PERIOD = Query("", description="2026, 2026-Q3 or 2026-07; the quarter of the as-of by default.")


@router.get("", response=ForecastOut, summary="The range of a period", url_name="forecast")
def forecast(
    request: HttpRequest,
    by: By = BY,
    period: str = PERIOD,
    as_of: str = AS_OF,
) -> dict[str, Any]:
    """Won to date, p10, p50, p90, mean, contributions and back-test of every unit; as the page."""
    asked = cast(PageRequest, request)
    result = queries.range_for(asked_period(asked, period), by, asked.as_of, asked.scope)
    return as_document(result, gettext)


@router.get("/deals", response=DealsOut, summary="Open deals with chances", url_name="deals")
def deals(
    request: HttpRequest,
    period: str = PERIOD,
    as_of: str = AS_OF,
    limit: int = Query(100, ge=1, le=1000),
    offset: int = Query(0, ge=0, le=100_000_000),
) -> dict[str, Any]:
    """Those of most expected value first; asks for the right to export, as files do."""
    asked = cast(PageRequest, request)
    require(asked, Right.EXPORT_DATA)
    span = asked_period(asked, period)
    withheld = asked.scope.aggregates_only
    rows = () if withheld else insights.chances(span, asked.as_of, asked.scope)
    said = deals_document(rows[offset : offset + limit], span, asked.as_of, asked.company.currency)
    return said | {"count": len(rows)}


@router.get("/runs", response=list[RunOut], summary="Recorded runs", url_name="runs")
def runs(request: HttpRequest, period: str = PERIOD, as_of: str = AS_OF) -> list[dict[str, Any]]:
    """The last sixty runs that the reader may see, latest first; of a period where one is named."""
    asked = cast(PageRequest, request)
    span = asked.company.calendar.parse(period) if period else None
    return [run_document(run) for run in queries.runs(span, asked.scope, until=asked.as_of)]


@router.get("/runs/{run_id}", response=RunOut, summary="A recorded run", url_name="run")
def run(request: HttpRequest, run_id: int = RUN, as_of: str = AS_OF) -> dict[str, Any]:
    """What was said then, with the version of the store and the digest of the inputs."""
    return run_document(queries.run_info(run_id, cast(PageRequest, request).scope))


@router.get("/runs/{run_id}/replay", response=ForecastOut, summary="A run again", url_name="replay")
def replay(request: HttpRequest, run_id: int = RUN, as_of: str = AS_OF) -> dict[str, Any]:
    """The run computed again from what it was made of: the same digits, or 409."""
    return as_document(queries.recompute(run_id, cast(PageRequest, request).scope), gettext)


def asked_period(request: PageRequest, text: str) -> Period:
    """Return the period that is asked about; the quarter of the as-of where none is named."""
    calendar = request.company.calendar
    return calendar.parse(text) if text else calendar.find(request.as_of.day, Grain.QUARTER)
