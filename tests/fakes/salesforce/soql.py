"""A subset of SOQL: enough for a connector, refused with MALFORMED_QUERY beyond it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

Row = Mapping[str, Any]

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>'(?:[^'\\]|\\.)*')
    | (?P<time>\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2}))?)
    | (?P<number>-?\d+(?:\.\d+)?)
    | (?P<word>[A-Za-z_][\w.]*)
    | (?P<sign><=|>=|!=|<>|[=<>(),])
    )""",
    re.X,
)
_COMPARE = {"=": "==", "!=": "!=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_PLAIN = "not row.get('IsDeleted') and not row.get('IsArchived')"
"""Whether a plain query shows a row."""
_FUNCTIONS = ("COUNT", "MAX", "MIN", "CALENDAR_YEAR", "CALENDAR_MONTH", "DAY_ONLY")


class Malformed(Exception):
    """A query that the org refuses."""


@dataclass(frozen=True)
class Column:
    """A selected column: a field, or a function of one."""

    name: str
    function: str = ""
    alias: str = ""


@dataclass
class Query:
    """A parsed query. test: of a row, as an expression of Python over its values.

    inside, least, below: a list of values, and bounds, that every row of it meets.
    """

    columns: list[Column]
    kind: str
    test: str
    values: dict[str, Any]
    groups: list[Column] = field(default_factory=list)
    order: list[tuple[str, bool]] = field(default_factory=list)
    limit: int | None = None
    filtered: set[str] = field(default_factory=set)
    inside: tuple[str, frozenset[Any]] | None = None
    least: dict[str, str] = field(default_factory=dict)
    below: dict[str, str] = field(default_factory=dict)

    def of(self, rows: Iterable[Row], *, with_deleted: bool) -> list[Any]:
        """Return the rows that it shows: millions are tested, so the test is compiled."""
        found: list[Any] = self._run("[row for row in rows if {}]", rows, with_deleted)
        return found

    def counts(self, rows: Iterable[Row], *, with_deleted: bool) -> Counter[str] | None:
        """Return how many rows have each beginning of one text, or None where it asks for more."""
        names = {one.name for one in self.groups}
        ends = [_PARTS[one.function].stop for one in self.groups if one.function in _PARTS]
        asked = {(one.function, one.name) for one in self.columns}
        more = asked - {(one.function, one.name) for one in self.groups} - {("COUNT", "Id")}
        if len(names) != 1 or len(ends) != len(self.groups) or more:
            return None
        begun = f"(row.get({names.pop()!r}) or '')[:{max(ends)}]"
        found: Counter[str] = self._run(
            f"Counter([{begun} for row in rows if {{}}])", rows, with_deleted
        )
        return found

    def _run(self, text: str, rows: Iterable[Row], with_deleted: bool) -> Any:
        test = self.test if with_deleted else f"({self.test}) and {_PLAIN}"
        return eval(text.format(test), {**self.values, "rows": rows, "Counter": Counter})

    @property
    def is_count(self) -> bool:
        """Tell whether it is `SELECT COUNT()`."""
        return len(self.columns) == 1 and self.columns[0] == Column("", "COUNT", "expr0")

    @property
    def is_grouped(self) -> bool:
        """Tell whether it answers aggregates."""
        return bool(self.groups) or any(one.function for one in self.columns)


def parse(text: str) -> Query:
    """Return a query; Malformed where it is outside the subset."""
    return _Parser(text).query()


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        at = 0
        text = text.strip()
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None or found.lastgroup is None:
                raise Malformed(f"unexpected token: {text[at : at + 20]!r}")
            self._tokens.append((found.lastgroup, found[found.lastgroup]))
            at = found.end()
        self._at = 0
        self._filtered: set[str] = set()
        self._inside: list[tuple[str, frozenset[Any]]] = []
        self._bounds: dict[str, dict[str, str]] = {">=": {}, "<": {}}
        self._is_wide = False
        self._values: dict[str, Any] = {}

    def _peek(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _is(self, word: str) -> bool:
        return self._peek().upper() == word

    def _take(self, word: str = "") -> str:
        if self._at >= len(self._tokens):
            raise Malformed("unexpected end of query")
        found = self._tokens[self._at][1]
        if word and found.upper() != word:
            raise Malformed(f"expecting {word}, found {found!r}")
        self._at += 1
        return found

    def _maybe(self, word: str) -> bool:
        if self._is(word):
            self._at += 1
            return True
        return False

    def query(self) -> Query:
        self._take("SELECT")
        columns = [self._column(0)]
        while self._maybe(","):
            columns.append(self._column(len(columns)))
        self._take("FROM")
        kind = self._take()
        test = self._either() if self._maybe("WHERE") else "True"
        groups: list[Column] = []
        if self._maybe("GROUP"):
            self._take("BY")
            groups = [self._column(-1)]
            while self._maybe(","):
                groups.append(self._column(-1))
        order: list[tuple[str, bool]] = []
        if self._maybe("ORDER"):
            self._take("BY")
            order = [self._ordered()]
            while self._maybe(","):
                order.append(self._ordered())
        limit = int(self._take()) if self._maybe("LIMIT") else None
        if self._at != len(self._tokens):
            raise Malformed(f"unexpected token: {self._peek()!r}")
        # one list of ids and nothing else: a large org looks them up
        is_alone = len(self._inside) == 1 and self._filtered == {self._inside[0][0]}
        inside = self._inside[0] if is_alone and not self._is_wide else None
        bounds = [{}, {}] if self._is_wide else list(self._bounds.values())
        return Query(
            columns, kind, test, self._values, groups, order, limit, self._filtered, inside, *bounds
        )

    def _column(self, position: int) -> Column:
        name = self._take()
        if name.upper() not in _FUNCTIONS or not self._maybe("("):
            return Column(name)
        inner = "" if self._is(")") else self._take()
        self._take(")")
        alias = f"expr{position}"
        if position >= 0 and self._peek() not in (",", "") and not self._is("FROM"):
            alias = self._take()
        return Column(inner, name.upper(), alias)

    def _ordered(self) -> tuple[str, bool]:
        name = self._take()
        is_down = self._maybe("DESC")
        if not is_down:
            self._maybe("ASC")
        if self._maybe("NULLS"):
            self._take()
        return name, is_down

    def _either(self) -> str:
        tests = [self._both()]
        while self._maybe("OR"):
            tests.append(self._both())
        if len(tests) == 1:
            return tests[0]
        self._is_wide = True
        return " or ".join(tests)

    def _both(self) -> str:
        tests = [self._one()]
        while self._maybe("AND"):
            tests.append(self._one())
        return " and ".join(tests)

    def _one(self) -> str:
        if self._maybe("NOT"):
            self._is_wide = True
            return f"(not {self._one()})"
        if self._maybe("("):
            found = self._either()
            self._take(")")
            return f"({found})"
        name = self._take()
        self._filtered.add(name)
        if self._maybe("NOT"):
            self._take("IN")
            self._is_wide = True
            return f"(row.get({name!r}) not in {self._named(self._list())})"
        if self._maybe("IN"):
            inside = frozenset(self._list())
            self._inside.append((name, inside))
            return f"(row.get({name!r}) in {self._named(inside)})"
        sign, value = self._take(), self._value()
        if sign not in _COMPARE:
            raise Malformed(f"unexpected operator: {sign!r}")
        if isinstance(value, str) and (bounds := self._bounds.get(sign)) is not None:
            bounds[name] = value
        test = f"{_COMPARE[sign]} {self._named(value)}"
        if value is None or isinstance(value, bool):
            return f"(row.get({name!r}) {test})"
        return f"((own := row.get({name!r})) is not None and own {test})"

    def _named(self, value: Any) -> str:
        """Return the name under which the test knows a value."""
        name = f"value{len(self._values)}"
        self._values[name] = value
        return name

    def _list(self) -> set[Any]:
        self._take("(")
        found = {self._value()}
        while self._maybe(","):
            found.add(self._value())
        self._take(")")
        return found

    def _value(self) -> Any:
        if self._at >= len(self._tokens):
            raise Malformed("unexpected end of query")
        kind, text = self._tokens[self._at]
        self._at += 1
        if kind == "text":
            return re.sub(r"\\(.)", r"\1", text[1:-1])
        if kind == "number":
            return float(text) if "." in text else int(text)
        if kind == "time":
            return _utc(text)
        if text.lower() in ("true", "false"):
            return text.lower() == "true"
        if text.lower() == "null":
            return None
        raise Malformed(f"bind variables only allowed in Apex: {text!r}")


def _utc(text: str) -> str:
    if "T" not in text:
        return text
    from datetime import UTC, datetime

    at = datetime.fromisoformat(text).astimezone(UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def grouped(query: Query, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return the aggregates of a query, a row a group."""
    groups: defaultdict[tuple[Any, ...], list[Row]] = defaultdict(list)
    parts = [(one.name, _PARTS.get(one.function, slice(None))) for one in query.groups]
    for row in rows:
        key = tuple([v[part] if type(v := row.get(name)) is str else v for name, part in parts])
        groups[key].append(row)
    if not query.groups:
        groups[()] = list(rows)
    return [_told(query, key, partial(_aggregate, rows=own)) for key, own in groups.items()]


def counted(query: Query, counts: Counter[str]) -> list[dict[str, Any]]:
    """Return the aggregates of a query that only counts, from what `Query.counts` gives."""
    groups: Counter[tuple[str | None, ...]] = Counter()
    for begun, number in counts.items():
        groups[tuple(begun[_PARTS[one.function]] or None for one in query.groups)] += number
    return [_told(query, key, partial(_same, number)) for key, number in groups.items()]


def _same(number: int, _column: Column) -> int:
    return number


def _told(query: Query, key: tuple[Any, ...], aggregate: Callable[[Column], Any]) -> dict[str, Any]:
    named = {
        (one.function, one.name): int(v) if v and one.function in _NUMBERS else v
        for one, v in zip(query.groups, key, strict=True)
    }
    told: dict[str, Any] = {}
    for one in query.columns:
        known = (one.function, one.name)
        told[one.alias or one.name] = named[known] if known in named else aggregate(one)
    return told


_PARTS = {"DAY_ONLY": slice(10), "CALENDAR_YEAR": slice(4), "CALENDAR_MONTH": slice(5, 7)}
_NUMBERS = ("CALENDAR_YEAR", "CALENDAR_MONTH")


def _aggregate(column: Column, rows: Sequence[Row]) -> Any:
    values: list[Any] = [row[column.name] for row in rows if row.get(column.name) is not None]
    if column.function == "COUNT":
        return len(values) if column.name else len(rows)
    if column.function in ("MAX", "MIN"):
        return (max if column.function == "MAX" else min)(values, default=None)
    raise Malformed(f"field must be grouped or aggregated: {column.name}")
