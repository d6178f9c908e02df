"""A REST interface as the sync engine wants a source: any list of rows in JSON, page by page."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import orjson

from perilune.history.contracts import from_us, to_us
from perilune.hub.contracts.sources import BORN, GONE, KNOWN, NONE, STAMP, RestObject, given_of
from perilune.hub.contracts.sync import Ask, Changed, Page, SourceField, SourceObject
from perilune.hub.engine.sync import paths
from perilune.hub.engine.sync.cells import (
    Says,
    digest_us,
    instant_of,
    is_true,
    stamp_us,
    text_of,
)
from perilune.hub.service.sync.given import in_order
from perilune.hub.service.sync.mapping import SYSTEM
from perilune.hub.service.sync.rest.asking import Asking
from perilune.kernel.errors import Unavailable
from perilune.kernel.messages import gettext_noop as _

KEYS = 50
"""Rows that are asked for one by one in a page."""

Json = dict[str, Any]
_OWN = (BORN, STAMP, KNOWN, GONE)


class Interface:
    """The objects of one REST interface, as `Source` wants them."""

    def __init__(
        self, address: str, keys: Mapping[str, Any], *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.asking = Asking(address, keys, sleep=sleep)
        self.wire = self.asking.wire
        found = [given_of(RestObject, one) for one in keys.get("objects", {}).values()]
        self._given = {one.name: one for one in in_order(found)}
        self._mapped: Mapping[str, Sequence[str]] = keys.get("mapped", {})
        self._sparse: set[str] = set()
        self._shapes: dict[str, dict[str, str]] = {
            name: dict(shape) for name, shape in keys.get("shapes", {}).items()
        }

    # -- what a source must be able to do --------------------------------------------------

    def objects(self) -> Sequence[SourceObject]:
        """Return the objects that were named; what others refer to comes last."""
        return [one.item() for one in self._given.values()]

    def describe(self, name: str) -> tuple[SourceField, ...]:
        """Return the fields of an object as its first page shows them."""
        one = self._given[name]
        rows, _answer, _after = self.first(one)
        shape = self._shapes.get(name, {})
        if rows:
            shape = paths.shape_of(rows, shape, is_sparse=one.is_sparse)
        self._shapes[name] = shape
        for column in (one.key, one.stamp, one.born, one.gone):
            if rows and column not in ("", NONE) and column not in shape:
                raise Unavailable(
                    _("%(object)s has no field %(column)s any more: say which one it is now."),
                    object=name, column=column,
                )  # fmt: skip
        return (
            *(SourceField(column, of, column, "", True) for column, of in shape.items()),
            *(SourceField(column, SYSTEM, column) for column in _OWN),
        )

    def clock(self) -> datetime:
        """Return the interface's own time, to the second."""
        if self.wire.told_at is None and self._given:
            self.first(next(iter(self._given.values())))
        return self.asking.clock()

    def usage(self) -> tuple[int, int]:
        """Return nothing: no interface tells its limits as another does."""
        return 0, 0

    def counts(self, item: SourceObject) -> Mapping[str, int]:
        """Return no months: an object is listed whole."""
        return {"": 0}

    def page(self, ask: Ask, token: str) -> Page:
        """Return a page of an answer. Changed where fields went, Unavailable where it is none."""
        one = self._given[ask.object]
        if ask.keys and one.one and one.says:
            return self._one_by_one(one, ask, int(token or 0))
        state: Json = orjson.loads(token) if token else {"at": None, "seen": 0}
        rows, total, after = self._asked(one, state, ask.since)
        seen = state["seen"] + len(rows)
        self._look_at(one, ask, rows)
        wanted = set(ask.keys)
        found = [
            cells for row in rows
            if (cells := self._cells(one, ask, row)) and (not wanted or _key(one, row) in wanted)
        ]  # fmt: skip
        is_counted = not wanted and (ask.with_gone or one.gone in ("", NONE))
        more = after is not None and not (one.paging in ("page", "offset") and 0 <= total <= seen)
        next_ = orjson.dumps({"at": after, "seen": seen}).decode() if more else ""
        return Page(found, next_, total if is_counted else -1)

    # -- answers ---------------------------------------------------------------------------

    def first(self, one: RestObject) -> tuple[list[Json], Any, Any]:
        """Return the first page of an object: its rows, the whole answer, where the next begins."""
        place = self.asking.place(one.path)
        found = self.asking.get(place, self._params(one, None, None))
        assert found is not None
        return self._rows(one, found[0]), found[0], self._after(one, None, found[0], found[1])

    def _asked(
        self, one: RestObject, state: Mapping[str, Any], since: datetime | None
    ) -> tuple[list[Json], int, Any]:
        """Return (rows, rows in all or -1, where the next page begins or None)."""
        at = state["at"]
        is_link = one.paging in ("next", "link") and at is not None
        place = str(at) if is_link else self.asking.place(one.path)
        params = {} if is_link else self._params(one, at, since)
        # a page behind the last one is no error: some interfaces have it, some have not
        found = self.asking.get(place, params, may_miss=one.paging == "page" and at is not None)
        if found is None:
            return [], -1, None
        rows = self._rows(one, found[0])
        return rows, paths.number_at(found[0], one.total), self._after(one, at, found[0], found[1])

    @staticmethod
    def _params(one: RestObject, at: Any, since: datetime | None) -> dict[str, Any]:
        params: dict[str, Any] = {}
        if one.size_name:
            params[one.size_name] = one.size
        if one.paging in ("page", "offset"):
            begin = one.first if one.paging == "page" else 0
            params[one.page_name] = begin if at is None else at
        elif one.paging == "cursor" and at is not None:
            params[one.page_name] = at
        if one.since and since is not None:
            params[one.since] = _since(one, since)
        return params

    def _rows(self, one: RestObject, answer: Any) -> list[Json]:
        rows = paths.rows_at(answer, one.rows)
        if rows is None:
            raise Unavailable(
                _("%(object)s: there is no list at «%(path)s» in the answer."), object=one.name,
                path=one.rows or "/",
            )  # fmt: skip
        if not all(isinstance(row, dict) for row in rows):
            raise Unavailable(
                _("%(object)s: the list at «%(path)s» holds no rows with fields."),
                object=one.name, path=one.rows or "/",
            )  # fmt: skip
        return rows

    def _after(self, one: RestObject, at: Any, answer: Any, whole: Any) -> Any:
        """Return where the next page begins, None where there is none."""
        rows = max(paths.lists_at(answer, one.rows) or [[]], key=len)
        if one.paging == "page":
            return (one.first if at is None else int(at)) + 1 if rows else None
        if one.paging == "offset":
            return (0 if at is None else int(at)) + len(rows) if rows else None
        if one.paging == "cursor":
            return paths.at(answer, one.after) or None
        link = whole.links.get("next", {}).get("url") if one.paging == "link" \
            else paths.at(answer, one.after) if one.paging == "next" else None  # fmt: skip
        return self.asking.place(str(link), whole.url) if link else None

    def _look_at(self, one: RestObject, ask: Ask, rows: Sequence[Json]) -> None:
        """Tell of fields that went: Changed where no row of a page has one, nor the first page."""
        if not rows or one.is_sparse or not paths.is_uniform(rows):
            return
        lacking = [
            column for column in ask.columns
            if column not in _OWN and not any(paths.has(row, column) for row in rows)
        ]  # fmt: skip
        if not lacking or set(lacking) <= self._sparse:
            return
        self.describe(one.name)
        for column in lacking:
            if column not in self._shapes[one.name]:
                raise Changed(_("%(object)s has no field %(field)s."), object=one.name,
                              field=column)  # fmt: skip
        self._sparse.update(lacking)

    # -- rows ------------------------------------------------------------------------------

    def _one_by_one(self, one: RestObject, ask: Ask, start: int) -> Page:
        rows = []
        for key in ask.keys[start : start + KEYS]:
            row = self.single(one, key)
            if row is None:
                continue
            for column in ask.columns:
                if column not in _OWN and not paths.has(row, column):
                    raise Unavailable(
                        _("%(object)s: the answer for one row lacks %(field)s, which a list has."),
                        object=one.name, field=column,
                    )  # fmt: skip
            cells = self._cells(one, ask, row)
            rows += [cells] if cells else []
        after = start + KEYS
        return Page(rows, str(after) if after < len(ask.keys) else "", -1)

    def single(self, one: RestObject, key: str) -> Json | None:
        """Return one row by its key, wherever it lies in its answer; None where it is not."""
        place = self.asking.place(one.one.replace("{key}", quote(key, safe="")))
        found = self.asking.get(place, may_miss=True)
        if found is None or not isinstance(found[0], dict):
            return None
        inside = [part for part in found[0].values() if isinstance(part, dict)]
        return next((row for row in (found[0], *inside) if _key(one, row) == key), None)

    def _cells(self, one: RestObject, ask: Ask, row: Json) -> list[str] | None:
        """Return a row as texts; None for one that is gone where only live ones were asked for."""
        is_gone = one.gone not in ("", NONE) and is_true(paths.at(row, one.gone))
        if is_gone and not ask.with_gone:
            return None
        key = _key(one, row)
        if not key:
            raise Unavailable(
                _("%(object)s: a row has no key in %(column)s."), object=one.name, column=one.key
            )
        known = ""
        if not one.says:
            of = self._mapped.get(one.name) or list(paths.flat(row))
            us = digest_us(f"{name}={paths.cell(row, name)}" for name in sorted(of))
        else:
            us = _stamp(one, key, paths.at(row, one.stamp))
            known = from_us(us).isoformat() if us and one.says != Says.NUMBER.value else ""
        own = {
            STAMP: from_us(us).isoformat() if us else "", KNOWN: known, BORN: _born(one, row),
            GONE: "true" if is_gone else "false",
        }  # fmt: skip
        return [own[n] if n in own else paths.cell(row, n) for n in ask.columns]


