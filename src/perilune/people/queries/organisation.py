"""Reps, teams, assignments and quotas as known at an instant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from perilune.history.queries import states_as_of
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.memo import remember
from perilune.kernel.money import minor_exponent
from perilune.kernel.rates import Rate, Rates, RateSet
from perilune.kernel.wiring import KINDS
from perilune.people import engine
from perilune.people.contracts import Holding, Target
from perilune.people.engine.capacity import Away, Employment, fte_on
from perilune.people.engine.hierarchy import is_in_force
from perilune.people.engine.quotas import LEVEL_ORDER, Span, in_force, quota_over
from perilune.people.queries.company import company

States = dict[int, dict[str, Any]]


def _states(kind: str, at: AsOf) -> States:
    """Return all states of a kind; a page asks for the organisation again and again."""
    return remember(("organisation", kind, at.at), lambda: states_as_of(kind, None, at.at))


def reps_as_of(at: AsOf) -> States:
    """Return the reps known at an instant, by id: name, hire_date, leave_date and so on."""
    return _states("rep", at)


def teams_as_of(at: AsOf) -> States:
    """Return the teams known at an instant, by id."""
    return _states("team", at)


def teams_below(team_id: int, at: AsOf) -> frozenset[int]:
    """Return the ids of a team and of those below it, as known at an instant."""
    parents = {team: state["parent_id"] for team, state in teams_as_of(at).items()}
    return engine.team_subtree([team_id], parents)


def product_families(at: AsOf) -> list[str]:
    """Return the product families on record, sorted: of the catalogue and of assignments."""
    catalogue = _states("product", at).values() if "product" in KINDS else ()
    named = {state["family"] for state in catalogue}
    named |= {held.product_family for held in assignments_as_of(at)}
    return sorted(filter(None, named), key=str.casefold)


def assignments_as_of(at: AsOf) -> list[Holding]:
    """Return the assignments known at an instant, past and coming ones included."""
    return [
        Holding(
            rep_id=state["rep_id"],
            team_id=state["team_id"],
            manager_id=state["manager_id"],
            role=state["role"] or "seller",
            fte=1.0 if state["fte"] is None else state["fte"],
            since=state["effective_from"],
            until=state["effective_to"],
            assignment_id=record_id,
            product_family=state["product_family"] or "",
        )
        for record_id, state in _states("assignment", at).items()
        if state["rep_id"] is not None
    ]


def absences_as_of(at: AsOf) -> States:
    """Return the absences known at an instant: dates and FTE, never a reason."""
    return _states("absence", at)


def quotas_as_of(at: AsOf) -> States:
    """Return the quotas known at an instant, replaced ones included."""
    return _states("quota", at)


def employments_as_of(at: AsOf) -> dict[int, Employment]:
    """Return what is known of each rep's time, for the engine's FTE."""
    held: dict[int, list[Holding]] = defaultdict(list)
    for holding in assignments_as_of(at):
        held[holding.rep_id].append(holding)
    away: dict[int, list[Away]] = defaultdict(list)
    for state in absences_as_of(at).values():
        if state["rep_id"] is not None and state["first_day"] is not None:
            away[state["rep_id"]].append(Away(state["first_day"], state["last_day"], state["fte"]))
    return {
        rep: Employment(state["hire_date"], state["leave_date"], held[rep], away[rep])
        for rep, state in reps_as_of(at).items()
    }


def fte_of_reps(at: AsOf) -> dict[int, tuple[float, bool]]:
    """Return every rep's FTE on the as-of's day, and whether they are there to sell.

    A rep without any assignment sells, as far as is known.
    """

    def sells(known: Employment) -> bool:
        held = [one.role for one in known.holdings if is_in_force(one, at.day)]
        return "seller" in held or not known.holdings

    return {
        rep: (fte_on(known, at.day), sells(known)) for rep, known in employments_as_of(at).items()
    }


def target(
    period: Period,
    at: AsOf,
    *,
    rep_id: int | None = None,
    team_id: int | None = None,
    level: str = "",
    currency: str = "",
) -> Target | None:
    """Return the quota of a rep, a team or (neither) the company over a period; None if unknown.

    Where a team has none of its own, the quotas of the teams below and else of its reps at the
    period's end are summed; the label says «sum». `level` empty takes the first of operating,
    street, board; `currency` empty is the company's. Quotas in other currencies count at the budget
    rate of their first day (rule 5), as in the relation `quota_in_force`; without one they are left
    out.
    """
    currency = currency or company().currency
    table = _spans(quotas_as_of(at).values(), at, currency)
    for name in (level,) if level else LEVEL_ORDER:
        found = _target(table.get(name, {}), period, at, rep_id, team_id)
        if found:
            minor, label = found
            return Target(minor, currency, name, label)
    return None


def quota_spans(
    at: AsOf, on: date, currency: str
) -> dict[tuple[int | None, int | None, str], dict[tuple[date, date], int]]:
    """Return the quotas in force on a day, as known at an instant, by (rep, team, level) and span.

    Minor units of a currency, others at the budget rate of their first day; without one left out.
    """
    table = _spans(quotas_as_of(at).values(), at, currency, on)
    return {
        (*unit, level): {(span.starts, span.ends): span.minor for span in spans}
        for level, units in table.items()
        for unit, spans in units.items()
    }


Unit = tuple[int | None, int | None]


def _spans(
    states: Iterable[Mapping[str, Any]], at: AsOf, currency: str, on: date | None = None
) -> dict[str, dict[Unit, list[Span]]]:
    rates: Rates | None = None
    raw: dict[str, dict[Unit, list[Span]]] = defaultdict(lambda: defaultdict(list))
    for q in states:
        if q["amount"] is None or q["starts"] is None or q["ends"] is None:
            continue
        minor: int | None = q["amount"]
        if q["currency"] and q["currency"] != currency:
            rates = rates or budget_rates(at, currency)
            minor = _converted(q, currency, rates)
        if minor is None:
            continue
        unit = (q["rep_id"], None if q["rep_id"] is not None else q["team_id"])
        raw[q["level"] or "operating"][unit].append(
            Span(q["starts"], q["ends"], minor, q["effective_from"], q["id"])
        )
    return {
        level: {unit: in_force(spans, on or at.day) for unit, spans in units.items()}
        for level, units in raw.items()
    }


def budget_rates(at: AsOf, currency: str) -> Rates:
    """Return the budget rates known at an instant, into a currency."""
    states = _states("rate", at).values()
    known = (s for s in states if s["rate_set"] == RateSet.BUDGET and s["value"] is not None)
    return Rates(
        currency,
        [
            Rate(RateSet.BUDGET, s["currency"], s["starts"], Decimal(repr(s["value"])))
            for s in known
        ],
    )


def _converted(quota: Mapping[str, Any], currency: str, rates: Rates) -> int | None:
    own = quota["currency"]
    rate = rates.find(RateSet.BUDGET, own, quota["starts"])
    if rate is None:
        return None
    scale = Decimal(10) ** (minor_exponent(currency) - minor_exponent(own))
    exact = Decimal(quota["amount"]) * rate * scale
    return int(exact.to_integral_value(ROUND_HALF_UP))


def _target(
    units: Mapping[Unit, list[Span]],
    period: Period,
    at: AsOf,
    rep_id: int | None,
    team_id: int | None,
) -> tuple[int, str] | None:
    def of(unit: Unit) -> int | None:
        return quota_over(units.get(unit, []), period.start, period.end)[0]

    own = of((rep_id, None if rep_id is not None else team_id))
    if own is not None:
        return own, "own"
    if rep_id is not None:
        return None
    parents = {team: state["parent_id"] for team, state in teams_as_of(at).items()}
    below = [team for team, parent in parents.items() if parent == team_id]
    teams = [minor for team in below if (minor := of((None, team))) is not None]
    if teams:
        return sum(teams), "sum"
    members = _members(parents, at, team_id, min(period.end, at.day))
    reps = [minor for rep in members if (minor := of((rep, None))) is not None]
    return (sum(reps), "sum") if reps else None


def _members(
    parents: Mapping[int, int | None], at: AsOf, team_id: int | None, day: date
) -> Iterable[int]:
    if team_id is None:
        return reps_as_of(at)
    wanted = engine.team_subtree([team_id], parents)
    current = engine.current_holdings(assignments_as_of(at), day)
    return {h.rep_id for h in current if h.team_id in wanted}
