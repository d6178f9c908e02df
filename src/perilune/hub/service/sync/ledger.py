"""What a connection received, row by row: ids, states and times, without values.

A file of the home beside the records. It is derived: without it the next run reads everything
again, and writes only what differs.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings

from perilune.hub.contracts.sync import Held
from perilune.hub.engine.sync.listings import month_of

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
CREATE TABLE IF NOT EXISTS tally(name TEXT PRIMARY KEY, rows INTEGER);
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
            "PRAGMA temp_store=FILE;" + _TABLES
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
        for table in ("landed", "told", "file", "listed", "tally"):
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
        self.db.execute("DELETE FROM tally WHERE name = ?", (f"landed {name}",))
        self.drop_told(name)
        self.db.execute("DELETE FROM file WHERE name = ?", (f"{name}.csv",))
        (self.landing / f"{name}.csv").unlink(missing_ok=True)

    # -- how many rows there are: counted as they come, for a table is not counted in no time ----

    def _tell(self, name: str, rows: int) -> None:
        self.db.execute(
            "INSERT INTO tally VALUES (?, ?) ON CONFLICT(name) DO UPDATE SET rows = rows + ?",
            (name, rows, rows),
        )

    def _told_of(self, name: str) -> int:
        row = self.db.execute("SELECT rows FROM tally WHERE name = ?", (name,)).fetchone()
        return int(row[0]) if row else 0

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

    def known(self, keys: Sequence[str], names: Sequence[str]) -> set[str]:
        """Return those of some keys that were ever received of other objects."""
        found: set[str] = set()
        for name in names:
            found.update(self.held(name, keys))
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
        return self._told_of(f"landed {name}")

    def add_told(self, name: str, rows: Iterable[tuple[str, str, str, Sequence[str]]]) -> None:
        """Keep rows of a history: (key, parent, at, cells); what was told once never changes."""
        found = self.db.executemany(
            "INSERT OR IGNORE INTO told VALUES (?, ?, ?, ?, ?)",
            ((name, key, parent, at, orjson.dumps(cells)) for key, parent, at, cells in rows),
        )
        self._tell(f"told {name}", found.rowcount)

    def told(self, name: str, of: str) -> Iterator[tuple[str, str, list[str]]]:
        """Give (parent, at, cells) of a history, by parent, then in order of time and key.

        Only of the records of an object that landed as news and live.
        """
        rows = self.db.execute(
            "SELECT parent, at, body FROM told WHERE object = ? AND EXISTS (SELECT 1 FROM landed"
            " WHERE landed.object = ? AND landed.key = told.parent AND gone = 0 AND news = 1)"
            " ORDER BY parent, at, key",
            (name, of),
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

    def both(self, name: str, listing: str) -> Iterator[tuple[str, int, int, int | None, int, int]]:
        """Give each listed row beside what is held of it, by key.

        Rows: (key, born, stamp there, stamp here or None, is it gone here, was it refused here).
        """
        return self.db.execute(
            "SELECT l.key, l.born, l.stamp, h.stamp, COALESCE(h.gone, 0), COALESCE(h.refused, 0)"
            " FROM listed l LEFT JOIN held h ON h.object = ? AND h.key = l.key"
            " WHERE l.object = ? ORDER BY l.key",
            (name, listing),
        )

    def unlisted(
        self, name: str, listing: str, spans: Sequence[tuple[int, int]] | None,
        changed: tuple[int, int],
    ) -> Iterator[tuple[Held, int]]:  # fmt: skip
        """Give the rows that are held, not gone, and not in a listing; and whether refused.

        Of spans of creation, and last changed in a span (microseconds).
        """
        sql = (
            "SELECT key, born, stamp, refused FROM held h WHERE object = ? AND gone = 0"
            " AND stamp >= ? AND stamp < ? AND NOT EXISTS"
            " (SELECT 1 FROM listed l WHERE l.object = ? AND l.key = h.key)"
        )
        for first, last in [(0, 2**62)] if spans is None else spans:
            rows = self.db.execute(
                sql + " AND born >= ? AND born < ?", (name, *changed, listing, first, last)
            )
            yield from ((Held(*row), refused) for *row, refused in rows)

    def departed(
        self, name: str, bounds: Sequence[tuple[int, int]], spans: Sequence[tuple[int, int]]
    ) -> Iterator[str]:
        """Give the keys that are gone: those created in some spans, and those that went in some."""
        either = ["born >= ? AND born < ?"] * len(bounds) + ["stamp >= ? AND stamp < ?"] * len(
            spans
        )
        rows = self.db.execute(
            f"SELECT key FROM held WHERE object = ? AND gone = 1 AND ({' OR '.join(either)})",
            [name, *(us for span in (*bounds, *spans) for us in span)],
        )
        return (key for (key,) in rows)

    def unbacked(self, name: str, listings: Sequence[str], keys: Sequence[str]) -> list[Held]:
        """Return those of some keys that are neither held as live nor listed.

        Of one that was never received, or was forgotten, creation and last change are 0.
        """
        marks = ",".join("?" * len(listings))
        rows = self.db.execute(
            "SELECT k.value, COALESCE(h.born, 0), COALESCE(h.stamp, 0) FROM json_each(?) k"
            " LEFT JOIN held h ON h.object = ? AND h.key = k.value WHERE COALESCE(h.gone, 1) = 1"
            " AND NOT EXISTS (SELECT 1 FROM listed l WHERE l.key = k.value"
            f" AND l.object IN ({marks}))",
            (orjson.dumps(list(keys)).decode(), name, *listings),
        )
        return [Held(*row) for row in rows]

    def months(self, name: str) -> dict[str, int]:
        """Return how many live rows are held of each month of creation."""
        sql = (
            "SELECT born / 86400000000, COUNT(*) FROM held WHERE object = ? AND gone = 0 GROUP BY 1"
        )
        found: dict[str, int] = {}
        for day, count in self.db.execute(sql, (name,)):
            month = month_of(day * 86_400_000_000)
            found[month] = found.get(month, 0) + count
        return found

    def days(self, name: str, since_us: int) -> dict[str, int]:
        """Return how many live rows are held of each day of the last change, from one on."""
        sql = (
            "SELECT date(day * 86400, 'unixepoch'), n FROM (SELECT stamp / 86400000000 day,"
            " COUNT(*) n FROM held WHERE object = ? AND gone = 0 AND stamp >= ? GROUP BY day)"
        )
        return dict(self.db.execute(sql, (name, since_us)).fetchall())

    # -- rows that must be read again ------------------------------------------------------

    def want(self, name: str, keys: Iterable[str], why: str) -> None:
        """Note that rows must be read again; a hint from outside counts its tries anew."""
        self.db.executemany(
            "INSERT INTO again(object, key, why) VALUES (?, ?, ?)"
            " ON CONFLICT(object, key) DO UPDATE SET why = excluded.why,"
            " tries = CASE excluded.why WHEN 'hint' THEN 0 ELSE tries END",
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

    def got(self, name: str, but: Collection[str]) -> None:
        """Forget that rows had to be read again which landed, but for some."""
        rows = self.db.execute(
            "SELECT key FROM again WHERE object = ? AND EXISTS (SELECT 1 FROM landed l"
            " WHERE l.object = again.object AND l.key = again.key AND gone = 0 AND news = 1)",
            (name,),
        ).fetchall()
        self.db.executemany(
            "DELETE FROM again WHERE object = ? AND key = ?",
            ((name, key) for (key,) in rows if key not in but),
        )

    def add_landed(self, rows: Iterable[tuple[str, str, int, int, int, str, int]]) -> None:
        """Keep received rows: (object, key, born, stamp, gone, heir, is it news), each once."""
        some = list(rows)
        self.db.executemany("INSERT INTO landed VALUES (?, ?, ?, ?, ?, ?, ?)", some)
        if some:
            self._tell(f"landed {some[0][0]}", len(some))

    def newest(self, name: str) -> int:
        """Return the latest stamp of the rows that a run has received; 0 without any."""
        sql = "SELECT COALESCE(MAX(stamp), 0) FROM landed WHERE object = ?"
        return int(self.db.execute(sql, (name,)).fetchone()[0])

    def told_count(self, name: str) -> int:
        """Return how many rows of a history a run has received."""
        return self._told_of(f"told {name}")

    def drop_told(self, name: str) -> None:
        """Forget the received rows of a history: it is read again from its beginning."""
        self.db.execute("DELETE FROM told WHERE object = ?", (name,))
        self.db.execute("DELETE FROM tally WHERE name = ?", (f"told {name}",))

    def add_listed(self, name: str, rows: Sequence[Held]) -> None:
        """Keep what the source listed; a row that is listed twice counts once, as it was last."""
        values = [(name, key, born, stamp) for key, born, stamp in rows]
        found = self.db.executemany("INSERT OR IGNORE INTO listed VALUES (?, ?, ?, ?)", values)
        if found.rowcount < len(values):
            self.db.executemany("REPLACE INTO listed VALUES (?, ?, ?, ?)", values)
        self._tell(f"listed {name}", found.rowcount)

    def listed_count(self, name: str) -> int:
        """Return how many rows of an object the source has listed."""
        return self._told_of(f"listed {name}")

    def clear_listed(self) -> None:
        """Forget every listing."""
        self.db.execute("DELETE FROM listed")
        self.db.execute("DELETE FROM tally WHERE name LIKE 'listed %'")

    def drop_listed(self, name: str, span: tuple[int, int] | None = None) -> None:
        """Forget what the source listed of an object, or of a span of creation."""
        first, last = span or (0, 2**62)
        found = self.db.execute(
            "DELETE FROM listed WHERE object = ? AND born >= ? AND born < ?", (name, first, last)
        )
        self._tell(f"listed {name}", -found.rowcount)

    def gone(self, name: str, keys: Iterable[str]) -> None:
        """Take rows for gone: they ended here with the source's word."""
        self.db.executemany(
            "UPDATE held SET gone = 1 WHERE object = ? AND key = ?", ((name, key) for key in keys)
        )

    def live(self, name: str) -> int:
        """Return how many rows are held of an object that are not gone."""
        sql = "SELECT COUNT(*) FROM held WHERE object = ? AND gone = 0"
        return int(self.db.execute(sql, (name,)).fetchone()[0])

    def end(self, name: str, keys: Sequence[str], stamp_us: int) -> list[str]:
        """Land rows as gone, of those that were received as live; return the others."""
        found: set[str] = set()
        for some in _some(keys):
            marks = ",".join("?" * len(some))
            rows = self.db.execute(
                "SELECT object, key, born, MAX(stamp, ?) FROM held WHERE object = ? AND gone = 0"
                f" AND key IN ({marks})",
                [stamp_us, name, *some],
            ).fetchall()
            self.add_landed((*row, 1, "", 1) for row in rows)
            found.update(row[1] for row in rows)
        return [key for key in keys if key not in found]

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
