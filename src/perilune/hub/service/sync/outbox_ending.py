"""Deletes there what was ended here, or what a batch made; brings back what a batch deleted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from perilune.history import queries as history
from perilune.history.contracts import Batch, Sent
from perilune.history.service import bulk_append
from perilune.hub.contracts.targets import Ender, Replied, Reply
from perilune.hub.contracts.writing import LineState
from perilune.hub.models import WriteLine
from perilune.hub.service.sync.outbox_writing import Writing, save
from perilune.kernel.errors import Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.wiring import KINDS

NOBODY = 0
"""The record that a key leads to once what it named was taken back: none has this id."""


class Ending(Writing):
    """Works on one batch of deletions: of what was ended here, or of what a batch made."""

    def _ender(self) -> Ender:
        if not isinstance(self.target, Ender):
            raise Refused(_("Records cannot be deleted in this kind of system."))
        return self.target

    def look(self, lines: list[WriteLine]) -> None:
        """Say of each record whether it stands there, and whether it may go."""
        made = self._made(lines)
        columns = sorted({one.column for mine in made.values() for one in mine})
        keys = [line.key for line in lines]
        there = self.target.standing(lines[0].object, keys, columns)
        here = history.raw_states(lines[0].kind, [line.record_id for line in lines])
        used = _used(lines[0].kind, [line.record_id for line in lines])
        for line in lines:
            line.code, was_asked = "", line.state == LineState.ASKED.value
            if line.key not in there:
                line.state = (LineState.WRITTEN if was_asked else LineState.SAME).value
                line.code = "confirmed" if was_asked else ""
                continue
            line.state = LineState.WAITS.value
            if made:
                values = there[line.key].values
                if any(values.get(o.column, o.text) != o.text for o in made.get(line.key, ())):
                    line.state, line.code = LineState.LEFT.value, "changed_since"
            elif line.record_id in here:
                line.state, line.code = LineState.CANNOT.value, "back_here"
            elif line.record_id in used:
                line.state, line.code = LineState.CANNOT.value, "still_used"

    def _made(self, lines: list[WriteLine]) -> dict[str, list[WriteLine]]:
        """Return what the batch that is taken back wrote into its new records, by key."""
        if self.batch.undoes is None:
            return {}
        rows = WriteLine.objects.filter(
            batch=self.batch.undoes, key__in=[line.key for line in lines],
            state=LineState.WRITTEN.value, after__isnull=True,
        )  # fmt: skip
        found: dict[str, list[WriteLine]] = {line.key: [] for line in lines}
        for row in rows:
            found[row.key].append(row)
        return found

    def _some(self, lines: list[WriteLine], deadline: float) -> None:
        self.look(lines)
        save(lines)
        for line in lines:
            if line.state == LineState.WAITS.value:
                self._one(line, self._ender().end)
            if line.state == LineState.WRITTEN.value and self.batch.undoes is not None:
                self._forget(line)

    def _one(self, line: WriteLine, verb: Callable[[str, str], Reply]) -> None:
        lines = [line]
        while lines:
            self._keep_asked(lines)
            reply = verb(line.object, line.key)
            if reply.what is Replied.GONE:  # by this very request perhaps, when it was repeated
                line.state, line.answered_at = LineState.SAME.value, datetime.now(UTC)
                lines = []
            else:
                lines = self._answered(lines, reply)
            line.is_told = True
            save([line])

    def _forget(self, line: WriteLine) -> None:
        """Let the key lead to no record here: what it named was ours, and stays."""
        with self._change_set() as writer:
            gone = Sent(line.key, NOBODY, 0, {})
            bulk_append(writer.id, Batch(line.kind, sent=[gone]))


class Restoring(Ending):
    """Works on one batch that brings back what another one deleted."""

    def look(self, lines: list[WriteLine]) -> None:
        """Say of each record whether it is there already."""
        there = self.target.standing(lines[0].object, [line.key for line in lines], ())
        for line in lines:
            was_asked = line.state == LineState.ASKED.value
            line.code = "confirmed" if was_asked and line.key in there else ""
            state = LineState.WRITTEN if was_asked else LineState.SAME
            line.state = (state if line.key in there else LineState.WAITS).value

    def _some(self, lines: list[WriteLine], deadline: float) -> None:
        self.look(lines)
        save(lines)
        for line in lines:
            if line.state == LineState.WAITS.value:
                self._one(line, self._ender().restore)


def _used(kind: str, ids: list[int]) -> set[int]:
    """Return the records that others refer to which stand here."""
    found: set[int] = set()
    for other in KINDS:
        for one in other.fields:
            if one.target == kind:
                model = history.model_of(other)._default_manager
                rows = model.filter(**{f"{one.name}__in": ids})
                found.update(rows.values_list(one.name, flat=True))
    return found
