"""What the quotas in force say about a span of days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Span:
    """One quota: both days included, amount in minor units."""

    starts: date
    ends: date
    minor: int


def quota_of(spans: Sequence[Span], first: date, last: date) -> int | None:
    """Return the quota of a span of days in minor units; None where there is none.

    That of exactly these days; else the sum of those inside, a part of another not counted twice;
    else the day's share of the shortest one around (the rule of `people.queries.target`).
    """
    spans = [span for span in spans if span.starts <= last and first <= span.ends]
    if not spans:
        return None
    exact = [span for span in spans if (span.starts, span.ends) == (first, last)]
    if exact:
        return exact[-1].minor
    inside = [span for span in spans if first <= span.starts and span.ends <= last]
    if inside:
        return sum(span.minor for span in inside if not any(_holds(o, span) for o in inside))
    around = [span for span in spans if span.starts <= first and last <= span.ends]
    if not around:
        return None
    shortest = min(around, key=lambda span: span.ends - span.starts)
    days, whole = (last - first).days + 1, (shortest.ends - shortest.starts).days + 1
    return (2 * shortest.minor * days + whole) // (2 * whole)


def _holds(outer: Span, span: Span) -> bool:
    is_same = (outer.starts, outer.ends) == (span.starts, span.ends)
    return not is_same and outer.starts <= span.starts and span.ends <= outer.ends
