"""A company's database as the sync engine wants a source: read only, page by page."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, NoReturn

import orjson
import sqlalchemy as sa
from sqlalchemy import exc

from perilune.history.contracts import from_us
from perilune.hub.contracts.sources import BORN, GONE, KNOWN, STAMP, SqlObject, given_of
from perilune.hub.contracts.sync import Ask, Changed, Page, SourceField, SourceObject
from perilune.hub.engine.sync.cells import digest_us, instant_of, stamp_us, text_of
from perilune.hub.service.sync.given import in_order
from perilune.hub.service.sync.mapping import SYSTEM
from perilune.hub.service.sync.sql import asking
from perilune.hub.service.sync.sql.opening import Database, is_lost, told
from perilune.hub.service.sync.sql.statements import is_statement
from perilune.kernel.errors import Refused, Unavailable
from perilune.kernel.messages import gettext_noop as _

PAGE, KEYS = 2_000, 400
"""Rows of a page: read one after another; read by their keys."""

TRIES = 3
_LONG = frozenset({"text", "varchar", "character varying", "clob", "longtext", "mediumtext"})
_OWN = (BORN, STAMP, KNOWN, GONE)
_TYPES = {int: "integer", str: "string", float: "double", bool: "boolean", datetime: "timestamp"}


class _Stream:
    """An answer under way: where its next page begins, what is still to come."""

    def __init__(self, ask: Ask, columns: Sequence[str], connection: sa.Connection, rows: Any):
        self.ask, self.token, self.last = ask, "", None
        self.columns, self.connection, self.rows = tuple(columns), connection, rows


class Tables:
    """The tables and statements of one database, as `Source` wants them."""

    def __init__(
        self, address: str, keys: Mapping[str, Any], *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.database = Database(address, keys)
        found = [given_of(SqlObject, one) for one in keys.get("objects", {}).values()]
        self._given = {one.name: one for one in in_order(found)}
        self._mapped: Mapping[str, Sequence[str]] = keys.get("mapped", {})
        self._columns: dict[str, dict[str, str]] = {}
        self._sleep = sleep
        self._stream: _Stream | None = None

    # -- what a source must be able to do --------------------------------------------------

    def objects(self) -> Sequence[SourceObject]:
        """Return the objects that were named; what others refer to comes last."""
        return [one.item() for one in self._given.values()]

    def describe(self, name: str) -> tuple[SourceField, ...]:
        """Return the columns of an object as they are now; Unavailable where it cannot be read."""
        one = self._given[name]
        columns = self._columns[name] = self.columns_of(one)
        for column in (one.key, one.stamp, one.born, one.gone):
            if column not in ("", "-") and column not in columns:
                raise Unavailable(
                    _("%(object)s has no column %(column)s any more: say which one it is now."),
                    object=name, column=column,
                )  # fmt: skip
        return (
            *(SourceField(column, of, column, "", True) for column, of in columns.items()),
            *(SourceField(column, SYSTEM, column) for column in _OWN),
        )

    def clock(self) -> datetime:
        """Return the database's own time, ours where it is a file or tells it without a zone."""
        with self._connected() as connection:
            if self.database.dialect != "postgresql":
                return datetime.now(UTC)
            return _utc(connection.scalar(sa.select(sa.func.clock_timestamp())))

    def usage(self) -> tuple[int, int]:
        """Return nothing: a database counts no requests."""
        return 0, 0

    def counts(self, item: SourceObject) -> Mapping[str, int]:
        """Return how many live rows were created in each month, "": where no column says when."""
        one = self._given[item.name]
        month = asking.bucket(self.database.dialect, one.born, one.born_says, "month")
        return self._counted(one, month, None)

    def days(self, item: SourceObject, since: datetime) -> Mapping[str, int]:
        """Return how many live rows were last changed on each day; nothing where none is told."""
        one = self._given[item.name]
        day = asking.bucket(self.database.dialect, one.stamp, one.says, "day")
        return {} if day is None else self._counted(one, day, since)

    def head(self, item: SourceObject) -> int:
        """Return the largest number of an object now."""
        one = self._given[item.name]
        with self._asked(one) as connection:
            found = connection.scalar(sa.select(sa.func.max(sa.column(one.stamp))).select_from(
                self._from(one)))  # fmt: skip
        return self._stamp(one, "", found)

    def page(self, ask: Ask, token: str) -> Page:
        """Return a page of an answer. Changed where columns went, Unavailable where it broke."""
        one = self._given[ask.object]
        for number in range(TRIES):
            try:
                return self._by_keys(one, ask, token) if ask.keys else self._next(one, ask, token)
            except exc.DBAPIError as error:
                self.close()
                if is_lost(error) and number < TRIES - 1:
                    self._sleep(0.5 * 2**number)
                    continue
                self._refuse(one, ask, error)
        raise AssertionError("unreachable")

    def close(self) -> None:
        """Let go of an answer that is under way."""
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.connection.close()

    # -- rows ------------------------------------------------------------------------------

    def _next(self, one: SqlObject, ask: Ask, token: str) -> Page:
        stream = self._stream
        if stream is None or (stream.ask, stream.token) != (ask, token):
            self.close()
            stream = self._stream = self._opened(one, ask, token)
        self.database.wait()
        rows = stream.rows.fetchmany(PAGE)
        found = [self._row(one, ask, stream.columns, row) for row in rows]
        for row in rows:
            key = row[stream.columns.index(one.key)]
            if key == stream.last:
                raise Unavailable(
                    _("%(object)s: the key %(column)s is not unique: %(key)s stands there twice."),
                    object=one.name, column=one.key, key=text_of(key),
                )  # fmt: skip
            stream.last = key
        if len(rows) < PAGE:
            self.close()
            return Page([row for row in found if row is not None], "", -1)
        stream.token = asking.token_of(stream.last)
        return Page([row for row in found if row is not None], stream.token, -1)

    def _opened(self, one: SqlObject, ask: Ask, token: str) -> _Stream:
        wanted = self._wanted(one, ask)
        columns = list(wanted)
        question = asking.rows(self.database.dialect, one, self._from(one), wanted, ask)
        if token:
            question = question.where(sa.column(one.key) > asking.plain(orjson.loads(token)))
        connection = self.database.opened()
        try:
            rows = connection.execution_options(stream_results=True, max_row_buffer=PAGE).execute(
                question.order_by(sa.column(one.key))
            )
        except exc.DBAPIError:
            connection.close()
            raise
        return _Stream(ask, columns, connection, rows)

    def _by_keys(self, one: SqlObject, ask: Ask, token: str) -> Page:
        start = int(token or 0)
        keys = ask.keys[start : start + KEYS]
        wanted = self._wanted(one, ask)
        columns = list(wanted)
        question = asking.rows(self.database.dialect, one, self._from(one), wanted, ask)
        question = question.where(sa.column(one.key).in_(asking.natives(one, keys)))
        with self._connected() as connection:
            told_ = connection.execute(question).fetchall()
        rows = [row for r in told_ if (row := self._row(one, ask, columns, r)) is not None]
        after = start + KEYS
        return Page(rows, str(after) if after < len(ask.keys) else "", -1)

    def _wanted(self, one: SqlObject, ask: Ask) -> dict[str, bool]:
        """Return the columns that are read, of an object without a stamp all that are mapped.

        With whether the database cuts what is longer than any field.
        """
        known = self._known(one)
        asked = [name for name in ask.columns if name not in _OWN]
        if not one.says:
            asked += [name for name in self._mapped.get(one.name, known) if name in known]
        told_ = [n for n in (one.key, one.stamp, one.born, one.gone) if n not in ("", "-")]
        gone = [name for name in asked if name not in known]
        if gone:
            raise Changed(_("%(object)s has no field %(field)s."), object=one.name, field=gone[0])
        return {name: known.get(name) in _LONG and name not in told_ for name in (*asked, *told_)}

    def _row(
        self, one: SqlObject, ask: Ask, columns: Sequence[str], row: Sequence[Any]
    ) -> list[str] | None:
        """Return a row as texts; None for one that is gone where only live ones were asked for."""
        values = dict(zip((*columns, GONE), row, strict=True))
        if values[GONE] and not ask.with_gone:
            return None
        key = text_of(values[one.key])
        if not key:
            raise Unavailable(
                _("%(object)s: a row has no key in %(column)s."), object=one.name, column=one.key
            )
        cells = {name: text_of(value) for name, value in values.items()}
        known = ""
        if not one.says:
            of = self._mapped.get(one.name, self._known(one))
            us = digest_us(f"{name}={cells.get(name, '')}" for name in sorted(of))
        else:
            us = self._stamp(one, key, values[one.stamp])
            known = from_us(us).isoformat() if us and one.says != "number" else ""
        cells |= {
            STAMP: from_us(us).isoformat() if us else "", KNOWN: known,
            BORN: self._born(one, values), GONE: "true" if values[GONE] else "false",
        }  # fmt: skip
        return [cells[name] for name in ask.columns]

    def _stamp(self, one: SqlObject, key: str, value: Any) -> int:
        try:
            return stamp_us(value, asking.Says(one.says))
        except (ValueError, OverflowError, ArithmeticError) as error:
            raise Unavailable(
                _("%(object)s %(key)s: «%(value)s» in %(column)s does not say when it changed."),
                object=one.name, key=key, value=text_of(value)[:60], column=one.stamp,
            ) from error  # fmt: skip

    def _born(self, one: SqlObject, values: Mapping[str, Any]) -> str:
        if not one.born_says:
            return ""
        try:
            found = instant_of(values[one.born])
        except (ValueError, OverflowError):
            return ""
        return found.isoformat() if found else ""

    # -- questions -------------------------------------------------------------------------

    @contextmanager
    def _connected(self) -> Iterator[sa.Connection]:
        connection = self.database.opened()
        try:
            yield connection
        finally:
            connection.close()

    @contextmanager
    def _asked(self, one: SqlObject) -> Iterator[sa.Connection]:
        try:
            with self._connected() as connection:
                yield connection
        except exc.DBAPIError as error:
            self._refuse(one, None, error)

    def _refuse(self, one: SqlObject, ask: Ask | None, error: exc.DBAPIError) -> NoReturn:
        """Say why a question failed: columns that went are looked at anew, all else is said."""
        if not error.connection_invalidated:
            self._columns.pop(one.name, None)
            there = self.columns_of(one)
            mine = [n for n in (ask.columns if ask else ()) if n not in _OWN and n not in there]
            if mine:
                raise Changed(
                    _("%(object)s has no field %(field)s."), object=one.name, field=mine[0]
                ) from error
            self.describe(one.name)
        raise told(error) from error

    def _counted(
        self, one: SqlObject, bucket: sa.ColumnElement[str] | None, since: datetime | None
    ) -> dict[str, int]:
        live = asking.live(one)
        number = sa.func.count()
        with self._asked(one) as connection:
            base = sa.select(number).select_from(self._from(one)).where(live)
            if bucket is None:
                return {"": int(connection.scalar(base) or 0)}
            if since is not None:
                base = base.where(sa.column(one.stamp) >= asking.bound(
                    self.database.dialect, since, one.says))  # fmt: skip
            label = sa.func.coalesce(bucket, "1970-01").label("b")
            rows = connection.execute(base.add_columns(label).group_by(sa.literal_column("2")))
            return {str(label): int(count) for count, label in rows}

    def _known(self, one: SqlObject) -> dict[str, str]:
        if one.name not in self._columns:
            self._columns[one.name] = self.columns_of(one)
        return self._columns[one.name]

    def _from(self, one: SqlObject) -> sa.FromClause:
        return asking.relation(one.table, tuple(self._known(one)), self.database.dialect)

    def columns_of(self, one: SqlObject) -> dict[str, str]:
        """Return the columns of an object with their types; Unavailable where it is not there."""
        with self._connected() as connection:
            try:
                if is_statement(one.table):
                    return _of_statement(connection, one, self.database.dialect)
                schema, _sign, name = one.table.rpartition(".")
                told_ = sa.inspect(connection).get_columns(name, schema=schema or None)
            except exc.NoSuchTableError as error:
                raise Unavailable(
                    _("There is no table %(table)s that we may see."), table=one.table
                ) from error
            except exc.DBAPIError as error:
                known = told(error)
                if isinstance(known, Refused) or "why" not in known.params:
                    raise known from error
                raise Unavailable(
                    _("The statement of %(object)s does not run: %(why)s."),
                    object=one.name, why=known.params["why"],
                ) from error  # fmt: skip
        return {str(c["name"]): _type_of(c["type"]) for c in told_}

    def sample(self, one: SqlObject, rows: int = 200) -> list[dict[str, Any]]:
        """Return some first rows of an object, raw."""
        columns = list(self._known(one))
        cells: list[sa.ColumnElement[Any]] = [sa.column(name) for name in columns]
        question = sa.select(*cells).select_from(self._from(one))
        with self._asked(one) as connection:
            found = connection.execute(question.limit(rows)).fetchall()
        return [dict(zip(columns, row, strict=True)) for row in found]

    def keys(self, one: SqlObject) -> tuple[int, int, int]:
        """Return how many rows an object has, how many of them with a key, how many keys."""
        key: sa.ColumnElement[Any] = sa.column(one.key)
        counts = (sa.func.count(), sa.func.count(key), sa.func.count(sa.distinct(key)))
        with self._asked(one) as connection:
            found = connection.execute(sa.select(*counts).select_from(self._from(one))).one()
        return int(found[0]), int(found[1]), int(found[2])


def _utc(found: Any) -> datetime:
    return instant_of(found) or datetime.now(UTC)


def _type_of(found: Any) -> str:
    name = str(found).partition("(")[0].lower()
    return "base64" if name in ("bytea", "blob", "varbinary", "binary", "longblob") else name


def _of_statement(connection: sa.Connection, one: SqlObject, dialect: str) -> dict[str, str]:
    """Return the columns of a statement: their types as its first row tells them."""
    question = asking.whole(one.table, dialect)
    result = connection.execute(question.limit(50))
    rows = result.fetchall()
    columns = {}
    for i, name in enumerate(result.keys()):
        first = next((row[i] for row in rows if row[i] is not None), None)
        columns[str(name)] = _TYPES.get(type(first), type(first).__name__.lower())
    return {n: "string" if of == "nonetype" else "base64" if of in ("bytes", "memoryview") else of
            for n, of in columns.items()}  # fmt: skip
