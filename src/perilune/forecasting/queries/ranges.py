"""The range of a period as of an instant, for the total and by region, team or rep."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass, replace

from perilune.forecasting.contracts import (
    METHOD,
    OF_PARTS,
    OF_SEATS,
    Away,
    Backtest,
    By,
    ForecastRequest,
    ForecastResult,
    ForecastRow,
    Group,
    Note,
    Pinned,
    Status,
)
from perilune.forecasting.engine import NO_HISTORY, Answer, Unit, forecast
from perilune.forecasting.queries.inputs import Inputs, first_of
from perilune.forecasting.queries.kept_inputs import inputs_of
from perilune.forecasting.queries.parts import with_parts
from perilune.forecasting.queries.seating import subtree
from perilune.insights.queries import models_on_record
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.errors import Refused
from perilune.kernel.keeping import Kept
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.contracts import Company
from perilune.people.queries import company as current_company
from perilune.store import service

WITHHELD = _("Withheld: figures about fewer than %(people)s people are not shown.")
_answers = Kept[dict[By, ForecastResult]](64)


def range_for(
    period: Period,
    by: By,
    as_of: AsOf,
    scope: Scope,
    *,
    company: Company | None = None,
    version: int | None = None,
    learn: bool = False,
    method: str = METHOD,
) -> ForecastResult:
    """Return the forecast of a period as of an instant: the total first, then the units of `by`.

    company: the settings to count with, by default the home's. version: a pinned version of the
    store, by default the current one. learn: learn models of open deals that are not on record,
    which may take minutes; pages show what is on record. method: an earlier one, for runs that were
    made with it. Amounts are whole minor units of the
    company's currency.
    Raises Refused where the scope may not see single reps.
    """
    if by is By.REP and scope.smallest_group > 1:
        raise Refused(_("Your role sees groups, not single reps. Choose team or region."))
    request = ForecastRequest(period, by, as_of)
    question = _Question(request, scope, company or current_company(), learn, method)
    # one version for all that is read, whatever is written meanwhile
    stamp = first_of(as_of, version).version
    key = question.key(stamp)
    if by in OF_PARTS:
        return _answers.get((key, by), lambda: question.answer(stamp, (by,)))[by]
    every = _answers.peek((key, True))
    if every is not None:
        return every[by]
    with_reps = by is By.REP
    cuts = tuple(cut for cut in OF_SEATS if with_reps or cut is not By.REP)
    return _answers.get((key, with_reps), lambda: question.answer(stamp, cuts))[by]


def card(period: Period, as_of: AsOf, scope: Scope) -> ForecastResult:
    """Return a forecast of a period whose total is wanted, for the cockpit."""
    return range_for(period, default_cut(scope), as_of, scope)


def default_cut(scope: Scope) -> By:
    """Return the cut that the forecast page opens with."""
    return By.TEAM if scope.smallest_group > 1 else By.REGION


@dataclass(frozen=True)
class _Question:
    """All that an answer depends on, but for the store's version and the cut."""

    request: ForecastRequest
    scope: Scope
    company: Company
    learn: bool
    method: str = METHOD

    def key(self, version: int) -> Hashable:
        """Return what tells this question on a version of the store from every other one."""
        company, scope = self.company, self.scope
        settings = (company.currency, str(company.zone), company.calendar)
        return (
            service.current().path,
            version,
            self.request.period,
            self.request.as_of,
            scope.digest(),
            scope.label,
            settings,
            models_on_record(),
            self.learn,
            self.method,
        )

    def answer(self, version: int, cuts: Collection[By]) -> dict[By, ForecastResult]:
        """Compute the answers under some cuts from the store."""
        inputs = inputs_of(
            self.request, self.scope, self.company, version, learn=self.learn, method=self.method
        )
        if inputs is None:
            return {
                by: _without_data(replace(self.request, by=by), self.scope, self.company)
                for by in cuts
            }
        for by in cuts:
            if by in OF_PARTS:
                inputs = with_parts(inputs, by, self.request.as_of, self.scope, self.company)
        return _computed(self.request, self.scope, self.company, inputs, cuts)


def _computed(
    request: ForecastRequest,
    scope: Scope,
    company: Company,
    inputs: Inputs,
    cuts: Collection[By],
) -> dict[By, ForecastResult]:
    """Return the answer under each cut: they come from one set of samples."""
    answer = forecast(inputs.question, cuts)
    total = answer.total.rounded()
    pinned = Pinned(inputs.store_version, inputs.digest(), inputs.method)
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
            away=_away(inputs, answer, scope),
            groups=_groups(inputs, answer, scope) if by is By.TEAM else (),
        )
        for by in cuts
    }


def _away(inputs: Inputs, answer: Answer, scope: Scope) -> Away | None:
    """Return whom the range counts as leaving or away; nothing of fewer than a scope may see."""
    off = answer.taken > 0.5
    people = len(set(inputs.question.seats.rep[off].tolist())) if len(off) else 0
    if not people or people < scope.smallest_group or answer.total.range is None:
        return None
    return Away(people, float(answer.taken.sum()))


def _rows(inputs: Inputs, answer: Answer, by: By, scope: Scope) -> list[ForecastRow]:
    if by is By.TOTAL or by not in answer.rows:
        return []
    asked = inputs.question
    units = asked.parts[by].units if by in asked.parts else asked.units.get(by, ())
    small = _too_few(inputs, by, units, scope)
    return [
        _withheld(unit, scope) if unit.name in small else replace(row, points=()).rounded()
        for unit, row in zip(units, answer.rows[by], strict=True)
    ]


def _groups(inputs: Inputs, answer: Answer, scope: Scope) -> tuple[Group, ...]:
    """Return the teams between region and team; one of them is withheld with any team within."""
    asked, parents = inputs.question, inputs.parents
    small = _too_few(inputs, By.TEAM, asked.units[By.TEAM], scope)
    between = {unit.id for unit in asked.groups}
    found = []
    for unit, row in zip(asked.groups, answer.groups, strict=True):
        teams = frozenset() if unit.id is None else subtree(parents, unit.id)
        # less the teams that are shown, a group would tell of one that is not
        is_small = any(part.id in teams and part.name in small for part in asked.units[By.TEAM])
        shown = _withheld(unit, scope) if is_small else replace(row, points=()).rounded()
        above = parents.get(unit.id) if unit.id is not None else None
        found.append(Group(shown, above if above in between else None, teams))
    return tuple(found)


def _too_few(inputs: Inputs, by: By, units: Sequence[Unit], scope: Scope) -> set[str]:
    """Return the units that may not be shown; their rows sum to the total's."""
    if scope.smallest_group <= 1:
        return set()
    people = inputs.people.get(by, {})
    return scope.too_few({unit.name: people.get(unit.name, 0) for unit in units})


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
