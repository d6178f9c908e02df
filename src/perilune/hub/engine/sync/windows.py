"""From where a run reads on, and which months it must compare."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

OVERLAP_US = 15 * 60 * 1_000_000
"""How far a run reads again behind its cursor: a transaction stamps early and commits late."""


def since(cursor_us: int, overlap_us: int = OVERLAP_US) -> int:
    """Return the stamp from which on (inclusive) a run reads, in microseconds."""
    return max(0, cursor_us - overlap_us)


def advanced(cursor_us: int, newest_us: int, begun_us: int) -> int:
    """Return the next cursor: the newest stamp read, never past the source's time at the begin.

    What was stamped later may not have been read: a page before it was answered already. A source
    without news leaves the cursor where it was.
    """
    return max(cursor_us, min(newest_us, begun_us))


def is_news(held: tuple[int, bool] | None, stamp_us: int, gone: bool, ties_from_us: int) -> bool:
    """Tell whether a row must be read: unknown, in another state, or in the tie set.

    held: (stamp, gone) as received before. Rows stamped at or after `ties_from_us` count as news
    though their stamp is known: a stamp of whole seconds may hide a second change in the same one.
    """
    if held is None:
        return True
    return held != (stamp_us, gone) or stamp_us >= ties_from_us


def months_to_compare(
    there: Mapping[str, int],
    here: Mapping[str, int],
    touched: Collection[str],
    proved: Mapping[str, int],
    budget: int,
) -> list[str]:
    """Return the months to list: touched, of another count, then the longest unproved.

    proved: the run that last compared a month; months fill up to `budget` rows, never fewer than
    those that must be.
    """
    every = sorted(there.keys() | here.keys() | set(touched))
    must = [m for m in every if m in touched or there.get(m, 0) != here.get(m, 0)]
    left = budget - sum(there.get(m, 0) for m in must)
    chosen = list(must)
    for month in sorted(set(every) - set(must), key=lambda m: (proved.get(m, 0), m)):
        cost = there.get(month, 0)
        if cost > left:
            break
        chosen.append(month)
        left -= cost
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
