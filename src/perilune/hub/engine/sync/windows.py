"""From where a run reads on, and which months it must compare."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

OVERLAP_US = 15 * 60 * 1_000_000
"""How far a run reads again behind its cursor: a transaction stamps early and commits late."""

NUMBERS_BACK = 10_000
"""How many of a growing number a run reads again behind its cursor, for the same reason."""

_DAY = 86_400_000_000
NEVER = 2**62
"""An instant behind all others, in microseconds."""


def since(cursor_us: int, overlap_us: int = OVERLAP_US) -> int:
    """Return the stamp from which on (inclusive) a run reads, in microseconds."""
    return max(0, cursor_us - overlap_us)


def advanced(cursor_us: int, newest_us: int, begun_us: int) -> int:
    """Return the next cursor: the newest stamp read, never past the source's time at the begin.

    What was stamped later may not have been read: a page before it was answered already. A source
    without news leaves the cursor where it was.
    """
    return max(cursor_us, min(newest_us, begun_us))


def ties_from(cursor_us: int, grain_us: int) -> int:
    """Return the beginning of the tie set: the whole grain (a second, a day) of the cursor."""
    return cursor_us // grain_us * grain_us


def is_news(held: tuple[int, bool] | None, stamp_us: int, gone: bool, ties_from_us: int) -> bool:
    """Tell whether a row must be read: unknown, in another state, or in the tie set.

    held: (stamp, gone) as received before. Rows stamped at or after `ties_from_us` count as news
    though their stamp is known: a stamp of whole seconds may hide a second change in the same one.
    A row without a stamp (0) always does.
    """
    if held is None or not stamp_us:
        return True
    return held != (stamp_us, gone) or stamp_us >= ties_from_us


def months_to_compare(
    there: Mapping[str, int],
    here: Mapping[str, int],
    red: Collection[str],
    proved: Mapping[str, int],
    budget: int,
) -> list[str]:
    """Return the months to list: red ones, those of another count, then the longest unproved.

    proved: the run that last compared a month; months fill up to `budget` rows, never fewer than
    those that must be. A month above the budget waits for it: what a run leaves is saved up.
    """
    every = sorted(there.keys() | here.keys() | set(red))
    must = [m for m in every if m in red or there.get(m, 0) != here.get(m, 0)]
    left = budget - sum(there.get(m, 0) for m in must)
    chosen = list(must)
    for month in sorted(set(every) - set(must), key=lambda m: (proved.get(m, 0), m)):
        left -= there.get(month, 0)
        if left < 0:
            break
        chosen.append(month)
    return sorted(chosen)


def spans(months: Sequence[str]) -> list[tuple[str, str]]:
    """Return months in a row as (first, last), in order: one question a span."""
    result: list[tuple[str, str]] = []
    for month in sorted(months):
        if result and _after(result[-1][1]) == month:
            result[-1] = (result[-1][0], month)
        else:
            result.append((month, month))
    return result


def _after(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12:04d}-{number % 12 + 1:02d}"


def next_month(month: str) -> str:
    """Return the month after one (`2026-12` gives `2027-01`)."""
    return _after(month)


def days_to_list(
    there: Mapping[str, int], here: Mapping[str, int], since_us: int, budget: int
) -> list[tuple[int, int]]:
    """Return the spans of last change [from, to) to list, in microseconds: news, and odd days.

    there, here: rows by the day of their last change. What was stamped from `since_us` on is always
    listed; a day before it whose count differs tells of a commit that came late, or of a change
    that was missed. A day of more than `budget` rows is left to the months.
    """
    result = [(since_us, NEVER)]
    for day in sorted(there.keys() | here.keys()):
        first = _day_us(day)
        count = there.get(day, 0)
        if first < since_us and count != here.get(day, 0) and count <= budget:
            result.append((first, min(first + _DAY, since_us)))
    return result


def _day_us(day: str) -> int:
    at = datetime.fromisoformat(day).replace(tzinfo=UTC)
    return int(at.timestamp()) * 1_000_000
