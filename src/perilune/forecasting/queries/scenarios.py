"""What a scenario does to the forecast of a period, on the same random numbers as without."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from perilune.forecasting.contracts import By, ForecastRequest, Note, Status
from perilune.forecasting.contracts.scenarios import Effect, ScenarioResult, Unapplied
from perilune.forecasting.engine import NO_HISTORY, Answer, Lots, Unit
from perilune.forecasting.engine.scenario import Deals, delta_in_other_hands, stretched
from perilune.forecasting.engine.windows import Floats
from perilune.forecasting.queries.inputs import Inputs, first_of
from perilune.forecasting.queries.kept_answers import by_team
from perilune.forecasting.queries.kept_inputs import inputs_of
from perilune.forecasting.queries.scenario_tables import changes, today, told
from perilune.forecasting.queries.seating import Seat, spans
from perilune.insights import queries as insights
from perilune.insights.contracts import HORIZON, TakenOver
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.errors import Refused
from perilune.kernel.keeping import Kept
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.ranges import Range
from perilune.kernel.scope import Scope
from perilune.people.contracts import Company
from perilune.people.queries import company as current_company
from perilune.people.queries import teams_as_of
from perilune.planning import queries as planning
from perilune.planning.contracts import Quota, Scenario
from perilune.store import service

NO_MODEL = _(
    "No model of open deals is on record for this day: edits have nothing to act on. "
    "It is learnt overnight, or by «perilune forecast» on the command line."
)
TOO_FAR = _("The period is over, or ends more than a year ahead: no deals are drawn for it.")
NO_EFFECT = _(
    "Changes nothing here: whom or what it names is outside what you see, or it begins too late."
)
NO_FORECAST = _("A quota changes what is aimed at, not what is forecast.")
FATES = 16
"""Equally likely answers to how deals do in other hands, among the paths."""
HANDED = _(
    "Deals that changed hands in the year before: %(deals)s; won in the thirteen weeks after it: "
    "%(wins)s, where like deals would have brought %(expected)s. So deals that change hands here "
    "are taken to be won at %(ratio)s %% of the rate of like deals, give or take what so few tell."
)
LOADED = _(
    "Open deals whose holders would have more of them: %(deals)s, on average %(load)s %% of the "
    "number they have time for. How much that slows deals is not known here: the range goes from "
    "not at all to in full proportion."
)
PRODUCT = _("Prices of single products are not applied yet: deals are drawn without their lines.")


def scenario_result(
    scenario_id: int, period: Period, as_of: AsOf, scope: Scope, username: str
) -> ScenarioResult:
    """Return what one scenario does. NotFound where it is not theirs nor shared with them."""
    found = planning.scenario(scenario_id, as_of, username)
    return scenario_results((found,), period, as_of, scope)[0]


def scenario_results(
    scenarios: Sequence[Scenario],
    period: Period,
    as_of: AsOf,
    scope: Scope,
    *,
    company: Company | None = None,
    learn: bool = False,
) -> tuple[ScenarioResult, ...]:
    """Return what each scenario does to the same forecast; the gate has let the scenarios through.

    Raises Refused to whom only groups may be shown: an edit could single somebody out.
    """
    if scope.smallest_group > 1:
        raise Refused(_("Your role sees groups, not what one more or one less would bring."))
    settings = company or current_company()
    request = ForecastRequest(period, By.TEAM, as_of)
    key = _stand(request, scope, settings, learn=learn)

    def under(found: Scenario) -> ScenarioResult:
        base = _bases.get(key, lambda: _based(request, scope, settings, learn=learn))
        return base.under(found) if base else _nothing(found, period, scope, settings)

    return tuple(
        _results.get((key, _digest(found)), lambda found=found: under(found))  # type: ignore[misc]
        for found in scenarios
    )


def _stand(
    request: ForecastRequest, scope: Scope, settings: Company, *, learn: bool
) -> tuple[Hashable, ...]:
    """Return all that an answer stands on, but for the scenario itself."""
    return (
        service.current().path, first_of(request.as_of).version, request, scope.digest(),
        scope.label, settings.currency, str(settings.zone), settings.calendar,
        insights.models_on_record(), learn,
    )  # fmt: skip


def _digest(found: Scenario) -> str:
    """Return what tells a scenario as it stands from every other: a changed edit is another."""
    text = repr((found.head.id, found.head.name, found.assumptions))
    return hashlib.sha256(text.encode()).hexdigest()


def _based(
    request: ForecastRequest, scope: Scope, settings: Company, *, learn: bool
) -> _Base | None:
    inputs = inputs_of(request, scope, settings, learn=learn)
    if inputs is None:
        return None
    answer = by_team(inputs)  # what is drawn is that of every cut
    return _Base(request, scope, settings.currency, inputs, answer, settings, learn)


def _nothing(found: Scenario, period: Period, scope: Scope, settings: Company) -> ScenarioResult:
    return ScenarioResult(
        found.head.id, found.head.name, period, scope.label, settings.currency,
        Status.NO_HISTORY, None, Effect(None, "total", None, None, None), (),
        (Unapplied(None, Note(NO_HISTORY, {"points": 0})),), 0,
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Base:
    """The forecast without edits, asked once for all scenarios."""

    request: ForecastRequest
    scope: Scope
    currency: str
    inputs: Inputs
    answer: Answer
    company: Company
    learn: bool

    def under(self, found: Scenario) -> ScenarioResult:
        row = self.answer.total
        lots, draw = self.answer.lots, self.inputs.question.draw
        if draw is None or lots is None or row.range is None:
            total = Effect(None, row.label, row.range, None, None)
            return self._result(found, total, (), (Unapplied(None, self._why_none()),))
        as_of, question = self.request.as_of, self.inputs.question
        where = spans(self.inputs.first_day, as_of, self.inputs.store_version)
        before = today(self.inputs, where, as_of, self.scope)
        whole = stretched(draw, self.answer.seat_mean, self.inputs.model.whole)
        # what is told is no edit: it is off on both sides, and its scenario takes nothing twice
        base = told(self.inputs, before, where, whole)
        made = changes(self.inputs, planning.apply(before, found.assumptions), where, whole)
        hands = self.takeovers if made.deals.handed.any() else None
        more = delta_in_other_hands(
            base, whole, made.deals, made.sellers,
            hands.likely(FATES) if hands else np.ones(1),
            seats=len(made.seats), paths=question.paths, seed=question.seed,
        )  # fmt: skip
        sides = _Sides(lots, more * lots.level, made.seats)
        unchanged = planning.idle(before, found.assumptions)
        return self._result(
            found,
            sides.effect(question.total, row.won_to_date or 0.0),
            self._teams(sides),
            tuple(_unapplied(found, unchanged)),
            _handed_notes(hands, made.deals) if hands else (),
        )

    @cached_property
    def takeovers(self) -> TakenOver:
        """What became of deals that changed hands before."""
        version = self.inputs.store_version
        return insights.takeovers(
            self.request.as_of, company=self.company, version=version, learn=self.learn
        )

    def _why_none(self) -> Note:
        """Return why there is nothing that edits could act on."""
        row, target = self.answer.total, self.inputs.question.target
        if not target.length or target.lead + target.length > HORIZON:
            return Note(TOO_FAR)
        return Note(NO_MODEL) if row.range else Note(NO_HISTORY, {"points": row.backtest.points})

    def _teams(self, sides: _Sides) -> tuple[Effect, ...]:
        rows = zip(
            self.inputs.question.units.get(By.TEAM, ()),
            self.answer.rows.get(By.TEAM, ()),
            strict=False,
        )
        found = [
            sides.effect(unit, row.won_to_date or 0.0)
            for unit, row in rows
            if unit.id is not None and row.range is not None
        ]
        known = {effect.unit_id for effect in found}
        named = teams_as_of(self.request.as_of)
        for team in {seat[1] for seat in sides.seats} - known:
            if team in named:
                label = named[team]["name"] or f"#{team}"
                found.append(sides.effect(Unit(f"team:{team}", label, By.TEAM, team), 0.0))
        changed = [effect for effect in found if effect.delta and _moves(effect.delta)]
        return tuple(sorted(changed, key=lambda one: -abs(one.delta.mean if one.delta else 0.0)))

    def _result(
        self,
        found: Scenario,
        total: Effect,
        teams: Sequence[Effect],
        unapplied: Sequence[Unapplied],
        notes: Sequence[Note] = (),
    ) -> ScenarioResult:
        row = self.answer.total
        return ScenarioResult(
            found.head.id, found.head.name, self.request.period, self.scope.label, self.currency,
            row.status, row.won_to_date, total, teams, unapplied, self.inputs.store_version, notes,
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Sides:
    """The samples of both sides by seat: `lots` of the question's, `more` of (L', S) all seats."""

    lots: Lots
    more: Floats
    seats: Sequence[Seat]

    def effect(self, unit: Unit, won: float) -> Effect:
        """Return a unit's two ranges and that of the difference."""
        if unit.by is By.TOTAL:
            base, more = self.lots.of(unit), self.more.sum(axis=0)
        else:
            mine = [at for at, seat in enumerate(self.seats) if seat[1] == unit.id]
            base = self.lots.of(unit)
            more = self.more[mine].sum(axis=0)
        after = np.maximum(base + more, 0.0)
        return Effect(
            unit.id,
            unit.label,
            _range(base).shifted(won),
            _range(more),
            _range(after).shifted(won),
        )


