"""The forecast meetings of the demo: deadlines, overrides, contests, a closed quarter."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from perilune.demo.contracts import SOURCE
from perilune.forecasting import queries, service
from perilune.forecasting.contracts import (
    By,
    Category,
    Level,
    NodeKind,
    Rollup,
    RollupRow,
    View,
)
from perilune.history.service import Writer, change_set
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Grain, Period
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.store import service as store

EVERYONE = Scope.company()
CUTS = (By.TOTAL, By.REGION, By.TEAM, By.REP)
PAST_WEEKS = (1, 4, 8)
"""Weeks of the last quarter in which figures were overridden and the model's run recorded."""
DISCOUNT = 0.8
"""What a manager leaves of a rep's commit beyond what is won."""
ROUND = 100_000
CONFIDENT = 0.9
REASONS = {
    Level.OWNER: {
        "fr": "Deux renouvellements promis de vive voix ne sont pas encore dans l’outil.",
        "en": "Two renewals were promised by word and are not in the tool yet.",
    },
    Level.MANAGER: {
        "fr": "Le service achats n’a jamais signé avant la fin du trimestre suivant.",
        "en": "Purchasing there has never signed before the end of the next quarter.",
    },
}
WHY = {
    "fr": "Le comité a validé le budget, la signature est à l’agenda.",
    "en": "The board has approved the budget, the signature is in the diary.",
}
REMARK = {
    "fr": "Affaires en retard connues, reprises avec les équipes.",
    "en": "Overdue deals are known and taken up with the teams.",
}


@dataclass
class _Story:
    """What was said so far: overrides by (unit, level), in the language of the company."""

    period: Period
    language: str
    said: dict[tuple[Any, Level], int] = field(default_factory=dict)


def hold_meetings(today: date, language: str) -> None:
    """Tell the meetings of the last quarter and of this one, and close the last.

    All of it is known before the start of `today`.
    """
    calendar = company().calendar
    now = calendar.find(today, Grain.QUARTER)
    last = calendar.shift(now, -1)
    for period in (last, now):
        mondays = _mondays(period, today)
        if not mondays:
            continue
        story = _Story(period, language)
        _deadline(period, mondays[0])
        chosen = [mondays[week] for week in PAST_WEEKS if week < len(mondays)]
        for day in chosen if period is last else mondays[-2:]:
            _meet(story, day)
    store.refresh()
    _close(last, today, language)


def _mondays(period: Period, today: date) -> list[date]:
    first = period.start + timedelta(days=-period.start.weekday() % 7)
    days = [first + timedelta(days=7 * n) for n in range(14)]
    return [day for day in days if day <= period.end and day < today]


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=UTC)


def _deadline(period: Period, monday: date) -> None:
    with change_set(actor=SOURCE, source=SOURCE, purpose="demo", known_at=_at(monday, 5)) as w:
        w.create(
            "deadline",
            {
                "period_start": period.start,
                "period_end": period.end,
                "due_on": monday,
                "every_days": 7,
                "locks_on": period.end,
            },
        )


def _meet(story: _Story, day: date) -> None:
    """Record the model's runs of a Monday and say what managers and reps think of the figures."""
    as_of = AsOf.end_of(day, company().zone)
    for by in CUTS:
        service.run_record(story.period, by, as_of, EVERYONE, actor=SOURCE, created_at=as_of.at)
    rolled = queries.rollup(story.period, as_of, EVERYONE, with_ranges=False)
    with change_set(actor=SOURCE, source=SOURCE, purpose="demo", known_at=_at(day, 14)) as writing:
        for row in rolled.rows:
            below = [each for each in rolled.rows if each.node.parent == row.node.key]
            is_team = row.node.kind is NodeKind.TEAM and row.managers
            if not is_team or any(each.node.kind is NodeKind.TEAM for each in below):
                continue
            _owner(story, writing, row, rolled)
            _manager(story, writing, row, below, rolled)
            _contest(story, writing, below, as_of)


def _owner(story: _Story, writing: Writer, row: RollupRow, rolled: Rollup) -> None:
    """Let the head of a team say the call where the deals come to something else."""
    if row.call is not None and row.call.amount != _commit(row):
        _say(story, writing, (Level.OWNER, row.call.amount, row.managers[0]), row, rolled)


def _manager(
    story: _Story, writing: Writer, team: RollupRow, below: list[RollupRow], rolled: Rollup
) -> None:
    """Let the head of a team cut the largest commit below."""
    largest = max(below, key=lambda each: _commit(each) - (each.closed or 0), default=None)
    if largest is None:
        return
    won = largest.closed or 0
    amount = won + round((_commit(largest) - won) * DISCOUNT / ROUND) * ROUND
    if amount != _commit(largest):
        _say(story, writing, (Level.MANAGER, amount, team.managers[0]), largest, rolled)


def _commit(row: RollupRow) -> int:
    return row.value(Category.COMMIT, View.CUMULATIVE) or 0


def _say(
    story: _Story, writing: Writer, said: tuple[Level, int, str], row: RollupRow, rolled: Rollup
) -> None:
    level, amount, author = said
    kind, id_ = row.node.unit
    values = {
        "amount": amount,
        "computed": _commit(row),
        "reason": REASONS[level][story.language],
        "made_on": rolled.as_of.day,
        "author": author,
        "author_rep_id": _head(row, rolled),
    }
    key = (row.node.unit, level)
    if key in story.said:
        writing.change("adjustment", story.said[key], values)
        return
    story.said[key] = writing.create(
        "adjustment",
        {
            "rep_id": id_ if kind == "rep" else None,
            "team_id": id_ if kind == "team" else None,
            "period_start": story.period.start,
            "period_end": story.period.end,
            "category": Category.COMMIT.value,
            "basis": View.CUMULATIVE.value,
            "level": level.value,
            "currency": rolled.currency,
            **values,
        },
    )


def _head(row: RollupRow, rolled: Rollup) -> int | None:
    """Return the rep who leads the team of a row."""
    key = row.node.key if row.node.kind is NodeKind.TEAM else row.node.parent
    team = rolled.row(key)
    return team.leads[0] if team is not None and team.leads else None


def _contest(story: _Story, writing: Writer, below: list[RollupRow], as_of: AsOf) -> None:
    """Let the first two reps of a team contest the probability of their largest committed deal."""
    for row in [each for each in below if each.node.unit[1]][:2]:
        rep = row.node.unit[1]
        deals = [
            deal
            for deal in queries.deals_since(story.period, as_of, EVERYONE, [rep], as_of.at)
            if deal.is_open and deal.category is Category.COMMIT and deal.probability is not None
        ]
        if not deals:
            continue
        deal = max(deals, key=lambda each: (each.value or 0, each.id))
        writing.create(
            "contest",
            {
                "opportunity_id": deal.id,
                "rep_id": rep,
                "period_start": story.period.start,
                "period_end": story.period.end,
                "made_on": as_of.day,
                "shown": deal.probability,
                "method": deal.method,
                "says": CONFIDENT,
                "reason": WHY[story.language],
                "author": row.label,
            },
        )


def _close(period: Period, today: date, language: str) -> None:
    """Close the last quarter: proposed by the director, approved by the manager of sales ops."""
    unmet = [check for check in service.checks(period) if not check.holds]
    if any(check.is_blocking for check in unmet):
        return
    accepted = [check.name for check in unmet]
    at = _at(today, 0) - timedelta(hours=8)
    service.close_propose(period, accepted, REMARK[language], actor="director", at=at)
    service.close_approve(period, actor="manager", at=at + timedelta(hours=1))
