"""What the demo's people do about risks: taken on, asleep, closed with what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from perilune.forecasting import queries
from perilune.forecasting.contracts import MINOR_KINDS, DealAtRisk, Outcome, RiskKey, RiskKind
from perilune.forecasting.service import risks
from perilune.forecasting.service.risks import Asked
from perilune.kernel.calendar import Grain
from perilune.kernel.scope import Scope
from perilune.people.queries import company

TAKEN, ASLEEP, CLOSED = 6, 3, 5
"""Deals whose risk is on somebody's list, sleeps, or was dealt with."""
OUTCOMES = (
    Outcome.REMOVED, Outcome.SMALLER, Outcome.REMOVED, Outcome.STANDS, Outcome.FALSE_ALARM,
)  # fmt: skip
ASLEEP_WHY = {
    "fr": "Le client a fixé la reprise des échanges après son comité budgétaire.",
    "en": "The customer has set the next talk for after its budget round.",
}
CLOSED_WHY = {
    "fr": "Point fait avec l’acheteur, la suite est au calendrier.",
    "en": "Talked through with the buyer, what follows is in the diary.",
}


def act_on_risks(language: str) -> None:
    """Act on the gravest deals of the quarter, as the manager, the analyst and the team lead."""
    here = company()
    day = here.today.day
    period = here.calendar.find(day, Grain.QUARTER)
    found = queries.risks_of(period, here.today, Scope.company())
    chosen = list(_spread(found.deals))[: TAKEN + ASLEEP + CLOSED]
    keys = [RiskKey(_kind(deal), deal.id) for deal in chosen]
    manager = Asked("manager", day, period)
    for place, key in enumerate(keys[:TAKEN]):
        owner = ("manager", "analyst", "teamlead")[place % 3]
        risks.take([key], manager, owner=owner, due=day + timedelta(days=3 + 2 * place))
    for place, key in enumerate(keys[TAKEN : TAKEN + ASLEEP]):
        until = day + timedelta(days=14 + 7 * place)
        risks.snooze([key], manager, reason=ASLEEP_WHY[language], until=until)
    for place, key in enumerate(keys[TAKEN + ASLEEP :]):
        _close(key, OUTCOMES[place % len(OUTCOMES)], day, language, manager)


def _close(key: RiskKey, outcome: Outcome, day: date, language: str, asked: Asked) -> None:
    before = Asked("teamlead", day - timedelta(days=14), asked.period)
    risks.take([key], before, due=day)
    risks.close([key], asked, outcome=outcome, reason=CLOSED_WHY[language])


def _spread(deals: tuple[DealAtRisk, ...]) -> Iterator[DealAtRisk]:
    """Return the deals in order, each owner's first one before any second."""
    met: set[int | None] = set()
    later = []
    for deal in deals:
        if deal.owner_id in met:
            later.append(deal)
            continue
        met.add(deal.owner_id)
        yield deal
    yield from later


def _kind(deal: DealAtRisk) -> RiskKind:
    return next(kind for kind in deal.kinds if kind not in MINOR_KINDS)
