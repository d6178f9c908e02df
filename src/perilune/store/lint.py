"""Holds every named query to the portable subset: `python -m perilune.store.lint`.

The subset of DuckDB's dialect that sqlglot turns into Spark's with one meaning; DESIGN section 4.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlglot import exp

from perilune.kernel.errors import PeriluneError
from perilune.store.library import READ, Statement, read_head

DIALECTS = (READ, "spark")

_REFUSED: dict[type[exp.Expr], str] = {
    exp.ArgMax: "arg_max: use QUALIFY row_number() OVER (…) = 1",
    exp.ArgMin: "arg_min: use QUALIFY row_number() OVER (…) = 1",
    exp.First: "first: it depends on the order of rows",
    exp.Last: "last: it depends on the order of rows",
    exp.AnyValue: "any_value: it depends on the order of rows",
    exp.ArrayAgg: "lists: their order differs between engines",
    exp.List: "lists: their order differs between engines",
    exp.Array: "lists: their order differs between engines",
    exp.GroupConcat: "string_agg: its order differs between engines",
    exp.CurrentDate: "the clock: use :as_of_day",
    exp.CurrentTimestamp: "the clock: use :as_of",
    exp.Rand: "chance",
    exp.Pivot: "PIVOT",
    exp.Distinct: "DISTINCT ON: use QUALIFY row_number() OVER (…) = 1",
}
_JOINS = {"ANTI": "NOT EXISTS", "SEMI": "EXISTS", "ASOF": "an interval join", "POSITIONAL": "a key"}
_INSTANTS = ("_at", "as_of", "valid_from", "valid_to")


def problems(sql: str, *, is_relation: bool = False) -> Iterator[str]:
    """Give what is wrong with a query file's text; nothing when it is in the subset."""
    if not dict(read_head(sql)).get("definition"):
        yield "a comment `-- definition: …` is missing above the query"
    try:
        statement = Statement(sql)
        for dialect in DIALECTS:
            statement.text(dialect)
    except PeriluneError as error:
        yield str(error)
        return
    for check in _CHECKS:
        yield from check(statement.tree)
    if not is_relation and any(select.is_star for select in _final(statement.tree)):
        yield "SELECT * in the final query: name the columns"


def check_folder(folder: Path) -> Iterator[tuple[Path, str]]:
    """Give (file, problem) for every query and relation in a folder of named SQL."""
    for path in sorted(folder.rglob("*.sql")):
        for problem in problems(path.read_text(), is_relation=path.parent.name == "relations"):
            yield path, problem


def _final(tree: exp.Query) -> list[exp.Select]:
    return [tree] if isinstance(tree, exp.Select) else []


def _words(tree: exp.Expr) -> Iterator[str]:
    for kind, words in _REFUSED.items():
        for node in tree.find_all(kind):
            if kind is not exp.Distinct or node.args.get("on"):
                yield f"not portable: {words}"


def _joins(tree: exp.Expr) -> Iterator[str]:
    for join in tree.find_all(exp.Join):
        for word in (join.kind, join.method, join.side):
            if word in _JOINS:
                yield f"not portable: {word} JOIN: use {_JOINS[word]}"


def _grouping(tree: exp.Expr) -> Iterator[str]:
    for group in tree.find_all(exp.Group):
        if group.args.get("all"):
            yield "not portable: GROUP BY ALL: name the columns"
    for order in tree.find_all(exp.Order):
        if any(isinstance(item.this, exp.Column) and item.this.name == "ALL" for item in order):
            yield "not portable: ORDER BY ALL: name the columns"


def _differences(tree: exp.Expr) -> Iterator[str]:
    for node in tree.find_all(exp.DateDiff, exp.TimestampDiff):
        if any(_is_instant(side) for side in (node.this, node.expression)):
            yield f"not portable: {node.sql(READ)}: cast both sides to DATE"


def _shifts(tree: exp.Expr) -> Iterator[str]:
    for interval in tree.find_all(exp.Interval):
        shown = interval.parent and interval.parent.parent
        if isinstance(shown, exp.Alias | exp.Select):
            yield f"not portable: {shown.sql(READ)}: CAST(… AS DATE), or say TIMESTAMP"


def _is_instant(node: exp.Expr) -> bool:
    if isinstance(node, exp.Column | exp.Placeholder):
        return node.name.endswith(_INSTANTS)
    return isinstance(node, exp.Cast) and node.is_type("timestamp")


_CHECKS: tuple[Callable[[exp.Expr], Iterator[str]], ...] = (
    _words,
    _joins,
    _grouping,
    _differences,
    _shifts,
)


def main() -> int:
    """Check every capability's folder; print what is wrong; return 1 if anything is."""
    found = [
        (path, problem)
        for folder in sorted(Path(__file__).parents[1].glob("*/sql"))
        for path, problem in check_folder(folder)
    ]
    for path, problem in found:
        print(f"{path.relative_to(Path(__file__).parents[2])}: {problem}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
