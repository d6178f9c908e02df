"""When the calls of a period are due and until when they are taken."""

from __future__ import annotations

from datetime import date, timedelta

from perilune.forecasting.contracts import Terms
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.scope import Scope
from perilune.store import queries as store


def terms_of(period: Period, as_of: AsOf) -> Terms:
    """Return the deadlines and the lock of a period's calls, as known at the as-of.

    Of several records of a period the latest counts.
    """
    params = {"starts": period.start, "ends": period.end}
    rows = store.run("forecasting.deadlines", params, scope=Scope.company(), as_of=as_of).dicts()
    if not rows:
        return Terms(period, (), period.end)
    row = rows[0]
    locks_on = row["locks_on"] or period.end
    every = row["every_days"]
    return Terms(period, _due(row["due_on"], every, locks_on), locks_on, row["id"], every)


def _due(first: date | None, every: int | None, last: date) -> tuple[date, ...]:
    if first is None:
        return ()
    if not every:
        return (first,)
    count = max((last - first).days, 0) // every + 1
    return tuple(first + timedelta(days=every * n) for n in range(count))
