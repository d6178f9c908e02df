"""How the chances of past weeks did against what became of the deals."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from perilune.insights.contracts import ChanceScore, DealReliability
from perilune.insights.engine import incidence
from perilune.insights.engine.journeys import WON, Floats, Ints
from perilune.insights.engine.learning import corrections
from perilune.insights.engine.scoring import scored
from perilune.insights.queries import knowledge as knowing
from perilune.insights.queries import lessons
from perilune.kernel.asof import AsOf
from perilune.kernel.scope import Scope
from perilune.people.contracts import Company
from perilune.people.queries import company as current_company
from perilune.store import queries as store

WINDOW = 28
"""Days ahead of which a chance is scored."""
WEEKS = 13
"""Weekly days that are looked back on."""


def reliability(
    as_of: AsOf,
    scope: Scope,
    *,
    company: Company | None = None,
    version: int | None = None,
    weeks: int = WEEKS,
) -> DealReliability:
    """Return how chances to be won within 28 days did, of the last weeks whose window is over.

    Each week speaks as it was known then, with a model learnt by then and its corrections; what
    came is as known at the as-of. Only the deals that a scope sees are counted, by their owner of
    that day. Weeks without a model on record are left out.
    """
    found = current_company() if company is None else company
    first = store.run(
        "insights.first_day", scope=Scope.company(), as_of=as_of, version=version
    ).scalar()
    if not isinstance(first, date) or as_of.day < first:
        return DealReliability(WINDOW, (), weeks, 0, ChanceScore())
    known = knowing.read(first, as_of, found, version)
    models = lessons.on_record(known)
    over = [item.day for item in models if item.day + WINDOW <= known.day]
    days = [day for day in over[-weeks:] if lessons.of_day(models, day) is not None]
    when, how = known.journeys.exits(known.day)
    chance: list[Floats] = []
    came: list[np.ndarray] = []
    deals: list[Ints] = []
    bounds = np.array([WINDOW], dtype=np.int64)
    for day in days:
        lesson = lessons.of_day(models, day)
        if lesson is None:
            continue
        correction = corrections(known.journeys, day, models)
        then = incidence.outlook(
            lesson.model, known.journeys, day, known.season, bounds, correction=correction
        )
        seen = (
            np.ones(len(then.deal), dtype=bool)
            if scope.owners is None
            else np.isin(then.owner, list(scope.owners))
        )
        deal = then.deal[seen]
        chance.append(then.win[seen, 0])
        came.append((how[deal] == WON) & (when[deal] > day) & (when[deal] <= day + WINDOW))
        deals.append(deal)
    if not days:
        return DealReliability(WINDOW, (), weeks, 0, ChanceScore())
    return DealReliability(
        WINDOW,
        tuple(known.first_day + timedelta(days=day) for day in days),
        weeks,
        len(np.unique(np.concatenate(deals))),
        scored(np.concatenate(chance), np.concatenate(came)),
    )
