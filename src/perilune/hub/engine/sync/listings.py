"""Two listings of an object, compared row by row as they come: equal, or which rows differ."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from perilune.hub.contracts.sync import Difference, Held, Month

_MASK = 2**63 - 1
_DAY = 86_400_000_000

SHOWN = 50
"""Keys that a month keeps by name; the count says how many there are."""


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


@dataclass
class Sides:
    """What is known of both sides after some of their rows: memory for months, not for rows.

    found: the keys that differ; named: by month, the first of them with what is wrong.
    """

    found: Difference = field(default_factory=Difference)
    named: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    _months: dict[str, list[int]] = field(default_factory=dict)
    _days: dict[int, str] = field(default_factory=dict)

    def take(
        self, key: str, created_us: int, there_us: int | None, here_us: int | None,
        *, is_summed: bool = True,
    ) -> None:  # fmt: skip
        """Take one row: its last change on either side, None where that side does not hold it.

        is_summed: whether its month is listed whole; else only a difference is noted.
        """
        if there_us != here_us:
            what = "missing" if here_us is None else "extra" if there_us is None else "stale"
            getattr(self.found, what).append(key)
            named = self.named.setdefault(self.month_of(created_us), [])
            if len(named) < SHOWN:
                named.append((key, what))
        if not is_summed:
            return
        sums = self._sums(created_us)
        own = 0
        if there_us is not None:
            own = mark(key, there_us)
            sums[0] += 1
            sums[2] = (sums[2] + own) & _MASK
        if here_us is not None:
            sums[1] += 1
            sums[3] = (sums[3] + (own if here_us == there_us else mark(key, here_us))) & _MASK

    def refuse(self, created_us: int) -> None:
        """Count a row that was kept out here on purpose."""
        self._sums(created_us)[4] += 1

    def months(self) -> list[Month]:
        """Return each month that was listed, with counts and checksums of both sides."""
        return [
            Month(month, there, here, sum_there, sum_here, refused)
            for month, (there, here, sum_there, sum_here, refused) in sorted(self._months.items())
        ]

    def _sums(self, created_us: int) -> list[int]:
        month = self.month_of(created_us)
        found = self._months.get(month)
        if found is None:
            found = self._months[month] = [0, 0, 0, 0, 0]
        return found

    def month_of(self, created_us: int) -> str:
        """Return the month (UTC) of a creation, each day looked up once."""
        day = created_us // _DAY
        month = self._days.get(day)
        if month is None:
            month = self._days[day] = month_of(created_us)
        return month


def compared(there: Iterable[Held], here: Iterable[Held]) -> Sides:
    """Return two whole listings compared."""
    left, right = {row.key: row for row in there}, {row.key: row for row in here}
    sides = Sides()
    for key in sorted(left.keys() | right.keys()):
        one, other = left.get(key), right.get(key)
        born = (one or right[key]).created_us
        sides.take(key, born, one and one.stamp_us, other and other.stamp_us)
    return sides
