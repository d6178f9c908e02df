"""What may be asked of a company's database: one SELECT that writes nothing and locks nothing."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _

DIALECTS = {
    "postgresql": "postgres", "mariadb": "mysql", "mssql": "tsql", "cockroachdb": "postgres",
}  # fmt: skip
"""What sqlglot calls a dialect, where SQLAlchemy calls it otherwise."""

_WRITES = (
    exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Create, exp.Drop, exp.Alter, exp.Into,
    exp.Lock, exp.Command, exp.Copy, exp.Attach, exp.Detach, exp.Pragma, exp.Set, exp.TruncateTable,
)  # fmt: skip
_STARTS = re.compile(r"^\s*(--[^\n]*\n|/\*.*?\*/|\(|\s)*(select|with)\b", re.I | re.S)


def is_statement(text: str) -> bool:
    """Tell whether a text is a statement and not the name of a table."""
    return bool(re.search(r"\s", text.strip()))


def checked(text: str, dialect: str) -> str:
    """Return a statement that only reads; Invalid for anything else."""
    clean = text.strip().rstrip(";").rstrip()
    if not _STARTS.match(clean):
        raise Invalid(_("Only a SELECT is taken, or the name of a table or view."))
    try:
        found = sqlglot.parse(clean, dialect=DIALECTS.get(dialect, dialect))
    except (SqlglotError, ValueError) as error:
        why = str(error).splitlines()[0][:160]
        raise Invalid(_("The statement cannot be read: %(why)s."), why=why) from error
    if len(found) != 1 or not isinstance(found[0], exp.Query):
        raise Invalid(_("Only one SELECT is taken, nothing beside it."))
    if any(found[0].find(kind) for kind in _WRITES):
        raise Invalid(_("The statement would write or lock something: only reading is allowed."))
    return clean


def relation(text: str, columns: tuple[str, ...], dialect: str) -> sa.FromClause:
    """Return a table, a view or a checked statement as something that is selected from."""
    if not is_statement(text):
        schema, _sign, name = text.strip().rpartition(".")
        made: list[sa.ColumnClause[Any]] = [sa.column(one) for one in columns]
        return sa.table(name, *made, schema=schema or None).alias("t")
    clean = checked(text, dialect).replace(":", r"\:") + "\n"  # a comment may end it
    return sa.text(clean).columns(*(sa.column(one) for one in columns)).subquery("t")
