"""What many tests begin from is made once and put back: the same rows, the same store, no work.

A maker that begins from the same state leaves the same state behind. `made_once` runs it once in a
process and remembers what every table and the store hold afterwards; the next time it begins from
the very same rows and store, they are put back as they were, ids and instants included.
`made_once_a_run` lets the processes of one run make it once for all of them.
"""

from __future__ import annotations

import copy
import fcntl
import hashlib
import pickle
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cache, wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

from django.db import connections, transaction

from perilune.kernel.wiring import STORE_TABLES
from perilune.store import service as store

P = ParamSpec("P")
T = TypeVar("T")

_STATIC = {"django_migrations", "django_content_type", "auth_permission"}
"""Written by the migrations alone."""
_PASSING = {"lock", "work"}
"""Of the store's writer while it writes."""
_KEPT: dict[str, _World] = {}
_COMMON: list[Path] = []

Contents = dict[tuple[str, str], Any]
"""What a table holds, by database and name: rows on SQLite, the text of COPY on PostgreSQL."""


def made_once(make: Callable[P, T]) -> Callable[P, T]:
    """Let a maker of records run once for each state that it begins from; its result is copied.

    What it does beside records, queue and store (a file, a mail, a clock) happens that once only.
    Its arguments are told apart by how they print.
    """

    @wraps(make)
    def made(*args: P.args, **kwargs: P.kwargs) -> T:
        before = _contents()
        key = _key(make, args, kwargs, before)
        if key in _KEPT:
            return cast(T, _KEPT[key].put_back())
        result = make(*args, **kwargs)
        _KEPT[key] = _World.since(before, result, _shelf() / key)
        return result

    return made


def made_once_a_run(make: Callable[P, T]) -> Callable[P, T]:
    """Let a maker that takes seconds run once for all processes of a run: see `share_in`.

    As `made_once`; what it returns must go through pickle.
    """

    @wraps(make)
    def made(*args: P.args, **kwargs: P.kwargs) -> T:
        before = _contents()
        key = _key(make, args, kwargs, before)
        if key not in _KEPT and _COMMON:
            file = _COMMON[0] / f"{key}.world"
            with _alone(file):
                if not file.exists():
                    result = make(*args, **kwargs)
                    _KEPT[key] = _World.since(before, result, _COMMON[0] / key)
                    file.write_bytes(pickle.dumps(replace(_KEPT[key], is_foreign=True)))
                    return result
                _KEPT[key] = pickle.loads(file.read_bytes())
        return made_once(make)(*args, **kwargs)

    return made


def share_in(folder: Path) -> None:
    """Name the folder in which the processes of this run leave what they share."""
    folder.mkdir(exist_ok=True)
    _COMMON[:] = [folder]


@dataclass(frozen=True)
class _World:
    """What a maker changed: tables before and after, the store's files, and what it returned."""

    emptied: tuple[tuple[str, str], ...]
    filled: Contents
    store: Path | None
    result: Any
    is_foreign: bool = False
    """Made by another process: the database's own numbering has not seen these ids."""

    @classmethod
    def since(cls, before: Contents, result: Any, folder: Path) -> _World:
        after = _contents()
        changed = [place for place in {**before, **after} if before.get(place) != after.get(place)]
        emptied = tuple(place for place in changed if place in before)
        filled = {place: after[place] for place in changed if place in after}
        if store.current().changed_at():
            _copy_store(store.current().path, folder)
        stored = folder if folder.exists() else None
        return cls(emptied, filled, stored, copy.deepcopy(result))

    def put_back(self) -> Any:
        with ExitStack() as stack:
            for alias in {alias for alias, _table in (*self.emptied, *self.filled)}:
                stack.enter_context(transaction.atomic(using=alias))
            for alias, table in self.emptied:
                connections[alias].connection.execute(f'DELETE FROM "{table}"')
            for (alias, table), rows in self.filled.items():
                _fill(alias, table, rows)
                if self.is_foreign:
                    _number_on(alias, table)
        if self.store is not None:
            _copy_store(self.store, store.current().path)
        return copy.deepcopy(self.result)