def _key(one: RestObject, row: Json) -> str:
    return paths.cell(row, one.key)


def _stamp(one: RestObject, key: str, value: Any) -> int:
    try:
        return stamp_us(value, Says(one.says))
    except (ValueError, OverflowError, ArithmeticError, TypeError) as error:
        raise Unavailable(
            _("%(object)s %(key)s: «%(value)s» in %(column)s does not say when it changed."),
            object=one.name, key=key, value=text_of(value)[:60], column=one.stamp,
        ) from error  # fmt: skip


def _born(one: RestObject, row: Json) -> str:
    if not one.born_says:
        return ""
    try:
        found = instant_of(paths.at(row, one.born))
    except (ValueError, OverflowError, TypeError):
        return ""
    return found.isoformat() if found else ""


def _since(one: RestObject, at: datetime) -> str:
    """Return an instant as a parameter; a day is one earlier, for nobody knows whose it is."""
    utc = at.astimezone(UTC)
    if one.since_as == "number" or one.says == Says.NUMBER.value:
        return str(to_us(at))
    if one.since_as == "epoch":
        return str(int(utc.timestamp()))
    if one.since_as == "day":
        return (utc - timedelta(days=1)).date().isoformat()
    return utc.strftime("%Y-%m-%dT%H:%M:%SZ")
