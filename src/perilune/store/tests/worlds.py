"""A little world of records that change, and what the store must say of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from perilune.kernel.wiring import Columns, StoreTable

DAY_ZERO = datetime(2024, 1, 1)
FOREVER = datetime(9999, 12, 31)
COLUMNS: Columns = (
    ("id", "BIGINT"),
    ("valid_from", "TIMESTAMP"),
    ("valid_to", "TIMESTAMP"),
    ("owner_id", "BIGINT"),
    ("amount", "BIGINT"),
)

Version = tuple[datetime, int | None, int | None]
"""(from when, owner, amount); an amount of -1 deletes the record."""
GONE = -1


class World:
    """Records with their versions; counts every touch, as the history does."""

    def __init__(self) -> None:
        self.records: dict[int, list[Version]] = {}
        self.touches: list[int] = []
        self.columns: Columns = COLUMNS

    def touch(self, key: int, versions: Sequence[Version]) -> None:
        """Give a record these versions."""
        self.records[key] = sorted(versions, key=lambda version: version[0])
        self.touches.append(key)

    def forget(self, key: int) -> None:
        """Take a record out altogether, as the rollback of an import does."""
        self.records.pop(key, None)
        self.touches.append(key)

    def rows(self, keys: Sequence[int] | None) -> Iterator[list[tuple[Any, ...]]]:
        """Give the version rows of records, one batch a record."""
        for key in self.records if keys is None else dict.fromkeys(keys):
            versions = self.records.get(key)
            if not versions:
                continue
            ends = [version[0] for version in versions[1:]] + [FOREVER]
            yield [
                (key, start, end, owner, amount)
                for (start, owner, amount), end in zip(versions, ends, strict=True)
                if amount != GONE and start < end
            ]

    def touched(self, cursor: int) -> tuple[Sequence[int] | None, int]:
        """Tell what was touched since, everything at first."""
        keys = self.touches[cursor - 1 :] if cursor else None
        return keys, len(self.touches) + 1

    def table(self) -> StoreTable:
        """Return the table that the store keeps of this world."""
        return StoreTable(
            "deal_version", lambda: self.columns, self.touched, self.rows, "owner_id", "deal"
        )

    def at(self, instant: datetime) -> set[tuple[int, int | None, int | None]]:
        """Replay: what was true at an instant."""
        found = set()
        for key, versions in self.records.items():
            known = [version for version in versions if version[0] <= instant]
            if known and known[-1][2] != GONE:
                found.add((key, known[-1][1], known[-1][2]))
        return found


def day(number: int) -> datetime:
    """Return the instant of a day of the little world."""
    return DAY_ZERO + timedelta(days=number)


versions = st.lists(
    st.tuples(
        st.integers(0, 30).map(day),
        st.one_of(st.none(), st.integers(1, 4)),
        st.one_of(st.none(), st.just(GONE), st.integers(0, 9)),
    ),
    max_size=4,
    unique_by=lambda version: version[0],
)
touches = st.lists(st.tuples(st.integers(1, 12), versions), max_size=8)
