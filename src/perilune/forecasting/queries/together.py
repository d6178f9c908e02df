"""One entry moves everything: a scenario's people, quotas, forecast, loads and risks in one go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from perilune.forecasting.contracts import By, ForecastRequest, ScenarioResult
from perilune.forecasting.contracts.together import (
    Capacity,
    Endangered,
    Load,
    QuotaCover,
    Sides,
    Together,
)
from perilune.forecasting.engine import NO_HISTORY
from perilune.forecasting.queries.kept_inputs import inputs_of
from perilune.forecasting.queries.risks import at_risk
from perilune.forecasting.queries.scenario_tables import today
from perilune.forecasting.queries.scenarios import scenario_results
from perilune.forecasting.queries.seating import spans
from perilune.forecasting.queries.targets import LEVELS, Targets, targets_by_level
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.errors import Refused
from perilune.kernel.scope import Scope
from perilune.people.contracts import Company
from perilune.people.queries import fte_of_reps, reps_as_of, teams_as_of
from perilune.planning import queries as planning
from perilune.planning.contracts import DAYS, Scenario, Tables
from perilune.planning.queries import Book, books, handed_over, presence
from perilune.territories import queries as territories

NOBODY = Book()


def together(
    found: Scenario,
    period: Period,
    as_of: AsOf,
    scope: Scope,
    settings: Company,
    *,
    learn: bool = False,
) -> Together:
    """Return what a scenario does to everything that one entry moves, before and after.

    Raises Refused to whom only groups may be shown, and where there is no history to stand on.
    """
    forecast = scenario_results((found,), period, as_of, scope, company=settings, learn=learn)[0]
    inputs = inputs_of(ForecastRequest(period, By.TEAM, as_of), scope, settings, learn=learn)
    if inputs is None:
        raise Refused(NO_HISTORY, points=0)
    where = spans(inputs.first_day, as_of, inputs.store_version)
    before = today(inputs, where, as_of, scope)
    after = planning.apply(before, found.assumptions)
    first = before.column(max(period.start, before.day(0)))
    last = min(before.column(period.end), DAYS - 1)
    people = _People(before, after, first, last, as_of)
    cover = _cover(people, period, as_of, scope, settings.currency)
    loads, by_territory = _loads(people, as_of, scope)
    risks = _risks(people, forecast, cover, loads, (period, as_of, scope))
    return Together(forecast, people.capacity(), cover, loads, by_territory, risks)


class _People:
    """Both sides' presence and FTE, by rep; hires have ids below zero."""

    def __init__(self, before: Tables, after: Tables, first: int, last: int, as_of: AsOf) -> None:
        self.before, self.after, self.first, self.last = before, after, first, last
        self.there = Sides(presence(before, first, last), presence(after, first, last))
        known = fte_of_reps(as_of)
        self.fte = {rep: fte for rep, (fte, _sells) in known.items()}
        self.others = {rep for rep, (_fte, sells) in known.items() if not sells}
        self.names = {id_: state["name"] or "" for id_, state in reps_as_of(as_of).items()}
        self.teams = {id_: state["name"] or "" for id_, state in teams_as_of(as_of).items()}

    def fte_of(self, there: Mapping[int, float], rep: int) -> float:
        """Return the mean FTE of a rep; a hire's presence is FTE already."""
        return there.get(rep, 0.0) * (self.fte.get(rep, 1.0) if rep > 0 else 1.0)

    def capacity(self) -> tuple[Capacity, ...]:
        """Return the whole, then each team; of sellers and planned hires."""
        team_of = dict(zip(self.after.reps.tolist(), self.after.team.tolist(), strict=True))
        team_of |= dict(zip(self.before.reps.tolist(), self.before.team.tolist(), strict=True))
        sums: dict[int | None, list[float]] = defaultdict(lambda: [0.0, 0.0])
        for rep, team in team_of.items():
            if rep in self.others:
                continue
            for side, there in enumerate((self.there.before, self.there.after)):
                for unit in (None, team):
                    sums[unit][side] += self.fte_of(there, rep)
        rows = [
            Capacity(team, self.teams.get(team or 0, ""), Sides(*both))
            for team, both in sums.items()
            if team is None or any(both)
        ]
        return tuple(sorted(rows, key=lambda row: (row.team_id is not None, row.name)))


