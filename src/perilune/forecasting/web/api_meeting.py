"""What a forecast meeting reads, for programs: bridge, why the range moved, risks, back-test."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, cast

from django.http import HttpRequest
from ninja.params.functions import Query

from perilune.forecasting import queries
from perilune.forecasting.contracts import BridgeRequest, By
from perilune.forecasting.contracts.backtests import Horizon
from perilune.forecasting.queries.backtesting import backtest
from perilune.forecasting.queries.documents import (
    backtest_document,
    bridge_document,
    move_document,
    risks_document,
)
from perilune.forecasting.web.api import AS_OF, BY, PERIOD, asked_period, router
from perilune.kernel.asof import AsOf
from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.queries import target
from perilune.people.web.gate import PageRequest, require

__all__ = ["router"]

SINCE = Query("", description="A day or an instant; a week before the as-of by default.")
FIRST = Query(..., description="First origin.")
LAST = Query(..., description="Last origin.")
MOST_ORIGINS = 60
"""Origins that one question may ask for: each costs seconds on a large company."""


def _start(request: PageRequest, since: str) -> AsOf:
    found = AsOf.parse(since, request.company.zone) if since else queries.week_before(request.as_of)
    if found.at > request.as_of.at:
        raise Invalid(_("The first day lies after the last one."))
    return found


@router.get("/bridge", response=dict[str, Any], summary="The pipeline bridge", url_name="bridge")
def bridge(
    request: HttpRequest,
    since: str = SINCE,
    by: By = BY,
    period: str = PERIOD,
    as_of: str = AS_OF,
) -> dict[str, Any]:
    """How the open pipeline of one day became that of another; the residual is zero."""
    asked = cast(PageRequest, request)
    span = asked_period(asked, period)
    wanted = BridgeRequest(_start(asked, since), asked.as_of, span, by)
    return bridge_document(queries.bridge_for(wanted, asked.scope))


@router.get("/why", response=dict[str, Any], summary="Why the range moved", url_name="why")
def why(
    request: HttpRequest, since: str = SINCE, period: str = PERIOD, as_of: str = AS_OF
) -> dict[str, Any]:
    """What moved the range between two days; the parts sum to the move."""
    asked = cast(PageRequest, request)
    span = asked_period(asked, period)
    return move_document(queries.move_for(span, _start(asked, since), asked.as_of, asked.scope))


@router.get("/risks", response=dict[str, Any], summary="What endangers a period", url_name="risks")
def risks(request: HttpRequest, period: str = PERIOD, as_of: str = AS_OF) -> dict[str, Any]:
    """Deals at risk and the portfolio, with revenue at risk; asks for the right to export."""
    asked = cast(PageRequest, request)
    require(asked, Right.EXPORT_DATA)
    span, currency = asked_period(asked, period), asked.company.currency
    # the company's target is for whoever sees all of it
    goal = target(span, asked.as_of, currency=currency) if asked.scope.owners is None else None
    found = queries.risks_of(span, asked.as_of, asked.scope, target=goal.minor if goal else None)
    return risks_document(found, found.deals, span, asked.as_of, currency)


@router.get("/backtest", response=dict[str, Any], summary="The rolling origin", url_name="backtest")
def rolling(  # noqa: PLR0917  # one parameter for each of the question
    request: HttpRequest,
    first: date = FIRST,
    last: date = LAST,
    step_days: int = Query(7, ge=1, le=366),
    horizon: Horizon = Horizon.WEEKS_4,
    by: By = BY,
    as_of: str = AS_OF,
) -> dict[str, Any]:
    """What was forecast on past days beside what had come by the as-of, with the plain rules."""
    asked = cast(PageRequest, request)
    count = (last - first).days // step_days + 1
    if not 1 <= count <= MOST_ORIGINS or not 1900 <= first.year <= last.year <= 2200:
        raise Invalid(_("A back-test has 1 to %(most)s origins."), most=MOST_ORIGINS)
    origins = [first + timedelta(days=step_days * at) for at in range(count)]
    return backtest_document(
        backtest(origins, horizon, (by,), asked.scope, asked.company, until=asked.as_of)
    )
