"""Named SQL: finds the files, reads their head, parses them once and holds them to the gate.

A query file reads relations and nothing else: no file, no physical table, no table function, no
function that sqlglot does not know, no statement but a SELECT. What a text reads and how it is
written for an engine is kept on a shelf of the store, so that a new process does not parse it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from perilune.kernel.errors import Invalid, NotFound, Unavailable
from perilune.kernel.wiring import SQL_FOLDERS
from perilune.store import sessions
from perilune.store.contracts import QuerySpec
from perilune.store.shelves import Shelf

if TYPE_CHECKING:
    from sqlglot import exp

READ = "duckdb"
MARK = "\x00"
"""Stands around a parameter's name in rendered text; no source and no literal can hold it."""
RESERVED = "physical"
"""Names of physical tables begin so; no common table expression may."""

MOST = 16 * 2**20
"""Bytes on the shelf of statements: a few kilobytes each, some of them of lists that people cut."""
_READERS = ("library.py", "parsing.py", "dialects/rewriting.py")

_HEAD = re.compile(r"--\s?(\w+):\s?(.*)")
_MORE = re.compile(r"--\s+(.*)")


@dataclass(frozen=True)
class Text:
    """Rendered SQL: its own common table expressions, then the body; parameters between MARKs."""

    ctes: tuple[tuple[str, str], ...]
    body: str
    is_recursive: bool


class Statement:
    """One SELECT that has passed the gate."""

    def __init__(self, sql: str) -> None:
        self._sql = sql
        self._key = _key_of(sql)
        told = _told(self._key) or self._read()
        self.own_names = frozenset(told["own_names"])
        self.references = frozenset(told["references"]) - self.own_names
        self.parameters = frozenset(told["parameters"])
        self._texts = {
            (dialect, pretty): Text(tuple((name, body) for name, body in ctes), *rest)
            for dialect, pretty, ctes, *rest in told["texts"]
        }

    @cached_property
    def tree(self) -> exp.Query:
        """The statement as sqlglot reads it."""
        from perilune.store.parsing import parsed

        return parsed(self._sql)

    def text(self, dialect: str, *, pretty: bool = False) -> Text:
        """Return the statement in a dialect; Invalid where the dialect has no word for it."""
        key = dialect, pretty
        if key not in self._texts:
            from perilune.store.parsing import rendered

            self._texts = {**self._texts, key: rendered(self.tree, dialect, pretty)}
            self._keep()
        return self._texts[key]

    def _read(self) -> dict[str, Any]:
        from sqlglot import exp

        from perilune.store.parsing import references

        return {
            "own_names": [cte.alias for cte in self.tree.find_all(exp.CTE)],
            "references": list(references(self.tree)),
            "parameters": [each.name for each in self.tree.find_all(exp.Placeholder)],
            "texts": [],
        }

    def _keep(self) -> None:
        """Put what is told of it on the shelf of the process's store, where there is one."""
        shelf = _shelf()
        if shelf is None:
            return
        told = {
            "own_names": sorted(self.own_names),
            "references": sorted(self.references),
            "parameters": sorted(self.parameters),
            "texts": [
                (*key, text.ctes, text.body, text.is_recursive) for key, text in self._texts.items()
            ],
        }
        written = json.dumps(told).encode()
        shelf.put(self._key, {"told": np.frombuffer(written, np.uint8)})
        shelf.tidy()


def _key_of(sql: str) -> str:
    return hashlib.sha256(f"{_reading()}\n{sql}".encode()).hexdigest()


@lru_cache(maxsize=1)
def _reading() -> str:
    """Return what tells this way of reading from every other: sqlglot's version, and the code's."""
    whole = hashlib.sha256(version("sqlglot").encode())
    for name in _READERS:
        whole.update((Path(__file__).parent / name).read_bytes())
    return whole.hexdigest()


def _shelf() -> Shelf | None:
    try:
        return Shelf(sessions.reader().store.path, "statements", MOST)
    except Unavailable:
        return None  # the lint reads statements without a store


def _told(key: str) -> dict[str, Any] | None:
    shelf = _shelf()
    found = shelf.get(key) if shelf else None
    return json.loads(found["told"].tobytes()) if found else None


def find(name: str) -> QuerySpec:
    """Return a named query by `capability.name`; NotFound when there is none."""
    capability, _, query = name.partition(".")
    if capability in SQL_FOLDERS and re.fullmatch(r"[a-z][a-z0-9_]*", query):
        path = SQL_FOLDERS.get(capability) / f"{query}.sql"
        if path.is_file():
            return _spec(name, path, path.stat().st_mtime_ns)
    raise NotFound("There is no query named %(name)s.", name=name)


def names() -> list[str]:
    """Return the names of all named queries, in order of capability and name."""
    found = []
    for capability in SQL_FOLDERS.names():
        folder = SQL_FOLDERS.get(capability)
        found += [f"{capability}.{path.stem}" for path in sorted(folder.glob("*.sql"))]
    return found


def relations() -> dict[str, Path]:
    """Return the files of derived relations by name; Invalid when two have one name."""
    return _relations(tuple(SQL_FOLDERS))


def relation(name: str) -> QuerySpec:
    """Return a derived relation; NotFound when there is none."""
    path = relations().get(name)
    if path is None:
        raise NotFound("There is no relation named %(name)s.", name=name)
    return _spec(name, path, path.stat().st_mtime_ns)


@lru_cache(maxsize=1024)
def statement(sql: str) -> Statement:
    """Return the parsed statement of a text; Invalid when it is not one that the gate lets in."""
    return Statement(sql)


@lru_cache(maxsize=8)
def _relations(folders: tuple[Path, ...]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for folder in folders:
        for path in sorted((folder / "relations").glob("*.sql")):
            if path.stem in found:
                raise Invalid("The relation %(name)s is defined twice.", name=path.stem)
            found[path.stem] = path
    return found


@lru_cache(maxsize=1024)
def _spec(name: str, path: Path, _changed: int) -> QuerySpec:
    sql = path.read_text()
    head = dict(read_head(sql))
    return QuerySpec(
        name=name,
        sql=sql,
        definition=head.get("definition", ""),
        unit=head.get("unit", ""),
        owner=head.get("owner", ""),
        parameters=statement(sql).parameters,
        head=head,
    )


def read_head(sql: str) -> Iterator[tuple[str, str]]:
    """Give the `-- key: value` lines above a query; further comment lines go on with the value.

    Words before the first key are the definition.
    """
    key, words = "definition", list[str]()
    for line in sql.splitlines():
        if not line.startswith("--"):
            break
        if found := _HEAD.match(line):
            if words:
                yield key, " ".join(words)
            key, words = found[1], [found[2].strip()]
        elif more := _MORE.match(line):
            words.append(more[1].strip())
    if words:
        yield key, " ".join(words)
