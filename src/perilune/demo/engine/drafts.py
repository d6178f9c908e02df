"""From drafts to batches: what is not known before the cut is left out, ids are given in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from perilune.kernel.kinds import Scalar

DELETED = "~"
"""The field name that ends a record, as history has it."""

ROWS = 5_000
"""Rows of a batch: well under a second to write."""

IdsFor = Callable[[str, int], range]
"""Gives that many new record ids of a kind."""


class Creation(NamedTuple):
    """A record's birth with all its first values."""

    record_id: int
    known_us: int
    values: Mapping[str, Scalar]


class Update(NamedTuple):
    """One field of one record going from old to new."""

    record_id: int
    known_us: int
    field: str
    old: Scalar
    new: Scalar


class Batch(NamedTuple):
    """Rows of one kind that are written together."""

    kind: str
    creations: list[Creation]
    updates: list[Update]


@dataclass
class Draft:
    """A record to be: when it becomes known, its first values, its changes in order."""

    known_us: int
    values: dict[str, Scalar]
    changes: list[tuple[int, str, Scalar]] = field(default_factory=list)


def count_ids() -> IdsFor:
    """Return a giver of ids that counts from 1 by kind."""
    after: dict[str, int] = {}

    def give(kind: str, count: int) -> range:
        first = after.get(kind, 1)
        after[kind] = first + count
        return range(first, first + count)

    return give


class Desk:
    """Turns drafts into batches and remembers the id of each (0 when it is not known yet)."""

    def __init__(self, cut: int, ids_for: IdsFor) -> None:
        self._cut = cut
        self._ids_for = ids_for
        self.ids: dict[str, list[int]] = {}

    def write(self, kind: str, drafts: Iterable[Draft]) -> Iterator[Batch]:
        """Give the batches of a kind; fields without value are left out of the creation."""
        kept = list(drafts)
        known = [draft for draft in kept if draft.known_us < self._cut]
        ids = iter(self._ids_for(kind, len(known)))
        self.ids[kind] = [next(ids) if draft.known_us < self._cut else 0 for draft in kept]
        return self._batches(kind, [(i, d) for i, d in zip(self.ids[kind], kept, strict=True) if i])

    def _batches(self, kind: str, rows: list[tuple[int, Draft]]) -> Iterator[Batch]:
        creations: list[Creation] = []
        updates: list[Update] = []
        for record_id, draft in rows:
            first = {name: value for name, value in draft.values.items() if value is not None}
            creations.append(Creation(record_id, draft.known_us, first))
            updates.extend(self._updates(record_id, first, draft.changes))
            if len(creations) + len(updates) >= ROWS - 100:
                yield Batch(kind, creations, updates)
                creations, updates = [], []
        if creations:
            yield Batch(kind, creations, updates)

    def _updates(
        self, record_id: int, first: Mapping[str, Scalar], changes: list[tuple[int, str, Scalar]]
    ) -> Iterator[Update]:
        values = dict(first)
        for known_us, name, new in changes:
            if known_us >= self._cut:
                return
            old = values.get(name, False if name == DELETED else None)
            if old != new:
                values[name] = new
                yield Update(record_id, known_us, name, old, new)
