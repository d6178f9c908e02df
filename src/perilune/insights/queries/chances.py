"""What is likely to become of each open deal in a period, with reasons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from perilune.insights.contracts import HORIZON, DealChance, Reason, TakenOver
from perilune.insights.engine.hazard import Model
from perilune.insights.engine.incidence import outlook as open_outlook
from perilune.insights.engine.journeys import Floats
from perilune.insights.engine.learning import Lesson, corrections
from perilune.insights.engine.reasons import reasons_of
from perilune.insights.engine.takeovers import taken_over
from perilune.insights.queries import knowledge as knowing
from perilune.insights.queries import lessons
from perilune.insights.queries.knowledge import Knowledge
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.scope import Scope
from perilune.people.contracts import Company
from perilune.people.queries import company as current_company
from perilune.store import queries as store

UNLIKELY = 0.02
"""A chance of a win within a year below which no day of a win is named."""


def chances(
    period: Period,
    as_of: AsOf,
    scope: Scope,
    *,
    company: Company | None = None,
    version: int | None = None,
    learn: bool = False,
) -> tuple[DealChance, ...]:
    """Return the chances of the open deals that a scope sees, those of most expected value first.

    Empty where no model is on record (and `learn` does not ask for one), or the history is short.
    """
    learnt = _learnt(as_of, company, version, learn=learn)
    if learnt is None:
        return ()
    known, models, lesson = learnt
    correction = corrections(known.journeys, known.day, models)
    return _chances(known, lesson.model, correction, period, scope, names=_names(as_of, version))


def takeovers(
    as_of: AsOf,
    *,
    company: Company | None = None,
    version: int | None = None,
    learn: bool = False,
) -> TakenOver:
    """Return what became of the company's deals that changed hands in the year before."""
    learnt = _learnt(as_of, company, version, learn=learn)
    if learnt is None:
        return TakenOver(0, 0.0, 0.0)
    known, __, lesson = learnt
    return taken_over(lesson.model, known.journeys, known.day, known.season)


def _learnt(
    as_of: AsOf, company: Company | None, version: int | None, *, learn: bool
) -> tuple[Knowledge, Sequence[Lesson], Lesson] | None:
    """Return what is known, the models and that of the day; None where there is none."""
    found = current_company() if company is None else company
    first = store.run(
        "insights.first_day", scope=Scope.company(), as_of=as_of, version=version
    ).scalar()
    if not isinstance(first, date) or as_of.day < first:
        return None
    known = knowing.read(first, as_of, found, version)
    models = tuple(lessons.all_of(known) if learn else lessons.on_record(known))
    lesson = lessons.of_day(models, known.day)
    return None if lesson is None else (known, models, lesson)


def _names(as_of: AsOf, version: int | None) -> dict[tuple[str, int], str]:
    rows = store.run("insights.names", scope=Scope.company(), as_of=as_of, version=version).rows
    return {(kind, key): name for kind, key, name in rows}


def _chances(
    known: Knowledge,
    model: Model,
    correction: Floats,
    period: Period,
    scope: Scope,
    *,
    names: dict[tuple[str, int], str],
) -> tuple[DealChance, ...]:
    lead = min(max((period.start - known.first_day).days - known.day - 1, 0), HORIZON)
    end = min(max((period.end - known.first_day).days - known.day, 0), HORIZON)
    weekly = np.arange(7, HORIZON + 1, 7)
    bounds = np.unique(
        np.concatenate([[bound for bound in (lead, end) if bound > 0], weekly])
    ).astype(np.int64)
    found = open_outlook(
        model, known.journeys, known.day, known.season, bounds, correction=correction
    )
    owners = scope.owners
    seen = np.ones(len(found.deal), bool) if owners is None else np.isin(found.owner, list(owners))
    rows = np.flatnonzero(seen)

    def upto(table: Floats, bound: int) -> Floats:
        return table[:, np.searchsorted(bounds, bound)] if bound else np.zeros(len(table))

    win = np.maximum(upto(found.win, end) - upto(found.win, lead), 0.0)
    lose = np.maximum(upto(found.lose, end) - upto(found.lose, lead), 0.0)
    ever = found.win[:, -1]
    why = reasons_of(model, known.journeys, found, known.day, rows)
    made = []
    for row, reasons in zip(rows, why, strict=True):
        chance = DealChance(
            id=int(known.journeys.key[found.deal[row]]),
            owner_id=int(found.owner[row]) if found.owner[row] >= 0 else None,
            value=float(found.value[row]),
            win=float(win[row]),
            lose=float(lose[row]),
            slip=float(max(1.0 - win[row] - lose[row], 0.0)),
            ever=float(ever[row]),
            close=_median(known, found.win[row], bounds),
            reasons=tuple(_named(item, names) for item in reasons),
        )
        made.append(chance)
    return tuple(sorted(made, key=lambda item: (-item.win * item.value, item.id)))


def _median(known: Knowledge, win: Floats, bounds: np.ndarray) -> date | None:
    if win[-1] < UNLIKELY:
        return None
    at = int(np.searchsorted(win, win[-1] / 2))
    return known.first_day + timedelta(days=known.day + int(bounds[min(at, len(bounds) - 1)]))


def _named(reason: Reason, names: dict[tuple[str, int], str]) -> Reason:
    kind, __, key = reason.level.partition(":")
    if kind in ("stage", "product") and key.lstrip("-").isdigit():
        return Reason(reason.feature, names.get((kind, int(key)), f"#{key}"), reason.effect)
    return reason
