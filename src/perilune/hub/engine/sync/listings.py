"""Two listings of an object, month by month: equal, or which rows differ."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from perilune.hub.contracts.sync import Difference, Held, Month

_MASK = 2**63 - 1


def month_of(us: int) -> str:
    """Return the month (UTC) of an instant in microseconds."""
    at = datetime.fromtimestamp(us // 1_000_000, UTC)
    return f"{at.year:04d}-{at.month:02d}"


def mark(key: str, stamp_us: int) -> int:
    """Return the 63-bit checksum of one row; a listing's is the sum of its rows', modulo 2**63."""
    body = f"{key} {stamp_us}".encode()
    return int.from_bytes(hashlib.blake2b(body, digest_size=8).digest(), "big") & _MASK


def mixed(stamp_us: int, loose: Sequence[str]) -> int:
    """Return a stamp whose microseconds tell the state of what its source does not stamp.

    The second stays; what follows is a checksum of the exact stamp and of the loose values: of a
    million changes without a stamp a listing misses one.
    """
    if not any(loose):
        return stamp_us
    body = "\x1f".join((str(stamp_us), *loose)).encode()
    number = int.from_bytes(hashlib.blake2b(body, digest_size=8).digest(), "big")
    return stamp_us // 1_000_000 * 1_000_000 + 1 + number % 999_999


def months(
    there: Iterable[Held], here: Iterable[Held], refused: Mapping[str, int] | None = None
) -> list[Month]:
    """Return each month of two listings, with counts and checksums of both."""
    left, right = _summed(there), _summed(here)
    return [
        Month(
            month,
            left.get(month, (0, 0))[0],
            right.get(month, (0, 0))[0],
            left.get(month, (0, 0))[1],
            right.get(month, (0, 0))[1],
            (refused or {}).get(month, 0),
        )
        for month in sorted(left.keys() | right.keys() | (refused or {}).keys())
    ]


def _summed(rows: Iterable[Held]) -> dict[str, tuple[int, int]]:
    result: dict[str, tuple[int, int]] = {}
    memo: dict[int, str] = {}
    for key, created, stamp in rows:
        day = created // 86_400_000_000
        month = memo.get(day)
        if month is None:
            month = memo[day] = month_of(created)
        count, total = result.get(month, (0, 0))
        result[month] = (count + 1, (total + mark(key, stamp)) & _MASK)
    return result


def difference(there: Mapping[str, int], here: Mapping[str, int]) -> Difference:
    """Return the keys of two listings (key -> stamp) that differ, each list sorted."""
    return Difference(
        missing=sorted(there.keys() - here.keys()),
        stale=sorted(k for k in there.keys() & here.keys() if there[k] != here[k]),
        extra=sorted(here.keys() - there.keys()),
    )
