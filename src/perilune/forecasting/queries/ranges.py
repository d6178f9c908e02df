"""The range of a period as of an instant, for the total and by region, team or rep."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace

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
from perilune.forecasting.engine import NO_HISTORY, Answer, Unit, forecast
from perilune.forecasting.queries import kept_inputs
from perilune.forecasting.queries.inputs import Inputs, first_of
from perilune.insights.queries import models_on_record
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.errors import Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.contracts import Company
from perilune.people.queries import company as current_company
from perilune.store import service

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
    learn: bool = False,
) -> ForecastResult:
    """Return the forecast of a period as of an instant: the total first, then the units of `by`.

    company: the settings to count with, by default the home's. version: a pinned version of the
    store, by default the current one. learn: learn models of open deals that are not on record,
    which may take minutes; pages show what is on record. Amounts are whole minor units of the
    company's currency.
    Raises Refused where the scope may not see single reps.
    """
    if by is By.REP and scope.smallest_group > 1:
        raise Refused(_("Your role sees groups, not single reps. Choose team or region."))
    question = _Question(ForecastRequest(period, by, as_of), scope, company or current_company())
    stamp = first_of(as_of, version).version
    found = _remembered(question.key(stamp, learn))
    if found is None:
        answers = question.answer(version, learn=learn)
        for cut, answer in answers.items():
            _remember(question.under(cut).key(answer.pinned.store_version or stamp, learn), answer)
        found = answers[by]
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

    def under(self, by: By) -> _Question:
        """Return the same question under another cut."""
        return replace(self, request=replace(self.request, by=by))

    def key(self, version: int, learn: bool = False) -> Hashable:
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
            models_on_record(),
            learn,
        )

    def answer(self, version: int | None, *, learn: bool) -> dict[By, ForecastResult]:
        """Compute the answers under every cut from the store."""
        inputs = kept_inputs.inputs_of(self.request, self.scope, self.company, version, learn=learn)
        if inputs is None:
            return {
                by: _without_data(replace(self.request, by=by), self.scope, self.company)
                for by in By
            }
        return _computed(self.request, self.scope, self.company, inputs)


def _remembered(key: Hashable) -> ForecastResult | None:
    with _lock:
        if key in _memory:
            _memory.move_to_end(key)
        return _memory.get(key)


def forget() -> None:
    """Forget what was computed; for tests and benchmarks."""
    kept_inputs.forget()
    with _lock:
        _memory.clear()


def _remember(key: Hashable, result: ForecastResult) -> None:
    with _lock:
        _memory[key] = result
        while len(_memory) > _KEPT:
            _memory.popitem(last=False)


def _computed(
    request: ForecastRequest, scope: Scope, company: Company, inputs: Inputs
) -> dict[By, ForecastResult]:
    """Return the answer under every cut: they come from one set of samples."""
    answer = forecast(inputs.question)
    total = answer.total.rounded()
    pinned = Pinned(inputs.store_version, inputs.digest(), METHOD)
    cuts = [by for by in By if by is not By.REP or scope.smallest_group == 1]
    return {
        by: ForecastResult(
            replace(request, by=by),
            scope.label,
            company.currency,
            (total, *_rows(inputs, answer, by, scope)),
            pinned,
            inputs.first_day,
            daily=_daily(inputs, answer),
            sql=inputs.sql,
            uncounted=inputs.uncounted,
            mix=answer.mix,
            is_complete=inputs.model.is_complete,
        )
        for by in cuts
    }


def _rows(inputs: Inputs, answer: Answer, by: By, scope: Scope) -> list[ForecastRow]:
    if by is By.TOTAL or by not in answer.rows:
        return []
    units = inputs.question.units[by]
    people = inputs.people.get(by, {})
    return [
        _withheld(unit, scope)
        if _is_small(unit, people, scope)
        else replace(row, points=()).rounded()
        for unit, row in zip(units, answer.rows[by], strict=True)
    ]


def _is_small(unit: Unit, people: Mapping[int, int], scope: Scope) -> bool:
    count = people.get(unit.id, 0) if unit.id is not None else 0
    return scope.smallest_group > 1 and count < scope.smallest_group


def _withheld(unit: Unit, scope: Scope) -> ForecastRow:
    note = Note(WITHHELD, {"people": scope.smallest_group})
    return ForecastRow(
        unit.name, unit.id, unit.label, None, None, Backtest(), Status.UNKNOWN, (note,)
    )


def _daily(inputs: Inputs, answer: Answer) -> tuple[float, ...]:
    """Return what was won on each day of the period up to the as-of, as known at the as-of."""
    target = inputs.question.target
    last = min(target.as_of, target.end)
    if last < target.start:
        return ()
    before = max(-target.start, 0)  # days of the period before the first day of data
    found = answer.daily[max(target.start, 0) : last + 1]
    return (*([0.0] * min(before, last - target.start + 1)), *(float(value) for value in found))


def _without_data(request: ForecastRequest, scope: Scope, company: Company) -> ForecastResult:
    note = Note(NO_HISTORY, {"points": 0})
    row = ForecastRow("total", None, "total", None, None, Backtest(), Status.NO_HISTORY, (note,))
    pinned = Pinned(0, "", METHOD)
    return ForecastResult(request, scope.label, company.currency, (row,), pinned, None)