def _key(make: Callable[..., Any], args: Any, kwargs: Any, contents: Contents) -> str:
    """Return a digest of the maker, what it is given, and all that it begins from."""
    manifest = store.current().path / "manifest.json"
    begins = (
        (make.__module__, make.__qualname__, args, sorted(kwargs.items())),
        sorted(contents.items()),
        manifest.read_text() if manifest.exists() else "",
        [table.name for table in STORE_TABLES],
        # what waits for a commit is done in no transaction only
        [connections[alias].in_atomic_block for alias in connections],
    )
    return hashlib.sha256(repr(begins).encode()).hexdigest()


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    with file.with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


# -- tables ----------------------------------------------------------------------------------------


def _contents() -> Contents:
    """Return what stands in every table that is not empty."""
    found: Contents = {}
    for alias in connections:
        connections[alias].ensure_connection()
        read = _copied_out if connections[alias].vendor == "postgresql" else _selected
        found |= {(alias, table): rows for table, rows in read(alias)}
    return found


@cache
def _tables(alias: str) -> dict[str, tuple[str, ...]]:
    """Return the columns of each table."""
    connection = connections[alias]
    with connection.cursor() as cursor:
        names = set(connection.introspection.table_names(cursor)) - _STATIC
        return {name: _columns(cursor, name) for name in sorted(names)}


def _columns(cursor: Any, table: str) -> tuple[str, ...]:
    cursor.execute(f'SELECT * FROM "{table}" LIMIT 0')
    return tuple(column[0] for column in cursor.description)


def _selected(alias: str) -> list[tuple[str, Any]]:
    raw = connections[alias].connection
    found = []
    for table, columns in _tables(alias).items():
        # a value under a sign is given as it is stored, not as the type that its column declares
        values = ", ".join(f'+"{column}"' for column in columns)
        if rows := list(map(tuple, raw.execute(f'SELECT {values} FROM "{table}"'))):
            found.append((table, rows))
    return found


def _copied_out(alias: str) -> list[tuple[str, Any]]:
    raw = connections[alias].connection
    questions = [
        f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM \"{table}\")" for table in _tables(alias)
    ]
    found = []
    for (table,) in raw.execute(" UNION ALL ".join(questions)).fetchall():
        with raw.cursor() as cursor, cursor.copy(f'COPY "{table}" TO STDOUT') as out:
            found.append((table, b"".join(bytes(part) for part in out)))
    return found


def _fill(alias: str, table: str, rows: Any) -> None:
    connection = connections[alias]
    if connection.vendor == "postgresql":
        with (
            connection.connection.cursor() as cursor,
            cursor.copy(f'COPY "{table}" FROM STDIN') as into,
        ):
            into.write(rows)
        return
    marks = ", ".join("?" for _ in rows[0])
    connection.connection.executemany(f'INSERT INTO "{table}" VALUES ({marks})', rows)


def _number_on(alias: str, table: str) -> None:
    """Let PostgreSQL number on after the rows that were put in; SQLite does so by itself."""
    connection = connections[alias]
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for found in connection.introspection.get_sequences(cursor, table):
            newest = f'SELECT max("{found["column"]}") FROM "{table}"'
            cursor.execute(
                f"SELECT setval(%s, GREATEST(nextval(%s), ({newest})))", [found["name"]] * 2
            )


# -- the store -------------------------------------------------------------------------------------


@cache
def _shelf() -> Path:
    """Return the folder of kept stores: it goes with the process's temporary home."""
    from django.conf import settings

    return Path(tempfile.mkdtemp(prefix="kept-", dir=settings.PERILUNE_HOME))


def _copy_store(source: Path, target: Path) -> None:
    """Copy what a store needs, its manifest last; files of rows never change, so none twice."""
    paths = [path for path in source.rglob("*") if path.is_file()]
    for path in sorted(paths, key=lambda path: path.name == "manifest.json"):
        place = path.relative_to(source)
        if place.parts[0] in _PASSING or (place.parts[0] == "tables" and (target / place).exists()):
            continue
        (target / place).parent.mkdir(parents=True, exist_ok=True)
        draft = (target / place).with_name(f".{path.name}.kept")
        shutil.copyfile(path, draft)
        draft.replace(target / place)
