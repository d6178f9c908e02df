"""The index of keys: which records share a key, in a file of the home.

It is derived: without it the next check or job builds it again. A key that a record no longer has
stays until then; what it leads to is compared as it stands, so that it only costs a look.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

VERSION = 2
"""Of what keys are made: an index of another version is built again."""
MOST_COUNTED = 5_000
"""Records of a word that are counted: a word of more is common, whatever its number."""
COMMON = 200
"""Records from which on a key's number is kept by the build: counting it cost each check anew."""
_TABLES = """
CREATE TABLE IF NOT EXISTS key(key INTEGER, record INTEGER, PRIMARY KEY(key, record))
  WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS title(kind TEXT, record INTEGER, name TEXT,
  PRIMARY KEY(kind, record)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS common(key INTEGER PRIMARY KEY, records INTEGER);
CREATE TABLE IF NOT EXISTS fact(name TEXT PRIMARY KEY, value INTEGER) WITHOUT ROWID;
"""
_BY_NAME = "CREATE INDEX IF NOT EXISTS title_name ON title(kind, name)"


class Index:
    """The keys of the records of a home. Use as a context; what is written counts at its end."""

    def __init__(self, path: Path, *, wait: float = 0.05) -> None:
        self.db = sqlite3.connect(path, isolation_level=None, timeout=wait)
        self.db.execute("PRAGMA mmap_size=1073741824")
        self.db.execute("PRAGMA synchronous=NORMAL")
        made = "SELECT 1 FROM sqlite_master WHERE name = 'common'"  # not by version 1
        self._is_counted = self.db.execute(made).fetchone() is not None

    def __enter__(self) -> Index:
        """Open it."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        """Let go of it."""
        self.db.close()

    def begin_new(self) -> None:
        """Make the tables of an index that nobody reads yet: it is written without a journal."""
        self.db.execute("PRAGMA journal_mode=OFF")
        self.db.executescript(_TABLES)

    def end_new(self, facts: Mapping[str, int]) -> None:
        """Make it fit to be read."""
        self.db.execute(_BY_NAME)
        self.note(facts)
        self.db.execute("PRAGMA journal_mode=WAL")

    # -- facts about it ----------------------------------------------------------------------------

    def facts(self) -> dict[str, int]:
        """Return what is noted: version, cursor, records of each kind, keys added since."""
        return dict(self.db.execute("SELECT name, value FROM fact"))

    def note(self, facts: Mapping[str, int]) -> None:
        """Note facts."""
        self.db.executemany("INSERT OR REPLACE INTO fact VALUES (?, ?)", list(facts.items()))

    # -- writing -----------------------------------------------------------------------------------

    def add(self, rows: Iterable[Sequence[int]]) -> None:
        """Add (key, record) rows; quickest in their order."""
        self.db.executemany("INSERT OR IGNORE INTO key VALUES (?, ?)", rows)

    def name(self, rows: Iterable[tuple[str, int, str]]) -> None:
        """Keep the normal names of records: (kind, record, name)."""
        self.db.executemany("INSERT OR REPLACE INTO title VALUES (?, ?, ?)", rows)

    def count(self, rows: Iterable[Sequence[int]]) -> None:
        """Keep how many records have a common key: (key, records)."""
        self.db.executemany("INSERT OR REPLACE INTO common VALUES (?, ?)", rows)

    def forget(self, kind: str, records: Iterable[int]) -> None:
        """Forget the names of records that are gone."""
        self.db.executemany(
            "DELETE FROM title WHERE kind = ? AND record = ?", ((kind, one) for one in records)
        )

    # -- asking ------------------------------------------------------------------------------------

    def sharing(self, key: int, most: int) -> list[int]:
        """Return the records that have a key, at most so many."""
        found = self.db.execute("SELECT record FROM key WHERE key = ? LIMIT ?", (key, most))
        return [record for (record,) in found]

    def often(self, key: int) -> int:
        """Return how many records have a key, at most MOST_COUNTED; a common one when built."""
        row = None
        if self._is_counted:
            row = self.db.execute("SELECT records FROM common WHERE key = ?", (key,)).fetchone()
        if row is None:
            row = self.db.execute(
                "SELECT COUNT(*) FROM (SELECT 1 FROM key WHERE key = ? LIMIT ?)",
                (key, MOST_COUNTED),
            ).fetchone()
        return min(int(row[0]), MOST_COUNTED)

    def beginning(self, kind: str, start: str, most: int) -> list[int]:
        """Return the records of a kind whose normal name begins so, in the order of names."""
        found = self.db.execute(
            "SELECT record FROM title WHERE kind = ? AND name >= ? AND name < ?"
            " ORDER BY name LIMIT ?",
            (kind, start, start + "\U0010ffff", most),
        )
        return [record for (record,) in found]
