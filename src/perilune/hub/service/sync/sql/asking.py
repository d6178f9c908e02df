"""Questions to a database as SQLAlchemy writes them: what is selected, from when on, which rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
import sqlalchemy as sa

from perilune.history.contracts import to_us
from perilune.hub.contracts.sources import GONE, SqlObject
from perilune.hub.contracts.sync import Ask
from perilune.hub.engine.sources import MAX_CELL
from perilune.hub.engine.sync.cells import EPOCH, Says, text_of
from perilune.hub.service.sync.sql.statements import checked, relation

__all__ = ["Says", "relation"]

_DAY = timedelta(days=1)
_DATES = {
    "postgresql": (sa.func.to_char, {"month": "YYYY-MM", "day": "YYYY-MM-DD"}),
    "mysql": (sa.func.date_format, {"month": "%Y-%m", "day": "%Y-%m-%d"}),
    "mariadb": (sa.func.date_format, {"month": "%Y-%m", "day": "%Y-%m-%d"}),
}
_NO = ("", "0", "0.0", "f", "false", "n", "no", "non", "none", "null")


def plain(value: Any) -> Any:
    """Return a value that is handed over as it is: the database says of what type it is."""
    return sa.bindparam(None, value, type_=sa.types.NullType())


def token_of(key: Any) -> str:
    """Return where a page ended, as the next one, in another process too, is told it."""
    number = int(key) if isinstance(key, int | Decimal) and int(key) == key else None
    return orjson.dumps(text_of(key) if number is None else number).decode()


def natives(one: SqlObject, keys: Sequence[str]) -> list[Any]:
    """Return keys as the database compares them."""
    if one.key_says == "number":
        return [plain(int(key)) for key in keys if key.lstrip("-").isdigit()]
    return [plain(key) for key in keys]


def live(one: SqlObject) -> sa.ColumnElement[bool]:
    """Return the condition that a row is not marked as deleted."""
    if not one.gone_says:
        return sa.true()
    column: sa.ColumnElement[Any] = sa.column(one.gone)
    if one.gone_says == "flag":
        return sa.or_(column.is_(None), column.is_(sa.false()))
    if one.gone_says == "number":
        return sa.or_(column.is_(None), column == 0)
    if one.gone_says == "time":
        return column.is_(None)
    return sa.or_(column.is_(None), sa.func.lower(column).in_(_NO))


def bucket(dialect: str, column: str, says: str, of: str) -> sa.ColumnElement[str] | None:
    """Return the month or the day of a column in the database, None where it does not tell it."""
    if says not in (Says.INSTANT, Says.DAY, "instant", "day") or dialect not in _DATES:
        return None
    function, forms = _DATES[dialect]
    found: sa.ColumnElement[str] = function(sa.column(column), forms[of])
    return found


def bound(dialect: str, at: datetime, says: str, *, ends: bool = False) -> Any:
    """Return an instant as a column of its kind is compared with it; a little earlier for days.

    ends: it is an upper bound, so a little later. What is given too much is known already.
    """
    utc = at.astimezone(UTC)
    if says == Says.NUMBER.value:
        return plain(to_us(at))
    if says in (Says.EPOCH.value, Says.MILLIS.value):
        seconds = (utc - EPOCH) // timedelta(seconds=1) + (1 if ends else 0)
        return plain(seconds * (1000 if says == Says.MILLIS.value else 1))
    if says == Says.INSTANT.value:
        return plain(utc if dialect == "postgresql" else utc.replace(tzinfo=None))
    day = (utc + (2 * _DAY if ends else -_DAY)).date()
    is_text = says == Says.TEXT.value or dialect == "sqlite"
    return plain(day.isoformat() if is_text else day)


def rows(
    dialect: str, one: SqlObject, relation: sa.FromClause, columns: Mapping[str, bool], ask: Ask
) -> sa.Select[Any]:
    """Return the question for rows; its last column says whether a row is gone.

    columns: and whether a text is cut, in the database, behind the longest that is taken.
    """
    mark = sa.case((live(one), 0), else_=1).label(GONE)
    cells = [
        sa.func.substr(sa.column(name), 1, MAX_CELL).label(name) if is_long else sa.column(name)
        for name, is_long in columns.items()
    ]
    question = sa.select(*cells, mark).select_from(relation)
    if not ask.with_gone and one.gone_says:
        question = question.where(live(one))
    stamp: sa.ColumnElement[Any] = sa.column(one.stamp)
    if one.says and ask.since is not None:
        from_ = stamp >= bound(dialect, ask.since, one.says)
        question = question.where(sa.or_(from_, stamp.is_(None)))
    if one.says and ask.until is not None:
        until = stamp < bound(dialect, ask.until, one.says, ends=True)
        question = question.where(sa.or_(until, stamp.is_(None)))
    if ask.born is not None:
        question = question.where(_born(dialect, one, *ask.born))
    return question


def _born(dialect: str, one: SqlObject, first: datetime, last: datetime) -> sa.ColumnElement[bool]:
    """Return the condition that a row was created in a span; without a creation it was in 1970."""
    born: sa.ColumnElement[Any] = sa.column(one.born)
    low, high = (
        (plain(at.date()) for at in (first, last))
        if one.born_says == Says.DAY.value
        else (bound(dialect, at, one.born_says) for at in (first, last))
    )
    found = sa.and_(born >= low, born < high)
    return sa.or_(found, born.is_(None)) if first <= EPOCH < last else found


def whole(text: str, dialect: str) -> sa.Select[Any]:
    """Return all columns of a statement."""
    inner = sa.text("(" + checked(text, dialect).replace(":", r"\:") + "\n) AS t")
    return sa.select(sa.text("*")).select_from(inner)
