"""As-of: the instant whose knowledge is asked for. A date means the end of that day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from perilune.kernel.errors import Invalid


@dataclass(frozen=True)
class AsOf:
    """An instant in UTC and the company's day that it falls in."""

    at: datetime
    day: date

    @classmethod
    def end_of(cls, day: date, zone: ZoneInfo) -> AsOf:
        """Return the last microsecond of a day in the company's time zone."""
        return cls(end_of_day(day, zone), day)

    @classmethod
    def instant(cls, at: datetime, zone: ZoneInfo) -> AsOf:
        """Return the as-of of an aware instant."""
        if at.tzinfo is None:
            raise Invalid("An instant needs a time zone.")
        return cls(at.astimezone(UTC), at.astimezone(zone).date())

    @classmethod
    def parse(cls, text: str, zone: ZoneInfo) -> AsOf:
        """Read `2017-12-31` (the end of that day) or an ISO instant; Invalid otherwise."""
        try:
            if len(text) == len("2017-12-31"):
                return cls.end_of(date.fromisoformat(text), zone)
            at = datetime.fromisoformat(text)
        except ValueError:
            raise Invalid("«%(text)s» is not a date such as 2026-12-31.", text=text) from None
        return cls.instant(at if at.tzinfo else at.replace(tzinfo=zone), zone)


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the last microsecond of a day in a zone, in UTC."""
    return start_of_day(day + timedelta(days=1), zone) - timedelta(microseconds=1)


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the first instant of a day in a zone, in UTC."""
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)
