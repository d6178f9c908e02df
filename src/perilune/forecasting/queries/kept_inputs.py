"""Inputs of forecasts kept for a while: range, move and scenarios of a question share them."""

from __future__ import annotations

from perilune.forecasting.contracts import METHOD, ForecastRequest
from perilune.forecasting.queries.inputs import Inputs, first_of, read
from perilune.insights.queries import models_on_record
from perilune.kernel.keeping import Kept
from perilune.kernel.scope import Scope
from perilune.people.contracts import Company
from perilune.store import service

_inputs = Kept[Inputs | None](6)
"""Few: those of a million deals weigh a hundred megabytes."""


def inputs_of(
    request: ForecastRequest,
    scope: Scope,
    company: Company,
    version: int | None = None,
    *,
    learn: bool = False,
    method: str = METHOD,
) -> Inputs | None:
    """Return what `inputs.read` gives, from memory where nothing that it stands on has changed.

    The cut of the request plays no part: inputs hold the units of every level.
    """
    key = (
        service.current().path, first_of(request.as_of, version).version, request.period,
        request.as_of, scope, company.currency, str(company.zone), company.calendar,
        company.country, models_on_record(), learn, method,
    )  # fmt: skip
    return _inputs.get(
        key, lambda: read(request, scope, company, version, learn=learn, method=method)
    )
