"""Writes what was staged to the history, in resumable batches of well under a second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from perilune.history import queries as history
from perilune.history.contracts import Batch, Creation, Sent, Update
from perilune.hub.contracts import Draft, RowProblem
from perilune.hub.engine import diff, proof
from perilune.hub.service import exact
from perilune.kernel.kinds import Scalar
from perilune.kernel.wiring import KINDS

_STRUCTURE = frozenset({"pipeline", "stage"})
"""How deals are walked through is no fact about one of them: it holds from its first use on."""


@dataclass
class Written:
    """What one batch writes, and what it found: conflicts, and records really changed."""

    batch: Batch
    conflicts: list[RowProblem] = field(default_factory=list)
    changed: int = 0
    same: int = 0


@dataclass(frozen=True)
class Applier:
    """Turns staged drafts into a batch of history.

    seen_us: when a record was first named by another; fields: what the files speak of, by kind;
    said_us: when this source spoke last (0: never). is_exact: the source stamps its rows and tells
    its history itself: what it tells stands at its own instants (decision 14). unstamped: fields
    of which a change has no instant at the source, by kind.
    """

    source: str
    as_of_us: int
    said_us: int
    seen_us: Mapping[str, Mapping[int, int]]
    fields: Mapping[str, Sequence[str]]
    is_exact: bool = False
    unstamped: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def batch(self, kind: str, drafts: Sequence[Draft]) -> Written:
        """Return what to write for drafts of one kind."""
        creations: list[Creation] = []
        updates: list[Update] = []
        seen = self.seen_us.get(kind)
        new = [d for d in drafts if d.is_new]
        if seen:
            title = KINDS.get(kind).title_field
            new = [self._placed(kind, d, seen.get(d.record_id), title) for d in new]
        for _line, key, record_id, _n, digest, birth_us, birth, later, _t, _g in new:
            creations.append(Creation(record_id, birth_us, birth, key, digest))
            if later:
                before = dict(birth)
                for us, name, value in later:
                    updates.append(Update(record_id, us, name, before.get(name), value))
                    before[name] = value
        written = Written(Batch(kind, creations, updates))
        old = [d for d in drafts if not d.is_new]
        if old:
            self._compare(kind, old, written, updates)
        return written

    def take(
        self, kind: str, drafts: Sequence[Draft], named: Sequence[Draft], written: Written
    ) -> None:
        """Add rows that were chosen as updates of the records whose ids they bear.

        What they say counts over what stands, blank cells aside; not before what stands was known.
        named: rows that only lend their key and values to a record of the same set.
        """
        ids = [d.record_id for d in drafts]
        here = {i: dict(values) for i, values in history.raw_states(kind, ids).items()}
        since = history.field_times(kind, ids)
        updates, sent = list(written.batch.updates), list(written.batch.sent)
        for draft in (*drafts, *named):
            said = {name: value for name, value in proof.final(draft).items() if value is not None}
            if draft.key:
                sent.append(Sent(draft.key, draft.record_id, draft.digest, said))
        for draft in drafts:
            stands = here.get(draft.record_id)
            if stands is None:  # deleted since it was found: that stands, and is told
                written.conflicts.append(diff.conflict(kind, draft, "", None))
                continue
            for name, value in proof.final(draft).items():
                if value is None or stands.get(name) == value:
                    continue
                known = max(self.as_of_us, since.get(draft.record_id, {}).get(name, 0))
                updates.append(Update(draft.record_id, known, name, stands.get(name), value))
                stands[name] = value
        written.batch = written.batch._replace(updates=updates, sent=sent)

    def _placed(self, kind: str, draft: Draft, seen: int | None, title: str) -> Draft:
        if seen is None or seen >= draft.birth_us:
            return draft
        if kind in _STRUCTURE:
            return draft._replace(birth_us=seen)
        return proof.seen_earlier(draft, seen, title)

    def _compare(
        self, kind: str, drafts: Sequence[Draft], written: Written, updates: list[Update]
    ) -> None:
        if self.is_exact:
            ended = [d for d in drafts if d.gone]
            if ended:
                exact.end(self.source, kind, ended, written, updates)
            drafts = [d for d in drafts if not d.gone]
            if drafts:
                exact.compare(self, kind, drafts, written, updates)
            return
        ids = [d.record_id for d in drafts]
        then = history.last_sent_as(self.source, kind, [d.key for d in drafts])
        here = history.raw_states(kind, ids)
        sent: list[Sent] = []
        spoken = set(self.fields.get(kind, ()))
        for draft in drafts:
            said = then.get(draft.key, {})
            now = proof.final(draft)
            if spoken:
                said_here = {n: v for n, v in said.items() if n in spoken or n in now}
            else:
                said_here = said
            sent.append(
                Sent(
                    draft.key,
                    draft.record_id,
                    draft.digest,
                    {**said, **{n: now.get(n) for n in said_here}, **now},
                )
            )
            self._one(kind, draft, said_here, here.get(draft.record_id), written, updates)
        written.batch = Batch(kind, written.batch.creations, updates, sent)

    def _one(  # noqa: PLR0917  # one call site, in the hot loop
        self,
        kind: str,
        draft: Draft,
        said: Mapping[str, Scalar],
        here: Mapping[str, Any] | None,
        written: Written,
        updates: list[Update],
    ) -> None:
        if here is None:  # deleted here: that stands, and is told
            written.conflicts.append(diff.conflict(kind, draft, "", None))
            return
        before = len(updates)
        for change in diff.changes(draft, said, here, as_of_us=self.as_of_us, said_us=self.said_us):
            if change.is_conflict:
                written.conflicts.append(diff.conflict(kind, draft, change.field, change.now))
            elif change.is_news:
                updates += self._steps(draft, change)
        if len(updates) > before:
            written.changed += 1
        else:
            written.same += 1

    def _steps(self, draft: Draft, change: diff.FieldChange) -> list[Update]:
        """Write a change, by way of what the source's own history tells lay in between."""
        own = [(us, v) for us, n, v in draft.later if n == change.field and us > self.said_us]
        if not own or own[-1][1] != change.now:
            own = [(change.known_us, change.now)]
        steps, before = [], change.here
        for us, value in own:
            if value != before:
                steps.append(Update(draft.record_id, us, change.field, before, value))
                before = value
        return steps
