"""Rows as they arrive: each once, files whole up to the last page, what is known left aside."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime

from perilune.history.contracts import from_us, to_us
from perilune.hub.contracts.sync import Held, SourceHistory, SourceObject
from perilune.hub.engine.sources import MAX_CELL
from perilune.hub.engine.sync import listings
from perilune.hub.engine.sync.windows import is_news
from perilune.hub.service.sync.ledger import Ledger

_memo: dict[str, int] = {}


def us_of(text: str) -> int:
    """Return an instant as a source writes it (ISO) in microseconds; 0 for none."""
    if not text:
        return 0
    found = _memo.get(text)
    if found is None:
        if len(_memo) > 200_000:
            _memo.clear()
        found = _memo[text] = to_us(datetime.fromisoformat(text))
    return found


def mixed(stamp: str, loose: Sequence[str]) -> str:
    """Return a stamp that also tells the state of what its source does not stamp."""
    return from_us(listings.mixed(us_of(stamp), loose)).isoformat() if any(loose) else stamp


class Landing:
    """Takes pages of one object. too_long: cells that were left empty, as (key, column)."""

    def __init__(self, ledger: Ledger, item: SourceObject, columns: Sequence[str]) -> None:
        self._ledger, self._item, self._columns = ledger, item, tuple(columns)
        at = {name: i for i, name in enumerate(columns)}
        self._key, self._born, self._stamp = (at[n] for n in (item.key, item.created, item.stamp))
        self._gone, self._into = at.get(item.gone, -1), at.get(item.into, -1)
        self._knows = ledger.has_any(item.name)
        self.too_long: list[tuple[str, str]] = []

    def take(self, rows: Sequence[Sequence[str]], ties_from_us: int | None) -> int:
        """Land a page and return how many of its rows are new to this run.

        ties_from_us: from which stamp on known rows are read again; None: all of them are.
        """
        keys = [row[self._key] for row in rows]
        before = self._ledger.landed(self._item.name, keys)
        held = (
            self._ledger.held(self._item.name, keys)
            if self._knows and ties_from_us is not None
            else {}
        )
        fresh: dict[str, tuple[Sequence[str], tuple[str, str, int, int, int, str, int]]] = {}
        moved = []
        for key, row in zip(keys, rows, strict=True):
            stamp = us_of(row[self._stamp])
            seen = before.get(key)
            if seen is None and key in fresh:
                seen = fresh[key][1][3]
            if seen is not None:
                if stamp > seen:
                    moved.append(key)  # changed while it was read: read once more
                continue
            gone = self._gone >= 0 and row[self._gone] == "true"
            news = ties_from_us is None or is_news(held.get(key), stamp, gone, ties_from_us)
            heir = row[self._into] if gone and self._into >= 0 else ""
            born = us_of(row[self._born])
            fresh[key] = (
                row, (self._item.name, key, born, stamp, int(gone), heir, int(news))
            )  # fmt: skip
        self._ledger.add_landed(landed for _row, landed in fresh.values())
        self._ledger.want(self._item.name, moved, "moved")
        self._append([row for row, landed in fresh.values() if landed[6] and not landed[4]])
        return len(fresh)

    def _append(self, rows: Sequence[Sequence[str]]) -> None:
        name = f"{self._item.name}.csv"
        size, seen, total = self._ledger.opened(name)
        if not rows:
            return
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        if not size:
            writer.writerow(self._columns)
        longest = max(map(len, map("".join, rows)))
        writer.writerows(rows if longest < MAX_CELL else [self._cut(row) for row in rows])
        body = text.getvalue().encode("utf-8", "replace")
        with (self._ledger.landing / name).open("ab") as file:
            file.write(body)
        self._ledger.wrote(name, size + len(body), seen + len(rows), total)

    def _cut(self, row: Sequence[str]) -> list[str]:
        """Leave out cells that no field holds: the rest of the row is taken."""
        result = []
        for name, cell in zip(self._columns, row, strict=True):
            if len(cell) >= MAX_CELL:
                self.too_long.append((row[self._key], name))
            result.append(cell if len(cell) < MAX_CELL else "")
        return result


def take_past(ledger: Ledger, past: SourceHistory, rows: Sequence[Sequence[str]]) -> None:
    """Land a page of a history."""
    at = {name: i for i, name in enumerate(past.columns)}
    key, parent, created = at[past.key], at[past.parent], at[past.created]
    ledger.add_told(past.name, ((row[key], row[parent], row[created], row) for row in rows))


def listed(rows: Sequence[Sequence[str]]) -> list[Held]:
    """Return a page of a listing: key, creation, last change."""
    return [Held(key, us_of(born), us_of(stamp)) for key, born, stamp in rows]
