"""Reads named SQL with sqlglot, holds it to the gate, and writes it in an engine's dialect.

Loaded only for a text that is not on the shelf of what is told of statements (`library`): sqlglot
takes longer to load and to read than most queries take to run.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import sqlglot
from sqlglot import ErrorLevel, exp
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import TokenType

from perilune.kernel.errors import Invalid
from perilune.store.dialects.rewriting import rewritten
from perilune.store.library import MARK, READ, RESERVED, Text


def parsed(sql: str) -> exp.Query:
    """Return the one SELECT of a text; Invalid when it is not one that the gate lets in."""
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


def references(tree: exp.Expr) -> Iterator[str]:
    """Give the names of what a SELECT reads, those of its own included."""
    for table in tree.find_all(exp.Table):
        yield table.name


def rendered(tree: exp.Query, dialect: str, pretty: bool) -> Text:
    """Return a SELECT in a dialect; Invalid where the dialect has no word for it."""
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
