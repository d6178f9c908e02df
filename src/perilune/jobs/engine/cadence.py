"""When a schedule runs next, and when it is late."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from perilune.jobs.contracts import Cadence

_GRACE = timedelta(minutes=15)


def next_run(
    cadence: Cadence, *, every: int, at_hour: int, weekday: int, zone: ZoneInfo, after: datetime
) -> datetime:
    """Return the first run strictly after an instant, in UTC.

    every counts minutes for MINUTES and hours for HOURLY; at_hour (0-23) and weekday (0 Monday) are
    in the zone, so that «six in the morning» stays six across a change of clocks.
    """
    if cadence is Cadence.MINUTES:
        return after + timedelta(minutes=max(every, 1))
    if cadence is Cadence.HOURLY:
        return after + timedelta(hours=max(every, 1))
    local = after.astimezone(zone)
    day = local.date()
    for ahead in range(9):
        candidate = day + timedelta(days=ahead)
        if cadence is Cadence.WEEKLY and candidate.weekday() != weekday:
            continue
        at = datetime.combine(candidate, time(at_hour), tzinfo=zone).astimezone(UTC)
        if at > after:
            return at
    raise AssertionError("a week holds every weekday")  # pragma: no cover


def is_late(next_run_at: datetime | None, now: datetime) -> bool:
    """Tell whether a run is overdue by more than a quarter of an hour."""
    return next_run_at is not None and now > next_run_at + _GRACE
