"""Relations: what named SQL reads, cut to scope, hidden fields and as-of before it sees a row.

A physical table `opportunity_version` gives the relations `opportunity` (the version valid at the
as-of) and `opportunity_version` (all that was known by then); a derived relation is a file.
"""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass, field
from datetime import UTC

from perilune.kernel.asof import AsOf
from perilune.kernel.errors import Invalid
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import STORE_TABLES, Columns, StoreTable
from perilune.store import library
from perilune.store.layout import Manifest, TableFiles
from perilune.store.literals import literal, type_name

FOREVER = "9999-12-31 00:00:00"


@dataclass
class Cut:
    """The cuts of one question on one version; collects the physical tables that are read."""

    manifest: Manifest
    scope: Scope
    as_of: AsOf
    dialect: str
    physical: Callable[[TableFiles], str]
    read: dict[str, TableFiles] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._quote = "`" if self.dialect == "spark" else '"'
        self._at = literal(self.as_of.at.astimezone(UTC), self.dialect)

    def name(self, identifier: str) -> str:
        """Return a quoted identifier; declared names hold no quotes."""
        return f"{self._quote}{identifier}{self._quote}"

    def select(self, table: StoreTable, *, is_history: bool) -> str:
        """Return the SELECT of a base relation."""
        files = self.manifest.tables.get(table.name)
        if files is None:
            return self._nothing(table, is_history)
        columns = [self._column(table, name, type_, is_history) for name, type_ in files.columns]
        shown = ", ".join(column for column in columns if column)
        conditions = [*self._time(files, is_history), *self._sight(table, files, is_history)]
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        return f"SELECT {shown} FROM {self._source(files)} AS t{where}"

    def _nothing(self, table: StoreTable, is_history: bool) -> str:
        """Return no rows, for a table that is declared but not built yet."""
        shown = ", ".join(
            f"{self._null(type_)} AS {self.name(name)}"
            for name, type_ in table.shape()
            if name != "valid_to" or is_history or not table.versioned
        )
        return f"SELECT {shown} WHERE FALSE"

    def _source(self, files: TableFiles) -> str:
        self.read[files.name] = files
        return self.physical(files)

    def _column(self, table: StoreTable, name: str, type_: str, is_history: bool) -> str:
        if (table.relation, name) in self.scope.hidden:
            return f"{self._null(type_)} AS {self.name(name)}"
        if name == "valid_to" and table.versioned:
            return self._end() if is_history else ""  # the end of a version is not known yet
        return f"t.{self.name(name)}"

    def _end(self) -> str:
        forever = f"CAST('{FOREVER}' AS {type_name('TIMESTAMP', self.dialect)})"
        return f"CASE WHEN t.valid_to > {self._at} THEN {forever} ELSE t.valid_to END AS valid_to"

    def _null(self, type_: str) -> str:
        return f"CAST(NULL AS {type_name(type_, self.dialect)})"

    def _time(self, files: TableFiles, is_history: bool) -> list[str]:
        if not files.versioned:
            return []
        return self._known() if is_history else self._valid()

    def _known(self) -> list[str]:
        return [f"t.valid_from <= {self._at}"]

    def _valid(self) -> list[str]:
        return [f"t.valid_from <= {self._at}", f"t.valid_to > {self._at}"]

    # -- the gate ------------------------------------------------------------------------------

    def _sight(self, table: StoreTable, files: TableFiles, is_history: bool) -> list[str]:
        """Return the conditions under which a row is seen by the scope's owners."""
        if self.scope.owners is None or not (table.owner_column or table.parent[0]):
            return []
        if table.owner_column and files.versioned and is_history:
            # all versions of a record are seen by who sees it at the as-of
            return [f"t.{self.name(files.key)} IN ({self._visible(table)})"]
        return [self._row_sight(table)]

    def _row_sight(self, table: StoreTable) -> str:
        if table.owner_column:
            owners = sorted(self.scope.owners or ())
            return f"t.{self.name(table.owner_column)} IN ({literal(owners, self.dialect)})"
        if not table.parent[0]:
            return "TRUE"
        parent = next((t for t in STORE_TABLES if t.relation == table.parent[0]), None)
        if parent is None:
            return "FALSE"
        return f"t.{self.name(table.parent[1])} IN ({self._visible(parent)})"

    def _visible(self, table: StoreTable) -> str:
        """Return the SELECT of the keys that are seen at the as-of."""
        files = self.manifest.tables.get(table.name)
        if files is None:
            return literal((), self.dialect)
        conditions = [*(self._valid() if files.versioned else ()), self._row_sight(table)]
        where = " AND ".join(conditions)
        return f"SELECT t.{self.name(files.key)} FROM {self._source(files)} AS t WHERE {where}"


@dataclass(frozen=True)
class Base:
    """A relation over a physical table."""

    table: StoreTable
    is_history: bool


def bases() -> dict[str, Base]:
    """Return the base relations by name; Invalid when two tables give the same one."""
    found: dict[str, Base] = {}
    for table in STORE_TABLES:
        new = {table.relation: Base(table, False)}
        if table.versioned:
            new[f"{table.relation}_version"] = Base(table, True)
        if both := found.keys() & new.keys():
            raise Invalid("Two store tables give the relation %(name)s.", name=both.pop())
        found |= new
    return found


def shape(name: str) -> Columns:
    """Return the columns of a base relation as declared; for lists and filters that compose SQL."""
    base = bases().get(name)
    if base is None:
        raise Invalid("There is no relation named %(name)s.", name=name)
    without = () if base.is_history or not base.table.versioned else ("valid_to",)
    return tuple(column for column in base.table.shape() if column[0] not in without)


def needed(statement: library.Statement) -> list[str]:
    """Return the relations that a statement reads, directly or not, each after those it reads.

    Raises Invalid on an unknown relation, one that reads itself, and a common table expression that
    takes a relation's name.
    """
    known, derived, order = bases(), library.relations(), list[str]()
    if both := known.keys() & derived.keys():
        raise Invalid("The relation %(name)s is defined twice.", name=both.pop())

    def visit(current: library.Statement, path: tuple[str, ...]) -> None:
        _check(current, path, known.keys() | derived.keys())
        for name in sorted(current.references):
            if name in derived and name not in order:
                visit(library.statement(library.relation(name).sql), (*path, name))
            if name not in order:
                order.append(name)

    visit(statement, ())
    return order


def _check(statement: library.Statement, path: tuple[str, ...], known: Set[str]) -> None:
    """Refuse what a statement may not read or name; path: the relations that led to it."""
    if unknown := statement.references - known:
        raise Invalid("There is no relation named %(name)s.", name=min(unknown))
    if taken := statement.own_names & known:
        raise Invalid("%(name)s is a relation; name it otherwise.", name=min(taken))
    if statement.references & set(path):
        raise Invalid("The relation %(name)s reads itself.", name=path[-1])
