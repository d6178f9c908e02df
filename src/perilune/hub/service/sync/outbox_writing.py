"""Asks a service for what waits in the outbox: kept first, then asked, then looked at again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import groupby, islice
from typing import Any, TypeVar

from django.db import transaction

from perilune.history import queries as history
from perilune.history.contracts import Batch, Sent, from_us
from perilune.history.service import bulk_append, change_set, retract
from perilune.hub.contracts.targets import Replied, Reply, Target, TellsBefore, There, Write
from perilune.hub.contracts.writing import OPEN, PURPOSE, STRANGE, LineState
from perilune.hub.models import WriteBatch, WriteLine
from perilune.hub.service.sync.outbox_looking import AT_ONCE, Looking
from perilune.kernel.errors import NotFound, Unavailable
from perilune.kernel.messages import gettext_noop as _

TRIES = 4
"""How often a record that is locked, or changes all the time, is tried."""

_LOOKED = (
    "key", "state", "code", "reason", "found", "was", "text", "changed_us", "decision",
    "decided_on", "tries", "asked_at", "answered_at", "after", "is_told",
)  # fmt: skip
Asked = tuple[There, list[WriteLine]]
T = TypeVar("T")
_WAIT = 0.5
_SECOND = 1.05


def next_lines(batch: WriteBatch, states: Iterable[LineState]) -> list[WriteLine]:
    """Return the next lines to work on: whole records of one object."""
    rows = WriteLine.objects.filter(batch=batch, state__in=[state.value for state in states])
    some = list(rows.order_by("object", "key", "id")[: AT_ONCE * 4])
    if not some:
        return []
    some = [line for line in some if line.object == some[0].object]
    keys = list(dict.fromkeys(line.key for line in some))
    if len(keys) > 1:
        keys = keys[:-1] if len(some) == AT_ONCE * 4 else keys
    chosen = set(keys[:AT_ONCE])
    return [line for line in some if line.key in chosen]


def batched(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    """Give rows in groups of a size."""
    left = iter(rows)
    while some := list(islice(left, size)):
        yield some


def save(lines: Sequence[WriteLine]) -> None:
    """Keep what became of lines, all or none; one statement a line costs less than CASE of all."""
    with transaction.atomic():
        for line in lines:
            line.save(update_fields=_LOOKED)


class Writing:
    """Works on one batch. sleep is given by tests."""

    def __init__(
        self, batch: WriteBatch, looking: Looking, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.batch, self.looking, self.sleep = batch, looking, sleep
        self.target: Target = looking.target

    def look(self, lines: list[WriteLine]) -> None:
        """Look at what stands there and say what is to be done."""
        self.looking.look(lines[0].object, lines)

    def next_lines(self, states: Iterable[LineState]) -> list[WriteLine]:
        """Return the next lines to work on."""
        return next_lines(self.batch, states)

    def step(self, deadline: float) -> bool:
        """Write until nothing waits (true) or the deadline (time.monotonic)."""
        self._tell(self._untold())
        while True:
            lines = self.next_lines(OPEN)
            if not lines:
                return True
            self._some(lines, deadline)
            if time.monotonic() > deadline:
                return not self.next_lines(OPEN)

    def _some(self, lines: list[WriteLine], deadline: float) -> None:
        there = self._looked(lines)
        self._take([line for line in lines if line.state == LineState.TAKES.value])
        try:
            waiting = [line for line in lines if line.state == LineState.WAITS.value]
            records = [(there[key], list(m)) for key, m in groupby(waiting, lambda one: one.key)]
            for some in batched(records, self.target.at_once):
                self._records(some)
                if time.monotonic() > deadline:
                    break
        finally:
            self._tell(self._untold())

    def _looked(self, lines: list[WriteLine]) -> dict[str, There]:
        """Look again right before writing; what was asked without an answer is settled first."""
        asked = {
            line.id: (line.was, line.found)
            for line in lines if line.state == LineState.ASKED.value
        }  # fmt: skip
        there = self.looking.look(lines[0].object, lines)
        if any(not one.is_settled for one in there.values()):
            self.sleep(_SECOND)  # a change in the same second would have the same mark
            there = self.looking.look(lines[0].object, lines)
        for line in lines:
            if line.id in asked and line.state == LineState.SAME.value:
                line.state, line.code = LineState.WRITTEN.value, "confirmed"
                line.answered_at = datetime.now(UTC)
                line.was, line.found = asked[line.id]
        save(lines)
        return there

    # -- some records ----------------------------------------------------------------------

    def _records(self, records: list[Asked]) -> None:
        """Ask for some records together, and once more for what is left of them."""
        while records:
            lines = [line for _there, mine in records for line in mine]
            self._keep_asked(lines)
            replies = self.target.write(lines[0].object, [self._write(*one) for one in records])
            answered = [
                (there, self._answered(mine, reply))
                for (there, mine), reply in zip(records, replies, strict=True)
            ]
            save(lines)
            self._require_answers(lines, replies)
            records = [(there, mine) for there, mine in answered if mine]

    def _answered(self, lines: list[WriteLine], reply: Reply) -> list[WriteLine]:
        """Note what came of one record; return the lines that are asked for again at once."""
        return {
            Replied.WRITTEN: self._written,
            Replied.MOVED: self._moved,
            Replied.DOUBTFUL: self._moved,
            Replied.BUSY: self._busy,
            Replied.REFUSED: self._refused,
            Replied.GONE: self._gone,
        }[reply.what](lines, reply)

    def _keep_asked(self, lines: Sequence[WriteLine]) -> None:
        """Keep what is asked, for good, before it is asked."""
        now = datetime.now(UTC)
        for line in lines:
            line.state, line.asked_at = LineState.ASKED.value, now
            line.tries += 1
        save(lines)

    def _write(self, there: There, lines: Sequence[WriteLine]) -> Write:
        external = self.looking.external(lines[0].object)
        by = (external, there.values[external]) if external else None
        return Write(
            there.key, {line.column: line.text for line in lines}, there.mark,
            {line.column: line.was for line in lines}, by,
        )  # fmt: skip

    def _require_answers(self, lines: Sequence[WriteLine], replies: Sequence[Reply]) -> None:
        """Stop where no answer comes at all: what was asked is looked at when somebody goes on."""
        is_mute = any(reply.what is Replied.DOUBTFUL for reply in replies)
        if is_mute and any(o.state == LineState.ASKED and o.tries >= TRIES for o in lines):
            raise Unavailable(
                _("The other system does not answer (%(tries)s tries). The next run goes on here."),
                tries=TRIES,
            )

    def _written(self, lines: list[WriteLine], reply: Reply) -> list[WriteLine]:
        now = datetime.now(UTC)
        for line in lines:
            line.state, line.answered_at, line.code = LineState.WRITTEN.value, now, ""
        return []

    def _moved(self, lines: list[WriteLine], reply: Reply) -> list[WriteLine]:
        """Leave it to the next look, which sees what changed; give up in the end."""
        is_doubtful = reply.what is Replied.DOUBTFUL
        is_over = lines[0].tries >= TRIES and not is_doubtful
        again = LineState.ASKED if is_doubtful else LineState.WAITS
        for line in lines:
            line.state = (LineState.REFUSED if is_over else again).value
            line.code = "restless" if is_over else ""
        return []

    def _busy(self, lines: list[WriteLine], reply: Reply) -> list[WriteLine]:
        if lines[0].tries < TRIES:
            self.sleep(_WAIT * 2 ** lines[0].tries)
            return lines
        for line in lines:
            line.state, line.code = LineState.REFUSED.value, "busy"
            line.reason = reply.whys[0].text[:500] if reply.whys else ""
        return []

    def _refused(self, lines: list[WriteLine], reply: Reply) -> list[WriteLine]:
        """Keep why; the fields that are not named are asked for once more without those."""
        named = {why.field: why for why in reply.whys if why.field}
        wrong = [line for line in lines if line.column in named]
        if not wrong:
            wrong = lines
        now = datetime.now(UTC)
        for line in wrong:
            why = named.get(line.column) or (reply.whys[0] if reply.whys else None)
            line.state, line.answered_at = LineState.REFUSED.value, now
            line.code = why.code[:80] if why else ""
            line.reason = why.text[:500] if why else ""
        save(wrong)
        return [line for line in lines if line.state != LineState.REFUSED.value]

    def _gone(self, lines: list[WriteLine], reply: Reply) -> list[WriteLine]:
        for line in lines:
            line.state, line.answered_at = LineState.GONE.value, datetime.now(UTC)
        return []

    # -- what the history must know --------------------------------------------------------

    def _untold(self) -> list[WriteLine]:
        rows = WriteLine.objects.filter(
            batch=self.batch, state=LineState.WRITTEN.value, is_told=False
        )
        return list(rows.order_by("object", "key", "id"))

    def _tell(self, lines: list[WriteLine]) -> None:
        """Look at what was written, and let it be what the service said last: no echo comes."""
        for name, of_object in groupby(lines, key=lambda line: line.object):
            mine = list(of_object)
            for start in range(0, len(mine), AT_ONCE):
                self._tell_some(name, mine[start : start + AT_ONCE])

    def _tell_some(self, name: str, lines: list[WriteLine]) -> None:
        columns = sorted({line.column for line in lines})
        keys = list(dict.fromkeys(line.key for line in lines))
        there = self.target.standing(name, keys, columns)
        if isinstance(self.target, TellsBefore):
            self._own_up(lines, there, self.target.before(name, keys, columns))
        kind = lines[0].kind
        said = history.last_sent_as(self.looking.name, kind, {line.key for line in lines})
        known = history.identities(self.looking.name, kind, {line.key for line in lines})
        values: dict[str, dict[str, Any]] = {}
        for line in lines:
            line.is_told = True
            now = line.wanted
            told = there[line.key].values if line.key in there else {}
            if told.get(line.column, line.text) != line.text:
                now = self.looking.read(line, there[line.key])
            if now != line.wanted:
                line.after, line.code = now, "overruled"
            if not str(now).startswith(STRANGE):
                values.setdefault(line.key, dict(said.get(line.key, {})))[line.field] = now
        sent = [
            Sent(key, known[key][0], known[key][1], told)
            for key, told in values.items() if key in known
        ]  # fmt: skip
        with transaction.atomic():
            save(lines)
            if sent:
                with self._change_set() as writer:
                    bulk_append(writer.id, Batch(kind, sent=sent))

    def _own_up(
        self, lines: Sequence[WriteLine], there: Mapping[str, There],
        before: Mapping[str, Mapping[str, str]],
    ) -> None:  # fmt: skip
        """Name what was written over unseen: it came between the last look and the writing."""
        for line in lines:
            was = before.get(line.key, {}).get(line.column, line.was)
            if was != line.was and line.key in there:
                line.was, line.code = was, "overwrote"
                line.found = self.looking.value(line, was)

    def _take(self, lines: list[WriteLine]) -> None:
        """Let what stands there count here too, as said by the service."""
        if not lines:
            return
        kind, now = lines[0].kind, datetime.now(UTC)
        said = history.last_sent_as(self.looking.name, kind, {line.key for line in lines})
        known = history.identities(self.looking.name, kind, {line.key for line in lines})
        last = history.last_known(kind, [line.record_id for line in lines])
        sent: list[Sent] = []
        with self._change_set() as writer:
            for key, group in groupby(lines, key=lambda line: line.key):
                mine = list(group)
                values = {line.field: line.found for line in mine}
                record_id = mine[0].record_id
                us = max(mine[0].changed_us, last.get(record_id, 0))
                state, code = LineState.TAKEN, ""
                try:
                    writer.change(kind, record_id, values, known_at=from_us(us))
                    if key in known:
                        told = {**said.get(key, {}), **values}
                        sent.append(Sent(key, known[key][0], known[key][1], told))
                except NotFound:
                    state, code = LineState.CANNOT, "ended_here"
                for line in mine:
                    line.state, line.code, line.answered_at = state.value, code, now
            bulk_append(writer.id, Batch(kind, sent=sent))
            save(lines)
            self.batch.taken = [*self.batch.taken, writer.id]
            self.batch.save(update_fields=["taken"])

    def _change_set(self) -> Any:
        return change_set(
            actor=self.batch.confirmed_by or self.batch.actor, title=self.batch.purpose,
            source=self.looking.name, purpose=PURPOSE,
        )  # fmt: skip


def put_back(batch: WriteBatch, actor: str) -> None:
    """Take back what a batch took from the service: what stood here before stands again."""
    for set_id in reversed(batch.taken):
        with suppress(NotFound):  # taken back already
            retract(set_id, actor)
