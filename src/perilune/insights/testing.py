"""Makers for tests: deals of a made-up company as journeys, a plain season."""

from __future__ import annotations

from collections.abc import Hashable
from contextlib import suppress
from typing import Any

import numpy as np

from perilune.insights.engine.design import Season
from perilune.insights.engine.journeys import (
    DAYS,
    FOREVER,
    LOST,
    OPEN,
    UNKNOWN,
    WON,
    Ints,
    Journeys,
)
from perilune.kernel.asof import AsOf

SEASON = Season(
    (np.arange(4000) % 91) // 7, np.minimum((np.arange(4000) % 364) // 30, 11), before=800
)
"""Quarters of thirteen weeks and years of four of them, from 800 days before day 0."""


def journeys_of(spells: Any, **columns: Any) -> Journeys:
    """Make journeys of spells (deal, start, end, state); more columns by name, else nothing known.

    A closed spell closes on its first day; deals are created on the first day of their first spell.
    """
    table = np.array(spells, dtype=np.int64).reshape(-1, 4)
    deal, start, end, state = table.T
    count = int(deal.max(initial=-1)) + 1
    is_closed = (state == WON) | (state == LOST)
    first = np.searchsorted(deal, np.arange(count))
    plain = {
        "closed": np.where(is_closed, start, UNKNOWN),
        "due": np.full(len(deal), UNKNOWN),
        "value": np.full(len(deal), np.nan),
        "owner": np.full(len(deal), -1, dtype=np.int64),
        "pushes": np.zeros(len(deal), dtype=np.int64),
        "created": start[first] if count else np.zeros(0, np.int64),
        "key": np.arange(count, dtype=np.int64) + 1000,
    }
    return Journeys(deal, start, end, state, **(plain | columns))


def exits_of(
    rng: np.random.Generator, created: Ints, win: Any, lose: Any, last: int
) -> tuple[Ints, Ints]:
    """Draw on which day each deal leaves, and how; win, lose: hazards a day, of a deal or of a day.

    A hazard is (m,) or, as a function, takes day numbers and returns (m,). Open after `last`.
    """
    when = np.full(len(created), FOREVER)
    how = np.full(len(created), OPEN)
    for day in range(int(created.min(initial=0)) + 1, last + 1):
        chance = [hazard(day) if callable(hazard) else hazard for hazard in (win, lose)]
        luck = rng.random(len(created))
        at_risk = (how == OPEN) & (created < day)
        won = at_risk & (luck < chance[0])
        lost = at_risk & ~won & (luck < chance[0] + np.asarray(chance[1]))
        when[won | lost] = day
        how[won], how[lost] = WON, LOST
    return when, how


def company(
    rng: np.random.Generator, deals: int, last: int, win: Any, lose: Any, **of_deal: Any
) -> Journeys:
    """Make a company whose deals come evenly and leave by known hazards, known up to a day.

    of_deal: value, owner (m,), stage (m,): a level that a deal keeps.
    """
    created = np.sort(rng.integers(0, last, deals))
    when, how = exits_of(rng, created, win, lose, last)
    closed = np.flatnonzero(how != OPEN)
    deal = np.concatenate([np.arange(deals), closed])
    start = np.concatenate([created, when[closed]])
    end = np.concatenate([when, np.full(len(closed), FOREVER)])
    state = np.concatenate([np.full(deals, OPEN), how[closed]])
    order = np.lexsort((start, deal))
    deal = deal[order]
    columns: dict[str, Any] = {
        name: np.asarray(values)[deal] for name, values in of_deal.items() if name != "stage"
    }
    if "stage" in of_deal:
        stage = np.asarray(of_deal["stage"], np.int64)
        columns["codes"] = {"stage": stage[deal], "stage_since": created[deal]}
        columns["levels"] = {"stage": tuple(str(n) for n in range(int(stage.max()) + 1))}
    return journeys_of(
        np.stack([deal, start[order], end[order], state[order]], axis=1), created=created, **columns
    )


def known_at(journeys: Journeys, day: int) -> Journeys:
    """Return what was known at the end of a day, as if nothing had come after it."""
    rows = np.flatnonzero(journeys.start <= day)
    deals = np.unique(journeys.deal[rows])
    acts = journeys.acts[journeys.acts_from <= day]
    return Journeys(
        np.searchsorted(deals, journeys.deal[rows]),
        journeys.start[rows],
        np.where(journeys.end[rows] > day, FOREVER, journeys.end[rows]),
        journeys.state[rows],
        journeys.closed[rows],
        journeys.due[rows],
        journeys.value[rows],
        journeys.owner[rows],
        journeys.pushes[rows],
        journeys.created[deals],
        journeys.key[deals],
        {name: codes[rows] for name, codes in journeys.codes.items()},
        journeys.levels,
        {name: ids[rows] for name, ids in journeys.ids.items()},
        np.searchsorted(deals, acts // DAYS) * DAYS + acts % DAYS,
    )


# -- models on record ------------------------------------------------------------------------------

_learnt: dict[Hashable, list[Any]] = {}


class _Enough(Exception):
    """So many models are learnt."""


def learn_latest(as_of: AsOf, count: int) -> int:
    """Put the latest `count` models behind an as-of on record, and return how many there are."""
    from perilune.insights import service
    from perilune.insights.models import OutlookModel
    from perilune.store import service as store

    key = (store.current().path, as_of.at, count)
    if key not in _learnt:
        left = count

        def tell(_done: int, _wanted: int) -> None:
            nonlocal left
            left -= 1
            if not left:
                raise _Enough

        with suppress(_Enough):
            service.learn(as_of, tell=tell)
        _learnt[key] = list(OutlookModel.objects.all())
    else:
        again = [
            OutlookModel(digest=one.digest, day=one.day, payload=one.payload)
            for one in _learnt[key]
        ]
        OutlookModel.objects.bulk_create(again, ignore_conflicts=True)
    return len(_learnt[key])