def _cover(people: _People, period: Period, as_of: AsOf, scope: Scope, currency: str) -> QuotaCover:
    by_level = targets_by_level(period, as_of, scope, currency)
    level = min(by_level, key=LEVELS.index) if by_level else ""
    own = by_level.get(level, {})
    street = _reps(by_level.get("street") or own)
    edited = {unit: minor for (unit, name), minor in people.after.quotas.items()
              if name == period.name}  # fmt: skip
    target = own.get(("total", 0))
    after = edited.get(("company", 0), target)
    quotas = Sides(
        _held(street, people.there.before, period, as_of),
        _held(street | _reps(edited), people.there.after, period, as_of),
    )
    hires = sum(1 for rep in people.there.after if rep < 0)
    return QuotaCover(level, quotas, Sides(target, after), hires)


def _reps(found: Targets) -> dict[int, int]:
    return {id_: minor for (kind, id_), minor in found.items() if kind == "rep"}


def _held(
    quotas: Mapping[int, int], there: Mapping[int, float], period: Period, as_of: AsOf
) -> int | None:
    """Return the quotas of the days gone by, and of those ahead on which the reps are there."""
    if not quotas:
        return None
    ahead = min(max((period.end - as_of.day).days, 0), period.days) / period.days
    return round(sum(
        minor * (1 - ahead + ahead * min(there.get(rep, 0.0), 1.0))
        for rep, minor in quotas.items()
    ))  # fmt: skip


def _loads(people: _People, as_of: AsOf, scope: Scope) -> tuple[tuple[Load, ...], bool]:
    """Return loads by territory in force, or by rep where none is."""
    last = people.last
    held = Sides(books(people.before, last), books(people.after, last))
    end = Sides(presence(people.before, last, last), presence(people.after, last, last))
    seats = {
        one.name: tuple(rep for rep, _name, role in one.reps if role == "owner")
        for one in territories.in_force(as_of, scope)
        if one.reps
    }
    everybody = sorted({*held.before, *held.after} - {0})
    units = seats or {people.names.get(rep, f"#{abs(rep)}"): (rep,) for rep in everybody}

    def load(name: str, reps: tuple[int, ...]) -> Load:
        sums = [
            [sum(getattr(of.get(rep, NOBODY), part) for rep in reps)
             for of in (held.before, held.after)]
            for part in ("accounts", "deals", "value")
        ]  # fmt: skip
        fte = [sum(people.fte_of(of, rep) for rep in reps) for of in (end.before, end.after)]
        names = tuple(people.names.get(rep, "") for rep in reps)
        return Load(name, names, *(Sides(*both) for both in (*sums, fte)))

    return tuple(load(name, reps) for name, reps in units.items()), bool(seats)


def _risks(
    people: _People,
    forecast: ScenarioResult,
    cover: QuotaCover,
    loads: tuple[Load, ...],
    asked: tuple[Period, AsOf, Scope],
) -> Endangered:
    deals, revenue = at_risk(*asked)
    book, takers = handed_over(people.before, people.after, people.last)
    spans_of = forecast.total.base, forecast.total.scenario or forecast.total.base
    goals = cover.target.before, cover.target.after
    gaps = [
        None if goal is None or span is None else goal - span.p50
        for goal, span in zip(goals, spans_of, strict=True)
    ]
    return Endangered(
        deals, revenue, book.accounts, book.deals, book.value, takers.get(0, 0),
        Sides(*gaps),
        tuple(one.name for one in loads if one.fte.before > 0 and one.fte.after == 0),
    )  # fmt: skip
