"""What a team would have of a rep's time if they left, were away, or sold elsewhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.people import engine
from perilune.people.contracts import Holding
from perilune.people.engine.capacity import Away, Employment
from perilune.people.queries.duties import within_teams
from perilune.people.queries.organisation import employments_as_of, teams_below


def fte_with_and_without(
    at: AsOf,
    period: Period,
    team_id: int,
    rep_id: int,
    *,
    last_day: date | None = None,
    away: tuple[date, date | None, float] | None = None,
    moved: tuple[date, int | None] | None = None,
) -> tuple[float, float]:
    """Return the FTE of a team and those below over a period, as it is known and with a change.

    last_day: the rep leaves. away: (first day, last day, FTE). moved: (first day, new team).
    """
    reps = employments_as_of(at)
    below = teams_below(team_id, at)
    before = engine.fte_total(within_teams(reps, below), period.start, period.end)
    changed = reps | {rep_id: _changed(reps[rep_id], rep_id, last_day, away, moved)}
    return before, engine.fte_total(within_teams(changed, below), period.start, period.end)


def _changed(
    rep: Employment,
    rep_id: int,
    last_day: date | None,
    away: tuple[date, date | None, float] | None,
    moved: tuple[date, int | None] | None,
) -> Employment:
    if last_day is not None:
        rep = replace(rep, left=min(rep.left or date.max, last_day))
    if away is not None:
        first, last, fte = away
        rep = replace(rep, absences=[*rep.absences, Away(first, last, None if fte >= 1 else fte)])
    if moved is not None:
        rep = replace(rep, holdings=_moved(rep, rep_id, *moved))
    return rep


def _moved(rep: Employment, rep_id: int, day: date, team_id: int | None) -> list[Holding]:
    eve = day - timedelta(days=1)
    kept = [
        replace(held, until=min(held.until or date.max, eve))
        for held in rep.holdings
        if held.since is None or held.since < day
    ]
    last = max(rep.holdings, key=lambda held: held.since or date.min, default=None)
    new = Holding(rep_id, team_id, None, last.role if last else "seller",
                  last.fte if last else 1.0, day)  # fmt: skip
    return [*kept, new]
