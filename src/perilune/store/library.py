"""Named SQL: finds the files, reads their head, parses them once and holds them to the gate.

A query file reads relations and nothing else: no file, no physical table, no table function, no
function that sqlglot does not know, no statement but a SELECT.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import sqlglot
from sqlglot import ErrorLevel, exp
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import TokenType

from perilune.kernel.errors import Invalid, NotFound
from perilune.kernel.wiring import SQL_FOLDERS
from perilune.store.contracts import QuerySpec

READ = "duckdb"
MARK = "\x00"
"""Stands around a parameter's name in rendered text; no source and no literal can hold it."""
RESERVED = "physical"
"""Names of physical tables begin so; no common table expression may."""

_HEAD = re.compile(r"--\s?(\w+):\s?(.*)")
_MORE = re.compile(r"--\s+(.*)")


@dataclass(frozen=True)
class Text:
    """Rendered SQL: its own common table expressions, then the body; parameters between MARKs."""

    ctes: tuple[tuple[str, str], ...]
    body: str
    is_recursive: bool


class Statement:
    """One parsed SELECT that has passed the gate."""

    def __init__(self, sql: str) -> None:
        self.tree = _parsed(sql)
        self.own_names = frozenset(cte.alias for cte in self.tree.find_all(exp.CTE))
        self.references = frozenset(_references(self.tree)) - self.own_names
        self.parameters = frozenset(p.name for p in self.tree.find_all(exp.Placeholder))
        self._texts: dict[tuple[str, bool], Text] = {}

    def text(self, dialect: str, *, pretty: bool = False) -> Text:
        """Return the statement in a dialect; Invalid where the dialect has no word for it."""
        key = dialect, pretty
        if key not in self._texts:
            self._texts[key] = _rendered(self.tree, dialect, pretty)
        return self._texts[key]


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


def _parsed(sql: str) -> exp.Query:
    if MARK in sql:
        raise Invalid("A query cannot hold the character NUL.")
    try:
        trees = sqlglot.parse(_dollared(sql), read=READ)
    except SqlglotError as error:
        raise Invalid("The query cannot be read: %(error)s", error=str(error)) from error
    if len(trees) != 1 or not isinstance(trees[0], exp.Query):
        raise Invalid("A query is one SELECT.")
    for node in trees[0].walk():
        if problem := _refusal(node):
            raise Invalid("A query cannot use %(what)s.", what=problem)
    return trees[0]


def _dollared(sql: str) -> str:
    """Write `:name` as `$name`: at the head of a projection sqlglot takes a colon for an alias."""
    tokens = sqlglot.tokenize(sql, read=READ)
    text = list(sql)
    for token, after in pairwise(tokens):
        is_adjacent = after.start == token.end + 1
        if token.token_type is TokenType.COLON and is_adjacent and after.text.isidentifier():
            text[token.start] = "$"
    return "".join(text)


_FORBIDDEN = (
    exp.Anonymous, exp.AnonymousAggFunc, exp.Command, exp.DDL, exp.DML, exp.Into, exp.Lateral,
    exp.Lock, exp.Parameter, exp.SessionParameter, exp.ReadCSV, exp.ReadParquet, exp.Unnest,
    exp.Pivot, exp.TableSample,
)  # fmt: skip


def _refusal(node: exp.Expr) -> str:
    """Name what the gate does not let in; empty when the node is harmless."""
    if isinstance(node, _FORBIDDEN):
        return node.sql(READ)
    if isinstance(node, exp.Table) and not _is_plain(node):
        return node.sql(READ)
    if isinstance(node, exp.CTE) and node.alias.lower().startswith(RESERVED):
        return node.alias
    if isinstance(node, exp.Placeholder) and not node.name.isidentifier():
        return node.sql(READ)
    return ""


def _is_plain(table: exp.Table) -> bool:
    """Tell whether a table is a bare name, perhaps with an alias and joins."""
    args = {key for key, value in table.args.items() if value}
    return isinstance(table.this, exp.Identifier) and args <= {"this", "alias", "joins"}


def _references(tree: exp.Expr) -> Iterator[str]:
    for table in tree.find_all(exp.Table):
        yield table.name


def _rendered(tree: exp.Query, dialect: str, pretty: bool) -> Text:
    from perilune.store.dialects.rewriting import rewritten

    tree = rewritten(tree.copy(), dialect)
    for placeholder in list(tree.find_all(exp.Placeholder)):
        placeholder.replace(exp.Var(this=f"{MARK}{placeholder.name}{MARK}"))
    with_ = tree.args.pop("with_", None)

    def text(node: exp.Expr) -> str:
        try:
            return node.sql(
                dialect, pretty=pretty, comments=False, unsupported_level=ErrorLevel.RAISE
            )
        except SqlglotError as error:
            raise Invalid(
                "The query has no form for %(dialect)s: %(error)s",
                dialect=dialect,
                error=str(error),
            ) from error

    ctes = with_.expressions if with_ else []
    return Text(
        tuple((cte.args["alias"].sql(dialect), text(cte.this)) for cte in ctes),
        text(tree),
        bool(with_ and with_.args.get("recursive")),
    )
