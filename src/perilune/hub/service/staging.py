"""A run's own file: rows that wait to be applied, so that the records stay unlocked."""

from __future__ import annotations

import marshal
import shutil
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from perilune.hub.contracts import Draft, RowProblem
from perilune.hub.engine.events import FieldEvent
from perilune.hub.engine.proof import TwoSteps, drafts_of

_VERSION = f"2 {sys.version_info[:2]}"
"""marshal is read by the Python version that wrote it; another one reads the files again."""

_TABLES = """
CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value BLOB);
CREATE TABLE IF NOT EXISTS batch(
  id INTEGER PRIMARY KEY, kind TEXT, file TEXT, count INTEGER, drafts BLOB);
CREATE TABLE IF NOT EXISTS problem(id INTEGER PRIMARY KEY, file TEXT, problem BLOB);
CREATE TABLE IF NOT EXISTS ident(
  kind TEXT, name TEXT, id INTEGER, PRIMARY KEY(kind, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS title(
  kind TEXT, name TEXT, id INTEGER, PRIMARY KEY(kind, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS event(id INTEGER PRIMARY KEY, key TEXT, us INTEGER, body BLOB);
CREATE INDEX IF NOT EXISTS event_key ON event(key);
CREATE TABLE IF NOT EXISTS told(
  id INTEGER PRIMARY KEY, kind TEXT, key TEXT, file TEXT, line INTEGER, col TEXT, raw TEXT);
"""


class Told(NamedTuple):
    """A row of a field history: whose field it tells, and where it stands in the files."""

    kind: str
    key: str
    file: str
    line: int
    column: str
    raw: str


class Staging:
    """The file `staging.sqlite3` of one run. Everything of a step is committed together."""

    def __init__(self, folder: Path, *, fresh: bool = False) -> None:
        if fresh and folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(folder / "staging.sqlite3", isolation_level=None)
        self._db.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA cache_size=-32768;" + _TABLES
        )
        self._is_open = False

    def close(self) -> None:
        """Write what is pending and let go of the file."""
        self.commit()
        self._db.close()

    def commit(self) -> None:
        """Make everything since the last commit last."""
        if self._is_open:
            self._db.execute("COMMIT")
            self._is_open = False

    def _begin(self) -> sqlite3.Connection:
        if not self._is_open:
            self._db.execute("BEGIN")
            self._is_open = True
        return self._db

    # -- small facts -----------------------------------------------------------------------

    def put(self, name: str, value: Any) -> None:
        """Keep a fact of plain data under a name."""
        blob = marshal.dumps((_VERSION, value))
        self._begin().execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, blob))

    def get(self, name: str) -> Any:
        """Return a fact, or None when it is not there or another Python wrote it."""
        row = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        if row is None:
            return None
        version, value = marshal.loads(row[0])
        return value if version == _VERSION else None

    # -- drafts and problems ---------------------------------------------------------------

    def add(self, kind: str, file: str, drafts: Sequence[Draft]) -> None:
        """Stage drafts of one kind."""
        if drafts:
            blob = marshal.dumps([tuple(draft) for draft in drafts])
            self._begin().execute(
                "INSERT INTO batch(kind, file, count, drafts) VALUES (?, ?, ?, ?)",
                (kind, file, len(drafts), blob),
            )

    def add_columns(self, file: str, rows: TwoSteps) -> None:
        """Stage new records by column; they are drafts to whoever asks for drafts."""
        blob = marshal.dumps(tuple(rows))
        self._begin().execute(
            "INSERT INTO batch(kind, file, count, drafts) VALUES (?, ?, ?, ?)",
            (rows.kind, file, len(rows.ids), blob),
        )

    def batches(self) -> list[tuple[int, str, str, int]]:
        """Return (id, kind, file, count) of all staged batches in order of staging."""
        return self._db.execute("SELECT id, kind, file, count FROM batch ORDER BY id").fetchall()

    def drafts(self, batch_id: int) -> list[Draft]:
        """Return the drafts of one batch."""
        found = self.rows(batch_id)
        return drafts_of(found) if isinstance(found, TwoSteps) else found

    def rows(self, batch_id: int) -> list[Draft] | TwoSteps:
        """Return one batch as it was staged: drafts, or new records by column."""
        row = self._db.execute("SELECT drafts FROM batch WHERE id = ?", (batch_id,)).fetchone()
        found = marshal.loads(row[0])
        if isinstance(found, tuple):
            return TwoSteps(*found)
        return [Draft(*item) for item in found]

    def add_problems(self, file: str, problems: Iterable[RowProblem]) -> None:
        """Stage problems of rows."""
        self._begin().executemany(
            "INSERT INTO problem(file, problem) VALUES (?, ?)",
            ((file, marshal.dumps(tuple(problem))) for problem in problems),
        )

    def problems(self) -> Iterator[tuple[str, RowProblem]]:
        """Give (file, problem) in order."""
        for file, blob in self._db.execute("SELECT file, problem FROM problem ORDER BY id"):
            yield file, RowProblem(*marshal.loads(blob))

    # -- events ----------------------------------------------------------------------------

    def add_events(self, events: Iterable[tuple[str, int, tuple[Any, ...]]]) -> None:
        """Stage (key, microseconds, body) of a source's own history."""
        self._begin().executemany(
            "INSERT INTO event(key, us, body) VALUES (?, ?, ?)",
            ((key, us, marshal.dumps(body)) for key, us, body in events),
        )

    def add_told(self, rows: Iterable[Told]) -> None:
        """Remember the rows of field histories until it is known whose they are."""
        self._begin().executemany(
            "INSERT INTO told(kind, key, file, line, col, raw) VALUES (?, ?, ?, ?, ?, ?)", rows
        )

    def told(self, after: int, limit: int) -> list[tuple[int, Told]]:
        """Return the next rows of field histories with their number, in order of reading."""
        rows = self._db.execute(
            "SELECT id, kind, key, file, line, col, raw FROM told WHERE id > ? ORDER BY id LIMIT ?",
            (after, limit),
        )
        return [(row[0], Told(*row[1:])) for row in rows]

    def has_events(self) -> bool:
        """Tell whether any event is staged."""
        return self._db.execute("SELECT 1 FROM event LIMIT 1").fetchone() is not None

    def event_keys(self, after: str, limit: int) -> list[str]:
        """Return the next keys that have events, in order."""
        rows = self._db.execute(
            "SELECT DISTINCT key FROM event WHERE key > ? ORDER BY key LIMIT ?", (after, limit)
        )
        return [key for (key,) in rows]

    def events(self, keys: Sequence[str]) -> dict[str, list[tuple[int, tuple[Any, ...]]]]:
        """Return the events of keys, each in order of time and then of the file."""
        found: dict[str, list[tuple[int, tuple[Any, ...]]]] = {}
        for some in _some(keys):
            marks = ",".join("?" * len(some))
            for key, us, blob in self._db.execute(
                f"SELECT key, us, body FROM event WHERE key IN ({marks}) ORDER BY key, us, id", some
            ):
                found.setdefault(key, []).append((us, marshal.loads(blob)))
        return found

    def field_events(self, keys: Sequence[str]) -> dict[str, list[FieldEvent]]:
        """Return the field changes of keys."""
        return {
            key: [FieldEvent(us, *body) for us, body in items]
            for key, items in self.events(keys).items()
        }

    def drop_events(self, keys: Sequence[str]) -> None:
        """Forget events that were used."""
        self._begin().executemany("DELETE FROM event WHERE key = ?", ((key,) for key in keys))


