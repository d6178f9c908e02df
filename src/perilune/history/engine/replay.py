"""Replay: from a record's change rows to its states and versions. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

import orjson

from perilune.history.contracts import CREATION, DELETED, SEVERAL


class Row(NamedTuple):
    """A change row as stored: time in microseconds UTC, new value as JSON text."""

    record_id: int
    known_us: int
    field: str
    new: str | None


class Version(NamedTuple):
    """A record's values over [valid_from, valid_to) in microseconds; None while it holds."""

    record_id: int
    valid_from: int
    valid_to: int | None
    values: dict[str, Any]


class _Replay:
    """The values of one record while its rows go by."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self._exists = False
        self._is_deleted = False

    def take(self, row: Row) -> None:
        if row.field in (CREATION, SEVERAL):
            self._exists = self._exists or row.field == CREATION
            self.values.update(orjson.loads(row.new or "{}"))
        elif row.field == DELETED:
            self._is_deleted = row.new == "true"
        else:
            self.values[row.field] = orjson.loads(row.new) if row.new is not None else None

    @property
    def is_there(self) -> bool:
        return self._exists and not self._is_deleted


def state(rows: Iterable[Row]) -> dict[str, Any] | None:
    """Return the values after all rows of one record, in order; None when it is not there."""
    replay = _Replay()
    for row in rows:
        replay.take(row)
    return replay.values if replay.is_there else None


def versions(rows: Iterable[Row]) -> Iterator[Version]:
    """Give the versions of each record from rows sorted by (record, known, order of writing).

    A record exists from its first creation row on; changes known before it are part of it. Rows
    known at one instant make one version. A later creation row (the record came back in another
    set) sets its values like changes. Deleted stretches give no version.
    """
    for record_id, group in groupby(rows, key=attrgetter("record_id")):
        yield from _versions_of(record_id, list(group))


def _versions_of(record_id: int, rows: Sequence[Row]) -> Iterator[Version]:
    replay = _Replay()
    open_since: int | None = None
    values: dict[str, Any] = {}
    for at, group in groupby(rows, key=attrgetter("known_us")):
        for row in group:
            replay.take(row)
        if open_since is not None:
            yield Version(record_id, open_since, at, values)
        open_since, values = (at, dict(replay.values)) if replay.is_there else (None, {})
    if open_since is not None:
        yield Version(record_id, open_since, None, values)