def _range(samples: Floats) -> Range:
    low, mid, high = (float(round(value)) for value in np.quantile(samples, [0.1, 0.5, 0.9]))
    return Range(low, mid, high, float(round(float(samples.mean()))))


def _moves(span: Range) -> bool:
    return any((span.p10, span.p90, span.mean))


def _handed_notes(found: TakenOver, deals: Deals) -> tuple[Note, ...]:
    told = {"deals": found.deals, "wins": round(found.wins), "expected": round(found.expected)}
    hands = Note(HANDED, {**told, "ratio": round(100 * found.ratio)})
    fuller = deals.load > 1
    if not fuller.any():
        return (hands,)
    facts = {"deals": int(fuller.sum()), "load": round(100 * float(deals.load[fuller].mean()))}
    return hands, Note(LOADED, facts)


def _unapplied(found: Scenario, unchanged: Sequence[int]) -> list[Unapplied]:
    reasons = []
    for item in found.assumptions:
        if isinstance(item.edit, Quota):
            reasons.append(Unapplied(item.id, Note(NO_FORECAST)))
        elif item.id in unchanged:
            has_product = getattr(item.edit, "product_id", None) is not None
            reasons.append(Unapplied(item.id, Note(PRODUCT if has_product else NO_EFFECT)))
    return reasons


_bases = Kept[_Base | None](4)
"""Forecasts without edits: their samples weigh megabytes."""
_results = Kept[ScenarioResult](64)
