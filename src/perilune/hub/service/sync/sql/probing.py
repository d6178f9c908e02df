"""Looks at a table or a statement before it is read: which columns tell of its rows, and how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from perilune.hub.contracts.sources import NONE, Probe, SqlObject
from perilune.hub.engine.sync.cells import text_of
from perilune.hub.service.sync.given import BORNS, GONES, STAMPS, chosen, key_in, says_when
from perilune.hub.service.sync.sql.source import Tables
from perilune.hub.service.sync.sql.statements import checked, is_statement
from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _

SHOWN = 5
_NUMBERS = (int, float, Decimal)


class Reader(Tables):
    """The tables of a database, and what can be found out about them."""

    def greet(self) -> str:
        """Come in and return what answers."""
        with self._connected() as connection:
            version = ".".join(map(str, connection.dialect.server_version_info or ()))
            return f"{connection.dialect.name} {version}".strip()

    def probe(self, one: SqlObject) -> Probe:
        """Look at an object and complete what was said of it; Invalid where it cannot be so."""
        if not one.table.strip():
            raise Invalid(_("Say which table, view or SELECT it is."))
        if is_statement(one.table):
            checked(one.table, self.database.dialect)
        columns = self._columns[one.name] = self.columns_of(one)
        names = tuple(columns)
        key = one.key or self._primary(one) or key_in(names, one.kind)
        if key not in columns:
            raise Invalid(
                _("Say which column tells the key: %(columns)s."), columns=", ".join(names)[:300]
            )
        stamp = chosen(one.stamp, names, STAMPS, name=one.name)
        born = chosen(one.born, names, BORNS, name=one.name)
        gone = chosen(one.gone, names, GONES, name=one.name)
        one = replace(one, key=key, stamp=stamp, born=born, gone=gone)
        rows = self.sample(one)
        one = self._read(one, rows)
        count = self._proved(one)
        shown = [[text_of(row[name]) for name in names] for row in rows[:SHOWN]]
        return Probe(one, names, count, shown)

    def _read(self, one: SqlObject, rows: Sequence[Mapping[str, Any]]) -> SqlObject:
        """Return an object with how its columns say when, which and gone."""

        def values(column: str) -> list[Any]:
            return [row[column] for row in rows if row.get(column) not in (None, "")]

        says = says_when(one.stamp, values(one.stamp), is_named=True, name=one.name)
        born_says = says_when(one.born, values(one.born), is_named=False, name=one.name)
        if self.database.dialect == "sqlite":  # it has no type for instants
            says, born_says = ("text" if w == "instant" else w for w in (says, born_says))
        return replace(
            one, says=says, born_says="" if born_says == "number" else born_says,
            key_says="number" if all(isinstance(v, int) for v in values(one.key)) else "text",
            gone_says=_gone(one.gone, self._columns[one.name].get(one.gone, ""), values(one.gone)),
        )  # fmt: skip

    def _primary(self, one: SqlObject) -> str:
        if is_statement(one.table):
            return ""
        schema, _sign, name = one.table.rpartition(".")
        with self._asked(one) as connection:
            found = sa.inspect(connection).get_pk_constraint(name, schema=schema or None)
        columns = found["constrained_columns"]
        return str(columns[0]) if len(columns) == 1 else ""

    def _proved(self, one: SqlObject) -> int:
        """Return how many rows there are; Invalid unless each has a key of its own."""
        rows, keyed, keys = self.keys(one)
        if keyed < rows:
            raise Invalid(
                _("%(count)s rows have no key in %(column)s."), count=rows - keyed, column=one.key
            )
        if keys < rows:
            raise Invalid(
                _("%(column)s is no key: %(count)s rows share one with another."),
                count=rows - keys, column=one.key,
            )  # fmt: skip
        return rows


def _gone(column: str, of: str, values: Sequence[Any]) -> str:
    """Return what marks a deletion: by the values that there are, by the column's type else."""
    if column == NONE:
        return ""
    if of.startswith("bool") or (values and all(isinstance(one, bool) for one in values)):
        return "flag"
    if of.startswith(("timestamp", "date", "time")) and not any(isinstance(v, str) for v in values):
        return "time"
    is_number = all(isinstance(one, _NUMBERS) for one in values)
    return "number" if is_number and (values or "int" in of) else "text"
