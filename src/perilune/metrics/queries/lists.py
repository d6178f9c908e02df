"""Lists and courses of the cockpit and of the role homes."""

from __future__ import annotations

from datetime import date
from typing import Any

from perilune.kernel.asof import AsOf
from perilune.kernel.scope import Scope
from perilune.metrics.contracts import By
from perilune.metrics.queries.sight import sight, whole
from perilune.store import queries as store

Rows = list[dict[str, Any]]


def won_by_month(as_of: AsOf, first: date, until: date, scope: Scope) -> Rows:
    """Return bookings by close date: day, n, amount (minor units), by credit."""
    params = {"first": first, "until": until, "by": By.TOTAL.value, **sight(scope, By.TOTAL)}
    rows = store.run("metrics.won_by_day", params, scope=whole(scope), as_of=as_of).dicts()
    return _in_units(rows, "amount")


def open_by_stage(as_of: AsOf, scope: Scope) -> Rows:
    """Return open deals by stage and category: stage, category, n, value (minor units)."""
    params = {"by": By.TOTAL.value, **sight(scope, By.TOTAL)}
    rows = store.run("metrics.open_by_stage", params, scope=whole(scope), as_of=as_of).dicts()
    return _in_units(rows, "value")


def _in_units(rows: Rows, name: str) -> Rows:
    """Return rows in whole minor units that sum to what the sum of shares rounds to."""
    exact, given = 0.0, 0
    for row in rows:
        exact += row[name]
        row[name] = round(exact) - given
        given += row[name]
    return rows


def data_health(as_of: AsOf, scope: Scope) -> dict[str, int]:
    """Return how many deals lack what: without_account, overdue and so on."""
    return store.run("metrics.data_health", scope=scope, as_of=as_of).dicts()[0]


def activity_load(as_of: AsOf, scope: Scope) -> Rows:
    """Return what each team carries: reps, deals, value, the week's activities, late tasks."""
    return store.run("metrics.activity_load", scope=scope, as_of=as_of).dicts()


def todays_tasks(as_of: AsOf, scope: Scope) -> Rows:
    """Return tasks due and not done, oldest first; none where only aggregates may be shown."""
    if scope.aggregates_only:
        return []
    return store.run("metrics.todays_tasks", scope=scope, as_of=as_of).dicts()


def to_repair(as_of: AsOf, scope: Scope) -> Rows:
    """Return open deals that lack something, most valuable first."""
    if scope.aggregates_only:
        return []
    return store.run("metrics.to_repair", scope=scope, as_of=as_of).dicts()
