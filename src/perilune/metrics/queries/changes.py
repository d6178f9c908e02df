"""What changed since a week ago, as a bridge of the open value due in a period."""

from __future__ import annotations

from datetime import timedelta

from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.scope import Scope
from perilune.metrics.contracts import Bridge
from perilune.metrics.engine import Course, bridge
from perilune.store import queries as store

WEEK = timedelta(days=7)


def week_bridge(
    as_of: AsOf, period: Period, scope: Scope, *, since: AsOf | None = None, any_date: bool = False
) -> Bridge:
    """Return how the open value due in the period came about since a week ago; minor units.

    since: another start. any_date: all open deals count as due, for companies without close dates.
    """
    params = {
        "since": since.at if since else as_of.at - WEEK,
        "starts": period.start,
        "ends": period.end,
        "any_date": any_date,
    }
    closing = store.run("metrics.due_now", params, scope=scope, as_of=as_of).dicts()[0]["value"]
    courses = [
        Course(
            row["before_meaning"],
            row["before_due"],
            row["after_meaning"],
            row["after_due"],
            row["n"],
            row["before_value"],
            row["after_value"],
        )
        for row in store.run("metrics.week_changes", params, scope=scope, as_of=as_of).dicts()
    ]
    return bridge(courses, closing)


def has_dates(as_of: AsOf, period: Period, scope: Scope) -> bool:
    """Tell whether any open deal is expected to close in the period."""
    params = {"starts": period.start, "ends": period.end, "any_date": False}
    return bool(store.run("metrics.due_now", params, scope=scope, as_of=as_of).dicts()[0]["n"])
