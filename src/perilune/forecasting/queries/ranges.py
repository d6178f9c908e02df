"""The range of a period as of an instant, for the total and by region, team or rep."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, replace

import numpy as np

from perilune.forecasting.contracts import (
    METHOD,
    Backtest,
    By,
    ForecastRequest,
    ForecastResult,
    ForecastRow,
    Note,
    Pinned,
    Status,
)
from perilune.forecasting.engine import Unit, forecast
from perilune.forecasting.engine.outlook import NO_HISTORY
from perilune.forecasting.queries.inputs import Inputs, first_of, read
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.errors import Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.contracts import Company
from perilune.people.queries import company as current_company
from perilune.store import service

TOTAL = Unit(0, "total", "total")
WITHHELD = _("Withheld: figures about fewer than %(people)s people are not shown.")
_KEPT = 128
_memory: OrderedDict[Hashable, ForecastResult] = OrderedDict()
_lock = threading.Lock()


def range_for(
    period: Period,
    by: By,
    as_of: AsOf,
    scope: Scope,
    *,
    company: Company | None = None,
    version: int | None = None,
) -> ForecastResult:
    """Return the forecast of a period as of an instant: the total first, then the units of `by`.

    company: the settings to count with, by default the home's. version: a pinned version of the
    store, by default the current one. Amounts are whole minor units of the company's currency.
    Raises Refused where the scope may not see single reps.
    """
    if by is By.REP and scope.smallest_group > 1:
        raise Refused(_("Your role sees groups, not single reps. Choose team or region."))
    question = _Question(ForecastRequest(period, by, as_of), scope, company or current_company())
    key = question.key(first_of(as_of, version).version)
    found = _remembered(key)
    if found is None:
        found = question.answer(version)
        _remember(key, found)
    return found


def card(period: Period, as_of: AsOf, scope: Scope) -> ForecastResult:
    """Return a forecast of a period whose total is wanted, for the cockpit: by any cut.

    The total is the same under every cut, so what the forecast page has computed is used again.
    """
    company = current_company()
    version = first_of(as_of).version
    for by in (default_cut(scope), *By):
        found = _remembered(
            _Question(ForecastRequest(period, by, as_of), scope, company).key(version)
        )
        if found is not None:
            return found
    return range_for(period, default_cut(scope), as_of, scope, company=company)


def default_cut(scope: Scope) -> By:
    """Return the cut that the forecast page opens with."""
    return By.TEAM if scope.smallest_group > 1 else By.REGION


@dataclass(frozen=True)
class _Question:
    """All that an answer depends on, but for the store's version."""

    request: ForecastRequest
    scope: Scope
    company: Company

    def key(self, version: int) -> Hashable:
        """Return what tells this question on a version of the store from every other one."""
        company, scope = self.company, self.scope
        settings = (company.currency, str(company.zone), company.calendar)
        return (
            service.current().path,
            version,
            self.request,
            scope.digest(),
            scope.label,
            settings,
        )

    def answer(self, version: int | None) -> ForecastResult:
        """Compute the answer from the store."""
        inputs = read(self.request, self.scope, self.company, version)
        if inputs is None:
            return _without_data(self.request, self.scope, self.company)
        return _computed(self.request, self.scope, self.company, inputs)


def _remembered(key: Hashable) -> ForecastResult | None:
    with _lock:
        if key in _memory:
            _memory.move_to_end(key)
        return _memory.get(key)


def forget() -> None:
    """Forget what was computed; for tests and benchmarks."""
    with _lock:
        _memory.clear()


def _remember(key: Hashable, result: ForecastResult) -> None:
    with _lock:
        _memory[key] = result
        while len(_memory) > _KEPT:
            _memory.popitem(last=False)


def _computed(
    request: ForecastRequest, scope: Scope, company: Company, inputs: Inputs
) -> ForecastResult:
    total = forecast(inputs.wins, TOTAL, inputs.target, inputs.calendar)
    rows = [total.rounded(), *(_row(inputs, unit, scope) for unit in inputs.units)]
    return ForecastResult(
        request,
        scope.label,
        company.currency,
        tuple(rows),
        Pinned(inputs.store_version, inputs.digest(), METHOD),
        inputs.first_day,
        daily=_daily(inputs),
        sql=inputs.sql,
        uncounted=inputs.uncounted,
    )


def _row(inputs: Inputs, unit: Unit, scope: Scope) -> ForecastRow:
    people = inputs.people.get(unit.id, 0) if unit.id is not None else 0
    if people < scope.smallest_group and scope.smallest_group > 1:
        note = Note(WITHHELD, {"people": scope.smallest_group})
        return ForecastRow(
            unit.name, unit.id, unit.label, None, None, Backtest(), Status.UNKNOWN, (note,)
        )
    row = forecast(inputs.wins.of(unit.number), unit, inputs.target, inputs.calendar)
    return replace(row, points=()).rounded()


def _daily(inputs: Inputs) -> tuple[float, ...]:
    """Return what was won on each day of the period up to the as-of, as known at the as-of."""
    wins, target = inputs.wins, inputs.target
    known = (wins.known_from <= target.as_of) & (target.as_of < wins.known_to)
    size = min(target.as_of, target.end) - target.start + 1
    if size <= 0:
        return ()
    day = wins.day - target.start
    inside = known & (day >= 0) & (day < size)
    won = np.bincount(day[inside], weights=wins.amount[inside], minlength=size)
    return tuple(float(value) for value in won)


def _without_data(request: ForecastRequest, scope: Scope, company: Company) -> ForecastResult:
    note = Note(NO_HISTORY, {"points": 0})
    row = ForecastRow("total", None, "total", None, None, Backtest(), Status.NO_HISTORY, (note,))
    pinned = Pinned(0, "", METHOD)
    return ForecastResult(request, scope.label, company.currency, (row,), pinned, None)
