"""When a schedule runs next, and when it is late."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from perilune.jobs.contracts import Cadence, When

_GRACE = timedelta(minutes=15)


def next_run(when: When, after: datetime) -> datetime:
    """Return the first run strictly after an instant, in UTC."""
    if when.cadence is Cadence.MINUTES:
        return after + timedelta(minutes=max(when.every, 1))
    if when.cadence is Cadence.HOURLY:
        return after + timedelta(hours=max(when.every, 1))
    zone = ZoneInfo(when.zone)
    today = after.astimezone(zone).date()
    days = (today + timedelta(days=ahead) for ahead in range(9))
    fitting = (
        day for day in days if when.cadence is Cadence.DAILY or day.weekday() == when.weekday
    )
    runs = (
        datetime.combine(day, time(when.at_hour), tzinfo=zone).astimezone(UTC) for day in fitting
    )
    return next(run for run in runs if run > after)


def is_late(next_run_at: datetime | None, now: datetime) -> bool:
    """Tell whether a run is overdue by more than a quarter of an hour."""
    return next_run_at is not None and now > next_run_at + _GRACE
