"""What quotas say about a span of days: exact, summed from parts, or a part of a longer one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

LEVEL_ORDER = ("operating", "street", "board")
"""Which of the three named levels a page takes when nobody asked for one."""


@dataclass(frozen=True)
class Span:
    """One quota of one unit and level: both days included, amount in minor units."""

    starts: date
    ends: date
    minor: int
    since: date | None = None
    order: int = 0

    @property
    def days(self) -> int:
        """The number of days."""
        return (self.ends - self.starts).days + 1


def in_force(spans: Iterable[Span], on: date) -> list[Span]:
    """Return for each span of days the quota that was put in force last, up to a day."""
    latest: dict[tuple[date, date], Span] = {}
    for span in sorted(spans, key=lambda s: (s.since or date.min, s.order)):
        if (span.since or date.min) <= on:
            latest[span.starts, span.ends] = span
    return sorted(latest.values(), key=lambda s: s.starts)


def quota_over(spans: Iterable[Span], first: date, last: date) -> tuple[int | None, bool]:
    """Return (minor units, is prorated) of one unit's quotas in force over a span of days.

    The quota of exactly these days; else the sum of those inside (a part of another is not counted
    twice); else the day's share of the shortest one around. None where there is none: unknown is
    never zero.
    """
    chosen = list(spans)
    for span in chosen:
        if (span.starts, span.ends) == (first, last):
            return span.minor, False
    inside = [s for s in chosen if first <= s.starts and s.ends <= last]
    if inside:
        whole = [s for s in inside if not any(_is_part(s, other) for other in inside)]
        return sum(s.minor for s in whole), False
    around = [s for s in chosen if s.starts <= first and last <= s.ends]
    if around:
        shortest = min(around, key=lambda s: s.days)
        days = (last - first).days + 1
        return (2 * shortest.minor * days + shortest.days) // (2 * shortest.days), True
    return None, False


def _is_part(span: Span, other: Span) -> bool:
    is_within = other.starts <= span.starts and span.ends <= other.ends
    return is_within and (other.starts, other.ends) != (span.starts, span.ends)
