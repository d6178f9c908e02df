"""What a connection received, row by row: ids, states and times, without values.

A file of the home beside the records. It is derived: without it the next run reads everything
again, and writes only what differs.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings

from perilune.hub.contracts.sync import Held

_TABLES = """
CREATE TABLE IF NOT EXISTS held(
  object TEXT, key TEXT, born INTEGER, stamp INTEGER, gone INTEGER, refused INTEGER,
  PRIMARY KEY(object, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS landed(
  object TEXT, key TEXT, born INTEGER, stamp INTEGER, gone INTEGER, heir TEXT,
  news INTEGER, PRIMARY KEY(object, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS listed(
  object TEXT, key TEXT, born INTEGER, stamp INTEGER, PRIMARY KEY(object, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS told(
  object TEXT, key TEXT, parent TEXT, at TEXT, body TEXT, PRIMARY KEY(object, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS again(object TEXT, key TEXT, why TEXT, tries INTEGER DEFAULT 0,
  PRIMARY KEY(object, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS file(name TEXT PRIMARY KEY, bytes INTEGER, seen INTEGER, total INTEGER);
"""


def folder_of(connection_id: int) -> Path:
    """Return the folder of a connection in the home."""
    return Path(settings.PERILUNE_HOME) / "connections" / str(connection_id)


class Ledger:
    """The ledger of one connection; everything between two commits counts together."""

    def __init__(self, connection_id: int) -> None:
        self.folder = folder_of(connection_id)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.db = sqlite3.connect(self.folder / "ledger.sqlite3", isolation_level=None, timeout=30)
        self.db.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536;"
            + _TABLES
        )
        self.db.execute("BEGIN")

    def commit(self) -> None:
        """Make everything since the last commit last."""
        self.db.execute("COMMIT")
        self.db.execute("BEGIN")

    def close(self) -> None:
        """Let go of the file; what was not committed is forgotten."""
        self.db.close()

    @property
    def landing(self) -> Path:
        """The folder of the rows that a run has received and not yet written."""
        return self.folder / "landing"

    def clear_landing(self) -> None:
        """Forget what was received and not written."""
        shutil.rmtree(self.landing, ignore_errors=True)
        self.landing.mkdir(parents=True, exist_ok=True)
        for table in ("landed", "told", "file", "listed"):
            self.db.execute(f"DELETE FROM {table}")

    # -- files that grow page by page ------------------------------------------------------

    def opened(self, name: str) -> tuple[int, int, int]:
        """Return (bytes, rows seen, rows promised) of a file: what lies behind them is cut off."""
        found = self.db.execute(
            "SELECT bytes, seen, total FROM file WHERE name = ?", (name,)
        ).fetchone()
        size, seen, total = found or (0, 0, -1)
        path = self.landing / name
        if path.exists() and path.stat().st_size > size:
            with path.open("r+b") as file:
                file.truncate(size)
        return size, seen, total

    def wrote(self, name: str, size: int, seen: int, total: int) -> None:
        """Remember how far a file is whole."""
        self.db.execute(
            "INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?)", (name, size, seen, total)
        )

    def drop_object(self, name: str) -> None:
        """Forget the received rows of an object: it is read again from its beginning."""
        self.db.execute("DELETE FROM landed WHERE object = ?", (name,))
        self.db.execute("DELETE FROM told WHERE object = ?", (name,))
        self.db.execute("DELETE FROM file WHERE name = ?", (f"{name}.csv",))
        (self.landing / f"{name}.csv").unlink(missing_ok=True)

    # -- rows ------------------------------------------------------------------------------

    def held(self, name: str, keys: Sequence[str]) -> dict[str, tuple[int, bool]]:
        """Return (stamp, gone) of the keys that were received before."""
        found = {}
        for some in _some(keys):
            marks = ",".join("?" * len(some))
            rows = self.db.execute(
                f"SELECT key, stamp, gone FROM held WHERE object = ? AND key IN ({marks})",
                [name, *some],
            )
            found.update({key: (stamp, bool(gone)) for key, stamp, gone in rows})
        return found

    def has_any(self, name: str) -> bool:
        """Tell whether anything of an object was received before."""
        row = self.db.execute("SELECT 1 FROM held WHERE object = ? LIMIT 1", (name,)).fetchone()
        return row is not None

    def keys_since(self, name: str, stamp_us: int, most: int = 5_000) -> list[str]:
        """Return the keys of live rows that were received with a stamp from an instant on."""
        rows = self.db.execute(
            "SELECT key FROM held WHERE object = ? AND stamp >= ? AND gone = 0 ORDER BY key"
            " LIMIT ?",
            (name, stamp_us, most),
        )
        return [key for (key,) in rows]

    def landed_keys(self, name: str, *, gone: bool = False) -> list[str]:
        """Return the keys of the rows that a run has received and that are news, in order."""
        rows = self.db.execute(
            "SELECT key FROM landed WHERE object = ? AND gone = ? AND news = 1 ORDER BY key",
            (name, int(gone)),
        )
        return [key for (key,) in rows]

    def landed_count(self, name: str) -> int:
        """Return how many rows of an object a run has received."""
        row = self.db.execute("SELECT COUNT(*) FROM landed WHERE object = ?", (name,)).fetchone()
        return int(row[0])

    def add_told(self, name: str, rows: Iterable[tuple[str, str, str, Sequence[str]]]) -> None:
        """Keep rows of a history: (key, parent, at, cells)."""
        self.db.executemany(
            "INSERT OR REPLACE INTO told VALUES (?, ?, ?, ?, ?)",
            ((name, key, parent, at, orjson.dumps(cells)) for key, parent, at, cells in rows),
        )

    def told(self, name: str) -> Iterator[tuple[str, str, list[str]]]:
        """Give (parent, at, cells) of a history, by parent, then in order of time and key."""
        rows = self.db.execute(
            "SELECT parent, at, body FROM told WHERE object = ? ORDER BY parent, at, key", (name,)
        )
        for parent, at, body in rows:
            yield parent, at, orjson.loads(body)

    def parents(self, names: Sequence[str]) -> list[str]:
        """Return the records of which histories were received."""
        marks = ",".join("?" * len(names))
        sql = f"SELECT DISTINCT parent FROM told WHERE object IN ({marks}) ORDER BY parent"
        return [key for (key,) in self.db.execute(sql, list(names))]

    # -- what comes of a run ---------------------------------------------------------------

    def settle(self, name: str, refused: Iterable[str]) -> None:
        """Take what was received and written for held; the refused rows are marked."""
        self.db.execute(
            "INSERT OR REPLACE INTO held SELECT object, key, born, stamp, gone, 0 FROM landed"
            " WHERE object = ?",
            (name,),
        )
        self.db.executemany(
            "UPDATE held SET refused = 1 WHERE object = ? AND key = ?",
            ((name, key) for key in refused),
        )

    def lost(self, name: str, keys: Iterable[str]) -> None:
        """Forget that rows were received: they do not stand here."""
        self.db.executemany(
            "DELETE FROM held WHERE object = ? AND key = ?", ((name, key) for key in keys)
        )

    def live(self, name: str, spans: Sequence[tuple[int, int]] | None = None) -> list[Held]:
        """Return the rows that are held and neither gone nor refused, of spans of creation."""
        sql = "SELECT key, born, stamp FROM held WHERE object = ? AND gone = 0 AND refused = 0"
        return self._within(sql, name, spans)

    def refused(self, name: str, spans: Sequence[tuple[int, int]] | None = None) -> list[Held]:
        """Return the rows that were received and kept out, of spans of creation."""
        sql = "SELECT key, born, stamp FROM held WHERE object = ? AND gone = 0 AND refused = 1"
        return self._within(sql, name, spans)

    def listed(self, name: str) -> list[Held]:
        """Return what the source listed."""
        sql = "SELECT key, born, stamp FROM listed WHERE object = ?"
        return [Held(*row) for row in self.db.execute(sql, (name,))]

    def _within(self, sql: str, name: str, spans: Sequence[tuple[int, int]] | None) -> list[Held]:
        if spans is None:
            return [Held(*row) for row in self.db.execute(sql, (name,))]
        found: list[Held] = []
        for first, last in spans:
            rows = self.db.execute(sql + " AND born >= ? AND born < ?", (name, first, last))
            found += [Held(*row) for row in rows]
        return found

    def months(self, name: str) -> dict[str, int]:
        """Return how many live rows are held of each month of creation."""
        sql = (
            "SELECT strftime('%Y-%m', born / 1000000, 'unixepoch'), COUNT(*) FROM held"
            " WHERE object = ? AND gone = 0 GROUP BY 1"
        )
        return dict(self.db.execute(sql, (name,)).fetchall())

    def touched(self, name: str) -> set[str]:
        """Return the months of creation of the rows that a run has received."""
        sql = (
            "SELECT DISTINCT strftime('%Y-%m', born / 1000000, 'unixepoch') FROM landed"
            " WHERE object = ?"
        )
        return {month for (month,) in self.db.execute(sql, (name,))}

    # -- rows that must be read again ------------------------------------------------------

    def want(self, name: str, keys: Iterable[str], why: str) -> None:
        """Note that rows must be read again."""
        self.db.executemany(
            "INSERT INTO again(object, key, why) VALUES (?, ?, ?)"
            " ON CONFLICT(object, key) DO UPDATE SET why = excluded.why",
            ((name, key, why) for key in keys),
        )

    def wanted(self, name: str, most: int = 5_000, tries: int = 3) -> list[str]:
        """Return rows that must be read again, and count the try."""
        rows = self.db.execute(
            "SELECT key FROM again WHERE object = ? AND tries < ? ORDER BY tries, key LIMIT ?",
            (name, tries, most),
        )
        keys = [key for (key,) in rows]
        self.db.executemany(
            "UPDATE again SET tries = tries + 1 WHERE object = ? AND key = ?",
            ((name, key) for key in keys),
        )
        return keys

    def got(self, name: str, keys: Iterable[str]) -> None:
        """Forget that rows had to be read again."""
        self.db.executemany(
            "DELETE FROM again WHERE object = ? AND key = ?", ((name, key) for key in keys)
        )

    def add_landed(self, rows: Iterable[tuple[str, str, int, int, int, str, int]]) -> None:
        """Keep received rows: (object, key, born, stamp, gone, heir, is it news)."""
        self.db.executemany("INSERT OR REPLACE INTO landed VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def newest(self, name: str) -> int:
        """Return the latest stamp of the rows that a run has received; 0 without any."""
        sql = "SELECT COALESCE(MAX(stamp), 0) FROM landed WHERE object = ?"
        return int(self.db.execute(sql, (name,)).fetchone()[0])

    def told_count(self, name: str) -> int:
        """Return how many rows of a history a run has received."""
        row = self.db.execute("SELECT COUNT(*) FROM told WHERE object = ?", (name,)).fetchone()
        return int(row[0])

    def drop_told(self, name: str) -> None:
        """Forget the received rows of a history: it is read again from its beginning."""
        self.db.execute("DELETE FROM told WHERE object = ?", (name,))

    def add_listed(self, name: str, rows: Iterable[Held]) -> None:
        """Keep what the source listed; a row that is listed twice counts once, as it was last."""
        self.db.executemany(
            "INSERT OR REPLACE INTO listed VALUES (?, ?, ?, ?)",
            ((name, key, born, stamp) for key, born, stamp in rows),
        )

    def listed_count(self, name: str) -> int:
        """Return how many rows of an object the source has listed."""
        row = self.db.execute("SELECT COUNT(*) FROM listed WHERE object = ?", (name,)).fetchone()
        return int(row[0])

    def drop_listed(self, name: str, span: tuple[int, int] | None = None) -> None:
        """Forget what the source listed of an object, or of a span of creation."""
        first, last = span or (0, 2**62)
        self.db.execute(
            "DELETE FROM listed WHERE object = ? AND born >= ? AND born < ?", (name, first, last)
        )

    def gone(self, name: str, keys: Iterable[str]) -> None:
        """Take rows for gone: they ended here with the source's word."""
        self.db.executemany(
            "UPDATE held SET gone = 1 WHERE object = ? AND key = ?", ((name, key) for key in keys)
        )

    def landed(self, name: str, keys: Sequence[str]) -> Mapping[str, int]:
        """Return the stamps of the keys that this run has received already."""
        found: dict[str, Any] = {}
        for some in _some(keys):
            marks = ",".join("?" * len(some))
            found.update(
                self.db.execute(
                    f"SELECT key, stamp FROM landed WHERE object = ? AND key IN ({marks})",
                    [name, *some],
                )
            )
        return found

    def gone_rows(self, name: str) -> list[tuple[str, int, str]]:
        """Return (key, stamp, heir) of the rows that were received as gone."""
        sql = "SELECT key, stamp, heir FROM landed WHERE object = ? AND gone = 1 AND news = 1"
        sql += " ORDER BY key"
        return self.db.execute(sql, (name,)).fetchall()


def _some(items: Sequence[str], size: int = 900) -> Iterator[Sequence[str]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
