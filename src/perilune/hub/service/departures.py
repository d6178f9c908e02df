"""Records that a source deleted or merged: the rows of a connector that say so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perilune.hub.contracts import Counts, Draft, FileMap, RowProblem
from perilune.hub.engine.sources import Chunk, Table

if TYPE_CHECKING:
    from perilune.hub.service.reading import Reader

ENDED = 1
"""The digest of a record that its source ended: whatever it says later reads otherwise."""


class Departures:
    """Reads the departures among a run's files, for its reader."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def take(self, table: Table, mapping: FileMap, chunk: Chunk) -> None:
        """Stage the rows of a list of records that are gone: key, instant, key it lives on as.

        A record that never came here is left out, but for its key where it was merged. What lives
        on as itself was merged in a circle: it ends as what is deleted does, and is named.
        """
        reader = self._reader
        kind = mapping.records[0].kind
        counts = reader.counts.setdefault(kind, Counts())
        reader.done_rows += len(chunk.rows)
        reader.note_kind(kind)
        keys = [row[0] for row in chunk.rows]
        named = {row[2] for row in chunk.rows if row[2]}
        heirs = reader.resolver.find(kind, named)
        sent = reader.resolver.identities(kind, sorted({*keys, *named}))
        shown = reader.resolver.keys.find(kind, named)  # what has come back from the bin
        drafts, problems = [], []
        for line, (key, at, heir) in zip(chunk.lines, chunk.rows, strict=True):
            us = reader.settings.instant_us(at) or reader.settings.clock.as_of_us
            into = heirs.get(heir, 0) if heir else 0
            record_id, digest = sent.get(key, (0, 0))
            is_heir_gone = sent.get(heir) == (record_id, ENDED) and heir not in shown
            if heir == key or (into and is_heir_gone):
                into = 0
                problems.append(RowProblem(line, kind, key, "", "", "circular_merge", heir))
            if (record_id, digest) == (into, ENDED):
                continue  # merged before
            if not record_id and not into:
                continue
            us = min(us, reader.settings.clock.as_of_us)
            drafts.append(Draft(line, key, record_id, False, ENDED, us, {}, [], gone=(us, into)))
        counts.rows += len(drafts)
        counts.changed += len(drafts)
        reader.staging.add(kind, table.name, drafts)
        reader.staging.add_problems(table.name, problems)
