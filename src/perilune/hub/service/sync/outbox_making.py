"""Makes records there that were made here: each carries our id, so that it is found again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import groupby

from django.db import transaction
from django.db.models import Min

from perilune.history import queries as history
from perilune.history.contracts import Batch, Sent
from perilune.history.service import bulk_append
from perilune.hub.contracts.targets import Maker, Mark, Replied
from perilune.hub.contracts.writing import KINDS_IN_ORDER, LineState
from perilune.hub.models import Connection, WriteLine, WriteRule
from perilune.hub.service.sync.outbox_writing import Writing, save
from perilune.kernel.errors import Refused
from perilune.kernel.messages import gettext_noop as _

AT_ONCE = 100
"""Records that are looked for together."""


def mark_of(rule: WriteRule, record_id: int) -> Mark:
    """Return our id of a record as it is kept there: no other home begins it alike."""
    return Mark(rule.match, f"{rule.sign}{record_id}")


class Making(Writing):
    """Works on one batch of records to be made."""

    def _maker(self) -> Maker:
        if not isinstance(self.target, Maker):
            raise Refused(_("Records cannot be made in this kind of system."))
        return self.target

    def next_lines(self, states: Iterable[LineState]) -> list[WriteLine]:
        """Return the lines of the next records of one kind: what others refer to comes first."""
        rows = WriteLine.objects.filter(batch=self.batch, state__in=[s.value for s in states])
        for kind in KINDS_IN_ORDER:
            mine = rows.filter(kind=kind).order_by("object", "record_id", "id")
            ids = list(mine.order_by("record_id").values_list("record_id", flat=True).distinct())
            if ids:
                of = WriteLine.objects.filter(batch=self.batch, kind=kind)
                done = [LineState.WRITTEN.value, LineState.SAME.value, LineState.LEFT.value]
                return list(
                    of.filter(record_id__in=ids[:AT_ONCE]).exclude(state__in=done)
                    .order_by("object", "record_id", "id")
                )  # fmt: skip
        return []

    def look(self, lines: list[WriteLine]) -> None:
        """Say of each value whether it can be said there; find what stands there already."""
        self.looking.is_new = True
        here = self.looking.spell(lines[0].object, lines)
        there = self._there(lines)
        for line in lines:
            was_asked = line.state == LineState.ASKED.value
            line.state = LineState.WAITS.value
            if line.record_id in there:
                line.key, line.code = there[line.record_id], "found_there"
                if was_asked:
                    self._answer([line], line.key, "confirmed")
            elif line.record_id not in here:
                line.state, line.code = LineState.CANNOT.value, "ended_here"
            elif line.code == "unknown_there" and self._is_made_first(line):
                line.code = "made_first"
            elif line.code:
                line.state = LineState.CANNOT.value
            elif was_asked:
                line.state = LineState.ASKED.value

    def _is_made_first(self, line: WriteLine) -> bool:
        refers = self.looking.refers_to(line)
        if refers is None or refers[0] == line.kind:
            return False
        open_ = [LineState.NEW.value, LineState.WAITS.value, LineState.ASKED.value]
        return WriteLine.objects.filter(
            batch=self.batch, kind=refers[0], record_id=refers[1], state__in=open_
        ).exists()

    def _there(self, lines: Sequence[WriteLine]) -> dict[int, str]:
        """Return the keys of the records that stand there already: known here, or found by id."""
        kind, name = lines[0].kind, lines[0].object
        ids = list(dict.fromkeys(line.record_id for line in lines))
        found = history.own_keys(self.looking.name, kind, ids)
        rule = self._rule(name)
        marks = {mark_of(rule, one).text: one for one in ids if one not in found}
        if marks:
            asked = WriteLine.objects.filter(
                batch__source=self.looking.name, batch__verb=self.batch.verb, kind=kind,
                record_id__in=marks.values(), state=LineState.ASKED.value,
            ).aggregate(first=Min("asked_at"))["first"]  # fmt: skip
            told = self._maker().marked(name, [Mark(rule.match, text) for text in marks], asked)
            found |= {marks[text]: key for text, key in told.items() if text in marks}
        return found

    def _rule(self, name: str) -> WriteRule:
        rule = WriteRule.objects.filter(
            connection=self.batch.connection, object=name
        ).exclude(match="").first()  # fmt: skip
        if rule is None:
            raise Refused(_("Records of %(object)s are no longer made there."), object=name)
        return rule

    def _some(self, lines: list[WriteLine], deadline: float) -> None:
        self.look(lines)
        save(lines)
        rule = self._rule(lines[0].object)
        going = (LineState.WAITS.value, LineState.ASKED.value)
        try:
            for record_id, group in groupby(lines, lambda one: one.record_id):
                mine = list(group)
                if mine[0].key:
                    for line in mine:
                        if line.state == LineState.WAITS.value:
                            line.state = LineState.SAME.value
                    self._join(mine[0].key, mine)
                    continue
                self._make(mark_of(rule, record_id), [o for o in mine if o.state in going])
        finally:
            self._tell(self._untold())

    def _make(self, mark: Mark, lines: list[WriteLine]) -> None:
        while lines:
            for line in lines:
                line.code = "" if line.code == "made_first" else line.code
            self._keep_asked(lines)
            values = {line.column: line.text for line in lines}
            made = self._maker().make(lines[0].object, mark, values)
            if made.reply.what is Replied.WRITTEN:
                self._answer(lines, made.key, "")
                self._join(made.key, lines)
                return
            left = self._answered(lines, made.reply)
            save(lines)
            self._require_answers(lines, [made.reply])
            lines = left

    def _answer(self, lines: Sequence[WriteLine], key: str, code: str) -> None:
        now = datetime.now(UTC)
        for line in lines:
            line.state, line.code, line.key = LineState.WRITTEN.value, code, key
            line.answered_at = now

    def _join(self, key: str, lines: Sequence[WriteLine]) -> None:
        """Let a key there lead to our record, in one transaction with what came of its lines."""
        with transaction.atomic():
            known = history.identities(self.looking.name, lines[0].kind, [key])
            if key not in known or not known[key][0]:
                with self._change_set() as writer:
                    append(writer.id, key, lines)
            elif known[key][0] != lines[0].record_id:
                for line in lines:
                    line.code, line.is_told = "doubled", True
            save(lines)


def append(set_id: int, key: str, lines: Sequence[WriteLine]) -> None:
    """Write that a record is known by a key, and what its source was told of it."""
    told = (LineState.WRITTEN.value, LineState.ASKED.value)
    values = {line.field: line.wanted for line in lines if line.state in told}
    bulk_append(set_id, Batch(lines[0].kind, sent=[Sent(key, lines[0].record_id, 0, values)]))


def open_marks(connection: Connection, name: str) -> dict[str, list[WriteLine]]:
    """Return the records of an object that were asked to be made and have no answer, by our id."""
    rule = WriteRule.objects.filter(connection=connection, object=name).exclude(match="").first()
    if rule is None:
        return {}
    rows = WriteLine.objects.filter(
        batch__connection=connection, batch__verb="make", object=name, state=LineState.ASKED.value
    ).order_by("record_id", "id")
    return {
        mark_of(rule, record_id).text: list(group)
        for record_id, group in groupby(rows, lambda one: one.record_id)
    }