class Names:
    """Ids by kind and name: in memory while few, in the staging file when many."""

    def __init__(self, staging: Staging, table: str, most: int = 400_000) -> None:
        self._staging, self._table, self._most = staging, table, most
        self._memory: dict[str, dict[str, int]] = {}
        self._held = 0
        self._spilled: set[str] = set()

    def add(self, kind: str, names: Sequence[str], ids: Sequence[int]) -> None:
        """Remember names; the first one of a name holds."""
        mine = self._memory.setdefault(kind, {})
        before = len(mine)
        fresh = dict(zip(reversed(names), reversed(ids), strict=True))  # the first one is last
        if not mine.keys().isdisjoint(fresh):
            fresh = {name: fresh[name] for name in fresh.keys() - mine.keys()}
        mine.update(fresh)
        self._held += len(mine) - before
        if self._held > self._most:
            self.flush()

    def find(self, kind: str, names: Iterable[str]) -> dict[str, int]:
        """Return the ids of the names that are known."""
        mine = self._memory.get(kind, {})
        wanted = set(names)
        found = {name: mine[name] for name in wanted & mine.keys()}
        if kind in self._spilled:
            for some in _some([name for name in wanted if name not in found]):
                marks = ",".join("?" * len(some))
                sql = f"SELECT name, id FROM {self._table} WHERE kind = ? AND name IN ({marks})"
                found.update(self._staging._db.execute(sql, [kind, *some]))
        return found

    def all(self, kind: str) -> dict[str, int]:
        """Return every name of a kind; only for kinds that are few."""
        found = dict(self._memory.get(kind, {}))
        if kind in self._spilled:
            sql = f"SELECT name, id FROM {self._table} WHERE kind = ?"
            found = dict(self._staging._db.execute(sql, [kind])) | found
        return found

    def flush(self) -> None:
        """Move what is in memory to the file."""
        db = self._staging._begin()
        for kind, names in self._memory.items():
            if names:
                self._spilled.add(kind)
                db.executemany(
                    f"INSERT OR IGNORE INTO {self._table} VALUES (?, ?, ?)",
                    sorted((kind, name, record_id) for name, record_id in names.items()),
                )
        self._memory, self._held = {}, 0

    def state(self) -> list[str]:
        """Write everything and return what `resume` needs."""
        self.flush()
        return sorted(self._spilled)

    def resume(self, state: list[str]) -> None:
        """Go on from `state`."""
        self._spilled = set(state)


def _some(items: Sequence[str], size: int = 500) -> Iterator[list[str]]:
    for start in range(0, len(items), size):
        yield list(items[start : start + size])
