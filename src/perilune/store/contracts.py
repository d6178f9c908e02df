"""What crosses the border of the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from perilune.kernel.asof import AsOf


@dataclass(frozen=True)
class QuerySpec:
    """A named query or derived relation: the file's text and what its head comments say.

    name: `crm.pipeline_by_stage`; a relation is named without its capability.
    parameters: the placeholders of this file alone; relations that it reads may ask for more.
    head: every `-- key: value` line, the three known ones included.
    """

    name: str
    sql: str
    definition: str = ""
    unit: str = ""
    owner: str = ""
    parameters: frozenset[str] = frozenset()
    head: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """Rows, and what they answer for: the SQL, the version, the as-of and the scope's name."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    sql: str
    version: int
    as_of: AsOf
    scope_label: str

    def dicts(self) -> list[dict[str, Any]]:
        """Return each row as a mapping from column to value."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def column(self, name: str) -> list[Any]:
        """Return one column's values."""
        at = self.columns.index(name)
        return [row[at] for row in self.rows]

    def scalar(self) -> Any:
        """Return the first value of the first row, None when there is no row."""
        return self.rows[0][0] if self.rows else None


@dataclass(frozen=True)
class Freshness:
    """How far the store is behind the records: 0 seconds when nothing waits."""

    version: int
    behind_seconds: float
    built_at: datetime | None
    waiting: tuple[str, ...] = ()
    """The tables that have something waiting."""


@dataclass(frozen=True)
class TableStatus:
    """One table's size: rows of the base and of the overlay, keys that the overlay replaces."""

    name: str
    base_rows: int
    overlay_rows: int
    overlay_keys: int
    bytes: int


@dataclass(frozen=True)
class Origin:
    """The very rows that a query reads on a version: of each table its base, and its last change.

    Equal tables give equal rows. Where only the last change of a table differs, and its base does
    not, the rows of all keys but those in the later overlay are the same.
    """

    store: str
    version: int
    tables: Mapping[str, tuple[str, int]]

    def is_same(self, other: Origin) -> bool:
        """Tell whether both give the same rows."""
        return (self.store, self.tables) == (other.store, other.tables)

    def is_same_but(self, other: Origin, table: str) -> bool:
        """Tell whether the rows of every other table are the same, and this one's base is."""
        if self.store != other.store:
            return False
        mine, theirs = dict(self.tables), dict(other.tables)
        base, other_base = mine.pop(table, ("", 0))[0], theirs.pop(table, ("", 0))[0]
        return mine == theirs and base == other_base


@dataclass(frozen=True)
class Progress:
    """One step of a refresh: the table, the rows written so far, tables done of all."""

    table: str
    rows: int
    done: int
    total: int
